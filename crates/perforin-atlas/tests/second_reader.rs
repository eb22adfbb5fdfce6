//! What is read from HDF5 is what another implementation reads: `hdf5-pure` against `hdf5-reader`, byte by byte.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use hdf5_pure::{DType, File};
use hdf5_reader::Hdf5File;

fn files() -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["tests/fixtures", "../../../shared/data/fixtures"] {
        let Ok(entries) = std::fs::read_dir(here.join(folder)) else {
            println!("skipped: {folder} is not there");
            continue;
        };
        found.extend(entries.flatten().map(|entry| entry.path()));
    }
    found.retain(|path| path.extension().is_some_and(|ending| ending == "h5ad" || ending == "h5"));
    found.sort();
    found
}

/// Paths of all datasets of a file.
fn datasets(file: &File, group: &str, found: &mut Vec<String>) {
    let here = if group.is_empty() { file.root() } else { file.group(group).unwrap() };
    let below = |name: &String| if group.is_empty() { name.clone() } else { format!("{group}/{name}") };
    found.extend(here.datasets().unwrap().iter().map(below));
    for name in here.groups().unwrap() {
        datasets(file, &below(&name), found);
    }
}

/// Whether the other reader lacks the dataset's filter: LZF has none there.
fn lacks_filter(error: &hdf5_reader::error::Error) -> bool {
    error.to_string().contains("32000")
}

#[test]
fn two_readers_agree_on_every_dataset() {
    let (mut compared, mut lzf) = (0, 0);
    for path in files() {
        let (ours, other) = (File::open(&path).unwrap(), Hdf5File::open(&path).unwrap());
        let mut names = Vec::new();
        datasets(&ours, "", &mut names);
        for name in names {
            let place = format!("{} {name}", path.display());
            let (a, b) = (ours.dataset(&name).unwrap(), other.dataset(&format!("/{name}")).unwrap());
            assert_eq!(a.shape().unwrap(), b.shape(), "{place}");
            let is_same = match a.dtype() {
                // Text by reference is stored apart from the records that refer to it.
                Ok(DType::VariableLengthString) => {
                    b.read_strings().map(|text| a.read_string().unwrap() == text)
                }
                Ok(DType::Compound(_) | DType::ObjectReference) | Err(_) => continue,
                Ok(_) => b.read_raw_bytes().map(|bytes| a.read_raw().unwrap() == bytes),
            };
            match is_same {
                Ok(is_same) => assert!(is_same, "{place}"),
                Err(error) if lacks_filter(&error) => {
                    lzf += 1;
                    continue;
                }
                Err(error) => panic!("{place}: {error}"),
            }
            compared += 1;
        }
    }
    println!("{compared} datasets compared; {lzf} skipped, whose LZF filter the other reader lacks");
    // The fixtures of this repository alone hold more.
    assert!(compared > 90, "{compared}");
}
