//! Rows on disk: resumed after a kill at any byte, damage named.

use std::path::PathBuf;

use perforin_patient::population::store::{Store, StoreError, read};

const WIDTH: usize = 3;

fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn stretch(first: u64, rows: u64) -> Vec<f64> {
    (first * 3..(first + rows) * 3).map(|i| libm::sin(i as f64)).collect()
}

/// A file of three stretches.
fn written(name: &str) -> PathBuf {
    let path = folder().join(name);
    let _ = std::fs::remove_file(&path);
    let mut store = Store::open(&path, WIDTH, 7).expect("a store");
    for (first, rows) in [(0, 4), (4, 1), (5, 6)] {
        assert_eq!(store.patients(), first);
        store.append(&stretch(first, rows)).expect("rows");
    }
    path
}

fn all(path: &std::path::Path) -> Result<Vec<f64>, StoreError> {
    let mut values = Vec::new();
    read(path, |_, rows| values.extend(rows)).map(|_| values)
}

#[test]
fn rows_come_back_to_the_bit() {
    let path = written("rows.pfp");
    assert_eq!(all(&path).expect("rows"), stretch(0, 11));
}

/// A kill leaves a file of any length; the run goes on behind its last whole stretch and ends with the same bytes.
#[test]
fn a_run_that_was_killed_at_any_byte_ends_with_the_same_file() {
    let whole = std::fs::read(written("whole.pfp")).expect("bytes");
    let path = folder().join("cut.pfp");
    for length in 0..=whole.len() {
        std::fs::write(&path, &whole[..length]).expect("written");
        let mut store = Store::open(&path, WIDTH, 7).expect("a store");
        for (first, rows) in [(0, 4), (4, 1), (5, 6)] {
            if store.patients() == first {
                store.append(&stretch(first, rows)).expect("rows");
            }
        }
        drop(store);
        assert_eq!(std::fs::read(&path).expect("bytes"), whole, "cut at byte {length}");
    }
}

#[test]
fn another_runs_file_is_refused() {
    let path = written("other.pfp");
    assert!(matches!(Store::open(&path, WIDTH, 8), Err(StoreError::OtherRun { .. })));
    assert!(matches!(Store::open(&path, WIDTH + 1, 7), Err(StoreError::OtherRun { .. })));
    std::fs::write(&path, b"day,value\n0,1\n1,2\n3,4\n5,6\n").expect("written");
    let message = Store::open(&path, WIDTH, 7).expect_err("foreign").to_string();
    assert!(message.contains("is not a file of patients' rows: it does not begin like one"), "{message}");
    assert!(read(&folder().join("absent.pfp"), |_, _| ()).is_err());
}

/// Every byte in turn, in several ways: never a panic, never wrong rows.
#[test]
fn no_damage_gives_wrong_rows() {
    let whole = std::fs::read(written("sound.pfp")).expect("bytes");
    let path = folder().join("damaged.pfp");
    let expected = stretch(0, 11);
    let mut named = 0;
    for place in 0..whole.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[place] ^= flip;
            std::fs::write(&path, &bytes).expect("written");
            match all(&path) {
                Err(_) => named += 1,
                // What a changed number of rows makes of a stretch is a cut, and leaves whole stretches before it; the
                // identity of the run is not read here.
                Ok(rows) => assert!(expected.starts_with(&rows), "byte {place}"),
            }
        }
    }
    assert!(named > 2 * whole.len(), "{named} of {}", 3 * whole.len());
}
