//! Synapses, hits and deaths against Poisson, gamma and exponential laws.

use crate::support::{Summary, add, apart, record, scenario, start, summary};
use perforin_core::rng::{Purpose, Stream};
use perforin_core::study::StudyFile;
use perforin_lesion::attack::damage_at;
use perforin_lesion::cells::Cells;
use perforin_lesion::events::{Cause, Event, EventKind};
use perforin_lesion::lesion::Lesion;

/// Longest half-life and lifetime that a study may state, min: no decay and no parting within hours.
const NEVER: &str = "10000 min";

/// Killers and targets that neither move nor die by themselves, and attach at once.
fn scene(attack: &str, step: &str) -> String {
    format!(
        r#"
[study]
title = "synapses"
duration = "100 d"
seed = 5
[lesion]
domain = "1000 µm"
[lesion.cell.killer]
role = "product"
repulsion = "0 µm/min"
cycle = {{ model = "none" }}
death = {{ apoptosis = "0 /min" }}
motility = {{ speed = "0 µm/min" }}
attack.ramp = {{ antigen = "A", from = "0 /cell", to = "100 /cell" }}
attack.bond = "0 /min"
{attack}
[lesion.cell.target]
role = "tumour"
repulsion = "0 µm/min"
adhesion = "0 µm/min"
cycle = {{ model = "none" }}
death = {{ apoptosis = "0 /min" }}
antigen.A.density = {{ mean = "100 /cell" }}
placement = {{ shape = "scatter", count = 1 }}
[numerics]
voxel = "100 µm"
field_step = "{step}"
"#
    )
}

const AT_ONCE: &str = "attack.attach_rate = \"100 /min\"\n";

/// `count` targets of the given density 60 µm apart, each with killers at the given distances along x.
fn groups(text: &str, count: usize, targets: &[(f64, f32)], killers: &[f64]) -> Lesion {
    let model = scenario(text).model;
    let (killer, target) = (0, 1);
    assert_eq!((model.types[0].name.as_str(), model.types[1].name.as_str()), ("killer", "target"));
    let mut cells = Cells::new(1);
    for centre in apart(&model, 60.0, count) {
        let shifted = |x: f64| [centre[0] + x, centre[1], centre[2]];
        for (at, density) in targets {
            add(&model, target, &[shifted(*at)], &[*density], &mut cells);
        }
        for at in killers {
            add(&model, killer, &[shifted(*at)], &[0.0], &mut cells);
        }
    }
    start(model, cells)
}

fn of_kind(events: &[Event], kind: EventKind) -> impl Iterator<Item = &Event> {
    events.iter().filter(move |e| e.kind == kind)
}

/// Time from the first synapse on a target to its death; targets still alive after `limit` count as `limit`.
fn times_to_kill(events: &[Event], limit: f64) -> Vec<f64> {
    let mut first = std::collections::BTreeMap::new();
    for event in of_kind(events, EventKind::Attachment) {
        first.entry(event.cell).or_insert((event.time, limit));
    }
    for event in of_kind(events, EventKind::Kill) {
        let (start, time) = first.get_mut(&event.cell).expect("held before it was killed");
        *time = (event.time - *start).min(limit);
    }
    first.into_values().map(|(_, time)| time).collect()
}

/// Five standard errors: a true law fails once in 1.7 million draws. `bias` is what the step is known to add.
fn agrees(found: Summary, exact: f64, bias: f64) {
    assert!((found.mean - exact).abs() < 5.0 * found.error + bias, "{found:?} against {exact}");
}

