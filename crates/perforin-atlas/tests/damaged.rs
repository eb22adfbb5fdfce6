//! Damaged files give an error or a different answer, never a panic and never a runaway allocation.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use perforin_atlas::cohort::{AtlasFile, Field, Malignancy};
use perforin_atlas::evidence::{NormalProtein, NormalRna, read_surface};
use perforin_atlas::load::{Calling, load};
use perforin_atlas::read::{MatrixChoice, spatial};
use perforin_core::rng::{Purpose, Stream};

/// Damaged copies per file: enough for every kind of header in these small files, and a few seconds in all.
const COPIES: u64 = 250;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn read(path: &Path, labels: &Path) {
    let plain = |malignant| AtlasFile {
        path: path.into(),
        matrix: MatrixChoice::Main,
        labels: None,
        malignant,
        patient: Field::Fixed("P".into()),
        tissue: Field::Fixed("t".into()),
        cell_type: Field::Fixed("c".into()),
    };
    drop(load(&[plain(Malignancy::All)], None, &[], &Calling::default(), &|_| false));
    let kind =
        Malignancy::Label { column: "kind".into(), malignant: vec!["tumour".into()], normal: Vec::new() };
    let labelled = AtlasFile {
        labels: Some(labels.into()),
        patient: Field::Column("patient".into()),
        ..plain(kind.clone())
    };
    drop(load(&[labelled], None, &[], &Calling::default(), &|_| false));
    drop(load(&[plain(kind)], None, &[], &Calling::default(), &|_| false));
}

/// Changes up to four bytes, or cuts the file short.
fn damage(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut draw = Stream::new(seed, Purpose::Placement).at(bytes.len() as u64, 0);
    let mut bytes = bytes.to_vec();
    if draw.below(8) == 0 {
        bytes.truncate(draw.below(bytes.len() as u64) as usize);
        return bytes;
    }
    for _ in 0..=draw.below(4) {
        let at = draw.below(bytes.len() as u64) as usize;
        bytes[at] = match draw.below(4) {
            0 => 0xff,
            1 => 0,
            2 => bytes[at] ^ (1 << draw.below(8)),
            _ => draw.bits32() as u8,
        };
    }
    bytes
}

fn damaged_copies(name: &str) {
    let folder = std::env::temp_dir().join(format!("perforin-damaged-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let bytes = std::fs::read(fixture(name)).unwrap();
    let path = folder.join(name);
    for seed in 0..COPIES {
        std::fs::write(&path, damage(&bytes, seed)).unwrap();
        read(&path, &fixture("labels.tsv"));
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn damaged_anndata_files_do_no_harm() {
    for name in ["csr_gzip.h5ad", "csc_lzf.h5ad", "dense_none.h5ad", "nullable.h5ad", "ensembl_index.h5ad"] {
        damaged_copies(name);
    }
}

#[test]
fn damaged_spatial_files_do_no_harm() {
    let folder = std::env::temp_dir().join(format!("perforin-damaged-spatial-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let bytes = std::fs::read(fixture("spatial.h5ad")).unwrap();
    let path = folder.join("spatial.h5ad");
    for seed in 0..COPIES {
        std::fs::write(&path, damage(&bytes, seed)).unwrap();
        if let Ok(file) = spatial(&path, "kind", &["G7"], &MatrixChoice::Main) {
            assert_eq!(file.coordinates.len(), file.cells.len() * file.dimensions);
            assert_eq!((file.label.codes.len(), file.values[0].len()), (file.cells.len(), file.cells.len()));
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn damaged_tenx_files_do_no_harm() {
    damaged_copies("tenx_v3.h5");
}

#[test]
fn damaged_tables_do_no_harm() {
    for name in ["table.csv", "table.tsv.gz", "table_r.txt"] {
        damaged_copies(name);
    }
}

#[test]
fn damaged_labels_do_no_harm() {
    let folder = std::env::temp_dir().join(format!("perforin-damaged-labels-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let bytes = std::fs::read(fixture("labels.tsv")).unwrap();
    let path = folder.join("labels.tsv");
    for seed in 0..COPIES {
        std::fs::write(&path, damage(&bytes, seed)).unwrap();
        read(&fixture("table.csv"), &path);
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn damaged_lists_and_protein_tables_do_no_harm() {
    let samples: [&str; 5] = [
        "Gene\tGene name\tTissue\tnTPM\nENSG1\tEGFR\tskin\t29.6\nENSG1\tEGFR\tlung\t0\n",
        "UniProt gene\tEnsembl gene\tSurfaceome Label\nEGFR\tENSG00000146648\tsurface\nACTB;ACTG1\t\tnonsurface\n",
        "ENTREZ gene symbol\tCSPA category\nEGFR\t1 - high confidence\nMSLN\t2 - putative\n",
        "gene_symbol,ensembl_gene,n_sources_surface\nEGFR,ENSG00000146648,5\n\"A,B\",,1\n",
        "Gene\tGene name\tTissue\tCell type\tLevel\tReliability\nENSG1\tEGFR\tskin\tkeratinocytes\tHigh\tEnhanced\n\
         ENSG1\tEGFR\tlung\talveolar cells\tNot detected\tApproved\n",
    ];
    let path = std::env::temp_dir().join(format!("perforin-damaged-lists-{}", std::process::id()));
    for (i, sample) in samples.into_iter().enumerate() {
        for seed in 0..COPIES {
            std::fs::write(&path, damage(sample.as_bytes(), seed * 8 + i as u64)).unwrap();
            drop(read_surface(&path));
            if let Ok(table) = NormalProtein::open(&path, &["EGFR"].into_iter().collect()) {
                let _ = table.evidence("EGFR");
            }
            if let Ok(table) = NormalRna::open(&path, &["EGFR"].into_iter().collect()) {
                let _ = table.evidence("EGFR");
            }
        }
    }
    std::fs::remove_file(path).unwrap();
}

#[test]
fn damaged_matrix_market_folders_do_no_harm() {
    let names = ["matrix.mtx.gz", "features.tsv.gz", "barcodes.tsv"];
    let folder = std::env::temp_dir().join(format!("perforin-damaged-mtx-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let whole: Vec<Vec<u8>> =
        names.iter().map(|name| std::fs::read(fixture("mtx").join(name)).unwrap()).collect();
    for seed in 0..COPIES {
        for (i, (name, bytes)) in names.iter().zip(&whole).enumerate() {
            let damaged = if seed % 3 == i as u64 { damage(bytes, seed) } else { bytes.clone() };
            std::fs::write(folder.join(name), damaged).unwrap();
        }
        read(&folder, &fixture("labels.tsv"));
    }
    std::fs::remove_dir_all(folder).unwrap();
}
