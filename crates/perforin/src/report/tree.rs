//! A tree whose branches are as high as their shares: what comes first stands at the left.

use std::fmt::Write;

use super::heatmap::clipped;
use super::html::escape;

const WIDTH: f64 = 690.0;
const HEIGHT: f64 = 300.0;
const HEAD: f64 = 20.0;
/// Height of a line of text.
const LINE: f64 = 12.0;
/// Room of a letter.
const LETTER: f64 = 6.6;

/// A branch with what follows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// What is written on it.
    pub name: String,
    /// Number of its colour in the page's style.
    pub colour: usize,
    /// Share of the whole.
    pub share: f64,
    /// What follows, from top to bottom.
    pub next: Vec<Branch>,
}

/// A tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// What it shows, for readers who do not see it.
    pub alt: String,
    /// Names of the stages.
    pub stages: Vec<String>,
    /// What comes first.
    pub first: Vec<Branch>,
}

impl Branch {
    /// Adds a share to the way down through `names` with their colours; branches keep an order by colour and name.
    pub fn add(branches: &mut Vec<Self>, way: &[(String, usize)], share: f64) {
        let Some(((name, colour), rest)) = way.split_first() else { return };
        let key = (*colour, name.as_str());
        let place = branches.binary_search_by(|b| (b.colour, b.name.as_str()).cmp(&key));
        let place = place.unwrap_or_else(|place| {
            let new = Self { name: name.clone(), colour: *colour, share: 0.0, next: Vec::new() };
            branches.insert(place, new);
            place
        });
        branches[place].share += share;
        Self::add(&mut branches[place].next, rest, share);
    }
}

impl Tree {
    /// The tree as an SVG element.
    pub fn svg(&self) -> String {
        let height = HEAD + HEIGHT;
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">\n",
            escape(&self.alt)
        );
        let step = WIDTH / self.stages.len().max(1) as f64;
        for (k, stage) in self.stages.iter().enumerate() {
            let _ = writeln!(svg, "<text x=\"{:.1}\" y=\"13\">{}</text>", step * k as f64, escape(stage));
        }
        draw(&mut svg, &self.first, (0.0, HEAD), step, "");
        svg + "</svg>\n"
    }
}

/// Draws branches below each other from a place on; `before` is the way to them.
fn draw(svg: &mut String, branches: &[Branch], (left, top): (f64, f64), step: f64, before: &str) {
    let mut top = top;
    for branch in branches {
        let height = HEIGHT * branch.share;
        let way =
            if before.is_empty() { branch.name.clone() } else { format!("{before} → {}", branch.name) };
        let _ = writeln!(
            svg,
            "<rect class=\"f{}\" fill-opacity=\"0.35\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" \
             height=\"{:.2}\"><title>{}: {:.1} %</title></rect>",
            branch.colour % 6,
            step - 2.0,
            (height - 1.0).max(0.3 * height),
            escape(&way),
            100.0 * branch.share
        );
        if height >= LINE {
            let text = format!("{}: {:.0} %", branch.name, 100.0 * branch.share);
            let most = ((step - 10.0) / LETTER).max(2.0) as usize;
            let (x, y) = (left + 4.0, top + 0.5 * height + 3.5);
            let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escape(&clipped(&text, most)));
        }
        draw(svg, &branch.next, (left + step, top), step, &way);
        top += height;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_is_as_high_as_what_follows_it() {
        let mut first = Vec::new();
        let way = |names: &[(&str, usize)]| -> Vec<(String, usize)> {
            names.iter().map(|(name, colour)| ((*name).to_owned(), *colour)).collect()
        };
        Branch::add(&mut first, &way(&[("level 1", 0), ("level 2", 1)]), 0.5);
        Branch::add(&mut first, &way(&[("level 1", 0), ("level 1", 0)]), 0.25);
        Branch::add(&mut first, &way(&[("level 1", 0), ("level 2", 1)]), 0.25);
        assert_eq!((first.len(), first[0].share), (1, 1.0));
        let next: Vec<_> = first[0].next.iter().map(|b| (b.name.as_str(), b.share)).collect();
        assert_eq!(next, [("level 1", 0.25), ("level 2", 0.75)]);
        let stages = vec!["first".into(), "second".into()];
        let svg = Tree { alt: String::new(), stages, first }.svg();
        assert!(svg.contains("<title>level 1 → level 2: 75.0 %</title>"));
        assert_eq!(svg.matches("<rect").count(), 3);
    }
}
