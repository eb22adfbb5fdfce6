//! Values of a matrix in HDF5: compressed sparse rows or columns, or a dense array, streamed in windows.

use super::Sink;
use super::hdf5::Store;
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
    pub fn stream(&self, store: &Store, sink: &mut Sink) -> Result<()> {
        if self.storage == Storage::Dense {
            return self.stream_dense(store, sink);
        }
        let starts = self.pointers(store)?;
        let (minors, minor_name) =
            if self.storage == Storage::ByCell { (self.genes, "genes") } else { (self.cells, "cells") };
        let (data_name, index_name) = (format!("{}/data", self.inside), format!("{}/indices", self.inside));
        let (data, indices) = (store.dataset(&data_name)?, store.dataset(&index_name)?);
        let total = starts.last().copied().unwrap_or(0);
        let window = Store::window(&data, 1);
        let mut major = 0;
        let mut start = 0;
        while start < total && sink.bad.is_none() {
            let count = window.min(total - start);
            if !self.wanted(&starts, start, count, sink) {
                start += count;
                continue;
            }
            let (values, indices) = rayon::join(
                || store.float_rows(&data, &data_name, start, count, 1),
                || store.integer_rows(&indices, &index_name, start, count),
            );
            for (k, (value, index)) in (start..).zip(values?.into_iter().zip(indices?)) {
                while starts[major + 1] <= k {
                    major += 1;
                }
                let Some(minor) = usize::try_from(index).ok().filter(|&i| i < minors) else {
                    let expected = format!("an index below {minors} ({minor_name})");
                    return Err(store.unexpected(&index_name, expected, format!("{index} at {k}")));
                };
                match self.storage {
                    Storage::ByCell => sink.entry(minor, major, value),
                    _ => sink.entry(major, minor, value),
                }
            }
            start += count;
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

    fn stream_dense(&self, store: &Store, sink: &mut Sink) -> Result<()> {
        let dataset = store.dataset(&self.inside)?;
        let window = Store::window(&dataset, self.genes as u64);
        let mut start = 0;
        while start < self.cells as u64 && sink.bad.is_none() {
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
