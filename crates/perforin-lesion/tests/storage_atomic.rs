//! Files are replaced as a whole or not at all.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/storage.rs"]
#[allow(dead_code, reason = "each storage test uses its part")]
mod support;

use std::fs;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use perforin_lesion::storage::atomic::{self, WriteStage};
use support::Folder;

#[test]
fn a_file_is_created_and_replaced_and_nothing_else_is_left() {
    let folder = Folder::new();
    let path = folder.file("state");
    for content in ["first, which is longer", "second"] {
        atomic::write(&path, content.as_bytes()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
    assert_eq!(folder.names(), ["state"]);
}

#[test]
fn a_full_disk_leaves_the_old_file_and_no_other() {
    let folder = Folder::new();
    let path = folder.file("state");
    atomic::write(&path, b"old").unwrap();
    let error = atomic::replace(&path, |file| {
        file.write_all(&vec![1; 4 << 20])?;
        Err(io::ErrorKind::StorageFull.into())
    })
    .unwrap_err();
    assert_eq!(error.stage, WriteStage::Content);
    let text = error.to_string();
    assert!(text.starts_with(&format!("{}: cannot write its content: ", path.display())), "{text}");
    assert!(text.contains("no storage space"), "{text}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(folder.names(), ["state"]);
}

#[test]
fn a_panic_while_writing_leaves_the_old_file_and_no_other() {
    let folder = Folder::new();
    let path = folder.file("state");
    atomic::write(&path, b"old").unwrap();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        atomic::replace(&path, |file| {
            file.write_all(b"new")?;
            panic!("while writing")
        })
    }));
    assert!(outcome.is_err());
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(folder.names(), ["state"]);
}

#[test]
fn a_missing_folder_and_a_folder_in_the_way_are_errors() {
    let folder = Folder::new();
    let missing = atomic::write(&folder.file("none/state"), b"new").unwrap_err();
    assert_eq!(missing.stage, WriteStage::Create);
    assert_eq!(atomic::write(&folder.file(".."), b"new").unwrap_err().stage, WriteStage::Create);
    fs::create_dir(folder.file("taken")).unwrap();
    let taken = atomic::write(&folder.file("taken"), b"new").unwrap_err();
    assert_eq!(taken.stage, WriteStage::Rename);
    assert_eq!(folder.names(), ["taken"]);
}

#[test]
fn of_two_writers_at_a_time_one_wins_as_a_whole() {
    let folder = Folder::new();
    let path = folder.file("state");
    std::thread::scope(|scope| {
        for writer in 0..4u8 {
            let path = &path;
            scope.spawn(move || {
                for _ in 0..10 {
                    atomic::write(path, &vec![writer; 100_000]).unwrap();
                    let seen = fs::read(path).unwrap();
                    assert!(seen.len() == 100_000 && seen.iter().all(|b| *b == seen[0]));
                }
            });
        }
    });
    assert_eq!(folder.names(), ["state"]);
}

#[test]
fn leftovers_of_killed_processes_are_removed_and_nothing_else() {
    let folder = Folder::new();
    for name in
        [".state.pfc.17-0.partial", ".state.pfc.17-3.partial", ".mine.partial", "a.17-0.partial", "state.pfc"]
    {
        fs::write(folder.file(name), "x").unwrap();
    }
    assert_eq!(atomic::remove_leftovers(&folder.file("")).unwrap(), 2);
    assert_eq!(folder.names(), [".mine.partial", "a.17-0.partial", "state.pfc"]);
}
