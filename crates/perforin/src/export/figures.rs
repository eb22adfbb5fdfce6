//! The figures of a page as files: `NN-TITLE.svg`, `.png` and `.csv`, and `figures.csv`, which says what each is.
//!
//! They are written on demand and not with the results: pictures of every run of a sweep would take longer than some runs.
//! A drawing keeps its text as text, so that it can be edited; the picture has 300 dots per inch at a width of 175 mm.
//! Both are on white, in the light colours of the page, and the same bytes every time.

mod lettering;
mod style;

use std::path::Path;

use rayon::prelude::*;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::roxmltree::{Document, Node};
use resvg::usvg::{Options, Tree};

use super::make_folder;
use crate::failure::Failure;
use crate::files;
use crate::folder::Folder;
use crate::report::data;
use crate::report::html::escape;

/// Dots of a picture for each unit of a drawing: 690 units give 2,070 dots, 175 mm at 300 per inch.
const DOTS: f32 = 3.0;

/// A figure of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What it shows, in a few words.
    pub title: String,
    /// What to know about it.
    pub caption: String,
    /// What it shows, for readers who do not see it.
    pub alt: String,
    /// The drawing, to stand by itself.
    pub svg: String,
    /// The table behind it, CSV; none if the page offers none.
    pub table: Option<Vec<u8>>,
}

/// The figures of the page in a results folder.
///
/// # Errors
/// If it has no page, or one of another version.
pub fn read(folder: &Folder) -> Result<Vec<Figure>, Failure> {
    let (place, root) = (folder.report(), folder.root().display());
    let again = format!("`perforin report {root}` writes it anew once the run is over");
    let page = std::fs::read_to_string(&place).map_err(|e| {
        Failure::input(format!("cannot read `{}`", place.display())).because(&e).help(again.clone())
    })?;
    let figures = of_page(&page)
        .map_err(|why| Failure::input(format!("`{}`: {why}", place.display())).help(again.clone()))?;
    if figures.iter().all(|figure| figure.table.is_none()) {
        let why =
            if figures.is_empty() { "has no figures" } else { "has no tables: it is of another version" };
        return Err(Failure::input(format!("`{}` {why}", place.display())).help(again));
    }
    Ok(figures)
}

/// The figures of a page.
///
/// # Errors
/// What is wrong with which of them.
pub fn of_page(page: &str) -> Result<Vec<Figure>, String> {
    const END: &str = "</figure>";
    let starts = page.match_indices("<figure>");
    let parts = starts.filter_map(|(at, _)| Some(&page[at..at + page[at..].find(END)? + END.len()]));
    let figure =
        |(k, text): (usize, &str)| figure(text).map_err(|why| format!("figure {} is damaged: {why}", k + 1));
    parts.enumerate().map(figure).collect()
}

fn figure(text: &str) -> Result<Figure, String> {
    let document = Document::parse(text).map_err(|e| e.to_string())?;
    let root = document.root_element();
    let find = |name: &str| {
        root.descendants().find(|node| node.has_tag_name(name)).ok_or_else(|| format!("it has no <{name}>"))
    };
    let (drawing, caption, title) = (find("svg")?, find("figcaption")?, find("strong")?);
    let link = caption.children().find_map(|node| node.attribute("href"));
    let title = all_text(title);
    let alt = drawing.attribute("aria-label").unwrap_or_default().to_owned();
    let words: String = caption.children().filter(Node::is_text).filter_map(|n| n.text()).collect();
    Ok(Figure {
        title: title.trim_end_matches('.').to_owned(),
        caption: words.trim().to_owned(),
        svg: alone(&text[drawing.range()], &alt)?,
        alt,
        table: link.map(|link| data::linked(link).ok_or("its table is not to be had")).transpose()?,
    })
}

fn all_text(node: Node) -> String {
    node.descendants().filter(Node::is_text).filter_map(|n| n.text()).collect()
}

/// A drawing of a page, made to stand by itself.
fn alone(svg: &str, alt: &str) -> Result<String, String> {
    let (head, body) = svg.split_once('>').ok_or("its drawing has no end")?;
    let attributes = head.strip_prefix("<svg").ok_or("its drawing has no beginning")?;
    let size = attributes.split("viewBox=\"0 0 ").nth(1).and_then(|rest| rest.split('"').next());
    let (width, height) = size.and_then(|size| size.split_once(' ')).ok_or("its drawing has no size")?;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\"{attributes}>\n<title>{}</title>\n\
         <style>\n{}</style>\n<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>{body}\n",
        escape(alt),
        style::light()
    ))
}

/// The picture of a drawing, PNG.
///
/// # Errors
/// What is wrong with the drawing.
pub fn picture(svg: &str) -> Result<Vec<u8>, String> {
    let tree = Tree::from_str(&lettering::outlined(svg)?, &Options::default()).map_err(|e| e.to_string())?;
    let size = tree.size().to_int_size().scale_by(DOTS).ok_or("it is too large")?;
    let mut dots = Pixmap::new(size.width(), size.height()).ok_or("it is too large")?;
    resvg::render(&tree, Transform::from_scale(DOTS, DOTS), &mut dots.as_mut());
    dots.encode_png().map_err(|e| e.to_string())
}

/// Writes the folder.
///
/// # Errors
/// If a figure cannot be drawn, or the disk is full or fails.
pub fn write(figures: &[Figure], target: &Path) -> Result<(), Failure> {
    let folder = make_folder(target.to_owned())?;
    let mut list = csv::Writer::from_writer(Vec::new());
    let mut say =
        |row: [&str; 6]| list.write_record(row).map_err(|e| Failure::run("figures.csv").because(&e));
    say(["drawing", "picture", "table", "title", "caption", "alternative_text"])?;
    let stems: Vec<String> = figures
        .iter()
        .enumerate()
        .map(|(k, figure)| format!("{:02}-{}", k + 1, data::file_name(&figure.title)))
        .collect();
    for (figure, stem) in figures.iter().zip(&stems) {
        let [svg, png, csv] = ["svg", "png", "csv"].map(|format| format!("{stem}.{format}"));
        let csv = if figure.table.is_some() { csv } else { String::new() };
        say([&svg, &png, &csv, &figure.title, &figure.caption, &figure.alt])?;
    }
    files::write(&folder.join("figures.csv"), &list.into_inner().unwrap_or_default())?;
    figures.par_iter().zip(&stems).try_for_each(|(figure, stem)| {
        let drawn = picture(&figure.svg)
            .map_err(|why| Failure::run(format!("the figure \u{201c}{}\u{201d}: {why}", figure.title)))?;
        let write =
            |format: &str, bytes: &[u8]| files::write(&folder.join(format!("{stem}.{format}")), bytes);
        write("svg", figure.svg.as_bytes())?;
        write("png", &drawn)?;
        figure.table.as_ref().map_or(Ok(()), |table| write("csv", table))
    })
}

#[cfg(test)]
mod tests;
