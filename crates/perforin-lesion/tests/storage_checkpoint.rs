//! Checkpoints: a run goes on from one with the same bits, and no other file is taken for one.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/storage.rs"]
#[allow(dead_code, reason = "each storage test uses its part")]
mod support;

use std::fs;
use std::path::Path;

use perforin_lesion::cells::Cell;
use perforin_lesion::events::{Cause, NO_EVENTS};
use perforin_lesion::lesion::{Lesion, State};
use perforin_lesion::storage::checkpoint::{self, CheckpointError, Identity};
use perforin_lesion::storage::container::Fault;
use proptest::collection::vec;
use proptest::prelude::*;
use support::{Folder, rebuild, small_lesion};

const KIND: &str = "checkpoint";

fn identity() -> Identity {
    Identity { version: "0.1.0".into(), study: "5feceb66ffc86f38".into() }
}

fn bytes_of(state: &State) -> Vec<u8> {
    let folder = Folder::new();
    let path = folder.file("checkpoint.pfc");
    checkpoint::write(&path, state, &identity()).unwrap();
    fs::read(&path).unwrap()
}

fn read(bytes: &[u8], lesion: &Lesion) -> Result<State, CheckpointError> {
    checkpoint::from_bytes(Path::new("run/checkpoint.pfc"), bytes.to_vec(), &lesion.model, &identity())
}

fn fault(bytes: &[u8], lesion: &Lesion) -> Fault {
    match read(bytes, lesion) {
        Err(CheckpointError::File(error)) => error.fault,
        other => panic!("{other:?}"),
    }
}

/// A lesion in which cells attack, so that no column is at its first value.
fn busy_lesion() -> Lesion {
    let mut lesion = small_lesion();
    for _ in 0..4 {
        lesion.step().unwrap();
    }
    let bound = lesion.state.cells.bond.iter().filter(|b| **b != u32::MAX).count();
    assert!(bound > 0 && lesion.state.last_mechanics_step > 0.0, "{bound} bonds");
    lesion
}

#[test]
fn a_state_comes_back_with_the_same_bytes() {
    let lesion = busy_lesion();
    let first = bytes_of(&lesion.state);
    let again = read(&first, &lesion).unwrap();
    assert_eq!(bytes_of(&again), first);
}

#[test]
fn a_resumed_run_has_the_same_bytes_at_every_later_step() {
    let mut whole = busy_lesion();
    let state = read(&bytes_of(&whole.state), &whole).unwrap();
    let mut resumed = Lesion::resume(small_lesion().model, state).unwrap();
    for step in 0..6 {
        whole.step().unwrap();
        resumed.step().unwrap();
        assert_eq!(bytes_of(&resumed.state), bytes_of(&whole.state), "{step} steps after the checkpoint");
    }
}

prop_compose! {
    /// Any cell that a checkpoint of the small lesion can hold; what need not be finite may be anything.
    fn cell(id: u64, n: u32)(
        kind in 0..2u8, condition in 0..4u8, moved in 0..2u8, other in 1..n.max(2), is_bound in any::<bool>(),
        finite in vec(-1e9..1e9f64, 10), any_number in vec(any::<u64>().prop_map(f64::from_bits), 9),
        turns in any::<u32>(), density in vec(any::<u32>().prop_map(f32::from_bits), 2),
        inherited in vec(any::<u32>().prop_map(f32::from_bits), 2), shares in vec(0.0..=1.0f32, 7),
        stage in 0..3u8, cd4 in 0..2u8, marks in any::<u8>(), divisions_left in any::<u8>(),
        amounts in vec(0.0..1e6f32, 3),
    ) -> Cell {
        Cell {
            id, kind, condition, moved, turns, density, inherited, stage, cd4, marks, divisions_left,
            specificity: 0,
            clone: 0,
            lysis_signal: shares[0],
            cytokine_signal: shares[1],
            drive: shares[2],
            checkpoint_signal: shares[3],
            exhaustion: shares[4],
            receptors_shown: shares[5],
            priming: shares[6],
            receptors_made: amounts[0],
            pd_l1: amounts[1],
            infected: amounts[2] - 1.0,
            phase: 0,
            bond: if is_bound && n > 1 { (id as u32 + other) % n } else { u32::MAX },
            position: [finite[0], finite[1], finite[2]],
            velocity: [finite[3], finite[4], finite[5]],
            radius: finite[6], fluid: finite[7], nucleus: finite[8], cytoplasm: finite[9],
            pressure: any_number[0], phase_time: any_number[1], damage: any_number[2],
            damage_time: any_number[3], next_turn: any_number[4], stimulus: any_number[5],
            heading: [any_number[6], any_number[7], any_number[8]],
        }
    }
}

