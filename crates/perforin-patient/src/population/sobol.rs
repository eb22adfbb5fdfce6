//! Sobol's sequence with Owen's scrambling.
//!
//! Direction numbers of Joe & Kuo (2008, doi 10.1137/070709359). Scrambling: each binary digit of a coordinate is
//! flipped or not by a random bit that depends on all digits before it (Owen 1995), by a hash of them (Laine & Karras
//! 2011, doi 10.1111/j.1467-8659.2011.01988.x). A point is a pure function of seed, index and dimension; 2³² points.

use perforin_core::rng::{Purpose, Stream};

const BITS: usize = 32;
/// Most dimensions.
pub const MOST_DIMENSIONS: usize = 64;
const TABLE: &str = include_str!("../../data/sobol_directions.csv");

/// A scrambled sequence of points in the unit cube.
#[derive(Clone, Debug)]
pub struct Sobol {
    directions: Vec<[u32; BITS]>,
    /// For each dimension, what its digits are scrambled with.
    keys: Vec<u32>,
}

/// More dimensions than the table has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{dimensions} dimensions, but Sobol's sequence is tabulated for 1 to {MOST_DIMENSIONS}")]
pub struct TooManyDimensions {
    /// How many were asked for.
    pub dimensions: usize,
}

impl Sobol {
    /// The sequence of a seed.
    ///
    /// # Errors
    /// If there are no or more than 64 dimensions.
    pub fn new(dimensions: usize, seed: u64) -> Result<Self, TooManyDimensions> {
        if dimensions == 0 || dimensions > MOST_DIMENSIONS {
            return Err(TooManyDimensions { dimensions });
        }
        let first: [u32; BITS] = std::array::from_fn(|i| 1 << (BITS - 1 - i));
        let rows = TABLE.lines().filter(|line| !line.starts_with('#')).map(direction_numbers);
        let directions = std::iter::once(first).chain(rows).take(dimensions).collect();
        let stream = Stream::new(seed, Purpose::Scramble);
        let keys = (0..dimensions).map(|d| stream.at(d as u64, 0).bits32()).collect();
        Ok(Self { directions, keys })
    }

    /// Coordinate of a point, in the open interval (0, 1).
    pub fn coordinate(&self, index: u32, dimension: usize) -> f64 {
        let digits = self.digits(index, dimension);
        let scrambled = owen(digits.reverse_bits(), self.keys[dimension]).reverse_bits();
        (f64::from(scrambled) + 0.5) / 4_294_967_296.0
    }

    /// Digits of a coordinate before scrambling.
    fn digits(&self, index: u32, dimension: usize) -> u32 {
        (0..BITS)
            .filter(|bit| index >> bit & 1 == 1)
            .fold(0, |digits, bit| digits ^ self.directions[dimension][bit])
    }
}

/// Direction numbers from a line of the table: the polynomial, then the first numbers.
fn direction_numbers(line: &str) -> [u32; BITS] {
    let numbers: Vec<u32> = line.split(',').filter_map(|field| field.parse().ok()).collect();
    let (polynomial, first) = (numbers[0], &numbers[1..]);
    let degree = first.len();
    let mut out = [0; BITS];
    for i in 0..BITS {
        out[i] = if i < degree {
            first[i] << (BITS - 1 - i)
        } else {
            (1..degree)
                .filter(|k| polynomial >> (degree - k) & 1 == 1)
                .fold(out[i - degree] ^ (out[i - degree] >> degree), |v, k| v ^ out[i - k])
        };
    }
    out
}

/// Flips each bit by a hash of the lower ones.
fn owen(mut x: u32, key: u32) -> u32 {
    x ^= x.wrapping_mul(0x3d20_adea);
    x = x.wrapping_add(key);
    x = x.wrapping_mul((key >> 16) | 1);
    x ^= x.wrapping_mul(0x0552_6c56);
    x ^= x.wrapping_mul(0x53a2_2864);
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first points of the sequence without scrambling, from an independent implementation (`SciPy`).
    #[test]
    fn digits_are_those_of_the_published_sequence() {
        let sobol = Sobol::new(64, 0).unwrap();
        let at = |index: u32, dimension| f64::from(sobol.digits(index, dimension)) / 4_294_967_296.0;
        // Points of the Gray-code order 0, 1, 3, 2, 6, 7, 5, 4.
        assert_eq!([1, 3, 2].map(|i| at(i, 0)), [0.5, 0.75, 0.25]);
        assert_eq!([1, 3, 2].map(|i| at(i, 1)), [0.5, 0.25, 0.75]);
        assert_eq!([1, 3, 2, 6, 7, 5, 4].map(|i| at(i, 3)), REFERENCE_3);
        assert_eq!([60, 61, 62, 63].map(|d| at(7, d)), REFERENCE_LAST);
    }

    const REFERENCE_3: [f64; 7] = [0.5, 0.25, 0.75, 0.875, 0.375, 0.625, 0.125];
    const REFERENCE_LAST: [f64; 4] = [0.625, 0.875, 0.375, 0.625];

    /// The defining property, which scrambling keeps: of 2^m points each interval of length 2^-m holds one, in every
    /// dimension.
    #[test]
    fn scrambled_points_are_evenly_spread_in_every_dimension() {
        let sobol = Sobol::new(64, 12).unwrap();
        for dimension in 0..64 {
            let mut seen = [false; 256];
            for index in 0..256 {
                seen[(sobol.coordinate(index, dimension) * 256.0) as usize] = true;
            }
            assert!(seen.iter().all(|s| *s), "dimension {dimension}");
        }
    }

    #[test]
    fn pairs_of_dimensions_fill_the_square() {
        let sobol = Sobol::new(2, 5).unwrap();
        let mut cells = [[0; 16]; 16];
        for index in 0..256 {
            let [x, y] = [0, 1].map(|d| (sobol.coordinate(index, d) * 16.0) as usize);
            cells[x][y] += 1;
        }
        assert!(cells.iter().flatten().all(|n| *n == 1), "{cells:?}");
    }

    #[test]
    fn seeds_scramble_differently() {
        let [a, b] = [1, 2].map(|seed| Sobol::new(8, seed).unwrap().coordinate(5, 3));
        assert_ne!(a, b);
        assert_eq!(Sobol::new(65, 1).unwrap_err(), TooManyDimensions { dimensions: 65 });
    }
}
