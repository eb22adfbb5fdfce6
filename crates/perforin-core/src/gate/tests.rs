use proptest::prelude::*;

use super::*;

fn gate(text: &str) -> Gate {
    text.parse().unwrap()
}

#[test]
fn not_binds_before_and_and_and_before_or() {
    assert_eq!(gate("A | B & !C"), gate("A | (B & (!C))"));
    assert_ne!(gate("A | B & !C"), gate("(A | B) & !C"));
    assert_eq!(gate("!A & B"), gate("(!A) & B"));
    assert_eq!(gate("A & B & C"), gate("(A & B) & C"));
}

#[test]
fn words_and_doubled_signs_are_the_same_language() {
    assert_eq!(gate("A and not (B OR c)"), gate("A & !(B | c)"));
    assert_eq!(gate("A&&B||C"), gate("A & B | C"));
    assert_eq!(gate("ANDY | ORM1 | NOTCH1").antigens(), ["ANDY", "ORM1", "NOTCH1"]);
}

#[test]
fn antigens_are_listed_in_order_of_first_appearance() {
    assert_eq!(gate("HER2 & !B7-H3 | HER2 & CLDN18.2").antigens(), ["HER2", "B7-H3", "CLDN18.2"]);
}

#[test]
fn errors_point_at_the_fault() {
    let error = |text: &str| {
        let error = text.parse::<Gate>().unwrap_err();
        (error.span(), error.to_string())
    };
    let end = |at: usize| Some(at..at);
    assert_eq!(error(""), (end(0), "expected an antigen, `!` or `(`, found the end".into()));
    assert_eq!(error("A &"), (end(3), "expected an antigen, `!` or `(`, found the end".into()));
    assert_eq!(error("A | | B"), (Some(4..5), "expected an antigen, `!` or `(`, found `|`".into()));
    assert_eq!(error("A B"), (Some(2..3), "expected `&`, `|` or the end, found `B`".into()));
    assert_eq!(error("(A B)"), (Some(3..4), "expected `&`, `|` or `)`, found `B`".into()));
    assert_eq!(error("A & (B | C"), (Some(4..5), "this parenthesis is not closed".into()));
    assert_eq!(error("A)").0, Some(1..2));
    assert_eq!(error("é + B").0, Some(3..4));
    assert_eq!(error("A&B&C&D&E&F").0, Some(10..11));
    assert_eq!(error(&"!".repeat(100_000)).0, Some(MAX_TOKENS..MAX_TOKENS + 1));
    assert_eq!(error(&"(".repeat(MAX_TOKENS)).0, end(MAX_TOKENS));
}

#[test]
fn a_product_cannot_carry_a_gate_that_fires_on_nothing_or_never() {
    for text in ["!A", "A | !B", "!(A & B)", "!A & !B"] {
        assert!(matches!(gate(text).check_for_product(), Err(GateError::FiresOnNothing { .. })), "{text}");
    }
    assert!(matches!(gate("A & !A").check_for_product(), Err(GateError::NeverFires { .. })));
    for text in ["A", "A & !B", "(A | B) & !C"] {
        assert_eq!(gate(text).check_for_product(), Ok(()), "{text}");
    }
}

#[test]
fn gates_are_built_from_gates() {
    let name = |name: &str| Gate::antigen(name).unwrap();
    let built = name("A").or(name("B")).unwrap().and(name("A").and(name("C")).unwrap().negated()).unwrap();
    assert_eq!(built, gate("(A | B) & !(A & C)"));
    assert!(Gate::antigen("or").is_err() && Gate::antigen("A B").is_err() && Gate::antigen("").is_err());
    assert!(gate("A|B|C|D|E").and(name("F")).is_err());
    let mut long = name("A");
    while let Ok(longer) = long.clone().and(name("B").negated()) {
        long = longer;
    }
    long = long.negated();
    assert_eq!(gate(&long.to_string()), long);
    assert_eq!(long.clone().negated().negated(), long);
}

/// Two ways to write one meaning; a chain of products would give 0.25 and 0.4375.
#[test]
fn the_graded_value_does_not_depend_on_how_a_gate_is_written() {
    assert_eq!(gate("A & A").evaluate(&[0.5]), 0.5);
    assert_eq!(gate("A & B | A & C").evaluate(&[0.5; 3]), gate("A & (B | C)").evaluate(&[0.5; 3]));
}

#[test]
fn gates_pass_through_files() {
    let gate = gate("A & !(B | C)");
    let json = serde_json::to_string(&gate).unwrap();
    assert_eq!(json, "\"A & !(B | C)\"");
    assert_eq!(serde_json::from_str::<Gate>(&json).unwrap(), gate);
    let error = serde_json::from_str::<Gate>("\"A &\"").unwrap_err().to_string();
    assert!(error.starts_with("`A &` is not a gate: expected an antigen"), "{error}");
}

