//! A table of decisions as coloured letters.

use std::fmt::Write;

use super::data::Data;
use super::html::escape;

const WIDTH: f64 = 690.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 8.0;
const ROW: f64 = 18.0;
const FOOT: f64 = 40.0;

/// A decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Patients.
    pub column: u32,
    /// Those with a toxicity.
    pub row: u32,
    /// What is written.
    pub letter: &'static str,
    /// Number of its colour in the page's style.
    pub colour: usize,
    /// What is shown when pointed at.
    pub told: &'static str,
}

/// A table of decisions.
#[derive(Clone, Debug, PartialEq)]
pub struct Decisions {
    /// What it shows, for readers who do not see it.
    pub alt: String,
    /// Decisions.
    pub cells: Vec<Cell>,
}

impl Decisions {
    /// The table as an SVG element.
    pub fn svg(&self) -> String {
        let columns = self.cells.iter().map(|cell| cell.column).max().unwrap_or(1);
        let rows = self.cells.iter().map(|cell| cell.row).max().unwrap_or(0) + 1;
        let step = (WIDTH - LEFT - RIGHT) / f64::from(columns);
        let foot = TOP + ROW * f64::from(rows);
        let height = foot + FOOT;
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">\n",
            escape(&self.alt)
        );
        for cell in &self.cells {
            let left = LEFT + step * f64::from(cell.column - 1);
            let top = TOP + ROW * f64::from(cell.row);
            let _ = writeln!(
                svg,
                "<rect class=\"f{}\" fill-opacity=\"0.35\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{}\">\
                 <title>{} of {}: {}</title></rect><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                cell.colour % 6,
                step - 1.0,
                ROW - 1.0,
                cell.row,
                cell.column,
                escape(cell.told),
                left + 0.5 * step,
                top + 13.0,
                escape(cell.letter)
            );
        }
        for row in 0..rows {
            let y = TOP + ROW * f64::from(row) + 13.0;
            let _ =
                writeln!(svg, "<text x=\"{:.1}\" y=\"{y:.1}\" text-anchor=\"end\">{row}</text>", LEFT - 8.0);
        }
        for column in 1..=columns {
            let x = LEFT + step * (f64::from(column) - 0.5);
            let y = foot + 14.0;
            let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{column}</text>");
        }
        let (middle, down) = (0.5 * (LEFT + WIDTH - RIGHT), TOP + 0.5 * (foot - TOP));
        let _ = writeln!(
            svg,
            "<text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">patients at the dose</text><text \
             transform=\"translate(14 {down:.1}) rotate(-90)\" text-anchor=\"middle\">with a toxicity</text>",
            height - 6.0
        );
        svg + &self.data() + "</svg>\n"
    }

    fn data(&self) -> String {
        let mut data = Data::new(["patients", "with_toxicity", "decision", "meaning"]);
        for cell in &self.cells {
            data.row([&cell.column.to_string(), &cell.row.to_string(), cell.letter, cell.told]);
        }
        data.element()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_decision_stands_in_its_cell() {
        let cell = |column, row, letter| Cell { column, row, letter, colour: 0, told: "stay" };
        let table = Decisions { alt: String::new(), cells: vec![cell(1, 0, "E"), cell(3, 2, "S")] };
        let svg = table.svg();
        assert!(svg.contains("<title>2 of 3: stay</title>") && svg.contains(">E</text>"));
        assert_eq!(svg.matches("<rect").count(), 2);
    }
}