fn cells() -> impl Strategy<Value = Vec<Cell>> {
    (0..12u32).prop_flat_map(|n| (0..n).map(|id| cell(u64::from(id), n)).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_state_comes_back_with_the_same_bytes(
        cells in cells(), step in any::<u32>(), mechanics_step in any::<u32>(), time in 0.0..1e300f64,
        next_id in 12..u64::MAX, count in any::<u64>(), cause in 0..Cause::ALL.len(),
    ) {
        let lesion = small_lesion();
        let mut tally = vec![NO_EVENTS; 2];
        tally[1][3][cause] = count;
        let mut state = State {
            time, step, mechanics_step, next_id, tally,
            cells: perforin_lesion::cells::Cells::new(2), ..lesion.state.clone()
        };
        for cell in &cells {
            state.cells.push(cell);
        }
        let first = bytes_of(&state);
        prop_assert_eq!(bytes_of(&read(&first, &lesion).unwrap()), first);
    }

    /// Past the checksums: whatever the sections hold, reading gives a state or an error.
    #[test]
    fn altered_sections_with_sound_checksums_do_no_harm(
        place in any::<prop::sample::Index>(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in 0..40usize,
    ) {
        let lesion = busy_lesion();
        let file = bytes_of(&lesion.state);
        let mut names = Vec::new();
        rebuild(&file, KIND, |name, bytes| {
            // Without matrix its section is empty, and there is nothing to alter.
            if !bytes.is_empty() {
                names.push(name.to_owned());
            }
        });
        let chosen = &names[place.index(names.len())];
        let changed = rebuild(&file, KIND, |name, bytes| {
            if name == chosen {
                for (at, by) in &changes {
                    let i = at.index(bytes.len());
                    bytes[i] = *by;
                }
                bytes.truncate(bytes.len().saturating_sub(cut));
            }
        });
        let _ = read(&changed, &lesion);
    }
}

#[test]
fn each_flipped_bit_and_each_truncation_is_detected() {
    let lesion = small_lesion();
    let mut state = lesion.state.clone();
    state.cells.reorder(&[0, 1, 2, 3]);
    let sound = bytes_of(&state);
    assert!(read(&sound, &lesion).is_ok());
    let mut detected = 0;
    for i in 0..sound.len() {
        for bit in 0..8 {
            let mut file = sound.clone();
            file[i] ^= 1 << bit;
            detected += usize::from(read(&file, &lesion).is_err());
        }
        assert!(read(&sound[..i], &lesion).is_err(), "cut to {i} bytes");
    }
    println!("{detected} of {} flipped bits detected", 8 * sound.len());
    assert_eq!(detected, 8 * sound.len());
}

#[test]
fn another_version_or_study_is_refused_with_both_and_the_remedy() {
    let lesion = small_lesion();
    let bytes = bytes_of(&lesion.state);
    let path = Path::new("run/checkpoint.pfc");
    let resume = |version: &str, study: &str| {
        let given = Identity { version: version.into(), study: study.into() };
        checkpoint::from_bytes(path, bytes.clone(), &lesion.model, &given).unwrap_err().to_string()
    };
    assert_eq!(
        resume("0.2.0", "5feceb66ffc86f38"),
        "run/checkpoint.pfc: was written by Perforin 0.1.0, and this is Perforin 0.2.0, whose steps may differ: \
         resume it with Perforin 0.1.0, or run the study anew"
    );
    assert_eq!(
        resume("0.1.0", "6b86b273ff34fce1"),
        "run/checkpoint.pfc: belongs to the study with the digest 5feceb66ffc86f38, and this study has \
         6b86b273ff34fce1: resume it with the study file that the run was started with, or run this study in a \
         folder of its own"
    );
}

/// What is done to a state of so many cells.
type Change = fn(&mut State, u32);

/// What a forged or defective checkpoint could hold, and the section that must be named.
#[test]
fn states_that_the_engine_could_not_go_on_from_are_refused() {
    let lesion = busy_lesion();
    let n = lesion.state.cells.len() as u32;
    let changes: [(&str, Change); 18] = [
        ("time", |s, _| s.time = f64::NAN),
        ("last_mechanics_step", |s, _| s.last_mechanics_step = -1.0),
        ("cells/id", |s, _| s.next_id = 1),
        ("cells/id", |s, _| s.cells.id[0] = s.cells.id[1]),
        ("cells/kind", |s, _| s.cells.kind[3] = 2),
        ("cells/condition", |s, _| s.cells.condition[3] = 4),
        ("cells/moved", |s, _| s.cells.moved[3] = 2),
        ("cells/phase", |s, _| s.cells.phase[3] = 4),
        ("cells/bond", |s, n| s.cells.bond[3] = n),
        ("cells/bond", |s, _| s.cells.bond[3] = 3),
        ("cells/position", |s, _| s.cells.position[3][1] = f64::INFINITY),
        ("cells/velocity", |s, _| s.cells.velocity[3][2] = f64::NAN),
        ("cells/radius", |s, _| s.cells.radius[3] = f64::NAN),
        ("cells/fluid", |s, _| s.cells.fluid[3] = f64::NAN),
        ("cells/turns", |s, _| s.cells.turns.truncate(5)),
        ("cells/density", |s, _| s.cells.density.truncate(5)),
        ("field/oxygen", |s, _| s.fields[0].value[7] = f64::NAN),
        ("tally", |s, _| s.tally.truncate(1)),
    ];
    for (expected, change) in changes {
        let mut state = lesion.state.clone();
        change(&mut state, n);
        match fault(&bytes_of(&state), &lesion) {
            Fault::Value { section, .. } | Fault::Count { section, .. } => assert_eq!(section, expected),
            other => panic!("{expected}: {other:?}"),
        }
    }
}

#[test]
fn a_state_of_another_model_is_refused() {
    let lesion = busy_lesion();
    let bytes = bytes_of(&lesion.state);
    let refused = |change: &dyn Fn(&mut Lesion)| {
        let mut other = small_lesion();
        change(&mut other);
        fault(&bytes, &other)
    };
    assert!(
        matches!(refused(&|l| l.model.grid.n[0] += 1), Fault::Count { section, .. } if section.starts_with("field/"))
    );
    assert!(
        matches!(refused(&|l| l.model.antigens.push("CD19".into())), Fault::Count { section, .. } if section == "cells/density")
    );
    assert!(
        matches!(refused(&|l| l.model.substances[0].name = "glucose".into()), Fault::Missing { section } if section == "field/glucose")
    );
    assert!(
        matches!(refused(&|l| l.model.types.truncate(1)), Fault::Count { section, .. } if section == "tally")
    );
}

#[test]
fn a_message_names_file_section_row_and_remedy() {
    let lesion = busy_lesion();
    let mut state = lesion.state.clone();
    state.cells.kind[3] = 9;
    assert_eq!(
        read(&bytes_of(&state), &lesion).unwrap_err().to_string(),
        "run/checkpoint.pfc: has 9 in row 3 of section `cells/kind`, where a cell type of the study is needed"
    );
}
