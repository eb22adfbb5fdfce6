//! Header and keywords.

use std::collections::BTreeMap;

use super::FcsError;

/// First and last byte of a segment.
pub(super) type Place = (u64, u64);

/// The header.
pub(super) struct Header {
    pub version: String,
    pub text: Place,
    /// None where the place is too large for the header, or there are no data.
    pub data: Option<Place>,
}

/// Bytes of the header up to the end of the data segment's place.
const VERSION: usize = 6;
const FIRST_PLACE: usize = 10;
const WIDTH: usize = 8;

pub(super) fn header(bytes: &[u8]) -> Result<Header, FcsError> {
    let version = shown(&bytes[..bytes.len().min(VERSION)]);
    if !matches!(version.as_str(), "FCS2.0" | "FCS3.0" | "FCS3.1") {
        return Err(FcsError::Version { found: version });
    }
    let place = |number: usize, what: &'static str| {
        let begin = FIRST_PLACE + number * WIDTH;
        let field = bytes.get(begin..begin + WIDTH).unwrap_or_default();
        let text = shown(field);
        text.trim().parse::<u64>().map_err(|_| FcsError::Header { what, found: text })
    };
    let text = (place(0, "beginning of the text")?, place(1, "end of the text")?);
    let data = (place(2, "beginning of the data")?, place(3, "end of the data")?);
    Ok(Header { version, text, data: (data != (0, 0)).then_some(data) })
}

/// Bytes as text; what is not UTF-8 is taken for Latin-1.
fn shown(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|b| char::from(*b)).collect(),
    }
}

pub(super) fn segment<'a>(
    bytes: &'a [u8],
    what: &'static str,
    (begin, end): Place,
) -> Result<&'a [u8], FcsError> {
    let wrong = || FcsError::Segment { what, begin, end, length: bytes.len() };
    let first = usize::try_from(begin).map_err(|_| wrong())?;
    let last = usize::try_from(end).map_err(|_| wrong())?;
    if last < first || last >= bytes.len() {
        return Err(wrong());
    }
    Ok(&bytes[first..=last])
}

/// Pairs of keyword and value. The first byte separates them; doubled, it stands for itself. Against the standard, some
/// instruments write empty values instead; then a keyword would hold the separator, and it separates wherever it stands.
pub(super) fn keywords(segment: &[u8]) -> Result<BTreeMap<String, String>, FcsError> {
    let wrong = |why: String| FcsError::Text { why };
    let Some((separator, rest)) = segment.split_first() else {
        return Err(wrong("it is empty".to_owned()));
    };
    let mut tokens = split(rest, *separator, true);
    if tokens.iter().step_by(2).any(|key| key.contains(separator)) {
        tokens = split(rest, *separator, false);
    }
    if tokens.len() % 2 == 1 {
        return Err(wrong(format!("the keyword `{}` has no value", shown(&tokens[tokens.len() - 1]))));
    }
    let mut keywords = BTreeMap::new();
    for pair in tokens.chunks_exact(2) {
        let key = shown(&pair[0]).trim().to_uppercase();
        if keywords.contains_key(&key) {
            return Err(wrong(format!("the keyword `{key}` occurs twice")));
        }
        keywords.insert(key, shown(&pair[1]).trim().to_owned());
    }
    Ok(keywords)
}

/// The parts between separators; `doubled` separators stand for one, or not.
fn split(rest: &[u8], separator: u8, doubled: bool) -> Vec<Vec<u8>> {
    let mut tokens: Vec<Vec<u8>> = Vec::new();
    let mut token = Vec::new();
    let mut k = 0;
    while k < rest.len() {
        if rest[k] != separator {
            token.push(rest[k]);
        } else if doubled && rest.get(k + 1) == Some(&separator) {
            token.push(separator);
            k += 1;
        } else {
            tokens.push(std::mem::take(&mut token));
        }
        k += 1;
    }
    // Some writers leave out the last separator, others pad with blanks.
    if token.iter().any(|b| !b.is_ascii_whitespace() && *b != 0) {
        tokens.push(token);
    }
    tokens
}

/// The value of a keyword.
pub(super) fn value<'a>(keywords: &'a BTreeMap<String, String>, key: &str) -> Result<&'a str, FcsError> {
    match keywords.get(key) {
        Some(value) => Ok(value),
        None => Err(FcsError::Missing { keyword: key.to_owned() }),
    }
}

/// The whole number that a keyword holds.
pub(super) fn whole(keywords: &BTreeMap<String, String>, key: &str) -> Result<u64, FcsError> {
    let text = value(keywords, key)?;
    text.parse().map_err(|_| FcsError::Value {
        keyword: key.to_owned(),
        found: text.to_owned(),
        accepted: "a whole number",
    })
}

/// A segment's place given by two keywords; none if they are missing or both 0.
pub(super) fn places(
    keywords: &BTreeMap<String, String>,
    begin: &str,
    end: &str,
) -> Result<Option<Place>, FcsError> {
    if !keywords.contains_key(begin) && !keywords.contains_key(end) {
        return Ok(None);
    }
    let place = (whole(keywords, begin)?, whole(keywords, end)?);
    Ok((place != (0, 0)).then_some(place))
}
