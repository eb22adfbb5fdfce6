//! Books: cells against events, arrivals against doses, substances against what cells take up.

use crate::bits::EVERYTHING;
use crate::support::{apart, cells_at, inert_tumour, record, run, scenario, start};
use perforin_lesion::cells::Cells;
use perforin_lesion::events::{Cause, EventKind, NO_EVENTS, of_kind};
use perforin_lesion::exchange;
use perforin_lesion::fields::{Face, Field, Solver, Substance};
use perforin_lesion::model::biology::Treatments;
use perforin_lesion::model::{Arrival, EntrySite, Pace};

/// Start + arrivals + divisions − clearances = cells, for every type at every step; kills and deaths add up to the
/// dead; and the tally is the sum of the events.
#[test]
fn every_cell_is_accounted_for_by_events() {
    let text = EVERYTHING.replace("diameter = \"200 µm\"", "diameter = \"150 µm\"");
    let built = scenario(&text.replace("domain = \"400 µm\"", "domain = \"360 µm\""));
    let types = built.model.types.len();
    let count =
        |cells: &Cells, kind: usize| cells.kind.iter().filter(|k| usize::from(**k) == kind).count() as i64;
    let mut expected: Vec<i64> = (0..types).map(|k| count(&built.cells, k)).collect();
    let mut dead = 0_i64;
    let mut tally = vec![NO_EVENTS; types];
    let mut lesion = start(built.model, built.cells);
    for _ in 0..60 {
        lesion.step().unwrap();
        for event in &lesion.events {
            let kind = usize::from(event.cell_type);
            tally[kind][event.kind as usize][event.cause as usize] += 1;
            match event.kind {
                EventKind::Arrival | EventKind::Division => expected[kind] += 1,
                EventKind::Cleared => {
                    expected[kind] -= 1;
                    dead -= 1;
                }
                EventKind::Departure => expected[kind] -= 1,
                EventKind::Kill | EventKind::Apoptosis | EventKind::Necrosis => dead += 1,
                EventKind::Lysis if event.cause == Cause::Virus => dead += 1,
                EventKind::Attachment
                | EventKind::Detachment
                | EventKind::Lysis
                | EventKind::Arrest
                | EventKind::Infection => {}
            }
        }
        let cells = &lesion.state.cells;
        assert!(cells.is_rectangular());
        assert_eq!((0..types).map(|k| count(cells, k)).collect::<Vec<_>>(), expected);
        assert_eq!((0..cells.len()).filter(|i| !cells.is_live(*i)).count() as i64, dead);
        assert_eq!(lesion.state.tally, tally);
    }
    assert!(
        dead > 0 && tally.iter().flatten().flatten().sum::<u64>() > 1000,
        "too little happened: {tally:?}"
    );
    let mut ids = lesion.state.cells.id.clone();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), lesion.state.cells.len(), "identities are unique");
}

/// Every synapse ends as a kill or a detachment, unless it still holds.
#[test]
fn every_synapse_is_accounted_for() {
    let text = EVERYTHING.replace("diameter = \"200 µm\"", "diameter = \"150 µm\"");
    let built = scenario(&text.replace("domain = \"400 µm\"", "domain = \"360 µm\""));
    let mut lesion = start(built.model, built.cells);
    run(&mut lesion, 120.0);
    let sum = |kind: EventKind| lesion.state.tally.iter().map(|t| of_kind(t, kind)).sum::<u64>();
    let open =
        lesion.state.cells.bond.iter().filter(|b| **b != perforin_lesion::cells::UNBOUND).count() as u64;
    // A bystander dies without a synapse.
    let bystanders = lesion
        .state
        .tally
        .iter()
        .map(|t| t[EventKind::Kill as usize][Cause::Bystander as usize])
        .sum::<u64>();
    let ended = sum(EventKind::Kill) - bystanders + sum(EventKind::Detachment);
    // A synapse of an attacker that dies by itself, or whose target is cleared, ends without an event of its own;
    // in two hours that is at most a handful of the hundreds.
    let formed = sum(EventKind::Attachment);
    assert!(
        formed >= ended + open && formed - ended - open <= 5,
        "{formed} formed, {ended} ended, {open} open"
    );
}

/// Whole cells, none lost or doubled at the edge of a step, whatever the step.
#[test]
fn exactly_the_infused_cells_enter_whatever_the_step() {
    let text = EVERYTHING
        .replace("diameter = \"200 µm\"", "diameter = \"40 µm\"")
        .replace("domain = \"400 µm\"", "domain = \"300 µm\"");
    for step in [0.3, 0.7, 6.0] {
        let text = text.clone()
            + &format!("[numerics]\nphenotype_step = \"{step} min\"\nfield_step = \"0.3 min\"\n");
        let mut model = scenario(&text).model;
        for cell_type in &mut model.types {
            (cell_type.cycle, cell_type.attack, cell_type.lymphocyte) = (None, None, None);
            cell_type.death.apoptosis_rate = 0.0;
        }
        model.treatments = Treatments::default();
        let site = EntrySite::Surface { gap: 10.0 };
        // Every multiple of the step within an hour, at once: the hardest start.
        let starts: Vec<f64> = (0..(60.0 / step) as u32).map(|k| f64::from(k) * step).collect();
        let kind = model.types.iter().position(|t| t.name == "product").unwrap();
        let arrival = |count, start, over| Arrival {
            kind,
            pace: Pace::Exponential { count, start, over },
            site,
            infused: count as f64,
        };
        model.arrivals = starts.iter().map(|s| arrival(1, *s, 0.0)).collect();
        model.arrivals.push(arrival(137, 1.0, 2.0));
        let antigens = model.antigens.len();
        let mut lesion = start(model, Cells::new(antigens));
        let events = record(&mut lesion, 75.0);
        assert!(events.iter().all(|e| e.kind == EventKind::Arrival));
        assert_eq!(events.len(), starts.len() + 137, "steps of {step} min");
        assert_eq!(lesion.state.cells.len(), events.len());
    }
}

