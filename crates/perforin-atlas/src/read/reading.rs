//! Passes over the values of files, watched.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Matrix, Sink};
use crate::error::{AtlasError, Result};
use crate::watch::{Progress, Stage, Watch};

/// All passes that a task needs, and how far they are.
pub struct Reading<'a> {
    watch: &'a Watch<'a>,
    /// Bytes of the passes that are over.
    done: Cell<u64>,
    total: u64,
}

impl<'a> Reading<'a> {
    /// A number of passes over some files.
    pub fn new<'m>(files: impl Iterator<Item = &'m dyn Matrix>, passes: u64, watch: &'a Watch<'a>) -> Self {
        let total = passes * files.map(bytes).sum::<u64>();
        Self { watch, done: Cell::new(0), total }
    }

    /// One pass over a file's values.
    ///
    /// # Errors
    /// Of the format; [`AtlasError::Value`] for a value that is no expression level; [`AtlasError::Stopped`].
    pub fn pass(&self, matrix: &dyn Matrix, sink: &mut Sink) -> Result<()> {
        let (before, size) = (self.done.get(), bytes(matrix));
        let (watch, total, is_stopped) = (self.watch, self.total as usize, AtomicBool::new(false));
        let stop = |share: f64| {
            let done = before + (share.clamp(0.0, 1.0) * size as f64) as u64;
            let stop = watch(Progress { stage: Stage::Read, done: done as usize, total });
            is_stopped.fetch_or(stop, Ordering::Relaxed);
            stop
        };
        matrix.stream(sink, &stop)?;
        if let Some((gene, cell, value)) = sink.bad {
            return Err(AtlasError::Value {
                path: matrix.path().into(),
                inside: matrix.inside(),
                gene: matrix.genes().get(gene).map_or_else(String::new, |g| g.symbol.clone()),
                cell: matrix.cells().get(cell).cloned().unwrap_or_default(),
                value,
            });
        }
        if is_stopped.into_inner() {
            return Err(AtlasError::Stopped { path: matrix.path().into() });
        }
        self.done.set(before + size);
        Ok(())
    }
}

/// The size of a file; for an atlas without one, a byte for each cell and gene.
fn bytes(matrix: &dyn Matrix) -> u64 {
    let drawn = matrix.genes().len() as u64 * matrix.cells().len() as u64;
    std::fs::metadata(matrix.path()).map_or(drawn, |file| file.len())
}
