//! A swimmer plot with marks on its lanes: what happened on a day.

use std::fmt::Write;

use super::html::escape;
use super::swimmer::Swimmer;
use crate::table::number;

/// Height of the legend of marks.
const ROW: f64 = 16.0;
/// Place of its first entry.
const LEFT: f64 = 120.0;

/// A shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Triangle.
    Triangle,
    /// Filled circle.
    Circle,
    /// Open circle.
    Ring,
    /// Square.
    Square,
    /// Diamond.
    Diamond,
    /// Cross.
    Cross,
}

/// Something that happened on a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Milestone {
    /// Lane, from 0.
    pub lane: usize,
    /// Day.
    pub day: f64,
    /// Shape that marks it.
    pub shape: Shape,
    /// What it is; shown when pointed at.
    pub name: String,
}

/// A swimmer plot with marks.
#[derive(Clone, Debug, PartialEq)]
pub struct Milestones {
    /// The lanes.
    pub swimmer: Swimmer,
    /// Meaning of the shapes.
    pub shapes: Vec<(Shape, String)>,
    /// The marks.
    pub marks: Vec<Milestone>,
}

impl Milestones {
    /// The plot as an SVG element.
    pub fn svg(&self) -> String {
        let mut svg = self.swimmer.drawn(ROW);
        for mark in &self.marks {
            let place = self.swimmer.place(mark.lane, mark.day);
            draw(&mut svg, mark.shape, place, &format!("day {:.0}: {}", mark.day, mark.name));
        }
        let mut at = LEFT;
        let foot = self.swimmer.height() + ROW - 5.0;
        for (shape, name) in &self.shapes {
            draw(&mut svg, *shape, (at + 5.0, foot - 4.0), name);
            let _ = writeln!(svg, "<text x=\"{:.1}\" y=\"{foot:.1}\">{}</text>", at + 14.0, escape(name));
            at += 26.0 + 7.0 * name.chars().count() as f64;
        }
        let mut data = Swimmer::data();
        self.swimmer.rows(&mut data);
        for mark in &self.marks {
            let lane = self.swimmer.lanes.get(mark.lane).map_or("", |lane| &lane.name);
            let day = number(mark.day);
            data.row([lane, &day, &day, &mark.name, ""]);
        }
        svg + &data.element() + "</svg>\n"
    }
}

fn draw(svg: &mut String, shape: Shape, (x, y): (f64, f64), name: &str) {
    let path = match shape {
        Shape::Triangle => format!("M{:.1} {:.1}l4 8h-8z", x, y - 4.5),
        Shape::Circle => format!("M{:.1} {y:.1}a3.6 3.6 0 1 0 7.2 0a3.6 3.6 0 1 0 -7.2 0z", x - 3.6),
        Shape::Ring => format!("M{:.1} {y:.1}a3.4 3.4 0 1 0 6.8 0a3.4 3.4 0 1 0 -6.8 0", x - 3.4),
        Shape::Square => format!("M{:.1} {:.1}h6.4v6.4h-6.4z", x - 3.2, y - 3.2),
        Shape::Diamond => format!("M{x:.1} {:.1}l4.6 4.6l-4.6 4.6l-4.6 -4.6z", y - 4.6),
        Shape::Cross => format!("M{:.1} {:.1}l7 7m0 -7l-7 7", x - 3.5, y - 3.5),
    };
    let style = match shape {
        Shape::Diamond => "class=\"f1 mark\"",
        Shape::Circle => "class=\"f3 mark\"",
        Shape::Triangle | Shape::Square => "fill=\"currentColor\"",
        Shape::Cross | Shape::Ring => "fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.8\"",
    };
    let _ = writeln!(svg, "<path {style} d=\"{path}\"><title>{}</title></path>", escape(name));
}

#[cfg(test)]
mod tests {
    use super::super::swimmer::{Lane, Stretch};
    use super::*;

    #[test]
    fn a_mark_lies_on_its_lane_and_day_and_stands_in_the_table() {
        let stretch = Stretch { days: (0.0, 100.0), colour: 0, name: "followed".into() };
        let lane = |name: &str| Lane { name: name.into(), stretches: vec![stretch.clone()], goes_on: false };
        let swimmer =
            Swimmer { alt: String::new(), legend: Vec::new(), lanes: vec![lane("one"), lane("two")] };
        let (start, end) = (swimmer.place(0, 0.0), swimmer.place(1, 100.0));
        let middle = swimmer.place(0, 50.0);
        assert!((middle.0 - 0.5 * (start.0 + end.0)).abs() < 1e-9 && end.1 > middle.1);
        let mark = Milestone { lane: 1, day: 50.0, shape: Shape::Cross, name: "death".into() };
        let plot = Milestones { swimmer, shapes: vec![(Shape::Cross, "death".into())], marks: vec![mark] };
        let svg = plot.svg();
        assert_eq!(svg.matches("day 50: death").count(), 1);
        let (_, table) = super::super::data::parted(&svg);
        assert!(table.is_some());
    }
}
