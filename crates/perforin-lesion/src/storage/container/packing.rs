//! Compression of arrays: values of several bytes are first put into byte planes, because the high bytes of
//! neighbouring values resemble each other and the low bytes do not.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

/// Bytes that one byte of a deflate stream can stand for, at most (RFC 1951: 258 bytes by two bits).
pub(super) const MOST_PER_BYTE: u64 = 1032;

/// Compresses values of `width` bytes.
pub(super) fn deflate(bytes: &[u8], width: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    // Neither step can fail: a vector takes every write.
    let written = encoder.write_all(&to_planes(bytes, width));
    written.and_then(|()| encoder.finish()).unwrap_or_default()
}

/// Decompresses values of `width` bytes, or says how many bytes came out instead of `length`.
pub(super) fn inflate(stored: &[u8], width: usize, length: usize) -> Result<Vec<u8>, u64> {
    let mut planes = Vec::new();
    // One byte more than wanted shows that there would be more. The vector grows with what really comes out.
    let outcome = ZlibDecoder::new(stored).take(length as u64 + 1).read_to_end(&mut planes);
    if outcome.is_ok() && planes.len() == length {
        Ok(from_planes(&planes, width))
    } else {
        Err(planes.len() as u64)
    }
}

/// First bytes of all values, then their second bytes, and so on.
fn to_planes(bytes: &[u8], width: usize) -> Vec<u8> {
    let mut planes = Vec::with_capacity(bytes.len());
    for plane in 0..width {
        planes.extend(bytes.iter().skip(plane).step_by(width));
    }
    planes
}

/// Undoes [`to_planes`]; `width` divides the length.
fn from_planes(planes: &[u8], width: usize) -> Vec<u8> {
    let mut bytes = vec![0; planes.len()];
    let n = planes.len() / width;
    for plane in 0..width {
        for (to, from) in bytes.iter_mut().skip(plane).step_by(width).zip(&planes[plane * n..]) {
            *to = *from;
        }
    }
    bytes
}
