//! The answer in words.

use crate::effort::most_limiting;

use super::{Normal, Product, RULES, Summary, Tumour, Verdict};

/// What the answer is, and is not, good for.
pub const HONESTY: &str = "\
This is a simulated hypothesis for ranking designs and planning experiments, not for treating a patient: no time \
course of engineered T cells inside a solid tumour of a patient has been published to check it against, and one run \
is one draw of chance.";

/// The answer as a few paragraphs of plain text, with its limits.
pub fn in_words(summary: &Summary) -> String {
    let mut paragraphs = vec![format!("{} {}", summary.verdict.headline(), tumour(summary))];
    paragraphs.extend(summary.product.as_ref().map(|p| product(p, &summary.tumour)));
    if summary.verdict != Verdict::Cleared {
        paragraphs.extend(most_limiting(&summary.limits));
    }
    paragraphs.extend(summary.normal.as_ref().filter(|n| n.start > 0.0).map(normal));
    paragraphs.push(HONESTY.to_owned());
    paragraphs.join("\n\n") + "\n"
}

/// The answer with the rules that decided it.
pub fn in_full(summary: &Summary) -> String {
    format!("{}\nHow this is decided: {RULES}\n", in_words(summary))
}

fn tumour(summary: &Summary) -> String {
    let t = &summary.tumour;
    let share = |n: f64| if t.start > 0.0 { format!(" ({})", per_cent(n / t.start)) } else { String::new() };
    let start = format!("It begins with {} live tumour cells", grouped(t.start));
    let end_day = rounded(summary.duration);
    let course = if summary.verdict == Verdict::Cleared {
        format!("{start}; the last one dies by day {}.", rounded(t.nadir_day))
    } else if t.nadir < t.start && t.nadir < t.end {
        let (nadir, end) = (grouped(t.nadir) + &share(t.nadir), grouped(t.end) + &share(t.end));
        format!("{start}, falls to {nadir} on day {}, and has {end} on day {end_day}.", rounded(t.nadir_day))
    } else {
        format!("{start} and has {}{} on day {end_day}.", grouped(t.end), share(t.end))
    };
    let unrecognised = match (t.unrecognised_start, t.unrecognised_end) {
        (Some(start), Some(end)) => format!(
            " Of them the product does not recognise {} at the start and {} at the end.",
            per_cent(start),
            per_cent(end)
        ),
        (Some(start), None) => format!(" Of them the product did not recognise {}.", per_cent(start)),
        _ => String::new(),
    };
    course + &unrecognised
}

fn product(p: &Product, tumour: &Tumour) -> String {
    let enter = format!("{} product cells enter; at", grouped(p.arrived));
    // Cells that are placed at the start never enter.
    let start = if p.arrived > 0.0 { enter.as_str() } else { "Of the product at" };
    let arrived =
        format!("{start} most {} are alive at once (day {}).", grouped(p.peak), rounded(p.peak_day));
    match p.kills_per_cell_day {
        Some(rate) => {
            let kills = grouped(tumour.killed);
            format!(
                "{arrived} They kill {kills} tumour cells: {} kills per product cell and day.",
                rounded(rate)
            )
        }
        None => arrived,
    }
}

fn normal(n: &Normal) -> String {
    format!(
        "Of {} healthy cells beside the tumour the product kills {} ({}).",
        grouped(n.start),
        grouped(n.killed),
        per_cent(n.killed_share.unwrap_or(0.0))
    )
}

/// A count with its thousands grouped: `12,345`.
pub fn grouped(count: f64) -> String {
    let digits = format!("{:.0}", count.abs());
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if count <= -0.5 { format!("-{text}") } else { text }
}

/// A share in per cent with two significant digits below ten: `0.12 %`, `1.2 %`, `12 %`.
pub fn per_cent(share: f64) -> String {
    format!("{} %", rounded(100.0 * share))
}

/// A number with two significant digits, or to the unit where it is larger.
pub fn rounded(value: f64) -> String {
    let size = value.abs();
    // A number that reads as round should be round: 10 and not 10.0.
    let digits = match size {
        s if s >= 9.95 => 0,
        s if s >= 0.995 => 1,
        s if s >= 0.0995 => 2,
        s if s >= 0.000_995 => 4,
        _ => 0,
    };
    match size {
        0.0 => "0".into(),
        s if s < 0.000_995 => format!("{value:.1e}"),
        s if s >= 10_000.0 => grouped(value),
        _ => {
            let text = format!("{value:.digits$}");
            if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
        }
    }
}
