//! Decimal numbers as text: splitting them from their unit, and moving their decimal point without rounding.

use std::fmt::Write;

/// A decimal number that has been recognised but not yet turned into binary.
pub(super) struct Decimal<'a> {
    significand: &'a str,
    exponent: i32,
}

impl Decimal<'_> {
    /// The nearest `f64` to the number times 10^`shift`; infinite if too large.
    pub(super) fn times_ten_to(&self, shift: i32) -> f64 {
        let exponent = self.exponent.saturating_add(shift);
        format!("{}e{exponent}", self.significand).parse().unwrap_or(f64::NAN)
    }
}

/// The number at the start of `text` and the rest without surrounding space; `None` without a number.
pub(super) fn split(text: &str) -> Option<(Decimal<'_>, &str)> {
    let text = text.trim();
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();

    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let whole = digits(sign);
    let mut end = sign + whole;
    let mut part = 0;
    if bytes.get(end) == Some(&b'.') {
        part = digits(end + 1);
        end += 1 + part;
    }
    if whole + part == 0 {
        return None;
    }
    let significand = &text[..end];

    // An exponent counts only if digits follow: in `"5 e"` or `"5E/L"` the letter belongs to the unit.
    let mut exponent = 0;
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let count = digits(end + 1 + sign);
        if count > 0 {
            let written = &text[end + 1..end + 1 + sign + count];
            let limit = if written.starts_with('-') { -100_000 } else { 100_000 };
            exponent = written.parse().unwrap_or(limit);
            end += 1 + sign + count;
        }
    }
    Some((Decimal { significand, exponent }, text[end..].trim()))
}

/// The shortest decimal text of `value` divided by 10^`shift`, from which the same bits are read again.
pub(super) fn format(value: f64, shift: i32) -> String {
    let scientific = format!("{value:e}");
    let Some((significand, exponent)) = scientific.split_once('e') else { return scientific };
    let (sign, significand) = significand.strip_prefix('-').map_or(("", significand), |rest| ("-", rest));
    let digits: String = significand.chars().filter(char::is_ascii_digit).collect();
    let exponent = if value == 0.0 { 0 } else { exponent.parse::<i32>().unwrap_or(0) - shift };

    let mut out = String::from(sign);
    match exponent {
        0..=8 => {
            let whole = exponent as usize + 1;
            let padded = format!("{digits:0<whole$}");
            out.push_str(&padded[..whole]);
            if padded.len() > whole {
                let _ = write!(out, ".{}", &padded[whole..]);
            }
        }
        -4..=-1 => {
            let _ = write!(out, "0.{}{digits}", "0".repeat((-exponent - 1) as usize));
        }
        _ => {
            let point = if digits.len() > 1 { "." } else { "" };
            let _ = write!(out, "{}{point}{}e{exponent}", &digits[..1], &digits[1..]);
        }
    }
    out
}
