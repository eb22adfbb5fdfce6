//! The XML of a snapshot.

use std::fmt::Write;

use perforin_lesion::storage::frames::Frame;

use super::{Label, MESH, centre};
use crate::report::html::escape;

/// The snapshot of a frame whose files are called `name`.
pub fn snapshot(title: &str, frame: &Frame, name: &str, labels: &[Label]) -> String {
    let (version, title, minutes) = (env!("CARGO_PKG_VERSION"), escape(title), frame.time);
    format!(
        "<?xml version=\"1.0\"?>\n<MultiCellDS version=\"2\" type=\"snapshot/simulation\">\n<metadata>\n\
         <description>{title}</description>\n<software><name>Perforin</name><version>{version}</version></software>\n\
         <created>not recorded</created>\n<current_time units=\"min\">{minutes}</current_time>\n\
         <current_runtime units=\"sec\">0</current_runtime>\n</metadata>\n{}{}</MultiCellDS>\n",
        microenvironment(frame, name),
        cells(frame, name, labels)
    )
}

fn microenvironment(frame: &Frame, name: &str) -> String {
    let ([x, y, z], [u, v, w]) = (frame.grid.origin, frame.grid.upper());
    let mut text = format!(
        "<microenvironment>\n<domain name=\"microenvironment\">\n<mesh type=\"Cartesian\" uniform=\"true\" regular=\"true\" \
         units=\"micron\">\n<bounding_box type=\"axis-aligned\" units=\"micron\" delimiter=\" \">{x} {y} {z} {u} {v} {w}\
         </bounding_box>\n"
    );
    for (axis, letter) in ["x", "y", "z"].into_iter().enumerate() {
        let centres: Vec<String> =
            (0..frame.grid.n[axis]).map(|place| centre(frame, axis, place).to_string()).collect();
        let _ = writeln!(
            text,
            "<{letter}_coordinates delimiter=\" \">{}</{letter}_coordinates>",
            centres.join(" ")
        );
    }
    let _ =
        writeln!(text, "<voxels type=\"matlab\"><filename>{MESH}</filename></voxels>\n</mesh>\n<variables>");
    for (k, field) in frame.fields.iter().enumerate() {
        let _ = writeln!(
            text,
            "<variable name=\"{}\" units=\"{}\" ID=\"{k}\"><physical_parameter_set><conditions/>\
             <diffusion_coefficient units=\"micron^2/min\">nan</diffusion_coefficient>\
             <decay_rate units=\"1/min\">nan</decay_rate></physical_parameter_set></variable>",
            escape(&field.name),
            escape(&field.unit)
        );
    }
    text + &format!(
        "</variables>\n<data type=\"matlab\"><filename>{name}_microenvironment0.mat</filename></data>\n</domain>\n\
         </microenvironment>\n"
    )
}

fn cells(frame: &Frame, name: &str, labels: &[Label]) -> String {
    let mut text = String::from(
        "<cellular_information>\n<cell_populations>\n<cell_population type=\"individual\">\n<custom>\n\
         <simplified_data type=\"matlab\" source=\"PhysiCell\" data_version=\"2\">\n<cell_types>\n",
    );
    for (k, (kind, _)) in frame.types.iter().enumerate() {
        let _ = writeln!(text, "<type ID=\"{k}\" type=\"{k}\">{}</type>", escape(kind));
    }
    text += "</cell_types>\n<labels>\n";
    let mut index = 0;
    for label in labels {
        let (name, unit) = (escape(&label.name), escape(&label.unit));
        let _ = writeln!(
            text,
            "<label index=\"{index}\" size=\"{}\" units=\"{unit}\">{name}</label>",
            label.size
        );
        index += label.size;
    }
    let graph =
        |tag: &str, file: &str| format!("<{tag} type=\"text\"><filename>{name}_{file}</filename></{tag}>\n");
    let _ = writeln!(text, "</labels>\n<filename>{name}_cells.mat</filename>\n</simplified_data>");
    text += &graph("neighbor_graph", "cell_neighbor_graph.txt");
    text += &graph("attached_cells_graph", "attached_cells_graph.txt");
    text + "</custom>\n</cell_population>\n</cell_populations>\n</cellular_information>\n"
}
