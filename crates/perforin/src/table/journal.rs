//! A CSV file that grows by whole lines while a run proceeds, and is cut back when it is resumed.
//!
//! A run that is killed has written more lines than its last checkpoint knows of, perhaps the last one by half.
//! The checkpoint's state says how many lines there were; the rest is cut off and written again to the same bytes.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::files::cannot_write;

/// A CSV file open for appending.
#[derive(Debug)]
pub struct Journal {
    place: PathBuf,
    file: BufWriter<File>,
}

impl Journal {
    /// Begins the file with its line of names.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn create(place: &Path, names: &str) -> Result<Self, Failure> {
        let file = File::create(place).map_err(|e| cannot_write(place, &e))?;
        let mut journal = Self { place: place.to_owned(), file: BufWriter::new(file) };
        journal.append(names)?;
        Ok(journal)
    }

    /// Opens the file and keeps its line of names and the first `rows` lines below.
    ///
    /// # Errors
    /// If the file is missing, is of another study, or holds fewer rows.
    pub fn reopen(place: &Path, names: &str, rows: u64) -> Result<Self, Failure> {
        let cannot = |e| Failure::run(format!("cannot open `{}`", place.display())).because(&e);
        let mut file = OpenOptions::new().read(true).write(true).open(place).map_err(cannot)?;
        let kept = length_of(&mut BufReader::new(&file), names, rows).map_err(cannot)?.ok_or_else(|| {
            Failure::run(format!("`{}` does not hold the {rows} rows up to the checkpoint", place.display()))
                .help("the tables of a results folder must not be edited; run the study again")
        })?;
        file.set_len(kept).map_err(cannot)?;
        file.seek(SeekFrom::End(0)).map_err(cannot)?;
        Ok(Self { place: place.to_owned(), file: BufWriter::new(file) })
    }

    /// Appends a line.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn append(&mut self, line: &str) -> Result<(), Failure> {
        writeln!(self.file, "{line}").map_err(|e| cannot_write(&self.place, &e))
    }

    /// Hands all lines to the operating system, for readers that look on.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn flush(&mut self) -> Result<(), Failure> {
        self.file.flush().map_err(|e| cannot_write(&self.place, &e))
    }

    /// Makes all lines durable. A checkpoint may be written only after this.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn sync(&mut self) -> Result<(), Failure> {
        self.flush()?;
        self.file.get_ref().sync_data().map_err(|e| cannot_write(&self.place, &e))
    }
}

/// Bytes of the line of names and of `rows` whole lines; none if they are not all there.
fn length_of(reader: &mut impl BufRead, names: &str, rows: u64) -> std::io::Result<Option<u64>> {
    let mut length = 0;
    let mut line = Vec::new();
    for row in 0..=rows {
        line.clear();
        length += reader.read_until(b'\n', &mut line)? as u64;
        let whole = line.strip_suffix(b"\n");
        if whole.is_none() || (row == 0 && whole != Some(names.as_bytes())) {
            return Ok(None);
        }
    }
    Ok(Some(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(place: &Path) -> String {
        std::fs::read_to_string(place).unwrap()
    }

    #[test]
    fn lines_after_the_checkpoint_are_cut_off_and_half_lines_with_them() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("series.csv");
        std::fs::write(&place, "a,b\n1,2\n3,4\n5,").unwrap();
        let mut journal = Journal::reopen(&place, "a,b", 1).unwrap();
        journal.append("7,8").unwrap();
        journal.sync().unwrap();
        assert_eq!(content(&place), "a,b\n1,2\n7,8\n");
    }

    #[test]
    fn a_journal_that_lacks_rows_or_has_other_columns_is_refused_untouched() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("series.csv");
        std::fs::write(&place, "a,b\n1,2\n3,4").unwrap();
        assert!(Journal::reopen(&place, "a,b", 2).unwrap_err().what.contains("does not hold the 2 rows"));
        assert!(Journal::reopen(&place, "a,c", 1).is_err());
        assert_eq!(content(&place), "a,b\n1,2\n3,4");
    }
}
