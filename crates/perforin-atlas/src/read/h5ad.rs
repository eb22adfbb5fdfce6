//! `AnnData` `.h5ad` files, from the first version to the present.

use std::path::Path;

use super::compressed::{Storage, Stored};
use super::frame::Frame;
use super::hdf5::Store;
use super::{Column, Gene, Matrix, MatrixChoice, Sink, Stop};
use crate::error::{AtlasError, Result};

/// An `AnnData` file.
pub struct H5ad {
    store: Store,
    obs: Frame,
    genes: Vec<Gene>,
    stored: Stored,
}

impl H5ad {
    /// Reads cells, genes and the place of the chosen matrix.
    pub fn open(store: Store, choice: &MatrixChoice) -> Result<Self> {
        let obs = Frame::open(&store, "obs")?;
        let (matrix, var) = place(&store, choice);
        if !store.has(&matrix) {
            let found = match choice {
                MatrixChoice::Layer(_) => store.children("layers"),
                _ => store.children(""),
            };
            return Err(AtlasError::Missing { path: store.path, inside: matrix, found });
        }
        let genes = genes(&store, &var)?;
        let storage = storage(&store, &matrix)?;
        let stored = Stored { inside: matrix, storage, cells: obs.index.len(), genes: genes.len() };
        check_shape(&store, &stored)?;
        stored.check(&store)?;
        Ok(Self { store, obs, genes, stored })
    }
}

impl Matrix for H5ad {
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
        &self.obs.index
    }

    fn columns(&self) -> Vec<String> {
        self.obs.columns.clone()
    }

    fn column(&self, name: &str) -> Result<Column> {
        self.obs.column(&self.store, name)
    }

    fn stream(&self, sink: &mut Sink, stop: &Stop) -> Result<()> {
        self.stored.stream(&self.store, sink, stop)
    }
}

/// Paths of the chosen matrix and of its genes; before 0.7, raw lay beside the others under names with a dot.
fn place(store: &Store, choice: &MatrixChoice) -> (String, String) {
    match choice {
        MatrixChoice::Main | MatrixChoice::Generated(_) => ("X".into(), "var".into()),
        MatrixChoice::Raw if store.has("raw.X") => ("raw.X".into(), "raw.var".into()),
        MatrixChoice::Raw => ("raw/X".into(), "raw/var".into()),
        MatrixChoice::Layer(name) => (format!("layers/{name}"), "var".into()),
    }
}

/// Genes of a frame: symbols are its index, or a column of symbols where the index holds Ensembl identifiers.
fn genes(store: &Store, var: &str) -> Result<Vec<Gene>> {
    const SYMBOLS: [&str; 4] = ["feature_name", "gene_symbols", "gene_name", "gene_short_name"];
    const IDENTIFIERS: [&str; 4] = ["gene_ids", "ensembl_id", "gene_id", "feature_id"];
    let frame = Frame::open(store, var)?;
    let find = |names: &[&'static str]| names.iter().find(|n| frame.columns.iter().any(|c| c == *n)).copied();
    let labels = |name: Option<&str>| name.map(|n| frame.column(store, n)).transpose();
    let by_identifier =
        frame.index.iter().filter(|n| crate::genes::is_ensembl(n)).count() * 2 > frame.index.len();
    let (symbols, identifiers) =
        if by_identifier { (labels(find(&SYMBOLS))?, None) } else { (None, labels(find(&IDENTIFIERS))?) };
    let gene = |(i, name): (usize, &String)| {
        let symbol = symbols.as_ref().and_then(|c| c.get(i)).unwrap_or(name).to_owned();
        let id = identifiers.as_ref().and_then(|c| c.get(i)).map(str::to_owned);
        Gene { symbol, id: if by_identifier { Some(name.clone()) } else { id } }
    };
    Ok(frame.index.iter().enumerate().map(gene).collect())
}

fn storage(store: &Store, matrix: &str) -> Result<Storage> {
    if store.is_dataset(matrix) {
        return Ok(Storage::Dense);
    }
    let kind = store
        .text_attribute(matrix, "encoding-type")
        .or_else(|| store.text_attribute(matrix, "h5sparse_format"))
        .unwrap_or_else(|| "a group without an encoding".into());
    match kind.as_str() {
        "csr_matrix" | "csr" => Ok(Storage::ByCell),
        "csc_matrix" | "csc" => Ok(Storage::ByGene),
        _ => Err(store.unexpected(matrix, "a csr_matrix, csc_matrix or dense array", kind)),
    }
}

/// The shape that a sparse matrix declares must be that of its frames.
fn check_shape(store: &Store, stored: &Stored) -> Result<()> {
    let declared = ["shape", "h5sparse_shape"]
        .iter()
        .find_map(|name| store.attribute(&stored.inside, name))
        .and_then(|value| value.to_u64s());
    match declared {
        Some(shape) if shape != [stored.cells as u64, stored.genes as u64] => {
            let expected = format!("{} cells × {} genes, as obs and var have", stored.cells, stored.genes);
            Err(store.unexpected(&stored.inside, expected, format!("shape {shape:?}")))
        }
        _ => Ok(()),
    }
}
