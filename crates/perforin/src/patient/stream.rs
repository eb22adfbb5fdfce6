//! A population, streamed to disk: rows and bands grow stretch by stretch, so that memory stays bounded and a run that
//! was killed goes on to the same bytes.
//!
//! A stretch's rows are put on disk first, then the bands. A run that was killed between the two follows the stretch again
//! for its bands alone.

use std::path::PathBuf;

use perforin_patient::population::run::in_chunks;
use perforin_patient::population::store::{Store, StoreError, Stretches};

use super::bands::Bands;
use super::meter::Meter;
use super::question::{Arm, Question};
use crate::failure::Failure;
use crate::files::{self, cannot_write};
use crate::folder::Folder;
use crate::interrupt;
use crate::manifest::VERSION;
use crate::study::Study;

/// Patients of a stretch.
const STRETCH: u64 = 4096;

/// The files of an arm while it runs.
#[derive(Clone, Debug)]
pub struct Files {
    /// Rows of outcomes.
    pub rows: PathBuf,
    /// Bands.
    pub bands: PathBuf,
    identity: u64,
}

impl Files {
    /// The files of arm number `arm` of a study.
    pub fn of(study: &Study, folder: &Folder, arm: usize) -> Self {
        let digest = files::digest(format!("{VERSION} {arm} {}", study.text).as_bytes());
        Self {
            rows: folder.root().join(format!("arm-{arm}.rows")),
            bands: folder.root().join(format!("arm-{arm}.bands")),
            identity: u64::from_str_radix(&digest[..16], 16).unwrap_or_default(),
        }
    }

    /// Opens the bands.
    ///
    /// # Errors
    /// If they cannot be read, are damaged, or are another run's.
    pub fn open_bands(&self, question: &Question) -> Result<Bands, Failure> {
        Bands::open(&self.bands, self.identity, question)
    }

    /// The stretches of rows.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn stretches(&self) -> Result<impl Iterator<Item = Result<Vec<f64>, Failure>> + use<>, Failure> {
        let stretches = Stretches::open(&self.rows).map_err(|e| not_kept(&e))?;
        Ok(stretches.map(|stretch| stretch.map(|(_, values)| values).map_err(|e| not_kept(&e))))
    }

    /// Removes the files when all tables are written.
    pub fn remove(&self) {
        let _ = std::fs::remove_file(&self.rows);
        let _ = std::fs::remove_file(&self.bands);
    }
}

pub(super) fn not_kept(error: &StoreError) -> Failure {
    match error {
        StoreError::Io { path, source } => cannot_write(path, source),
        _ => Failure::input("the patients that were followed cannot be read")
            .because(error)
            .help("start again in another folder"),
    }
}

/// What a chunk of patients gives.
struct Chunk {
    rows: Vec<f64>,
    bins: Vec<u16>,
}

/// Follows the patients of an arm who are not yet on disk. Returns whether all are; otherwise the user has stopped it.
///
/// # Errors
/// If the files are damaged or another run's, or the disk is full or fails.
pub fn follow(question: &Question, arm: &Arm, files: &Files, meter: &Meter) -> Result<bool, Failure> {
    let width = question.outcome_columns().len();
    let mut store = Store::open(&files.rows, width, files.identity).map_err(|e| not_kept(&e))?;
    let mut bands = files.open_bands(question)?;
    while bands.patients < question.count {
        if interrupt::is_requested() {
            return Ok(false);
        }
        let (from, to) = (bands.patients, question.count.min(bands.patients + STRETCH));
        let chunks = in_chunks((from, to), |numbers| {
            let n = numbers.end - numbers.start;
            let mut chunk = Chunk { rows: Vec::new(), bins: Vec::new() };
            for (i, seen) in question.follow(arm, numbers).into_iter().enumerate() {
                if let Ok(seen) = seen {
                    chunk.rows.extend(&seen.outcome);
                    bands.bins_of(&seen, &mut chunk.bins);
                }
                // The row of a patient who failed is empty.
                chunk.rows.resize((i + 1) * width, f64::NAN);
            }
            meter.add(n);
            chunk
        });
        if store.patients() < to {
            let rows: Vec<f64> = chunks.iter().flat_map(|chunk| chunk.rows.iter().copied()).collect();
            store.append(&rows).map_err(|e| not_kept(&e))?;
        }
        for chunk in &chunks {
            bands.add(&chunk.bins);
        }
        bands.patients = to;
        bands.write()?;
    }
    Ok(true)
}

/// Bands of the patients of an arm by their weights: all are followed once more, since weights are known only when all rows
/// are there.
///
/// # Errors
/// If the bands on disk cannot be read.
pub fn weighted_bands(
    question: &Question,
    arm: &Arm,
    files: &Files,
    weights: &[f64],
    meter: &Meter,
) -> Result<Option<Vec<f64>>, Failure> {
    let bands = files.open_bands(question)?;
    let mut counts = Vec::new();
    let mut from = 0;
    while from < question.count {
        if interrupt::is_requested() {
            return Ok(None);
        }
        let to = question.count.min(from + STRETCH);
        let chunks = in_chunks((from, to), |numbers| {
            let n = numbers.end - numbers.start;
            let (mut bins, mut of) = (Vec::new(), Vec::new());
            for seen in question.follow(arm, numbers).into_iter().flatten() {
                bands.bins_of(&seen, &mut bins);
                of.push(weights.get(seen.number as usize).copied().unwrap_or_default());
            }
            meter.add(n);
            (bins, of)
        });
        for (bins, of) in &chunks {
            bands.add_weighted(bins, of, &mut counts);
        }
        from = to;
    }
    Ok(Some(counts))
}

/// Patients of an arm who are on disk.
///
/// # Errors
/// If the files are damaged or another run's.
pub fn begun(question: &Question, files: &Files) -> Result<u64, Failure> {
    if files.bands.exists() { Ok(files.open_bands(question)?.patients) } else { Ok(0) }
}
