//! What can be wrong with a file that is read.

use std::fmt;
use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::{FORMAT, Packing};

/// Why a file was refused.
#[derive(Debug, Error)]
#[error("{}: {fault}", path.display())]
pub struct ReadError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: Fault,
}

/// A part of a file that has a checksum of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The first 32 bytes.
    Preamble,
    /// The JSON header.
    Header,
    /// A named section.
    Section(String),
    /// Everything.
    WholeFile,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Preamble => f.write_str("its first 32 bytes are"),
            Self::Header => f.write_str("its header is"),
            Self::Section(name) => write!(f, "its section `{name}` is"),
            Self::WholeFile => f.write_str("the file as a whole is"),
        }
    }
}

/// What is wrong with a file.
#[derive(Debug, Error)]
pub enum Fault {
    /// It cannot be read at all.
    #[error("cannot be read: {0}")]
    Io(io::Error),
    /// It is a folder or a device.
    #[error("is not a regular file")]
    NotAFile,
    /// It begins with other bytes.
    #[error("is not a Perforin file: it begins with {found:02x?}")]
    Magic {
        /// Its first bytes, at most eight.
        found: Vec<u8>,
    },
    /// It has a layout that this version does not know.
    #[error("has layout {found}; this version of Perforin reads layout {FORMAT}")]
    Format {
        /// Its layout.
        found: u32,
    },
    /// It ends before it says how long it is.
    #[error("is truncated: it ends after {found} bytes")]
    Short {
        /// Bytes that it has.
        found: u64,
    },
    /// It was cut, or something was appended.
    #[error("is {}: it should have {expected} bytes and has {found}", if found < expected { "truncated" } else { "too long" })]
    Length {
        /// Bytes that it should have.
        expected: u64,
        /// Bytes that it has.
        found: u64,
    },
    /// A part was altered.
    #[error("is damaged: {part} altered (checksum {expected:08x} expected, {found:08x} found)")]
    Checksum {
        /// The part.
        part: Part,
        /// Checksum that the file states.
        expected: u32,
        /// Checksum of what is there.
        found: u32,
    },
    /// The JSON header does not say what it should.
    #[error("has a header that cannot be understood: {0}")]
    Header(serde_json::Error),
    /// The lengths in the header do not add up.
    #[error("has a header that does not fit it: {expected} bytes of sections listed, {found} there")]
    Sections {
        /// Bytes of all sections by the header.
        expected: u64,
        /// Bytes between the header and the end.
        found: u64,
    },
    /// A section is described in a way that cannot be true.
    #[error(
        "has a section `{section}` that cannot be: {packing:?}, {bytes} bytes in values of {width}, {stored} stored"
    )]
    Entry {
        /// Its name.
        section: String,
        /// How it is kept.
        packing: Packing,
        /// Bytes of its values.
        bytes: u64,
        /// Bytes of one value.
        width: u64,
        /// Bytes that it takes in the file.
        stored: u64,
    },
    /// Two sections have one name.
    #[error("has two sections `{section}`")]
    Repeated {
        /// The name.
        section: String,
    },
    /// It is a sound file for another purpose.
    #[error("is a {found}, not a {expected}")]
    Kind {
        /// What was wanted.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// A section is not there.
    #[error("has no section `{section}`")]
    Missing {
        /// Its name.
        section: String,
    },
    /// A section has values of another width than its reader knows.
    #[error("has values of {found} bytes in section `{section}`, not of {expected}")]
    Width {
        /// Its name.
        section: String,
        /// Bytes of a value that were expected.
        expected: usize,
        /// Bytes of a value by the header.
        found: u64,
    },
    /// A section's compressed bytes do not give what the header says.
    #[error("has a section `{section}` that does not unpack to {expected} bytes ({found} came out)")]
    Unpacking {
        /// Its name.
        section: String,
        /// Bytes that should come out.
        expected: u64,
        /// Bytes that did; one more than expected if there would have been more.
        found: u64,
    },
    /// The description in the header says something that cannot be.
    #[error("has a description whose {what} cannot be")]
    Description {
        /// What of it.
        what: &'static str,
    },
    /// A section has another number of values than the description says.
    #[error("has {found} values in section `{section}`, not {expected}")]
    Count {
        /// Its name.
        section: String,
        /// Number by the description.
        expected: u64,
        /// Number that is there.
        found: u64,
    },
    /// A value that cannot be, although it was stored so.
    #[error("has {found} in row {row} of section `{section}`, where {needed} is needed")]
    Value {
        /// The section.
        section: String,
        /// Row, from 0.
        row: usize,
        /// What is there.
        found: String,
        /// What could be there.
        needed: &'static str,
    },
}

impl Fault {
    /// A wrong number of values.
    pub(in crate::storage) fn count(section: &str, expected: u64, found: u64) -> Self {
        Self::Count { section: section.to_owned(), expected, found }
    }

    /// A value that cannot be.
    pub(in crate::storage) fn value(
        section: &str,
        row: usize,
        found: &impl ToString,
        needed: &'static str,
    ) -> Self {
        Self::Value { section: section.to_owned(), row, found: found.to_string(), needed }
    }
}
