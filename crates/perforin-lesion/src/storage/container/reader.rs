//! Reads a file and refuses it unless every checksum holds.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::packing;
use super::{Entry, FORMAT, Fault, Header, MAGIC, PREAMBLE, Packing, Part, ReadError, TRAILER, checksum};

/// A section and where its stored bytes are.
type Placed = (Entry, Range<usize>);

/// A sound file: all checksums hold.
#[derive(Debug)]
pub struct Container {
    path: PathBuf,
    bytes: Vec<u8>,
    meta: serde_json::Value,
    sections: Vec<Placed>,
}

impl Container {
    /// Reads the file of the given kind at `path`.
    ///
    /// # Errors
    /// If it cannot be read, is something else, is incomplete, or was altered in any byte.
    pub fn open(path: &Path, kind: &'static str) -> Result<Self, ReadError> {
        let bytes = load(path).map_err(|fault| ReadError { path: path.to_path_buf(), fault })?;
        Self::from_bytes(path, bytes, kind)
    }

    /// The same from the bytes of a file; `path` is named in errors.
    ///
    /// # Errors
    /// As of [`Container::open`].
    pub fn from_bytes(path: &Path, bytes: Vec<u8>, kind: &'static str) -> Result<Self, ReadError> {
        match parse(&bytes, kind) {
            Ok((meta, sections)) => Ok(Self { path: path.to_path_buf(), bytes, meta, sections }),
            Err(fault) => Err(ReadError { path: path.to_path_buf(), fault }),
        }
    }

    /// The file's name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The description in the header.
    ///
    /// # Errors
    /// If it is not the description of an `M`.
    pub fn meta<M: DeserializeOwned>(&self) -> Result<M, ReadError> {
        M::deserialize(&self.meta).map_err(|e| self.refuse(Fault::Header(e)))
    }

    /// Names of the sections, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sections.iter().map(|(entry, _)| entry.name.as_str())
    }

    /// The bytes of a section whose values have `width` bytes; their number is a multiple of `width`.
    ///
    /// # Errors
    /// If there is no such section, its values have another width, or it does not unpack.
    pub fn section(&self, name: &str, width: usize) -> Result<Cow<'_, [u8]>, ReadError> {
        let (entry, range) = self
            .sections
            .iter()
            .find(|(entry, _)| entry.name == name)
            .ok_or_else(|| self.refuse(Fault::Missing { section: name.to_owned() }))?;
        if entry.width != width as u64 {
            let fault = Fault::Width { section: name.to_owned(), expected: width, found: entry.width };
            return Err(self.refuse(fault));
        }
        let stored = &self.bytes[range.clone()];
        match entry.packing {
            Packing::Plain => Ok(Cow::Borrowed(stored)),
            Packing::Deflate => unpack(entry, stored, width).map(Cow::Owned).map_err(|e| self.refuse(e)),
        }
    }

    /// An error that names this file.
    pub fn refuse(&self, fault: Fault) -> ReadError {
        ReadError { path: self.path.clone(), fault }
    }
}

/// The bytes of a regular file that begins as it should, so that a large file of another kind is never loaded.
fn load(path: &Path) -> Result<Vec<u8>, Fault> {
    // Asked before opening, because opening a pipe would wait for its writer.
    let about = std::fs::metadata(path).map_err(Fault::Io)?;
    if !about.is_file() {
        return Err(Fault::NotAFile);
    }
    let mut file = File::open(path).map_err(Fault::Io)?;
    let mut bytes = Vec::new();
    Read::by_ref(&mut file).take(MAGIC.len() as u64).read_to_end(&mut bytes).map_err(Fault::Io)?;
    check_magic(&bytes)?;
    let length = usize::try_from(about.len()).map_err(|_| Fault::Io(ErrorKind::FileTooLarge.into()))?;
    bytes
        .try_reserve_exact(length.saturating_sub(bytes.len()))
        .map_err(|_| Fault::Io(ErrorKind::OutOfMemory.into()))?;
    file.read_to_end(&mut bytes).map_err(Fault::Io)?;
    Ok(bytes)
}

fn check_magic(bytes: &[u8]) -> Result<(), Fault> {
    if bytes.starts_with(&MAGIC) {
        Ok(())
    } else if MAGIC.starts_with(bytes) {
        Err(Fault::Short { found: bytes.len() as u64 })
    } else {
        Err(Fault::Magic { found: bytes.iter().take(MAGIC.len()).copied().collect() })
    }
}

