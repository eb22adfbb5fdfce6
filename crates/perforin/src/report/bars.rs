//! Horizontal bars: rows of parts that add up, or that stand side by side.

use std::fmt::Write;

use super::chart::Axis;
use super::data::Data;
use super::heatmap::clipped;
use super::html::escape;
use super::shown;
use crate::table::number;

const WIDTH: f64 = 690.0;
const LEFT: f64 = 190.0;
const RIGHT: f64 = 20.0;
const ROW: f64 = 26.0;
const HEAD: f64 = 26.0;
const FOOT: f64 = 44.0;

/// A part of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Length, 0 or more.
    pub value: f64,
    /// Number of its colour in the page's style.
    pub colour: usize,
    /// What it is; shown when pointed at.
    pub name: String,
}

/// A chart of bars.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
    /// What it shows, for readers who do not see it.
    pub alt: String,
    /// Label of the abscissa.
    pub x_label: String,
    /// Whether the parts of a row add up; otherwise they lie below each other.
    pub is_stacked: bool,
    /// Meaning of the colours.
    pub legend: Vec<(usize, String)>,
    /// Rows: name and parts.
    pub rows: Vec<(String, Vec<Part>)>,
}

impl Bars {
    /// The chart as an SVG element.
    pub fn svg(&self) -> String {
        let foot = HEAD + ROW * self.rows.len() as f64;
        let height = foot + FOOT;
        let x = Axis::linear(0.0, self.longest(), (LEFT, WIDTH - RIGHT), 5);
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">\n",
            escape(&self.alt)
        );
        self.draw_legend(&mut svg);
        for tick in &x.ticks {
            let (at, below) = (x.at(*tick), foot + 18.0);
            let _ = writeln!(svg, "<path class=\"grid\" d=\"M{at:.1} {HEAD}V{foot}\"/>");
            let text = shown(*tick);
            let _ = writeln!(svg, "<text x=\"{at:.1}\" y=\"{below}\" text-anchor=\"middle\">{text}</text>");
        }
        for (i, (name, parts)) in self.rows.iter().enumerate() {
            let top = HEAD + ROW * i as f64;
            let _ = writeln!(
                svg,
                "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 8.0,
                top + 0.5 * ROW + 4.0,
                escape(&clipped(name, 28))
            );
            self.draw_row(&mut svg, name, parts, top, &x);
        }
        let middle = 0.5 * (LEFT + WIDTH - RIGHT);
        let label = escape(&self.x_label);
        let _ = writeln!(
            svg,
            "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{label}</text>",
            height - 8.0
        );
        svg + &self.data() + "</svg>\n"
    }

    fn data(&self) -> String {
        let mut data = Data::new(["row", "part", &self.x_label]);
        for (name, parts) in &self.rows {
            for part in parts {
                data.row([name, &part.name, &number(part.value)]);
            }
        }
        data.element()
    }

    fn longest(&self) -> f64 {
        let of_row = |parts: &Vec<Part>| {
            let values = parts.iter().map(|part| part.value);
            if self.is_stacked { values.sum::<f64>() } else { values.fold(0.0, f64::max) }
        };
        self.rows.iter().map(|(_, parts)| of_row(parts)).filter(|v| v.is_finite()).fold(0.0, f64::max)
    }

    fn draw_legend(&self, svg: &mut String) {
        let mut at = LEFT;
        for (colour, name) in &self.legend {
            let (colour, name) = (colour % 6, escape(name));
            let _ =
                writeln!(svg, "<rect class=\"f{colour}\" x=\"{at:.1}\" y=\"6\" width=\"10\" height=\"10\"/>");
            let _ = writeln!(svg, "<text x=\"{:.1}\" y=\"15\">{name}</text>", at + 14.0);
            at += 26.0 + 7.0 * name.chars().count() as f64;
        }
    }

    fn draw_row(&self, svg: &mut String, row: &str, parts: &[Part], top: f64, x: &Axis) {
        let n = if self.is_stacked { 1 } else { parts.len().max(1) };
        let height = 0.8 * ROW / n as f64;
        let mut from = 0.0;
        for (i, part) in parts.iter().enumerate().filter(|(_, part)| part.value > 0.0) {
            let (line, start) = if self.is_stacked { (0, from) } else { (i, 0.0) };
            from += part.value;
            let _ = writeln!(
                svg,
                "<rect class=\"f{}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.2}\" height=\"{height:.1}\"><title>{}, {}: \
                 {}</title></rect>",
                part.colour % 6,
                x.at(start),
                top + 0.1 * ROW + height * line as f64,
                x.at(start + part.value) - x.at(start),
                escape(row),
                escape(&part.name),
                shown(part.value)
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_add_up_begin_where_the_one_before_ends() {
        let part = |value, colour| Part { value, colour, name: "a < b".into() };
        let mut bars = Bars {
            alt: String::new(),
            x_label: "%".into(),
            is_stacked: true,
            legend: vec![(0, "one".into())],
            rows: vec![("row".into(), vec![part(60.0, 0), part(40.0, 1), part(f64::NAN, 2)])],
        };
        let place = |svg: &str, class: &str, key: &str| -> f64 {
            let rect =
                svg.lines().find(|l| l.contains(&format!("<rect class=\"{class}\"")) && l.contains("title"));
            let text = rect.unwrap().split(&format!(" {key}=\"")).nth(1).unwrap();
            text.split('"').next().unwrap().parse().unwrap()
        };
        let svg = bars.svg();
        assert!((place(&svg, "f0", "x") + place(&svg, "f0", "width") - place(&svg, "f1", "x")).abs() < 0.1);
        assert!(svg.contains("a &lt; b") && !svg.contains("NaN"));
        bars.is_stacked = false;
        let svg = bars.svg();
        assert_eq!(place(&svg, "f0", "x"), place(&svg, "f1", "x"));
    }
}
