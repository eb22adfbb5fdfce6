use proptest::prelude::*;

use super::*;

/// The example of the design: everything that a study can say about one antigen and one product.
const STUDY: &str = r#"[study]
title = "CLDN18.2 CAR-T in gastric cancer with 10 % antigen-negative cells"
seed  = 7

[lesion]
diameter = "0.8 mm"
doubling_time = "30 d"
[lesion.antigen.CLDN18_2]
density  = { median = "60000 /cell", log_sd = 0.9 }
negative = { fraction = "10 %", patch = "150 µm" }

[product]
kind = "CAR-T"
gate = "CLDN18_2"
costimulation = "CD28"
[product.receptor.CLDN18_2]
kd = "5 nM"
density = "50000 /cell"

[[regimen.infusion]]
day = 0
dose = "2.5e8 CAR+ cells"
[regimen.lymphodepletion]
start = "-5 d"
[[regimen.antibody]]
target = "PD-1"
day = 14
every = "21 d"
"#;

/// The findings about the example after a replacement, as printed.
fn findings(from: &str, to: &str) -> Vec<String> {
    assert!(STUDY.contains(from), "{from}");
    let text = STUDY.replacen(from, to, 1);
    let Err(findings) = load(&text, "study.toml") else { return Vec::new() };
    findings.iter().map(|finding| finding.render(&text, false)).collect()
}

#[test]
fn a_right_study_is_read() {
    let loaded = load(STUDY, "study.toml").unwrap();
    assert_eq!(loaded.study.study.seed, 7);
    assert_eq!(loaded.study.lesion.diameter.unwrap().value(), 800.0);
    assert_eq!(loaded.study.regimen.antibody[0].every.unwrap().value(), 21.0 * 1440.0);
}

#[test]
fn an_unknown_key_names_the_nearest_right_one_and_all_that_are_accepted() {
    let found = findings("doubling_time", "doublingtime");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("error: unknown key `doublingtime`\n --> study.toml:7:1\n"), "{}", found[0]);
    assert!(found[0].contains("^^^^^^^^^^^^ not a key of `lesion`"), "{}", found[0]);
    assert!(found[0].contains("did you mean `doubling_time`? accepted here: `antigen`, "), "{}", found[0]);
}

#[test]
fn all_unknown_keys_are_found_at_once_in_the_order_of_the_file() {
    let text = STUDY
        .replace("title", "titel")
        .replace("log_sd", "logsd")
        .replace("patch", "pach")
        .replace("kd =", "Kd =")
        .replace("every", "evry");
    let found = load(&text, "study.toml").unwrap_err();
    let titles: Vec<&str> = found.iter().map(|finding| finding.title.as_str()).collect();
    // `title` and `kd` are required; their misspelling is one finding, not two.
    assert_eq!(
        titles,
        [
            "unknown key `titel`",
            "unknown key `logsd`",
            "unknown key `pach`",
            "unknown key `Kd`",
            "unknown key `evry`"
        ]
    );
}

#[test]
fn an_unknown_key_does_not_hide_a_wrong_value() {
    let text = STUDY.replace("seed", "sede").replace("0.8 mm", "0.8 nM");
    let found = load(&text, "study.toml").unwrap_err();
    let titles: Vec<&str> = found.iter().map(|finding| finding.title.as_str()).collect();
    assert_eq!(titles, ["unknown key `sede`", "`lesion.diameter` cannot be read"]);
}

#[test]
fn missing_keys_are_found_at_once_at_their_section() {
    let text = STUDY.replace("kd = \"5 nM\"\n", "").replace("day = 0\n", "");
    let found = load(&text, "study.toml").unwrap_err();
    let titles: Vec<&str> = found.iter().map(|finding| finding.title.as_str()).collect();
    assert_eq!(titles, ["missing key `kd`", "missing key `day`"]);
    assert_eq!(&text[found[0].span.clone().unwrap()], "[product.receptor.CLDN18_2]");
    let empty = load("", "study.toml").unwrap_err();
    assert_eq!(empty[0].title, "missing key `study`");
}

