//! Line charts as SVG, without scripts; colours come from the page's style.

use std::fmt::Write;

use super::data::{Data, brief};
use super::html::escape;
use super::shown;

const WIDTH: f64 = 690.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = 180.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 44.0;
/// Number of colours of the style.
pub const COLOURS: usize = 6;
/// Points of one line at most; more are not seen.
const POINTS: usize = 800;
/// Counts below one are drawn at this place of a logarithmic axis.
pub const FLOOR: f64 = 0.5;

/// A line of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Name, written at its end.
    pub label: String,
    /// Number of its colour and dash in the page's style.
    pub colour: usize,
    /// Abscissae, rising.
    pub x: Vec<f64>,
    /// Ordinates.
    pub y: Vec<f64>,
}

/// An area between two lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Area {
    /// What it is; shown when pointed at.
    pub label: String,
    /// Number of its colour in the page's style.
    pub colour: usize,
    /// Abscissae, rising.
    pub x: Vec<f64>,
    /// Lower ordinates.
    pub low: Vec<f64>,
    /// Upper ordinates.
    pub high: Vec<f64>,
}

/// A chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Label of the abscissa.
    pub x_label: String,
    /// Label of the ordinate.
    pub y_label: String,
    /// Whether the ordinate is logarithmic; what lies below the floor is then drawn at the foot.
    pub log: bool,
    /// Floor of a logarithmic ordinate; [`FLOOR`] for counts.
    pub floor: f64,
    /// What the chart shows, for readers who do not see it.
    pub alt: String,
    /// Areas, below the lines.
    pub areas: Vec<Area>,
    /// Lines; those without a label have none at their end.
    pub lines: Vec<Line>,
}

impl Chart {
    /// The chart as an SVG element.
    pub fn svg(&self) -> String {
        let (x, y) = (self.x_axis(), self.y_axis());
        // Where days lie, so that the viewer's cursor can be drawn.
        let days = if self.x_label == "day" {
            format!(" data-days=\"{} {LEFT} {} {} {TOP} {}\"", x.low, x.high, WIDTH - RIGHT, HEIGHT - BOTTOM)
        } else {
            String::new()
        };
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\"{days}>\n",
            escape(&self.alt)
        );
        self.draw_axes(&mut svg, &x, &y);
        for area in &self.areas {
            draw_area(&mut svg, area, &x, &y);
        }
        for line in &self.lines {
            draw_line(&mut svg, line, &x, &y);
        }
        self.draw_labels(&mut svg, &y);
        svg + &self.data() + "</svg>\n"
    }

    /// The points that are drawn.
    fn data(&self) -> String {
        let mut data = Data::new(["line", &self.x_label, &self.y_label, "low", "high"]);
        for line in &self.lines {
            for i in drawn(line.x.len()) {
                data.row([&line.label, &brief(line.x[i]), &brief(line.y[i]), "", ""]);
            }
        }
        for area in &self.areas {
            for i in 0..area.x.len() {
                let [x, low, high] = [area.x[i], area.low[i], area.high[i]].map(brief);
                data.row([&area.label, &x, "", &low, &high]);
            }
        }
        data.element()
    }

    fn x_axis(&self) -> Axis {
        let areas = self.areas.iter().flat_map(|a| &a.x);
        let (low, high) = extent(self.lines.iter().flat_map(|l| &l.x).chain(areas).copied());
        Axis::linear(low, high, (LEFT, WIDTH - RIGHT), 6)
    }

    fn y_axis(&self) -> Axis {
        let areas = self.areas.iter().flat_map(|a| a.low.iter().chain(&a.high));
        let (low, high) = extent(self.lines.iter().flat_map(|l| &l.y).chain(areas).copied());
        let place = (HEIGHT - BOTTOM, TOP);
        if self.log {
            Axis::logarithmic(self.floor, high, place)
        } else {
            Axis::linear(low.min(0.0), high, place, 5)
        }
    }

    fn draw_axes(&self, svg: &mut String, x: &Axis, y: &Axis) {
        let (foot, right) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
        for tick in &y.ticks {
            let at = y.at(*tick);
            let _ = writeln!(svg, "<path class=\"grid\" d=\"M{LEFT} {at:.1}H{right}\"/>");
            let text = match *tick {
                tick if !self.log || tick > self.floor => shown(tick),
                _ if self.floor == FLOOR => "0".into(),
                floor => format!("≤ {}", shown(floor)),
            };
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>",
                LEFT - 8.0,
                at + 4.0
            );
        }
        for tick in &x.ticks {
            let (at, below) = (x.at(*tick), foot + 18.0);
            let _ = writeln!(svg, "<path class=\"axis\" d=\"M{at:.1} {foot}v5\"/>");
            let _ = writeln!(
                svg,
                "<text x=\"{at:.1}\" y=\"{below}\" text-anchor=\"middle\">{}</text>",
                shown(*tick)
            );
        }
        let (middle, below) = (0.5 * (LEFT + right), HEIGHT - 6.0);
        let _ = writeln!(svg, "<path class=\"axis\" d=\"M{LEFT} {foot}H{right}\"/>");
        let _ = writeln!(
            svg,
            "<text x=\"{middle}\" y=\"{below}\" text-anchor=\"middle\">{}</text>",
            escape(&self.x_label)
        );
        let middle = 0.5 * (TOP + foot);
        let _ = writeln!(
            svg,
            "<text transform=\"translate(14 {middle}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            escape(&self.y_label)
        );
    }

    /// Each line's name at its end, moved apart where two would overlap.
    fn draw_labels(&self, svg: &mut String, y: &Axis) {
        const STEP: f64 = 15.0;
        let end = |line: &Line| line.y.iter().rev().find(|v| v.is_finite()).map_or(HEIGHT, |v| y.at(*v));
        let named = self.lines.iter().zip(0..).filter(|(line, _)| !line.label.is_empty());
        let mut ends: Vec<(f64, usize)> = named.map(|(line, i)| (end(line), i)).collect();
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        let lowest = HEIGHT - BOTTOM - STEP * ends.len().saturating_sub(1) as f64;
        let mut free = TOP;
        for (rank, (at, i)) in ends.iter().enumerate() {
            let place = at.max(free).min(lowest.max(TOP) + STEP * rank as f64);
            free = place + STEP;
            let _ = writeln!(
                svg,
                "<text class=\"label t{}\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                self.lines[*i].colour % COLOURS,
                WIDTH - RIGHT + 8.0,
                place + 4.0,
                escape(&self.lines[*i].label)
            );
        }
    }
}

