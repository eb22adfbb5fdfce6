//! Sections through the middle of the tumour at the first, a middle and the last frame, as SVG.

use std::fmt::Write;

use perforin_lesion::storage::frames::Frame;

use super::data::{Data, brief};
use super::figures::colours;
use super::html::{escape, figure};
use super::shown;
use super::viewer::{is_shown, read_frame};
use crate::answer::rounded;
use crate::failure::Failure;
use std::path::PathBuf;

const WIDTH: f64 = 690.0;
const GAP: f64 = 12.0;
const PANELS: usize = 3;
const HEAD: f64 = 20.0;
const FOOT: f64 = 40.0;
/// Axes of the plane.
const ACROSS: [usize; 2] = [0, 2];
/// Cells drawn in a panel at most.
const MOST: usize = 4000;
/// Colours of the style.
const COLOURS: usize = super::chart::COLOURS;

/// The figure; none without frames.
///
/// # Errors
/// If a frame cannot be read.
pub fn html(files: &[PathBuf]) -> Result<Option<String>, Failure> {
    let mut places = vec![0, files.len() / 2, files.len().saturating_sub(1)];
    places.dedup();
    let frames = places.iter().filter_map(|&place| files.get(place)).map(|file| read_frame(file));
    let frames: Vec<Frame> = frames.collect::<Result<_, _>>()?;
    if frames.is_empty() {
        return Ok(None);
    }
    let days: Vec<String> = frames.iter().map(|frame| rounded(frame.time / 1440.0)).collect();
    let note = "Cells cut by the upright plane through the middle of the box (x to the right, z up); grey: dying or dead. All panels have the same scale.";
    Ok(Some(figure(&format!("Sections on day {}", days.join(", ")), note, &svg(&frames))))
}

/// What all panels show: the square around every cell that is cut, µm.
struct Window {
    low: [f64; 2],
    edge: f64,
    /// Where the plane lies on the y axis.
    y: f64,
}

impl Window {
    fn around(frames: &[Frame]) -> Self {
        let grid = &frames[0].grid;
        let y = 0.5 * (grid.origin[1] + grid.upper()[1]);
        let cut = frames.iter().flat_map(|frame| frame.position.iter().zip(&frame.radius));
        let cut = cut.filter(|(x, r)| (x[1] - y).abs() < **r);
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for (x, r) in cut {
            for (i, axis) in ACROSS.into_iter().enumerate() {
                low[i] = low[i].min(x[axis] - r);
                high[i] = high[i].max(x[axis] + r);
            }
        }
        if low[0] > high[0] {
            (low, high) = (ACROSS.map(|axis| grid.origin[axis]), ACROSS.map(|axis| grid.upper()[axis]));
        }
        let edge = (high[0] - low[0]).max(high[1] - low[1]);
        let low = [0, 1].map(|axis| 0.5 * (low[axis] + high[axis] - edge));
        Self { low, edge, y }
    }

    /// Rows of the cells of a frame that are cut, thinned where they are too many to be seen.
    fn drawn(&self, frame: &Frame) -> Vec<usize> {
        let cut = |row: &usize| (frame.position[*row][1] - self.y).abs() < frame.radius[*row];
        let rows: Vec<usize> = (0..frame.id.len()).filter(cut).collect();
        let share = MOST as f64 / rows.len().max(1) as f64;
        rows.into_iter().filter(|row| is_shown(frame.id[*row], share)).collect()
    }

    /// Radius of the disc that the plane cuts from a cell, µm.
    fn radius(&self, frame: &Frame, row: usize) -> f64 {
        let (off, full) = (frame.position[row][1] - self.y, frame.radius[row]);
        (full * full - off * off).sqrt()
    }
}

