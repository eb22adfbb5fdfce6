//! Forces: pairs, packings and lines of cells against closed forms and finely integrated equations.

use crate::support::{
    add, cells_at, distance, inert_tumour, lesion, place_of, positions_by_id, run, scenario, start,
};
use perforin_lesion::cells::Cells;
use perforin_lesion::lesion::Lesion;
use perforin_lesion::mechanics::Mechanics;
use perforin_lesion::model::Model;
use perforin_lesion::neighbours::Neighbours;

/// Repulsion and adhesion of a tumour cell, µm/min, and reach in radii (Ghaffarizadeh 2018).
const REPULSION: f64 = 10.0;
const ADHESION: f64 = 0.4;
const REACH: f64 = 1.25;

/// Velocities by forces and pressures, as the engine computes them.
pub fn forces(model: &Model, cells: &mut Cells) -> Vec<[f64; 3]> {
    let mut neighbours = Neighbours::new(model);
    neighbours.build(model, cells);
    let mut mechanics = Mechanics::new(model);
    mechanics.evaluate(model, &model.matrix, cells, &neighbours);
    // A step of no length only hands the velocities over.
    let before = cells.clone();
    mechanics.advance(cells, 0.0, 0.0);
    let velocity = std::mem::take(&mut cells.velocity);
    (cells.velocity, cells.moved) = (before.velocity, before.moved);
    velocity
}

/// Two tumour cells `gap` apart in the middle of the box.
fn pair(text: &str, gap: f64) -> Lesion {
    let model = scenario(text).model;
    let cells = cells_at(&model, 0, &[[-0.5 * gap, 0.0, 0.0], [0.5 * gap, 0.0, 0.0]]);
    start(model, cells)
}

fn gap(lesion: &Lesion) -> f64 {
    let p = positions_by_id(&lesion.state.cells);
    distance(p[0], p[1])
}

/// Velocity of the first of two cells towards the second, by the equation of the documentation.
fn attraction(d: f64, repulsion: f64, adhesion: f64, radius: f64) -> f64 {
    let square = |x: f64| if x > 0.0 { x * x } else { 0.0 };
    adhesion * square(1.0 - d / (2.0 * REACH * radius)) - repulsion * square(1.0 - d / (2.0 * radius))
}

/// Positions on a line after `minutes`, by the Runge–Kutta method of order four with 2,000 steps a minute.
fn on_a_line(mut x: Vec<f64>, adhesion: f64, radius: f64, minutes: f64) -> Vec<f64> {
    let n = x.len();
    let rate = |x: &[f64]| -> Vec<f64> {
        let toward = |i: usize, j: usize| {
            let d = x[j] - x[i];
            attraction(d.abs(), REPULSION, adhesion, radius) * d.signum()
        };
        (0..n).map(|i| (0..n).filter(|j| *j != i).map(|j| toward(i, j)).sum()).collect()
    };
    let along = |x: &[f64], k: &[f64], h: f64| -> Vec<f64> { (0..n).map(|i| x[i] + h * k[i]).collect() };
    let h = 1.0 / 2000.0;
    for _ in 0..(minutes / h).round() as usize {
        let k1 = rate(&x);
        let k2 = rate(&along(&x, &k1, 0.5 * h));
        let k3 = rate(&along(&x, &k2, 0.5 * h));
        let k4 = rate(&along(&x, &k3, h));
        for i in 0..n {
            x[i] += h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
        }
    }
    x
}

/// The overlap `u = 1 − d/R` of two cells that only repel each other obeys `u′ = −2k u²/R`, so that
/// `u = u₀/(1 + 2k u₀ t/R)`.
#[test]
fn two_cells_part_along_the_closed_form() {
    let mut lesion = pair(&inert_tumour("adhesion = \"0 µm/min\""), 8.0);
    let contact = 2.0 * lesion.state.cells.radius[0];
    let u0 = 1.0 - 8.0 / contact;
    for minutes in [6.0, 12.0, 30.0, 60.0] {
        run(&mut lesion, minutes);
        let exact = contact * (1.0 - u0 / (1.0 + 2.0 * REPULSION * u0 * minutes / contact));
        // Half the tolerance of 0.1 µm a step for each of the two; pushes decay, so errors do not add up.
        assert!((gap(&lesion) - exact).abs() < 0.1, "{} against {exact} at {minutes} min", gap(&lesion));
    }
}