/// Damage without decay is the number of hits.
#[test]
fn hits_through_a_synapse_are_poisson_and_proportional_to_the_signal() {
    let attack = format!(
        "{AT_ONCE}attack.hit_rate = \"0.05 /min\"\nattack.lethal_hits = 100\nattack.hit_half_life = \"{NEVER}\"\nattack.synapse_lifetime = \"{NEVER}\""
    );
    for signal in [1.0, 0.25] {
        let mut lesion = groups(&scene(&attack, "0.5 min"), 1000, &[(0.0, 100.0 * signal as f32)], &[12.0]);
        record(&mut lesion, 60.0);
        let cells = &lesion.state.cells;
        let hits: Vec<f64> = (0..cells.len())
            .filter(|i| cells.kind[*i] == 1)
            // Each hit is worth 0.996 to 1 after an hour at this half-life.
            .map(|i| (damage_at(cells, i, lesion.state.time, 1e4) - 1e-9).ceil())
            .collect();
        // The first step of 0.5 min forms the synapse.
        let exact = 0.05 * signal * 59.5;
        let found = summary(&hits);
        // 0.6 % of the synapses part and form again within a step or two.
        agrees(found, exact, 0.001);
        // The variance of a Poisson variance estimate is about (m + 2m²)/n.
        let error = ((exact + 2.0 * exact * exact) / found.n).sqrt();
        assert!((found.sd * found.sd - exact).abs() < 5.0 * error, "variance {}", found.sd * found.sd);
    }
}

/// Three hits at rate h without decay: the gamma distribution of shape 3, mean 3/h and variance 3/h².
#[test]
fn three_hits_without_decay_kill_after_a_gamma_distributed_time() {
    let attack = format!(
        "{AT_ONCE}attack.hit_rate = \"0.05 /min\"\nattack.lethal_hits = 2.5\nattack.hit_half_life = \"{NEVER}\"\nattack.synapse_lifetime = \"{NEVER}\""
    );
    let mut lesion = groups(&scene(&attack, "0.5 min"), 1000, &[(0.0, 100.0)], &[12.0]);
    let events = record(&mut lesion, 480.0);
    let times = times_to_kill(&events, 480.0);
    assert_eq!(times.len(), 1000);
    let found = summary(&times);
    // Deaths are stamped with the end of their step.
    agrees(found, 60.0, 0.25);
    // The standard deviation of a gamma sample of shape 3 has the relative error √((kurtosis − 1)/4n) = √(4/4n).
    let sd = 1200.0_f64.sqrt();
    assert!((found.sd - sd).abs() < 5.0 * sd * (1.0 / found.n).sqrt(), "{found:?}");
}

/// Time until decaying hits reach the threshold, exactly: exponential gaps, decay between them.
fn exact_times(hits_per_minute: f64, lethal: f64, half_life: f64, limit: f64) -> Summary {
    let stream = Stream::new(99, Purpose::Sweep);
    let times: Vec<f64> = (0..40_000)
        .map(|k| {
            let mut draw = stream.at(k, 0);
            let (mut time, mut damage) = (0.0, 0.0);
            while damage < lethal && time < limit {
                let gap = draw.exponential() / hits_per_minute;
                damage = damage * libm::exp2(-gap / half_life) + 1.0;
                time += gap;
            }
            time.min(limit)
        })
        .collect();
    summary(&times)
}

/// Default threshold and half-life, held by one attacker and by two (F9).
#[test]
fn decaying_hits_of_several_attackers_kill_as_fast_as_exact_simulation_says() {
    let attack = format!("{AT_ONCE}attack.synapse_lifetime = \"{NEVER}\"\nattack.hit_rate = \"0.05 /min\"");
    let limit = 1200.0;
    let mut mean = Vec::new();
    for killers in [&[12.0][..], &[12.0, -12.0]] {
        let mut lesion = groups(&scene(&attack, "1 min"), 600, &[(0.0, 100.0)], killers);
        let times = times_to_kill(&record(&mut lesion, limit + 6.0), limit);
        let (found, exact) = (summary(&times), exact_times(0.05 * killers.len() as f64, 2.2, 50.0, limit));
        println!(
            "{} attackers: {:.1} ± {:.1} against {:.1} min",
            killers.len(),
            found.mean,
            found.error,
            exact.mean
        );
        // Half a step of rounding up, and the exact simulation's own error.
        agrees(found, exact.mean, 0.5 + 5.0 * exact.error);
        mean.push(found.mean);
    }
    assert!(mean[0] > 2.0 * mean[1], "two attackers are more than twice as fast as one: {mean:?}");
}

