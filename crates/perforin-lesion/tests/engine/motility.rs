//! Search: the persistent random walk against Fürth's formula, chemotaxis against its exact drift.

use crate::support::{apart, cells_at, distance, positions_by_id, run, scenario, start, summary};
use perforin_lesion::cells::Cells;
use perforin_lesion::lesion::Lesion;
use perforin_lesion::model::Model;

/// Speed, µm/min, and persistence, min, of the walkers.
const SPEED: f64 = 2.0;
const PERSISTENCE: f64 = 10.0;

/// Cells that walk and do nothing else: no forces, no death.
fn walkers(motility: &str, more: &str, numerics: &str) -> String {
    format!(
        r#"
[study]
title = "walkers"
duration = "10 d"
seed = 11
[lesion]
domain = "2000 µm"
[lesion.field.signal]
diffusion = "0 µm²/min"
decay = "0 /min"
initial = "0 relative"
{more}
[lesion.cell.walker]
role = "other"
repulsion = "0 µm/min"
adhesion = "0 µm/min"
cycle = {{ model = "none" }}
death = {{ apoptosis = "0 /min" }}
motility = {{ speed = "2 µm/min", persistence = "10 min", {motility} }}
uptake.oxygen = "0 /min"
placement = {{ shape = "scatter", count = 1 }}
[numerics]
voxel = "100 µm"
{numerics}
"#
    )
}

/// `count` walkers on a lattice, far from the walls.
fn on_lattice(text: &str, count: usize) -> Lesion {
    let model = scenario(text).model;
    let cells = cells_at(&model, 0, &apart(&model, 60.0, count));
    start(model, cells)
}

/// How far each cell has come since the start.
fn displacements(lesion: &Lesion, from: &[[f64; 3]]) -> Vec<[f64; 3]> {
    let now = positions_by_id(&lesion.state.cells);
    now.iter().zip(from).map(|(p, q)| std::array::from_fn(|a| p[a] - q[a])).collect()
}

/// `⟨r²⟩ = 2 v² p (t − p (1 − e^(−t/p)))` in three dimensions (Fürth 1920, doi 10.1007/BF01731587).
#[test]
fn mean_squared_displacement_follows_fuerth_for_any_step() {
    for numerics in ["", "phenotype_step = \"1.5 min\"\nfield_step = \"0.5 min\""] {
        let mut lesion = on_lattice(&walkers("bias = \"0 %\"", "", numerics), 3000);
        let from = positions_by_id(&lesion.state.cells);
        for minutes in [6.0, 30.0, 90.0] {
            run(&mut lesion, minutes);
            let squares: Vec<f64> =
                displacements(&lesion, &from).iter().map(|d| distance(*d, [0.0; 3]).powi(2)).collect();
            let exact = 2.0
                * SPEED
                * SPEED
                * PERSISTENCE
                * (minutes - PERSISTENCE * (1.0 - libm::exp(-minutes / PERSISTENCE)));
            let found = summary(&squares);
            println!("{minutes} min: {:.2} ± {:.2} against {exact:.2} µm²", found.mean, found.error);
            // Five standard errors: a true formula fails once in 1.7 million draws.
            assert!((found.mean - exact).abs() < 5.0 * found.error, "{found:?} against {exact}");
        }
    }
}

#[test]
fn a_path_does_not_depend_on_the_step() {
    let end = |numerics: &str| {
        let mut lesion = on_lattice(&walkers("bias = \"0 %\"", "", numerics), 300);
        run(&mut lesion, 60.0);
        positions_by_id(&lesion.state.cells)
    };
    let coarse = end("");
    let fine = end("phenotype_step = \"0.75 min\"\nfield_step = \"0.1 min\"");
    for (p, q) in coarse.iter().zip(&fine) {
        // Round-off of sums over a few hundred steps at positions below 1,000 µm.
        assert!(distance(*p, *q) < 1e-8, "{p:?} against {q:?}");
    }
}

