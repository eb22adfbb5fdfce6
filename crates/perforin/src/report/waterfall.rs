//! Changes of patients, the worst first, as vertical bars about zero.

use std::fmt::Write;

use super::chart::Axis;
use super::data::Data;
use super::html::escape;
use super::shown;
use crate::table::number;

const WIDTH: f64 = 690.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 20.0;

/// A patient.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Change, %.
    pub change: f64,
    /// Number of its colour in the page's style.
    pub colour: usize,
    /// What it is; shown when pointed at.
    pub name: String,
}

/// A waterfall of changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Waterfall {
    /// What it shows, for readers who do not see it.
    pub alt: String,
    /// Label of the ordinate.
    pub y_label: String,
    /// Changes that are marked with a line.
    pub marks: Vec<f64>,
    /// Patients, in any order.
    pub bars: Vec<Bar>,
}

/// Largest change that is drawn in full, %.
const HIGHEST: f64 = 100.0;

impl Waterfall {
    /// The chart as an SVG element.
    pub fn svg(&self) -> String {
        let mut bars: Vec<&Bar> = self.bars.iter().filter(|bar| bar.change.is_finite()).collect();
        bars.sort_by(|a, b| b.change.total_cmp(&a.change));
        let y = Axis::linear(-100.0, HIGHEST, (HEIGHT - BOTTOM, TOP), 4);
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">\n",
            escape(&self.alt)
        );
        let right = WIDTH - RIGHT;
        for tick in &y.ticks {
            let (at, text) = (y.at(*tick), shown(*tick));
            let _ = writeln!(svg, "<path class=\"grid\" d=\"M{LEFT} {at:.1}H{right}\"/>");
            let (left, below) = (LEFT - 8.0, at + 4.0);
            let _ = writeln!(svg, "<text x=\"{left}\" y=\"{below:.1}\" text-anchor=\"end\">{text}</text>");
        }
        let width = (right - LEFT) / bars.len().max(1) as f64;
        for (i, bar) in bars.iter().enumerate() {
            let (zero, end) = (y.at(0.0), y.at(bar.change.min(HIGHEST)));
            let _ = writeln!(
                svg,
                "<rect class=\"f{}\" x=\"{:.2}\" y=\"{:.1}\" width=\"{:.2}\" height=\"{:.1}\"><title>{}: {} \
                 %</title></rect>",
                bar.colour % 6,
                LEFT + width * i as f64,
                zero.min(end),
                0.9 * width.min(40.0),
                (zero - end).abs().max(0.5),
                escape(&bar.name),
                shown(bar.change)
            );
        }
        for mark in &self.marks {
            let at = y.at(*mark);
            let _ = writeln!(svg, "<path class=\"limit\" d=\"M{LEFT} {at:.1}H{right}\"/>");
        }
        let middle = 0.5 * (TOP + HEIGHT - BOTTOM);
        let label = escape(&self.y_label);
        let _ = writeln!(
            svg,
            "<text transform=\"translate(14 {middle}) rotate(-90)\" text-anchor=\"middle\">{label}</text>"
        );
        let mut data = Data::new(["rank", "name", "change_percent"]);
        for (rank, bar) in bars.iter().enumerate() {
            data.row([&(rank + 1).to_string(), &bar.name, &number(bar.change)]);
        }
        svg + &data.element() + "</svg>\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patients_stand_from_the_worst_to_the_best() {
        let bar = |change: f64| Bar { change, colour: 0, name: format!("patient {change}") };
        let waterfall = Waterfall {
            alt: String::new(),
            y_label: "change".into(),
            marks: vec![20.0, -30.0],
            bars: vec![bar(-50.0), bar(300.0), bar(f64::NAN), bar(-100.0), bar(10.0)],
        };
        let svg = waterfall.svg();
        let order: Vec<&str> =
            svg.lines().filter_map(|l| l.split("<title>patient ").nth(1)?.split(':').next()).collect();
        assert_eq!(order, ["300", "10", "-50", "-100"]);
        assert!(!svg.contains("NaN") && svg.matches("limit").count() == 2);
    }
}
