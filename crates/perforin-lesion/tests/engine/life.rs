//! Cycle, death and inheritance: populations against their growth laws, single divisions against conservation.

use std::collections::BTreeMap;

use crate::support::{Summary, apart, cells_at, distance, place_of, record, run, scenario, start, summary};
use perforin_lesion::cells::{Cells, Condition};
use perforin_lesion::events::EventKind;
use perforin_lesion::exchange::collect;
use perforin_lesion::lesion::Lesion;

/// Tumour cells without forces, with plenty of oxygen unless `field` says otherwise.
fn population(cell: &str, field: &str) -> String {
    format!(
        r#"
[study]
title = "population"
duration = "1000 d"
seed = 21
[lesion]
domain = "1000 µm"
diameter = "10 µm"
{field}
[lesion.cell.tumour]
repulsion = "0 µm/min"
adhesion = "0 µm/min"
uptake.oxygen = "0 /min"
{cell}
[numerics]
voxel = "100 µm"
field_step = "6 min"
"#
    )
}

const IMMORTAL: &str = "death = { apoptosis = \"0 /min\" }\n";
const ALIKE: &str = "antigen.A.density = { mean = \"1000 /cell\" }\n";

/// `count` cells 40 µm apart, all in the first phase, each with 1,000 antigens if there is one.
fn colony(text: &str, count: usize) -> Lesion {
    let model = scenario(text).model;
    let mut cells = cells_at(&model, 0, &apart(&model, 40.0, count));
    cells.density.fill(1000.0);
    start(model, cells)
}

/// A pure birth process of rate r from N cells has N e^(rt) cells with the variance N e^(rt)(e^(rt) − 1).
#[test]
fn a_one_phase_population_doubles_in_the_stated_time() {
    let cycle = "cycle = { doubling_time = \"20 h\", oxygen_saturation = \"10 mmHg\" }\n";
    let mut lesion = colony(&population(&(IMMORTAL.to_owned() + cycle), ""), 600);
    run(&mut lesion, 60.0 * 60.0);
    let found = lesion.state.cells.len() as f64;
    // An event of rate r has the probability 1 − e^(−rΔt) in each step of 6 min: daughters divide from the next
    // step on, which slows growth by r Δt = 0.35 %.
    let rate = std::f64::consts::LN_2 / 1200.0;
    let growth = libm::pow(2.0 - libm::exp(-6.0 * rate), 600.0);
    let error = (600.0 * growth * (growth - 1.0)).sqrt();
    println!("one phase: {found} cells against {:.0} ± {error:.0}; continuous time 4800", 600.0 * growth);
    assert!((growth / 8.0 - 1.0).abs() < 0.01, "the step costs {growth} of 8");
    assert!((found - 600.0 * growth).abs() < 5.0 * error, "{found} against {}", 600.0 * growth);
}

/// Four exponential phases of 5 : 8 : 4 : 1 from cells that all begin in G0/G1, against their linear equations.
#[test]
fn a_four_phase_population_follows_its_linear_equations_and_doubles_in_the_stated_time() {
    let cycle =
        "cycle = { model = \"flow-cytometry\", doubling_time = \"20 h\", oxygen_saturation = \"10 mmHg\" }\n";
    let mut lesion = colony(&population(&(IMMORTAL.to_owned() + cycle), ""), 600);
    let rates: Vec<f64> =
        lesion.model.types[0].cycle.as_ref().unwrap().phases.iter().map(|p| 1.0 / p.duration).collect();
    let mut expected = [600.0, 0.0, 0.0, 0.0];
    let mut integrate = |minutes: f64| {
        let h = 0.02;
        for _ in 0..(minutes / h) as usize {
            let out: [f64; 4] = std::array::from_fn(|k| expected[k] * rates[k] * h);
            for k in 0..4 {
                expected[k] += if k == 0 { 2.0 * out[3] } else { out[k - 1] } - out[k];
            }
        }
        expected.iter().sum::<f64>()
    };
    let mut totals = Vec::new();
    for hours in [20.0, 40.0, 60.0] {
        run(&mut lesion, 60.0 * hours);
        let (found, exact) = (lesion.state.cells.len() as f64, integrate(1200.0));
        println!("four phases, {hours} h: {found} cells against {exact:.0}");
        // At most the variance of a one-phase population of this size; and a step's delay in each of four phases
        // (Δt/2 of 6 min each, 1 % of a doubling).
        let error = (exact * (exact / 600.0 - 1.0)).sqrt();
        assert!((found - exact).abs() < 5.0 * error + 0.01 * exact, "{found} against {exact} at {hours} h");
        totals.push(exact);
    }
    // Once the phases have settled, the equations themselves double in 20 h.
    assert!((totals[2] / totals[1] - 2.0).abs() < 0.02, "{totals:?}");
}