/// A heading is the unit vector along `b·e + (1 − b)·u` with `u` uniform on the sphere; its mean along `e` is the
/// field of a charged shell: `2b/(3(1 − b))` for b ≤ ½ and `1 − (1 − b)²/(3b²)` above.
#[test]
fn drift_up_a_linear_gradient_is_the_exact_mean_of_the_heading() {
    for (share, bias) in [("30 %", 0.3), ("50 %", 0.5), ("80 %", 0.8)] {
        let motility = format!("bias = \"{share}\", toward = \"signal\"");
        let mut lesion = on_lattice(&walkers(&motility, "", ""), 2000);
        let signal = lesion.model.substances.iter().position(|s| s.name == "signal").unwrap();
        for voxel in 0..lesion.model.grid.len() {
            lesion.state.fields[signal].value[voxel] = 1000.0 + lesion.model.grid.centre_of(voxel)[1];
        }
        let from = positions_by_id(&lesion.state.cells);
        run(&mut lesion, 60.0);
        let moved = displacements(&lesion, &from);
        let along: Vec<f64> = moved.iter().map(|d| d[1]).collect();
        let heading = if bias <= 0.5 {
            2.0 * bias / (3.0 * (1.0 - bias))
        } else {
            1.0 - (1.0 - bias) * (1.0 - bias) / (3.0 * bias * bias)
        };
        let (found, exact) = (summary(&along), SPEED * 60.0 * heading);
        // Five standard errors.
        assert!((found.mean - exact).abs() < 5.0 * found.error, "bias {bias}: {found:?} against {exact}");
        let across = summary(&moved.iter().map(|d| d[0]).collect::<Vec<f64>>());
        assert!(across.mean.abs() < 5.0 * across.error, "bias {bias}: drifts across by {across:?}");
    }
}

#[test]
fn matrix_slows_a_cell_by_the_share_of_space_that_it_fills() {
    let end = |more: &str| {
        let mut lesion = on_lattice(&walkers("bias = \"0 %\"", more, ""), 200);
        let from = positions_by_id(&lesion.state.cells);
        run(&mut lesion, 60.0);
        displacements(&lesion, &from)
    };
    let free = end("");
    let slowed = end("[lesion.matrix]\ndensity = \"35 %\"");
    for (f, s) in free.iter().zip(&slowed) {
        let scaled = f.map(|x| 0.65 * x);
        // The share is stored in single precision: 2⁻²⁴ of a path of 120 µm.
        assert!(distance(scaled, *s) < 1e-4, "{s:?} against {scaled:?}");
    }
}

#[test]
fn walls_keep_all_cells_in_the_box_and_evenly_spread() {
    let text = walkers("bias = \"0 %\"", "", "").replace("domain = \"2000 µm\"", "domain = \"100 µm\"");
    let model: Model = scenario(&text.replace("speed = \"2", "speed = \"10")).model;
    let cells: Cells = cells_at(&model, 0, &apart(&model, 12.0, 300));
    let (lower, upper) = (model.grid.origin, model.grid.upper());
    let mut lesion = start(model, cells);
    let mut thirds = Vec::new();
    for step in 1..=60 {
        run(&mut lesion, 6.0 * f64::from(step));
        for p in &lesion.state.cells.position {
            assert!((0..3).all(|a| p[a] >= lower[a] && p[a] <= upper[a]), "{p:?} left the box");
        }
        if step % 10 == 0 {
            let outer = lesion.state.cells.position.iter().filter(|p| p[0].abs() > 100.0 / 3.0).count();
            thirds.push(outer as f64);
        }
    }
    assert_eq!(lesion.state.cells.len(), 300);
    // Reflected walkers stay uniform: binomial with share 1/3, and looks an hour apart are nearly independent.
    let error = (300.0_f64 / 3.0 * 2.0 / 3.0 / thirds.len() as f64).sqrt();
    let found = summary(&thirds);
    assert!((found.mean - 100.0).abs() < 5.0 * error, "{found:?}");
}
