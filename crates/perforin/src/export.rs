//! Results for other tools.
//!
//! | module | format | for |
//! |---|---|---|
//! | [`anndata`] | `AnnData` `.h5ad` with `obsm["spatial"]` | scanpy, squidpy, napari, `SpatialData` |
//! | [`vtk`] | VTK `.vtp` and `.vti` with a `.pvd` | `ParaView`, `PyVista` |
//! | [`simularium`] | Simularium trajectory | the Simularium viewer |
//! | [`ome_zarr`] | OME-Zarr 0.5 of the substances | napari, ome-zarr, Fiji |
//! | [`multicellds`] | `MultiCellDS` snapshots in `PhysiCell`'s layout | pcdl and other tools of `PhysiCell` |
//! | [`figures`] | SVG, PNG and CSV of every figure of the page | papers and talks |
//!
//! What an export writes appears under its name only once it is complete, and never over something else.

pub mod anndata;
pub mod figures;
pub mod multicellds;
pub mod ome_zarr;
pub mod simularium;
pub mod vtk;

use std::path::{Path, PathBuf};

use perforin_lesion::cells::Condition;
use perforin_lesion::storage::frames::Frame;

use crate::failure::Failure;
use crate::files::cannot_write;
use crate::folder::Folder;
use crate::manifest::Manifest;
use crate::report::viewer;

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// `AnnData` file with one row per cell and frame.
    Anndata,
    /// Folder of VTK files with a collection.
    Vtk,
    /// Simularium trajectory.
    Simularium,
    /// OME-Zarr image of the substances.
    OmeZarr,
    /// Folder of `MultiCellDS` snapshots in `PhysiCell`'s layout.
    #[value(name = "multicellds")]
    MultiCellDs,
    /// Folder of the page's figures as SVG, PNG and CSV.
    Figures,
}

/// The frames of a run, and what names them.
#[derive(Debug)]
pub struct Course {
    /// Title of the study.
    pub title: String,
    /// Frames by time.
    pub frames: Vec<Frame>,
}

impl Course {
    /// Reads the frames of a results folder; only the last one if `only_last`.
    ///
    /// # Errors
    /// If there are none, or one cannot be read.
    pub fn read(folder: &Folder, only_last: bool) -> Result<Self, Failure> {
        let title = Manifest::read(folder)?.title;
        let mut files = viewer::frames(folder)?;
        if files.is_empty() {
            return Err(Failure::input(format!("`{}` has no frames", folder.root().display()))
                .help("a run of a lesion writes them at `output.frames_every`"));
        }
        if only_last {
            files.drain(..files.len() - 1);
        }
        let frames = files.iter().map(|file| viewer::read_frame(file)).collect::<Result<_, _>>()?;
        Ok(Self { title, frames })
    }
}

/// Writes what a results folder holds in a format to `target`, and says what it wrote.
///
/// # Errors
/// If `target` exists or cannot be written, or the folder lacks what the format shows.
pub fn export(folder: &Folder, format: Format, only_last: bool, target: &Path) -> Result<String, Failure> {
    if format == Format::Figures {
        if only_last {
            return Err(
                Failure::input("`--last` chooses a frame, and figures show none").help("leave it out")
            );
        }
        let figures = figures::read(folder)?;
        whole(target, |partial| figures::write(&figures, partial))?;
        return Ok(counted(figures.len(), "figure"));
    }
    let course = Course::read(folder, only_last)?;
    whole(target, |partial| match format {
        Format::Anndata => anndata::write(&course, partial),
        Format::Vtk => vtk::write(&course, partial),
        Format::Simularium => simularium::write(&course, partial),
        Format::OmeZarr => ome_zarr::write(&course, partial),
        Format::MultiCellDs => multicellds::write(&course, partial),
        Format::Figures => Ok(()),
    })?;
    Ok(counted(course.frames.len(), "frame"))
}

fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// Has something written under another name until it is complete.
fn whole(target: &Path, write: impl FnOnce(&Path) -> Result<(), Failure>) -> Result<(), Failure> {
    if target.exists() {
        return Err(Failure::input(format!("`{}` exists", target.display())).help("choose another name"));
    }
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    let partial = target.with_file_name(name);
    remove(&partial)?;
    if let Err(failure) = write(&partial) {
        // The failure of writing matters, not that of tidying up after it.
        let _ = remove(&partial);
        return Err(failure);
    }
    std::fs::rename(&partial, target).map_err(|e| cannot_write(target, &e))
}

fn remove(place: &Path) -> Result<(), Failure> {
    let removed = match place.symlink_metadata() {
        Err(_) => return Ok(()),
        Ok(found) if found.is_dir() => std::fs::remove_dir_all(place),
        Ok(_) => std::fs::remove_file(place),
    };
    removed.map_err(|e| cannot_write(place, &e))
}

/// Makes a folder, with those above it.
fn make_folder(place: PathBuf) -> Result<PathBuf, Failure> {
    std::fs::create_dir_all(&place).map_err(|e| cannot_write(&place, &e))?;
    Ok(place)
}

/// The word for a stored condition.
fn condition(number: u8) -> String {
    Condition::from_number(number)
        .map_or_else(String::new, |condition| format!("{condition:?}").to_lowercase())
}

/// Scalars of a frame's cells: name, unit and a value for each.
fn scalars(frame: &Frame) -> Vec<(String, &'static str, Vec<f64>)> {
    let n = frame.id.len();
    let density = |(antigen, name): (usize, &String)| {
        let values = frame.density[antigen * n..(antigen + 1) * n].iter().map(|d| f64::from(*d)).collect();
        (name.clone(), "molecules per cell", values)
    };
    let mut all: Vec<_> = frame.antigens.iter().enumerate().map(density).collect();
    let shares = [
        ("oxygen", "mmHg", &frame.oxygen),
        ("lytic_signal", "1", &frame.lysis),
        ("exhaustion", "1", &frame.exhaustion),
    ];
    for (name, unit, values) in shares {
        all.extend(values.as_ref().map(|values| (name.to_owned(), unit, values.clone())));
    }
    all
}