/// Cells that have grown up divide into halves, side by side around the mother's place.
#[test]
fn division_conserves_volume_and_the_centre_of_mass() {
    let cycle = "cycle = { rate = \"0.02 /min\", oxygen_saturation = \"10 mmHg\" }\n";
    let mut lesion = colony(&population(&(IMMORTAL.to_owned() + cycle), ""), 300);
    let before = lesion.state.cells.clone();
    let next_id = lesion.state.next_id;
    let events = record(&mut lesion, 6.0);
    let cells = &lesion.state.cells;
    assert!(events.len() > 20, "{} divisions", events.len());
    for (k, event) in events.iter().enumerate() {
        assert_eq!(event.kind, EventKind::Division);
        let (old, mother) = (place_of(&before, event.cell), place_of(cells, event.cell));
        let daughter = place_of(cells, next_id + k as u64);
        let parts = [
            (&cells.fluid, &before.fluid),
            (&cells.nucleus, &before.nucleus),
            (&cells.cytoplasm, &before.cytoplasm),
        ];
        for (now, then) in parts {
            // Round-off of volumes near 1,000 µm³.
            assert!((now[mother] + now[daughter] - then[old]).abs() < 1e-9);
            assert!((now[mother] - now[daughter]).abs() < 1e-9);
        }
        for a in 0..3 {
            let middle = 0.5 * (cells.position[mother][a] + cells.position[daughter][a]);
            assert!((middle - before.position[old][a]).abs() < 1e-9);
        }
        let apart = distance(cells.position[mother], cells.position[daughter]);
        assert!((apart - before.radius[old]).abs() < 1e-9, "{apart} apart");
    }
    let volume = |c: &Cells| (0..c.len()).map(|i| c.volume(i)).sum::<f64>();
    assert!((volume(cells) / volume(&before) - 1.0).abs() < 1e-12);
}

/// The rate is 1/360 per min below 2.5 mmHg and half of it half-way up to 5 mmHg.
#[test]
fn cells_without_oxygen_die_at_the_stated_rate() {
    for (oxygen, rate) in [(0.0, 1.0 / 360.0), (3.75, 0.5 / 360.0), (5.0, 0.0)] {
        let field = format!(
            "field.oxygen = {{ initial = \"{oxygen} mmHg\", boundary = \"{oxygen} mmHg\", decay = \"0 /min\" }}"
        );
        let mut lesion = colony(&population(IMMORTAL, &field), 1500);
        run(&mut lesion, 240.0);
        let cells = &lesion.state.cells;
        let dead = (0..cells.len()).filter(|i| !cells.is_live(*i)).count() as f64;
        let share = 1.0 - libm::exp(-240.0 * rate);
        // Five standard deviations of a binomial.
        let error = (1500.0 * share * (1.0 - share)).sqrt();
        println!("{oxygen} mmHg: {dead} dead against {:.0} ± {error:.0}", 1500.0 * share);
        assert!((dead - 1500.0 * share).abs() <= 5.0 * error, "{dead} against {}", 1500.0 * share);
    }
}

