//! What callers of the field solver rely on: amounts that add up, signs, bits, and errors instead of panics.

use perforin_lesion::fields::{Face, Field, FieldError, Solver, StepReport, Substance};
use perforin_lesion::grid::Grid;

fn grid(n: [usize; 3]) -> Grid {
    Grid { origin: [-10.0, 0.0, 5.0], n, spacing: 20.0 }
}

fn oxygen(faces: [Face; 6]) -> Substance {
    Substance { name: "oxygen".into(), unit: "mmHg".into(), diffusion: 1e5, decay: 0.1, initial: 38.0, faces }
}

/// Oxygen with a ball of consuming cells and one vessel.
fn tumour(grid: &Grid, faces: [Face; 6]) -> Field {
    let mut field = Field::new(oxygen(faces), grid);
    let centre = grid.centre();
    let radius = 0.3 * grid.spacing * grid.n[0] as f64;
    for voxel in 0..grid.len() {
        let at = grid.centre_of(voxel);
        let r2: f64 = (0..3).map(|a| (at[a] - centre[a]) * (at[a] - centre[a])).sum();
        field.sink[voxel] = if r2 < radius * radius { 3.0 } else { 0.0 };
    }
    field.source[grid.len() / 3] = 500.0;
    field
}

fn total(field: &Field) -> f64 {
    8000.0 * field.value.iter().sum::<f64>()
}

#[test]
fn amount_is_conserved_without_loss() {
    let grid = grid([13, 8, 10]);
    let mut field = Field::new(Substance { decay: 0.0, ..oxygen([Face::NoFlux; 6]) }, &grid);
    field.value.fill(0.0);
    field.value[137] = 1000.0;
    let before = total(&field);
    let mut solver = Solver::new(&grid).unwrap();
    for _ in 0..10 {
        solver.step(&mut field, 0.5, 1e-12).unwrap();
    }
    // Ten steps with errors of 1e-12 of the largest value, 1000, in each of 1040 voxels.
    assert!((total(&field) - before).abs() < 10.0 * 5.0 * 1e-12 * 1000.0 * 8000.0 * 1040.0);
}

#[test]
fn amounts_exchanged_explain_the_change() {
    let grid = grid([15, 12, 11]);
    let faces =
        [Face::Fixed(38.0), Face::NoFlux, Face::Fixed(5.0), Face::Fixed(0.0), Face::NoFlux, Face::NoFlux];
    let mut field = tumour(&grid, faces);
    let mut solver = Solver::new(&grid).unwrap();
    for dt in [0.1, 1.0, 10.0] {
        let before = total(&field);
        let tolerance = 1e-11;
        let StepReport { exchange, .. } = solver.step(&mut field, dt, tolerance).unwrap();
        let bound = tolerance * 300.0 * 8000.0 * grid.len() as f64 * (1.0 + 3.1 * dt);
        assert!(exchange.imbalance().abs() < bound, "Δt {dt}: {exchange:?}, {}", exchange.imbalance());
        // Sums of 2000 terms differ from each other by rounding only.
        assert!((exchange.change - (total(&field) - before)).abs() < 1e-12 * before);
        assert!((exchange.added - 500.0 * 8000.0 * dt).abs() < 1e-9 * exchange.added);
        assert!(exchange.decayed > 0.0 && exchange.taken_up > 0.0);
    }
}

#[test]
fn stationary_supply_equals_loss() {
    let grid = grid([15, 12, 11]);
    let mut field = tumour(&grid, [Face::Fixed(38.0); 6]);
    let exchange = Solver::new(&grid).unwrap().steady(&mut field, 1e-11).unwrap().exchange;
    assert!(exchange.entered > 0.0);
    assert!(exchange.imbalance().abs() < 1e-7 * exchange.taken_up, "{exchange:?}");
}