/// What the first 32 bytes say.
struct Preamble {
    header: usize,
    header_check: u32,
}

fn parse(bytes: &[u8], kind: &'static str) -> Result<(serde_json::Value, Vec<Placed>), Fault> {
    let preamble = parse_preamble(bytes)?;
    let end = bytes.len() - TRAILER;
    let header = &bytes[PREAMBLE..PREAMBLE + preamble.header];
    verify(header, preamble.header_check, Part::Header)?;
    let header: Header<serde_json::Value> = serde_json::from_slice(header).map_err(Fault::Header)?;
    let sections = place(header.sections, PREAMBLE + preamble.header, end)?;
    for (entry, range) in &sections {
        verify(&bytes[range.clone()], entry.check, Part::Section(entry.name.clone()))?;
    }
    verify(&bytes[..end], u32_at(bytes, end), Part::WholeFile)?;
    if header.kind != kind {
        return Err(Fault::Kind { expected: kind, found: header.kind.into_owned() });
    }
    Ok((header.meta, sections))
}

/// Checks the first 32 bytes, the file's length, and that the header lies within it.
fn parse_preamble(bytes: &[u8]) -> Result<Preamble, Fault> {
    check_magic(bytes)?;
    let found = bytes.len() as u64;
    if bytes.len() < PREAMBLE + TRAILER {
        return Err(Fault::Short { found });
    }
    verify(&bytes[..28], u32_at(bytes, 28), Part::Preamble)?;
    let format = u32_at(bytes, 8);
    if format != FORMAT {
        return Err(Fault::Format { found: format });
    }
    let expected = u64::from(u32_at(bytes, 16)) | u64::from(u32_at(bytes, 20)) << 32;
    if expected != found {
        return Err(Fault::Length { expected, found });
    }
    let header = u32_at(bytes, 12) as usize;
    if header > bytes.len() - PREAMBLE - TRAILER {
        return Err(Fault::Length { expected: (PREAMBLE + TRAILER) as u64 + header as u64, found });
    }
    Ok(Preamble { header, header_check: u32_at(bytes, 24) })
}

/// The places of the sections, which must fill the file from `start` to `end` exactly.
fn place(entries: Vec<Entry>, start: usize, end: usize) -> Result<Vec<Placed>, Fault> {
    let found = (end - start) as u64;
    let expected = entries.iter().fold(0u64, |sum, entry| sum.saturating_add(entry.stored));
    if expected != found {
        return Err(Fault::Sections { expected, found });
    }
    let mut at = start;
    let mut names = BTreeSet::new();
    let mut sections = Vec::with_capacity(entries.len());
    for entry in entries {
        check_entry(&entry)?;
        if !names.insert(entry.name.clone()) {
            return Err(Fault::Repeated { section: entry.name });
        }
        // No overflow: the lengths add up to the file's.
        let range = at..at + entry.stored as usize;
        at = range.end;
        sections.push((entry, range));
    }
    Ok(sections)
}

/// Whether the numbers of a section can be true of any section.
fn check_entry(entry: &Entry) -> Result<(), Fault> {
    let Entry { width, bytes, packing, stored, .. } = *entry;
    let is_whole = width > 0 && bytes % width == 0;
    let fits = match packing {
        Packing::Plain => bytes == stored,
        Packing::Deflate => bytes <= stored.saturating_mul(packing::MOST_PER_BYTE),
    };
    if is_whole && fits {
        Ok(())
    } else {
        Err(Fault::Entry { section: entry.name.clone(), packing, bytes, width, stored })
    }
}

fn unpack(entry: &Entry, stored: &[u8], width: usize) -> Result<Vec<u8>, Fault> {
    let wrong = |found| Fault::Unpacking { section: entry.name.clone(), expected: entry.bytes, found };
    let length = usize::try_from(entry.bytes).map_err(|_| wrong(0))?;
    packing::inflate(stored, width, length).map_err(wrong)
}

fn verify(bytes: &[u8], expected: u32, part: Part) -> Result<(), Fault> {
    let found = checksum(bytes);
    if found == expected { Ok(()) } else { Err(Fault::Checksum { part, expected, found }) }
}

/// The number at `at`; the caller has checked that it lies within `bytes`.
fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
}