fn draw_area(svg: &mut String, area: &Area, x: &Axis, y: &Axis) {
    let known: Vec<usize> =
        (0..area.x.len()).filter(|i| area.low[*i].is_finite() && area.high[*i].is_finite()).collect();
    let mut path = String::new();
    let edges =
        known.iter().map(|i| (*i, area.high[*i])).chain(known.iter().rev().map(|i| (*i, area.low[*i])));
    for (i, value) in edges {
        let pen = if path.is_empty() { 'M' } else { 'L' };
        let _ = write!(path, "{pen}{:.1} {:.1}", x.at(area.x[i]), y.at(value));
    }
    let (colour, label) = (area.colour % COLOURS, escape(&area.label));
    let _ = writeln!(svg, "<path class=\"area f{colour}\" d=\"{path}\"><title>{label}</title></path>");
}

/// Which of so many points are drawn.
fn drawn(points: usize) -> impl Iterator<Item = usize> {
    let (stride, last) = (points.div_ceil(POINTS).max(1), points.saturating_sub(1));
    (0..points).filter(move |i| i % stride == 0 || *i == last)
}

fn draw_line(svg: &mut String, line: &Line, x: &Axis, y: &Axis) {
    let mut path = String::new();
    for i in drawn(line.x.len()) {
        if line.y[i].is_finite() {
            let pen = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{pen}{:.1} {:.1}", x.at(line.x[i]), y.at(line.y[i]));
        }
    }
    // One of many that have no name of their own.
    let thin = if line.label.is_empty() { " thin" } else { "" };
    let _ = writeln!(
        svg,
        "<path class=\"line s{}{thin}\" d=\"{path}\"><title>{}</title></path>",
        line.colour % COLOURS,
        escape(&line.label)
    );
}

/// A scale with its ticks.
pub(super) struct Axis {
    low: f64,
    high: f64,
    log: bool,
    place: (f64, f64),
    /// Values that are marked.
    pub ticks: Vec<f64>,
}

