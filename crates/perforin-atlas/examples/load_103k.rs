//! How fast does an atlas of published size become bit planes, compared with only decompressing it?
//!
//! `cargo run --release -p perforin-atlas --example load_103k FILE [genes]` (writes FILE if it is not there)

#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use std::path::PathBuf;
use std::time::Instant;

use perforin_atlas::cohort::{AtlasFile, Field, Malignancy};
use perforin_atlas::load::{Calling, load};
use perforin_atlas::read::MatrixChoice;
use perforin_atlas::synthetic::Synthetic;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = PathBuf::from(std::env::args().nth(1).ok_or("name a file")?);
    let genes = std::env::args().nth(2).map_or(Ok(2716), |n| n.parse())?;
    if !path.exists() {
        let start = Instant::now();
        std::fs::write(&path, Synthetic { genes, ..Synthetic::logicar() }.h5ad()?)?;
        println!("written in {:.1?}", start.elapsed());
    }
    let bytes = std::fs::metadata(&path)?.len() as f64 / 1e6;

    let start = Instant::now();
    let file = hdf5_pure::File::open_streaming(&path)?;
    let mut values = 0;
    for name in ["X/data", "X/indices"] {
        let data = file.dataset(name)?;
        let length = data.shape()?[0];
        for first in (0..length).step_by(1 << 20) {
            values += data.read_raw_rows(first, 1 << 20)?.len() / 4;
        }
    }
    let floor = start.elapsed();
    println!("decompressing {:.0} million values ({bytes:.0} MB): {floor:.2?}", values as f64 / 2e6);

    let column = |name: &str| Field::Column(name.into());
    let atlas = AtlasFile {
        path,
        matrix: MatrixChoice::Main,
        labels: None,
        malignant: Malignancy::Label {
            column: "malignant".into(),
            malignant: vec!["true".into()],
            normal: vec!["false".into()],
        },
        patient: column("patient"),
        tissue: column("tissue"),
        cell_type: column("cell_type"),
    };
    let start = Instant::now();
    let loaded = load(&[atlas], None, &[], &Calling::default(), &|_| false)?;
    let time = start.elapsed();
    println!(
        "labels, values and {:.1} MB of planes: {time:.2?}, {:.2} of the floor's speed",
        loaded.planes.bytes() as f64 / 1e6,
        floor.as_secs_f64() / time.as_secs_f64()
    );
    Ok(())
}
