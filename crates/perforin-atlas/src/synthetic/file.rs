//! A synthetic atlas as an `AnnData` file.

use hdf5_pure::{AttrValue, FileBuilder, GroupBuilder};

use super::Synthetic;
use crate::read::Column;

impl Synthetic {
    /// The bytes of an `.h5ad` file: counts by cell in `X` (CSR, gzip), and `patient`, `tissue`, `cell_type` and
    /// `malignant` in `obs`. Holds the whole matrix in memory.
    ///
    /// # Errors
    /// If the file cannot be laid out, as for more than 2³¹ values.
    pub fn h5ad(&self) -> Result<Vec<u8>, hdf5_pure::Error> {
        let groups = self.groups();
        let cells: usize = groups.iter().map(|g| g.cells).sum();
        let (data, indices, indptr) = self.by_cell(cells);

        let mut file = FileBuilder::new();
        encoding(&mut |k, v| file.set_attr(k, v), "anndata", "0.1.0");
        let mut x = file.create_group("X");
        encoding(&mut |k, v| x.set_attr(k, v), "csr_matrix", "0.1.0");
        x.set_attr("shape", AttrValue::I64Array(vec![cells as i64, self.genes as i64]));
        let chunk = [(indices.len() as u64).clamp(1, 1 << 17)];
        x.create_dataset("data").with_f32_data(&data).with_chunks(&chunk).with_deflate(4);
        x.create_dataset("indices").with_i32_data(&indices).with_chunks(&chunk).with_deflate(4);
        x.create_dataset("indptr").with_i64_data(&indptr);
        file.add_group(x.finish());

        let label = |name| (name, Column::collect(self.labels(name).unwrap_or_default()));
        let columns = ["patient", "tissue", "cell_type", "malignant"].map(label);
        let names: Vec<String> = (0..cells).map(|c| format!("cell{c}")).collect();
        frame(&mut file, "obs", &names, &columns);
        frame(&mut file, "var", &self.names(), &[]);
        file.finish()
    }

    /// Counts, genes and row ends of a compressed sparse matrix, cell by cell.
    fn by_cell(&self, cells: usize) -> (Vec<f32>, Vec<i32>, Vec<i64>) {
        let mut rows: Vec<Vec<(i32, u8)>> = vec![Vec::new(); cells];
        for gene in 0..self.genes {
            for (row, count) in rows.iter_mut().zip(self.counts(gene)) {
                if count > 0 {
                    row.push((gene as i32, count));
                }
            }
        }
        let mut ends = vec![0_i64];
        ends.extend(rows.iter().scan(0, |end, row| {
            *end += row.len() as i64;
            Some(*end)
        }));
        let genes = rows.iter().flatten().map(|e| e.0).collect();
        (rows.iter().flatten().map(|e| f32::from(e.1)).collect(), genes, ends)
    }
}

fn encoding(set: &mut dyn FnMut(&str, AttrValue), kind: &str, version: &str) {
    set("encoding-type", AttrValue::VarLenString(kind.into()));
    set("encoding-version", AttrValue::VarLenString(version.into()));
}

/// A frame as `AnnData` writes it: names as text, columns as categories.
fn frame(file: &mut FileBuilder, name: &str, index: &[String], columns: &[(&str, Column)]) {
    let mut group = file.create_group(name);
    encoding(&mut |k, v| group.set_attr(k, v), "dataframe", "0.2.0");
    group.set_attr("_index", AttrValue::VarLenString("_index".into()));
    let order = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
    group.set_attr("column-order", AttrValue::VarLenStringArray(order));
    text(&mut group, "_index", index);
    for (name, column) in columns {
        let mut categories = group.create_group(name);
        encoding(&mut |k, v| categories.set_attr(k, v), "categorical", "0.2.0");
        categories.set_attr("ordered", AttrValue::U8(0));
        // A missing label is -1.
        let codes: Vec<i32> = column.codes.iter().map(|&code| code as i32).collect();
        categories.create_dataset("codes").with_i32_data(&codes);
        text(&mut categories, "categories", &column.levels);
        group.add_group(categories.finish());
    }
    file.add_group(group.finish());
}

fn text(group: &mut GroupBuilder, name: &str, values: &[String]) {
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    let dataset = group.create_dataset(name).with_vlen_strings(&values);
    encoding(
        &mut |k, v| {
            dataset.set_attr(k, v);
        },
        "string-array",
        "0.2.0",
    );
}