fn svg(frames: &[Frame]) -> String {
    let window = Window::around(frames);
    let edge = (WIDTH - GAP * (PANELS - 1) as f64) / PANELS as f64;
    let scale = edge / window.edge;
    let types: Vec<&str> = frames[0].types.iter().map(|(name, _)| name.as_str()).collect();
    let colours = colours(frames[0].types.iter().map(|(_, role)| *role));
    let counts: Vec<String> = frames
        .iter()
        .map(|frame| format!("{} cells on day {}", frame.id.len(), rounded(frame.time / 1440.0)))
        .collect();
    let height = HEAD + edge + FOOT;
    // The frame's line lies within the drawing.
    let inner = edge - 1.0;
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {height:.1}\" role=\"img\" aria-label=\"Sections through the tumour: {}.\">\n",
        counts.join("; ")
    );
    for (panel, frame) in frames.iter().enumerate() {
        let left = panel as f64 * (edge + GAP);
        let _ = writeln!(svg, "<text x=\"{left:.1}\" y=\"14\">day {}</text>", rounded(frame.time / 1440.0));
        let _ = writeln!(svg, "<g transform=\"translate({left:.1} {HEAD})\">");
        draw_cells(&mut svg, frame, &window, scale, &colours);
        let _ = writeln!(
            svg,
            "<rect class=\"axis\" x=\"0.5\" y=\"0.5\" width=\"{inner:.1}\" height=\"{inner:.1}\"/></g>"
        );
    }
    draw_legend(&mut svg, &types, &colours, (HEAD + edge, scale));
    svg + &data(frames, &window) + "</svg>\n"
}

/// The cells that are drawn.
fn data(frames: &[Frame], window: &Window) -> String {
    let mut data = Data::new(["day", "cell", "cell_type", "is_dying_or_dead", "x_um", "z_um", "radius_um"]);
    for frame in frames {
        for row in window.drawn(frame) {
            let [x, _, z] = frame.position[row];
            let [day, x, z, radius] = [frame.time / 1440.0, x, z, window.radius(frame, row)].map(brief);
            let (name, _) = &frame.types[usize::from(frame.kind[row])];
            let is_dead = (frame.condition[row] != 0).to_string();
            data.row([&day, &frame.id[row].to_string(), name, &is_dead, &x, &z, &radius]);
        }
    }
    data.element()
}

fn draw_cells(svg: &mut String, frame: &Frame, window: &Window, scale: f64, colours: &[usize]) {
    let rows = window.drawn(frame);
    for kind in 0..frame.types.len() {
        for is_dead in [false, true] {
            let class = if is_dead { "off".into() } else { format!("f{}", colours[kind] % COLOURS) };
            let own = |row: &&usize| {
                usize::from(frame.kind[**row]) == kind && (frame.condition[**row] != 0) == is_dead
            };
            let mut circles = String::new();
            for &row in rows.iter().filter(own) {
                let [x, _, z] = frame.position[row];
                let radius = window.radius(frame, row) * scale;
                let (x, z) = ((x - window.low[0]) * scale, (window.low[1] + window.edge - z) * scale);
                let _ = write!(circles, "<circle cx=\"{x:.1}\" cy=\"{z:.1}\" r=\"{radius:.1}\"/>");
            }
            if !circles.is_empty() {
                let _ = writeln!(svg, "<g class=\"{class}\">{circles}</g>");
            }
        }
    }
}

/// A bar of a round length, and the colours of the types.
fn draw_legend(svg: &mut String, types: &[&str], colours: &[usize], (top, scale): (f64, f64)) {
    let goal = 100.0 / scale;
    let decade = libm::pow(10.0, libm::floor(libm::log10(goal)));
    let length = [5.0, 2.0, 1.0].map(|m| m * decade).into_iter().find(|l| *l <= goal).unwrap_or(decade);
    let (bar, text) = (top + 20.0, top + 24.0);
    let _ = writeln!(svg, "<path class=\"axis\" d=\"M0 {bar:.1}h{:.1}\"/>", length * scale);
    let _ =
        writeln!(svg, "<text x=\"{:.1}\" y=\"{text:.1}\">{} µm</text>", length * scale + 6.0, shown(length));
    let mut left = 190.0;
    for (name, colour) in types.iter().zip(colours) {
        let _ = writeln!(
            svg,
            "<circle class=\"f{}\" cx=\"{left:.1}\" cy=\"{bar:.1}\" r=\"5\"/>",
            colour % COLOURS
        );
        let _ = writeln!(svg, "<text x=\"{:.1}\" y=\"{text:.1}\">{}</text>", left + 9.0, escape(name));
        left += 28.0 + 7.0 * name.chars().count() as f64;
    }
}
