//! The data frames of `AnnData` files (`obs`, `var`) in every encoding in use.
//!
//! | version | frame | categories |
//! |---|---|---|
//! | ≤ 0.6 | one dataset of records | `uns/<column>_categories` |
//! | 0.7 | group of columns | `__categories/<column>` |
//! | ≥ 0.8 | group of columns | group of `codes` and `categories`; nullable columns: `values` and `mask` |

use hdf5_pure::{CompoundMember, Datatype, DatatypeByteOrder};

use super::Column;
use super::hdf5::{Store, describe};
use super::labels::present;
use crate::error::{AtlasError, Result};

/// A data frame inside a file.
pub struct Frame {
    inside: String,
    /// Names of the columns, without the index.
    pub columns: Vec<String>,
    /// The names of the rows.
    pub index: Vec<String>,
}

impl Frame {
    /// Opens a frame and reads its index.
    pub fn open(store: &Store, inside: &str) -> Result<Self> {
        if store.is_dataset(inside) {
            return Self::open_records(store, inside);
        }
        let name = store.text_attribute(inside, "_index").unwrap_or_else(|| "_index".into());
        let path = format!("{inside}/{name}");
        let index = text_column(store, &path)?;
        let columns = store.children(inside).into_iter().filter(|c| *c != name && c != "__categories");
        Ok(Self { inside: inside.into(), columns: columns.collect(), index })
    }

    fn open_records(store: &Store, inside: &str) -> Result<Self> {
        let records = Records::open(store, inside)?;
        let mut names: Vec<String> = records.members.iter().map(|m| m.name.clone()).collect();
        let Some(at) = names.iter().position(|n| n == "index" || n == "_index") else {
            return Err(store.unexpected(inside, "a field 'index'", format!("fields {names:?}")));
        };
        let index = records.text(store, at)?;
        names.remove(at);
        Ok(Self { inside: inside.into(), columns: names, index })
    }

    /// A column as labels, one per row of the index.
    ///
    /// # Errors
    /// [`AtlasError::MissingColumn`] if it does not exist; an error of the format otherwise.
    pub fn column(&self, store: &Store, name: &str) -> Result<Column> {
        if !self.columns.iter().any(|c| c == name) {
            return Err(AtlasError::MissingColumn {
                path: store.path.clone(),
                column: name.into(),
                available: self.columns.clone(),
            });
        }
        let path = format!("{}/{name}", self.inside);
        let column = if store.is_dataset(&self.inside) {
            let records = Records::open(store, &self.inside)?;
            let at = records.members.iter().position(|m| m.name == name).unwrap_or(0);
            let categories = format!("uns/{name}_categories");
            records.column(store, at, store.is_dataset(&categories).then_some(categories))?
        } else if store.is_group(&path) {
            grouped(store, &path)?
        } else {
            let categories = format!("{}/__categories/{name}", self.inside);
            if store.is_dataset(&categories) {
                categorical(store, &path, &store.integers(&path)?, &categories)?
            } else {
                Column::collect(text_column(store, &path)?.into_iter().map(labelled))
            }
        };
        if column.codes.len() != self.index.len() {
            let expected = format!("{} rows", self.index.len());
            return Err(store.unexpected(&path, expected, column.codes.len().to_string()));
        }
        Ok(column)
    }
}

fn labelled(label: String) -> Option<String> {
    present(&label).then_some(label)
}

/// A categorical or nullable column.
fn grouped(store: &Store, path: &str) -> Result<Column> {
    let part = |name: &str| format!("{path}/{name}");
    if store.is_dataset(&part("codes")) {
        return categorical(store, path, &store.integers(&part("codes"))?, &part("categories"));
    }
    if store.is_dataset(&part("values")) {
        let values = text_column(store, &part("values"))?;
        let mask = store.integers(&part("mask"))?;
        if mask.len() != values.len() {
            return Err(store.unexpected(
                &part("mask"),
                format!("{} rows", values.len()),
                mask.len().to_string(),
            ));
        }
        let label = |(value, hidden): (String, i64)| if hidden == 0 { labelled(value) } else { None };
        return Ok(Column::collect(values.into_iter().zip(mask).map(label)));
    }
    let kind = store.text_attribute(path, "encoding-type").unwrap_or_else(|| "a group".into());
    Err(store.unexpected(path, "a categorical, nullable, text or numeric column", kind))
}

fn categorical(store: &Store, path: &str, codes: &[i64], categories: &str) -> Result<Column> {
    let levels = if store.is_group(categories) {
        text_column(store, &format!("{categories}/values"))?
    } else {
        text_column(store, categories)?
    };
    let codes: Option<Vec<u32>> = codes
        .iter()
        .map(|&code| match code {
            -1 => Some(Column::MISSING),
            _ => u32::try_from(code).ok().filter(|&c| (c as usize) < levels.len()),
        })
        .collect();
    let codes =
        codes.ok_or_else(|| store.unexpected(path, format!("codes below {}", levels.len()), "others"))?;
    Ok(Column { levels, codes })
}

