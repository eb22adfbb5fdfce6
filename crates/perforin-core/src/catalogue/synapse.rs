//! Contact of T cell and target: attachment, hits, death, and checkpoint.

use super::{CART_ABM, PHYSICELL_IMMUNE, assumed, calibrated, parameters};

parameters! {
    ATTACH_DISTANCE: "synapse.attach_distance", "" = 18.0, "µm", 1.0..=100.0;
        "Largest distance of the centres at which a T cell attaches"; PHYSICELL_IMMUNE;
    ATTACH_FULL_DISTANCE: "synapse.attach_full_distance", "" = 14.0, "µm", 0.0..=100.0;
        "Distance of the centres below which it attaches at the full rate"; PHYSICELL_IMMUNE;
    ATTACH_RATE: "synapse.attach_rate", "" = 0.2, "/min", 0.0..=100.0;
        "Rate of attachment to a neighbour that satisfies the gate"; PHYSICELL_IMMUNE;
    LIFETIME: "synapse.lifetime", "" = 60.0, "min", 0.1..=10_000.0;
        "Mean duration of an attachment"; CART_ABM;
    CRAWL_RATE: "synapse.crawl_rate", "k" = 0.01, "/min", 0.0..=10.0;
        "Rate at which a T cell closes in on a neighbour, where a study lets it crawl"; CART_ABM;
    SPRING: "synapse.spring", "" = 0.01, "/min", 0.0..=10.0;
        "Elastic constant of an attachment"; PHYSICELL_IMMUNE;
    HIT_RATE: "hit.rate", "h" = 0.035, "/min", 0.0..=10.0;
        "Sublethal hits delivered through a synapse at full lysis signal"; calibrated("10.1038/s41467-021-25282-3", "Weigelin 2021: three serial hits within about 50 minutes kill; with search and repair 10 kills a day amid plenty of targets, between the 2 and 16 of Halle 2016 (doi 10.1016/j.immuni.2016.01.010)");
    LETHAL_DAMAGE: "hit.lethal", "D*" = 2.2, "hits", 0.1..=100.0;
        "Accumulated hits that kill"; calibrated("10.1038/s41467-021-25282-3", "Weigelin 2021: three hits spread evenly over 50 min kill (1 + 2^-0.5 + 2^-1 = 2.207), two never do");
    HIT_HALF_LIFE: "hit.half_life", "T½" = 50.0, "min", 0.1..=10_000.0;
        "Half-life of a hit"; calibrated("10.1038/s41467-021-25282-3", "Weigelin 2021: damage is repaired within about 50 min");
    STIMULUS_MEMORY: "synapse.stimulus_memory", "" = 1440.0, "min", 1.0..=100_000.0;
        "Time constant with which antigen signal raises and leaves the drive to proliferate"; assumed("a day: T cells divide on for days after antigen contact");
    KILL_RATE_ORGANOID: "synapse.kill_rate", "" = 0.06667, "/min", 0.0..=10.0;
        "Rate of killing while attached, in models without hits"; CART_ABM;
}