#[test]
fn killing_at_a_constant_rate_takes_an_exponential_time() {
    let attack = format!("{AT_ONCE}attack.kill_rate = \"0.05 /min\"\nattack.synapse_lifetime = \"{NEVER}\"");
    let mut lesion = groups(&scene(&attack, "0.5 min"), 1000, &[(0.0, 100.0)], &[12.0]);
    let found = summary(&times_to_kill(&record(&mut lesion, 480.0), 480.0));
    agrees(found, 20.0, 0.25);
    // An exponential sample's standard deviation has the relative error √(8/4n).
    assert!((found.sd - 20.0).abs() < 5.0 * 20.0 * (2.0 / found.n).sqrt(), "{found:?}");
}

/// Whether hits fall or not, however fast.
#[test]
fn a_synapse_lasts_its_lifetime_whatever_the_hits() {
    for rate in ["0 /min", "0.05 /min", "2 /min"] {
        let attack = format!(
            "{AT_ONCE}attack.hit_rate = \"{rate}\"\nattack.lethal_hits = 100\nattack.hit_half_life = \"5 min\"\nattack.synapse_lifetime = \"60 min\""
        );
        let mut lesion = groups(&scene(&attack, "1 min"), 500, &[(0.0, 100.0)], &[12.0]);
        let events = record(&mut lesion, 900.0);
        let mut begun = std::collections::BTreeMap::new();
        let mut first = std::collections::BTreeMap::new();
        for event in &events {
            match event.kind {
                EventKind::Attachment => {
                    begun.entry(event.by).or_insert(event.time);
                }
                EventKind::Detachment => {
                    first.entry(event.by).or_insert(event.time - begun[&event.by]);
                }
                _ => panic!("{event:?}"),
            }
        }
        let found = summary(&first.into_values().collect::<Vec<f64>>());
        println!("hits at {rate}: synapses last {:.1} ± {:.1} min", found.mean, found.error);
        // Half a step.
        agrees(found, 60.0, 0.5);
    }
}

/// Of two neighbours, the one with three times the signal, or at full instead of half contact, is chosen three or
/// two times as often; and the synapse forms at the sum of both rates.
#[test]
fn a_free_attacker_chooses_in_proportion_to_its_rates() {
    let attack = "attack.attach_rate = \"0.02 /min\"";
    for (near, far, odds, total) in
        [((12.0, 75.0), (-12.0, 25.0), 3.0, 0.02), ((12.0, 100.0), (-16.0, 100.0), 2.0, 0.03)]
    {
        let mut lesion = groups(&scene(attack, "1 min"), 1000, &[near, far], &[0.0]);
        let mut first = std::collections::BTreeMap::new();
        for event in of_kind(&record(&mut lesion, 600.0), EventKind::Attachment) {
            first.entry(event.by).or_insert((event.time, event.cell));
        }
        assert!(first.len() >= 999, "{} of 1000 found a target", first.len());
        // Cells were added target, target, killer.
        let nearer = first.values().map(|(_, cell)| f64::from(u8::from(cell % 3 == 0))).collect::<Vec<f64>>();
        agrees(summary(&nearer), odds / (1.0 + odds), 0.0);
        agrees(summary(&first.values().map(|(time, _)| *time).collect::<Vec<f64>>()), 1.0 / total, 0.5);
    }
}

/// Two attackers in contact with one target: exclusive synapses never overlap, shared ones do; a rate that acts through
/// one synapse at a time kills in the time of one attacker.
#[test]
fn an_exclusive_target_is_held_by_one_attacker_at_a_time() {
    let attack =
        format!("{AT_ONCE}attack.kill_rate = \"0.05 /min\"\nattack.synapse_lifetime = \"{NEVER}\"\n");
    for (exclusive, expected) in [(false, 10.0), (true, 20.0)] {
        let text = scene(&format!("{attack}attack.exclusive = {exclusive}"), "0.5 min");
        let mut lesion = groups(&text, 1000, &[(0.0, 100.0)], &[12.0, -12.0]);
        let events = record(&mut lesion, 480.0);
        let mut holders = std::collections::BTreeMap::new();
        let mut most = 0;
        for event in &events {
            let held: &mut i32 = holders.entry(event.cell).or_default();
            *held += i32::from(event.kind == EventKind::Attachment);
            most = most.max(*held);
            *held -= i32::from(matches!(event.kind, EventKind::Kill | EventKind::Detachment));
        }
        assert_eq!(most, if exclusive { 1 } else { 2 });
        agrees(summary(&times_to_kill(&events, 480.0)), expected, 0.25);
    }
}

