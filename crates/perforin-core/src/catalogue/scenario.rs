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
