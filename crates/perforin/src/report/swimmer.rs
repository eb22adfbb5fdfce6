//! Patients as lanes over time, with what happened when.

use std::fmt::Write;

use super::chart::Axis;
use super::data::Data;
use super::heatmap::clipped;
use super::html::escape;
use super::shown;
use crate::table::number;

const WIDTH: f64 = 690.0;
const LEFT: f64 = 120.0;
const RIGHT: f64 = 24.0;
const ROW: f64 = 13.0;
const HEAD: f64 = 26.0;
const FOOT: f64 = 44.0;

/// A stretch of a lane.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// Days from and to.
    pub days: (f64, f64),
    /// Number of its colour in the page's style.
    pub colour: usize,
    /// What it is; shown when pointed at.
    pub name: String,
}

/// A patient.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// Name.
    pub name: String,
    /// Stretches in order.
    pub stretches: Vec<Stretch>,
    /// Whether the patient goes on at the end, which an arrow marks.
    pub goes_on: bool,
}

/// A swimmer plot.
#[derive(Clone, Debug, PartialEq)]
pub struct Swimmer {
    /// What it shows, for readers who do not see it.
    pub alt: String,
    /// Meaning of the colours.
    pub legend: Vec<(usize, String)>,
    /// Patients.
    pub lanes: Vec<Lane>,
}

impl Swimmer {
    /// The plot as an SVG element.
    pub fn svg(&self) -> String {
        let mut data = Self::data();
        self.rows(&mut data);
        self.drawn(0.0) + &data.element() + "</svg>\n"
    }

    fn axis(&self) -> Axis {
        let ends = self.lanes.iter().flat_map(|lane| &lane.stretches).map(|stretch| stretch.days.1);
        Axis::linear(0.0, ends.fold(0.0, f64::max), (LEFT, WIDTH - RIGHT), 6)
    }

    /// Where a day of a lane lies.
    pub(super) fn place(&self, lane: usize, day: f64) -> (f64, f64) {
        (self.axis().at(day), HEAD + ROW * (lane as f64 + 0.5))
    }

    /// Height of the plot.
    pub(super) fn height(&self) -> f64 {
        HEAD + ROW * self.lanes.len() as f64 + FOOT
    }

    /// The plot without its table and its end, with room below.
    pub(super) fn drawn(&self, room: f64) -> String {
        let height = self.height();
        let foot = height - FOOT;
        let whole = height + room;
        let x = self.axis();
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {whole}\" role=\"img\" aria-label=\"{}\">\n",
            escape(&self.alt)
        );
        let mut at = LEFT;
        for (colour, name) in &self.legend {
            let (colour, name) = (colour % 6, escape(name));
            let _ =
                writeln!(svg, "<rect class=\"f{colour}\" x=\"{at:.1}\" y=\"6\" width=\"10\" height=\"10\"/>");
            let _ = writeln!(svg, "<text x=\"{:.1}\" y=\"15\">{name}</text>", at + 14.0);
            at += 26.0 + 7.0 * name.chars().count() as f64;
        }
        for tick in &x.ticks {
            let (at, text, below) = (x.at(*tick), shown(*tick), foot + 18.0);
            let _ = writeln!(svg, "<path class=\"grid\" d=\"M{at:.1} {HEAD}V{foot}\"/>");
            let _ = writeln!(svg, "<text x=\"{at:.1}\" y=\"{below}\" text-anchor=\"middle\">{text}</text>");
        }
        for (i, lane) in self.lanes.iter().enumerate() {
            draw_lane(&mut svg, lane, HEAD + ROW * i as f64, &x);
        }
        let middle = 0.5 * (LEFT + WIDTH - RIGHT);
        let _ =
            writeln!(svg, "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">day</text>", height - 8.0);
        svg
    }

    /// An empty table of the plot.
    pub(super) fn data() -> Data {
        Data::new(["lane", "from_day", "to_day", "what", "goes_on"])
    }

    /// Adds the stretches to a table.
    pub(super) fn rows(&self, data: &mut Data) {
        for lane in &self.lanes {
            for stretch in &lane.stretches {
                let (from, to) = stretch.days;
                data.row([&lane.name, &number(from), &number(to), &stretch.name, &lane.goes_on.to_string()]);
            }
        }
    }
}

fn draw_lane(svg: &mut String, lane: &Lane, top: f64, x: &Axis) {
    let (left, middle) = (LEFT - 8.0, top + 0.5 * ROW);
    let name = escape(&clipped(&lane.name, 16));
    let _ = writeln!(svg, "<text x=\"{left}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>", middle + 4.0);
    for stretch in &lane.stretches {
        let (from, to) = (x.at(stretch.days.0), x.at(stretch.days.1));
        let _ = writeln!(
            svg,
            "<rect class=\"f{}\" x=\"{from:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"><title>{}: {}</title></rect>",
            stretch.colour % 6,
            top + 2.0,
            (to - from).max(0.5),
            ROW - 4.0,
            escape(&lane.name),
            escape(&stretch.name)
        );
    }
    if let Some(end) = lane.stretches.last().filter(|_| lane.goes_on) {
        let at = x.at(end.days.1) + 3.0;
        let _ = writeln!(
            svg,
            "<path class=\"axis\" d=\"M{at:.1} {middle:.1}h9m-4 -3l4 3l-4 3\"><title>goes on</title></path>"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_shows_its_stretches_and_whether_it_goes_on() {
        let stretch = |from, to, colour| Stretch { days: (from, to), colour, name: "PR".into() };
        let lane = |goes_on| Lane {
            name: "patient 1".into(),
            stretches: vec![stretch(0.0, 42.0, 4), stretch(42.0, 84.0, 0)],
            goes_on,
        };
        let plot = Swimmer {
            alt: String::new(),
            legend: vec![(0, "PR".into())],
            lanes: vec![lane(true), lane(false)],
        };
        let svg = plot.svg();
        assert_eq!(svg.matches("<title>patient 1: PR").count(), 4);
        assert_eq!(svg.matches("goes on").count(), 1);
    }
}
