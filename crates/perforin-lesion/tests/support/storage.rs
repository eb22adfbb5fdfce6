//! What the storage tests share.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use perforin_core::study::StudyFile;
use perforin_lesion::lesion::Lesion;
use perforin_lesion::scenario;
use perforin_lesion::storage::container::{Container, Packing, Writer};
use serde_json::Value;

/// A new empty folder, removed when it goes out of scope.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("storage-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Names of everything in the folder, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// CRC-32 bit by bit, as its definition has it.
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

/// Makes the checksums of preamble, header and whole file hold again after a change.
pub fn reseal(bytes: &mut [u8]) {
    let n = bytes.len();
    if n < 36 {
        return;
    }
    let header = u32::from_le_bytes(bytes[12..16].try_into().unwrap()) as usize;
    if let Some(text) = bytes.get(32..32usize.saturating_add(header)) {
        let check = crc32(text);
        bytes[24..28].copy_from_slice(&check.to_le_bytes());
    }
    let check = crc32(&bytes[..28]);
    bytes[28..32].copy_from_slice(&check.to_le_bytes());
    let check = crc32(&bytes[..n - 4]);
    bytes[n - 4..].copy_from_slice(&check.to_le_bytes());
}

/// A file with the given header text and section bytes, every checksum outside the header sound.
pub fn forge(header: &str, sections: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x89PFN\r\n\x1a\n\x01\0\0\0".to_vec();
    bytes.extend((header.len() as u32).to_le_bytes());
    bytes.extend((36 + header.len() as u64 + sections.len() as u64).to_le_bytes());
    bytes.extend([0; 8]);
    bytes.extend(header.as_bytes());
    bytes.extend(sections);
    bytes.extend([0; 4]);
    reseal(&mut bytes);
    bytes
}

/// A lesion of some forty cells in a box of 125 voxels, with attackers, two antigens and two substances.
pub fn small_lesion() -> Lesion {
    let study: StudyFile = SMALL.parse().unwrap();
    let scenario = scenario::build(&study).unwrap();
    Lesion::new(scenario.model, scenario.cells).unwrap()
}

const SMALL: &str = r#"
[study]
title = "A small lesion"
seed = 3
duration = "10 d"

[lesion]
domain = "100 µm"

[lesion.field.oxygen]
initial = "38 mmHg"
boundary = "38 mmHg"

[lesion.field.chemokine]
initial = "0 relative"

[lesion.cell.tumour]
placement = { shape = "ball", diameter = "50 µm" }
cycle = { model = "flow-cytometry" }
uptake.oxygen = "10 /min"
secretion.chemokine = { rate = "10 /min", target = "1 relative" }
antigen.HER2.density = { median = "60000 /cell", log_sd = 0.9 }
antigen.CEA.density = { median = "300 /cell", log_sd = 2.0 }

[lesion.cell.immune]
role = "product"
placement = { shape = "shell", gap = "2 µm", thickness = "15 µm", count = 12 }
motility = { speed = "1 µm/min", persistence = "10 min", bias = "50 %", toward = "chemokine" }

[lesion.cell.immune.attack]
targets = ["tumour"]
ramp = { antigen = "HER2", from = "100 /cell", to = "20000 /cell" }
attach_rate = "2 /min"
contact_distance = "14 µm"
reach = "18 µm"
bond = "0.01 /min"
synapse_lifetime = "60 min"
kill_rate = "0.01 /min"
"#;

/// The same file with the bytes of its sections changed and every checksum sound.
pub fn rebuild(file: &[u8], kind: &'static str, mut change: impl FnMut(&str, &mut Vec<u8>)) -> Vec<u8> {
    let container = Container::from_bytes(Path::new("x"), file.to_vec(), kind).unwrap();
    let mut writer = Writer::new(kind);
    let header = u32::from_le_bytes(file[12..16].try_into().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&file[32..32 + header]).unwrap();
    for section in header["sections"].as_array().unwrap() {
        let (name, width) = (section["name"].as_str().unwrap(), section["width"].as_u64().unwrap() as usize);
        let mut bytes = container.section(name, width).unwrap().into_owned();
        change(name, &mut bytes);
        bytes.truncate(bytes.len() / width * width);
        writer.add(name, width, bytes, Packing::Deflate);
    }
    let mut changed = Vec::new();
    writer.write_to(&mut changed, &header["meta"]).unwrap();
    changed
}
