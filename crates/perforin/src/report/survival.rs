//! Survival curves with ticks where patients leave, and the numbers at risk below.

use std::fmt::Write;

use super::chart::Axis;
use super::data::Data;
use super::html::escape;
use super::shown;
use crate::table::number;

const WIDTH: f64 = 690.0;
const LEFT: f64 = 130.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 14.0;
const PLOT: f64 = 240.0;
const ROW: f64 = 18.0;
/// Half the width of a digit of the numbers at risk, of which the first stands astride the left edge.
const HALF_DIGIT: f64 = 3.7;

/// A curve.
#[derive(Clone, Debug, PartialEq)]
pub struct SurvivalCurve {
    /// Name.
    pub name: String,
    /// Number of its colour in the page's style.
    pub colour: usize,
    /// Times and shares after each event, ascending.
    pub steps: Vec<(f64, f64)>,
    /// Times at which patients left without event.
    pub censored: Vec<f64>,
    /// Times and patients at risk.
    pub at_risk: Vec<(f64, u32)>,
    /// Latest time.
    pub last: f64,
}

/// A plot of survival curves.
#[derive(Clone, Debug, PartialEq)]
pub struct Survival {
    /// What it shows, for readers who do not see it.
    pub alt: String,
    /// Label of the abscissa.
    pub x_label: String,
    /// Curves.
    pub curves: Vec<SurvivalCurve>,
}

impl Survival {
    /// The plot as an SVG element.
    pub fn svg(&self) -> String {
        let foot = TOP + PLOT;
        let height = foot + 46.0 + ROW * (self.curves.len() as f64 + 1.0);
        let last = self.curves.iter().map(|curve| curve.last).fold(0.0, f64::max);
        let x = Axis::linear(0.0, last, (LEFT, WIDTH - RIGHT), 6);
        let y = Axis::linear(0.0, 1.0, (foot, TOP), 5);
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">\n",
            escape(&self.alt)
        );
        for tick in &y.ticks {
            let at = y.at(*tick);
            let _ = writeln!(
                svg,
                "<path class=\"grid\" d=\"M{LEFT} {at:.1}H{}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                WIDTH - RIGHT,
                LEFT - 8.0,
                at + 4.0,
                shown(*tick)
            );
        }
        for tick in &x.ticks {
            let at = x.at(*tick);
            let _ = writeln!(
                svg,
                "<path class=\"axis\" d=\"M{at:.1} {foot}v5\"/><text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                foot + 18.0,
                shown(*tick)
            );
        }
        let _ = writeln!(
            svg,
            "<text transform=\"translate({:.1} {:.1}) rotate(-90)\" text-anchor=\"middle\">share without the event</text>",
            LEFT - 44.0,
            0.5 * (TOP + foot)
        );
        let middle = 0.5 * (LEFT + WIDTH - RIGHT);
        let _ = writeln!(
            svg,
            "<path class=\"axis\" d=\"M{LEFT} {foot}H{}\"/><text x=\"{middle:.1}\" y=\"{:.1}\" \
             text-anchor=\"middle\">{}</text><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">at risk</text>",
            WIDTH - RIGHT,
            foot + 36.0,
            escape(&self.x_label),
            LEFT - 8.0,
            foot + 36.0
        );
        for (k, curve) in self.curves.iter().enumerate() {
            draw(&mut svg, curve, &x, &y);
            let below = foot + 36.0 + ROW * (k as f64 + 1.0);
            let colour = curve.colour % 6;
            let digits = curve.at_risk.first().map_or(1, |(_, patients)| patients.max(&1).ilog10() + 1);
            let _ = writeln!(
                svg,
                "<text class=\"label t{colour}\" x=\"{:.1}\" y=\"{below:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 10.0 - HALF_DIGIT * f64::from(digits),
                escape(&curve.name)
            );
            for (time, patients) in &curve.at_risk {
                let at = x.at(*time);
                let _ = writeln!(
                    svg,
                    "<text class=\"t{colour}\" x=\"{at:.1}\" y=\"{below:.1}\" text-anchor=\"middle\">{patients}</text>"
                );
            }
        }
        svg + &self.data() + "</svg>\n"
    }

    fn data(&self) -> String {
        let mut data = Data::new(["curve", "what", &self.x_label, "value"]);
        for curve in &self.curves {
            let marks = curve.censored.iter().map(|time| ("censored", *time, String::new()));
            let steps = curve.steps.iter().map(|(time, share)| ("survival", *time, number(*share)));
            let risk = curve.at_risk.iter().map(|(time, n)| ("at risk", *time, n.to_string()));
            for (what, time, value) in steps.chain(marks).chain(risk) {
                data.row([&curve.name, what, &number(time), &value]);
            }
        }
        data.element()
    }
}

fn draw(svg: &mut String, curve: &SurvivalCurve, x: &Axis, y: &Axis) {
    let mut path = format!("M{:.1} {:.1}", x.at(0.0), y.at(1.0));
    for (time, share) in &curve.steps {
        let _ = write!(path, "H{:.1}V{:.1}", x.at(*time), y.at(*share));
    }
    let _ = write!(path, "H{:.1}", x.at(curve.last));
    let colour = curve.colour % 6;
    let name = escape(&curve.name);
    let _ = writeln!(svg, "<path class=\"line s{colour}\" d=\"{path}\"><title>{name}</title></path>");
    let ticks: Vec<String> = curve
        .censored
        .iter()
        .map(|time| {
            let before = curve.steps.iter().rev().find(|(at, _)| at <= time).map_or(1.0, |(_, share)| *share);
            format!("M{:.1} {:.1}v8", x.at(*time), y.at(before) - 4.0)
        })
        .collect();
    let _ = writeln!(svg, "<path class=\"line s{colour} thin\" d=\"{}\"/>", ticks.concat());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_censored_patient_has_a_tick_and_every_count_a_place() {
        let curve = SurvivalCurve {
            name: "control".into(),
            colour: 1,
            steps: vec![(1.0, 0.5)],
            censored: vec![0.5, 2.0],
            at_risk: vec![(0.0, 4), (2.0, 1)],
            last: 2.0,
        };
        let svg = Survival { alt: String::new(), x_label: "day".into(), curves: vec![curve] }.svg();
        assert_eq!(svg.matches("v8").count(), 2);
        assert!(svg.contains(">4</text>") && svg.contains(">1</text>") && !svg.contains("NaN"));
    }
}