#[test]
fn necrotic_cells_swell_burst_and_are_cleared_after_their_debris_has_lasted() {
    let field = "field.oxygen = { initial = \"0 mmHg\", boundary = \"0 mmHg\" }";
    let cell = "death = { apoptosis = \"0 /min\", debris_duration = \"300 min\" }\n";
    let mut lesion = colony(&population(cell, field), 100);
    let events = record(&mut lesion, 6000.0);
    let mut story: BTreeMap<u64, Vec<(EventKind, f64)>> = BTreeMap::new();
    for event in &events {
        story.entry(event.cell).or_default().push((event.kind, event.time));
    }
    assert_eq!(story.len(), 100);
    for (cell, story) in story {
        let [(EventKind::Necrosis, died), (EventKind::Lysis, burst), (EventKind::Cleared, gone)] = story[..]
        else {
            panic!("cell {cell}: {story:?}");
        };
        // Fluid grows at 0.67/60 per min of what is missing to the whole volume until the volume has doubled.
        assert!(burst - died > 60.0 && burst - died < 600.0, "swells for {} min", burst - died);
        assert!((gone - burst - 300.0).abs() < 1e-9, "debris of {cell} lasts {} min", gone - burst);
    }
    assert!(lesion.state.cells.is_empty());
}

#[test]
fn apoptotic_cells_are_cleared_after_exactly_their_duration() {
    let cell = "death = { apoptosis = \"0.01 /min\", apoptosis_duration = \"516 min\" }\ncycle = { model = \"none\" }\n";
    let mut lesion = colony(&population(cell, ""), 400);
    let mut died = BTreeMap::new();
    let mut lived = Vec::new();
    let mut cleared = 0;
    for event in record(&mut lesion, 3000.0) {
        match event.kind {
            EventKind::Apoptosis => {
                died.insert(event.cell, event.time);
                lived.push(event.time);
            }
            EventKind::Cleared => {
                cleared += 1;
                // A whole number of steps: 516 = 86 · 6.
                assert!((event.time - died[&event.cell] - 516.0).abs() < 1e-9);
            }
            _ => panic!("{event:?}"),
        }
    }
    assert_eq!((lived.len(), cleared), (400, 400));
    // Exponential with mean 100 min, stamped at the end of a step of 6 min: 3 min later on average.
    let found = summary(&lived);
    assert!((found.mean - 103.0).abs() < 5.0 * found.error, "{found:?}");
}

/// ln of daughter over mother, for both cells of each division of the first step.
fn inherited(antigen: &str) -> (Vec<[f64; 2]>, Lesion) {
    let cycle = "cycle = { rate = \"0.1 /min\", oxygen_saturation = \"10 mmHg\" }\n";
    let text = population(&format!("{IMMORTAL}{cycle}{ALIKE}{antigen}"), "");
    let mut lesion = colony(&text, 4000);
    let next_id = lesion.state.next_id;
    let events = record(&mut lesion, 6.0);
    let cells = &lesion.state.cells;
    let density: BTreeMap<u64, f64> =
        (0..cells.len()).map(|i| (cells.id[i], f64::from(cells.densities(i)[0]))).collect();
    let pairs = events
        .iter()
        .enumerate()
        .map(|(k, event)| [event.cell, next_id + k as u64].map(|id| libm::log(density[&id] / 1000.0)))
        .collect();
    (pairs, lesion)
}

#[test]
fn antigens_are_inherited_unchanged_unless_the_study_says_otherwise() {
    let (pairs, _) = inherited("");
    assert!(pairs.len() > 1000 && pairs.iter().flatten().all(|x| *x == 0.0));
}

