//! Shares in a grid of rows and columns, by shade.

use std::fmt::Write;

use super::data;
use super::html::escape;

const WIDTH: f64 = 690.0;
const LEFT: f64 = 224.0;
const ROW: f64 = 20.0;
const HEAD: f64 = 96.0;
/// Room to the right for the slanting name of the last column.
const NAME_END: f64 = 56.0;
/// Darkest share on which numbers are written in ink.
const LIGHT: f64 = 0.7;
/// More columns than these have no room for names.
const NAMED_COLUMNS: usize = 36;
/// More columns than these have no room for numbers.
const NUMBERED_COLUMNS: usize = 14;

/// A heat map of shares from 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Heatmap {
    /// What it shows, for readers who do not see it.
    pub alt: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows: name, and a share for every column.
    pub rows: Vec<(String, Vec<f64>)>,
}

impl Heatmap {
    /// The map as an SVG element.
    pub fn svg(&self) -> String {
        let is_named = self.columns.len() <= NAMED_COLUMNS;
        let (head, end) = if is_named { (HEAD, NAME_END) } else { (8.0, 0.0) };
        let height = head + ROW * self.rows.len() as f64 + 4.0;
        let step = (WIDTH - LEFT - end) / self.columns.len().max(1) as f64;
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">\n",
            escape(&self.alt)
        );
        if is_named {
            for (i, name) in self.columns.iter().enumerate() {
                let _ = writeln!(
                    svg,
                    "<text transform=\"translate({:.1} {}) rotate(-50)\">{}</text>",
                    LEFT + step * (i as f64 + 0.5),
                    head - 6.0,
                    escape(&clipped(name, 16))
                );
            }
        }
        for (i, (name, shares)) in self.rows.iter().enumerate() {
            self.draw_row(&mut svg, head + ROW * i as f64, step, name, shares);
        }
        let shares = self.rows.iter().map(|(name, shares)| (name, shares.iter().copied()));
        svg + &data::of_grid(&self.columns, shares) + "</svg>\n"
    }

    fn draw_row(&self, svg: &mut String, top: f64, step: f64, name: &str, shares: &[f64]) {
        let baseline = top + 14.0;
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{baseline:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 8.0,
            escape(&clipped(name, 30))
        );
        for (i, share) in shares.iter().enumerate() {
            let left = LEFT + step * i as f64;
            let column = self.columns.get(i).map_or("", String::as_str);
            let _ = writeln!(
                svg,
                "<rect class=\"f0\" fill-opacity=\"{share:.3}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.2}\" \
                 height=\"{}\"><title>{}, {}: {:.1} %</title></rect>",
                (step - 1.0).max(0.6 * step),
                ROW - 1.0,
                escape(name),
                escape(column),
                100.0 * share
            );
            if self.columns.len() <= NUMBERED_COLUMNS {
                let class = if *share > LIGHT { "over" } else { "on" };
                let middle = left + 0.5 * step;
                let _ = writeln!(
                    svg,
                    "<text class=\"{class}\" x=\"{middle:.1}\" y=\"{baseline:.1}\" text-anchor=\"middle\">{:.0}</text>",
                    100.0 * share
                );
            }
        }
    }
}

/// The start of a name that is longer than there is room for.
pub(super) fn clipped(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    name.chars().take(most - 1).chain(std::iter::once('…')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_share_has_a_shade_and_is_told_when_pointed_at() {
        let map = Heatmap {
            alt: "a".into(),
            columns: vec!["P1".into(), "P2".into()],
            rows: vec![("A & !B".into(), vec![0.25, 1.0])],
        };
        let svg = map.svg();
        assert!(
            svg.contains("fill-opacity=\"0.250\"") && svg.contains("<title>A &amp; !B, P2: 100.0 %</title>")
        );
        assert_eq!(clipped("abcdef", 4), "abc…");
    }
}
