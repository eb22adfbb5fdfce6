//! Size and time of a checkpoint and of a frame of IMMUNE-107K: 107,335 cells, 421,875 voxels, two substances.
//!
//! `cargo bench -p perforin-lesion --bench storage` writes to Cargo's temporary folder.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a bench measures time and prints it")]

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use perforin_core::study::StudyFile;
use perforin_lesion::lesion::Lesion;
use perforin_lesion::scenario;
use perforin_lesion::storage::checkpoint::{self, Identity};
use perforin_lesion::storage::frames::Frame;

/// The study that is measured.
const STUDY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/benchmarks/immune-107k.toml");

fn main() -> Result<(), Box<dyn Error>> {
    let study: StudyFile = std::fs::read_to_string(STUDY)?.parse()?;
    let scenario = scenario::build(&study).map_err(|problems| format!("{problems:?}"))?;
    let mut lesion = Lesion::new(scenario.model, scenario.cells)?;
    // From the lattice of the start to the irregular packing of a tissue.
    lesion.step()?;
    println!("{} cells, {} voxels", lesion.state.cells.len(), lesion.model.grid.len());

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join("bench.pfc");
    let identity = Identity { version: "0".into(), study: "0".into() };
    timed("write checkpoint", || Ok(checkpoint::write(&path, &lesion.state, &identity)?))?;
    timed("read checkpoint", || Ok(checkpoint::read(&path, &lesion.model, &identity)?))?;
    report(&path, lesion.state.cells.len())?;

    for (name, with_fields) in [("frame", false), ("frame with fields", true)] {
        let path = folder.join("bench.pff");
        let frame =
            timed(&format!("take {name}"), || Ok(Frame::of(&lesion.model, &lesion.state, with_fields)))?;
        timed(&format!("write {name}"), || Ok(frame.write(&path)?))?;
        timed(&format!("read {name}"), || Ok(Frame::read(&path)?))?;
        report(&path, frame.id.len())?;
    }
    Ok(())
}

/// The best of five, which other work on the machine disturbs least.
fn timed<T>(name: &str, mut work: impl FnMut() -> Result<T, Box<dyn Error>>) -> Result<T, Box<dyn Error>> {
    let mut best = f64::INFINITY;
    for _ in 0..4 {
        let start = Instant::now();
        work()?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    let start = Instant::now();
    let result = work()?;
    best = best.min(start.elapsed().as_secs_f64());
    println!("{name:24} {:8.1} ms", 1e3 * best);
    Ok(result)
}

fn report(path: &Path, cells: usize) -> std::io::Result<()> {
    let bytes = std::fs::metadata(path)?.len();
    println!("{:24} {:8.2} MB, {:.1} bytes per cell", "", bytes as f64 / 1e6, bytes as f64 / cells as f64);
    std::fs::remove_file(path)
}