/// The default step's error of each single step, on the hardest start: daughters just born.
#[test]
fn the_first_step_of_newly_placed_cells_keeps_the_tolerance() {
    let text = inert_tumour("adhesion = \"0 µm/min\"")
        + "[numerics]\nphenotype_step = \"1 min\"\nfield_step = \"1 min\"\n";
    for gap_at_start in [4.0, 8.0, 12.0, 15.0] {
        let mut lesion = pair(&text, gap_at_start);
        let contact = 2.0 * lesion.state.cells.radius[0];
        let u0 = 1.0 - gap_at_start / contact;
        run(&mut lesion, 1.0);
        let exact = contact * (1.0 - u0 / (1.0 + 2.0 * REPULSION * u0 / contact));
        // Half the stated tolerance of 0.1 µm for each of the two.
        assert!((gap(&lesion) - exact).abs() < 0.1, "{} against {exact} from {gap_at_start}", gap(&lesion));
    }
}

#[test]
fn adhering_cells_approach_along_the_finely_integrated_curve() {
    // Starts beyond contact, within the reach of adhesion.
    let mut lesion = pair(&inert_tumour(""), 20.0);
    let radius = lesion.state.cells.radius[0];
    run(&mut lesion, 120.0);
    let x = on_a_line(vec![-10.0, 10.0], ADHESION, radius, 120.0);
    // Slow and smooth: the error is far below the tolerance of 0.1 µm.
    assert!((gap(&lesion) - (x[1] - x[0])).abs() < 0.01, "{} against {}", gap(&lesion), x[1] - x[0]);
}

/// Forces cancel where `√a (1 − d/S) = √k (1 − d/R)`.
#[test]
fn two_cells_settle_where_adhesion_and_repulsion_cancel() {
    let mut lesion = pair(&inert_tumour(""), 9.0);
    let radius = lesion.state.cells.radius[0];
    let (a, k) = (ADHESION.sqrt(), REPULSION.sqrt());
    let exact = (k - a) / (k / (2.0 * radius) - a / (2.0 * REACH * radius));
    run(&mut lesion, 600.0);
    // Relaxes at 0.09 /min: after ten hours what is left of the start is far below round-off of 1e-6.
    assert!((gap(&lesion) - exact).abs() < 1e-6, "{} against {exact}", gap(&lesion));
}

/// The relaxation problem of the `OpenVT` collection (11 cells on a line at half their resting distance), posed with our own
/// short-range force law and its own finely integrated solution.
#[test]
fn a_compressed_line_of_eleven_cells_widens_along_the_reference() {
    let model = scenario(&inert_tumour("")).model;
    let radius = perforin_lesion::cells::radius_of(model.types[0].volume.total);
    let line: Vec<f64> = (0..11).map(|i| radius * f64::from(i - 5)).collect();
    let positions: Vec<[f64; 3]> = line.iter().map(|x| [*x, 0.0, 0.0]).collect();
    let cells = cells_at(&model, 0, &positions);
    let mut lesion = start(model, cells);
    run(&mut lesion, 60.0);
    let exact = on_a_line(line, ADHESION, radius, 60.0);
    for (p, x) in positions_by_id(&lesion.state.cells).iter().zip(&exact) {
        // The tolerance of a single step, in a run of many: errors of a relaxing line decay.
        assert!((p[0] - x).abs() < lesion.model.numerics.mechanics_tolerance, "{} against {x}", p[0]);
        assert!(p[1].abs() < 1e-9 && p[2].abs() < 1e-9, "left the line: {p:?}");
    }
    println!("width of the reference at 1 h: {} diameters", (exact[10] - exact[0]) / (2.0 * radius));
}

