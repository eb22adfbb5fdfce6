use proptest::prelude::*;

use super::*;

const FILE: &str = "[lesion]\ndiametre = \"0.8 mm\"\n";

#[test]
fn a_finding_shows_its_line_with_a_caret() {
    let finding = Diagnostic::error("study.toml", "unknown key `diametre`")
        .at(9..17, "not a key of `lesion`")
        .help("did you mean `diameter`?");
    let expected = "\
error: unknown key `diametre`
 --> study.toml:2:1
  |
2 | diametre = \"0.8 mm\"
  | ^^^^^^^^ not a key of `lesion`
  |
  = help: did you mean `diameter`?";
    assert_eq!(finding.render(FILE, false), expected);
    assert!(finding.render(FILE, true).contains('\u{1b}'));
}

#[test]
fn a_finding_about_the_whole_file_names_it() {
    let finding = Diagnostic::warning("study.toml", "the study has no product");
    assert_eq!(finding.render(FILE, false), "warning: the study has no product\n--> study.toml");
}

#[test]
fn a_span_of_several_lines_is_shown_by_its_first() {
    let finding = Diagnostic::error("study.toml", "x").at(0..FILE.len(), "");
    assert_eq!(finding.render(FILE, false), "error: x\n --> study.toml:1:1\n  |\n1 | [lesion]\n  | ^^^^^^^^");
}

#[test]
fn the_nearest_word_is_found_by_edits_of_letters() {
    let keys = ["diameter", "doubling_time", "density", "dose", "day"];
    let found = |word| nearest(word, keys);
    assert_eq!(found("diametre"), Some("diameter"));
    assert_eq!(found("Doubling-Time"), Some("doubling_time"));
    assert_eq!(found("desnity"), Some("density"));
    assert_eq!(found("dsoe"), Some("dose"));
    assert_eq!(found("dya"), Some("day"));
    assert_eq!(found("temperature"), None);
    assert_eq!(found(""), None);
    assert_eq!(nearest(&"d".repeat(100_000), keys), None);
}

proptest! {
    #[test]
    fn no_span_and_no_text_make_the_printer_panic(
        text in "(\\PC|\n|\r|\t|\u{0}|\u{1b}){0,60}", start in 0_usize..90, length in 0_usize..90,
    ) {
        let finding = Diagnostic::error(&text, text.clone()).at(start..start + length, text.clone()).help(text.clone());
        prop_assert!(!finding.render(&text, false).is_empty());
    }
}
