//! Values of a matrix in HDF5: compressed sparse rows or columns, or a dense array, streamed in windows.

use super::hdf5::{Integers, Numbers, Store};
use super::{Sink, Stop};
use crate::error::Result;

/// Which axis the compressed pointers run along, or a dense array of cells × genes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// One run of genes per cell (`AnnData` CSR, 10x).
    ByCell,
    /// One run of cells per gene (`AnnData` CSC).
    ByGene,
    /// Dense, cells × genes, row-major.
    Dense,
}

/// Consecutive values of a sparse matrix.
struct Window {
    start: u64,
    values: Numbers,
    indices: Integers,
}

/// Where and how a matrix is stored.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The group (`data`, `indices`, `indptr`) or, if dense, the dataset.
    pub inside: String,
    /// The form.
    pub storage: Storage,
    /// Number of cells.
    pub cells: usize,
    /// Number of genes.
    pub genes: usize,
}

impl Stored {
    /// Checks what can be checked without reading the values: arrays are there and their lengths agree.
    pub fn check(&self, store: &Store) -> Result<()> {
        if self.storage == Storage::Dense {
            let dataset = store.dataset(&self.inside)?;
            store.numeric(&dataset, &self.inside)?;
            let found = store.shape::<2>(&dataset, &self.inside)?;
            let expected = [self.cells as u64, self.genes as u64];
            if found != expected {
                let expected = format!("{} cells × {} genes", self.cells, self.genes);
                return Err(store.unexpected(&self.inside, expected, format!("shape {found:?}")));
            }
            return Ok(());
        }
        for part in ["data", "indices", "indptr"] {
            let inside = format!("{}/{part}", self.inside);
            let dataset = store.dataset(&inside)?;
            store.numeric(&dataset, &inside)?;
            store.shape::<1>(&dataset, &inside)?;
        }
        Ok(())
    }

    /// Passes all non-zero values to the sink.
    ///
    /// While one window of values is passed on, the next is read and decompressed.
    pub fn stream(&self, store: &Store, sink: &mut Sink, stop: &Stop) -> Result<()> {
        if self.storage == Storage::Dense {
            return self.stream_dense(store, sink, stop);
        }
        let starts = self.pointers(store)?;
        let (data_name, index_name) = (format!("{}/data", self.inside), format!("{}/indices", self.inside));
        let (data, indices) = (store.dataset(&data_name)?, store.dataset(&index_name)?);
        let (total, step) = (starts.last().copied().unwrap_or(0), Store::window(&data, 1));
        let windows = (0..total).step_by(usize::try_from(step).unwrap_or(usize::MAX));
        let windows: Vec<(u64, u64)> = windows
            .map(|start| (start, step.min(total - start)))
            .filter(|&(start, count)| self.wanted(&starts, start, count, sink))
            .collect();
        let read = |&(start, count): &(u64, u64)| -> Result<Window> {
            let (values, indices) = rayon::join(
                || store.numbers(&data, &data_name, start, count, 1),
                || store.integer_rows(&indices, &index_name, start, count),
            );
            Ok(Window { start, values: values?, indices: indices? })
        };
        let mut next = windows.first().map(read).transpose()?;
        for following in 1..=windows.len() {
            let Some(window) = next.take().filter(|window| !stop(window.start as f64 / total as f64)) else {
                break;
            };
            let (passed, read) = rayon::join(
                || self.pass(&window, &starts, sink),
                || windows.get(following).map(read).transpose(),
            );
            if let Err(index) = passed {
                let (minors, kind) = self.minors();
                let expected = format!("an index below {minors} ({kind})");
                return Err(store.unexpected(&index_name, expected, index.to_string()));
            }
            if sink.bad.is_some() {
                break;
            }
            next = read?;
        }
        Ok(())
    }

    /// How many genes or cells the indices may name.
    fn minors(&self) -> (usize, &'static str) {
        if self.storage == Storage::ByCell { (self.genes, "genes") } else { (self.cells, "cells") }
    }

