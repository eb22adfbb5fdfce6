//! 10x Genomics HDF5 matrices: version 3 (group `matrix`) and version 2 (a group named after the genome).

use std::path::Path;

use super::compressed::{Storage, Stored};
use super::hdf5::Store;
use super::{Column, Gene, Matrix, Sink, Stop, unexpected};
use crate::error::{AtlasError, Result};

/// A 10x HDF5 matrix.
pub struct TenX {
    store: Store,
    genes: Vec<Gene>,
    cells: Vec<String>,
    stored: Stored,
}

impl TenX {
    /// Reads barcodes and genes of the only matrix of the file.
    pub fn open(store: Store) -> Result<Self> {
        let group = matrix_group(&store)?;
        let features = format!("{group}/features");
        let (ids, names) = if store.is_group(&features) {
            (format!("{features}/id"), format!("{features}/name"))
        } else {
            (format!("{group}/genes"), format!("{group}/gene_names"))
        };
        let (ids, symbols) = (store.strings(&ids)?, store.strings(&names)?);
        if ids.len() != symbols.len() {
            let expected = format!("{} names, one for each identifier", ids.len());
            return Err(store.unexpected(&names, expected, symbols.len().to_string()));
        }
        let genes: Vec<Gene> =
            symbols.into_iter().zip(ids).map(|(symbol, id)| Gene { symbol, id: Some(id) }).collect();
        let cells = store.strings(&format!("{group}/barcodes"))?;
        let shape_name = format!("{group}/shape");
        let shape = store.integers(&shape_name)?;
        if shape != [genes.len() as i64, cells.len() as i64] {
            let expected = format!("[{}, {}], as features and barcodes have", genes.len(), cells.len());
            return Err(store.unexpected(&shape_name, expected, format!("{shape:?}")));
        }
        let stored =
            Stored { inside: group, storage: Storage::ByCell, cells: cells.len(), genes: genes.len() };
        stored.check(&store)?;
        Ok(Self { store, genes, cells, stored })
    }
}

fn matrix_group(store: &Store) -> Result<String> {
    let found = store.children("");
    let holds = |name: &String| store.is_dataset(&format!("{name}/barcodes"));
    let matrices: Vec<&String> = found.iter().filter(|name| holds(name)).collect();
    match matrices[..] {
        [name] => Ok(name.clone()),
        [] => Err(AtlasError::Missing {
            path: store.path.clone(),
            inside: "an AnnData 'obs' or a 10x 'matrix'".into(),
            found,
        }),
        _ => {
            let found = format!("genomes {matrices:?}");
            Err(unexpected(&store.path, "/", "one genome; split the file first", found))
        }
    }
}

impl Matrix for TenX {
    fn path(&self) -> &Path {
        &self.store.path
    }

    fn inside(&self) -> String {
        self.stored.inside.clone()
    }

    fn genes(&self) -> &[Gene] {
        &self.genes
    }

    fn cells(&self) -> &[String] {
        &self.cells
    }

    fn columns(&self) -> Vec<String> {
        Vec::new()
    }

    fn column(&self, name: &str) -> Result<Column> {
        Err(no_labels(&self.store.path, name))
    }

    fn stream(&self, sink: &mut Sink, stop: &Stop) -> Result<()> {
        self.stored.stream(&self.store, sink, stop)
    }
}

/// The error for a label asked of a format that holds none.
pub fn no_labels(path: &Path, name: &str) -> AtlasError {
    AtlasError::MissingColumn { path: path.into(), column: name.into(), available: Vec::new() }
}
