//! Every format against files written by the real tools.
//!
//! `fixtures/make.py` wrote the small ones with anndata, h5py, scipy and pandas; all hold the same counts, which
//! `expected` states in closed form. Archived files of past versions lie outside the repository and are skipped
//! where absent; their sums were taken with h5py.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use perforin_atlas::cohort::{AtlasFile, Field, Malignancy};
use perforin_atlas::genotype::Genotype;
use perforin_atlas::load::{self, Calling, Loaded};
use perforin_atlas::read::{self, MatrixChoice, Sink};
use perforin_atlas::{AtlasError, genes::Candidate};

const CELLS: usize = 40;
const GENES: usize = 12;

fn expected(cell: usize, gene: usize) -> u32 {
    ((7 * cell + 5 * gene) % 11).saturating_sub(6) as u32
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

/// [`load::load`] to its end.
fn load(
    files: &[AtlasFile],
    candidates: Option<&[Candidate]>,
    genotypes: &[Genotype],
    calling: &Calling,
) -> perforin_atlas::Result<Loaded> {
    load::load(files, candidates, genotypes, calling, &|_| false)
}

fn column(name: &str) -> Field {
    Field::Column(name.into())
}

fn labelled(name: &str, matrix: MatrixChoice, labels: Option<&str>) -> AtlasFile {
    AtlasFile {
        path: fixture(name),
        matrix,
        labels: labels.map(fixture),
        malignant: Malignancy::Label {
            column: "kind".into(),
            malignant: vec!["tumour".into()],
            normal: vec!["normal".into()],
        },
        patient: column("patient"),
        tissue: column("tissue"),
        cell_type: Field::Fixed("any".into()),
    }
}

/// Bits of all planes must be those of the closed form, in groups of patients and tissues.
fn check(loaded: &Loaded) {
    let planes = &loaded.planes;
    let names: Vec<String> = planes.groups.iter().map(|g| g.role.name()).collect();
    assert_eq!(names, ["P0", "P1", "P2", "liver · any", "lung · any"]);
    let members = |g: usize| -> Vec<usize> {
        match g {
            0..3 => (0..24).filter(|c| c % 3 == g).collect(),
            _ => (24..CELLS).filter(|c| c % 2 == usize::from(g == 3)).collect(),
        }
    };
    for (t, &threshold) in planes.thresholds.iter().enumerate() {
        for gene in 0..GENES {
            let literal = planes.literal(&format!("G{gene}")).unwrap();
            for (g, group) in planes.groups.iter().enumerate() {
                let bits = group.of(planes.plane(t, literal))[0];
                for (i, cell) in members(g).into_iter().enumerate() {
                    let value = expected(cell, gene);
                    let positive = value > 0 && f64::from(value) >= threshold;
                    assert_eq!(bits[i / 64] >> (i % 64) & 1 == 1, positive, "{gene} {cell}");
                }
            }
        }
    }
    assert_eq!(loaded.report.cells, CELLS);
}

#[test]
fn every_format_gives_the_same_planes() {
    let calling = Calling { thresholds: vec![0.0, 2.0, 4.0], ..Calling::default() };
    let main = || MatrixChoice::Main;
    let inside = [
        ("csr_gzip.h5ad", main()),
        ("csc_lzf.h5ad", main()),
        ("dense_none.h5ad", main()),
        ("dense_gzip_int.h5ad", main()),
        ("csr_none_wide.h5ad", main()),
        ("nullable.h5ad", main()),
        ("strings.h5ad", main()),
        ("legacy_0.7.h5ad", MatrixChoice::Raw),
        ("ensembl_index.h5ad", main()),
        ("layers.h5ad", MatrixChoice::Layer("counts".into())),
        ("raw.h5ad", MatrixChoice::Raw),
    ];
    for (name, matrix) in inside {
        check(&load(&[labelled(name, matrix, None)], None, &[], &calling).unwrap());
    }
    let bare = [
        "tenx_v2.h5",
        "tenx_v3.h5",
        "mtx",
        "mtx/matrix.mtx.gz",
        "mtx_v2",
        "table.csv",
        "table.tsv.gz",
        "table_r.txt",
    ];
    for name in bare {
        let file = labelled(name, main(), Some("labels.tsv"));
        check(&load(&[file], None, &[], &calling).unwrap());
    }
}

/// The values themselves, in every encoding and under every name of a matrix.
#[test]
fn every_value_of_every_format_is_that_written() {
    let names = [
        "csr_gzip.h5ad",
        "csr_none_wide.h5ad",
        "csc_lzf.h5ad",
        "dense_none.h5ad",
        "dense_gzip_int.h5ad",
        "nullable.h5ad",
        "strings.h5ad",
        "ensembl_index.h5ad",
        "layers.h5ad",
        "raw.h5ad",
        "legacy_0.7.h5ad",
        "tenx_v2.h5",
        "tenx_v3.h5",
        "mtx",
        "mtx_v2",
        "table.csv",
        "table.tsv.gz",
        "table_r.txt",
    ];
    for name in names {
        let choice = match name {
            "layers.h5ad" => MatrixChoice::Layer("counts".into()),
            "raw.h5ad" | "legacy_0.7.h5ad" => MatrixChoice::Raw,
            _ => MatrixChoice::Main,
        };
        let matrix = read::open(&fixture(name), &choice).unwrap();
        assert_eq!(matrix.cells()[7], "cell-7", "{name}");
        let rows: Vec<u32> = (0..GENES as u32).collect();
        let mut sink = Sink::collect(&rows, GENES, CELLS);
        matrix.stream(&mut sink, &|_| false).unwrap();
        let depth = sink.depth.clone();
        for (gene, values) in sink.values().iter().enumerate() {
            assert_eq!(matrix.genes()[gene].symbol, format!("G{gene}"), "{name}");
            for (cell, value) in values.iter().enumerate() {
                assert_eq!(*value, f64::from(expected(cell, gene)), "{name}: gene {gene}, cell {cell}");
            }
        }
        let sum = |cell| (0..GENES).map(|gene| f64::from(expected(cell, gene))).sum::<f64>();
        assert!((0..CELLS).all(|cell| depth[cell] == sum(cell)), "{name}");
    }
}

#[test]
fn files_are_matched_by_identifier_and_symbol_and_the_rest_is_reported() {
    let files = [
        labelled("csr_gzip.h5ad", MatrixChoice::Main, None),
        labelled("table.csv", MatrixChoice::Main, Some("labels.tsv")),
    ];
    // The table has symbols only, so a candidate known by identifier alone is not in every file.
    let candidates = ["G3", "ENSG00000000004", "MSLN"].map(Candidate::named);
    let loaded = load(&files, Some(&candidates), &[], &Calling::default()).unwrap();
    assert_eq!(loaded.planes.literals, ["G3"]);
    assert_eq!(loaded.report.dropped, ["ENSG00000000004", "MSLN"]);
    assert_eq!(loaded.report.matches[0].missing, ["MSLN"]);
    assert_eq!(loaded.report.matches[1].missing, ["ENSG00000000004", "MSLN"]);
    assert_eq!(loaded.planes.groups[0].cells, 16);
}

/// Cells of each group that carry the only genotype.
fn carriers(loaded: &Loaded) -> Vec<u32> {
    let plane = loaded.planes.plane(0, GENES);
    let ones = |g: &perforin_atlas::planes::Group| g.of(plane).iter().flatten().map(|w| w.count_ones()).sum();
    loaded.planes.groups.iter().map(ones).collect()
}

fn genotype(column: &str, present: &str, normal: Option<bool>) -> Genotype {
    Genotype {
        name: "HLA-A02".into(),
        column: column.into(),
        present: vec![present.into()],
        patients: None,
        normal,
    }
}

#[test]
fn a_genotype_is_a_literal_by_the_label_of_cells() {
    let load = |genotype| {
        let file = labelled("csr_gzip.h5ad", MatrixChoice::Main, None);
        load(&[file], None, &[genotype], &Calling::default())
    };
    // Only malignant cells of the fixture have a patient, so its normal cells need another word.
    assert_eq!(carriers(&load(genotype("patient", "P1", Some(false))).unwrap()), [0, 8, 0, 0, 0]);
    assert_eq!(carriers(&load(genotype("patient", "P*", Some(true))).unwrap()), [8; 5]);
    assert_eq!(carriers(&load(genotype("kind", "normal", None)).unwrap()), [0, 0, 0, 8, 8]);
    let error = load(genotype("patient", "P1", None)).unwrap_err().to_string();
    assert!(
        error.ends_with(
            "'lung · any', 'liver · any' have no label 'patient', which their genotype needs; label \
                             them, or leave their cells out"
        ),
        "{error}"
    );
}

#[test]
fn a_genotype_comes_from_a_table_of_patients_and_gaps_in_it_are_named() {
    let load = |rows: &str, normal| {
        let path = std::env::temp_dir().join(format!("perforin-hla-{}.tsv", std::process::id()));
        std::fs::write(&path, format!("patient\tage\thla\n{rows}")).unwrap();
        let file = labelled("csr_gzip.h5ad", MatrixChoice::Main, None);
        let given = Genotype { patients: Some(path.clone()), ..genotype("hla", "lost", normal) };
        let loaded = load(&[file], None, &[given], &Calling::default());
        std::fs::remove_file(path).unwrap();
        loaded
    };
    let loaded = load("P2\t60\tlost\nP0\t50\tkept\nP1\t70\tlost\nP9\t70\tlost\n", Some(true)).unwrap();
    assert_eq!(carriers(&loaded), [0, 8, 8, 8, 8]);
    let error = load("P2\t60\tlost\nP0\t50\tNA\n", Some(true)).unwrap_err().to_string();
    assert!(error.contains("'P0', 'P1' have no label 'hla'"), "{error}");
    let error = load("P2\t60\tlost\n", None).unwrap_err().to_string();
    assert!(error.contains("say whether normal cells carry it"), "{error}");
}

#[test]
fn reading_tells_how_far_it_is_and_ends_when_told() {
    use perforin_atlas::watch::Progress;
    use std::sync::Mutex;

    let files = ["csr_gzip.h5ad", "csc_lzf.h5ad", "dense_none.h5ad", "mtx", "table.csv"];
    for name in files {
        let labels = (!name.ends_with("h5ad")).then_some("labels.tsv");
        let file = labelled(name, MatrixChoice::Main, labels);
        let told = Mutex::new(Vec::new());
        let note = |progress: Progress| {
            told.lock().unwrap().push(progress);
            false
        };
        load::load(std::slice::from_ref(&file), None, &[], &Calling::default(), &note).unwrap();
        let told = told.into_inner().unwrap();
        assert!(!told.is_empty() && told.iter().all(|p| p.done <= p.total), "{name}: {told:?}");
        let stopped = load::load(&[file], None, &[], &Calling::default(), &|_| true);
        assert!(matches!(stopped, Err(AtlasError::Stopped { .. })), "{name}");
    }
}

#[test]
fn depth_matching_scales_by_median_depth() {
    let calling = Calling { thresholds: vec![2.0], depth_matched: true, detection: None };
    let loaded = load(&[labelled("csr_gzip.h5ad", MatrixChoice::Main, None)], None, &[], &calling).unwrap();
    let depth: Vec<u32> = (0..CELLS).map(|c| (0..GENES).map(|g| expected(c, g)).sum()).collect();
    let mut sorted = depth.clone();
    sorted.sort_unstable();
    let median = f64::from(sorted[CELLS / 2]);
    assert_eq!(loaded.report.median_depth, Some(median));
    let patient0: Vec<usize> = (0..24).filter(|c| c % 3 == 0).collect();
    for gene in 0..GENES {
        let bits = loaded.planes.groups[0].of(loaded.planes.plane(0, gene))[0][0];
        for (i, &cell) in patient0.iter().enumerate() {
            let scaled = f64::from(expected(cell, gene)) * (median / f64::from(depth[cell]));
            assert_eq!(bits >> i & 1 == 1, scaled >= 2.0, "{gene} {cell}");
        }
    }
}

#[test]
fn label_columns_of_every_kind_are_read() {
    let matrix = read::open(&fixture("nullable.h5ad"), &MatrixChoice::Main).unwrap();
    let first = |name: &str| {
        let column = matrix.column(name).unwrap();
        (0..3).map(|c| column.get(c).map(str::to_owned)).collect::<Vec<_>>()
    };
    let some = |values: [&str; 3]| values.map(|v| (!v.is_empty()).then(|| v.to_owned())).to_vec();
    assert_eq!(first("maybe_int"), some(["", "1", "2"]));
    assert_eq!(first("maybe_bool"), some(["", "False", "True"]));
    assert_eq!(first("text"), some(["t0", "t1", "t2"]));
    assert_eq!(first("number"), some(["0", "1", "2"]));
    assert_eq!(first("is_tumour"), some(["True", "True", "True"]));
    assert_eq!(first("patient"), some(["P0", "P1", "P2"]));
    let strings = read::open(&fixture("strings.h5ad"), &MatrixChoice::Main).unwrap();
    let ends = |name: &str| [0, 1, 39].map(|c| strings.column(name).unwrap().get(c).map(str::to_owned));
    assert_eq!(ends("text").map(Option::unwrap), ["t0", "t1", "t3"]);
    assert_eq!(ends("patient"), [Some("P0".to_owned()), Some("P1".to_owned()), None]);
    assert_eq!(ends("tissue"), [None, None, Some("liver".to_owned())]);
    let AtlasError::MissingColumn { available, .. } = matrix.column("donor").unwrap_err() else { panic!() };
    assert!(available.contains(&"patient".to_owned()));
}

#[test]
fn values_that_are_no_expression_levels_are_named() {
    let error = load(&[labelled("nan.h5ad", MatrixChoice::Main, None)], None, &[], &Calling::default());
    let AtlasError::Value { gene, cell, value, .. } = error.unwrap_err() else { panic!() };
    assert_eq!((gene.as_str(), cell.as_str(), value.is_nan()), ("G4", "cell-3", true));
    let error = load(&[labelled("layers.h5ad", MatrixChoice::Main, None)], None, &[], &Calling::default());
    assert!(matches!(error.unwrap_err(), AtlasError::Value { value: -1.0, .. }));
}

#[test]
fn a_truncated_file_is_not_taken_for_one_of_another_kind() {
    let bytes = std::fs::read(fixture("csr_gzip.h5ad")).unwrap();
    let path = std::env::temp_dir().join(format!("perforin-truncated-{}.h5ad", std::process::id()));
    for share in [1, 4, 9, 18] {
        std::fs::write(&path, &bytes[..bytes.len() * share / 20]).unwrap();
        let file = AtlasFile { path: path.clone(), ..labelled("csr_gzip.h5ad", MatrixChoice::Main, None) };
        let error = load(&[file], None, &[], &Calling::default()).unwrap_err();
        assert!(matches!(error, AtlasError::Hdf5 { .. }), "{share}/20: {error}");
    }
    std::fs::remove_file(path).unwrap();
}

#[test]
fn what_is_missing_is_named_with_what_is_there() {
    let text = |file| load(&[file], None, &[], &Calling::default()).unwrap_err().to_string();
    let layer = labelled("layers.h5ad", MatrixChoice::Layer("raw".into()), None);
    assert!(text(layer).ends_with("layers/raw is missing; found 'counts'"));
    let no_labels = labelled("mtx", MatrixChoice::Main, None);
    assert!(text(no_labels).contains("there is no cell label 'kind'; the labels are nothing"));
    let mut healthy = labelled("csr_gzip.h5ad", MatrixChoice::Main, None);
    healthy.malignant = Malignancy::None;
    assert!(text(healthy).starts_with("no malignant cell: none of the 40 cells"));
    let unknown = read::open(&fixture("make.py"), &MatrixChoice::Main).err().unwrap();
    assert!(matches!(unknown, AtlasError::UnknownFormat { .. }));
}

/// Positive values and their sum, as h5py gives them (sums of 64-bit floats in file order, so equal to 1e-9).
#[test]
fn archived_files_of_every_version_are_read() {
    let layer = |name: &str| MatrixChoice::Layer(name.into());
    let cases = [
        ("anndata_archive_v0.5.0.h5ad", MatrixChoice::Raw, 319_044.238_241_076_47),
        ("anndata_archive_v0.7.0.h5ad", MatrixChoice::Main, 285.0),
        ("anndata_archive_v0.7.0.h5ad", MatrixChoice::Raw, 627.0),
        ("anndata_archive_v0.7.0.h5ad", layer("array"), 302.830_451_215_714_45),
        ("anndata_archive_v0.7.0.h5ad", layer("sparse"), 3.466_002_232_823_232),
        ("anndata_archive_v0.7.8.h5ad", MatrixChoice::Main, 302.0),
        ("anndata_archive_v0.7.8.h5ad", MatrixChoice::Raw, 568.0),
        ("cellphonedb_test.h5ad", MatrixChoice::Main, 27_641.052_140_882_34),
        ("scanpy_10x_v2_filtered_gene_bc_matrices_h5.h5", MatrixChoice::Main, 12.0),
        ("scanpy_10x_v3_filtered_feature_bc_matrix.h5", MatrixChoice::Main, 41_549.0),
    ];
    for (name, choice, sum) in cases {
        let Some(path) = shared(&format!("fixtures/{name}")) else { continue };
        let matrix = read::open(&path, &choice).unwrap();
        let mut sink = Sink::count(matrix.cells().len());
        matrix.stream(&mut sink, &|_| false).unwrap();
        let found: f64 = sink.depth.iter().sum();
        assert!((found - sum).abs() < 1e-9 * sum, "{name}: {found}");
        assert!(sink.bad.is_none());
    }
}

#[test]
fn categories_of_old_files_are_found() {
    if let Some(path) = shared("fixtures/anndata_archive_v0.5.0.h5ad") {
        let matrix = read::open(&path, &MatrixChoice::Main).unwrap();
        let column = matrix.column("bulk_labels").unwrap();
        let count = |name: &str| (0..700).filter(|&c| column.get(c) == Some(name)).count();
        assert_eq!((count("CD34+"), count("Dendritic"), count("CD19+ B")), (13, 240, 95));
        let mut sink = Sink::count(700);
        matrix.stream(&mut sink, &|_| false).unwrap();
        // X of this file is scaled and holds negative values.
        assert!(sink.bad.is_some_and(|(_, _, value)| value < 0.0));
    }
    if let Some(path) = shared("fixtures/anndata_archive_v0.7.8.h5ad") {
        let matrix = read::open(&path, &MatrixChoice::Main).unwrap();
        let column = matrix.column("obs_cat").unwrap();
        assert_eq!((0..4).filter_map(|c| column.get(c)).collect::<Vec<_>>(), ["h", "A", "Z", "B"]);
    }
}

#[test]
fn a_gate_written_back_is_read_again() {
    use perforin_atlas::shape::Shape;
    use perforin_atlas::write::{CellLabel, write_labels};

    let mut file = labelled("csr_gzip.h5ad", MatrixChoice::Main, None);
    let loaded = load(std::slice::from_ref(&file), None, &[], &Calling::default()).unwrap();
    let values = loaded.satisfied(0, Shape::AndNot, &[3, 7]);
    let closed: Vec<Option<bool>> =
        (0..CELLS).map(|c| Some(expected(c, 3) > 0 && expected(c, 7) == 0)).collect();
    assert_eq!(values, closed);
    let target = std::env::temp_dir().join(format!("perforin-written-{}.h5ad", std::process::id()));
    let label = CellLabel { name: "gate_1".into(), values };
    write_labels(&file.path, &target, std::slice::from_ref(&label)).unwrap();
    let matrix = read::open(&target, &MatrixChoice::Main).unwrap();
    let column = matrix.column("gate_1").unwrap();
    for (cell, value) in closed.iter().enumerate() {
        assert_eq!(column.get(cell), Some(if *value == Some(true) { "yes" } else { "no" }));
    }
    assert_eq!(matrix.column("patient").unwrap().get(1), Some("P1"));
    file.path.clone_from(&target);
    check(&load(&[file], None, &[], &Calling::default()).unwrap());
    let again = write_labels(&target, &target.with_extension("again"), &[label]);
    assert!(matches!(again, Err(AtlasError::Unexpected { .. })));
    if std::env::var_os("PERFORIN_KEEP").is_none() {
        std::fs::remove_file(target).unwrap();
    }
}

#[test]
fn places_labels_and_genes_of_a_spatial_file_are_those_that_were_written() {
    let file =
        read::spatial(&fixture("spatial.h5ad"), "kind", &["G7", "G2", "G7"], &MatrixChoice::Main).unwrap();
    assert_eq!((file.dimensions, file.coordinates.len(), file.cells.len()), (2, 2 * CELLS, CELLS));
    for cell in 0..CELLS {
        let place = [3.25 * cell as f64, 100.0 - cell as f64];
        assert_eq!(file.coordinates[2 * cell..2 * cell + 2], place);
        assert_eq!(file.label.get(cell), Some(if cell < 24 { "tumour" } else { "normal" }));
        for (values, gene) in file.values.iter().zip([7, 2, 7]) {
            assert_eq!(values[cell], f64::from(expected(cell, gene)));
        }
    }
    let absent = read::spatial(&fixture("csr_gzip.h5ad"), "kind", &[], &MatrixChoice::Main).unwrap_err();
    assert!(absent.to_string().contains("obsm/spatial is missing"), "{absent}");
}
