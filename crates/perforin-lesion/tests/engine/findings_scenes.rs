//! Published findings that need a scene, with the defaults of the catalogue.

use rayon::prelude::*;

use crate::support::{Summary, distance, lesion, run, summary};
use perforin_lesion::events::EventKind;
use perforin_lesion::lesion::Lesion;
use perforin_lesion::model::Role;

const SEEDS: [u64; 4] = [1, 2, 3, 4];

fn live(lesion: &Lesion, role: Role) -> f64 {
    let (model, cells) = (&lesion.model, &lesion.state.cells);
    let is = |i: usize| cells.is_live(i) && model.types[usize::from(cells.kind[i])].role == role;
    (0..cells.len()).filter(|i| is(*i)).count() as f64
}

/// T cells that recognise nothing, in the stroma of inert islets.
fn islets(seed: u64, density: &str, loosened: &str, armour: &str) -> String {
    format!(
        r#"
[study]
title = "islets in stroma"
duration = "10 d"
seed = {seed}
[lesion]
shape = "islets"
domain = "400 µm"
islets = {{ number = 8, diameter = "90 µm", gap = "40 µm" }}
antigen.HER2.density = {{ mean = "0 /cell" }}
entry = {{ fraction = "100 %", over = "0 min", gap = "20 µm" }}
[lesion.cell.tumour]
cycle = {{ model = "none" }}
death = {{ apoptosis = "0 /min", necrosis = "0 /min" }}
[lesion.matrix]
density = "{density}"
place = "stroma"
fibres = "circumferential"
loosened = "{loosened}"
[product]
kind = "CAR-T"
gate = "HER2"
armour = [{armour}]
[product.receptor.HER2]
kd = "5 nM"
[[regimen.infusion]]
day = 0
dose = "200 CAR+ cells"
[numerics]
field_step = "6 min"
"#
    )
}

/// Share of the live T cells that lie within islets after `minutes`.
fn infiltration(text: &str, minutes: f64) -> f64 {
    let mut lesion = lesion(text);
    run(&mut lesion, minutes);
    let (model, cells) = (&lesion.model, &lesion.state.cells);
    let product =
        |i: &usize| cells.is_live(*i) && model.types[usize::from(cells.kind[*i])].role == Role::Product;
    let within =
        |i: usize| model.matrix_change.foci.iter().any(|islet| distance(*islet, cells.position[i]) < 45.0);
    let all: Vec<usize> = (0..cells.len()).filter(product).collect();
    all.iter().filter(|i| within(**i)).count() as f64 / all.len() as f64
}

#[allow(clippy::print_stdout, reason = "the figures of a finding")]
fn over_seeds(what: &str, value: impl Fn(u64) -> f64 + Sync) -> Summary {
    let values: Vec<f64> = SEEDS.into_par_iter().map(&value).collect();
    let found = summary(&values);
    println!("{what}: {values:.3?} (seeds 1 to 4), mean {:.3}, SD {:.3}", found.mean, found.sd);
    found
}

/// Whether one mean lies above another by more than twice the error of their difference.
fn above(a: Summary, b: Summary) -> bool {
    a.mean - b.mean > 2.0 * (a.error * a.error + b.error * b.error).sqrt()
}

/// F11: dense stroma keeps T cells out of tumour islets, and loosening it lets them in (Salmon 2012,
/// doi 10.1172/JCI45817). Order only.
#[test]
fn f11_the_denser_the_stroma_the_fewer_t_cells_enter_the_islets() {
    let hours = 6.0;
    let share = |density: &str, loosened: &str, armour: &str| {
        let what =
            format!("in islets after {hours} h, matrix {density}, loosened {loosened}, armour [{armour}]");
        over_seeds(&what, |seed| infiltration(&islets(seed, density, loosened, armour), 60.0 * hours))
    };
    let by_density: Vec<Summary> =
        ["0 %", "50 %", "80 %", "95 %"].into_iter().map(|density| share(density, "0 %", "")).collect();
    for pair in by_density.windows(2) {
        assert!(above(pair[0], pair[1]), "{pair:?}");
    }
    let (loose, dense) = (by_density[0], by_density[3]);
    let half_way = 0.5 * (loose.mean + dense.mean);
    let loosened = share("95 %", "80 %", "");
    assert!(above(loosened, dense) && loosened.mean > half_way, "{loosened:?}");
    let heparanase = share("95 %", "0 %", "\"heparanase\"");
    assert!(above(heparanase, dense), "{heparanase:?}");
}

