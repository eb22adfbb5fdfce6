//! Which second literals remain possible beside a first, by their counts alone.
//!
//! Both kinds of inner gate ask the same of the second literal: a value of at least a bound in every tally, but
//! for a number of tallies that may fail.
//!
//! - `Y | Z` must cover: z ≥ need − y in the patients.
//! - `Y & Z` must spare: y + z − m ≤ limit in the normal groups, so −z ≥ y − m − limit.

use crate::popcount::kernel;

/// Tallies that are compared for all literals at once before single literals are looked at.
const FIRST: usize = 4;

/// Values of a list of literals in the tallies that matter.
pub struct Values {
    /// The literals, by index in the planes.
    pub literals: Vec<u32>,
    /// Number of tallies.
    pub tallies: usize,
    /// `columns[tally * literals + i]`
    columns: Vec<i32>,
    /// `rows[i * tallies + tally]`
    rows: Vec<i32>,
    /// Largest value in each tally.
    largest: Vec<i32>,
    /// Smallest value in each tally.
    smallest: Vec<i32>,
}

impl Values {
    /// Takes the values of the listed literals; `value(tally, literal)`.
    pub fn gather(literals: Vec<u32>, tallies: usize, value: impl Fn(usize, usize) -> i32) -> Self {
        let n = literals.len();
        let mut columns = Vec::with_capacity(n * tallies);
        for t in 0..tallies {
            columns.extend(literals.iter().map(|&l| value(t, l as usize)));
        }
        let mut rows = vec![0; n * tallies];
        for (t, column) in columns.chunks_exact(n.max(1)).enumerate() {
            for (i, &v) in column.iter().enumerate() {
                rows[i * tallies + t] = v;
            }
        }
        let extreme = |pick: fn(i32, i32) -> i32, start| {
            columns.chunks_exact(n.max(1)).map(|c| c.iter().copied().fold(start, pick)).collect()
        };
        let (largest, smallest) = (extreme(i32::max, i32::MIN), extreme(i32::min, i32::MAX));
        Self { literals, tallies, columns, rows, largest, smallest }
    }

    /// Collects in `out` the places from `from` on in the list whose values reach the bounds in all but
    /// `failures` tallies.
    pub fn reaching(
        &self,
        isa: crate::popcount::Isa,
        bounds: &[i32],
        failures: usize,
        from: usize,
        scratch: &mut Vec<i32>,
        out: &mut Vec<u32>,
    ) {
        out.clear();
        if self.literals.is_empty() {
            return;
        }
        let mut certain = 0;
        let mut tight = Tight::default();
        for (t, &bound) in bounds.iter().enumerate() {
            if bound > self.largest[t] {
                certain += 1;
                if certain > failures {
                    return;
                }
            } else if bound > self.smallest[t] {
                tight.add(t, bound - self.smallest[t], self.largest[t] - self.smallest[t]);
            }
        }
        if tight.len == 0 {
            out.extend(from as u32..self.literals.len() as u32);
            return;
        }
        sieve(isa, self, bounds, failures, from, &tight, scratch, out);
    }
}

/// The tallies whose bounds ask most, at most [`FIRST`].
#[derive(Default)]
pub(crate) struct Tight {
    tallies: [usize; FIRST],
    asked: [f32; FIRST],
    len: usize,
}

impl Tight {
    #[inline(always)]
    fn add(&mut self, tally: usize, asked: i32, span: i32) {
        let asked = asked as f32 / span as f32;
        if self.len == FIRST && asked <= self.asked[FIRST - 1] {
            return;
        }
        let mut at = self.len.min(FIRST - 1);
        while at > 0 && self.asked[at - 1] < asked {
            self.asked[at] = self.asked[at - 1];
            self.tallies[at] = self.tallies[at - 1];
            at -= 1;
        }
        self.asked[at] = asked;
        self.tallies[at] = tally;
        self.len = (self.len + 1).min(FIRST);
    }
}

kernel! {
    /// The places whose values reach the bounds: first in the tight tallies for all, then in all for the rest.
    fn sieve = sieve_body(
        values: &Values,
        bounds: &[i32],
        failures: usize,
        from: usize,
        tight: &Tight,
        scratch: &mut Vec<i32>,
        out: &mut Vec<u32>,
    )
}

#[inline(always)]
fn sieve_body(
    values: &Values,
    bounds: &[i32],
    failures: usize,
    from: usize,
    tight: &Tight,
    scratch: &mut Vec<i32>,
    out: &mut Vec<u32>,
) {
    let n = values.literals.len();
    scratch.clear();
    scratch.resize(n - from, 0);
    for &t in &tight.tallies[..tight.len] {
        let (column, bound) = (&values.columns[t * n + from..(t + 1) * n], bounds[t]);
        for (failed, &value) in scratch.iter_mut().zip(column) {
            *failed += i32::from(value < bound);
        }
    }
    let allowed = failures as i32;
    for (i, _) in (from..).zip(scratch.iter()).filter(|&(_, &failed)| failed <= allowed) {
        let row = &values.rows[i * values.tallies..(i + 1) * values.tallies];
        let failed: i32 = row.iter().zip(bounds).map(|(&value, &bound)| i32::from(value < bound)).sum();
        if failed <= allowed {
            out.push(i as u32);
        }
    }
}
