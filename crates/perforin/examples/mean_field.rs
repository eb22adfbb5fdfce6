//! Where the patient's mean-field lesion agrees with the cell-by-cell one, and where it stops: both curves as a figure, and
//! as a table on standard output.
//!
//! `cargo run --release -p perforin --example mean_field guide/mean-field.svg`

#![allow(clippy::print_stdout)]

#[path = "../tests/support/mixed.rs"]
mod mixed;

use std::fmt::Write;

use mixed::{Course, Experiment, Scene};
use perforin::report::chart::{Chart, Line};

const HOURS: u32 = 30;
const SEEDS: [u64; 2] = [3, 4];
const RATIOS: [f64; 3] = [0.05, 0.15, 0.5];
/// Scenes, their size in µm, and what they are.
const SCENES: [(Scene, f64, &str); 3] = [
    (Scene::Mixed, 160.0, "well mixed: 900 tumour cells fill a cube, the product is put among them"),
    (Scene::Ball, 200.0, "a ball of 1,170 tumour cells, the product is put on its surface"),
    (Scene::Dense, 200.0, "the same ball with dense matrix (97 % of space)"),
];
/// Colours for light and dark pages, after the report's.
const STYLE: &str = "text{font:12px sans-serif;fill:#555}.grid{stroke:#8884}.axis{stroke:#888}.line{fill:none;stroke-width:1.6}\
                     .s0{stroke:#3b6ea8}.s1{stroke:#c4562f}.s2{stroke:#3f8f5f}.s3{stroke:#3b6ea8;stroke-dasharray:5 3}\
                     .s4{stroke:#c4562f;stroke-dasharray:5 3}.s5{stroke:#3f8f5f;stroke-dasharray:5 3}";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("scene,ratio,seed,hour,positive,negative,mean_positive,mean_negative");
    let (mut page, mut top) = (String::new(), 0.0);
    for (scene, size, title) in SCENES {
        let mut lines = Vec::new();
        for (k, ratio) in RATIOS.into_iter().enumerate() {
            for seed in SEEDS {
                let experiment = Experiment { scene, size, ratio, negative: 0.1, hours: HOURS, seed };
                let cells = experiment.cell_by_cell();
                let mean = experiment.mean_field(&cells);
                print_rows(title, ratio, seed, &cells, &mean);
                let is_first = seed == SEEDS[0];
                lines.push(line(
                    if is_first { format!("{ratio} per tumour cell") } else { String::new() },
                    k,
                    &cells,
                ));
                if is_first {
                    lines.push(line(String::new(), k + 3, &mean));
                }
            }
        }
        let svg = Chart {
            x_label: "hour".into(),
            y_label: "antigen-positive tumour cells".into(),
            log: false,
            floor: 0.5,
            alt: format!("Line chart of tumour cells over hours: {title}; dashed, the mean-field lesion."),
            areas: Vec::new(),
            lines,
        };
        write!(page, "<text x=\"84\" y=\"{}\">{title}</text>", top + 14.0)?;
        write!(page, "<g transform=\"translate(0 {})\">{}</g>", top + 20.0, sized(&svg.svg()))?;
        top += 350.0;
    }
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 700 {top}\"><style>{STYLE}</style>{page}</svg>\n"
    );
    if let Some(place) = std::env::args().nth(1) {
        std::fs::write(place, svg)?;
    }
    Ok(())
}

/// A chart of its own size within the figure.
fn sized(svg: &str) -> String {
    svg.replacen("<svg ", "<svg width=\"690\" height=\"320\" ", 1)
}

fn line(label: String, colour: usize, course: &Course) -> Line {
    Line { label, colour, x: (0..=HOURS).map(f64::from).collect(), y: course.positive.clone() }
}

fn print_rows(title: &str, ratio: f64, seed: u64, cells: &Course, mean: &Course) {
    for hour in 0..=HOURS as usize {
        let [a, b] =
            [cells, mean].map(|course| format!("{:.1},{:.1}", course.positive[hour], course.negative[hour]));
        println!("\"{title}\",{ratio},{seed},{hour},{a},{b}");
    }
}
