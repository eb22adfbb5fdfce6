//! F20: glioma lines and IL13Rα2 CAR-T cells in co-culture (Brummer 2022, doi 10.1371/journal.pcbi.1009504).

#[path = "support/co_culture.rs"]
mod co_culture;

use co_culture::{End, LINES, Line, Values, differences};
use rayon::prelude::*;

/// The values of the shipped study, `examples/il13ra2-co-culture.toml`, fitted to PBT030 and PBT128 by the example
/// `calibrate_co_culture`.
const SHIPPED: Values = Values { hit_rate: 0.0196, division: 14.4, molecules: 6.0, modulation: 0.0146 };

/// Root mean square difference of simulated and measured wells of lines, in units of 0.3 of a logarithm.
fn error(ends: &[(&Line, Vec<(End, End)>)]) -> f64 {
    let all: Vec<f64> = ends
        .iter()
        .flat_map(|(line, wells)| wells.iter().flat_map(|(m, s)| differences(line, m, s)))
        .map(|(_, d)| d * d)
        .collect();
    (all.iter().sum::<f64>() / all.len() as f64).sqrt()
}

#[test]
#[ignore = "slow: run with --release -- --ignored"]
fn f20_residual_tumour_and_positivity_fall_with_effectors_as_measured() {
    let ends: Vec<(&Line, Vec<(End, End)>)> = LINES
        .par_iter()
        .map(|line| {
            let both = |well| (line.measured(well), line.simulated(well, SHIPPED, 4));
            (line, line.wells.par_iter().map(both).collect())
        })
        .collect();
    for (line, wells) in &ends {
        for (well, (m, s)) in line.wells.iter().zip(wells) {
            println!("{} {}: measured {m:.3?}", line.name, well.plated);
            println!("{} {}: simulated {s:.3?}", line.name, well.plated);
        }
        // More effectors leave less, in every line; a well may come out cleared.
        assert!(wells.windows(2).all(|w| w[1].1.left <= w[0].1.left), "{}: {wells:?}", line.name);
    }
    let positivity = |line: usize| ends[line].1.iter().filter_map(|(_, s)| s.positive).collect::<Vec<f64>>();
    assert!(positivity(0).windows(2).all(|p| p[1] <= p[0] + 0.02), "{:?}", positivity(0));
    let (fitted, predicted) = (error(&ends[..2]), error(&ends[2..]));
    println!(
        "fitted {fitted:.2}, predicted {predicted:.2} (1: 0.3 of a logarithm, or 10 points of positivity)"
    );
    // Reached 1.45 and 2.98; the misfit of the search moved by 0.1 to 0.3 with hardly changed values, which is chance.
    assert!(fitted < 1.8 && predicted < 3.4, "{fitted} {predicted}");
}
