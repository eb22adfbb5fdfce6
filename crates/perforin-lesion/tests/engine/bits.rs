//! Same seed, same bits: for any number of threads, and when a run goes on from a stored state.

use std::sync::OnceLock;

use crate::support::{bytes, record, scenario, start};
use perforin_lesion::events::Event;
use perforin_lesion::lesion::Lesion;

/// A study with everything in it: three infusions of two products, patches, drift and loss, HLA and clones, normal
/// tissue, matrix with fibres, vessels, suppressive cells and substances, endogenous T cells, antibodies, radiation,
/// virus, a safety switch, and every mechanism switched on.
pub const EVERYTHING: &str = r#"
[study]
title = "everything"
seed = 7
duration = "10 d"
[lesion]
diameter = "200 µm"
doubling_time = "12 h"
domain = "400 µm"
[lesion.antigen.HER2]
density = { median = "60000 /cell", log_sd = 0.9 }
negative = { fraction = "20 %", patch = "60 µm" }
drift = 0.1
loss_per_division = "2 %"
[lesion.normal_tissue]
thickness = "60 µm"
arrangement = "shell"
[lesion.normal_tissue.antigen.HER2]
density = { mean = "4000 /cell", sd = "1000 /cell" }
[lesion.matrix]
density = "40 %"
place = "capsule"
thickness = "30 µm"
fibres = "circumferential"
[lesion.vessels]
spacing = "100 µm"
[lesion.regulatory_t_cells]
fraction = "5 %"
[lesion.myeloid_cells]
fraction = "5 %"
[lesion.fibroblasts]
fraction = "5 %"
place = "margin"
[lesion.endogenous_t_cells]
fraction = "5 %"
neoantigen_positive = "30 %"
[lesion.hla]
alleles = ["HLA-A*02:01"]
lost = "10 %"
loss_per_division = "2 %"
[lesion.clone.swift]
fraction = "10 %"
growth = 2.0
antigen.HER2 = 0.5
[lesion.tumour_secretion]
adenosine = "1 /min"
ido = "1 /min"
[lesion.entry]
fraction = "100 %"
over = "2 h"
place = "vessels"
[lesion.field.oxygen]
boundary = "12 mmHg"
[lesion.field.ifng]
diffusion = "3000 µm²/min"
decay = "0.01 /min"
initial = "0 pg/mL"
[lesion.cell.tumour]
cycle = { model = "flow-cytometry", oxygen_saturation = "8 mmHg", pressure_half = 3.0 }
death = { apoptosis = "0.0005 /min", apoptosis_duration = "60 min" }
uptake.oxygen = "100 /min"
[lesion.cell.product]
secretion.ifng = { rate = "1 /min", target = "100 pg/mL", on_signal = true }
attack.hit_rate = "0.3 /min"
[product]
kind = "CAR-T"
gate = "HER2"
costimulation = "CD28"
armour = ["heparanase", "CXCR2"]
expression = "mRNA"
safety_switch = "iC9"
[product.receptor.HER2]
kd = "5 nM"
log_sd = 0.5
[second_product]
kind = "NK"
[[regimen.infusion]]
day = 0
dose = "300 CAR+ cells"
route = "intratumoural"
[[regimen.infusion]]
day = 0
dose = "200 CAR+ cells"
[[regimen.infusion]]
day = 0
dose = "50 cells"
product = "second_product"
route = "intracavitary"
[regimen.lymphodepletion]
start = "-5 d"
depletion = "30 %"
[[regimen.antibody]]
target = "PD-1"
day = 0
[[regimen.antibody]]
target = "CTLA-4"
day = 0
[[regimen.il2]]
day = 0
peak = "1000 pg/mL"
[[regimen.radiotherapy]]
day = 0.01
dose = "2 Gy"
immunogenic = true
[[regimen.chemotherapy]]
day = 0
inhibition = "30 %"
half_life = "1 d"
[[regimen.oncolytic_virus]]
day = 0
infected = 20
[[regimen.switch_drug]]
day = 0.015
[mechanisms]
all = true
"#;

/// State bytes after 18 and after 36 minutes and all events, computed with some threads.
#[derive(Debug, PartialEq)]
struct Trace {
    half: Vec<u8>,
    whole: Vec<u8>,
    events: Vec<Event>,
}

fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool").install(work)
}

fn trace() -> Trace {
    let built = scenario(EVERYTHING);
    let mut lesion = start(built.model, built.cells);
    let mut events = record(&mut lesion, 18.0);
    let half = bytes(&lesion.state);
    events.extend(record(&mut lesion, 36.0));
    Trace { half, whole: bytes(&lesion.state), events }
}

/// The trace on one thread, computed once for all tests.
fn on_one_thread() -> &'static Trace {
    static TRACE: OnceLock<Trace> = OnceLock::new();
    TRACE.get_or_init(|| with_threads(1, trace))
}

/// States and events must be equal; assertions do not print megabytes.
fn same(a: &Trace, b: &Trace) {
    let first = |a: &[u8], b: &[u8]| a.iter().zip(b).position(|(x, y)| x != y);
    assert_eq!(a.half.len(), b.half.len());
    assert!(a.half == b.half, "states differ after 18 minutes from byte {:?}", first(&a.half, &b.half));
    assert!(a.whole == b.whole, "states differ after 36 minutes from byte {:?}", first(&a.whole, &b.whole));
    assert!(a.events == b.events, "events differ");
}

#[test]
fn the_study_with_everything_in_it_does_everything() {
    use perforin_lesion::events::Cause;
    use perforin_lesion::events::EventKind::*;
    let trace = on_one_thread();
    for kind in [Arrival, Attachment, Detachment, Kill, Division, Apoptosis, Necrosis, Infection] {
        assert!(trace.events.iter().any(|e| e.kind == kind), "nothing of {kind:?} in 36 minutes");
    }
    for cause in
        [Cause::Synapse, Cause::Radiation, Cause::Switch, Cause::Depletion, Cause::Blood, Cause::Injection]
    {
        assert!(trace.events.iter().any(|e| e.cause == cause), "nothing by {cause:?} in 36 minutes");
    }
}

#[test]
fn two_threads_give_the_same_bytes_and_events() {
    same(on_one_thread(), &with_threads(2, trace));
}

#[test]
fn three_and_four_threads_give_the_same_bytes_and_events() {
    same(on_one_thread(), &with_threads(3, trace));
    same(on_one_thread(), &with_threads(4, trace));
}

#[test]
fn eight_threads_give_the_same_bytes_and_events() {
    same(on_one_thread(), &with_threads(8, trace));
}

#[test]
fn another_seed_gives_other_bytes() {
    let built = scenario(&EVERYTHING.replace("seed = 7", "seed = 8"));
    let mut lesion = start(built.model, built.cells);
    record(&mut lesion, 18.0);
    assert_ne!(bytes(&lesion.state), on_one_thread().half);
}

/// Goes on at every step from nothing but the state.
#[test]
fn a_run_that_goes_on_from_a_stored_state_gives_the_same_bytes_and_events() {
    let built = scenario(EVERYTHING);
    let mut lesion = start(built.model, built.cells);
    let mut events = Vec::new();
    for step in 1..=6 {
        events.extend(record(&mut lesion, 6.0 * f64::from(step)));
        if step == 3 {
            assert!(bytes(&lesion.state) == on_one_thread().half);
        }
        lesion = Lesion::resume(lesion.model.clone(), lesion.state.clone()).expect("a state to go on from");
    }
    let half = on_one_thread().half.clone();
    same(on_one_thread(), &Trace { half, whole: bytes(&lesion.state), events });
}
