//! The numbers behind a figure: a CSV table that travels with the figure, so that the page offers it without a network
//! and `perforin export --to figures` writes it beside the picture.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::table::number;

/// Where a drawing carries its table; the caption takes it from there.
const OPEN: &str = "<metadata>";
const CLOSE: &str = "</metadata>\n";
/// How the link to a table begins.
const LINK: &str = "data:text/csv;charset=utf-8;base64,";

/// A table under construction.
#[derive(Debug)]
pub struct Data {
    writer: csv::Writer<Vec<u8>>,
}

impl Data {
    /// A table with its line of names.
    pub fn new<C: AsRef<[u8]>>(head: impl IntoIterator<Item = C>) -> Self {
        let mut data = Self { writer: csv::WriterBuilder::new().flexible(true).from_writer(Vec::new()) };
        data.row(head);
        data
    }

    /// Adds a row.
    pub fn row<C: AsRef<[u8]>>(&mut self, cells: impl IntoIterator<Item = C>) {
        // Memory does not fail, and rows may have any length.
        let _ = self.writer.write_record(cells);
    }

    /// The table as a part of a drawing.
    pub fn element(self) -> String {
        let bytes = self.writer.into_inner().unwrap_or_default();
        format!("{OPEN}{}{CLOSE}", STANDARD.encode(bytes))
    }
}

/// A number with at most seven significant digits, for tables of many points that only a picture needs.
pub fn brief(value: f64) -> String {
    number(format!("{value:.6e}").parse().unwrap_or(value))
}

/// A grid of numbers as a part of a drawing: a line for each row, with the names of the columns above.
pub fn of_grid<'a>(
    columns: &[String],
    rows: impl Iterator<Item = (&'a String, impl Iterator<Item = f64>)>,
) -> String {
    let mut data = Data::new(std::iter::once("row").chain(columns.iter().map(String::as_str)));
    for (name, values) in rows {
        data.row(std::iter::once(name.clone()).chain(values.map(number)));
    }
    data.element()
}

/// A drawing without its table, and a link to the table.
pub fn parted(svg: &str) -> (String, Option<String>) {
    let parts = svg.split_once(OPEN).and_then(|(before, rest)| Some((before, rest.split_once(CLOSE)?)));
    match parts {
        Some((before, (table, after))) => (format!("{before}{after}"), Some(format!("{LINK}{table}"))),
        None => (svg.to_owned(), None),
    }
}

/// The table that a link holds.
pub fn linked(link: &str) -> Option<Vec<u8>> {
    STANDARD.decode(link.strip_prefix(LINK)?).ok()
}

/// A name for a file: letters and digits of a title, with hyphens between its words.
pub fn file_name(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
    name.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_leaves_its_drawing_and_is_read_back_from_the_link() {
        let mut data = Data::new(["a, b", "c"]);
        data.row(["1", "\"x\""]);
        let (svg, link) = parted(&format!("<svg>\n<path/>\n{}</svg>\n", data.element()));
        assert_eq!(svg, "<svg>\n<path/>\n</svg>\n");
        assert_eq!(linked(&link.unwrap()).unwrap(), b"\"a, b\",c\n1,\"\"\"x\"\"\"\n");
        assert_eq!(parted("<svg></svg>"), ("<svg></svg>".into(), None));
    }

    #[test]
    fn a_title_names_a_file() {
        assert_eq!(file_name("IFN-γ: cells / µL (mean)"), "ifn-cells-l-mean");
    }
}
