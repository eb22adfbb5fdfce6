//! Companion diagnostics: how samples are taken and read.

use super::{Source, assumed, doi, parameters};

const ALLARD: Source = doi(
    "10.1158/1078-0432.CCR-04-0378",
    "chosen to reproduce Allard 2004: 36 % of samples with two or more, mean 60, SD 693",
);

parameters! {
    CONFIDENCE: "diagnostics.confidence", "" = 0.95, "1", 0.5..=0.999_999;
        "Confidence of what is ruled out, and of intervals";
        assumed("the customary level");
    NEGATIVE_BELOW: "diagnostics.tissue.negative_below", "" = 1000.0, "/cell", 1e-9..=1e8;
        "Density below which a cell of a tissue is negative";
        assumed("about where conventional staining begins");
    SITE: "diagnostics.tissue.site", "" = 100.0, "µm", 1.0..=1e5;
        "Edge of a cubic site";
        assumed("a field of several hundred cells; a core needle is ten times as wide, which few simulated tumours are");
    CELLS_PER_SITE: "diagnostics.biopsy.cells_per_site", "n" = 200.0, "1", 1.0..=1_000_000.0;
        "Tumour cells read at each site";
        assumed("a small biopsy that can be scored");
    SENSITIVITY: "diagnostics.biopsy.sensitivity", "d" = 1.0, "1", 0.0..=1.0;
        "Probability that an antigen-negative cell is read as negative";
        assumed("without error");
    SPECIFICITY: "diagnostics.biopsy.specificity", "1 − f" = 1.0, "1", 0.0..=1.0;
        "Probability that an antigen-positive cell is read as positive";
        assumed("without error");
    CALL_AT: "diagnostics.biopsy.call_at", "c" = 1.0, "1", 1.0..=10_000.0;
        "Cells read as negative from which on a clone is called";
        assumed("one is enough where reading is without error");
    LEVEL: "diagnostics.test.level", "" = 2.0, "1", 1.0..=3.0;
        "Level of staining that a cell must reach to count";
        assumed("2+, as the cut-offs of CLDN18.2 and MAGE-A4 in use");
    CELLS_READ: "diagnostics.test.cells", "" = 200.0, "1", 1.0..=100_000.0;
        "Tumour cells read in a section";
        assumed("of the order that a pathologist's estimate rests on");
    READ_CLUSTERING: "diagnostics.test.clustering", "ρ" = 0.02, "1", 0.0..=0.99;
        "Correlation of two cells of one section";
        assumed("slight: fields of a whole section are read");
    READS_LOWER: "diagnostics.test.reads_lower", "" = 0.05, "1", 0.0..=0.5;
        "Probability that a cell is taken for the next lower level of staining";
        assumed("readers disagree by one level in some per cent of cells");
    READS_HIGHER: "diagnostics.test.reads_higher", "" = 0.05, "1", 0.0..=0.5;
        "Probability that a cell is taken for the next higher level of staining";
        assumed("as for the lower level");
    PER_ANTIBODY: "diagnostics.flow.per_antibody", "" = 1.0, "1", 0.01..=100.0;
        "Fluorophores on each antibody";
        assumed("phycoerythrin conjugated one to one");
    ANTIGENS_PER_ANTIBODY: "diagnostics.flow.antigens_per_antibody", "" = 1.0, "1", 1.0..=2.0;
        "Antigens that an antibody holds";
        assumed("monovalent binding at saturation; 2 if both arms bind");
    VOLUME: "diagnostics.ctc.volume", "" = 7.5, "mL", 0.1..=10_000.0;
        "Blood that is searched for tumour cells";
        doi("10.1158/1078-0432.CCR-04-0378", "Allard 2004, one tube");
    SHEDDING: "diagnostics.ctc.shedding", "π" = 0.4, "1", 0.0..=1.0;
        "Share of patients with tumour cells in the blood"; ALLARD;
    CTC_MEDIAN: "diagnostics.ctc.median", "m" = 20.0, "1", 1e-3..=1e5;
        "Median of their cells seen in 7.5 mL"; ALLARD;
    CTC_LOG_SD: "diagnostics.ctc.log_sd", "σ" = 2.0, "1", 0.0..=4.0;
        "Standard deviation of its natural logarithm"; ALLARD;
    RECOVERY: "diagnostics.ctc.recovery", "" = 1.0, "1", 1e-3..=1e3;
        "Cells found over those that the reference assay finds in the same blood";
        assumed("the reference assay itself");
    STEEPNESS: "diagnostics.ctc.epcam.steepness", "h" = 1.0, "1", 0.1..=10.0;
        "Steepness of capture against the density of EpCAM";
        assumed("the form of the curve is not known from a seen source");
    FALSE_ALARM: "diagnostics.ctdna.false_alarm", "" = 0.05, "1", 1e-9..=0.5;
        "Largest probability of calling a sample without tumour DNA positive";
        assumed("the customary specificity of 95 %");
    HALF_LIFE: "diagnostics.ctdna.course.half_life", "h" = 0.083_333_333_333_333_33, "d", 1e-4..=10.0;
        "Half-life of tumour DNA in plasma";
        assumed("two hours, the order of published estimates");
    PLASMA: "diagnostics.ctdna.course.plasma", "V" = 3000.0, "mL", 10.0..=20_000.0;
        "Plasma of the patient";
        assumed("of an adult");
    BACKGROUND: "diagnostics.ctdna.course.background", "" = 1500.0, "/mL", 1.0..=1e7;
        "Haploid genomes of other cells in a millilitre of plasma";
        assumed("5 ng/mL at 303 genomes per nanogram");
}