#[test]
fn a_wrong_unit_is_shown_at_its_value() {
    let found = findings("\"0.8 mm\"", "\"0.8 nM\"");
    let expected = "\
error: `lesion.diameter` cannot be read
 --> study.toml:6:12
  |
6 | diameter = \"0.8 mm\"
  |            ^^^^^^^^ `nM` is a unit of concentration, not of length; use `µm`, `nm`, `mm` or `cm`, like \"0.8 mm\"";
    assert_eq!(found, [expected.replacen("\"0.8 mm\"\n", "\"0.8 nM\"\n", 1)]);
}

#[test]
fn wrong_values_say_what_is_accepted() {
    let bare = findings("\"2.5e8 CAR+ cells\"", "2.5e8");
    assert!(bare[0].contains("does not say what is counted"), "{}", bare[0]);
    let variant = findings("\"CD28\"", "\"CD82\"");
    assert!(variant[0].contains("help: did you mean `CD28`?"), "{}", variant[0]);
    let kind = findings("seed  = 7", "seed  = \"seven\"");
    assert!(
        kind[0].contains("`study.seed` cannot be read")
            && kind[0].contains("expected a whole number from 0 on"),
        "{}",
        kind[0]
    );
    let range = findings("10 %\", patch", "110 %\", patch");
    assert!(range[0].contains("a fraction lies between 0 % and 100 %"), "{}", range[0]);
}

#[test]
fn syntax_errors_are_shown_at_their_place() {
    let found = findings("title = ", "title ");
    assert!(found[0].starts_with("error: this is not valid TOML\n --> study.toml:2:"), "{}", found[0]);
    let twice = findings("seed  = 7", "seed  = 7\nseed = 8");
    assert!(twice[0].contains("study.toml:4:1"), "{}", twice[0]);
}

/// Deeper than any stack, were the reader to follow them.
#[test]
fn deep_nesting_is_refused() {
    for deep in ["[".repeat(200_000), "{a=".repeat(200_000)] {
        let findings = load(&format!("a = {deep}"), "study.toml").unwrap_err();
        assert!(findings.len() <= SYNTAX_ERRORS);
    }
    assert!(load(&format!("{}a = 1", "a.".repeat(200_000)), "study.toml").is_err());
}

#[test]
fn values_are_found_by_their_dotted_path() {
    let spans = load(STUDY, "study.toml").unwrap().spans;
    let at = |path: &str| spans.span_of(path).map(|span| &STUDY[span]);
    assert_eq!(at("lesion.antigen.CLDN18_2.density.median"), Some("\"60000 /cell\""));
    assert_eq!(at("regimen.infusion.0.dose"), Some("\"2.5e8 CAR+ cells\""));
    assert_eq!(at("study.seed"), Some("7"));
    // Not in the file: the key of the section that would hold it.
    assert_eq!(at("lesion.antigen.CLDN18_2.drift"), Some("CLDN18_2"));
    assert_eq!(at("nowhere"), None);
    assert!(spans.contains("product.gate") && !spans.contains("product.car_positive"));
}

#[test]
fn a_fault_within_a_gate_is_shown_at_the_gate() {
    let text = STUDY.replace("gate = \"CLDN18_2\"", "gate = \"CLDN18_2 & & B\"");
    let found = load(&text, "study.toml").unwrap_err();
    assert_eq!(&text[found[0].span.clone().unwrap()], "\"CLDN18_2 & & B\"");
}

/// A patient with a cell-by-cell lesion's exchange, and a population.
const PATIENT: &str = r#"[study]
title = "patients"
[patient]
weight = "70 kg"
age = "60 yr"
parameters.expansion = "1.2 /d"
exchange = { every = "6 h", access = 0.5 }
[patient.antigen.A]
density = { median = "60000 /cell", log_sd = 0.9 }
[[patient.lesion]]
diameter = "32 mm"
antigen_negative = "0.5 %"
[patient.toxicity]
crs_rates = ["80 %", "40 %", "10 %", "2 %"]
[population]
count = 500
sampling = "sobol"
[population.vary.expansion]
log_sd = 0.2
range = ["0.5 /d", "3 /d"]
[[population.correlation]]
between = ["expansion", "kills"]
coefficient = 0.3
[population.class.slow]
share = "30 %"
[population.covariate.weight]
log_sd = 0.2
[[population.arm]]
name = "low"
set = { "regimen.infusion.0.dose" = "2.5e7 CAR+ cells" }
[population.sensitivity]
method = "morris"
"#;

