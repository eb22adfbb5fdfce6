//! A checked file of named byte sections with a description in JSON.
//!
//! # Layout, format version 1
//! All numbers are little-endian; checksums are CRC-32 (as in gzip, PNG and `zlib.crc32`).
//!
//! | at | bytes | content |
//! |---|---|---|
//! | 0 | 8 | magic: `89 50 46 4E 0D 0A 1A 0A` (`\x89PFN\r\n\x1a\n`; a transfer as text would damage it visibly) |
//! | 8 | 4 | format version, 1 |
//! | 12 | 4 | `H`, bytes of the header |
//! | 16 | 8 | bytes of the whole file |
//! | 24 | 4 | checksum of the header |
//! | 28 | 4 | checksum of the 28 bytes before |
//! | 32 | `H` | header: JSON, UTF-8 |
//! | 32 + `H` | | the stored bytes of the sections, in the order of the header, without gaps |
//! | end − 4 | 4 | checksum of the whole file up to here |
//!
//! The first 32 bytes mean the same in every format version. The header is an object:
//! ```json
//! {"kind": "frame",
//!  "meta": {},
//!  "sections": [{"name": "radius", "width": 2, "bytes": 400, "packing": "deflate", "stored": 310, "check": 7}]}
//! ```
//! `kind` says what the file is and `meta` describes its content. A section has `bytes` bytes of values of `width`
//! bytes each, kept in `stored` bytes with the checksum `check`. Its `packing` is `plain`, for the values as they
//! are, or `deflate`: the first byte of every value, then the second byte of every value, and so on, compressed as
//! a zlib stream (RFC 1950).
//!
//! # Reading one in Python
//! ```python
//! raw = open(path, "rb").read()
//! h = int.from_bytes(raw[12:16], "little")
//! header, at, sections = json.loads(raw[32:32 + h]), 32 + h, {}
//! for s in header["sections"]:
//!     data = raw[at:at + s["stored"]]
//!     at += s["stored"]
//!     if s["packing"] == "deflate":
//!         planes = np.frombuffer(zlib.decompress(data), np.uint8).reshape(s["width"], -1)
//!         data = planes.T.tobytes()
//!     sections[s["name"]] = data
//! ```

mod fault;
mod packing;
mod reader;

use std::io::{self, Write};
use std::path::Path;

use flate2::Crc;
use serde::{Deserialize, Serialize};

pub use fault::{Fault, Part, ReadError};
pub use reader::Container;

use super::atomic::{self, WriteError};

/// First bytes of every file.
pub const MAGIC: [u8; 8] = *b"\x89PFN\r\n\x1a\n";

/// Version of the layout.
pub const FORMAT: u32 = 1;

/// Bytes before the header.
const PREAMBLE: usize = 32;

/// Bytes after the last section.
const TRAILER: usize = 4;

/// How a section's bytes are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Packing {
    /// As they are.
    Plain,
    /// In byte planes, compressed.
    Deflate,
}

/// What the header says of a section.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    width: u64,
    bytes: u64,
    packing: Packing,
    stored: u64,
    check: u32,
}

/// The JSON header.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<'a, M> {
    kind: std::borrow::Cow<'a, str>,
    meta: M,
    sections: Vec<Entry>,
}

/// Collects sections and writes the file.
#[derive(Debug)]
pub struct Writer {
    kind: &'static str,
    entries: Vec<Entry>,
    stored: Vec<Vec<u8>>,
}

impl Writer {
    /// A file of the given kind, without sections yet.
    pub fn new(kind: &'static str) -> Self {
        Self { kind, entries: Vec::new(), stored: Vec::new() }
    }

    /// Adds a section of values of `width` bytes each (at least 1, dividing the length). A name may occur once.
    pub fn add(&mut self, name: &str, width: usize, bytes: Vec<u8>, packing: Packing) {
        let length = bytes.len() as u64;
        let stored = match packing {
            Packing::Plain => bytes,
            Packing::Deflate => packing::deflate(&bytes, width),
        };
        self.entries.push(Entry {
            name: name.to_owned(),
            width: width as u64,
            bytes: length,
            packing,
            stored: stored.len() as u64,
            check: checksum(&stored),
        });
        self.stored.push(stored);
    }

    /// Replaces the file at `path` by this content, as a whole or not at all.
    ///
    /// # Errors
    /// If the file cannot be written, or `meta` cannot be put into JSON; an older file is then untouched.
    pub fn write(self, path: &Path, meta: &impl Serialize) -> Result<(), WriteError> {
        atomic::replace(path, |file| self.write_to(file, meta))
    }

    /// Writes the content to any sink.
    ///
    /// # Errors
    /// If the sink fails, `meta` cannot be put into JSON, or the header exceeds 4 GiB.
    pub fn write_to(self, sink: &mut impl Write, meta: &impl Serialize) -> io::Result<()> {
        let header = serde_json::to_vec(&Header { kind: self.kind.into(), meta, sections: self.entries })?;
        let header_length = u32::try_from(header.len()).map_err(io::Error::other)?;
        let content: usize = self.stored.iter().map(Vec::len).sum();
        let length = (PREAMBLE + header.len() + content + TRAILER) as u64;
        let mut preamble = Vec::with_capacity(PREAMBLE);
        preamble.extend_from_slice(&MAGIC);
        preamble.extend_from_slice(&FORMAT.to_le_bytes());
        preamble.extend_from_slice(&header_length.to_le_bytes());
        preamble.extend_from_slice(&length.to_le_bytes());
        preamble.extend_from_slice(&checksum(&header).to_le_bytes());
        preamble.extend_from_slice(&checksum(&preamble).to_le_bytes());

        let mut whole = Crc::new();
        for part in [&preamble, &header].into_iter().chain(&self.stored) {
            whole.update(part);
            sink.write_all(part)?;
        }
        sink.write_all(&whole.sum().to_le_bytes())
    }
}

/// CRC-32 of `bytes`.
fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}
