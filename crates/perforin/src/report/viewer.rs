//! The 3-D tumour in the page: frames packed for the viewer, and the viewer itself.
//!
//! Every frame is a block of its own, so that the page shows the first without unpacking the others. A block is packed
//! with `deflate` and holds, for the `n` cells shown, in the order of identities, one plane of `n` bytes after the other:
//!
//! | planes | meaning |
//! |---|---|
//! | 4 | identity minus the previous one (the first: itself), lowest byte first |
//! | 2, 2, 2 | x, y, z: code of 0 to 4095 on the box, lowest byte first |
//! | 1 | radius: code of 0 to 255 on the largest |
//! | 1 | place in the list of types |
//! | 1 | condition; the top bit is set if the cell holds another |
//! | 1 each | scalars: code of 0 to 255; on a logarithmic scale 0 is zero |
//!
//! and, after the cells, the substances, one byte per voxel of a grid of at most [`FIELD_EDGE`] voxels along an edge.

mod pack;
mod scale;

use std::fmt::Write;
use std::path::PathBuf;

use base64::Engine;
use serde::Serialize;

use super::html::escape;
use crate::failure::Failure;
use crate::folder::Folder;
use pack::Packer;
pub(super) use pack::is_shown;
pub use pack::read_frame;

const SCRIPT: &str = include_str!("viewer/viewer.js");
const CONTROLS: &str = include_str!("viewer/controls.html");

/// What a page holds at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Cells in all frames together.
    pub cells: usize,
    /// Frames.
    pub frames: usize,
}

impl Limits {
    /// For a file that can be mailed: less than 10 MB.
    pub const FILE: Self = Self { cells: 800_000, frames: 100 };
    /// Everything.
    pub const NONE: Self = Self { cells: usize::MAX, frames: usize::MAX };
}

/// Largest number of voxels along an edge of a substance in the page.
pub const FIELD_EDGE: usize = 32;

/// What the viewer knows before it unpacks a frame.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Header {
    /// Lower and upper corner of the box, µm.
    low: [f64; 3],
    high: [f64; 3],
    /// Largest radius, µm.
    radius: f64,
    types: Vec<Kind>,
    conditions: Vec<String>,
    scalars: Vec<Scale>,
    /// Substances, with the grid that they are shown on.
    fields: Vec<Scale>,
    grid: Option<Grid>,
    frames: Vec<Shown>,
    /// What was left out, in words; empty if nothing was.
    thinned: String,
}

/// A cell type, with the number of its colour in the page's style.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Kind {
    name: String,
    colour: usize,
}

/// What codes of 0 to 255 stand for: `low` to `high`, or, on a logarithmic scale, 0 for zero and 1 to 255 for that.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Scale {
    name: String,
    unit: String,
    low: f64,
    high: f64,
    log: bool,
}

/// The grid on which substances are shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Grid {
    n: [usize; 3],
    low: [f64; 3],
    high: [f64; 3],
}

/// A frame.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Shown {
    /// Day.
    day: f64,
    /// Cells in the block.
    n: usize,
    /// Cells of each type in the lesion.
    counts: Vec<usize>,
}

/// All frames of a folder, packed.
#[derive(Debug)]
pub struct Packed {
    /// What the viewer knows first.
    pub header: Header,
    /// A block for each frame.
    pub blocks: Vec<Vec<u8>>,
}

impl Packed {
    /// Packs the frames in files, by time; none if there are none.
    ///
    /// # Errors
    /// If a frame cannot be read.
    pub fn of(all: &[PathBuf], limits: Limits) -> Result<Option<Self>, Failure> {
        if all.is_empty() {
            return Ok(None);
        }
        let packer = Packer::survey(&evenly(all, limits.frames), all.len(), limits.cells)?;
        packer.pack().map(Some)
    }
}

/// The files of the frames, by time.
///
/// # Errors
/// If their folder cannot be listed.
pub fn frames(folder: &Folder) -> Result<Vec<PathBuf>, Failure> {
    let place = folder.frames();
    let Ok(entries) = std::fs::read_dir(&place) else { return Ok(Vec::new()) };
    let mut files = Vec::new();
    for entry in entries {
        let entry =
            entry.map_err(|e| Failure::input(format!("cannot read `{}`", place.display())).because(&e))?;
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "pff") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// At most `most` of the frames, the first and the last among them.
fn evenly(all: &[PathBuf], most: usize) -> Vec<PathBuf> {
    if all.len() <= most {
        return all.to_vec();
    }
    (0..most).map(|i| all[i * (all.len() - 1) / (most - 1)].clone()).collect()
}

/// The viewer with all frames, as HTML.
///
/// # Errors
/// If the header cannot be written.
pub fn section(packed: &Packed) -> Result<String, Failure> {
    html(packed, &packed.blocks, "")
}

/// The viewer that fetches its frames, and the whole page again once `state` is another.
///
/// # Errors
/// If the header cannot be written.
pub fn served(packed: &Packed, state: &str) -> Result<String, Failure> {
    html(packed, &[], state)
}

fn html(packed: &Packed, blocks: &[Vec<u8>], state: &str) -> Result<String, Failure> {
    let header = serde_json::to_string(&packed.header)
        .map_err(|e| Failure::input("the frames cannot be described").because(&e))?
        // A name must not end the script element.
        .replace('<', "\\u003c");
    let mut html = CONTROLS.replace("data-state=\"\"", &format!("data-state=\"{state}\""));
    if !packed.header.thinned.is_empty() {
        let _ = writeln!(html, "<p class=\"soft\">{}</p>", escape(&packed.header.thinned));
    }
    let _ = writeln!(html, "<script type=\"application/json\" id=\"viewer-header\">{header}</script>");
    for (i, block) in blocks.iter().enumerate() {
        let text = base64::engine::general_purpose::STANDARD.encode(block);
        let _ = writeln!(html, "<script type=\"text/plain\" id=\"viewer-frame-{i}\">{text}</script>");
    }
    let _ = writeln!(html, "<script>\n{SCRIPT}</script>");
    Ok(html)
}

#[cfg(test)]
mod tests;