impl Axis {
    /// From `low` to a round number at or above `high`.
    pub fn linear(low: f64, high: f64, place: (f64, f64), ticks: usize) -> Self {
        // A span of denormal numbers has no ticks.
        let span = if high - low > 1e-300 { high - low } else { 1.0 };
        let raw = span / ticks as f64;
        let decade = libm::pow(10.0, libm::floor(libm::log10(raw)));
        let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * decade).into_iter().find(|s| *s >= raw * 0.999);
        let step = step.unwrap_or(raw);
        let first = (low / step - 1e-9).ceil();
        let count = ((low + span) / step + 1e-9).floor() - first;
        let ticks = (0..=count.max(0.0) as usize).map(|k| (first + k as f64) * step).collect();
        Self { low, high: low + span, log: false, place, ticks }
    }

    /// Decades from `floor` to the one at or above `high`.
    pub(super) fn logarithmic(floor: f64, high: f64, place: (f64, f64)) -> Self {
        let first = libm::floor(libm::log10(floor) + 1e-9) as i32 + 1;
        let last = (libm::ceil(libm::log10(high.max(floor)) - 1e-9) as i32).max(first + 1);
        let stride = ((last - first) / 6 + 1) as usize;
        let powers = (first..=last).step_by(stride).map(|k| libm::pow(10.0, f64::from(k)));
        let ticks = std::iter::once(floor).chain(powers).collect();
        Self { low: floor, high: libm::pow(10.0, f64::from(last)), log: true, place, ticks }
    }

    /// Where a value lies.
    pub fn at(&self, value: f64) -> f64 {
        let share = if self.log {
            let value = value.max(self.low);
            libm::log(value / self.low) / libm::log(self.high / self.low)
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.place.0 + share * (self.place.1 - self.place.0)
    }
}

fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let finite = values.filter(|v| v.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if low <= high { (low, high) } else { (0.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside_the_axis() {
        let axis = Axis::linear(0.0, 28.0, (0.0, 100.0), 6);
        assert_eq!(axis.ticks, [0.0, 5.0, 10.0, 15.0, 20.0, 25.0]);
        for high in [0.0, 5e-324, 1e-299, 1.7e308] {
            let axis = Axis::linear(0.0, high, (0.0, 1.0), 5);
            assert!((2..=7).contains(&axis.ticks.len()), "{high}: {:?}", axis.ticks);
        }
        assert_eq!(Axis::linear(0.0, 0.7, (0.0, 1.0), 5).ticks.len(), 4);
        assert_eq!(
            Axis::logarithmic(FLOOR, 2500.0, (0.0, 1.0)).ticks,
            [0.5, 1.0, 10.0, 100.0, 1000.0, 10_000.0]
        );
    }

    #[test]
    fn values_lie_where_the_scale_says() {
        let axis = Axis::logarithmic(FLOOR, 1000.0, (100.0, 0.0));
        assert_eq!(axis.at(0.0), 100.0);
        assert!(axis.at(1000.0).abs() < 1e-9);
        let middle = axis.at((0.5f64 * 1000.0).sqrt());
        // The geometric mean lies in the middle; round-off of two logarithms.
        assert!((middle - 50.0).abs() < 1e-9, "{middle}");
    }

    #[test]
    fn a_chart_is_well_formed_and_says_what_it_shows() {
        let line = |label: &str, y: f64| Line {
            label: label.into(),
            colour: 7,
            x: vec![0.0, 1.0],
            y: vec![y, f64::NAN],
        };
        let chart = Chart {
            x_label: "day".into(),
            y_label: "cells".into(),
            log: true,
            floor: FLOOR,
            alt: "A < B".into(),
            areas: vec![Area {
                label: "nine of ten".into(),
                colour: 1,
                x: vec![0.0, 0.5, 1.0],
                low: vec![1.0, f64::NAN, 2.0],
                high: vec![8.0, 9.0, 1e3],
            }],
            lines: vec![line("one", 5.0), line("two", 5.0)],
        };
        let svg = chart.svg();
        assert!(svg.contains("aria-label=\"A &lt; B\""));
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        let places: Vec<&str> = svg.lines().filter(|l| l.contains("class=\"label")).collect();
        assert_eq!(places.len(), 2);
        assert_ne!(places[0].split("y=").nth(1), places[1].split("y=").nth(1));
    }
}