/// An attacker 20 µm from a target closes in as `d′ = −k d` until it no longer feels it; the target stays.
#[test]
fn an_attacker_crawls_along_the_exponential_and_pulls_nobody() {
    let attack = "attack.attach_rate = \"0 /min\"\nattack.crawl = { rate = \"0.01 /min\", from = \"15 µm\", to = \"21 µm\" }";
    let mut lesion = groups(&scene(attack, "0.5 min"), 20, &[(0.0, 100.0)], &[20.0]);
    let target = lesion.state.cells.position[0];
    for (minutes, expected) in [(12.0, 20.0 * libm::exp(-0.12)), (60.0, 15.0)] {
        crate::support::run(&mut lesion, minutes);
        let cells = &lesion.state.cells;
        let gap = (0..cells.len())
            .filter(|&i| cells.kind[i] == 0)
            .map(|i| {
                crate::support::distance(
                    cells.position[i],
                    cells.position[crate::support::place_of(cells, cells.id[i] - 1)],
                )
            })
            .collect::<Vec<f64>>();
        // Euler steps of 0.5 min at a rate of 0.01 /min err by 0.25 %; crawling ends within one step's way of 15 µm.
        assert!(gap.iter().all(|d| (d - expected).abs() < 0.1), "after {minutes} min: {gap:?}");
    }
    assert!(
        crate::support::distance(
            target,
            lesion.state.cells.position[crate::support::place_of(&lesion.state.cells, 0)]
        ) < 1e-9
    );
}

/// A grid of 30 µm has planes 20 µm to the left and 10 µm to the right of every group's middle. An attacker with two cells of the
/// attacked type in its voxel closes in on their mean as `d′ = −2 k d`; a third one beyond the plane does not draw.
#[test]
fn in_a_meeting_grid_an_attacker_crawls_toward_all_cells_of_its_voxel() {
    let attack = "attack.attach_rate = \"0 /min\"\nattack.crawl = { rate = \"0.01 /min\" }\nattack.meeting_grid = \"30 µm\"";
    let targets = [(-18.0, 100.0), (5.0, 100.0), (12.0, 100.0)];
    let mut lesion = groups(&scene(attack, "0.5 min"), 20, &targets, &[-10.0]);
    let begun = crate::support::positions_by_id(&lesion.state.cells);
    crate::support::run(&mut lesion, 60.0);
    let now = crate::support::positions_by_id(&lesion.state.cells);
    let expected = 3.5 - 3.5 * libm::exp(-1.2);
    for (place, (old, new)) in begun.iter().zip(&now).enumerate() {
        // Cells were added target, target, target, killer. Euler steps of 0.5 min err by 0.6 % of 1 µm.
        let way = if place % 4 == 3 { expected } else { 0.0 };
        let moved: [f64; 3] = std::array::from_fn(|a| new[a] - old[a] - if a == 0 { way } else { 0.0 });
        assert!(moved.iter().all(|d| d.abs() < 0.02), "cell {place}: {moved:?}");
    }
}

/// Pairs 10 µm apart, on one side of a plane of the meeting grid or on both: only the former ever form a synapse.
#[test]
fn in_a_meeting_grid_synapses_form_within_a_voxel_alone() {
    for (grid, killer, expected) in [("", -25.0, 20), ("30 µm", -25.0, 0), ("30 µm", -5.0, 20)] {
        let grid =
            if grid.is_empty() { String::new() } else { format!("\nattack.meeting_grid = \"{grid}\"") };
        let held =
            format!("{AT_ONCE}attack.hit_rate = \"0 /min\"\nattack.synapse_lifetime = \"{NEVER}\"{grid}");
        let text = scene(&held, "0.5 min");
        let events = record(&mut groups(&text, 20, &[(-15.0, 100.0)], &[killer]), 6.0);
        assert_eq!(of_kind(&events, EventKind::Attachment).count(), expected, "{grid} {killer}");
    }
}

