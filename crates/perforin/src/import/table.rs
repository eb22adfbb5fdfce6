//! Cells in a table of text.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use csv::{ReaderBuilder, StringRecord};
use flate2::read::MultiGzDecoder;
use perforin_core::study::scene::ImportSection;

use super::{ImportError, RawCell, TYPE_COLUMN};

/// The cells of a table, and the number of their coordinates.
pub(super) fn read(
    section: &ImportSection,
    path: &Path,
    separator: u8,
) -> Result<(Vec<RawCell>, usize), ImportError> {
    let file = File::open(path).map_err(|source| ImportError::Unreadable { path: path.into(), source })?;
    let is_packed = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gz"));
    let file = BufReader::new(file);
    let content: Box<dyn Read> = if is_packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let broken = |source| ImportError::Line { path: path.into(), source };
    let mut reader = ReaderBuilder::new().delimiter(separator).trim(csv::Trim::All).from_reader(content);
    let header = Header::of(section, path, reader.headers().map_err(broken)?)?;
    let mut cells = Vec::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        cells.push(header.cell(path, &record)?);
    }
    Ok((cells, header.coordinates.len()))
}

/// Where the columns are.
struct Header {
    names: Vec<String>,
    coordinates: Vec<usize>,
    label: usize,
    values: Vec<usize>,
}

impl Header {
    fn of(section: &ImportSection, path: &Path, header: &StringRecord) -> Result<Self, ImportError> {
        // Spreadsheets begin a file with a byte-order mark.
        let names: Vec<String> =
            header.iter().map(|name| name.trim_start_matches('\u{feff}').trim().to_owned()).collect();
        let find = |column: &str, purpose: &'static str| {
            let places: Vec<usize> = (0..names.len()).filter(|i| names[*i] == column).collect();
            match places[..] {
                [place] => Ok(place),
                _ => Err(ImportError::Column {
                    path: path.into(),
                    column: column.into(),
                    found: places.len(),
                    purpose,
                    columns: names.clone(),
                }),
            }
        };
        let mut coordinates = vec![find("x", "coordinates")?, find("y", "coordinates")?];
        if names.iter().any(|name| name == "z") {
            coordinates.push(find("z", "coordinates")?);
        }
        let label = find(section.type_column.as_deref().unwrap_or(TYPE_COLUMN), "cell types")?;
        let values: Result<_, _> =
            section.antigen.values().map(|antigen| find(&antigen.from, "an antigen")).collect();
        Ok(Self { coordinates, label, values: values?, names })
    }

    fn cell(&self, path: &Path, record: &StringRecord) -> Result<RawCell, ImportError> {
        let line = record.position().map_or(0, csv::Position::line);
        let place = format!("line {line}");
        let number = |column: usize| {
            let field = record.get(column).unwrap_or_default();
            field.parse::<f64>().map_err(|_| ImportError::Number {
                path: path.into(),
                place: place.clone(),
                column: self.names[column].clone(),
                found: field.chars().take(40).collect(),
                expected: "a number",
            })
        };
        let mut coordinates = [0.0; 3];
        for (coordinate, column) in coordinates.iter_mut().zip(&self.coordinates) {
            *coordinate = number(*column)?;
        }
        let values = self.values.iter().map(|column| number(*column)).collect::<Result<_, _>>()?;
        let label = record.get(self.label).unwrap_or_default().to_owned();
        Ok(RawCell { place, label, coordinates, values })
    }
}
