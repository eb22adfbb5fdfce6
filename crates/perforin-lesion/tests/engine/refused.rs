//! Contradictory studies are refused at the place of the contradiction, with a remedy.

use perforin_core::study::StudyFile;
use perforin_lesion::scenario::{self, Problem};

fn study(product: &str, more: &str) -> String {
    format!(
        "[study]\ntitle = \"t\"\n[lesion]\ndiameter = \"100 µm\"\n[lesion.antigen.A]\ndensity = {{ median = \"1000 /cell\" }}\n\
         {product}\n[[regimen.infusion]]\nday = 0\ndose = \"10 CAR+ cells\"\nroute = \"intratumoural\"\n{more}"
    )
}

const CAR_T: &str = "[product]\nkind = \"CAR-T\"\ngate = \"A\"\n[product.receptor.A]\nkd = \"5 nM\"";

fn problems(text: &str) -> Vec<Problem> {
    let study: StudyFile = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
    match scenario::build(&study) {
        Ok(built) => built.warnings,
        Err(problems) => problems,
    }
}

/// Product, rest of the study, path of the finding, and a word of its message.
const CASES: &[(&str, &str, &str, &str)] = &[
    ("[product]\nkind = \"CAR-T\"\n[product.receptor.A]\nkd = \"5 nM\"", "", "product", "no `gate`"),
    ("[product]\nkind = \"CAR-T\"\ngate = \"A\"", "", "product.gate", "no receptor"),
    (
        "[product]\nkind = \"CAR-T\"\ngeneration = \"first\"\ncostimulation = \"CD28\"\ngate = \"A\"\n[product.receptor.A]\nkd = \"5 nM\"",
        "",
        "product.generation",
        "first generation",
    ),
    (
        "[product]\nkind = \"CAR-T\"\ngeneration = \"armoured\"\ngate = \"A\"\n[product.receptor.A]\nkd = \"5 nM\"",
        "",
        "product.generation",
        "no `armour`",
    ),
    (
        "[product]\nkind = \"TCR-T\"\ngate = \"A\"\n[product.receptor.A]\nkd = \"5 µM\"",
        "",
        "product.hla",
        "one HLA allele",
    ),
    (
        "[product]\nkind = \"TCR-T\"\ngate = \"A\"\nhla = \"HLA-A*01:01\"\n[product.receptor.A]\nkd = \"5 µM\"",
        "[lesion.hla]\nalleles = [\"HLA-A*02:01\"]",
        "product.hla",
        "not eligible",
    ),
    (
        "[product]\nkind = \"TIL\"\nspecificity.A = \"60 %\"\nspecificity.B = \"60 %\"",
        "",
        "product.specificity",
        "add up",
    ),
    (CAR_T, "[[regimen.switch_drug]]\nday = 1", "regimen.switch_drug", "no product has a switch"),
    (
        "[product]\nkind = \"CAR-T\"\nsafety_switch = \"iC9\"\ngate = \"A\"\n[product.receptor.A]\nkd = \"5 nM\"",
        "",
        "product.safety_switch",
        "never activated",
    ),
    (
        "[product]\nkind = \"CAR-T\"\ngate = \"A\"\n[product.receptor.A]\nkd = \"5 nM\"\n[product.adapter]\nantigen_kd = \"1 nM\"\nreceptor_kd = \"1 nM\"",
        "",
        "product.adapter",
        "never given",
    ),
    (
        CAR_T,
        "[[regimen.adapter]]\nday = 0\npeak = \"1 nM\"\nhalf_life = \"1 d\"",
        "regimen.adapter",
        "no product needs",
    ),
    (
        "[product]\nkind = \"CAR-T\"\ngate = \"A\"\n[product.receptor.A]\nkd = \"5 nM\"\n[product.synnotch]\nsensor = \"P\"",
        "",
        "product.synnotch.sensor",
        "no cell carries",
    ),
    (
        CAR_T,
        "[lesion.entry.blood]\nday = [0.0, 3.0, 2.0]\ncells_per_microlitre = [0.0, 10.0, 5.0]",
        "lesion.entry.blood.day",
        "from day 3 to day 2",
    ),
    (
        CAR_T,
        "[lesion.entry.blood]\nday = [0.0, 3.0]\ncells_per_microlitre = [0.0]",
        "lesion.entry.blood",
        "2 days and 1 values",
    ),
    (
        CAR_T,
        "[lesion.clone.x]\nfraction = \"10 %\"\nantigen.B = 0.5",
        "lesion.clone.x.antigen.B",
        "no cell carries",
    ),
    (
        CAR_T,
        "[lesion.clone.x]\nfraction = \"60 %\"\n[lesion.clone.y]\nfraction = \"60 %\"",
        "lesion.clone.y.fraction",
        "more than all",
    ),
    (CAR_T, "[mechanisms]\nwithout = \"exhaustoin\"", "mechanisms.without", "no mechanism"),
    (CAR_T, "[mechanisms]\nepitope_spreading = true", "mechanisms.epitope_spreading", "does not have"),
    (
        CAR_T,
        "[[regimen.infusion]]\nday = 1\ndose = \"5 cells\"\nproduct = \"second_product\"",
        "regimen.infusion.1.product",
        "no second product",
    ),
    (CAR_T, "[[regimen.infusion]]\nday = 1", "regimen.infusion.1", "either a `dose`"),
    (CAR_T, "[[regimen.antibody]]\ntarget = \"PD-1\"\nday = -3", "regimen.antibody.0.day", "not a day"),
    (CAR_T, "[[regimen.antibody]]\ntarget = \"CTLA-4\"\nday = 0", "regimen.antibody", "regulatory T cells"),
    (
        CAR_T,
        "[[regimen.radiotherapy]]\nday = 0\ndose = \"2 Gy\"\nfractions = 5",
        "regimen.radiotherapy.0",
        "no interval",
    ),
    (
        CAR_T,
        "[lesion.checkpoint]\npd_l1 = \"9000 /cell\"\npd_l1_induced = \"10 /cell\"",
        "lesion.checkpoint.pd_l1_induced",
        "lower PD-L1",
    ),
    (
        CAR_T,
        "[lesion.entry]\nplace = \"vessels\"\n[[regimen.infusion]]\nday = 0\ndose = \"1e9 cells\"",
        "lesion.entry.place",
        "none",
    ),
];

#[test]
fn contradictions_are_named_with_their_place_and_a_remedy() {
    for (product, more, path, word) in CASES {
        let found = problems(&study(product, more));
        let named = found.iter().find(|p| p.path == *path && p.message.contains(word));
        let named =
            named.unwrap_or_else(|| panic!("`{path}: {word}` is not in {found:#?}\nof {product}\n{more}"));
        assert!(named.help.as_ref().is_some_and(|help| !help.is_empty()), "no remedy: {named:?}");
    }
}
