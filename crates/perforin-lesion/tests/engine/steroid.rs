//! Steroids of a lesion's patient, and the account of its cytokine.

use crate::support::{lesion, run};
use perforin_lesion::cells::UNBOUND;
use perforin_lesion::events::{EventKind, of_kind};
use perforin_lesion::lesion::Lesion;
use perforin_lesion::model::biology::{Course, Steroid};
use perforin_lesion::model::{EntrySite, Role};
use perforin_lesion::senses::Senses;
use perforin_lesion::traffic::Traffic;

/// A tumour of 140 µm that neither grows nor dies by itself, with a product injected into it.
const FIGHT: &str = r#"
[study]
title = "fight"
duration = "100 d"
seed = 9
[lesion]
diameter = "140 µm"
[lesion.antigen.A]
density = { median = "400000 /cell" }
[lesion.cell.tumour]
cycle = { model = "none" }
death = { apoptosis = "0 /min", necrosis = "0 /min" }
[product]
kind = "CAR-T"
gate = "A"
[product.receptor.A]
kd = "5 nM"
[[regimen.infusion]]
day = 0
dose = "100 CAR+ cells"
route = "intratumoural"
[numerics]
voxel = "30 µm"
field_step = "6 min"
"#;

/// The fight, of a patient with so much dexamethasone of an endless half-life.
fn fight(amount: f64, (half, effect): (f64, f64)) -> Lesion {
    let mut lesion = lesion(FIGHT);
    let course = Course { doses: vec![(0.0, amount)], half_life: f64::INFINITY };
    lesion.model.treatments.steroid = Some(Steroid { course, half, effect });
    let kind = lesion.model.first_of(Role::Product).expect("a product");
    let ifn_gamma = lesion.model.substances.iter().position(|s| s.name == "ifn_gamma");
    lesion.model.traffic = Some(Traffic { kind, site: EntrySite::Surface { gap: 20.0 }, ifn_gamma });
    lesion
}

/// With 5 mg at a half effect of 5 mg and a largest effect of 0.7, what is left of killing, division and cytokine is 0.65 of
/// what it would be: as in the equations of the patient's other lesions.
#[test]
fn steroids_leave_the_same_part_of_killing_division_and_cytokine() {
    let mut with = fight(5.0, (5.0, 0.7));
    run(&mut with, 120.0);
    let mut without = with.model.clone();
    without.treatments.steroid = None;
    let (cells, fields) = (&with.state.cells, &with.state.fields);
    let [mut a, mut b] = [Senses::default(), Senses::default()];
    a.take(&with.model, cells, fields, with.state.time);
    b.take(&without, cells, fields, with.state.time);
    let bound: Vec<usize> = (0..cells.len()).filter(|i| cells.bond[*i] != UNBOUND).collect();
    assert!(bound.len() > 10, "{} synapses", bound.len());
    for i in bound {
        let target = cells.bond[i] as usize;
        let (calm, free) = (a.judge(&with.model, cells, i, target), b.judge(&without, cells, i, target));
        let near = |x: f64, y: f64| (x - 0.65 * y).abs() < 1e-12;
        assert!(near(calm.lysis(), free.lysis()) && near(calm.cytokine(), free.cytokine()));
        assert!(near(a.around(i).unsuppressed.division, b.around(i).unsuppressed.division));
        // Stimulation, and what follows from it, is not theirs to take.
        assert_eq!(calm.drive(), free.drive());
    }
}

/// Half-lives: 10 mg after two of them are 2.5 mg.
#[test]
fn the_effect_fades_with_the_drug() {
    let course = Course { doses: vec![(100.0, 10.0)], half_life: 200.0 };
    let steroid = Steroid { course, half: 2.5, effect: 0.8 };
    assert_eq!(steroid.left(99.0), 1.0);
    assert!((steroid.left(500.0) - 0.6).abs() < 1e-12);
}

/// A drug that takes everything: nobody is killed by the product, nobody of it divides, and no cytokine is secreted.
#[test]
fn full_suppression_stops_the_fight() {
    let run_with = |effect: f64| {
        let mut lesion = fight(1e9, (1e-6, effect));
        run(&mut lesion, 1440.0);
        let tally = |role| {
            let kind = lesion.model.first_of(role).unwrap();
            lesion.state.tally[kind]
        };
        let (tumour, product) = (tally(Role::Tumour), tally(Role::Product));
        let numbers = [of_kind(&tumour, EventKind::Kill), of_kind(&product, EventKind::Division)];
        (numbers, lesion.cytokine())
    };
    let (fought, cytokine) = run_with(0.0);
    assert!(fought.iter().all(|n| *n > 0) && cytokine.secreted > 0.0, "{fought:?} {cytokine:?}");
    let (calm, cytokine) = run_with(1.0 - 1e-15);
    assert_eq!(calm, [0, 0]);
    // What is left is the round-off of the drug's effect.
    assert!(cytokine.secreted < 1e-12 && cytokine.active < 1e-12, "{cytokine:?}");
}

/// What is secreted is in the tissue, taken up, or has left for the body. The fields' tolerance is 1e-6 of their largest value
/// a step and voxel: over 240 steps far below a thousandth. What is secreted is the activity times 7e-6 pg/min.
#[test]
fn the_account_of_ifn_gamma_adds_up() {
    let mut lesion = fight(0.0, (1.0, 0.0));
    run(&mut lesion, 1440.0);
    let c = lesion.cytokine();
    assert!(c.secreted > 1e-3 && c.taken_up > 0.0 && c.left > 0.0 && c.present > 0.0, "{c:?}");
    let found = c.taken_up + c.present + c.left;
    assert!((found / c.secreted - 1.0).abs() < 1e-3, "{found} of {}", c.secreted);
    let by_activity = c.active * 1440.0 * 7e-6;
    assert!((by_activity / c.secreted - 1.0).abs() < 1e-9, "{by_activity} of {}", c.secreted);
}