/// Text of random gates over five antigens, fully in parentheses.
fn text() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec!["A", "B", "C", "D", "E"]).prop_map(str::to_owned);
    leaf.prop_recursive(4, 12, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| format!("!({a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(({a}) & ({b}))")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("(({a}) | ({b}))")),
        ]
    })
}

/// The definition, by enumeration: the sum over all rows of the table of their probabilities.
fn by_enumeration(gate: &Gate, signal: &[f64]) -> f64 {
    (0..1_u32 << gate.antigens().len())
        .filter(|row| holds(gate.expr(), *row))
        .map(|row| {
            (0..gate.antigens().len())
                .map(|i| if row >> i & 1 == 1 { signal[i] } else { 1.0 - signal[i] })
                .product::<f64>()
        })
        .sum()
}

fn holds(expr: &Expr, row: u32) -> bool {
    match expr {
        Expr::Antigen(i) => row & (1 << i) != 0,
        Expr::Not(a) => !holds(a, row),
        Expr::And(a, b) => holds(a, row) & holds(b, row),
        Expr::Or(a, b) => holds(a, row) | holds(b, row),
    }
}

/// Rounding of at most 31 interpolations of numbers below 1.
const ROUNDING: f64 = 1e-14;

proptest! {
    #[test]
    fn what_is_written_is_read_to_the_same_tree(text in text()) {
        let gate = gate(&text);
        let written = gate.to_string();
        prop_assert_eq!(&written.parse::<Gate>().unwrap(), &gate);
        prop_assert!(written.len() <= text.len());
    }

    #[test]
    fn no_pair_of_parentheses_can_be_left_out(text in text()) {
        let gate = gate(&text);
        let written = gate.to_string();
        let mut open = Vec::new();
        for (at, c) in written.char_indices() {
            match c {
                '(' => open.push(at),
                ')' => {
                    let mut shorter = written.clone();
                    shorter.remove(at);
                    shorter.remove(open.pop().unwrap());
                    prop_assert_ne!(shorter.parse::<Gate>(), Ok(gate.clone()));
                }
                _ => {}
            }
        }
    }

    #[test]
    fn graded_equals_boolean_at_zero_and_one(text in text()) {
        let gate = gate(&text);
        for row in 0..1_u32 << gate.antigens().len() {
            let signal: Vec<f64> = (0..gate.antigens().len()).map(|i| f64::from(row >> i & 1)).collect();
            let expected = holds(gate.expr(), row);
            prop_assert_eq!(gate.is_satisfied(row), expected);
            prop_assert_eq!(gate.evaluate(&signal), f64::from(u8::from(expected)));
        }
    }

    #[test]
    fn graded_is_the_probability_over_independent_inputs(text in text(), signal in prop::array::uniform5(0.0..=1.0_f64)) {
        let gate = gate(&text);
        let value = gate.evaluate(&signal);
        prop_assert!((value - by_enumeration(&gate, &signal)).abs() < ROUNDING);
        prop_assert!((-ROUNDING..=1.0 + ROUNDING).contains(&value));
        prop_assert!((gate.clone().negated().evaluate(&signal) - (1.0 - value)).abs() < ROUNDING);
    }

    #[test]
    fn and_or_and_de_morgan_hold_for_parts_without_a_common_antigen(a in 0.0..=1.0_f64, b in 0.0..=1.0_f64) {
        let value = |text: &str| gate(text).evaluate(&[a, b]);
        prop_assert!((value("A & B") - a * b).abs() < ROUNDING);
        prop_assert!((value("A | B") - (1.0 - (1.0 - a) * (1.0 - b))).abs() < ROUNDING);
        prop_assert!((value("!(A & B)") - value("!A | !B")).abs() < ROUNDING);
        prop_assert!((value("!(A | B)") - value("!A & !B")).abs() < ROUNDING);
    }

    #[test]
    fn a_gate_without_not_rises_with_every_input(
        text in text(), signal in prop::array::uniform5(0.0..=1.0_f64), input in 0_usize..5, more in 0.0..=1.0_f64,
    ) {
        let gate = gate(&text.replace('!', ""));
        let mut raised = signal;
        raised[input] += more * (1.0 - raised[input]);
        prop_assert!(gate.evaluate(&raised) >= gate.evaluate(&signal) - ROUNDING);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[A-E&|!() éx.+-]{0,200}") {
        if let Err(error) = text.parse::<Gate>() {
            let span = error.span().unwrap();
            prop_assert!(text.get(span).is_some());
        }
    }
}
