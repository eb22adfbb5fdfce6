//! VTK: `cells-K.vtp` (points with their state), `fields-K.vti` (substances by voxel, if the frames hold them), and
//! `course.pvd`, which `ParaView` opens as a course in days.
//!
//! Arrays are binary: base64 of their length in bytes (8 bytes) and their little-endian values.

use std::fmt::Write;
use std::path::Path;

use base64::Engine;
use perforin_lesion::storage::frames::Frame;

use super::{Course, make_folder, scalars};
use crate::failure::Failure;
use crate::files;
use crate::report::html::escape;

const HEAD: &str = "<?xml version=\"1.0\"?>\n";

/// Writes the folder.
///
/// # Errors
/// If it cannot be written.
pub fn write(course: &Course, target: &Path) -> Result<(), Failure> {
    let folder = make_folder(target.to_owned())?;
    let mut course_file = String::from(HEAD);
    course_file +=
        "<VTKFile type=\"Collection\" version=\"1.0\" byte_order=\"LittleEndian\">\n<Collection>\n";
    for (k, frame) in course.frames.iter().enumerate() {
        let day = frame.time / 1440.0;
        let mut add = |part: usize, name: String, text: String| {
            let _ = writeln!(course_file, "<DataSet timestep=\"{day}\" part=\"{part}\" file=\"{name}\"/>");
            files::write(&folder.join(name), text.as_bytes())
        };
        add(0, format!("cells-{k:04}.vtp"), cells(frame))?;
        if !frame.fields.is_empty() {
            add(1, format!("fields-{k:04}.vti"), fields(frame))?;
        }
    }
    course_file += "</Collection>\n</VTKFile>\n";
    files::write(&folder.join("course.pvd"), course_file.as_bytes())
}

fn open(kind: &str) -> String {
    format!(
        "{HEAD}<VTKFile type=\"{kind}\" version=\"1.0\" byte_order=\"LittleEndian\" header_type=\"UInt64\">\n"
    )
}

fn array(name: &str, kind: &str, components: usize, bytes: &[u8]) -> String {
    let mut all = (bytes.len() as u64).to_le_bytes().to_vec();
    all.extend_from_slice(bytes);
    let text = base64::engine::general_purpose::STANDARD.encode(all);
    format!(
        "<DataArray type=\"{kind}\" Name=\"{}\" NumberOfComponents=\"{components}\" format=\"binary\">{text}</DataArray>\n",
        escape(name)
    )
}

fn doubles(name: &str, components: usize, values: impl Iterator<Item = f64>) -> String {
    array(name, "Float64", components, &values.flat_map(f64::to_le_bytes).collect::<Vec<_>>())
}

fn cells(frame: &Frame) -> String {
    let n = frame.id.len();
    let whole = |name: &str, values: &mut dyn Iterator<Item = i64>| {
        array(name, "Int64", 1, &values.flat_map(i64::to_le_bytes).collect::<Vec<_>>())
    };
    let mut text = open("PolyData");
    let _ = writeln!(
        text,
        "<PolyData>\n<Piece NumberOfPoints=\"{n}\" NumberOfVerts=\"{n}\" NumberOfLines=\"0\" NumberOfStrips=\"0\" \
         NumberOfPolys=\"0\">\n<Points>"
    );
    text += &doubles("position", 3, frame.position.iter().flatten().copied());
    text += "</Points>\n<Verts>\n";
    text += &whole("connectivity", &mut (0..n as i64));
    text += &whole("offsets", &mut (1..=n as i64));
    text += "</Verts>\n<PointData Scalars=\"cell_type\">\n";
    text += &whole("cell", &mut frame.id.iter().map(|id| *id as i64));
    text += &array("cell_type", "UInt8", 1, &frame.kind);
    text += &array("condition", "UInt8", 1, &frame.condition);
    text += &array("bound", "UInt8", 1, &frame.bound.iter().map(|b| u8::from(*b)).collect::<Vec<_>>());
    text += &doubles("radius", 1, frame.radius.iter().copied());
    for (name, _, values) in scalars(frame) {
        text += &doubles(&name, 1, values.into_iter());
    }
    text + "</PointData>\n</Piece>\n</PolyData>\n</VTKFile>\n"
}

fn fields(frame: &Frame) -> String {
    let ([nx, ny, nz], [x, y, z], d) = (frame.grid.n, frame.grid.origin, frame.grid.spacing);
    let mut text = open("ImageData");
    let _ = writeln!(
        text,
        "<ImageData WholeExtent=\"0 {nx} 0 {ny} 0 {nz}\" Origin=\"{x} {y} {z}\" Spacing=\"{d} {d} {d}\">\n\
         <Piece Extent=\"0 {nx} 0 {ny} 0 {nz}\">\n<CellData>"
    );
    for field in &frame.fields {
        let bytes: Vec<u8> = field.value.iter().flat_map(|value| value.to_le_bytes()).collect();
        text += &array(&field.name, "Float32", 1, &bytes);
    }
    text + "</CellData>\n</Piece>\n</ImageData>\n</VTKFile>\n"
}
