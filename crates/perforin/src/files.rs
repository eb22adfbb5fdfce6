//! Files that are there whole or not at all, and what to say when they are not.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use perforin_lesion::storage::atomic::{self, WriteError};
use sha2::{Digest, Sha256};

use crate::failure::Failure;

/// Replaces a file by what `fill` writes, or leaves it as it was.
///
/// # Errors
/// What `fill` says; or if the disk is full or fails.
pub fn replace(
    place: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut why = None;
    let result = atomic::replace(place, |file| {
        fill(file).map_err(|failure| {
            why = Some(failure);
            io::Error::other("its content is not to be had")
        })
    });
    match (result, why) {
        (_, Some(failure)) => Err(failure),
        (result, None) => result.map_err(|error| not_stored(&error)),
    }
}

/// Replaces a file by some bytes, or leaves it as it was.
///
/// # Errors
/// If the disk is full or fails.
pub fn write(place: &Path, content: &[u8]) -> Result<(), Failure> {
    replace(place, |file| file.write_all(content).map_err(|e| cannot_write(place, &e)))
}

/// Replaces a file by a copy of another, or leaves it as it was.
///
/// # Errors
/// If the other cannot be read, or the disk is full or fails.
pub fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    let mut source = File::open(from)
        .map_err(|e| Failure::input(format!("cannot read `{}`", from.display())).because(&e))?;
    replace(to, |file| io::copy(&mut source, file).map(|_| ()).map_err(|e| cannot_write(to, &e)))
}

/// Replaces a file by a value as indented JSON.
///
/// # Errors
/// If the disk is full or fails.
pub fn write_json(place: &Path, value: &impl serde::Serialize) -> Result<(), Failure> {
    replace(place, |file| {
        serde_json::to_writer_pretty(&mut *file, value).map_err(|e| cannot_write(place, &e.into()))?;
        writeln!(file).map_err(|e| cannot_write(place, &e))
    })
}

/// Reads a value from a JSON file.
///
/// # Errors
/// If the file cannot be read or holds something else.
pub fn read_json<T: serde::de::DeserializeOwned>(place: &Path) -> Result<T, Failure> {
    let text = read_text(place)?;
    serde_json::from_str(&text)
        .map_err(|e| Failure::unreadable(format!("`{}` is damaged", place.display())).because(&e))
}

/// Reads a whole file.
///
/// # Errors
/// If it cannot be read.
pub fn read_bytes(place: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(place).map_err(|e| Failure::unreadable(format!("cannot read `{}`", place.display())).because(&e))
}

/// Reads a whole text file.
///
/// # Errors
/// If it cannot be read or is not UTF-8.
pub fn read_text(place: &Path) -> Result<String, Failure> {
    fs::read_to_string(place)
        .map_err(|e| Failure::unreadable(format!("cannot read `{}`", place.display())).because(&e))
}

/// SHA-256 of some bytes, in hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// SHA-256 of a file, in hexadecimal digits.
///
/// # Errors
/// If it cannot be read.
pub fn digest_of_file(place: &Path) -> Result<String, Failure> {
    let cannot = |e| Failure::run(format!("cannot read `{}`", place.display())).because(&e);
    let mut file = File::open(place).map_err(cannot)?;
    let mut hash = Sha256::new();
    io::copy(&mut file, &mut hash).map_err(cannot)?;
    Ok(hexadecimal(&hash.finalize()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// The failure of writing to `place`.
pub fn cannot_write(place: &Path, error: &io::Error) -> Failure {
    let failure = Failure::run(format!("cannot write `{}`", place.display())).because(error);
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => failure
            .help("free some space; a run then goes on from its last checkpoint with `perforin resume`"),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            failure.help("choose a folder that you may write to")
        }
        _ => failure,
    }
}

/// The failure of writing a checkpoint or a frame.
pub fn not_stored(error: &WriteError) -> Failure {
    cannot_write(&error.path, &error.cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_whose_content_fails_leaves_the_old_one_untouched() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a.txt");
        write(&place, b"old").unwrap();
        let failure = replace(&place, |file| {
            file.write_all(b"half of the n").unwrap();
            Err(Failure::input("no more"))
        });
        assert_eq!(failure.unwrap_err().what, "no more");
        assert_eq!(fs::read(&place).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    /// The published example of FIPS 180-2, appendix B.1.
    #[test]
    fn digest_gives_the_published_value() {
        assert_eq!(digest(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
