//! The container: what goes in comes out, and nothing altered is believed.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/storage.rs"]
#[allow(dead_code, reason = "each storage test uses its part")]
mod support;

use std::path::Path;

use perforin_lesion::storage::container::{Container, Fault, Packing, Part, Writer};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{crc32, forge};

const KIND: &str = "sample";

fn written(sections: &[(usize, Vec<u8>, Packing)], meta: &Value) -> Vec<u8> {
    let mut writer = Writer::new(KIND);
    for (i, (width, bytes, packing)) in sections.iter().enumerate() {
        writer.add(&format!("section {i}"), *width, bytes.clone(), *packing);
    }
    let mut file = Vec::new();
    writer.write_to(&mut file, meta).unwrap();
    file
}

fn sample() -> Vec<u8> {
    let ramp: Vec<u8> = (0..32u32).flat_map(u32::to_le_bytes).collect();
    let sections =
        [(4, ramp.clone(), Packing::Deflate), (1, vec![7; 5], Packing::Plain), (8, ramp, Packing::Plain)];
    written(&sections, &json!({"note": "µm", "value": 0.1}))
}

fn open(bytes: Vec<u8>) -> Result<Container, Fault> {
    Container::from_bytes(Path::new("x.pfc"), bytes, KIND).map_err(|e| e.fault)
}

fn sections() -> impl Strategy<Value = Vec<(usize, Vec<u8>, Packing)>> {
    let section = (1..9usize, vec(any::<u8>(), 0..40), any::<bool>()).prop_map(|(width, seed, packs)| {
        let n = seed.len() / width * width;
        (width, seed[..n].to_vec(), if packs { Packing::Deflate } else { Packing::Plain })
    });
    vec(section, 0..6)
}

proptest! {
    #[test]
    fn every_section_comes_back_as_it_went_in(sections in sections(), value in any::<f64>()) {
        let meta = json!({"value": value});
        let container = open(written(&sections, &meta)).unwrap();
        prop_assert_eq!(container.meta::<Value>().unwrap(), meta);
        prop_assert_eq!(container.names().count(), sections.len());
        for (i, (width, bytes, _)) in sections.iter().enumerate() {
            prop_assert_eq!(&*container.section(&format!("section {i}"), *width).unwrap(), &bytes[..]);
        }
    }

    #[test]
    fn any_bytes_are_refused_without_panic(bytes in vec(any::<u8>(), 0..200)) {
        prop_assert!(open(bytes).is_err());
    }

    #[test]
    fn several_altered_bytes_are_refused(changes in vec((any::<prop::sample::Index>(), 1..=255u8), 1..20)) {
        let sound = sample();
        let mut file = sound.clone();
        for (at, by) in changes {
            let i = at.index(file.len());
            file[i] ^= by;
        }
        prop_assert!(file == sound || open(file).is_err());
    }

    /// Past the checksums: the header lies, and nothing may panic or allocate by what it says.
    #[test]
    fn an_altered_header_with_sound_checksums_does_no_harm(
        changes in vec((0..400usize, any::<u8>()), 1..4),
        number in any::<u64>(),
        place in any::<prop::sample::Index>(),
    ) {
        let mut file = sample();
        let header = u32::from_le_bytes(file[12..16].try_into().unwrap()) as usize;
        for (at, by) in changes {
            file[32 + at % header] = by;
        }
        support::reseal(&mut file);
        read_all(file);

        // One of the numbers of the header replaced by any other.
        let text = String::from_utf8(sample()[32..32 + header].to_vec()).unwrap();
        let starts: Vec<usize> = text.match_indices("\":").map(|(i, _)| i + 2)
            .filter(|&i| text.as_bytes()[i].is_ascii_digit()).collect();
        let start = starts[place.index(starts.len())];
        let length = text[start..].bytes().take_while(u8::is_ascii_digit).count();
        let lie = format!("{}{number}{}", &text[..start], &text[start + length..]);
        read_all(forge(&lie, &sample()[32 + header..sample().len() - 4]));
    }
}

/// Opens and unpacks whatever can be.
fn read_all(bytes: Vec<u8>) {
    if let Ok(container) = open(bytes) {
        for name in container.names() {
            for width in 1..9 {
                let _ = container.section(name, width);
            }
        }
    }
}

#[test]
fn each_alteration_of_each_byte_is_detected() {
    let sound = sample();
    let mut detected = 0;
    for i in 0..sound.len() {
        for by in 1..=255u8 {
            let mut file = sound.clone();
            file[i] ^= by;
            detected += usize::from(open(file).is_err());
        }
    }
    assert_eq!(detected, 255 * sound.len());
}

#[test]
fn truncated_and_lengthened_files_are_refused_with_both_lengths() {
    let sound = sample();
    for n in 0..sound.len() {
        match open(sound[..n].to_vec()) {
            Err(Fault::Short { found }) => assert!(n < 36 && found == n as u64),
            Err(Fault::Length { expected, found }) => {
                assert_eq!((expected, found), (sound.len() as u64, n as u64));
            }
            other => panic!("{n}: {other:?}"),
        }
    }
    let longer = [&sound[..], &[0]].concat();
    assert!(matches!(open(longer), Err(Fault::Length { .. })));
}

#[test]
fn damage_is_placed_in_the_section_that_has_it() {
    let sound = sample();
    let content = sound.len() - 4 - 128;
    for (at, place) in [
        (9, Part::Preamble),
        (40, Part::Header),
        (content - 6, Part::Section("section 0".into())),
        (content - 5, Part::Section("section 1".into())),
        (content, Part::Section("section 2".into())),
        (sound.len() - 1, Part::WholeFile),
    ] {
        let mut file = sound.clone();
        file[at] ^= 1;
        match open(file) {
            Err(Fault::Checksum { part, expected, found }) => {
                assert_eq!(part, place);
                assert_ne!(expected, found);
            }
            other => panic!("{place:?}: {other:?}"),
        }
    }
}