#[test]
fn drift_has_the_stated_spread_and_daughters_drift_apart_independently() {
    let (pairs, _) = inherited("antigen.A.drift = 0.3");
    let n = pairs.len() as f64;
    for which in 0..2 {
        let found = summary(&pairs.iter().map(|p| p[which]).collect::<Vec<f64>>());
        // Five standard errors of mean and standard deviation.
        assert!(found.mean.abs() < 5.0 * 0.3 / n.sqrt(), "{found:?}");
        assert!((found.sd - 0.3).abs() < 5.0 * 0.3 / (2.0 * n).sqrt(), "{found:?}");
    }
    let covariance: Summary = summary(&pairs.iter().map(|p| p[0] * p[1]).collect::<Vec<f64>>());
    assert!(covariance.mean.abs() < 5.0 * 0.09 / n.sqrt(), "{covariance:?}");
}

#[test]
fn an_antigen_is_lost_with_the_stated_probability_and_for_good() {
    let (pairs, mut lesion) = inherited("antigen.A.loss_per_division = \"10 %\"");
    let lost = pairs.iter().flatten().filter(|x| x.is_infinite()).count() as f64;
    let n = 2.0 * pairs.len() as f64;
    // Five standard deviations of a binomial.
    assert!((lost - 0.1 * n).abs() < 5.0 * (0.09 * n).sqrt(), "{lost} of {n}");
    let negative: Vec<u64> = (0..lesion.state.cells.len())
        .filter(|i| lesion.state.cells.densities(*i)[0] == 0.0)
        .map(|i| lesion.state.cells.id[i])
        .collect();
    run(&mut lesion, 18.0);
    let cells = &lesion.state.cells;
    for id in negative {
        let i = place_of(cells, id);
        assert!(cells.densities(i)[0] == 0.0 && cells.condition[i] == Condition::Live as u8);
    }
}

/// First and second age at division of 300 first mothers in a cycle of 20 ± 2 h, hindered by `oxygen`.
fn ages_at_division(oxygen: &str, minutes: f64) -> Vec<[f64; 2]> {
    let cycle = "cycle = { model = \"fixed\", duration = \"20 h\", duration_sd = \"2 h\", \
                 oxygen_threshold = \"10 mmHg\", oxygen_saturation = \"38 mmHg\" }\n";
    let field =
        format!("field.oxygen = {{ initial = \"{oxygen}\", boundary = \"{oxygen}\", decay = \"0 /min\" }}");
    let mut lesion = colony(&population(&(IMMORTAL.to_owned() + cycle), &field), 300);
    let mut divided: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for event in record(&mut lesion, minutes).iter().filter(|e| e.kind == EventKind::Division && e.cell < 300)
    {
        divided.entry(event.cell).or_default().push(event.time);
    }
    divided.into_values().map(|t| [t[0], t[1] - t[0]]).collect()
}

/// A cell keeps its own duration, normal with mean 1,200 and SD 120 min, and counts its age from birth; at half the
/// full rate of oxygen it takes twice as long. Ages end at the first step of 6 min after the duration.
#[test]
fn cells_of_a_fixed_cycle_divide_at_an_age_of_their_own() {
    for (oxygen, slower) in [("38 mmHg", 1.0), ("24 mmHg", 2.0)] {
        let ages = ages_at_division(oxygen, 3_600.0 * slower);
        assert!(ages.iter().all(|[first, second]| first == second), "every cell has one duration");
        let found = summary(&ages.iter().map(|a| a[0]).collect::<Vec<f64>>());
        println!("fixed cycle at {oxygen}: {:.0} ± {:.0} min", found.mean, found.sd);
        assert_eq!(found.n, 300.0);
        assert!((found.mean - 1200.0 * slower - 3.0).abs() < 5.0 * found.error, "{found:?}");
        assert!((found.sd / (120.0 * slower) - 1.0).abs() < 5.0 / (2.0 * found.n).sqrt(), "{found:?}");
    }
}

