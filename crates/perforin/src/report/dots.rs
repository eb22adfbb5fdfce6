//! Shares as dots: a row per group, a column per property, the dot's area by the share.

use std::fmt::Write;

use super::data;
use super::heatmap::clipped;
use super::html::escape;

const WIDTH: f64 = 690.0;
const LEFT: f64 = 240.0;
const ROW: f64 = 22.0;
const HEAD: f64 = 112.0;
/// Radius of a share of 1.
const RADIUS: f64 = 9.5;

/// A dot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dot {
    /// Share, 0 to 1.
    pub share: f64,
    /// Number of its colour in the page's style.
    pub colour: usize,
}

/// A dot plot.
#[derive(Clone, Debug, PartialEq)]
pub struct Dots {
    /// What it shows, for readers who do not see it.
    pub alt: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows: name, and a dot for every column.
    pub rows: Vec<(String, Vec<Dot>)>,
}

impl Dots {
    /// The plot as an SVG element.
    pub fn svg(&self) -> String {
        let height = HEAD + ROW * self.rows.len() as f64 + 4.0;
        let step = ((WIDTH - LEFT) / self.columns.len().max(1) as f64).min(90.0);
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">\n",
            escape(&self.alt)
        );
        for (i, name) in self.columns.iter().enumerate() {
            let _ = writeln!(
                svg,
                "<text transform=\"translate({:.1} {}) rotate(-50)\">{}</text>",
                LEFT + step * (i as f64 + 0.4),
                HEAD - 6.0,
                escape(&clipped(name, 16))
            );
        }
        for (i, (name, dots)) in self.rows.iter().enumerate() {
            let middle = HEAD + ROW * (i as f64 + 0.5);
            let _ = writeln!(svg, "<path class=\"grid\" d=\"M{LEFT} {middle:.1}H{WIDTH}\"/>");
            let _ = writeln!(
                svg,
                "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 8.0,
                middle + 4.0,
                escape(&clipped(name, 34))
            );
            for (j, dot) in dots.iter().enumerate() {
                let at = LEFT + step * (j as f64 + 0.5);
                let column = self.columns.get(j).map_or("", String::as_str);
                draw_dot(&mut svg, dot, (at, middle), &format!("{name}, {column}"));
            }
        }
        let shares = self.rows.iter().map(|(name, dots)| (name, dots.iter().map(|dot| dot.share)));
        svg + &data::of_grid(&self.columns, shares) + "</svg>\n"
    }
}

fn draw_dot(svg: &mut String, dot: &Dot, (x, y): (f64, f64), what: &str) {
    if !dot.share.is_finite() {
        return;
    }
    let _ = writeln!(
        svg,
        "<circle class=\"f{}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{:.2}\"><title>{}: {:.1} %</title></circle>",
        dot.colour % 6,
        (RADIUS * dot.share.sqrt()).max(0.6),
        escape(what),
        100.0 * dot.share
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_of_a_dot_follows_the_share() {
        let dot = |share| Dot { share, colour: 0 };
        let row = ("lung · club".to_owned(), vec![dot(1.0), dot(0.25), dot(f64::NAN)]);
        let plot =
            Dots { alt: String::new(), columns: vec!["A".into(), "B".into(), "C".into()], rows: vec![row] };
        let svg = plot.svg();
        assert!(svg.contains("r=\"9.50\"") && svg.contains("r=\"4.75\""));
        assert_eq!(svg.matches("<circle").count(), 2);
    }
}