/// What a study may not say of crawling and of the grid, each at its place.
#[test]
fn crawling_needs_its_distances_or_a_meeting_grid() {
    let near = "from = \"15 µm\", to = \"21 µm\"";
    for (attack, place, message) in [
        ("crawl = {}".to_owned(), "crawl", "nothing says between which distances a neighbour draws"),
        ("crawl = { from = \"15 µm\" }".to_owned(), "crawl", "nothing says between which distances"),
        (format!("crawl = {{ {near} }}\nattack.meeting_grid = \"30 µm\""), "crawl", "at any distance"),
        ("crawl = { from = \"21 µm\", to = \"15 µm\" }".to_owned(), "crawl", "between 21 and 15 µm"),
        ("meeting_grid = \"9 µm\"".to_owned(), "meeting_grid", "voxels of 9 µm"),
        ("meeting_grid = \"0 µm\"".to_owned(), "meeting_grid", "voxels of 0 µm"),
    ] {
        let study: StudyFile = scene(&format!("attack.{attack}"), "0.5 min").parse().expect("a study");
        let Err(problems) = perforin_lesion::scenario::build(&study) else { panic!("accepted: {attack}") };
        let found = problems.iter().find(|p| p.path == format!("lesion.cell.killer.attack.{place}"));
        assert!(found.is_some_and(|p| p.message.contains(message)), "{attack}: {problems:?}");
    }
}

/// Targets divide every 60 min; those that are held do not, where the study says so, and all others do.
#[test]
fn a_held_target_stands_still_only_where_the_study_says_so() {
    let cycling = |attack: &str| {
        scene(attack, "0.5 min").replace(
            "cycle = { model = \"none\" }\ndeath = { apoptosis = \"0 /min\" }\nantigen",
            "cycle = { model = \"fixed\", duration = \"60 min\", duration_sd = \"0 min\" }\ndeath = { apoptosis = \"0 /min\" }\nantigen",
        )
    };
    let held = format!("{AT_ONCE}attack.hit_rate = \"0 /min\"\nattack.synapse_lifetime = \"{NEVER}\"");
    for (more, expected) in [("", 40), ("\nattack.halts_target = true", 20)] {
        // One target of each group has a killer in reach, the other is 30 µm away.
        let text = cycling(&(held.clone() + more));
        let mut lesion = groups(&text, 20, &[(0.0, 100.0), (30.0, 100.0)], &[-12.0]);
        let volume = lesion.state.cells.volume(0);
        let events = record(&mut lesion, 90.0);
        assert_eq!(of_kind(&events, EventKind::Attachment).count(), 20);
        assert_eq!(of_kind(&events, EventKind::Division).count(), expected, "{more}");
        let unchanged = (0..lesion.state.cells.len()).filter(|i| lesion.state.cells.volume(*i) == volume);
        assert!(unchanged.count() >= 40 - expected);
    }
}

/// Pairs in a synapse are put 30 µm apart: they part at once, unless the study lets a synapse stretch farther.
#[test]
fn a_stretched_synapse_tears_at_the_stated_distance() {
    let held = format!("{AT_ONCE}attack.hit_rate = \"0 /min\"\nattack.synapse_lifetime = \"{NEVER}\"");
    for (more, torn) in
        [("", 20), ("\nattack.tear_distance = \"31 µm\"", 0), ("\nattack.tear_distance = \"29 µm\"", 20)]
    {
        let mut lesion = groups(&scene(&(held.clone() + more), "0.5 min"), 20, &[(0.0, 100.0)], &[12.0]);
        assert_eq!(of_kind(&record(&mut lesion, 6.0), EventKind::Attachment).count(), 20);
        let cells = &mut lesion.state.cells;
        for i in (0..cells.len()).filter(|i| cells.kind[*i] == 0).collect::<Vec<_>>() {
            cells.position[i] = cells.position[cells.bond[i] as usize];
            cells.position[i][0] += 30.0;
        }
        let events = record(&mut lesion, 12.0);
        let parted = of_kind(&events, EventKind::Detachment).filter(|e| e.cause == Cause::TornApart);
        assert_eq!(parted.count(), torn, "{more}");
    }
}
