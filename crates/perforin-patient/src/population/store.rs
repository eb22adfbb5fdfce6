//! Rows of a population on disk: written stretch by stretch, so that memory stays bounded and a run that was killed goes
//! on behind the last whole stretch.
//!
//! The file: a head (magic, version, width, identity of the run), then stretches, each with its first patient, its number
//! of rows, the rows (64-bit little-endian), and a checksum. What follows the last whole stretch, as a kill may leave it, is
//! cut off when the file is opened again. Anything else that is wrong is refused with its place.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"PFPATRWS";
const VERSION: u32 = 1;
const HEAD: usize = 8 + 4 + 4 + 8;
/// Rows of a stretch that is accepted; more would be a damaged number.
const MOST_ROWS: u64 = 1 << 24;

/// What can be wrong with a file of rows.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The system.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What happened.
        source: std::io::Error,
    },
    /// It is no such file.
    #[error("{path} is not a file of patients' rows: {reason}")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: &'static str,
    },
    /// It belongs to another run.
    #[error("{path} belongs to another run; give this one a new file")]
    OtherRun {
        /// The file.
        path: PathBuf,
    },
    /// A stretch is damaged.
    #[error("{path}: the rows from patient {patient} on are damaged (byte {place})")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// First patient of the stretch.
        patient: u64,
        /// Where the stretch begins.
        place: u64,
    },
}

/// A file that is being written.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    file: File,
    width: usize,
    patients: u64,
}

impl Store {
    /// Opens a file, or begins it. `identity` stands for everything that decides the rows: a hash of study and version.
    ///
    /// # Errors
    /// If the file cannot be used, is another run's, or is damaged before its end.
    pub fn open(path: &Path, width: usize, identity: u64) -> Result<Self, StoreError> {
        let io = |source| StoreError::Io { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        let mut file = options.read(true).write(true).create(true).truncate(false).open(path).map_err(io)?;
        let length = file.metadata().map_err(io)?.len();
        let head = head(width, identity);
        if length < HEAD as u64 {
            // Nothing, or a head that a kill cut short.
            file.set_len(0).map_err(io)?;
            file.rewind().map_err(io)?;
            file.write_all(&head).map_err(io)?;
            return Ok(Self { path: path.to_owned(), file, width, patients: 0 });
        }
        let (patients, end) = whole(path, &file, &head)?;
        file.set_len(end).map_err(io)?;
        file.seek(SeekFrom::Start(end)).map_err(io)?;
        Ok(Self { path: path.to_owned(), file, width, patients })
    }

    /// Patients that are in the file; the next is the first to be solved.
    pub fn patients(&self) -> u64 {
        self.patients
    }

    /// Appends the rows of the next patients and waits until they are on disk.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn append(&mut self, values: &[f64]) -> Result<(), StoreError> {
        let rows = (values.len() / self.width.max(1)) as u64;
        let mut bytes = Vec::with_capacity(24 + 8 * values.len());
        bytes.extend(self.patients.to_le_bytes());
        bytes.extend(rows.to_le_bytes());
        for value in values {
            bytes.extend(value.to_le_bytes());
        }
        bytes.extend(checksum(&bytes).to_le_bytes());
        let io = |source| StoreError::Io { path: self.path.clone(), source };
        self.file.write_all(&bytes).map_err(io)?;
        self.file.sync_data().map_err(io)?;
        self.patients += rows;
        Ok(())
    }
}

/// Reads every row, stretch by stretch: `each` gets the first patient of a stretch and its values. Returns the number of
/// patients; a stretch that a kill cut short is left out.
///
/// # Errors
/// If the file cannot be read, is no such file, or is damaged.
pub fn read(path: &Path, mut each: impl FnMut(u64, &[f64])) -> Result<u64, StoreError> {
    let mut stretches = Stretches::open(path)?;
    for stretch in &mut stretches {
        let (first, values) = stretch?;
        each(first, &values);
    }
    Ok(stretches.patients)
}

fn head(width: usize, identity: u64) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    head[..8].copy_from_slice(MAGIC);
    head[8..12].copy_from_slice(&VERSION.to_le_bytes());
    head[12..16].copy_from_slice(&(width as u32).to_le_bytes());
    head[16..].copy_from_slice(&identity.to_le_bytes());
    head
}