/// Of cells of one age, `(1 − age/10 d)^shape` live.
#[test]
fn lives_end_along_the_stated_power_and_never_last_longer() {
    for shape in [1.0, 1.0 / 6.0] {
        let cell = format!(
            "death = {{ longest_life = \"10 d\", life_shape = {shape} }}\ncycle = {{ model = \"none\" }}\n"
        );
        let mut lesion = colony(&population(&cell, ""), 1_000);
        for (day, left) in [(5.0, 0.5), (9.0, 0.1), (9.9, 0.01), (10.0, 0.0)] {
            run(&mut lesion, day * 1440.0);
            let live =
                (0..lesion.state.cells.len()).filter(|&i| lesion.state.cells.is_live(i)).count() as f64;
            let share = libm::pow(left, shape);
            println!("longest life, shape {shape}: {live} live on day {day} ({:.0})", 1000.0 * share);
            assert!((live - 1000.0 * share).abs() <= 5.0 * (1000.0 * share * (1.0 - share)).sqrt());
        }
    }
}

/// A cell that swells at 0.05 /h doubles its volume as its equations say, integrated with a step of 0.01 min.
#[test]
fn stated_volume_rates_replace_the_defaults() {
    let field = "field.oxygen = { initial = \"0 mmHg\", boundary = \"0 mmHg\" }";
    let cell = "volume_rates.swelling = { fluid = \"0.05 /h\", nucleus = \"0.013 /h\", cytoplasm = \"0.0032 /h\" }\n\
                death = { apoptosis = \"0 /min\", necrosis = \"1 /min\" }\n";
    let mut lesion = colony(&population(cell, field), 1);
    let events = record(&mut lesion, 10_000.0);
    let at = |kind| events.iter().find(|e| e.kind == kind).map(|e| e.time).expect("the event");
    let (mut f, mut n, mut c, mut minutes) = (0.75 * 2494.0, 0.25 * 540.0, 0.25 * 1954.0, 0.0);
    while f + n + c < 2.0 * 2494.0 {
        let h = 0.01 / 60.0;
        (f, n, c) = (f + h * 0.05 * (n + c), n - h * 0.013 * n, c - h * 0.0032 * c);
        minutes += 0.01;
    }
    let found = at(EventKind::Lysis) - at(EventKind::Necrosis);
    // Stamped at the end of a step of 6 min.
    assert!(found >= minutes - 0.1 && found < minutes + 6.1, "{found} against {minutes:.1} min");
}

/// `∂c/∂t = −share · (V/V_voxel) · U c`: of cells of one volume the live one has the whole sink, the dying ones the
/// stated share, burst ones and those of a study that says nothing none.
#[test]
fn dying_cells_take_up_the_stated_share_until_they_burst() {
    for (death, share) in [("uptake = \"10 %\"", 0.1), ("apoptosis = \"0 /min\"", 0.0)] {
        let text = population(&format!("death = {{ {death} }}\n"), "")
            .replace("uptake.oxygen = \"0 /min\"", "uptake.oxygen = \"10 /min\"");
        let mut lesion = colony(&text, 4);
        let states = [Condition::Live, Condition::Apoptotic, Condition::Swelling, Condition::Lysed];
        for (i, state) in states.into_iter().enumerate() {
            // One cell in each of four voxels.
            lesion.state.cells.position[i] = [-150.0 + 100.0 * i as f64, 0.0, 0.0];
            lesion.state.cells.condition[i] = state as u8;
        }
        let oxygen = lesion.model.oxygen.expect("oxygen");
        let (model, cells, fields) = (&lesion.model, &lesion.state.cells, &mut lesion.state.fields);
        collect(model, cells, 0.0, fields, |_| true);
        let sink = |i: usize| fields[oxygen].sink[model.grid.voxel_at(cells.position[i])];
        let whole = 10.0 * cells.volume(0) / model.grid.voxel_volume();
        for (i, part) in [1.0, share, share, 0.0].into_iter().enumerate() {
            assert!((sink(i) - part * whole).abs() < 1e-12 * whole, "{death} {i} {}", sink(i));
        }
    }
}
