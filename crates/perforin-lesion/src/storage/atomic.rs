//! Files that are replaced as a whole or not at all.
//!
//! The new content goes to a temporary name in the same folder, is brought to the disk, and only then takes the
//! final name. Whoever opens the final name, at any moment and after any crash, finds the old file or the new one.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use thiserror::Error;

/// Ending of temporary names.
const TEMPORARY: &str = ".partial";

/// Why a file could not be written. Unless `stage` is [`WriteStage::SyncFolder`], the file that was there before
/// is untouched.
#[derive(Debug, Error)]
#[error("{}: cannot {stage}: {cause}", path.display())]
pub struct WriteError {
    /// The file that was to be written.
    pub path: PathBuf,
    /// What was being done.
    pub stage: WriteStage,
    /// The cause.
    pub cause: io::Error,
}

/// What was being done when writing failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WriteStage {
    /// Creating the temporary file.
    #[error("create a temporary file beside it")]
    Create,
    /// Writing the content.
    #[error("write its content")]
    Content,
    /// Bringing the content to the disk.
    #[error("bring its content to the disk")]
    SyncFile,
    /// Giving the temporary file its final name.
    #[error("put the new file in its place")]
    Rename,
    /// Bringing the name to the disk; the new file is in its place, but may be lost if the machine fails now.
    #[error("bring its name to the disk")]
    SyncFolder,
}

/// Replaces the file at `path` by what `fill` writes.
///
/// # Errors
/// If any stage fails; the temporary file is then removed.
pub fn replace(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), WriteError> {
    let failed = |stage| move |cause| WriteError { path: path.to_path_buf(), stage, cause };
    let (file, mut temporary) = Temporary::create(path).map_err(failed(WriteStage::Create))?;
    let mut writer = BufWriter::with_capacity(1 << 20, file);
    fill(&mut writer).map_err(failed(WriteStage::Content))?;
    let file = writer.into_inner().map_err(|e| failed(WriteStage::Content)(e.into_error()))?;
    file.sync_all().map_err(failed(WriteStage::SyncFile))?;
    // Some systems refuse to rename an open file.
    drop(file);
    fs::rename(&temporary.path, path).map_err(failed(WriteStage::Rename))?;
    temporary.is_renamed = true;
    sync_folder(folder_of(path)).map_err(failed(WriteStage::SyncFolder))
}

/// Replaces the file at `path` by `content`.
///
/// # Errors
/// As of [`replace`].
pub fn write(path: &Path, content: &[u8]) -> Result<(), WriteError> {
    replace(path, |file| file.write_all(content))
}

/// Removes the temporary files that killed processes left in `folder`, and returns how many there were. Only for a
/// folder that nobody is writing to.
///
/// # Errors
/// If the folder cannot be read or a file cannot be removed.
pub fn remove_leftovers(folder: &Path) -> io::Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if is_temporary(&entry.file_name()) && entry.file_type()?.is_file() {
            fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Whether a name has the form `.NAME.PROCESS-NUMBER.partial`.
fn is_temporary(name: &OsStr) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    name.to_string_lossy()
        .strip_prefix('.')
        .and_then(|rest| rest.strip_suffix(TEMPORARY))
        .and_then(|rest| rest.rsplit_once('.'))
        .and_then(|(_, own)| own.split_once('-'))
        .is_some_and(|(process, number)| is_number(process) && is_number(number))
}

/// A temporary file that is removed when it goes out of scope without having been renamed.
struct Temporary {
    path: PathBuf,
    is_renamed: bool,
}

impl Temporary {
    /// Creates `.NAME.PROCESS-NUMBER.partial` beside `target`, which no other process or thread is writing.
    fn create(target: &Path) -> io::Result<(File, Self)> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = target.file_name().ok_or_else(|| io::Error::from(ErrorKind::InvalidFilename))?;
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let mut own = OsString::from(".");
            own.push(name);
            own.push(format!(".{}-{number}{TEMPORARY}", std::process::id()));
            let path = target.with_file_name(own);
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                // Left by a killed process that had the same number: take the next name.
                Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
                file => return Ok((file?, Self { path, is_renamed: false })),
            }
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.is_renamed {
            // The error that led here is the one to tell; a file that cannot be removed does no harm.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A rename is on the disk when its folder is. Some file systems have no such operation and say so.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        Err(e) if matches!(e.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        done => done,
    }
}

/// Folders cannot be synced here; the system orders the rename itself.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