/// Number of patients in the whole stretches of this run's file, and where the last of them ends.
fn whole(path: &Path, file: &File, expected: &[u8; HEAD]) -> Result<(u64, u64), StoreError> {
    let mut stretches = Stretches::new(path, file)?;
    if stretches.head != *expected {
        return Err(StoreError::OtherRun { path: path.to_owned() });
    }
    for stretch in &mut stretches {
        stretch?;
    }
    Ok((stretches.patients, stretches.place))
}

/// The stretches of a file, one after the other; a stretch that a kill cut short is left out.
#[derive(Debug)]
pub struct Stretches<F> {
    path: PathBuf,
    reader: BufReader<F>,
    head: [u8; HEAD],
    length: u64,
    width: u64,
    patients: u64,
    place: u64,
}

impl Stretches<File> {
    /// Opens a file and begins to read.
    ///
    /// # Errors
    /// If the file cannot be read or is no such file.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let file = File::open(path).map_err(|source| StoreError::Io { path: path.to_owned(), source })?;
        Self::new(path, file)
    }
}

impl<F: Read + Seek> Stretches<F> {
    fn new(path: &Path, mut file: F) -> Result<Self, StoreError> {
        let io = |source| StoreError::Io { path: path.to_owned(), source };
        let foreign = |reason| StoreError::Foreign { path: path.to_owned(), reason };
        let length = file.seek(SeekFrom::End(0)).map_err(io)?;
        if length < HEAD as u64 {
            return Err(foreign("it is too short"));
        }
        file.rewind().map_err(io)?;
        let mut reader = BufReader::new(file);
        let mut head = [0; HEAD];
        reader.read_exact(&mut head).map_err(io)?;
        if &head[..8] != MAGIC {
            return Err(foreign("it does not begin like one"));
        }
        if head[8..12] != VERSION.to_le_bytes() {
            return Err(foreign("it has another version"));
        }
        let width = u64::from(u32::from_le_bytes([head[12], head[13], head[14], head[15]]));
        Ok(Self { path: path.to_owned(), reader, head, length, width, patients: 0, place: HEAD as u64 })
    }

    fn read_next(&mut self) -> Result<Option<(u64, Vec<f64>)>, StoreError> {
        let io = |source| StoreError::Io { path: self.path.clone(), source };
        if self.length - self.place < 24 {
            return Ok(None);
        }
        let damaged =
            StoreError::Damaged { path: self.path.clone(), patient: self.patients, place: self.place };
        let mut bytes = vec![0; 16];
        self.reader.read_exact(&mut bytes).map_err(io)?;
        let [first, rows] = [word(&bytes, 0), word(&bytes, 1)];
        if first != self.patients || rows > MOST_ROWS || self.width > 1 << 16 {
            return Err(damaged);
        }
        let size = 24 + 8 * rows * self.width;
        if self.length - self.place < size {
            // Cut short by a kill.
            return Ok(None);
        }
        bytes.resize(size as usize - 8, 0);
        self.reader.read_exact(&mut bytes[16..]).map_err(io)?;
        let mut sum = [0; 8];
        self.reader.read_exact(&mut sum).map_err(io)?;
        if checksum(&bytes) != u64::from_le_bytes(sum) {
            return Err(damaged);
        }
        self.patients += rows;
        self.place += size;
        let values = (2..bytes.len() / 8).map(|i| f64::from_bits(word(&bytes, i))).collect();
        Ok(Some((first, values)))
    }
}

impl<F: Read + Seek> Iterator for Stretches<F> {
    /// The first patient of a stretch, and its rows.
    type Item = Result<(u64, Vec<f64>), StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read_next().transpose()
    }
}

fn word(bytes: &[u8], i: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[8 * i..8 * i + 8]);
    u64::from_le_bytes(word)
}

/// FNV-1a over words; it finds damage, not forgery.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.chunks(8).fold(0xcbf2_9ce4_8422_2325, |hash, chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        (hash ^ u64::from_le_bytes(word)).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23)
    })
}
