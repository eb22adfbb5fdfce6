//! Text files, plain or gzipped, read line by line.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::{io, unexpected};
use crate::error::Result;

/// Longest line that is read: a genes × cells table of ten million cells has lines of about 100 MB.
const LONGEST_LINE: u64 = 1 << 30;

/// Lines of a text file; gzip is recognised by its first two bytes.
pub struct Lines {
    reader: Box<dyn BufRead>,
    /// Number of the line read last, from 1.
    pub number: u64,
}

impl Lines {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<Self> {
        let mut file = BufReader::with_capacity(1 << 16, File::open(path).map_err(|e| io(path, e))?);
        let start = file.fill_buf().map_err(|e| io(path, e))?;
        let reader: Box<dyn BufRead> = if start.starts_with(&[0x1f, 0x8b]) {
            Box::new(BufReader::with_capacity(1 << 18, MultiGzDecoder::new(file)))
        } else {
            Box::new(file)
        };
        Ok(Self { reader, number: 0 })
    }

    /// Reads the next line into `line`, without its end; false at the end of the file.
    pub fn next(&mut self, path: &Path, line: &mut String) -> Result<bool> {
        line.clear();
        self.number += 1;
        let mut bytes = std::mem::take(line).into_bytes();
        let read =
            (&mut self.reader).take(LONGEST_LINE).read_until(b'\n', &mut bytes).map_err(|e| io(path, e))?;
        while matches!(bytes.last(), Some(b'\n' | b'\r')) {
            bytes.pop();
        }
        *line = String::from_utf8(bytes)
            .map_err(|_| unexpected(path, format!("line {}", self.number), "UTF-8 text", "other bytes"))?;
        Ok(read > 0)
    }
}

/// A field without surrounding white space and one pair of double quotes.
pub fn unquoted(field: &str) -> &str {
    let field = field.trim();
    field.strip_prefix('"').and_then(|f| f.strip_suffix('"')).unwrap_or(field)
}

/// The separator of a line: a tab if there is one, else a comma, else white space (none).
pub fn separator(line: &str) -> Option<char> {
    ['\t', ','].into_iter().find(|&c| line.contains(c))
}

/// The fields of a line, unquoted. Quoted fields may contain the separator.
pub fn fields(line: &str, separator: Option<char>) -> Vec<&str> {
    let Some(separator) = separator else {
        return line.split_whitespace().map(unquoted).collect();
    };
    let mut quoted = false;
    let split = move |c: char| {
        quoted ^= c == '"';
        c == separator && !quoted
    };
    line.split(split).map(unquoted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_keep_quoted_separators() {
        assert_eq!(fields("\"a,b\",c,", Some(',')), ["a,b", "c", ""]);
        assert_eq!(fields(" a\t b c ", separator("a\tb c")), ["a", "b c"]);
        assert_eq!(fields("x  y z", separator("x  y z")), ["x", "y", "z"]);
    }
}
