//! Text as outlines, so that a picture does not depend on the fonts of a machine.
//!
//! The letters are those of `DejaVu` Sans Condensed, which is shipped with its licence in `fonts/`. Text in figures is one
//! line of one style from left to right, so that glyphs set side by side by their widths are enough.

use std::fmt::Write;

use resvg::usvg::roxmltree::{Document, Node};
use ttf_parser::{Face, OutlineBuilder};

const REGULAR: &[u8] = include_bytes!("../../../fonts/DejaVuSansCondensed.ttf");
const BOLD: &[u8] = include_bytes!("../../../fonts/DejaVuSansCondensed-Bold.ttf");
/// Size of all text, in units of the drawing; the style says the same.
const SIZE: f32 = 12.0;

/// The drawing with every text as a path of the same style.
///
/// # Errors
/// What is wrong with the drawing.
pub fn outlined(svg: &str) -> Result<String, String> {
    let document = Document::parse(svg).map_err(|e| e.to_string())?;
    let face = |bytes| Face::parse(bytes, 0).map_err(|e| e.to_string());
    let (regular, bold) = (face(REGULAR)?, face(BOLD)?);
    let mut drawn = String::with_capacity(svg.len());
    let mut rest = 0;
    for node in document.descendants().filter(|node| node.has_tag_name("text")) {
        let range = node.range();
        drawn += &svg[rest..range.start];
        let is_bold = node.attribute("class").is_some_and(|class| class.split(' ').any(|c| c == "label"));
        drawn += &path(&node, if is_bold { &bold } else { &regular });
        rest = range.end;
    }
    // Rules for text are those of its outlines now.
    Ok((drawn + &svg[rest..]).replace("\ntext", "\n.text"))
}

fn path(node: &Node, face: &Face) -> String {
    let number = |name: &str| node.attribute(name).and_then(|v| v.parse().ok()).unwrap_or(0.0_f32);
    let scale = SIZE / f32::from(face.units_per_em());
    let glyphs: Vec<_> = node
        .text()
        .unwrap_or_default()
        .chars()
        .map(|c| {
            let glyph = face.glyph_index(c).unwrap_or_default();
            (glyph, scale * f32::from(face.glyph_hor_advance(glyph).unwrap_or_default()))
        })
        .collect();
    let width: f32 = glyphs.iter().map(|(_, advance)| advance).sum();
    let shift = match node.attribute("text-anchor") {
        Some("end") => width,
        Some("middle") => 0.5 * width,
        _ => 0.0,
    };
    let mut pen = Pen { path: String::new(), scale, x: number("x") - shift, y: number("y") };
    for (glyph, advance) in glyphs {
        face.outline_glyph(glyph, &mut pen);
        pen.x += advance;
    }
    let class = node.attribute("class").unwrap_or_default();
    let transform = node.attribute("transform").map_or_else(String::new, |t| format!(" transform=\"{t}\""));
    format!("<path class=\"text {class}\"{transform} d=\"{}\"/>", pen.path)
}

/// Writes outlines where the next glyph stands.
struct Pen {
    path: String,
    scale: f32,
    x: f32,
    y: f32,
}

impl Pen {
    fn write(&mut self, command: char, points: &[[f32; 2]]) {
        self.path.push(command);
        for [x, y] in points {
            let _ = write!(self.path, "{:.3} {:.3} ", self.x + self.scale * x, self.y - self.scale * y);
        }
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.write('M', &[[x, y]]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.write('L', &[[x, y]]);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.write('Q', &[[x1, y1], [x, y]]);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.write('C', &[[x1, y1], [x2, y2], [x, y]]);
    }

    fn close(&mut self) {
        self.path.push('Z');
    }
}
