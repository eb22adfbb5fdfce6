//! How a study is set up: times, doses, and what reaches the lesion.

use super::{assumed, parameters};

parameters! {
    DURATION: "study.duration", "" = 40_320.0, "min", 1.0..=5e6;
        "Simulated time"; assumed("28 d, the usual first assessment");
    DIAMETER: "lesion.diameter", "" = 400.0, "µm", 10.0..=10_000.0;
        "Diameter of the tumour at the start"; assumed("a micrometastasis that simulates in a minute");
    MARGIN: "lesion.margin", "" = 150.0, "µm", 0.0..=10_000.0;
        "Space left around the tumour where the study gives no box"; assumed("more than one diffusion length of oxygen, 100 µm");
    NORMAL_GAP: "normal_tissue.gap", "" = 20.0, "µm", 0.0..=10_000.0;
        "Distance between the tumour's edge and healthy tissue"; assumed("about one cell");
    WIDTH: "lesion.width", "" = 400.0, "µm", 10.0..=10_000.0;
        "Width of the box of a slab or a cube where the study gives no box"; assumed("several diffusion lengths of oxygen, 100 µm");
    ISLET_GAP: "islets.gap", "" = 20.0, "µm", 0.0..=10_000.0;
        "Least distance between the edges of two islets"; assumed("room for a T cell between them, and one voxel of matrix");
    ISLET_SHARE: "islets.share", "" = 0.2, "1", 0.001..=0.3;
        "Share of the box that islets take where the study gives no box"; assumed("islets placed at random one by one jam near 0.38 of space");
    MEDIUM_OXYGEN: "medium.oxygen", "" = 160.0, "mmHg", 0.0..=160.0;
        "Oxygen of culture medium"; assumed("in equilibrium with air: 20.9 % of 760 mmHg; a moist incubator with 5 % CO2 holds about 140");
    MEDIUM_OXYGEN_DECAY: "medium.oxygen_decay", "" = 0.0, "/min", 0.0..=1000.0;
        "Loss of oxygen in medium"; assumed("medium takes up none");
    MEDIUM_DEPTH: "medium.depth", "" = 200.0, "µm", 20.0..=10_000.0;
        "Depth of the unstirred medium over a monolayer"; assumed("medium is mixed above it; uptake in proportion to oxygen would overdraw a deeper one");
    FLOOR_HEIGHT: "medium.floor_height", "" = 30.0, "µm", 5.0..=10_000.0;
        "Height over the floor of a well that settled cells do not leave"; assumed("a layer of target cells and a T cell upon it");
    DOUBLING_TIME: "lesion.doubling_time", "" = 43_200.0, "min", 60.0..=1e7;
        "Doubling time of well-supplied tumour cells"; assumed("30 d; solid tumours double in weeks to months");
    PRESSURE_HALF: "cycle.pressure_half", "P½" = 5.0, "1", 1e-3..=1e9;
        "Pressure that halves the rate of entering the cycle, where a study switches it on"; assumed("a few times that of a relaxed packing");
    ENTRY_PER_GRAM: "entry.per_gram", "" = 0.005, "1/g", 0.0..=1.0;
        "Share of the infused cells that a gram of tumour takes up"; assumed("no public time course of product cells in solid tumours of patients exists; mouse fractions do not carry over (Brown 2021, PMC8086861)");
    ENTRY_TIME: "entry.over", "" = 1440.0, "min", 0.0..=1e6;
        "Time constant with which they arrive"; assumed("a day");
    ENTRY_GAP: "entry.gap", "" = 20.0, "µm", 0.0..=10_000.0;
        "Distance outside the tumour's edge at which they enter"; assumed("vessels at the tumour's rim");
    CAR_POSITIVE: "product.car_positive", "" = 0.6, "1", 0.001..=1.0;
        "Share of infused cells that carry the receptor"; assumed("mean of 60 % in the HITM-SIR trial (Katz 2020)");
    WEIGHT: "patient.weight", "" = 70.0, "kg", 1.0..=300.0;
        "Body weight for doses per kg"; assumed("the reference adult");
    BODY_SURFACE: "patient.body_surface", "" = 1.8, "m²", 0.1..=4.0;
        "Body surface for doses per m²"; assumed("the reference adult");
}