/// A co-culture at a level of oxygen on a layer of targets that neither divide nor die by themselves.
fn co_culture(seed: u64, oxygen: &str, ratio: f64) -> Lesion {
    lesion(&format!(
        r#"
[study]
title = "co-culture"
duration = "10 d"
seed = {seed}
[lesion]
shape = "monolayer"
monolayer = {{ cells = 600 }}
medium = {{ oxygen = "{oxygen}" }}
antigen.HER2.density = {{ median = "200000 /cell", log_sd = 0.4 }}
[lesion.cell.tumour]
cycle = {{ model = "none" }}
death = {{ apoptosis = "0 /min", necrosis = "0 /min" }}
[product]
kind = "CAR-T"
gate = "HER2"
[product.receptor.HER2]
kd = "5 nM"
[[regimen.infusion]]
day = 0
effector_to_target = {ratio}
[numerics]
field_step = "6 min"
"#
    ))
}

/// Product cells after three days for each one added, at one effector for eight targets.
fn expansion(seed: u64, oxygen: &str) -> f64 {
    let mut lesion = co_culture(seed, oxygen, 0.125);
    run(&mut lesion, 3.0 * 1440.0);
    live(&lesion, Role::Product) / 75.0
}

/// Share of the targets killed, and IFN-γ made, within twelve hours at one effector for four targets.
fn lysis_and_cytokine(seed: u64, oxygen: &str) -> (f64, f64) {
    let mut lesion = co_culture(seed, oxygen, 0.25);
    let mut kills = 0;
    while lesion.state.time < 720.0 {
        lesion.step().expect("a step");
        kills += lesion.events.iter().filter(|e| e.kind == EventKind::Kill).count();
    }
    let ifn = lesion.model.substances.iter().position(|s| s.name == "ifn_gamma").expect("IFN-γ");
    let value = &lesion.state.fields[ifn].value;
    (kills as f64 / 600.0, value.iter().sum::<f64>() / value.len() as f64)
}

/// F12: in 1 % oxygen CAR-T cells expand far less and make less cytokine, but lyse as well as in air (Berahovich
/// 2019, doi 10.3390/cancers11050602, who compare 1 % with 18 %). Order only.
#[test]
#[ignore = "slow: run with --release -- --ignored"]
fn f12_lack_of_oxygen_cuts_expansion_and_cytokine_but_not_lysis() {
    let at = |oxygen: &str| {
        let both: Vec<(f64, f64)> =
            SEEDS.into_par_iter().map(|seed| lysis_and_cytokine(seed, oxygen)).collect();
        let of =
            |name: &str, pick: &(dyn Fn(u64) -> f64 + Sync)| over_seeds(&format!("{oxygen}: {name}"), pick);
        (
            of("product cells on day 3 per cell added", &|seed| expansion(seed, oxygen)),
            of("share of targets killed in 12 h", &|seed| both[seed as usize - 1].0),
            of("IFN-γ after 12 h, pg/mL", &|seed| both[seed as usize - 1].1),
        )
    };
    let (low, high) = (at("7.6 mmHg"), at("152 mmHg"));
    assert!(above(high.0, low.0) && low.0.mean < 0.5 * high.0.mean, "expansion {low:?} against {high:?}");
    assert!((low.1.mean / high.1.mean - 1.0).abs() < 0.15, "lysis {low:?} against {high:?}");
    assert!(above(high.2, low.2) && low.2.mean < 0.7 * high.2.mean, "IFN-γ {low:?} against {high:?}");
}
