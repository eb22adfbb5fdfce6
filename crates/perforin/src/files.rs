//! Files that are there whole or not at all.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::failure::Failure;

/// A file under a temporary name beside its place; [`commit`](Self::commit) puts it there. Dropped before, it
/// leaves nothing behind and whatever was in its place untouched.
#[derive(Debug)]
pub struct Pending {
    place: PathBuf,
    temporary: PathBuf,
    file: Option<BufWriter<File>>,
}

impl Pending {
    /// Begins a file that will be at `place`.
    ///
    /// # Errors
    /// If the folder cannot be written to.
    pub fn create(place: &Path) -> Result<Self, Failure> {
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        let temporary = place.with_file_name(format!(".{name}.part"));
        let file = File::create(&temporary).map_err(|e| cannot_write(place, &e))?;
        Ok(Self { place: place.to_owned(), temporary, file: Some(BufWriter::new(file)) })
    }

    /// Makes the content durable and puts the file in its place.
    ///
    /// # Errors
    /// If the disk is full or fails; nothing is left behind then.
    pub fn commit(mut self) -> Result<(), Failure> {
        self.finish().map_err(|e| cannot_write(&self.place, &e))
    }

    fn finish(&mut self) -> std::io::Result<()> {
        if let Some(file) = self.file.take() {
            let file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
            file.sync_all()?;
        }
        fs::rename(&self.temporary, &self.place)
    }
}

impl Write for Pending {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.as_mut().map_or(Ok(0), |file| file.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.as_mut().map_or(Ok(()), BufWriter::flush)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        // After a commit the temporary name is gone, and there is nothing to remove.
        let _ = fs::remove_file(&self.temporary);
    }
}

/// Writes a file so that it is there whole or not at all.
///
/// # Errors
/// If the disk is full or fails.
pub fn write(place: &Path, content: &[u8]) -> Result<(), Failure> {
    let mut pending = Pending::create(place)?;
    pending.write_all(content).map_err(|e| cannot_write(place, &e))?;
    pending.commit()
}

/// Reads a whole text file.
///
/// # Errors
/// If it cannot be read or is not UTF-8.
pub fn read_text(place: &Path) -> Result<String, Failure> {
    fs::read_to_string(place)
        .map_err(|e| Failure::input(format!("cannot read `{}`", place.display())).because(&e))
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
    std::io::copy(&mut file, &mut hash).map_err(cannot)?;
    Ok(hexadecimal(&hash.finalize()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The failure of writing to `place`.
pub fn cannot_write(place: &Path, error: &std::io::Error) -> Failure {
    let failure = Failure::run(format!("cannot write `{}`", place.display())).because(error);
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            failure.help("free some space, then go on with `perforin resume`; the last checkpoint is kept")
        }
        std::io::ErrorKind::PermissionDenied => failure.help("choose a folder that you may write to"),
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_committed_leaves_the_old_one_untouched() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a.txt");
        write(&place, b"old").unwrap();
        let mut pending = Pending::create(&place).unwrap();
        pending.write_all(b"half of the n").unwrap();
        drop(pending);
        assert_eq!(fs::read(&place).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    /// The published example of FIPS 180-2, appendix B.1.
    #[test]
    fn digest_gives_the_published_value() {
        assert_eq!(digest(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
