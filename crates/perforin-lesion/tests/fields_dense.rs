//! The field solver against Gaussian elimination on small grids, and its convergence on awkward ones.

use perforin_lesion::fields::{Face, Field, FieldError, Solver, Substance};
use perforin_lesion::grid::Grid;
use proptest::prelude::*;

fn grid(n: [usize; 3]) -> Grid {
    Grid { origin: [0.0; 3], n, spacing: 20.0 }
}

/// `(mass + time·A, time·(source + faces))` of a field, from the definition.
fn system(field: &Field, grid: &Grid, mass: f64, time: f64) -> (Vec<Vec<f64>>, Vec<f64>) {
    let coupling = time * field.substance.diffusion / (grid.spacing * grid.spacing);
    let stride = [1, grid.n[0], grid.n[0] * grid.n[1]];
    let mut matrix = vec![vec![0.0; grid.len()]; grid.len()];
    let mut rhs: Vec<f64> = field.source.iter().map(|s| time * s).collect();
    for v in 0..grid.len() {
        matrix[v][v] += mass + time * (field.substance.decay + field.sink[v]);
        for a in 0..3 {
            let at = v / stride[a] % grid.n[a];
            for (side, outside) in [at == 0, at + 1 == grid.n[a]].into_iter().enumerate() {
                match field.substance.faces[2 * a + side] {
                    _ if !outside => {
                        let other = if side == 0 { v - stride[a] } else { v + stride[a] };
                        matrix[v][v] += coupling;
                        matrix[v][other] -= coupling;
                    }
                    Face::NoFlux => {}
                    Face::Fixed(value) => {
                        matrix[v][v] += 2.0 * coupling;
                        rhs[v] += 2.0 * coupling * value;
                    }
                }
            }
        }
    }
    (matrix, rhs)
}

/// Gaussian elimination; the matrices are diagonally dominant, so that no pivoting is needed.
fn eliminate(mut matrix: Vec<Vec<f64>>, mut rhs: Vec<f64>) -> Vec<f64> {
    let n = rhs.len();
    for p in 0..n {
        let pivot = matrix[p].clone();
        for r in p + 1..n {
            let factor = matrix[r][p] / pivot[p];
            for c in p..n {
                matrix[r][c] -= factor * pivot[c];
            }
            rhs[r] -= factor * rhs[p];
        }
    }
    for p in (0..n).rev() {
        let known: f64 = (p + 1..n).map(|c| matrix[p][c] * rhs[c]).sum();
        rhs[p] = (rhs[p] - known) / matrix[p][p];
    }
    rhs
}

fn step(field: &Field, grid: &Grid, dt: f64) -> Vec<f64> {
    let gamma = 1.0 - 0.5f64.sqrt();
    let (matrix, supply) = system(field, grid, 1.0, gamma * dt);
    let old = &field.value;
    let first = eliminate(matrix.clone(), old.iter().zip(&supply).map(|(c, s)| c + s).collect());
    let advanced = |v: usize| old[v] + (1.0 - gamma) / gamma * (first[v] - old[v]) + supply[v];
    eliminate(matrix, (0..old.len()).map(advanced).collect())
}

fn euler(field: &Field, grid: &Grid, dt: f64, parts: u32) -> Vec<f64> {
    let (matrix, supply) = system(field, grid, 1.0, dt / f64::from(parts));
    (0..parts).fold(field.value.clone(), |old, _| {
        eliminate(matrix.clone(), old.iter().zip(&supply).map(|(c, s)| c + s).collect())
    })
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |m, v| f64::max(m, v.abs()))
}

fn assert_close(found: &[f64], expected: &[f64], bound: f64) {
    for (voxel, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= bound, "voxel {voxel}: {a}, not {b} within {bound}");
    }
}

fn face() -> impl Strategy<Value = Face> {
    prop_oneof![Just(Face::NoFlux), (0.0..50.0).prop_map(Face::Fixed)]
}

prop_compose! {
    fn field()(n in prop::array::uniform3(1usize..=5))(
        n in Just(n),
        faces in prop::array::uniform6(face()),
        (diffusion, decay) in (-1.0..5.5, prop_oneof![Just(0.0), 0.001..1.0]),
        cells in prop::collection::vec((0.0..40.0, prop_oneof![Just(0.0), 0.0..10.0], 0.0..5.0), n.iter().product::<usize>()),
    ) -> (Grid, Field) {
        let substance = Substance {
            name: "test".into(), unit: "mmHg".into(), diffusion: libm::pow(10.0, diffusion), decay, initial: 0.0, faces,
        };
        let mut field = Field::new(substance, &grid(n));
        field.value = cells.iter().map(|c| c.0).collect();
        field.sink = cells.iter().map(|c| c.1).collect();
        field.source = cells.iter().map(|c| c.2).collect();
        (grid(n), field)
    }
}