/// Every slip in `[patient]` and `[population]` is shown at its line, with a caret, and with what is accepted.
#[test]
fn slips_in_a_patient_and_a_population_are_shown_at_their_line() {
    assert!(load(PATIENT, "study.toml").is_ok());
    let cases = [
        ("weight =", "wieght =", "4:1", "did you mean `weight`?"),
        ("weight = \"70 kg\"", "weight = \"70 mm\"", "4:10", "kg"),
        ("weight = \"70 kg\"", "weight = 70", "4:10", "kg"),
        ("age = \"60 yr\"", "age = \"60 mm\"", "5:7", "yr"),
        ("every = \"6 h\"", "evry = \"6 h\"", "7:14", "did you mean `every`?"),
        ("every = \"6 h\"", "every = \"6 mm\"", "7:22", "not of time"),
        ("access = 0.5", "access = \"half\"", "7:38", "expected a number"),
        ("diameter = \"32 mm\"\n", "", "10:1", "missing key `diameter`"),
        ("diameter = \"32 mm\"", "diameter = \"32 kg\"", "11:12", "kg"),
        ("\"0.5 %\"", "\"0.5 mg\"", "12:20", "%"),
        (", \"2 %\"]", "]", "14:13", "4"),
        ("count = 500", "count = -1", "16:9", "`-1`"),
        ("sampling = \"sobol\"", "sampling = \"sobel\"", "17:12", "did you mean `sobol`?"),
        ("log_sd = 0.2\nrange", "sd = 0.2\nrange", "19:1", "not a key of"),
        ("coefficient", "coeficient", "23:1", "did you mean `coefficient`?"),
        ("share = \"30 %\"", "share = \"30 d\"", "25:9", "%"),
        ("method = \"morris\"", "method = \"moris\"", "32:10", "did you mean `morris`?"),
    ];
    let mut wrong = Vec::new();
    for (from, to, place, part) in cases {
        assert!(PATIENT.contains(from), "{from}");
        let text = PATIENT.replacen(from, to, 1);
        let findings = load(&text, "study.toml").err().unwrap_or_default();
        let all: String = findings.iter().map(|finding| finding.render(&text, false)).collect();
        if !(all.contains(&format!("study.toml:{place}\n")) && all.contains('^') && all.contains(part)) {
            wrong.push(format!("{to}: {place} or {part:?} is missing in\n{all}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One change to the bytes of a file.
#[derive(Clone, Debug)]
enum Mutation {
    Replace(usize, u8),
    Insert(usize, u8),
    Remove(usize, usize),
    Copy(usize, usize, usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let n = STUDY.len();
    prop_oneof![
        (0..n, any::<u8>()).prop_map(|(at, byte)| Mutation::Replace(at, byte)),
        (0..n, any::<u8>()).prop_map(|(at, byte)| Mutation::Insert(at, byte)),
        (0..n, 1..80_usize).prop_map(|(at, length)| Mutation::Remove(at, length)),
        (0..n, 1..80_usize, 0..n).prop_map(|(from, length, to)| Mutation::Copy(from, length, to)),
    ]
}

fn mutated(mutations: &[Mutation]) -> String {
    let mut bytes = STUDY.as_bytes().to_vec();
    for mutation in mutations {
        let end = bytes.len();
        match *mutation {
            Mutation::Replace(at, byte) => bytes[at.min(end - 1)] = byte,
            Mutation::Insert(at, byte) => bytes.insert(at.min(end), byte),
            Mutation::Remove(at, length) => {
                let at = at.min(end - 1);
                bytes.drain(at..(at + length).min(end - 1).max(at));
            }
            Mutation::Copy(from, length, to) => {
                let part = bytes[from.min(end)..(from + length).min(end)].to_vec();
                bytes.splice(to.min(end)..to.min(end), part);
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_mutation_of_a_file_makes_the_reader_panic(mutations in prop::collection::vec(mutation(), 1..8)) {
        let text = mutated(&mutations);
        if let Err(findings) = load(&text, "study.toml") {
            prop_assert!(!findings.is_empty());
            for finding in findings {
                prop_assert!(finding.render(&text, false).starts_with("error: "));
            }
        }
    }
}
