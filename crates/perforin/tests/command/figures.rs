//! `perforin export --to figures`: every figure of every kind of page as a drawing, a picture and a table.

use resvg::tiny_skia::Pixmap;
use resvg::usvg::roxmltree::Document;

use crate::support::{Bench, STUDY};
use crate::{coupled, patient, targets, trial};

/// Exports the figures of `out` and compares them with its page; how many there are.
fn figures(bench: &Bench, kind: &str) -> usize {
    bench.must(&["export", "out", "--to", "figures", "--out", "figures"]);
    let page = bench.read("out/report.html");
    let list = bench.read("figures/figures.csv");
    let mut list = csv::Reader::from_reader(list.as_bytes());
    let rows: Vec<csv::StringRecord> = list.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), page.matches("<figure>").count(), "{kind}");
    for row in &rows {
        assert!([0, 1, 2, 3, 5].iter().all(|column| !row[*column].is_empty()), "{kind}: {row:?}");
        let drawing = bench.read(&format!("figures/{}", &row[0]));
        let document = Document::parse(&drawing).unwrap();
        let size = ["width", "height"].map(|name| document.root_element().attribute(name).unwrap());
        let size = size.map(|text| text.parse::<f32>().unwrap());
        let picture = std::fs::read(bench.path(&format!("figures/{}", &row[1]))).unwrap();
        let picture = Pixmap::decode_png(&picture).unwrap();
        assert!((picture.width() as f32 - 3.0 * size[0]).abs() <= 3.0, "{kind}: {row:?}");
        assert!((picture.height() as f32 - 3.0 * size[1]).abs() <= 3.0, "{kind}: {row:?}");
        let table = bench.read(&format!("figures/{}", &row[2]));
        // Lines of one length, and more than the line of names.
        let table: Vec<_> =
            csv::Reader::from_reader(table.as_bytes()).records().map(Result::unwrap).collect();
        assert!(!table.is_empty(), "{kind}: {row:?}");
        let ink = picture.pixels().iter().filter(|p| p.red() != 255 || p.green() != 255).count();
        assert!(ink > 500, "{kind}: {row:?}");
    }
    rows.len()
}

fn of(kind: &str, command: &str, study: &str) -> (Bench, usize) {
    let bench = Bench::new();
    bench.write("study.toml", study);
    bench.must(&[command, "study.toml", "--out", "out", "--quiet"]);
    let n = figures(&bench, kind);
    (bench, n)
}

fn the_table_of_a_figure_ends_like_that_of_the_run(bench: &Bench) {
    let (table, series) = (bench.read("figures/01-live-cells.csv"), bench.read("out/series.csv"));
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("tumour,")).collect();
    let column = series.lines().next().unwrap().split(',').position(|name| name == "tumour_live").unwrap();
    let last: Vec<&str> = series.lines().last().unwrap().split(',').collect();
    let number = |text: &str| text.parse::<f64>().unwrap();
    let drawn: Vec<&str> = rows[rows.len() - 1].split(',').collect();
    // Seven digits are kept of the day, all of a count.
    assert!((number(drawn[1]) / number(last[0]) - 1.0).abs() < 1e-6, "{drawn:?}");
    assert_eq!(number(drawn[2]), number(last[column]));
}

#[test]
fn the_figures_of_every_kind_of_page_become_drawings_pictures_and_tables() {
    let (lesion, n) = of("lesion", "run", STUDY);
    assert!(n >= 8, "{n}");
    lesion.must(&["export", "out", "--to", "figures", "--out", "again"]);
    lesion.assert_same("figures", "again");
    the_table_of_a_figure_ends_like_that_of_the_run(&lesion);
    assert!(of("patient", "run", patient::ONE).1 >= 5);
    assert!(of("population", "run", &(patient::ONE.to_owned() + patient::MANY)).1 >= 5);
    assert!(of("coupled", "run", coupled::COUPLED).1 >= 10);
    assert!(of("targets", "targets", targets::STUDY).1 >= 4);
    let bench = Bench::new();
    bench.write("study.toml", &(trial::STUDY.to_owned() + trial::EFFICACY));
    bench.must(&["trial", "study.toml", "--out", "out"]);
    assert!(figures(&bench, "trial") >= 7);
}

#[test]
fn a_page_that_is_missing_damaged_or_old_is_named() {
    let bench = Bench::new();
    bench.must(&["run", "study.toml", "--out", "out", "--quiet"]);
    let page = bench.read("out/report.html");
    let refused = |why: &str| {
        let done = bench.perforin(&["export", "out", "--to", "figures", "--out", "figures"]);
        assert!(done.code == 2 && done.stderr.contains(why), "{}", done.stderr);
        assert!(done.stderr.contains("perforin report out"), "{}", done.stderr);
        assert!(!bench.path("figures").exists());
    };
    bench.write("out/report.html", &page.replacen("</figcaption>", "", 1));
    refused("figure 1");
    bench.write("out/report.html", "<p>nothing</p>");
    refused("no figures");
    std::fs::remove_file(bench.path("out/report.html")).unwrap();
    refused("report.html");
    bench.must(&["report", "out"]);
    let done = bench.perforin(&["export", "out", "--to", "figures", "--out", "figures", "--last"]);
    assert!(done.code == 2 && done.stderr.contains("--last"), "{}", done.stderr);
    bench.must(&["export", "out", "--to", "figures", "--out", "figures"]);
}
