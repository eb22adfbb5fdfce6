//! The catalogue as the guide prints it.

use std::fmt::Write;

use super::{Source, TOPICS};

/// The catalogue as Markdown: one heading and one table per topic.
pub fn markdown() -> String {
    let mut out = String::new();
    for (topic, table) in TOPICS {
        let _ = writeln!(out, "## {topic}\n");
        let _ = writeln!(out, "| parameter | symbol | default | unit | accepted | meaning | source |");
        let _ = writeln!(out, "|---|---|---|---|---|---|---|");
        for p in *table {
            let (name, unit, (lowest, highest)) = (p.name, p.unit, p.range);
            let value = number(p.value);
            let (lowest, highest) = (number(lowest), number(highest));
            let source = source(&p.source);
            let _ = writeln!(
                out,
                "| `{name}` | {} | {value} | {unit} | {lowest} to {highest} | {} | {source} |",
                p.symbol, p.meaning
            );
        }
        out.push('\n');
    }
    out
}

/// Six significant digits at most: a rate such as 1/360 is a repeating fraction.
fn number(value: f64) -> String {
    let rounded: f64 = format!("{value:.5e}").parse().unwrap_or(value);
    if rounded != 0.0 && !(1e-4..1e6).contains(&rounded.abs()) {
        format!("{rounded:e}")
    } else {
        rounded.to_string()
    }
}

fn source(source: &Source) -> String {
    match source {
        Source::Doi { doi, note } => format!("[{note}](https://doi.org/{doi})"),
        Source::Calibrated { doi, note } => format!("calibrated to [{note}](https://doi.org/{doi})"),
        Source::Assumed { reason } => format!("assumed: {reason}"),
    }
}
