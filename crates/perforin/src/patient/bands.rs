//! Bands of a population over time, which grow stretch by stretch and are kept on disk.

use std::path::{Path, PathBuf};

use super::histogram::Bins;
use super::question::Question;
use super::seen::Seen;
use crate::failure::Failure;
use crate::files;

/// Bins of a decade: 2.3 % apart.
const PER_DECADE: usize = 100;
const MAGIC: &[u8; 8] = b"PFPBANDS";
/// What is put where a value is no number.
const NOTHING: u16 = u16::MAX;

/// Probabilities of the bands.
pub const PROBABILITIES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// Counts for every quantity and day.
#[derive(Debug)]
pub struct Bands {
    place: PathBuf,
    identity: u64,
    columns: Vec<usize>,
    bins: Vec<Bins>,
    days: usize,
    counts: Vec<u32>,
    /// Patients that are counted.
    pub patients: u64,
}

impl Bands {
    /// Opens the bands of an arm, or begins them. `identity` stands for everything that decides them.
    ///
    /// # Errors
    /// If the file cannot be read, is damaged, or is another run's.
    pub fn open(place: &Path, identity: u64, question: &Question) -> Result<Self, Failure> {
        let kept = question.bands().into_iter();
        let (columns, bins): (Vec<usize>, Vec<Bins>) =
            kept.filter_map(|(column, scale)| Some((column, Bins::of(scale, PER_DECADE)?))).unzip();
        let days = question.days.len();
        let size = bins.iter().map(|bins| bins.all() * days).sum();
        let empty = Self {
            place: place.to_owned(),
            identity,
            columns,
            bins,
            days,
            counts: vec![0; size],
            patients: 0,
        };
        if place.exists() { empty.read() } else { Ok(empty) }
    }

    fn read(mut self) -> Result<Self, Failure> {
        let damaged = || {
            Failure::input(format!("`{}` is damaged or of another run", self.place.display()))
                .help("start again in another folder")
        };
        let bytes = std::fs::read(&self.place)
            .map_err(|e| Failure::run(format!("cannot read `{}`", self.place.display())).because(&e))?;
        let (content, digest) = bytes.split_at_checked(bytes.len().saturating_sub(64)).ok_or_else(damaged)?;
        let expected = 24 + 4 * self.counts.len();
        if content.len() != expected || digest != files::digest(content).as_bytes() {
            return Err(damaged());
        }
        let word = |at: usize| content[at..at + 8].try_into().map(u64::from_le_bytes).unwrap_or_default();
        if &content[..8] != MAGIC || word(8) != self.identity {
            return Err(damaged());
        }
        self.patients = word(16);
        for (count, bytes) in self.counts.iter_mut().zip(content[24..].chunks_exact(4)) {
            *count = bytes.try_into().map(u32::from_le_bytes).unwrap_or_default();
        }
        Ok(self)
    }

    /// Puts the bands on disk.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn write(&self) -> Result<(), Failure> {
        let mut bytes = Vec::with_capacity(24 + 4 * self.counts.len() + 64);
        bytes.extend(MAGIC);
        bytes.extend(self.identity.to_le_bytes());
        bytes.extend(self.patients.to_le_bytes());
        for count in &self.counts {
            bytes.extend(count.to_le_bytes());
        }
        let digest = files::digest(&bytes);
        bytes.extend(digest.as_bytes());
        files::write(&self.place, &bytes)
    }

    /// The bins of a patient's values, quantity by quantity and day by day, to be added with [`add`](Self::add).
    pub fn bins_of(&self, seen: &Seen, out: &mut Vec<u16>) {
        for (column, bins) in self.columns.iter().zip(&self.bins) {
            let bin = |value: &f64| bins.of_value(*value).map_or(NOTHING, |bin| bin as u16);
            out.extend(seen.series[*column].iter().map(bin));
        }
    }

    /// Counts patients by their bins.
    pub fn add(&mut self, patients: &[u16]) {
        let mut counts = std::mem::take(&mut self.counts);
        for patient in patients.chunks(self.columns.len() * self.days) {
            self.each_bin(patient, |place| counts[place] += 1);
        }
        self.counts = counts;
    }

    /// Counts patients with weights by their bins, into `weighted`, which is empty or has counts of before.
    pub fn add_weighted(&self, patients: &[u16], weights: &[f64], weighted: &mut Vec<f64>) {
        weighted.resize(self.counts.len(), 0.0);
        for (patient, weight) in patients.chunks(self.columns.len() * self.days).zip(weights) {
            self.each_bin(patient, |place| weighted[place] += weight);
        }
    }

    /// Calls `act` with the place of each of a patient's values.
    fn each_bin(&self, patient: &[u16], mut act: impl FnMut(usize)) {
        let mut from = 0;
        for (bins, places) in self.bins.iter().zip(patient.chunks(self.days)) {
            for (day, bin) in places.iter().enumerate().filter(|(_, bin)| **bin != NOTHING) {
                act(from + day * bins.all() + usize::from(*bin));
            }
            from += self.days * bins.all();
        }
    }

    /// For each quantity, the place of its column in the series without time, and its quantiles day by day; by the counts
    /// of [`add_weighted`](Self::add_weighted), if there are any.
    pub fn quantiles(&self, weighted: Option<&[f64]>) -> Vec<(usize, Vec<[f64; 5]>)> {
        let mut from = 0;
        let mut all = Vec::new();
        for (column, bins) in self.columns.iter().zip(&self.bins) {
            let of_day = |day: usize| {
                let places = from + day * bins.all()..from + (day + 1) * bins.all();
                let counted = || self.counts[places.clone()].iter().map(|n| f64::from(*n)).collect();
                let counts: Vec<f64> = weighted.map_or_else(counted, |all| all[places.clone()].to_vec());
                bins.quantiles(&counts, PROBABILITIES)
            };
            all.push((*column, (0..self.days).map(of_day).collect()));
            from += self.days * bins.all();
        }
        all
    }
}
