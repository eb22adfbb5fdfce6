//! Reader of flow-cytometry list-mode files: FCS 2.0, 3.0 and 3.1 (Spidlen 2010, doi 10.1002/cyto.a.20825).
//!
//! A file is a header with the places of its segments, a text of keywords, and one row of numbers per event: integers of
//! whole bytes (`$DATATYPE/I`), or floating-point numbers of 32 or 64 bits. Values are returned on their linear scale:
//! logarithmic integers are turned back by `$PnE`, and linear ones divided by the gain `$PnG`. The first data set is read.
//!
//! What the file says of its size is checked before anything is allocated. A data segment that is one byte too long, as
//! some instruments write it, is accepted; any other disagreement with `$TOT`, `$PAR` and `$PnB` is an error.

mod data;
mod spillover;
mod text;

use std::collections::BTreeMap;
use std::path::Path;

pub use spillover::Spillover;

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Version, such as `FCS3.1`.
    pub version: String,
    /// Keywords in capitals, with their values.
    pub keywords: BTreeMap<String, String>,
    /// Channels in the order of the file.
    pub channels: Vec<Channel>,
}

/// One channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// Short name (`$PnN`).
    pub name: String,
    /// What was stained (`$PnS`), if said.
    pub label: Option<String>,
    /// Value of each event, linear scale.
    pub values: Vec<f64>,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum FcsError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Io {
        /// Its path.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Not such a file, or another version.
    #[error("the file begins with `{found}`; FCS2.0, FCS3.0 or FCS3.1 is expected")]
    Version {
        /// Its first bytes.
        found: String,
    },
    /// The header is cut short, or a place in it is no number.
    #[error("the header's {what} is `{found}`, not a place in bytes")]
    Header {
        /// Which entry.
        what: &'static str,
        /// What stands there.
        found: String,
    },
    /// A segment lies beyond the file.
    #[error("the {what} segment is said to run from byte {begin} to {end}, but the file has {length} bytes")]
    Segment {
        /// Which segment.
        what: &'static str,
        /// Its first byte.
        begin: u64,
        /// Its last byte.
        end: u64,
        /// Bytes in the file.
        length: usize,
    },
    /// The text is not made of pairs.
    #[error("the text segment: {why}")]
    Text {
        /// What is wrong.
        why: String,
    },
    /// A keyword is missing.
    #[error("the keyword {keyword} is missing")]
    Missing {
        /// Which one.
        keyword: String,
    },
    /// A keyword has a value that cannot be.
    #[error("the keyword {keyword} is `{found}`; {accepted} is accepted")]
    Value {
        /// Which one.
        keyword: String,
        /// Its value.
        found: String,
        /// What is accepted.
        accepted: &'static str,
    },
    /// Events and data do not agree.
    #[error(
        "{events} events of {per_event} bytes need {needed} bytes of data, but the data segment has {found}"
    )]
    Size {
        /// Events (`$TOT`).
        events: u64,
        /// Bytes per event.
        per_event: u64,
        /// Bytes needed.
        needed: u128,
        /// Bytes there are.
        found: u64,
    },
}

/// Reads a file.
///
/// # Errors
/// If it cannot be read, or is not what it says.
pub fn open(path: &Path) -> Result<Sample, FcsError> {
    let bytes =
        std::fs::read(path).map_err(|source| FcsError::Io { path: path.display().to_string(), source })?;
    read(&bytes)
}

/// Reads a file's bytes.
///
/// # Errors
/// If they are not what they say.
pub fn read(bytes: &[u8]) -> Result<Sample, FcsError> {
    let header = text::header(bytes)?;
    let mut keywords = text::keywords(text::segment(bytes, "text", header.text)?)?;
    let more = text::places(&keywords, "$BEGINSTEXT", "$ENDSTEXT")?;
    if let Some(place) = more.filter(|place| *place != header.text) {
        for (key, value) in text::keywords(text::segment(bytes, "supplemental text", place)?)? {
            keywords.entry(key).or_insert(value);
        }
    }
    let stated = text::places(&keywords, "$BEGINDATA", "$ENDDATA")?;
    // The header counts, but a keyword that points beyond the file tells of one that was cut or altered.
    if let Some(place) = stated {
        text::segment(bytes, "data", place)?;
    }
    let place = header.data.or(stated);
    let data = match place {
        Some(place) => text::segment(bytes, "data", place)?,
        None => &[],
    };
    let channels = data::channels(&keywords, data)?;
    Ok(Sample { version: header.version, keywords, channels })
}

impl Sample {
    /// Number of events.
    pub fn events(&self) -> usize {
        self.channels.first().map_or(0, |c| c.values.len())
    }

    /// The channel of a short name, or of a stain.
    pub fn channel(&self, name: &str) -> Option<&Channel> {
        let by_label = || self.channels.iter().find(|c| c.label.as_deref() == Some(name));
        self.channels.iter().find(|c| c.name == name).or_else(by_label)
    }

    /// The spillover matrix that the file carries (`$SPILLOVER`, or `SPILL` as written by older instruments), if any.
    ///
    /// # Errors
    /// If it is malformed, names an unknown channel, or cannot be inverted.
    pub fn spillover(&self) -> Result<Option<Spillover>, FcsError> {
        ["$SPILLOVER", "SPILL", "SPILLOVER"]
            .into_iter()
            .find_map(|key| Some((key, self.keywords.get(key)?)))
            .map(|(key, value)| Spillover::parse(key, value, &self.channels))
            .transpose()
    }
}
