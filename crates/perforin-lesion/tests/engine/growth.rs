//! Growth of monolayers and spheroids against published measurements.

use crate::support::{lesion, scenario, start};
use perforin_lesion::cells::Cells;
use perforin_lesion::lesion::Lesion;

/// A colony in one plane: pressure by neighbours holds back division, oxygen is plenty.
fn monolayer(pressure_half: f64) -> Lesion {
    let text = format!(
        r#"
[study]
title = "monolayer"
duration = "100 d"
seed = 3
[lesion]
domain = "1600 µm"
[lesion.cell.tumour]
placement = {{ shape = "disc", diameter = "260 µm" }}
cycle = {{ doubling_time = "18 h", oxygen_saturation = "6 mmHg", pressure_half = {pressure_half} }}
death = {{ apoptosis = "0 /min" }}
uptake.oxygen = "0 /min"
[numerics]
voxel = "200 µm"
field_step = "6 min"
"#
    );
    let built = scenario(&text);
    start(built.model, built.cells)
}

/// Puts daughters that were born above or below the plane back into it; forces in a plane have no other effect.
fn flatten(cells: &mut Cells) {
    for i in 0..cells.len() {
        (cells.position[i][2], cells.velocity[i][2]) = (0.0, 0.0);
    }
}

/// Radius of the disc with the same radius of gyration, µm.
fn disc_radius(cells: &Cells) -> f64 {
    let squares: f64 = cells.position.iter().map(|p| p[0] * p[0] + p[1] * p[1]).sum();
    (2.0 * squares / cells.len() as f64).sqrt()
}

/// Slope and coefficient of determination of a straight line through points.
fn line(points: &[(f64, f64)]) -> (f64, f64) {
    let n = points.len() as f64;
    let (x, y) = (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let sum = |f: &dyn Fn(f64, f64) -> f64| points.iter().map(|p| f(p.0 - x, p.1 - y)).sum::<f64>();
    let (xx, xy, yy) = (sum(&|a, _| a * a), sum(&|a, b| a * b), sum(&|_, b| b * b));
    (xy / xx, xy * xy / (xx * yy))
}

/// Radii, µm, over time, h, of a colony of C6 cells (Brú 1998, doi 10.1103/PhysRevLett.81.4008; as read in Drasdo &
/// Höhme 2005, doi 10.1088/1478-3975/2/3/001).
const BRU: [(f64, f64); 6] =
    [(336.0, 570.0), (386.0, 700.0), (408.0, 795.0), (481.0, 1020.0), (506.0, 1125.0), (646.0, 1520.0)];

fn colony(pressure_half: f64, hours: f64) -> Vec<(f64, f64)> {
    let mut lesion = monolayer(pressure_half);
    let mut radii = Vec::new();
    while lesion.state.time < 60.0 * hours {
        lesion.step().expect("a step");
        flatten(&mut lesion.state.cells);
        if lesion.state.step % 60 == 0 {
            radii.push((lesion.state.time / 60.0, disc_radius(&lesion.state.cells)));
        }
    }
    radii
}

#[test]
#[ignore = "explore"]
fn explore_monolayer() {
    let half: f64 = std::env::var("HALF").unwrap().parse().unwrap();
    for (t, r) in colony(half, 120.0) {
        println!("{t} {r:.1}");
    }
}

/// Hours, cells and diameter, µm, of EMT6/Ro spheroids (Freyer & Sutherland 1986, Cancer Res 46:3504).
const FREYER: [(f64, f64, f64); 5] = [
    (101.7, 600.0, 154.0),
    (148.5, 1_472.0, 272.0),
    (192.5, 4_409.0, 370.0),
    (242.7, 14_968.0, 461.0),
    (269.8, 30_327.0, 559.0),
];

fn spheroid(doubling: &str) -> Lesion {
    lesion(&format!(
        r#"
[study]
title = "spheroid"
duration = "100 d"
seed = 3
[lesion]
domain = "900 µm"
diameter = "160 µm"
doubling_time = "{doubling}"
[lesion.field.oxygen]
boundary = "150 mmHg"
[numerics]
voxel = "30 µm"
field_step = "6 min"
"#
    ))
}

#[test]
#[ignore = "explore"]
fn explore_spheroid() {
    let mut lesion = spheroid(&std::env::var("DOUBLING").unwrap());
    let (mut points, clock) = (FREYER.iter().skip(1), 0);
    let mut next = points.next();
    let _ = clock;
    while let Some((hours, cells, diameter)) = next {
        lesion.step().unwrap();
        if lesion.state.time / 60.0 + 101.7 >= *hours {
            let c = &lesion.state.cells;
            let live = (0..c.len()).filter(|i| c.is_live(*i)).count();
            println!(
                "{hours} h: {live} live of {} against {cells}; diameter {:.0} against {diameter}; mech {}",
                c.len(),
                2.0 * perforin_lesion::observe::tumour_radius(&lesion),
                lesion.state.mechanics_step
            );
            next = points.next();
        }
    }
}
