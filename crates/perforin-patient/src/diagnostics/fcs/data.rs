//! The events.

use std::collections::BTreeMap;

use super::text::{value, whole};
use super::{Channel, FcsError};

/// How the numbers of a channel are written.
struct Layout {
    bytes: usize,
    /// Bits of an integer that count.
    mask: u64,
    scale: Scale,
}

/// From what is written to the linear scale.
enum Scale {
    /// `x / gain`.
    Linear { gain: f64 },
    /// `offset · 10^(decades · x / range)`.
    Logarithmic { decades: f64, offset: f64, range: f64 },
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Integer,
    Single,
    Double,
}

pub(super) fn channels(keywords: &BTreeMap<String, String>, data: &[u8]) -> Result<Vec<Channel>, FcsError> {
    let wrong = |key: &str, accepted: &'static str| -> FcsError {
        let found = keywords.get(key).cloned().unwrap_or_default();
        FcsError::Value { keyword: key.to_owned(), found, accepted }
    };
    if keywords.get("$MODE").is_some_and(|mode| mode != "L") {
        return Err(wrong("$MODE", "L, a list of events,"));
    }
    let kind = match value(keywords, "$DATATYPE")? {
        "I" => Kind::Integer,
        "F" => Kind::Single,
        "D" => Kind::Double,
        _ => return Err(wrong("$DATATYPE", "I, F or D")),
    };
    let little = little_endian(value(keywords, "$BYTEORD")?)
        .ok_or_else(|| wrong("$BYTEORD", "an order that rises from 1 or falls to it"))?;
    let number = whole(keywords, "$PAR")?;
    // Each channel has keywords of its own, so that there cannot be more of the one than of the other.
    if number == 0 || number > keywords.len() as u64 {
        return Err(wrong("$PAR", "the number of channels that are described"));
    }
    let layouts =
        (1..=number).map(|n| layout(keywords, kind, n)).collect::<Result<Vec<Layout>, FcsError>>()?;
    let per_event: usize = layouts.iter().map(|l| l.bytes).sum();
    let events = count(keywords, per_event, data.len())?;
    let mut columns: Vec<Vec<f64>> = layouts.iter().map(|_| Vec::with_capacity(events)).collect();
    for event in data.chunks_exact(per_event).take(events) {
        let mut rest = event;
        for (layout, column) in layouts.iter().zip(&mut columns) {
            let (own, others) = rest.split_at(layout.bytes);
            rest = others;
            column.push(layout.scale.linear(number_of(own, kind, little, layout.mask)));
        }
    }
    (1..=number)
        .zip(columns)
        .map(|(n, values)| {
            let name = value(keywords, &format!("$P{n}N"))?.to_owned();
            Ok(Channel { name, label: keywords.get(&format!("$P{n}S")).cloned(), values })
        })
        .collect()
}

/// Number of events, which the data must have room for, and for no more.
fn count(keywords: &BTreeMap<String, String>, per_event: usize, length: usize) -> Result<usize, FcsError> {
    let events =
        if keywords.contains_key("$TOT") { whole(keywords, "$TOT")? } else { (length / per_event) as u64 };
    let needed = u128::from(events) * per_event as u128;
    let found = length as u128;
    if found == needed || found == needed + 1 {
        Ok(events as usize)
    } else {
        Err(FcsError::Size { events, per_event: per_event as u64, needed, found: length as u64 })
    }
}

/// Whether the least significant byte comes first.
fn little_endian(order: &str) -> Option<bool> {
    let places: Vec<usize> =
        order.split(',').map(|p| p.trim().parse().ok()).collect::<Option<Vec<usize>>>()?;
    let n = places.len();
    let rising = places.iter().enumerate().all(|(k, p)| *p == k + 1);
    let falling = places.iter().enumerate().all(|(k, p)| k + *p == n);
    (rising || falling).then_some(rising)
}

fn layout(keywords: &BTreeMap<String, String>, kind: Kind, n: u64) -> Result<Layout, FcsError> {
    let wrong = |key: &str, accepted: &'static str| -> FcsError {
        let found = keywords.get(key).cloned().unwrap_or_default();
        FcsError::Value { keyword: key.to_owned(), found, accepted }
    };
    let key = format!("$P{n}B");
    let bits = whole(keywords, &key)?;
    match kind {
        Kind::Integer if bits % 8 == 0 && (8..=64).contains(&bits) => {}
        Kind::Single if bits == 32 => {}
        Kind::Double if bits == 64 => {}
        Kind::Integer => return Err(wrong(&key, "8, 16, 24, 32, 40, 48, 56 or 64 bits for integers")),
        Kind::Single => return Err(wrong(&key, "32 bits for $DATATYPE F")),
        Kind::Double => return Err(wrong(&key, "64 bits for $DATATYPE D")),
    }
    let key = format!("$P{n}R");
    let range: f64 = value(keywords, &key)?.parse().unwrap_or(f64::NAN);
    if kind == Kind::Integer && (range.is_nan() || range < 1.0) {
        return Err(wrong(&key, "a number of at least 1"));
    }
    let mut mask = u64::MAX;
    if kind == Kind::Integer {
        // The smallest power of two that holds the range.
        mask = (0..64).map(|b| 1_u64 << b).find(|p| *p as f64 >= range).map_or(u64::MAX, |p| p - 1);
    }
    let key = format!("$P{n}E");
    let (decades, offset) = match keywords.get(&key) {
        None => (0.0, 0.0),
        Some(text) => pair(text).ok_or_else(|| wrong(&key, "two numbers of at least 0"))?,
    };
    let key = format!("$P{n}G");
    let gain: f64 = match keywords.get(&key) {
        None => 1.0,
        Some(text) => text.parse().unwrap_or(f64::NAN),
    };
    if gain.is_nan() || gain <= 0.0 {
        return Err(wrong(&key, "a positive number"));
    }
    let scale = if kind == Kind::Integer && decades > 0.0 {
        // An offset of 0 cannot be meant: the standard takes it for 1.
        Scale::Logarithmic { decades, offset: if offset > 0.0 { offset } else { 1.0 }, range }
    } else {
        Scale::Linear { gain }
    };
    Ok(Layout { bytes: bits as usize / 8, mask, scale })
}

fn pair(text: &str) -> Option<(f64, f64)> {
    let (a, b) = text.split_once(',')?;
    let number = |t: &str| t.trim().parse::<f64>().ok().filter(|x| x.is_finite() && *x >= 0.0);
    Some((number(a)?, number(b)?))
}

impl Scale {
    fn linear(&self, x: f64) -> f64 {
        match self {
            Self::Linear { gain } => x / gain,
            Self::Logarithmic { decades, offset, range } => offset * libm::pow(10.0, decades * x / range),
        }
    }
}

/// The number that some bytes stand for.
fn number_of(bytes: &[u8], kind: Kind, little: bool, mask: u64) -> f64 {
    let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
    let bits = if little { bytes.iter().rev().fold(0, add) } else { bytes.iter().fold(0, add) };
    match kind {
        Kind::Integer => (bits & mask) as f64,
        Kind::Single => f64::from(f32::from_bits(bits as u32)),
        Kind::Double => f64::from_bits(bits),
    }
}