#[test]
fn bits_are_the_same_for_any_number_of_threads() {
    // 50·45 voxels a plane: twelve tasks on the finest level.
    let grid = grid([50, 45, 47]);
    let results = [1, 2, 3, 4, 8].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut field = tumour(&grid, [Face::Fixed(38.0); 6]);
            let mut solver = Solver::new(&grid).unwrap();
            let report = solver.step(&mut field, 1.0, 1e-6).unwrap();
            let bits: Vec<u64> = field.value.iter().map(|v| v.to_bits()).collect();
            (bits, format!("{report:?}"))
        })
    });
    assert!(results.windows(2).all(|w| w[0] == w[1]));
}

#[test]
fn order_of_fields_does_not_matter_to_a_shared_solver() {
    let grid = grid([9, 10, 11]);
    let mut first = tumour(&grid, [Face::Fixed(38.0); 6]);
    let mut second =
        Field { substance: Substance { diffusion: 10.0, ..oxygen([Face::NoFlux; 6]) }, ..first.clone() };
    let (mut alone, mut alone_too) = (first.clone(), second.clone());
    let mut solver = Solver::new(&grid).unwrap();
    solver.step(&mut first, 1.0, 1e-6).unwrap();
    solver.step(&mut second, 30.0, 1e-6).unwrap();
    Solver::new(&grid).unwrap().step(&mut alone_too, 30.0, 1e-6).unwrap();
    Solver::new(&grid).unwrap().step(&mut alone, 1.0, 1e-6).unwrap();
    assert_eq!((first, second), (alone, alone_too));
}

#[test]
fn a_sudden_strong_sink_leaves_no_negative_value_and_is_reported() {
    let grid = grid([12, 12, 12]);
    let mut field = Field::new(Substance { diffusion: 10.0, ..oxygen([Face::NoFlux; 6]) }, &grid);
    field.sink[800..900].fill(10.0);
    let mut solver = Solver::new(&grid).unwrap();
    let report = solver.step(&mut field, 1.0, 1e-6).unwrap();
    assert!(report.backward_euler);
    assert!(field.value.iter().all(|&v| v >= 0.0));
    // With the field at its new level, the step of order two takes over again.
    for _ in 0..30 {
        solver.step(&mut field, 1.0, 1e-6).unwrap();
    }
    assert!(!solver.step(&mut field, 1.0, 1e-6).unwrap().backward_euler);
}

#[test]
fn a_field_that_may_be_negative_is_not_touched_by_the_fall_back() {
    let grid = grid([7, 1, 6]);
    let mut field = Field::new(oxygen([Face::Fixed(-2.0); 6]), &grid);
    let report = Solver::new(&grid).unwrap().step(&mut field, 100.0, 1e-8).unwrap();
    assert!(!report.backward_euler);
    assert!(field.value.iter().all(|&v| v < 0.0));
}

#[test]
fn a_thin_grid_gives_the_same_field_along_any_axis() {
    let solve = |axis: usize| {
        let mut n = [12, 12, 12];
        n[axis] = 1;
        let grid = grid(n);
        let mut field = Field::new(oxygen([Face::NoFlux; 6]), &grid);
        field.sink[30] = 8.0;
        Solver::new(&grid).unwrap().step(&mut field, 2.0, 1e-11).unwrap();
        field.value
    };
    let [x, y, z] = [0, 1, 2].map(solve);
    for v in 0..144 {
        // Different orders of relaxation, so equal to the tolerance.
        assert!((x[v] - y[v]).abs() < 38e-10 && (y[v] - z[v]).abs() < 38e-10);
    }
}

