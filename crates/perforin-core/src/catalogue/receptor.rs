//! Receptors, their contact with a target cell, and what their signal does.

use super::{CARCADE, assumed, calibrated, doi, parameters};

parameters! {
    DENSITY: "receptor.density", "R" = 50_000.0, "/cell", 1.0..=1e7;
        "Receptors on a T cell of the product"; CARCADE;
    AFFINITY: "receptor.kd", "K_D" = 5e-9, "M", 1e-13..=1e-2;
        "Dissociation constant of receptor and antigen"; assumed("a binder in the nanomolar range, as most CARs have");
    ASSOCIATION: "receptor.kon", "k_on" = 1e5, "/M/s", 1.0..=1e9;
        "Association rate constant"; assumed("order of antibody fragments; 7.1e4 /M/s in the BCMA model of Singh 2020 (doi 10.1080/19420862.2019.1688616)");
    CONTACT_FRACTION: "contact.fraction", "f" = 0.2, "1", 0.001..=1.0;
        "Fraction of the receptors and of the antigens that the contact of two cells holds"; CARCADE;
    CONTACT_AREA: "contact.area", "A" = 60.0, "µm²", 0.1..=2000.0;
        "Area of the contact"; assumed("a fifth of the surface of a T cell of 5 µm radius");
    CONTACT_GAP: "contact.gap", "h" = 0.015, "µm", 0.001..=0.2;
        "Gap between the membranes in the contact"; doi("10.48550/arXiv.1412.1518", "bond length of receptor and antigen in the synapse, 14 to 15 nm");
    PROOFREADING_STEPS: "signalling.proofreading_steps", "N" = 6.0, "1", 0.0..=50.0;
        "Steps that a complex must survive before it signals"; assumed("the six tyrosines of the three ITAMs of CD3ζ; form of the model from Lever 2014 (doi 10.1038/nri3728)");
    PROOFREADING_RATE: "signalling.proofreading_rate", "k_p" = 0.08, "/s", 1e-6..=1e3;
        "Rate of a proofreading step"; calibrated("10.1158/0008-5472.CAN-15-0159", "Liu 2015: a micromolar CAR lyses overexpressing cells and spares those with normal density");
    SIGNAL_LOSS: "signalling.loss_rate", "k_l" = 3.2e-5, "/s", 0.0..=1.0;
        "Rate at which a dwelling complex stops signalling and is internalised"; doi("10.3389/fsysb.2024.1380018", "Minucci 2024, CAR internalisation with a half-life of 6 h");
    LYSIS_THRESHOLD: "signalling.lysis_threshold", "S_lysis" = 36.0, "/contact", 1e-6..=1e9;
        "Productive complexes per contact at half-maximal lysis, CD28"; calibrated("10.4049/jimmunol.1402346", "Watanabe 2015: lysis from about 200 molecules per cell");
    CYTOKINE_RATIO: "signalling.cytokine_ratio", "S_cyt/S_lysis" = 10.0, "1", 1.0..=1e4;
        "Threshold of cytokine release and proliferation over that of lysis, CD28"; doi("10.4049/jimmunol.1402346", "Watanabe 2015, about ten-fold");
    HILL: "signalling.hill", "n" = 2.0, "1", 0.5..=10.0;
        "Steepness of both responses"; calibrated("10.1158/0008-5472.CAN-15-0159", "Liu 2015: discrimination between overexpressed and normal density");
    LYSIS_FACTOR_41BB: "signalling.lysis_factor_41bb", "" = 2.0, "1", 1.0..=100.0;
        "Lysis threshold of 4-1BB over CD28"; assumed("4-1BB loses more at low density (sign: Majzner 2020, doi 10.1158/2159-8290.CD-19-0945); the size is not known per cell");
    CYTOKINE_FACTOR_41BB: "signalling.cytokine_factor_41bb", "" = 3.0, "1", 1.0..=100.0;
        "Cytokine threshold of 4-1BB over CD28"; assumed("4-1BB loses more at low density (sign: Majzner 2020, doi 10.1158/2159-8290.CD-19-0945); the size is not known per cell");
    CYTOKINE_FACTOR_NONE: "signalling.cytokine_factor_none", "" = 10.0, "1", 1.0..=1000.0;
        "Cytokine threshold without co-stimulation over CD28"; assumed("first-generation CARs lyse but hardly expand");
}
