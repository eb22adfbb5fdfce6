//! Frames: small, documented, and off by no more than their scales allow.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/storage.rs"]
#[allow(dead_code, reason = "each storage test uses its part")]
mod support;

use std::fs;
use std::path::Path;

use perforin_lesion::cells::UNBOUND;
use perforin_lesion::grid::Grid;
use perforin_lesion::model::Role;
use perforin_lesion::senses::{self, View};
use perforin_lesion::storage::container::{Container, Fault};
use perforin_lesion::storage::frames::{Frame, FrameField};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;
use support::{Folder, rebuild, small_lesion};

const KIND: &str = "frame";

fn bytes_of(frame: &Frame) -> Vec<u8> {
    let folder = Folder::new();
    let path = folder.file("0001.pff");
    frame.write(&path).unwrap();
    fs::read(&path).unwrap()
}

fn read(bytes: &[u8]) -> Result<Frame, Fault> {
    Frame::from_bytes(Path::new("0001.pff"), bytes.to_vec()).map_err(|e| e.fault)
}

fn small_frame(with_fields: bool) -> Frame {
    let mut lesion = small_lesion();
    for _ in 0..4 {
        lesion.step().unwrap();
    }
    Frame::of(&lesion.model, &lesion.state, with_fields)
}

prop_compose! {
    fn frame()(
        gaps in vec(prop_oneof![0..3u64, any::<u64>().prop_map(|g| g >> 8)], 0..40),
    )(
        position in vec(prop::array::uniform3(-600.0..900.0f64), gaps.len()),
        radius in vec(0.1..15.0f64, gaps.len()),
        kind in vec(0..2u8, gaps.len()),
        condition in vec(0..4u8, gaps.len()),
        bound in vec(any::<bool>(), gaps.len()),
        exponents in vec(prop::option::of(-3.0..5.0f64), 2 * gaps.len()),
        lysis in prop::option::of(vec(0.0..=1.0f64, gaps.len())),
        exhaustion in prop::option::of(vec(0.0..=1.0f64, gaps.len())),
        oxygen in prop::option::of(vec(0.0..160.0f64, gaps.len())),
        field in vec(any::<f32>(), 12),
        time in 0.0..1e6f64, step in any::<u32>(), gaps in Just(gaps),
    ) -> Frame {
        let next = |id: &mut u64, gap: u64| { let own = *id + gap; *id = own + 1; Some(own) };
        Frame {
            time, step, kind, condition, bound, position, radius, lysis, exhaustion, oxygen,
            grid: Grid { origin: [-500.0, -500.0, -750.0], n: [2, 2, 3], spacing: 500.0 },
            types: vec![("tumour".into(), Role::Tumour), ("CAR-T".into(), Role::Product)],
            antigens: vec!["HER2".into(), "CEA".into()],
            id: gaps.iter().scan(0, |id, gap| next(id, *gap)).collect(),
            density: exponents.iter().map(|e| e.map_or(0.0, libm::exp10) as f32).collect(),
            fields: vec![FrameField { name: "oxygen".into(), unit: "mmHg".into(), value: field }],
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_frame_comes_back_within_half_a_step_of_its_scales(frame in frame()) {
        let back = read(&bytes_of(&frame)).unwrap();
        // What is not a quantity is exact.
        let exact = Frame {
            position: frame.position.clone(), radius: frame.radius.clone(), density: frame.density.clone(),
            lysis: frame.lysis.clone(), exhaustion: frame.exhaustion.clone(), oxygen: frame.oxygen.clone(), ..back.clone()
        };
        prop_assert_eq!(&exact, &frame);
        // The box holds the grid, from −750 µm, and the cells, to 900 µm.
        for (a, b) in frame.position.iter().flatten().zip(back.position.iter().flatten()) {
            prop_assert!((a - b).abs() <= 1650.0 / 131_070.0 * (1.0 + 1e-9), "{a} came back as {b}");
        }
        let largest = frame.radius.iter().copied().fold(0.0, f64::max);
        for (a, b) in frame.radius.iter().zip(&back.radius) {
            prop_assert!((a - b).abs() <= largest / 131_070.0 * (1.0 + 1e-9), "{a} came back as {b}");
        }
        for (a, b) in frame.density.iter().zip(&back.density) {
            let ratio = f64::from(*b) / f64::from(*a);
            // 8 decades in 254 steps: half of one is a factor of 10^(8/508) = 1.037.
            prop_assert!(a == b || (ratio > 1.0 / 1.037 && ratio < 1.037), "{a} came back as {b}");
        }
        prop_assert_eq!(frame.exhaustion.is_some(), back.exhaustion.is_some());
        let shares = |frame: &Frame| [&frame.lysis, &frame.exhaustion].map(|c| c.clone().unwrap_or_default()).concat();
        for (a, b) in shares(&frame).iter().zip(&shares(&back)) {
            prop_assert!((a - b).abs() <= 1.0 / 510.0 + 1e-12, "{a} came back as {b}");
        }
        for (a, b) in frame.oxygen.iter().flatten().zip(back.oxygen.iter().flatten()) {
            prop_assert!((a - b).abs() <= 160.0 / 510.0 + 1e-9, "{a} came back as {b}");
        }
    }

    /// Past the checksums: whatever the sections hold, reading gives a frame or an error.
    #[test]
    fn altered_sections_with_sound_checksums_do_no_harm(
        place in any::<prop::sample::Index>(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in 0..4usize,
    ) {
        let file = bytes_of(&small_frame(true));
        let mut names = Vec::new();
        rebuild(&file, KIND, |name, _| names.push(name.to_owned()));
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
        if cut > 0 && chosen != "id" {
            prop_assert!(read(&changed).is_err(), "{chosen} cut by {cut}");
        } else {
            let _ = read(&changed);
        }
    }
}

#[test]
fn each_flipped_bit_and_each_truncation_is_detected() {
    let sound = bytes_of(&small_frame(false));
    let mut detected = 0;
    for i in 0..sound.len() {
        for bit in 0..8 {
            let mut file = sound.clone();
            file[i] ^= 1 << bit;
            detected += usize::from(read(&file).is_err());
        }
        assert!(read(&sound[..i]).is_err(), "cut to {i} bytes");
    }
    println!("{detected} of {} flipped bits detected", 8 * sound.len());
    assert_eq!(detected, 8 * sound.len());
}

/// Against the state itself, cell by cell.
#[test]
fn a_frame_shows_the_cells_of_the_lesion() {
    let mut lesion = small_lesion();
    for _ in 0..4 {
        lesion.step().unwrap();
    }
    let (model, cells) = (&lesion.model, &lesion.state.cells);
    let frame = read(&bytes_of(&Frame::of(model, &lesion.state, true))).unwrap();
    assert_eq!((frame.time, frame.step), (lesion.state.time, 4));
    assert_eq!(frame.id.len(), cells.len());
    assert!(frame.id.is_sorted());
    let immune = model.types[1].attack.as_ref().unwrap();
    let place = model.oxygen.unwrap();
    for i in 0..cells.len() {
        let row = frame.id.binary_search(&cells.id[i]).unwrap();
        assert_eq!(frame.types[usize::from(frame.kind[row])].0, model.types[usize::from(cells.kind[i])].name);
        assert_eq!(frame.condition[row], cells.condition[i]);
        assert_eq!(frame.bound[row], cells.bond[i] != UNBOUND);
        // Half a step of a box of 100 µm.
        assert!((0..3).all(|a| (frame.position[row][a] - cells.position[i][a]).abs() <= 100.0 / 131_000.0));
        let lysis = {
            let kind = usize::from(cells.kind[i]);
            senses::read(immune, (kind, model.types[kind].role), cells.densities(i), View::MEDIAN).lysis
        };
        assert!((frame.lysis.as_ref().unwrap()[row] - lysis).abs() <= 1.0 / 509.0);
        let oxygen = lesion.state.fields[place].value_at(&model.grid, cells.position[i]);
        assert!((frame.oxygen.as_ref().unwrap()[row] - oxygen).abs() <= 38.0 / 509.0);
        for antigen in 0..2 {
            let (shown, own) = (frame.density[antigen * cells.len() + row], cells.densities(i)[antigen]);
            assert!(shown == own || (shown / own - 1.0).abs() < 0.037, "{own} shown as {shown}");
        }
    }
    for (shown, field) in frame.fields.iter().zip(&lesion.state.fields) {
        assert!(shown.value.iter().zip(&field.value).all(|(a, b)| *a == *b as f32));
    }
    assert_eq!(frame.fields.len(), 2);
}

/// The layout as the documentation has it, with nothing of the library but the container.
#[test]
fn the_documented_layout_is_what_is_written() {
    let frame = small_frame(true);
    let file = bytes_of(&frame);
    let header = u32::from_le_bytes(file[12..16].try_into().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&file[32..32 + header]).unwrap();
    let meta = &header["meta"];
    let container = Container::from_bytes(Path::new("x"), file, KIND).unwrap();
    let n = meta["cells"].as_u64().unwrap() as usize;
    assert_eq!(n, frame.id.len());
    assert_eq!(meta["conditions"], serde_json::json!(["live", "apoptotic", "swelling", "lysed"]));

    let (mut ids, mut gap, mut shift, mut next) = (Vec::new(), 0u64, 0, 0);
    for byte in container.section("id", 1).unwrap().iter() {
        gap |= u64::from(byte & 127) << shift;
        shift += 7;
        if byte < &128 {
            ids.push(next + gap);
            (next, gap, shift) = (next + gap + 1, 0, 0);
        }
    }
    assert_eq!(ids, frame.id);

    let on = |scale: &Value, share: f64| {
        let (low, high) = (scale["low"].as_f64().unwrap(), scale["high"].as_f64().unwrap());
        (low + (high - low) * share, low, high)
    };
    for (axis, name) in ["x", "y", "z"].into_iter().enumerate() {
        for (i, word) in container.section(name, 2).unwrap().chunks(2).enumerate() {
            let code = u16::from_le_bytes([word[0], word[1]]);
            let (x, low, high) = on(&meta["box"][axis], f64::from(code) / 65535.0);
            assert!((x - frame.position[i][axis]).abs() <= (high - low) / 131_069.0);
        }
    }
    let density = container.section("density", 1).unwrap();
    for antigen in 0..2 {
        let (_, low, high) = on(&meta["antigens"][antigen], 0.0);
        for i in antigen * n..(antigen + 1) * n {
            let value = match density[i] {
                0 => 0.0,
                code => low * libm::pow(high / low, f64::from(code - 1) / 254.0),
            };
            assert!((value - f64::from(frame.density[i])).abs() <= 0.037 * value);
        }
    }
    let bound =
        container.section("condition", 1).unwrap().iter().map(|byte| byte >> 7 == 1).collect::<Vec<_>>();
    assert_eq!(bound, frame.bound);
    assert_eq!(container.section("field/1", 4).unwrap().len(), 4 * 125);
}

#[test]
fn a_cell_takes_at_most_twenty_bytes_before_compression() {
    let frame = small_frame(false);
    let file = bytes_of(&frame);
    let mut total = 0;
    rebuild(&file, KIND, |_, bytes| total += bytes.len());
    assert_eq!(frame.antigens.len(), 2);
    assert!(total <= 20 * frame.id.len(), "{total} bytes for {} cells", frame.id.len());
}

#[test]
fn frames_without_cells_and_with_cells_outside_the_box_are_kept() {
    let mut frame = small_frame(true);
    frame.position[0] = [-1e4, 0.0, 1e4];
    let back = read(&bytes_of(&frame)).unwrap();
    // Half a step of a box that now holds the cell: 20 mm / 131,070.
    assert!((0..3).all(|a| (back.position[0][a] - frame.position[0][a]).abs() < 0.16));

    let lesion = small_lesion();
    let mut state = lesion.state.clone();
    state.cells.reorder(&[]);
    let empty = Frame::of(&lesion.model, &state, false);
    assert_eq!(read(&bytes_of(&empty)).unwrap(), empty);
}

#[test]
fn impossible_frames_are_refused_with_their_section() {
    let file = bytes_of(&small_frame(true));
    let forged = |chosen: &'static str, change: fn(&mut Vec<u8>)| {
        read(&rebuild(&file, KIND, |name, bytes| {
            if name == chosen {
                change(bytes);
            }
        }))
        .unwrap_err()
    };
    let is_value = |fault, expected| matches!(fault, Fault::Value { section, .. } if section == expected);
    assert!(is_value(forged("kind", |b| b[2] = 2), "kind"));
    assert!(is_value(forged("condition", |b| b[2] = 4), "condition"));
    assert!(is_value(forged("id", |b| b.push(128)), "id"));
    assert!(is_value(forged("id", |b| b.extend([255; 10])), "id"));
    let is_count = |fault, expected| matches!(fault, Fault::Count { section, .. } if section == expected);
    assert!(is_count(forged("id", |b| b.push(0)), "id"));
    assert!(is_count(forged("field/1", |b| b.extend([0; 4])), "field/1"));
}