#[test]
fn gradient_is_exact_for_a_linear_field_inside_and_at_fixed_faces() {
    let grid = grid([6, 5, 4]);
    let slope = [0.3, -0.2, 0.5];
    let plane = |at: [f64; 3]| 40.0 + (0..3).map(|a| slope[a] * at[a]).sum::<f64>();
    let mut field = Field::new(oxygen([Face::NoFlux; 6]), &grid);
    field.value = (0..grid.len()).map(|v| plane(grid.centre_of(v))).collect();
    let inside = field.gradient_at(&grid, grid.centre_of(grid.voxel_at(grid.centre())));
    for a in 0..3 {
        assert!((inside[a] - slope[a]).abs() < 1e-12);
    }
    // In the lowest corner along x, with the face's true value; no flux halves the one-sided slope.
    let corner = grid.centre_of(0);
    field.substance.faces[0] = Face::Fixed(plane([grid.origin[0], corner[1], corner[2]]));
    let gradient = field.gradient_at(&grid, grid.origin);
    assert!((gradient[0] - slope[0]).abs() < 1e-12);
    assert!((gradient[1] - 0.5 * slope[1]).abs() < 1e-12);
}

#[test]
fn wrong_input_is_an_error_that_names_it() {
    let grid = grid([4, 4, 4]);
    let good = tumour(&grid, [Face::NoFlux; 6]);
    let wrong = |change: &dyn Fn(&mut Field)| {
        let mut field = good.clone();
        change(&mut field);
        Solver::new(&grid).unwrap().step(&mut field, 1.0, 1e-6).unwrap_err()
    };
    let voxel = |error| match error {
        FieldError::Voxel { quantity, voxel, .. } => (quantity, voxel),
        other => panic!("{other}"),
    };
    assert_eq!(voxel(wrong(&|f| f.sink[5] = -1.0)), ("sink", 5));
    assert_eq!(voxel(wrong(&|f| f.source[6] = f64::NAN)), ("source", 6));
    assert_eq!(voxel(wrong(&|f| f.value[63] = f64::INFINITY)), ("value", 63));
    assert!(matches!(wrong(&|f| f.sink.truncate(3)), FieldError::Length { found: 3, expected: 64, .. }));
    let parameter = |error| match error {
        FieldError::Parameter { quantity, .. } => quantity,
        other => panic!("{other}"),
    };
    assert_eq!(parameter(wrong(&|f| f.substance.diffusion = -1.0)), "diffusion");
    assert_eq!(parameter(wrong(&|f| f.substance.decay = f64::NAN)), "decay");
    assert_eq!(parameter(wrong(&|f| f.substance.faces[3] = Face::Fixed(f64::NAN))), "value at a face");
    let mut solver = Solver::new(&grid).unwrap();
    for dt in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(parameter(solver.step(&mut good.clone(), dt, 1e-6).unwrap_err()), "time step");
    }
    assert_eq!(parameter(solver.steady(&mut good.clone(), 0.0).unwrap_err()), "tolerance");
    assert!(matches!(Solver::new(&self::grid([0, 4, 4])), Err(FieldError::Grid { .. })));
}

#[test]
fn a_field_that_nothing_fixes_or_removes_has_no_stationary_state() {
    let grid = grid([4, 4, 4]);
    let mut solver = Solver::new(&grid).unwrap();
    for diffusion in [0.0, 1e5] {
        let mut field = Field::new(Substance { decay: 0.0, diffusion, ..oxygen([Face::NoFlux; 6]) }, &grid);
        assert_eq!(solver.steady(&mut field, 1e-6), Err(FieldError::Singular { field: "oxygen".into() }));
    }
}

#[test]
fn extreme_values_end_in_an_error_or_finite_numbers() {
    let grid = grid([5, 4, 3]);
    for extreme in [1e308, 1e-308, 1e200] {
        for which in 0..5 {
            let mut field = tumour(&grid, [Face::Fixed(38.0); 6]);
            let mut dt = 1.0;
            match which {
                0 => field.value.fill(extreme),
                1 => field.sink.fill(extreme),
                2 => field.source.fill(extreme),
                3 => field.substance.diffusion = extreme,
                _ => dt = extreme,
            }
            let before = field.value.clone();
            match Solver::new(&grid).unwrap().step(&mut field, dt, 1e-6) {
                Ok(_) => assert!(field.value.iter().all(|v| v.is_finite())),
                Err(_) => assert_eq!(field.value, before),
            }
        }
    }
}