/// A well-stirred box without loss: `c′ = −c·Σ V k / V_box`, so `c = c₀ e^(−Σ V k t / V_box)`.
#[test]
fn cells_empty_a_closed_box_along_the_closed_form() {
    let text = inert_tumour("uptake.drug = \"2 /min\"")
        + "[lesion.field.drug]\ndiffusion = \"1e6 µm²/min\"\ndecay = \"0 /min\"\ninitial = \"5 relative\"\n";
    let model = scenario(&text).model;
    let cells = cells_at(&model, 0, &apart(&model, 30.0, 200));
    let filled = 200.0 * cells.volume(0) / 8e6;
    let drug = model.substances.iter().position(|s| s.name == "drug").unwrap();
    let mut lesion = start(model, cells);
    for minutes in [6.0, 12.0, 30.0] {
        run(&mut lesion, minutes);
        let mean = lesion.state.fields[drug].value.iter().sum::<f64>() / 1000.0;
        let exact = 5.0 * libm::exp(-2.0 * filled * minutes);
        // Diffusion crosses the box in 0.04 min while uptake takes 8: stirring is complete to 1 %. A step of 1 min
        // at a rate of 0.12 /min is exact to (0.12)³/10.
        assert!((mean / exact - 1.0).abs() < 0.01, "{mean} against {exact} at {minutes} min");
    }
}

/// What the cells of each voxel take up, summed cell by cell, is what the field has lost.
#[test]
fn what_cells_take_up_is_what_the_field_loses() {
    let text = inert_tumour("uptake.drug = \"8 /min\"")
        .replace("diameter = \"10 µm\"", "diameter = \"120 µm\"")
        + "[lesion.field.drug]\ndiffusion = \"500 µm²/min\"\ndecay = \"0.02 /min\"\ninitial = \"5 relative\"\n";
    let built = scenario(&text);
    let drug = built.model.substances.iter().position(|s| s.name == "drug").unwrap();
    let mut fields: Vec<Field> =
        built.model.substances.iter().map(|s| Field::new(s.clone(), &built.model.grid)).collect();
    exchange::collect(&built.model, &built.cells, 0.0, &mut fields, |_| true);
    let field = &mut fields[drug];
    let voxel = built.model.grid.voxel_volume();
    let by_cells: f64 = (0..built.cells.len()).map(|i| 8.0 * built.cells.volume(i)).sum();
    let by_voxels: f64 = field.sink.iter().map(|s| s * voxel).sum();
    // Round-off.
    assert!((by_voxels / by_cells - 1.0).abs() < 1e-12, "{by_voxels} against {by_cells}");
    let mut solver = Solver::new(&built.model.grid).unwrap();
    let amount = |field: &Field| voxel * field.value.iter().sum::<f64>();
    let (mut gone, start) = (0.0, amount(field));
    for _ in 0..60 {
        let report = solver.step(field, 0.5, 1e-9).unwrap();
        gone += report.exchange.taken_up + report.exchange.decayed;
    }
    // 60 solves to a relative 1e-9 each.
    assert!((start - amount(field) - gone).abs() < 1e-7 * start, "{gone} of {start}");
    assert!(gone > 0.3 * start, "too little was taken up to prove anything");
    assert_eq!(field.substance.faces, [Face::NoFlux; 6]);
    let _: &Substance = &field.substance;
}

/// In a box of 400 µm around a lesion, uniform over what lies at least 150 µm from the centre.
#[test]
fn cells_that_enter_around_the_tumour_fill_the_box_outside_evenly() {
    let text = EVERYTHING.replace("diameter = \"200 µm\"", "diameter = \"40 µm\"");
    let mut model = scenario(&text).model;
    for cell_type in &mut model.types {
        (cell_type.cycle, cell_type.attack, cell_type.motility) = (None, None, None);
        (cell_type.death.apoptosis_rate, cell_type.mechanics.repulsion) = (0.0, 0.0);
    }
    let kind = model.types.iter().position(|t| t.name == "product").unwrap();
    let site = EntrySite::Around { gap: 150.0 };
    model.arrivals = vec![Arrival {
        kind,
        pace: Pace::Exponential { count: 4000, start: 0.0, over: 0.0 },
        site,
        infused: 4000.0,
    }];
    let mut lesion = start(model, Cells::new(1));
    run(&mut lesion, 6.0);
    let from_centre: Vec<[f64; 3]> = lesion
        .state
        .cells
        .position
        .iter()
        .map(|p| std::array::from_fn(|a| p[a] - lesion.model.grid.centre()[a]))
        .collect();
    assert_eq!(from_centre.len(), 4000);
    let distance = |p: &[f64; 3]| (p[0] * p[0] + p[1] * p[1] + p[2] * p[2]).sqrt();
    assert!(from_centre.iter().all(|p| distance(p) >= 150.0 && p.iter().all(|c| c.abs() <= 200.0)));
    let ball = |r: f64| 4.0 / 3.0 * std::f64::consts::PI * r * r * r;
    let share = (ball(200.0) - ball(150.0)) / (400.0 * 400.0 * 400.0 - ball(150.0));
    let near = from_centre.iter().filter(|p| distance(p) < 200.0).count() as f64;
    assert!((near - 4000.0 * share).abs() < 5.0 * (4000.0 * share * (1.0 - share)).sqrt(), "{near} of 4000");
}
