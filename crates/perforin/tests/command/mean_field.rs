//! The patient's mean-field lesion against the cell-by-cell one.

use crate::mixed::{Experiment, Scene};

/// Root mean square of the difference of the antigen-positive cells over time, over their number at the start, of the mean
/// of two seeds.
fn difference(scene: Scene, size: f64, ratio: f64) -> (f64, f64) {
    let runs = [11, 12].map(|seed| {
        let experiment = Experiment { scene, size, ratio, negative: 0.1, hours: 18, seed };
        let cells = experiment.cell_by_cell();
        let mean = experiment.mean_field(&cells);
        (cells, mean)
    });
    let (hours, start) = (runs[0].0.positive.len(), runs[0].0.positive[0]);
    let of = |hour: usize| {
        let cells = 0.5 * (runs[0].0.positive[hour] + runs[1].0.positive[hour]);
        let mean = 0.5 * (runs[0].1.positive[hour] + runs[1].1.positive[hour]);
        let spread = runs[0].0.positive[hour] - runs[1].0.positive[hour];
        [cells - mean, spread].map(|x| x * x / (start * start))
    };
    let [difference, spread] = (0..hours).map(of).fold([0.0; 2], |sum, x| [sum[0] + x[0], sum[1] + x[1]]);
    ((difference / hours as f64).sqrt(), (spread / hours as f64).sqrt())
}

/// Seeds 11 and 12, which no parameter was chosen on (those were 1 and 2, in a larger cube). In this small cube nineteen
/// killers draw 5.5 % away from the equations where two seeds differ by 2.0 %; an equation in which unrecognised cells hold
/// killers and killers stand in each other's way one to one is 15 % off.
#[test]
fn the_mean_field_lesion_agrees_with_the_cell_by_cell_one_where_it_is_well_mixed() {
    for (ratio, bound) in [(0.05, 0.08), (0.2, 0.08)] {
        let (difference, spread) = difference(Scene::Mixed, 120.0, ratio);
        assert!(difference < bound, "ratio {ratio}: {difference}, two seeds differ by {spread}");
        assert!(spread < 0.1, "{spread}");
    }
}

/// In dense matrix the product keeps to the surface, and the mean field kills what it does not reach.
#[test]
fn it_stops_agreeing_where_the_product_does_not_reach_the_tumour() {
    let (difference, spread) = difference(Scene::Dense, 150.0, 0.3);
    assert!(difference > 0.1 && difference > 3.0 * spread, "{difference}, two seeds differ by {spread}");
}