const TOLERANCE: f64 = 1e-8;

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn step_equals_elimination((grid, field) in field(), exponent in -2.0..3.0) {
        let dt = libm::pow(10.0, exponent);
        let mut found = field.clone();
        let report = Solver::new(&grid).unwrap().step(&mut found, dt, TOLERANCE).unwrap();
        let expected = step(&field, &grid, dt);
        let least = expected.iter().copied().fold(0.0, f64::min);
        let scale = largest(&expected).max(largest(&field.value));
        // An error of the first stage enters the second (1 − γ)/γ = 2.4 times. Where the sign hangs on the
        // tolerance, either method may be used.
        let bound = 5.0 * TOLERANCE * scale;
        if report.backward_euler {
            prop_assert!(least <= bound);
            assert_close(&found.value, &euler(&field, &grid, dt, 4), bound);
        } else {
            prop_assert!(least >= -bound);
            assert_close(&found.value, &expected, bound);
        }
        prop_assert!(found.value.iter().all(|&v| v >= 0.0));
    }

    #[test]
    fn stationary_field_equals_elimination((grid, mut field) in field()) {
        field.substance.decay += 0.01;
        let (matrix, rhs) = system(&field, &grid, 0.0, 1.0);
        let expected = eliminate(matrix, rhs);
        Solver::new(&grid).unwrap().steady(&mut field, TOLERANCE).unwrap();
        assert_close(&field.value, &expected, 2.0 * TOLERANCE * largest(&expected));
    }
}

#[test]
fn a_cycle_gains_a_digit_whatever_grid_step_and_faces() {
    // 1e-10 of the scale from a rough start needs ten digits: at a factor of 0.15 per cycle, 12.1 cycles, and
    // one to see that the error is that small. Two solves per step, four more after a fall-back.
    let allowed = 14;
    for n in [[33, 33, 33], [37, 41, 12], [64, 3, 20], [50, 1, 50], [2, 65, 1], [17, 18, 19]] {
        for (diffusion, dt) in
            [(1e5, 0.01), (1e5, 1.0), (1e5, 1000.0), (6e3, 1.0), (6e3, 1000.0), (1e2, 10.0)]
        {
            for faces in [[Face::NoFlux; 6], [Face::Fixed(38.0); 6]] {
                let grid = grid(n);
                let substance = Substance {
                    name: "test".into(),
                    unit: "mmHg".into(),
                    diffusion,
                    decay: 0.01,
                    initial: 0.0,
                    faces,
                };
                let mut field = Field::new(substance, &grid);
                for v in 0..grid.len() {
                    let [i, j, k] = [v % n[0], v / n[0] % n[1], v / (n[0] * n[1])];
                    field.value[v] = ((v * 7919) % 101) as f64;
                    field.sink[v] = if (i / 5 + j / 5 + k / 5) % 2 == 0 { 10.0 } else { 0.0 };
                }
                let report = Solver::new(&grid).unwrap().step(&mut field, dt, 1e-10).unwrap();
                let solves = if report.backward_euler { 6 } else { 2 };
                assert!(
                    report.cycles <= solves * allowed,
                    "{n:?}, D {diffusion}, Δt {dt}, {faces:?}: {report:?}"
                );
            }
        }
    }
}

#[test]
fn an_unreachable_tolerance_is_reported_with_its_voxel() {
    // Rounding keeps the values moving by some 1e-16, never all by nothing.
    let grid = grid([21, 20, 22]);
    let faces = [Face::Fixed(38.0); 6];
    let substance = Substance {
        name: "oxygen".into(),
        unit: "mmHg".into(),
        diffusion: 1e5,
        decay: 0.1,
        initial: 1.0,
        faces,
    };
    let mut field = Field::new(substance, &grid);
    field.sink[17] = 3.0;
    let before = field.clone();
    let error = Solver::new(&grid).unwrap().step(&mut field, 1.0, 1e-300).unwrap_err();
    assert!(
        matches!(error, FieldError::NotConverged { voxel: 0..9240, residual: 0.0..1e-10, .. }),
        "{error}"
    );
    assert_eq!(field, before);
}
