use resvg::tiny_skia::PremultipliedColorU8;

use super::*;
use crate::report::chart::{Chart, FLOOR, Line};
use crate::report::html;

/// A page with one chart of two points.
fn page() -> String {
    let chart = Chart {
        x_label: "day".into(),
        y_label: "cells & more".into(),
        log: false,
        floor: FLOOR,
        alt: "Line chart: \u{201c}a\u{201d} < b".into(),
        areas: Vec::new(),
        lines: vec![Line { label: "one".into(), colour: 0, x: vec![0.0, 10.0], y: vec![0.0, 100.0] }],
    };
    format!("<p>before</p>{}<p>after</p>", html::figure("Live cells, day 0", "It rises.", &chart.svg()))
}

#[test]
fn a_figure_of_a_page_keeps_title_caption_alternative_text_and_table() {
    let figures = of_page(&page()).unwrap();
    assert_eq!(figures.len(), 1);
    let figure = &figures[0];
    assert_eq!((figure.title.as_str(), figure.caption.as_str()), ("Live cells, day 0", "It rises."));
    assert_eq!(figure.alt, "Line chart: \u{201c}a\u{201d} < b");
    let table = String::from_utf8(figure.table.clone().unwrap()).unwrap();
    assert_eq!(table, "line,day,cells & more,low,high\none,0,0,,\none,10,100,,\n");
    assert!(Document::parse(&figure.svg).is_ok() && !figure.svg.contains("metadata"));
}

#[test]
fn a_picture_has_ink_where_the_drawing_has_marks_and_nowhere_else() {
    let figure = &of_page(&page()).unwrap()[0];
    let bytes = picture(&figure.svg).unwrap();
    let dots = Pixmap::decode_png(&bytes).unwrap();
    assert_eq!((dots.width(), dots.height()), (2070, 960));
    let at = |x: f64, y: f64| dots.pixel((3.0 * x) as u32, (3.0 * y) as u32).unwrap();
    let is = |p: PremultipliedColorU8, [r, g, b]: [u8; 3]| (p.red(), p.green(), p.blue()) == (r, g, b);
    // The line rises from the corner (84, 276) to (510, 14); half way it is in the first colour of the style.
    let blue = [0x00, 0x72, 0xb2];
    for share in [0.25, 0.5, 0.75] {
        assert!(is(at(84.0 + 426.0 * share, 276.0 - 262.0 * share), blue), "{share}");
    }
    // Beside it, between the grid's lines, is paper.
    for (x, y) in [(150.0, 100.0), (400.0, 220.0), (650.0, 300.0), (2.0, 2.0)] {
        assert!(is(at(x, y), [0xff; 3]), "{x}, {y}");
    }
    let inked = |x: std::ops::Range<u32>, y: std::ops::Range<u32>| {
        let all = x.flat_map(|x| y.clone().map(move |y| (x, y)));
        all.filter(|(x, y)| !is(dots.pixel(*x, *y).unwrap(), [0xff; 3])).count()
    };
    // The label at the end of the line, and the upright label of the ordinate, which is about as long as its letters.
    assert!(inked(3 * 518..3 * 560, 3 * 8..3 * 24) > 200);
    let rows = (3 * 60..3 * 230).filter(|y| inked(0..3 * 18, *y..*y + 1) > 0).collect::<Vec<_>>();
    let (low, high) = (rows[0], rows[rows.len() - 1]);
    assert!((150..300).contains(&(high - low)) && (low + high).abs_diff(2 * 3 * 145) < 12, "{low} {high}");
    assert_eq!(bytes, picture(&figure.svg).unwrap());
}

#[test]
fn every_letter_that_figures_write_has_an_outline() {
    let face = |bytes| ttf_parser::Face::parse(bytes, 0).unwrap();
    let all = ('!'..='~').chain("µ×°·±≤≥→−–…αβγδεζκλμπρσφωΔΣéöü½¹²³₂“”’‰".chars());
    for font in [
        include_bytes!("../../../fonts/DejaVuSansCondensed.ttf").as_slice(),
        include_bytes!("../../../fonts/DejaVuSansCondensed-Bold.ttf"),
    ] {
        let missing: String = all.clone().filter(|c| face(font).glyph_index(*c).is_none()).collect();
        assert_eq!(missing, "");
    }
}

#[test]
fn a_damaged_page_is_an_error_and_no_panic() {
    let page = page();
    let start = page.find("<figure>").unwrap();
    for at in start..page.len() - 20 {
        if page.is_char_boundary(at) && page.is_char_boundary(at + 1) {
            let _ = of_page(&format!("{}{}", &page[..at], &page[at + 1..]));
            let _ = of_page(&format!("{}<{}", &page[..at], &page[at + 1..]));
        }
    }
    let why = of_page(&page.replace("base64,", "base64,?")).unwrap_err();
    assert!(why.contains("figure 1") && why.contains("table"), "{why}");
}
