//! Neighbour lists and forces against brute force over all pairs.

use proptest::prelude::*;

use crate::mechanics::forces;
use crate::support::{add, distance, inert_tumour, scenario};
use perforin_lesion::cells::Cells;
use perforin_lesion::model::Model;
use perforin_lesion::neighbours::Neighbours;

/// Tumour cells, small T cells that move and reach out, and large cells.
fn three_types() -> Model {
    let text = inert_tumour("antigen.A.density = { mean = \"10 /cell\" }")
        + r#"
[lesion.cell.killer]
role = "product"
attack.ramp = { antigen = "A", from = "0 /cell", to = "1 /cell" }
attack.reach = "25 µm"
[lesion.cell.giant]
role = "other"
volume = "9000 µm³"
"#;
    scenario(&text).model
}

/// A cloud of cells, anywhere in a box of the given width around the middle, on walls too.
fn cloud(model: &Model) -> impl Strategy<Value = Cells> {
    let model = model.clone();
    let cell = (0..3_usize, prop::array::uniform3(-1.0..=1.0_f64));
    (prop::collection::vec(cell, 1..120), 30.0..100.0_f64).prop_map(move |(list, half)| {
        let mut cells = Cells::new(model.antigens.len());
        for (kind, at) in list {
            add(&model, kind, &[at.map(|x| half * x)], &[10.0], &mut cells);
        }
        cells
    })
}

/// Whether two cells can act on each other: by adhesion or by an attack, whoever attacks.
fn can_touch(model: &Model, cells: &Cells, i: usize, j: usize) -> bool {
    let kind = |c: usize| &model.types[usize::from(cells.kind[c])];
    let adhesion = |c: usize| kind(c).mechanics.adhesion_reach * cells.radius[c];
    let attack = |c: usize| kind(c).attack.as_ref().map_or(0.0, |a| a.reach);
    let d = distance(cells.position[i], cells.position[j]);
    d < (adhesion(i) + adhesion(j)).max(attack(i)).max(attack(j))
}

/// How far the lists let a cell of a type move: 1.5 µm, and a motile cell a minute's way more.
fn every_touching_pair_is_listed(model: &Model, cells: &Cells, lists: &Neighbours) {
    for i in 0..cells.len() {
        let mut list = lists.of(i).to_vec();
        for j in (0..cells.len()).filter(|j| *j != i && can_touch(model, cells, i, *j)) {
            assert!(list.contains(&(j as u32)), "{i} misses {j}");
        }
        let listed = list.len();
        list.sort_unstable();
        list.dedup();
        assert_eq!(list.len(), listed, "{i} lists a neighbour twice");
        assert!(!list.contains(&(i as u32)), "{i} lists itself");
    }
}

/// Velocity and pressure of every cell by the documented sum over all others.
fn brute_force(model: &Model, cells: &Cells) -> Vec<([f64; 3], f64)> {
    let of = |i: usize| &model.types[usize::from(cells.kind[i])].mechanics;
    (0..cells.len())
        .map(|i| {
            let mut v = [0.0; 3];
            let mut squares = 0.0;
            for j in (0..cells.len()).filter(|j| *j != i) {
                let d = distance(cells.position[i], cells.position[j]);
                let contact = cells.radius[i] + cells.radius[j];
                let reach = of(i).adhesion_reach * cells.radius[i] + of(j).adhesion_reach * cells.radius[j];
                let mut speed = 0.0;
                if d < reach {
                    speed += (of(i).adhesion * of(j).adhesion).sqrt() * (1.0 - d / reach).powi(2);
                }
                if d < contact {
                    speed -= (of(i).repulsion * of(j).repulsion).sqrt() * (1.0 - d / contact).powi(2);
                    squares += (1.0 - d / contact).powi(2);
                }
                for a in 0..3 {
                    v[a] += speed * (cells.position[j][a] - cells.position[i][a]) / d;
                }
            }
            let unit = 1.0 - (std::f64::consts::PI / (2.0 * 3.0_f64.sqrt())).sqrt();
            (v, squares / (12.0 * unit * unit))
        })
        .collect()
}

proptest! {
    #[test]
    fn lists_hold_every_pair_that_can_touch(cells in cloud(&three_types())) {
        let model = three_types();
        let mut lists = Neighbours::new(&model);
        lists.build(&model, &cells);
        every_touching_pair_is_listed(&model, &cells, &lists);
    }

    /// Cells move as far as their skins allow, each in a direction of its own.
    #[test]
    fn lists_still_hold_every_pair_after_movement_within_the_skin(
        mut cells in cloud(&three_types()),
        directions in prop::collection::vec(prop::array::uniform3(-1.0..=1.0_f64), 120),
    ) {
        let model = three_types();
        let mut lists = Neighbours::new(&model);
        lists.build(&model, &cells);
        for i in 0..cells.len() {
            let length = distance(directions[i], [0.0; 3]).max(1e-3);
            let far = 0.999 * lists.skin(cells.kind[i]);
            for a in 0..3 {
                cells.position[i][a] += far * directions[i][a] / length;
            }
        }
        prop_assert!(!lists.are_stale(&cells), "the lists say themselves that they are stale");
        every_touching_pair_is_listed(&model, &cells, &lists);
        cells.position[0][0] += 2.1 * lists.skin(cells.kind[0]);
        prop_assert!(lists.are_stale(&cells), "a cell left its skin unnoticed");
    }

    #[test]
    fn forces_and_pressure_equal_the_sum_over_all_pairs(mut cells in cloud(&three_types())) {
        let model = three_types();
        // Two cells in one place have no direction; the smallest distance keeps the brute force finite.
        let closest = (0..cells.len()).flat_map(|i| (0..i).map(move |j| (i, j)))
            .map(|(i, j)| distance(cells.position[i], cells.position[j])).fold(f64::INFINITY, f64::min);
        prop_assume!(closest > 1e-3);
        let velocity = forces(&model, &mut cells);
        let expected = brute_force(&model, &cells);
        for i in 0..cells.len() {
            // Round-off of up to 119 terms below 50 µm/min; sums in another order.
            for a in 0..3 {
                prop_assert!((velocity[i][a] - expected[i].0[a]).abs() < 1e-10, "velocity of {}", i);
            }
            let scale = 1.0 + expected[i].1;
            prop_assert!((cells.pressure[i] - expected[i].1).abs() < 1e-10 * scale, "pressure of {}", i);
        }
    }
}
