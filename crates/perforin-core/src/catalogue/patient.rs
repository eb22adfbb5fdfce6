//! The patient: product, lesions, host, cytokines, drugs and organs of the solid-tumour model. Times in days.
//!
//! There is no public time course of product cells in patients with solid tumours: most of these are assumed, or
//! carried over from models of leukaemia and lymphoma.

use super::{Source, assumed, calibrated, doi, parameters};

const HARDIANSYAH: Source = doi("10.1111/cts.12636", "Hardiansyah 2019, fixed value");
const KIMMEL: Source = doi("10.1098/rspb.2021.0229", "Kimmel 2021, fit to the medians of ZUMA-1");
const LEON_TRIANA: Source = doi("10.3390/cancers13040703", "León-Triana 2021");
const STEIN: Source = doi("10.1002/psp4.12388", "Stein 2019, terminal decline of tisagenlecleucel");

parameters! {
    TO_TISSUE: "patient.to_tissue", "k_in" = 76.78, "/d", 0.0..=1e4;
        "Rate of the product from blood to lymphoid organs"; HARDIANSYAH;
    TO_BLOOD: "patient.to_blood", "k_out" = 1.84, "/d", 0.0..=1e3;
        "Rate of the product from lymphoid organs to blood"; HARDIANSYAH;
    DELIVERY: "patient.delivery", "k_d" = 0.05, "/mL/d", 0.0..=10.0;
        "Rate of the product from blood to a millilitre of tumour"; assumed("two thousandths of what reaches tissue goes to three millilitres; delivery in mice is up to 10,000-fold higher than in humans (Brown 2021, doi 10.1098/rsif.2020.1013) and is not carried over");
    EGRESS: "patient.egress", "k_e" = 0.3, "/d", 0.0..=100.0;
        "Rate of the product from a lesion to lymphoid organs"; assumed("T cells leave tissue over days; without it expansion in a lesion would not show in blood");

    EXPANSION: "patient.expansion", "ρ" = 1.6, "/d", 0.0..=10.0;
        "Expansion of effectors at full signal and full IL-15"; assumed("a doubling in ten hours; expansion of tisagenlecleucel doubles in 0.78 d on average over a rise that is not all at full signal (Stein 2019)");
    EXPANSION_WITHOUT_IL15: "patient.expansion_without_il15", "q_0" = 0.6, "1", 0.0..=1.0;
        "Part of the expansion that needs no IL-15"; assumed("so much that, where antigen is plentiful, a 25-fold dose changes the peak by a power below 0.1, as in Mueller 2018, and lymphodepletion still raises it ten-fold");
    ENCOUNTER: "patient.encounter", "h_a" = 1e7, "cells", 1.0..=1e12;
        "Antigen-positive tumour cells of a lesion at half the largest rate of encounter"; assumed("a lesion of three millimetres");
    CROWDING: "patient.crowding", "ν" = 0.3, "1", 1e-6..=1e3;
        "Product cells per tumour cell at which expansion is halved"; assumed("product cells share the antigen and the space of the lesion");
    ACTIVATION: "patient.activation", "a_M" = 1.0, "/d", 0.0..=100.0;
        "Turning of memory-like cells to effectors at full signal"; HARDIANSYAH;
    REST: "patient.rest", "a_E" = 0.024, "/d", 0.0..=10.0;
        "Turning of effectors to memory-like cells without antigen"; doi("10.1111/cts.12636", "Hardiansyah 2019, patient UPN1");
    EXHAUSTION: "patient.exhaustion", "k_x" = 0.15, "/d", 0.0..=10.0;
        "Exhaustion of effectors at full signal"; doi("10.1038/s41587-023-01687-x", "Kirouac 2023, order of the fitted sets");
    SUPPRESSION: "patient.suppression", "α_1" = 0.02, "/d", 0.0..=10.0;
        "Inactivation of effectors by tumour cells"; LEON_TRIANA;
    SUPPRESSION_HALF: "patient.suppression_half", "g_C" = 2e9, "cells", 1.0..=1e13;
        "Effectors at half the largest inactivation"; LEON_TRIANA;
    EFFECTOR_DEATH: "patient.effector_death", "d_E" = 0.16, "/d", 0.0..=10.0;
        "Death of effectors"; doi("10.1002/psp4.12388", "Stein 2019, contraction after the peak");
    MEMORY_DEATH: "patient.memory_death", "d_M" = 0.0032, "/d", 0.0..=10.0;
        "Death of memory-like cells"; STEIN;
    EXHAUSTED_DEATH: "patient.exhausted_death", "d_X" = 0.05, "/d", 0.0..=10.0;
        "Death of exhausted cells"; assumed("between effectors and memory; 0.001 to 0.6 in the fitted sets of Kirouac 2023 (doi 10.1038/s41587-023-01687-x)");
    HOMEOSTASIS: "patient.homeostasis", "ρ_h" = 1.5, "/d", 0.0..=10.0;
        "Proliferation of the product in lymphoid organs at full effect of IL-15 beyond its usual one, before they fill up"; assumed("the product expands by one to two orders of magnitude in the weeks after lymphodepletion, as in Kimmel 2021 (doi 10.1098/rspb.2021.0229)");
    COSTIMULATION_41BB: "patient.exhaustion_41bb", "" = 0.5, "1", 0.0..=1.0;
        "Exhaustion with 4-1BB over that with CD28"; assumed("4-1BB exhausts less; the size is not known in patients");

    KILLS: "patient.kills", "κ" = 10.0, "/cell/d", 0.0..=100.0;
        "Tumour cells that an effector kills amid plenty"; doi("10.1016/j.immuni.2016.01.010", "Halle 2016: 2 to 16 kills per cell and day; 10 as in the cell-by-cell lesion");
    SEARCH: "patient.search", "h_k" = 1.0, "1", 1e-6..=1e6;
        "Effectors per tumour cell that halve each one's kills"; assumed("a target is held by one or two effectors");
    BYSTANDER: "patient.bystander", "b" = 0.05, "1", 0.0..=1.0;
        "Killing of antigen-negative neighbours over that of antigen-positive cells"; assumed("as in the speed benchmark; can be switched off");
    DOUBLING: "patient.doubling_time", "" = 60.0, "d", 0.1..=1e5;
        "Doubling time of a lesion"; assumed("metastases of solid tumours: one to six months");
    CAPACITY: "patient.capacity", "K" = 1e12, "cells", 1e3..=1e15;
        "Cells at which a lesion stops to grow"; assumed("a kilogram");
    LOSS: "patient.antigen_loss", "µ" = 1e-6, "1", 0.0..=1.0;
        "Antigen-negative daughters per division"; assumed("the order of mutations");
    TUMOUR_DENSITY: "patient.tumour_density", "" = 4.0e8, "/mL", 1e3..=1e12;
        "Tumour cells in a millilitre"; assumed("cells of 2,494 µm³ side by side, as in the lesion (Ghaffarizadeh 2018, doi 10.1371/journal.pcbi.1005991)");
    FEW: "patient.few", "" = 100.0, "cells", 1.0..=1e6;
        "Cells of a clone below which births and deaths are drawn one by one"; KIMMEL;

    LYMPHOCYTES_LEFT: "patient.lymphocytes_left", "" = 0.012, "1", 0.0..=1.0;
        "Endogenous lymphocytes that lymphodepletion leaves"; doi("10.1098/rspb.2021.0229", "Kimmel 2021: 6 of 500 per microlitre");
    LYMPHOCYTES_RECOVERY: "patient.lymphocytes_recovery", "r_N" = 0.17, "/d", 0.0..=10.0;
        "Recovery of endogenous lymphocytes"; KIMMEL;
    LYMPHOCYTES: "patient.lymphocytes", "" = 3e11, "cells", 1e6..=1e13;
        "Product cells in the body that use as much IL-15 and space as all endogenous T cells"; assumed("Kimmel 2021 has 2.5e11 (doi 10.1098/rspb.2021.0229)");
    IL15_BASE: "patient.il15_base", "" = 5.0, "pg/mL", 0.0..=1e4;
        "IL-15 with normal lymphocytes"; assumed("the order of healthy people");
    IL15_HIGH: "patient.il15_high", "" = 40.0, "pg/mL", 0.0..=1e4;
        "IL-15 without lymphocytes"; assumed("an eight-fold rise after cyclophosphamide and fludarabine");
    IL15_TURNOVER: "patient.il15_turnover", "" = 1.0, "/d", 1e-3..=1e3;
        "Rate at which IL-15 follows the lymphocytes"; assumed("within a day");
    IL15_HALF: "patient.il15_half", "" = 20.0, "pg/mL", 1e-3..=1e5;
        "IL-15 at half its effect"; assumed("between the values with and without lymphocytes");

    IL6_PRODUCTION: "patient.il6_production", "" = 7450.0, "pg/mL/1e9 cells/d", 0.0..=1e8;
        "IL-6 through effectors at full signal"; doi("10.1111/cts.12636", "Hardiansyah 2019, patient UPN1 at the B cells of day 0 (1800 · 4.14)");
    IL6_DECAY: "patient.il6_decay", "" = 3.96, "/d", 0.0..=1e3;
        "Decay of IL-6"; HARDIANSYAH;
    IL6_BASE: "patient.il6_base", "" = 1.7, "pg/mL", 0.0..=1e4;
        "IL-6 at rest"; doi("10.1111/cts.12636", "Hardiansyah 2019, patient UPN1");
    IFN_PRODUCTION: "patient.ifn_production", "" = 1240.0, "pg/mL/1e9 cells/d", 0.0..=1e8;
        "IFN-γ by effectors at full signal"; doi("10.1111/cts.12636", "Hardiansyah 2019, patient UPN1 at the B cells of day 0 (300 · 4.14)");
    IFN_DECAY: "patient.ifn_decay", "" = 1.51, "/d", 0.0..=1e3;
        "Decay of IFN-γ"; HARDIANSYAH;
    IFN_BASE: "patient.ifn_base", "" = 2.3, "pg/mL", 0.0..=1e4;
        "IFN-γ at rest"; doi("10.1111/cts.12636", "Hardiansyah 2019, patient UPN1");
    RISE_TIME: "patient.rise_time", "" = 1.0, "d", 0.01..=100.0;
        "Time over which the rise of IL-6 is measured"; assumed("daily samples");
    NEURO_TIME: "patient.neuro_time", "" = 3.0, "d", 0.01..=100.0;
        "Delay of the driver of neurotoxicity behind cytokines"; assumed("neurotoxicity follows cytokine release by days");
    SEVERITY_PEAK: "patient.severity_peak", "" = 2.0, "1", 0.0..=100.0;
        "Severity of cytokine release per ten-fold effective IL-6"; assumed("cytokines associate with grade; no public data give the slope");
    SEVERITY_RISE: "patient.severity_rise", "" = 1.0, "1", 0.0..=100.0;
        "Severity per ten-fold rise of IL-6 over a day"; assumed("a fast rise is worse; no public data give the slope");

    ANTIBODY_CLEARANCE: "patient.antibody_clearance", "" = 0.036, "/d", 0.0..=10.0;
        "Elimination of the checkpoint antibody"; assumed("a half-life of 19 d, the order of the antibodies in use");
    ANTIBODY_HALF: "patient.antibody_half", "" = 1.0, "mg/L", 1e-6..=1e4;
        "Checkpoint antibody at half the occupancy in tumour"; assumed("full occupancy at trough of usual doses");
    CHECKPOINT_CD28: "patient.checkpoint_cd28", "" = 0.6, "1", 0.0..=1.0;
        "Part of expansion and killing that PD-1 takes from CD28 products"; assumed("CD28 products are hit harder than 4-1BB (Cherkassky 2016, doi 10.1172/JCI83092); the size is not known in patients");
    CHECKPOINT_41BB: "patient.checkpoint_41bb", "" = 0.3, "1", 0.0..=1.0;
        "Part of expansion and killing that PD-1 takes from 4-1BB products"; assumed("less than from CD28 (Cherkassky 2016, doi 10.1172/JCI83092)");
    TOCILIZUMAB_CLEARANCE: "patient.tocilizumab_clearance", "" = 0.08, "/d", 0.0..=10.0;
        "Elimination of tocilizumab"; assumed("a half-life of nine days");
    TOCILIZUMAB_HALF: "patient.tocilizumab_half", "" = 1.0, "mg/L", 1e-6..=1e4;
        "Tocilizumab at half the occupancy of the IL-6 receptor"; assumed("full occupancy for two weeks after 8 mg/kg");
    STEROID_CLEARANCE: "patient.steroid_clearance", "" = 5.0, "/d", 0.0..=1e3;
        "Elimination of dexamethasone"; calibrated("10.1371/journal.pcbi.1009504", "the half-life of 3.33 h in Brummer 2022");
    STEROID_HALF: "patient.steroid_half", "" = 5.0, "mg", 1e-6..=1e4;
        "Dexamethasone in the body at half its effect"; assumed("doses in use are 10 to 40 mg a day");
    STEROID_EFFECT: "patient.steroid_effect", "" = 0.7, "1", 0.0..=1.0;
        "Largest part of expansion and cytokines that steroids take"; assumed("high doses antagonise the product (Brummer 2022, doi 10.1371/journal.pcbi.1009504)");
    IL2_CLEARANCE: "patient.il2_clearance", "" = 8.0, "/d", 0.0..=1e3;
        "Elimination of IL-2"; assumed("a half-life of two hours");
    IL2_GAIN: "patient.il2_gain", "" = 1.0, "1", 0.0..=100.0;
        "IL-2 in units of the dose that doubles the effect of cytokines on expansion"; assumed("high-dose IL-2 is given eight-hourly");
    ADAPTER_CLEARANCE: "patient.adapter_clearance", "" = 8.0, "/d", 0.0..=1e3;
        "Elimination of an adapter"; assumed("a half-life of two hours, as of small folate adapters");
    ADAPTER_HALF: "patient.adapter_half", "" = 10.0, "nM", 1e-9..=1e9;
        "Adapter at half its effect"; assumed("the order of adapters' affinity");
    BLOOD_VOLUME: "patient.blood_volume", "" = 5.0, "L", 0.1..=50.0;
        "Volume of blood, in which counts are reported"; doi("10.3389/fsysb.2024.1380018", "Minucci 2024");
    DRUG_VOLUME: "patient.drug_volume", "" = 6.0, "L", 0.1..=1000.0;
        "Volume in which antibodies distribute"; assumed("plasma and part of the tissue of an adult of 70 kg");

    ORGAN_CELLS: "organ.cells", "" = 1e11, "cells", 1e3..=1e14;
        "Cells of an organ at risk that could carry the target"; assumed("an epithelium of a hundred grams");
    ORGAN_SHARE: "organ.share", "" = 0.02, "1", 0.0..=1.0;
        "Part of the effectors of lymphoid organs and tissue that is in the organ"; assumed("its part of the body's mass");
    ORGAN_RECOVERY: "organ.recovery", "" = 0.1, "/d", 0.0..=10.0;
        "Regeneration of the organ"; assumed("an epithelium renews itself in weeks");
    ORGAN_RESERVE: "organ.reserve", "" = 0.5, "1", 0.01..=1.0;
        "Part of its cells that the organ can lose"; assumed("half, as lung or liver after resection");
    DEPOT_EXIT: "patient.depot_exit", "" = 0.2, "/d", 0.0..=100.0;
        "Rate at which product leaves a cavity into which it was given, to blood"; assumed("drainage over days");
    DEPOT_ENTRY: "patient.depot_entry", "" = 0.5, "/d", 0.0..=100.0;
        "Rate at which product enters a lesion from the cavity where it lies"; assumed("as fast as it drains, or faster");
}