/// Pairs of all types, sizes and bonds push and pull each other equally.
#[test]
fn forces_between_cells_add_up_to_nothing() {
    let text = inert_tumour("antigen.A.density = { mean = \"10 /cell\" }")
        + "[lesion.cell.killer]\nrole = \"product\"\nattack.ramp = { antigen = \"A\", from = \"0 /cell\", to = \"1 /cell\" }\n";
    let model = scenario(&text).model;
    let stream = perforin_core::rng::Stream::new(3, perforin_core::rng::Purpose::Placement);
    let mut cells = Cells::new(1);
    for k in 0..300 {
        let mut draw = stream.at(k, 0);
        let position = std::array::from_fn(|_| 60.0 * (draw.uniform() - 0.5));
        add(&model, usize::from(k % 3 == 0), &[position], &[10.0], &mut cells);
    }
    for i in (0..300).step_by(3) {
        cells.bond[i] = i as u32 + 1;
    }
    let velocity = forces(&model, &mut cells);
    let total: f64 = velocity.iter().flatten().map(|v| v.abs()).sum();
    for a in 0..3 {
        let sum: f64 = velocity.iter().map(|v| v[a]).sum();
        // Round-off of thousands of terms.
        assert!(sum.abs() < 1e-11 * total, "{sum} of {total}");
    }
}

/// Twelve neighbours at the distance at which hexagonal circles of the same area touch: pressure 1 by definition
/// (Ghaffarizadeh 2018, supplement).
#[test]
fn pressure_of_a_hexagonal_packing_is_one() {
    let model = scenario(&inert_tumour("")).model;
    let contact = 2.0 * perforin_lesion::cells::radius_of(model.types[0].volume.total);
    let d = contact * (std::f64::consts::PI / (2.0 * 3.0_f64.sqrt())).sqrt();
    let mut positions = vec![[0.0; 3]];
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        for signs in [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)] {
            let mut p = [0.0; 3];
            p[a] = signs.0 * d * 0.5_f64.sqrt();
            p[b] = signs.1 * d * 0.5_f64.sqrt();
            positions.push(p);
        }
    }
    let mut cells = cells_at(&model, 0, &positions);
    let velocity = forces(&model, &mut cells);
    // Round-off.
    assert!((cells.pressure[0] - 1.0).abs() < 1e-9, "{}", cells.pressure[0]);
    assert!(velocity[0].iter().all(|v| v.abs() < 1e-12), "{:?}", velocity[0]);
}

/// A ball of the published packing relaxes to a tissue as dense as the forces say: no gaps, little overlap.
#[test]
fn a_relaxed_ball_is_packed_like_tissue() {
    let text = inert_tumour("").replace("diameter = \"10 µm\"", "diameter = \"140 µm\"");
    let mut lesion = lesion(&text);
    run(&mut lesion, 360.0);
    let cells = &lesion.state.cells;
    let radius = cells.radius[0];
    let nearest = |i: usize| {
        (0..cells.len())
            .filter(|j| *j != i)
            .map(|j| distance(cells.position[i], cells.position[j]))
            .fold(f64::INFINITY, f64::min)
    };
    let inner: Vec<usize> =
        (0..cells.len()).filter(|i| distance(cells.position[*i], [0.0; 3]) < 45.0).collect();
    let volume = 4.0 / 3.0 * std::f64::consts::PI * 45.0_f64.powi(3);
    let packing = inner.len() as f64 * cells.volume(0) / volume;
    // Random close packing of hard spheres is 0.64 and the densest 0.74; soft spheres under adhesion overlap,
    // so the nominal volumes fill more. Forces of a pair cancel at 0.95 contact distances; a cell in a packing is
    // pulled further in by its second neighbours.
    assert!((0.74..1.3).contains(&packing), "packing {packing}");
    for i in inner {
        let d = nearest(i) / (2.0 * radius);
        assert!((0.75..1.0).contains(&d), "nearest neighbour at {d} contact distances");
    }
    let centre = place_of(cells, cells.id[0]);
    assert!(cells.position[centre].iter().all(|x| x.is_finite()));
}