/// A plain column as text: text as it is, booleans as True and False, whole numbers without a fraction.
fn text_column(store: &Store, path: &str) -> Result<Vec<String>> {
    use hdf5_pure::DType;
    // A nullable string array stores its text in a group of its own.
    if store.is_group(path) && store.is_dataset(&format!("{path}/values")) {
        return text_column(store, &format!("{path}/values"));
    }
    let dataset = store.dataset(path)?;
    store.shape::<1>(&dataset, path)?;
    match dataset.dtype() {
        Ok(DType::String | DType::VariableLengthString) => store.strings(path),
        Ok(DType::Enum(members)) => Ok(store
            .integers(path)?
            .into_iter()
            .map(|code| {
                usize::try_from(code).ok().and_then(|i| members.get(i)).map_or(code.to_string(), |m| title(m))
            })
            .collect()),
        Ok(_) => Ok(store.floats(path)?.into_iter().map(number).collect()),
        Err(_) => Err(store.unexpected(path, "text or numbers", describe(&dataset))),
    }
}

fn title(member: &str) -> String {
    match member {
        "FALSE" => "False".into(),
        "TRUE" => "True".into(),
        other => other.into(),
    }
}

fn number(value: f64) -> String {
    value.to_string()
}

/// A dataset of records, as `AnnData` wrote frames before 0.7.
struct Records {
    inside: String,
    members: Vec<CompoundMember>,
    size: usize,
    bytes: Vec<u8>,
}

impl Records {
    fn open(store: &Store, inside: &str) -> Result<Self> {
        let dataset = store.dataset(inside)?;
        store.shape::<1>(&dataset, inside)?;
        let Ok(Datatype::Compound { size, members }) = dataset.datatype() else {
            return Err(store.unexpected(inside, "a frame of columns or records", describe(&dataset)));
        };
        let bytes = store.raw(&dataset, inside)?;
        Ok(Self { inside: inside.into(), members, size: (size as usize).max(1), bytes })
    }

    /// The bytes of one field of every record.
    fn field(&self, at: usize) -> Option<impl Iterator<Item = &[u8]>> {
        let member = &self.members[at];
        let start = usize::try_from(member.byte_offset).ok()?;
        let end = start.checked_add(width(&member.datatype)?)?;
        (end <= self.size).then(|| self.bytes.chunks_exact(self.size).map(move |record| &record[start..end]))
    }

    fn text(&self, store: &Store, at: usize) -> Result<Vec<String>> {
        let member = &self.members[at];
        let values = self.field(at).and_then(|field| {
            field.map(|bytes| decode(bytes, &member.datatype)).collect::<Option<Vec<String>>>()
        });
        let place = format!("{}[{}]", self.inside, member.name);
        values.ok_or_else(|| {
            store.unexpected(&place, "fixed text or numbers", format!("{:?}", member.datatype))
        })
    }

    fn column(&self, store: &Store, at: usize, categories: Option<String>) -> Result<Column> {
        let values = self.text(store, at)?;
        let Some(categories) = categories else {
            return Ok(Column::collect(values.into_iter().map(labelled)));
        };
        let codes: Vec<i64> = values.iter().map(|v| v.parse().unwrap_or(-1)).collect();
        categorical(store, &self.inside, &codes, &categories)
    }
}

fn width(datatype: &Datatype) -> Option<usize> {
    match datatype {
        Datatype::FixedPoint { size, .. }
        | Datatype::FloatingPoint { size, .. }
        | Datatype::String { size, .. } => Some(*size as usize),
        Datatype::Enumeration { base_type, .. } => width(base_type),
        _ => None,
    }
}

/// One fixed-size value as text.
fn decode(bytes: &[u8], datatype: &Datatype) -> Option<String> {
    match datatype {
        Datatype::String { .. } => {
            let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
            Some(String::from_utf8_lossy(&bytes[..end]).into_owned())
        }
        Datatype::FixedPoint { byte_order, layout, .. } => {
            let word = little_endian(bytes, *byte_order)?;
            let shift = 64 - 8 * bytes.len() as u32;
            Some(if layout.signed {
                (((word << shift) as i64) >> shift).to_string()
            } else {
                word.to_string()
            })
        }
        Datatype::FloatingPoint { byte_order, .. } => {
            let word = little_endian(bytes, *byte_order)?;
            match bytes.len() {
                4 => Some(number(f64::from(f32::from_bits(word as u32)))),
                8 => Some(number(f64::from_bits(word))),
                _ => None,
            }
        }
        Datatype::Enumeration { base_type, .. } => decode(bytes, base_type),
        _ => None,
    }
}

fn little_endian(bytes: &[u8], order: DatatypeByteOrder) -> Option<u64> {
    let mut word = [0; 8];
    if bytes.is_empty() || bytes.len() > 8 {
        return None;
    }
    word[..bytes.len()].copy_from_slice(bytes);
    match order {
        DatatypeByteOrder::LittleEndian => {}
        DatatypeByteOrder::BigEndian => word[..bytes.len()].reverse(),
        DatatypeByteOrder::Vax => return None,
    }
    Some(u64::from_le_bytes(word))
}
