//! Points in a plane, with a staircase through those that none dominates.

use std::fmt::Write;

use super::chart::Axis;
use super::data::Data;
use super::html::escape;
use super::shown;
use crate::table::number;

const WIDTH: f64 = 690.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 44.0;

/// A point.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Abscissa.
    pub x: f64,
    /// Ordinate.
    pub y: f64,
    /// Number of its colour in the page's style.
    pub colour: usize,
    /// What it is; shown when pointed at.
    pub name: String,
    /// Whether its name is written beside it.
    pub is_named: bool,
}

/// A scatter plot of shares, both axes from 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Scatter {
    /// Label of the abscissa.
    pub x_label: String,
    /// Label of the ordinate.
    pub y_label: String,
    /// What it shows, for readers who do not see it.
    pub alt: String,
    /// Points.
    pub points: Vec<Point>,
    /// Corners of the front, by rising abscissa.
    pub front: Vec<(f64, f64)>,
    /// A limit on the abscissa.
    pub limit: Option<f64>,
}

impl Scatter {
    /// The plot as an SVG element.
    pub fn svg(&self) -> String {
        let xs = self.points.iter().map(|p| p.x).chain(self.front.iter().map(|p| p.0)).chain(self.limit);
        let x = Axis::linear(0.0, 1.08 * xs.fold(0.01, f64::max), (LEFT, WIDTH - RIGHT), 6);
        let y = Axis::linear(0.0, 1.0, (HEIGHT - BOTTOM, TOP), 5);
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">\n",
            escape(&self.alt)
        );
        self.draw_axes(&mut svg, &x, &y);
        self.draw_front(&mut svg, &x, &y);
        for point in &self.points {
            draw_point(&mut svg, point, &x, &y);
        }
        svg + &self.data() + "</svg>\n"
    }

    fn data(&self) -> String {
        let mut data = Data::new(["mark", "name", &self.x_label, &self.y_label]);
        for point in &self.points {
            data.row(["point", &point.name, &number(point.x), &number(point.y)]);
        }
        for (x, y) in &self.front {
            data.row(["front", "", &number(*x), &number(*y)]);
        }
        if let Some(limit) = self.limit {
            data.row(["limit", "", &number(limit), ""]);
        }
        data.element()
    }

    fn draw_axes(&self, svg: &mut String, x: &Axis, y: &Axis) {
        let (foot, right) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
        for tick in &y.ticks {
            let at = y.at(*tick);
            let _ = writeln!(svg, "<path class=\"grid\" d=\"M{LEFT} {at:.1}H{right}\"/>");
            let (left, below) = (LEFT - 8.0, at + 4.0);
            let _ = writeln!(
                svg,
                "<text x=\"{left}\" y=\"{below:.1}\" text-anchor=\"end\">{}</text>",
                shown(*tick)
            );
        }
        for tick in &x.ticks {
            let (at, below) = (x.at(*tick), foot + 18.0);
            let _ = writeln!(svg, "<path class=\"axis\" d=\"M{at:.1} {foot}v5\"/>");
            let text = shown(*tick);
            let _ = writeln!(svg, "<text x=\"{at:.1}\" y=\"{below}\" text-anchor=\"middle\">{text}</text>");
        }
        if let Some(limit) = self.limit {
            let at = x.at(limit);
            let _ = writeln!(
                svg,
                "<path class=\"limit\" d=\"M{at:.1} {TOP}V{foot}\"><title>limit</title></path>"
            );
        }
        let (middle, below) = (0.5 * (LEFT + right), HEIGHT - 6.0);
        let _ = writeln!(svg, "<path class=\"axis\" d=\"M{LEFT} {foot}H{right}\"/>");
        let label = escape(&self.x_label);
        let _ = writeln!(svg, "<text x=\"{middle}\" y=\"{below}\" text-anchor=\"middle\">{label}</text>");
        let _ = writeln!(
            svg,
            "<text transform=\"translate(16 {}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            0.5 * (TOP + foot),
            escape(&self.y_label)
        );
    }

    /// Between two corners nothing better is known than the left one.
    fn draw_front(&self, svg: &mut String, x: &Axis, y: &Axis) {
        let Some(first) = self.front.first() else { return };
        let mut path = format!("M{:.1} {:.1}", x.at(first.0), y.at(first.1));
        for corner in &self.front[1..] {
            let _ = write!(path, "H{:.1}V{:.1}", x.at(corner.0), y.at(corner.1));
        }
        let _ = writeln!(svg, "<path class=\"line s0\" d=\"{path}\"><title>proven front</title></path>");
    }
}

fn draw_point(svg: &mut String, point: &Point, x: &Axis, y: &Axis) {
    let (at, up, colour) = (x.at(point.x), y.at(point.y), point.colour % 6);
    let name = escape(&point.name);
    let _ = writeln!(
        svg,
        "<circle class=\"mark f{colour}\" cx=\"{at:.1}\" cy=\"{up:.1}\" r=\"4\"><title>{name}</title></circle>"
    );
    if point.is_named {
        // On the side where there is room.
        let (anchor, shift) = if at > 0.6 * WIDTH { ("end", -8.0) } else { ("start", 8.0) };
        let _ = writeln!(
            svg,
            "<text class=\"label t{colour}\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{name}</text>",
            at + shift,
            up - 6.0
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_is_a_staircase_through_its_corners() {
        let plot = Scatter {
            x_label: "hit".into(),
            y_label: "covered".into(),
            alt: "a".into(),
            points: vec![Point { x: 0.1, y: 0.5, colour: 1, name: "A & B".into(), is_named: true }],
            front: vec![(0.0, 0.2), (0.1, 0.5)],
            limit: Some(0.05),
        };
        let svg = plot.svg();
        let front = svg.lines().find(|l| l.contains("proven front")).unwrap();
        // One step to the right, then one up: never a slope.
        assert_eq!((front.matches('H').count(), front.matches('V').count()), (1, 1), "{front}");
        assert!(svg.contains("A &amp; B") && !svg.contains("NaN"));
    }
}