/// The layout as the documentation has it, read without the library's reader.
#[test]
fn the_documented_layout_is_what_is_written() {
    let file = sample();
    let u32_at = |i: usize| u32::from_le_bytes(file[i..i + 4].try_into().unwrap());
    assert_eq!(file[..8], [0x89, 0x50, 0x46, 0x4E, 0x0D, 0x0A, 0x1A, 0x0A]);
    assert_eq!(u32_at(8), 1);
    assert_eq!(u64::from_le_bytes(file[16..24].try_into().unwrap()), file.len() as u64);
    let end = 32 + u32_at(12) as usize;
    assert_eq!(u32_at(24), crc32(&file[32..end]));
    assert_eq!(u32_at(28), crc32(&file[..28]));
    assert_eq!(u32_at(file.len() - 4), crc32(&file[..file.len() - 4]));
    let header: Value = serde_json::from_slice(&file[32..end]).unwrap();
    assert_eq!(header["kind"], KIND);
    let mut at = end;
    for section in header["sections"].as_array().unwrap() {
        let stored = &file[at..at + section["stored"].as_u64().unwrap() as usize];
        at += stored.len();
        assert_eq!(section["check"], crc32(stored));
    }
    assert_eq!(at, file.len() - 4);
    assert_eq!(crc32(b"123456789"), 0xCBF4_3926, "the published check value of CRC-32");
}

#[test]
fn other_files_and_other_kinds_are_named_as_such() {
    assert!(matches!(open(b"PK\x03\x04 and so on, an archive".to_vec()), Err(Fault::Magic { .. })));
    let other = Container::from_bytes(Path::new("run/x.pfc"), sample(), "checkpoint").unwrap_err();
    assert_eq!(other.to_string(), "run/x.pfc: is a sample, not a checkpoint");
    let mut newer = sample();
    newer[8] = 2;
    support::reseal(&mut newer);
    assert!(matches!(open(newer), Err(Fault::Format { found: 2 })));
}

#[test]
fn a_folder_or_a_missing_file_is_an_error() {
    let folder = support::Folder::new();
    assert!(matches!(Container::open(&folder.file("."), KIND), Err(e) if matches!(e.fault, Fault::NotAFile)));
    assert!(matches!(Container::open(&folder.file("none"), KIND), Err(e) if matches!(e.fault, Fault::Io(_))));
}

/// One section as a forger describes it, over five stored bytes.
fn forged(entry: &str) -> Fault {
    let header = format!(r#"{{"kind":"sample","meta":null,"sections":[{entry}]}}"#);
    match open(forge(&header, b"abcde")) {
        Err(fault) => fault,
        Ok(container) => container.section("a", 1).unwrap_err().fault,
    }
}

#[test]
fn impossible_sections_are_refused() {
    let check = crc32(b"abcde");
    let huge = u64::MAX;
    let entry = |bytes: u64, width: u64, packing: &str, stored: u64| {
        format!(
            r#"{{"name":"a","width":{width},"bytes":{bytes},"packing":"{packing}","stored":{stored},"check":{check}}}"#
        )
    };
    assert!(matches!(forged(&entry(5, 0, "plain", 5)), Fault::Entry { .. }));
    assert!(matches!(forged(&entry(5, 2, "plain", 5)), Fault::Entry { .. }));
    assert!(matches!(forged(&entry(6, 1, "plain", 5)), Fault::Entry { .. }));
    assert!(matches!(forged(&entry(huge, 1, "deflate", 5)), Fault::Entry { .. }));
    assert!(matches!(
        forged(&entry(5000, 1, "deflate", 5)),
        Fault::Unpacking { expected: 5000, found: 0, .. }
    ));
    assert!(matches!(forged(&entry(5, 1, "plain", huge)), Fault::Sections { expected: u64::MAX, found: 5 }));
    assert!(matches!(forged(&entry(5, 1, "gzip", 5)), Fault::Header(_)));
    let twice = [entry(5, 1, "plain", 5), entry(0, 1, "plain", 0)].join(",");
    assert!(matches!(forged(&twice), Fault::Repeated { .. }));
    let overflow = [entry(5, 1, "plain", huge), entry(6, 1, "plain", 6)].join(",");
    assert!(matches!(forged(&overflow), Fault::Sections { .. }));
}

#[test]
fn a_section_that_unpacks_to_more_than_it_says_is_refused() {
    // A sound stream of 100,000 zeros under a header that promises 10,000 bytes.
    let file = written(&[(1, vec![0; 100_000], Packing::Deflate)], &Value::Null);
    let header = u32::from_le_bytes(file[12..16].try_into().unwrap()) as usize;
    let text = std::str::from_utf8(&file[32..32 + header]).unwrap().replace("100000", "10000");
    let container = open(forge(&text, &file[32 + header..file.len() - 4])).unwrap();
    let fault = container.section("section 0", 1).unwrap_err().fault;
    assert!(matches!(fault, Fault::Unpacking { expected: 10_000, found: 10_001, .. }), "{fault}");
}

#[test]
fn a_section_read_with_another_width_or_name_is_refused() {
    let container = open(sample()).unwrap();
    assert!(matches!(container.section("section 0", 8).unwrap_err().fault, Fault::Width { found: 4, .. }));
    assert!(matches!(container.section("velocity", 8).unwrap_err().fault, Fault::Missing { .. }));
}
