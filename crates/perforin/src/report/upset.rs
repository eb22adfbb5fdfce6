//! Which of several sets go together: combinations as columns of dots, their shares as bars above (an `UpSet` plot,
//! Lex 2014, doi 10.1109/TVCG.2014.2346248).

use std::fmt::Write;

use super::data::Data;
use super::heatmap::clipped;
use super::html::escape;
use crate::table::number;

const WIDTH: f64 = 690.0;
const LEFT: f64 = 150.0;
const TOP: f64 = 16.0;
const BARS: f64 = 130.0;
const ROW: f64 = 22.0;
/// Combinations shown at most.
const MOST: usize = 24;

/// A combination of sets.
#[derive(Clone, Debug, PartialEq)]
pub struct Combination {
    /// Bit i: the i-th set.
    pub sets: usize,
    /// Shares of the populations that are compared, such as malignant and normal cells.
    pub shares: Vec<f64>,
}

/// An `UpSet` plot.
#[derive(Clone, Debug, PartialEq)]
pub struct UpSet {
    /// What it shows, for readers who do not see it.
    pub alt: String,
    /// Names of the sets.
    pub sets: Vec<String>,
    /// Names of the populations, in the order of their colours.
    pub populations: Vec<String>,
    /// Combinations, the first shown leftmost.
    pub combinations: Vec<Combination>,
}

impl UpSet {
    /// The plot as an SVG element.
    pub fn svg(&self) -> String {
        let shown = &self.combinations[..self.combinations.len().min(MOST)];
        let rows = TOP + BARS + 16.0;
        let height = rows + ROW * self.sets.len() as f64;
        let step = ((WIDTH - LEFT) / shown.len().max(1) as f64).min(48.0);
        let largest = shown.iter().flat_map(|c| &c.shares).copied().fold(0.01, f64::max);
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">\n",
            escape(&self.alt)
        );
        self.draw_names(&mut svg, rows);
        for (i, combination) in shown.iter().enumerate() {
            let left = LEFT + step * i as f64;
            self.draw_bars(&mut svg, combination, left, step, largest);
            self.draw_dots(&mut svg, combination, left + 0.4 * step, rows);
        }
        svg + &self.data(shown) + "</svg>\n"
    }

    fn data(&self, shown: &[Combination]) -> String {
        let names = self.sets.iter().chain(&self.populations).map(String::as_str);
        let mut data = Data::new(names);
        for combination in shown {
            let held = (0..self.sets.len()).map(|i| (combination.sets >> i & 1).to_string());
            data.row(held.chain(combination.shares.iter().map(|share| number(*share))));
        }
        data.element()
    }

    fn draw_names(&self, svg: &mut String, rows: f64) {
        for (i, name) in self.sets.iter().enumerate() {
            let _ = writeln!(
                svg,
                "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 10.0,
                rows + ROW * i as f64 + 4.0,
                escape(&clipped(name, 20))
            );
        }
        for (i, name) in self.populations.iter().enumerate() {
            let _ = writeln!(
                svg,
                "<text class=\"label t{i}\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 10.0,
                TOP + 30.0 + 18.0 * i as f64,
                escape(name)
            );
        }
        let foot = TOP + BARS;
        let _ = writeln!(svg, "<path class=\"axis\" d=\"M{LEFT} {foot}H{WIDTH}\"/>");
    }

    fn draw_bars(&self, svg: &mut String, combination: &Combination, left: f64, step: f64, largest: f64) {
        let width = 0.8 * step / combination.shares.len().max(1) as f64;
        for (i, share) in combination.shares.iter().enumerate() {
            let height = BARS * share / largest;
            let (x, y) = (left + width * i as f64, TOP + BARS - height);
            let population = self.populations.get(i).map_or("", String::as_str);
            let _ = writeln!(
                svg,
                "<rect class=\"f{i}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\">\
                 <title>{}: {:.1} %</title></rect>",
                escape(population),
                100.0 * share
            );
        }
        if step > 30.0 {
            let share = combination.shares.first().copied().unwrap_or(0.0);
            let y = TOP + BARS * (1.0 - share / largest) - 3.0;
            let _ = writeln!(svg, "<text x=\"{left:.1}\" y=\"{y:.1}\">{:.0} %</text>", 100.0 * share);
        }
    }

    fn draw_dots(&self, svg: &mut String, combination: &Combination, x: f64, rows: f64) {
        let held: Vec<usize> = (0..self.sets.len()).filter(|i| combination.sets >> i & 1 == 1).collect();
        if let (Some(first), Some(last)) = (held.first(), held.last()) {
            let (from, to) = (rows + ROW * *first as f64, rows + ROW * *last as f64);
            let _ = writeln!(svg, "<path class=\"axis\" d=\"M{x:.1} {from:.1}V{to:.1}\"/>");
        }
        for i in 0..self.sets.len() {
            let class = if held.contains(&i) { "on" } else { "off" };
            let y = rows + ROW * i as f64;
            let _ = writeln!(svg, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\"/>");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_combination_has_a_filled_dot_for_each_of_its_sets() {
        let combination = |sets, share| Combination { sets, shares: vec![share, 0.1] };
        let plot = UpSet {
            alt: "a".into(),
            sets: vec!["A".into(), "B".into(), "C".into()],
            populations: vec!["malignant".into(), "normal".into()],
            combinations: vec![combination(0b101, 0.6), combination(0, 0.3)],
        };
        let svg = plot.svg();
        assert_eq!((svg.matches("class=\"on\"").count(), svg.matches("class=\"off\"").count()), (2, 4));
        // The largest share has the full height.
        assert!(svg.contains("height=\"130.0\""), "{svg}");
    }
}