    /// Passes a window to the sink; an index that is out of range is the error.
    fn pass(&self, window: &Window, starts: &[u64], sink: &mut Sink) -> std::result::Result<(), i64> {
        match (&window.values, &window.indices) {
            (Numbers::Single(values), Integers::Short(indices)) => {
                self.pass_as(window.start, values, indices, starts, sink)
            }
            (Numbers::Single(values), Integers::Long(indices)) => {
                self.pass_as(window.start, values, indices, starts, sink)
            }
            (Numbers::Double(values), Integers::Short(indices)) => {
                self.pass_as(window.start, values, indices, starts, sink)
            }
            (Numbers::Double(values), Integers::Long(indices)) => {
                self.pass_as(window.start, values, indices, starts, sink)
            }
        }
    }

    fn pass_as<V: Copy + Into<f64>, I: Copy + Into<i64>>(
        &self,
        start: u64,
        values: &[V],
        indices: &[I],
        starts: &[u64],
        sink: &mut Sink,
    ) -> std::result::Result<(), i64> {
        let (minors, _) = self.minors();
        let mut major = starts.partition_point(|&s| s <= start) - 1;
        let mut from = 0;
        // One run at a time: a cell's genes, or a gene's cells.
        while from < values.len() {
            while starts[major + 1] <= start + from as u64 {
                major += 1;
            }
            let end = usize::try_from(starts[major + 1] - start).unwrap_or(usize::MAX).min(values.len());
            let (values, indices) = (&values[from..end], &indices[from..end]);
            if self.storage == Storage::ByCell {
                sink.cell(major, indices, values, minors)?;
            } else {
                for (&value, &index) in values.iter().zip(indices) {
                    let index = index.into();
                    let minor = usize::try_from(index).ok().filter(|&i| i < minors).ok_or(index)?;
                    sink.entry(major, minor, value.into());
                }
            }
            from = end;
        }
        Ok(())
    }

    /// Whether a window of values holds a gene that the sink wants; by cell, always.
    fn wanted(&self, starts: &[u64], start: u64, count: u64, sink: &Sink) -> bool {
        if self.storage == Storage::ByCell {
            return true;
        }
        let first = starts.partition_point(|&s| s <= start) - 1;
        (first..self.genes).take_while(|&gene| starts[gene] < start + count).any(|gene| sink.wants(gene))
    }

    /// The pointers, checked: one more than there are runs, never falling, ending at the number of values.
    fn pointers(&self, store: &Store) -> Result<Vec<u64>> {
        let inside = format!("{}/indptr", self.inside);
        let runs = if self.storage == Storage::ByCell { self.cells } else { self.genes };
        let pointers = store.integers(&inside)?;
        if pointers.len() != runs + 1 {
            let expected = format!("{} pointers", runs + 1);
            return Err(store.unexpected(&inside, expected, pointers.len().to_string()));
        }
        if pointers[0] != 0 || pointers.windows(2).any(|w| w[1] < w[0]) {
            return Err(store.unexpected(&inside, "pointers that start at 0 and never fall", "others"));
        }
        let total = pointers[runs] as u64;
        for part in ["data", "indices"] {
            let name = format!("{}/{part}", self.inside);
            let [length] = store.shape(&store.dataset(&name)?, &name)?;
            if length < total {
                return Err(store.unexpected(&name, format!("{total} values"), length.to_string()));
            }
        }
        Ok(pointers.into_iter().map(|p| p as u64).collect())
    }

    fn stream_dense(&self, store: &Store, sink: &mut Sink, stop: &Stop) -> Result<()> {
        let dataset = store.dataset(&self.inside)?;
        let window = Store::window(&dataset, self.genes as u64);
        let mut start = 0;
        while start < self.cells as u64 && sink.bad.is_none() && !stop(start as f64 / self.cells as f64) {
            let count = window.min(self.cells as u64 - start);
            let values = store.float_rows(&dataset, &self.inside, start, count, self.genes as u64)?;
            for (row, cell) in values.chunks_exact(self.genes.max(1)).zip(start as usize..) {
                for (gene, &value) in row.iter().enumerate() {
                    sink.entry(gene, cell, value);
                }
            }
            start += count;
        }
        Ok(())
    }
}
