//! Each mechanism of the fight against a closed form, a conservation law, or the direction that was published.

use crate::support::{add, apart, lesion, record, run, scenario, start, summary};
use perforin_lesion::budget::Entry;
use perforin_lesion::cells::{Cells, Stage, marks};
use perforin_lesion::events::{Cause, EventKind};
use perforin_lesion::lesion::Lesion;
use perforin_lesion::model::biology::{Course, Exhaustion, Functions, Radiosensitivity};
use perforin_lesion::model::{Arrival, EntrySite, Pace, Role};
use perforin_lesion::observe;
use perforin_lesion::senses::{Senses, Surroundings};

/// A tumour of 120 µm that neither grows nor dies by itself, with a product injected into it.
fn fight(product: &str, more: &str, dose: u32) -> String {
    format!(
        r#"
[study]
title = "fight"
duration = "100 d"
seed = 9
[lesion]
diameter = "140 µm"
[lesion.antigen.A]
density = {{ median = "100000 /cell" }}
[lesion.cell.tumour]
cycle = {{ model = "none" }}
death = {{ apoptosis = "0 /min", necrosis = "0 /min" }}
{product}
[[regimen.infusion]]
day = 0
dose = "{dose} CAR+ cells"
route = "intratumoural"
[numerics]
voxel = "30 µm"
field_step = "6 min"
{more}
"#
    )
}

const CAR_T: &str = "[product]\nkind = \"CAR-T\"\ngate = \"A\"\n[product.receptor.A]\nkd = \"5 nM\"";

/// All mechanisms off but those named.
fn only(names: &[&str]) -> String {
    let on: Vec<String> = names.iter().map(|name| format!("{name} = true\n")).collect();
    format!("[mechanisms]\nall = false\n{}", on.concat())
}

fn live(lesion: &Lesion, role: Role) -> usize {
    let (model, cells) = (&lesion.model, &lesion.state.cells);
    let is = |i: &usize| cells.is_live(*i) && model.types[usize::from(cells.kind[*i])].role == role;
    (0..cells.len()).filter(is).count()
}

fn product_of(lesion: &Lesion) -> Vec<usize> {
    let cells = &lesion.state.cells;
    (0..cells.len())
        .filter(|i| {
            lesion.model.types[usize::from(cells.kind[*i])].role == Role::Product && cells.is_live(*i)
        })
        .collect()
}

const EXHAUSTION: Exhaustion = Exhaustion {
    rate: 1e-4,
    recovery: 5e-5,
    tgf_beta: None,
    by_checkpoint: 2.0,
    half: Functions { killing: 0.4, division: 0.5, cytokine: 0.65 },
    hill: 4.0,
};

/// `de/dt = a(1 − e) − b·e` by ten thousand Euler steps.
#[test]
fn exhaustion_follows_its_equation() {
    for (stimulus, tgf, pd1) in [(1.0, 0.0, 0.0), (0.3, 1.0, 0.0), (0.7, 0.5, 0.9), (0.0, 0.0, 0.0)] {
        let (mut e, dt) = (0.2, 1000.0 / 10_000.0);
        let up = 1e-4 * stimulus * (1.0 + tgf) * (1.0 + 2.0 * pd1);
        for _ in 0..10_000 {
            e += dt * (up * (1.0 - e) - 5e-5 * (1.0 - stimulus) * e);
        }
        let exact = EXHAUSTION.after(0.2, stimulus, tgf, pd1, 1000.0);
        // Euler at this step is off by at most half of dt·T·a·(a + b): 5e-6.
        assert!((exact - e).abs() < 5e-6, "{exact} against {e}");
    }
}

/// Killing is lost first, then division, then cytokine; each is halved at its own exhaustion.
#[test]
fn exhaustion_takes_killing_then_division_then_cytokine() {
    for e in [0.1, 0.3, 0.5, 0.8, 1.0] {
        let left = EXHAUSTION.left(e);
        assert!(left.killing < left.division && left.division < left.cytokine, "{left:?} at {e}");
    }
    assert!((EXHAUSTION.left(0.4).killing - 0.5).abs() < 1e-12);
    assert!((EXHAUSTION.left(0.5).division - 0.5).abs() < 1e-12);
    assert!((EXHAUSTION.left(0.65).cytokine - 0.5).abs() < 1e-12);
}

/// Cells under a full signal all the time are exhausted sooner with CD28 than with 4-1BB (sign: Long 2015,
/// doi 10.1038/nm.3838).
#[test]
fn cd28_exhausts_more_than_4_1bb() {
    let mean = |costimulation: &str| {
        let product = CAR_T.replace("gate", &format!("costimulation = \"{costimulation}\"\ngate"));
        let mut lesion = lesion(&fight(&product, &only(&["exhaustion"]), 20));
        run(&mut lesion, 1440.0);
        let e: Vec<f64> =
            product_of(&lesion).iter().map(|i| f64::from(lesion.state.cells.exhaustion[*i])).collect();
        summary(&e).mean
    };
    let (cd28, four) = (mean("CD28"), mean("4-1BB"));
    assert!(four > 0.0 && cd28 > 1.5 * four, "{cd28} against {four}");
}

/// The signal is the quadratic equilibrium of receptor and ligand; blocking lowers it with the antibody's occupancy;
/// 4-1BB is hit less than CD28 (sign: Cherkassky 2016, doi 10.1172/JCI83092).
#[test]
fn pd_1_inhibits_by_occupancy_and_antibody_relieves_it() {
    let checkpoint = |costimulation: &str| {
        let product = CAR_T.replace("gate", &format!("costimulation = \"{costimulation}\"\ngate"));
        let model = scenario(&fight(&product, "", 1)).model;
        let kind = model.first_of(Role::Product).unwrap();
        model.types[kind].lymphocyte.as_ref().unwrap().checkpoint.unwrap()
    };
    let c = checkpoint("CD28");
    let free = Surroundings::HARMLESS;
    let signal = c.signal(0.0, 18_000.0, free);
    // By hand: 30 receptors and 3,600 ligands in the contact, K = 7.8e-6 M · N_A · 60 µm² · 15 nm = 4,227.
    let (r, l, k) = (30.0, 3600.0, 7.8e-6 * 6.022_140_76e23 * 60.0 * 0.015 * 1e-15);
    let sum: f64 = r + l + k;
    let b = 0.5 * (sum - (sum * sum - 4.0 * r * l).sqrt());
    assert!((signal - b / (b + 12.0)).abs() < 1e-6, "{signal} against {}", b / (b + 12.0));
    let half = c.signal(0.0, 18_000.0, Surroundings { free_receptor: 0.5, ..free });
    let blocked = c.signal(0.0, 18_000.0, Surroundings { free_receptor: 1e-4, ..free });
    assert!(half < signal && half > 0.4 * signal && blocked < 0.01 * signal, "{signal} {half} {blocked}");
    assert!(c.signal(1.0, 18_000.0, free) > signal, "exhausted cells carry more PD-1");
    assert!(checkpoint("4-1BB").signal(0.0, 18_000.0, free) < 0.6 * signal);
}

/// Too little adapter bridges nothing, too much of it blocks both sides.
#[test]
fn an_adapter_has_an_optimal_dose() {
    let signal = |peak: &str| {
        let product = format!("{CAR_T}\n[product.adapter]\nantigen_kd = \"10 nM\"\nreceptor_kd = \"10 nM\"");
        let dose = format!("[[regimen.adapter]]\nday = 0\npeak = \"{peak}\"\nhalf_life = \"1000 d\"");
        let text = fight(&product, "", 1).replace("median = \"100000 /cell\"", "median = \"3000 /cell\"");
        let built = scenario(&(text + &dose));
        let lesion = start(built.model, built.cells);
        let mut senses = Senses::default();
        senses.take(&lesion.model, &lesion.state.cells, &lesion.state.fields, 1.0);
        senses.strongest(lesion.model.first_of(Role::Product).unwrap(), 0)
    };
    let (low, middle, high) = (signal("0.01 nM"), signal("10 nM"), signal("100 µM"));
    assert!(middle > 2.0 * low && middle > 2.0 * high, "{low} {middle} {high}");
}

/// Receptors of the gate appear only where the sensor's antigen is.
#[test]
fn syn_notch_kills_only_after_priming() {
    let killed = |prime: &str| {
        let product = format!(
            "{CAR_T}\n[product.receptor.P]\nkd = \"5 nM\"\n[product.synnotch]\nsensor = \"P\"\ninduction = \"60 min\""
        );
        let text = fight(&product, &only(&[]), 20).replace(
            "[lesion.cell.tumour]",
            &format!("[lesion.antigen.P]\ndensity = {{ median = \"{prime} /cell\" }}\n[lesion.cell.tumour]"),
        );
        let mut lesion = lesion(&text);
        record(&mut lesion, 600.0).iter().filter(|e| e.kind == EventKind::Kill).count()
    };
    assert_eq!(killed("0"), 0, "nothing primes");
    assert!(killed("100000") > 20);
}

/// `1 − exp(−αD − βD²)` of well-supplied cells, and less without oxygen.
#[test]
fn radiation_kills_by_the_linear_quadratic_law() {
    let text = fight(CAR_T, &only(&[]), 0)
        + "[[regimen.radiotherapy]]\nday = 0\ndose = \"2 Gy\"\n[lesion.field.oxygen]\nboundary = \"160 mmHg\"\n";
    let text = text.replace("[lesion.cell.tumour]", "[lesion.cell.tumour]\nuptake.oxygen = \"0 /min\"");
    let mut lesion = lesion(&text.replace("diameter = \"140 µm\"", "diameter = \"220 µm\""));
    let before = live(&lesion, Role::Tumour) as f64;
    lesion.step().unwrap();
    let died = lesion.events.iter().filter(|e| e.cause == Cause::Radiation).count() as f64;
    let r = lesion.model.treatments.radiosensitivity;
    let p = r.death(2.0, Some(160.0 * libm::exp(0.0)));
    // Tissue loses oxygen at 0.1 /min: by the edge of 0.5 mm the law is the same to two points.
    let error = (p * (1.0 - p) / before).sqrt();
    assert!((died / before - p).abs() < 5.0 * error + 0.02, "{} against {p}", died / before);
    let law = Radiosensitivity {
        alpha: 0.3,
        beta: 0.03,
        oxygen_enhancement: 3.0,
        oxygen_half: 3.0,
        chemokine: 1.0,
    };
    assert!((law.death(2.0, None) - (1.0 - libm::exp(-0.3 * 2.0 - 0.03 * 4.0))).abs() < 1e-12);
    let hypoxic = law.death(2.0, Some(0.0));
    assert!((hypoxic - (1.0 - libm::exp(-0.3 * 2.0 / 3.0 - 0.03 * 4.0 / 9.0))).abs() < 1e-12, "{hypoxic}");
}

/// More than 90 % of the cells are gone within 30 min (doi 10.1007/978-1-4939-2727-2_6); the rest stays.
#[test]
fn inducible_caspase_9_kills_nine_in_ten_within_half_an_hour() {
    let product = CAR_T.replace("gate", "safety_switch = \"iC9\"\ngate");
    let text = fight(&product, &only(&[]), 1000) + "[[regimen.switch_drug]]\nday = 0\n";
    let mut lesion = lesion(&text);
    run(&mut lesion, 30.0);
    let early = live(&lesion, Role::Product);
    run(&mut lesion, 240.0);
    let late = live(&lesion, Role::Product);
    // 1000·(1 − 0.95·(1 − e^(−0.1·30))) = 97; 50 are left for good. Five binomial standard deviations are 47 and 35.
    assert!((97 - 47..97 + 47).contains(&early), "{early}");
    assert!((50 - 35..50 + 35).contains(&late), "{late}");
}

#[test]
fn a_virus_spreads_from_the_injected_cells_and_lyses() {
    let text = fight(CAR_T, &only(&[]), 0) + "[[regimen.oncolytic_virus]]\nday = 0\ninfected = 5\n";
    let mut lesion = lesion(&text);
    let events = record(&mut lesion, 4.0 * 1440.0);
    let infected =
        |cause: Cause| events.iter().filter(|e| e.kind == EventKind::Infection && e.cause == cause).count();
    assert_eq!(infected(Cause::Injection), 5);
    assert!(infected(Cause::Virus) > 20, "{}", infected(Cause::Virus));
    let first = events.iter().find(|e| e.kind == EventKind::Infection && e.cause == Cause::Virus).unwrap();
    assert!(first.time > 720.0, "nothing is released before the eclipse is over: {}", first.time);
    assert!(events.iter().any(|e| e.kind == EventKind::Lysis && e.cause == Cause::Virus));
}

/// Receptors from mRNA halve with every division and decay between them.
#[test]
fn receptors_from_mrna_dilute_and_decay() {
    let product = CAR_T.replace("gate", "expression = \"mRNA\"\ngate");
    let text = fight(&product, &only(&[]), 100).replace(
        "[lesion.antigen.A]\ndensity = { median = \"100000 /cell\" }",
        "[lesion.antigen.A]\ndensity = { median = \"0 /cell\" }",
    );
    let mut lesion = lesion(&text);
    run(&mut lesion, 2880.0);
    let left: Vec<f64> =
        product_of(&lesion).iter().map(|i| f64::from(lesion.state.cells.receptors_made[*i])).collect();
    // One half-life without signal, so without divisions; round-off of single precision.
    assert!(left.iter().all(|r| (r - 0.5).abs() < 1e-3), "{:?}", summary(&left));
    let mut driven = lesion_of(&fight(&product, &only(&[]), 30));
    run(&mut driven, 3.0 * 1440.0);
    let cells = &driven.state.cells;
    let of = |born: bool| -> Vec<f64> {
        product_of(&driven)
            .into_iter()
            .filter(|i| (cells.marks[*i] & (marks::BORN | marks::DIVIDED) != 0) == born)
            .map(|i| f64::from(cells.receptors_made[i]))
            .collect()
    };
    let (divided, others) = (of(true), of(false));
    assert!(!divided.is_empty() && !others.is_empty());
    let most = divided.iter().copied().fold(0.0, f64::max);
    assert!(others.iter().all(|r| most < 0.51 * r), "{most} against {others:?}");
}

fn lesion_of(text: &str) -> Lesion {
    lesion(text)
}

/// Cells without HLA are invisible to a T-cell receptor and free for NK cells.
#[test]
fn hla_loss_hides_from_tcr_t_and_unmasks_for_nk() {
    let tcr = "[product]\nkind = \"TCR-T\"\ngate = \"A\"\nhla = \"HLA-A*02:01\"\n[product.receptor.A]\nkd = \"5 µM\"\n[second_product]\nkind = \"NK\"";
    let hla = "[lesion.hla]\nalleles = [\"HLA-A*02:01\"]\nlost = \"30 %\"\n";
    let built = scenario(&(fight(tcr, "", 1) + hla));
    let lesion = start(built.model, built.cells);
    let (model, cells) = (&lesion.model, &lesion.state.cells);
    let mut senses = Senses::default();
    senses.take(model, cells, &lesion.state.fields, 0.0);
    let place = |name: &str| model.types.iter().position(|t| t.name == name).unwrap();
    let hla = model.antigens.iter().position(|a| a == "HLA").unwrap();
    let lost = |i: usize| cells.densities(i)[hla] == 0.0;
    let share = (0..cells.len()).filter(|i| lost(*i)).count() as f64 / cells.len() as f64;
    assert!((share - 0.3).abs() < 0.01, "{share}");
    for i in 0..cells.len() {
        let (tcr, nk) = (senses.strongest(place("product"), i), senses.strongest(place("second_product"), i));
        assert!(if lost(i) { tcr == 0.0 && nk == 0.6 } else { tcr > 0.9 && nk == 0.3 }, "{tcr} {nk}");
    }
}

/// NK cells that are declared but of which no cell is given recognise nothing: cells without HLA count as recognised once
/// some are.
#[test]
fn a_product_that_is_not_given_recognises_nothing() {
    let products = "[product]\nkind = \"TCR-T\"\ngate = \"A\"\nhla = \"HLA-A*02:01\"\n[product.receptor.A]\nkd = \"5 µM\"\n[second_product]\nkind = \"NK\"";
    let hla = "[lesion.hla]\nalleles = [\"HLA-A*02:01\"]\nlost = \"30 %\"\n";
    for (more, share) in [("", 0.7), ("0 cells", 0.7), ("5 cells", 1.0)] {
        let infusion =
            format!("[[regimen.infusion]]\nday = 1\ndose = \"{more}\"\nproduct = \"second_product\"\n");
        let infusion = if more.is_empty() { String::new() } else { infusion };
        let built = scenario(&(fight(products, "", 1) + hla + &infusion));
        let lesion = start(built.model, built.cells);
        let columns = observe::columns(&lesion.model);
        let value = |name: &str| {
            observe::observe(&lesion)[columns.iter().position(|c| c.name == name).expect("a column")]
        };
        let found = value("tumour_recognised") / value("tumour_live");
        assert!((found - share).abs() < 0.01, "{more}: {found}");
    }
}

/// Each cell of a polyclonal product reads one antigen, in the stated shares.
#[test]
fn til_are_a_polyclonal_mix() {
    let til = "[product]\nkind = \"TIL\"\nspecificity.A = \"30 %\"\nspecificity.B = \"70 %\"\n[product.receptor.A]\nkd = \"5 µM\"\n[product.receptor.B]\nkd = \"5 µM\"";
    let text = fight(til, &only(&[]), 1000).replace(
        "[lesion.cell.tumour]",
        "[lesion.antigen.B]\ndensity = { median = \"0 /cell\" }\n[lesion.cell.tumour]",
    );
    let mut lesion = lesion(&text);
    lesion.step().unwrap();
    let cells = &lesion.state.cells;
    let product = product_of(&lesion);
    let of_a: Vec<usize> = product.iter().copied().filter(|i| cells.specificity[*i] == 0).collect();
    // Five binomial standard deviations of 1,000 draws.
    assert!(
        (of_a.len() as f64 / 1000.0 - 0.3).abs() < 5.0 * (0.3_f64 * 0.7 / 1000.0).sqrt(),
        "{}",
        of_a.len()
    );
    run(&mut lesion, 60.0);
    let cells = &lesion.state.cells;
    let engaged = product_of(&lesion).into_iter().filter(|i| cells.marks[*i] & marks::ENGAGED != 0);
    let kinds: Vec<u8> = engaged.map(|i| cells.specificity[i]).collect();
    assert!(!kinds.is_empty() && kinds.iter().all(|k| *k == 0), "nobody carries B");
}

/// Straight lines between the given points: trapezoids.
#[test]
fn cells_enter_in_proportion_to_the_given_course_in_blood() {
    let arrival = Arrival {
        kind: 0,
        pace: Pace::Blood { time: vec![0.0, 100.0, 300.0], rate: vec![0.0, 2.0, 1.0] },
        site: EntrySite::Surface { gap: 0.0 },
        infused: f64::NAN,
    };
    for (time, expected) in [(0.0, 0), (50.0, 25), (100.0, 100), (200.0, 275), (300.0, 400), (1e9, 400)] {
        assert_eq!(arrival.entered_by(time), expected, "by {time} min");
    }
    assert_eq!(arrival.total(), 400);
}

#[test]
fn doses_add_up_and_decay() {
    let course = Course { doses: vec![(10.0, 4.0), (30.0, 4.0)], half_life: 20.0 };
    for (time, value) in [(0.0, 0.0), (10.0, 4.0), (30.0, 6.0), (50.0, 3.0)] {
        assert!((course.at(time) - value).abs() < 1e-12, "{} at {time}", course.at(time));
    }
}

/// Every part of a budget adds up to its whole, and flows only narrow.
#[test]
fn budgets_add_up() {
    let text = fight(CAR_T, "[lesion.regulatory_t_cells]\nfraction = \"10 %\"\n", 60);
    let mut lesion = lesion(&text);
    run(&mut lesion, 2.0 * 1440.0);
    let kind = lesion.model.first_of(Role::Product).unwrap();
    let b = &lesion.state.budget[kind];
    let of = |e: Entry| b[e as usize];
    let close = |parts: &[Entry], whole: Entry| {
        let sum: f64 = parts.iter().map(|e| of(*e)).sum();
        assert!((sum / of(whole) - 1.0).abs() < 1e-9 && sum > 0.0, "{sum} against {}", of(whole));
        assert!(parts.iter().all(|e| of(*e) >= 0.0), "{b:?}");
    };
    close(
        &[
            Entry::LostToRecognition,
            Entry::LostToPotency,
            Entry::LostToExhaustion,
            Entry::LostToCheckpoint,
            Entry::LostToSuppression,
            Entry::Delivered,
        ],
        Entry::Hits,
    );
    close(
        &[
            Entry::UnstimulatedDivisions,
            Entry::EndedDivisions,
            Entry::ExhaustedDivisions,
            Entry::SuppressedDivisions,
            Entry::HypoxicDivisions,
            Entry::StarvedDivisions,
            Entry::DivisionsLeft,
        ],
        Entry::Divisions,
    );
    let reached = perforin_lesion::budget::reached(&lesion.state.past[kind], &lesion.state.cells, kind);
    let with = |mark: u8| reached[mark.trailing_zeros() as usize];
    assert!(with(marks::KILLED) <= with(marks::ENGAGED), "{reached:?}");
    let arrived: u64 = lesion.state.tally[kind][EventKind::Arrival as usize].iter().sum();
    let born = lesion.state.tally[kind][EventKind::Division as usize].iter().sum::<u64>();
    assert_eq!(reached[perforin_lesion::budget::ALL_CELLS], arrived + born);
    assert_eq!(with(marks::BORN), born);
}

/// Hits are lost to regulatory T cells the more the more there are, and an antibody against CTLA-4 gives most back.
#[test]
fn regulatory_t_cells_suppress_and_blocking_ctla_4_relieves() {
    let delivered = |fraction: &str, antibody: bool| {
        let mut more = format!("[lesion.regulatory_t_cells]\nfraction = \"{fraction}\"\n");
        more += &only(&["regulatory_t_cells"]);
        if antibody {
            more += "[[regimen.antibody]]\ntarget = \"CTLA-4\"\nday = 0\n";
        }
        let mut lesion = lesion(&fight(CAR_T, &more, 30));
        run(&mut lesion, 720.0);
        let b = &lesion.state.budget[lesion.model.first_of(Role::Product).unwrap()];
        b[Entry::Delivered as usize] / (b[Entry::Delivered as usize] + b[Entry::LostToSuppression as usize])
    };
    let (few, many, relieved) = (delivered("5 %", false), delivered("30 %", false), delivered("30 %", true));
    assert!(few > many + 0.1 && relieved > many + 0.1, "{few} {many} {relieved}");
}

/// Antigen-negative cells mixed in cell by cell are killed as bystanders more than those in patches (Upadhyay 2021,
/// doi 10.1158/2159-8290.CD-20-0756: local), and not at all with the mechanism off.
#[test]
fn bystander_killing_is_local() {
    let negatives_killed = |patch: &str, on: bool| {
        let product = CAR_T.to_owned();
        let switches = if on { only(&["bystander"]) } else { only(&[]) };
        let text = fight(&product, &switches, 120)
            .replace("density = { median = \"100000 /cell\" }", &format!("density = {{ median = \"100000 /cell\" }}\nnegative = {{ fraction = \"30 %\", patch = \"{patch}\" }}"));
        let mut lesion = lesion(&text);
        let negative: Vec<u64> = (0..lesion.state.cells.len())
            .filter(|i| lesion.state.cells.densities(*i)[0] == 0.0)
            .map(|i| lesion.state.cells.id[i])
            .collect();
        let events = record(&mut lesion, 1440.0);
        events.iter().filter(|e| e.kind == EventKind::Kill && negative.contains(&e.cell)).count() as f64
            / negative.len() as f64
    };
    let (mixed, patched, off) =
        (negatives_killed("5 µm", true), negatives_killed("100 µm", true), negatives_killed("5 µm", false));
    println!("share of negative cells killed in a day: mixed {mixed:.3}, patched {patched:.3}, off {off:.3}");
    assert_eq!(off, 0.0);
    assert!(mixed > 1.3 * patched, "{mixed} against {patched}");
}

/// An activation allows N divisions: no clone grows beyond 2^N.
#[test]
fn the_programme_limits_divisions() {
    let mut built = scenario(&fight(CAR_T, &only(&["proliferation_programme"]), 20));
    let kind = built.model.first_of(Role::Product).unwrap();
    let lymphocyte = built.model.types[kind].lymphocyte.as_mut().unwrap();
    (lymphocyte.divisions, lymphocyte.memory, lymphocyte.memory_return) = (Some(2), 0.0, 0.0);
    built.model.types[kind].cycle.as_mut().unwrap().phases[0].duration = 120.0;
    built.model.types[kind].death.apoptosis_rate = 0.0;
    let mut lesion = start(built.model, built.cells);
    run(&mut lesion, 2.0 * 1440.0);
    let n = live(&lesion, Role::Product);
    assert!(n > 40 && n <= 80, "{n} of 20 at most fourfold");
    let arrests: u64 = lesion.state.tally[kind][EventKind::Arrest as usize][Cause::ProgrammeOver as usize];
    assert!(arrests > 0);
}

/// `m(t) = m* + (m₀ − m*)·e^(−kt)` in the fibroblast's voxel, and `e^(−kt)` under heparanase.
#[test]
fn fibroblasts_lay_matrix_and_heparanase_loosens_it() {
    let product = CAR_T.replace("gate", "armour = [\"heparanase\"]\ngate");
    let text = fight(&product, &only(&["matrix"]), 0)
        + "[lesion.fibroblasts]\nfraction = \"0 %\"\n[lesion.matrix]\ndensity = \"50 %\"\n";
    let built = scenario(&text);
    let model = built.model;
    let (fibroblast, t_cell) = (
        model.types.iter().position(|t| t.name == "fibroblast").unwrap(),
        model.first_of(Role::Product).unwrap(),
    );
    let mut cells = Cells::new(model.antigens.len());
    let at = apart(&model, 120.0, 8);
    add(&model, fibroblast, &at[..1], &[], &mut cells);
    add(&model, t_cell, &at[1..2], &[], &mut cells);
    let mut matrix = vec![0.5_f32; model.grid.len()];
    for _ in 0..100 {
        perforin_lesion::matrix::advance(&model, &cells, &mut matrix);
    }
    let minutes = 100.0 * model.numerics.phenotype_step;
    let laid = 0.95 + (0.5 - 0.95) * libm::exp(-2e-5 * minutes);
    let loosened = 0.5 * libm::exp(-0.01 * minutes);
    let share = |k: usize| f64::from(matrix[model.grid.voxel_at(at[k])]);
    // A hundred roundings to single precision.
    assert!((share(0) - laid).abs() < 1e-5, "{} against {laid}", share(0));
    assert!((share(1) - loosened).abs() < 1e-5, "{} against {loosened}", share(1));
    assert_eq!(share(2), 0.5);
}

/// Antigen falls on attacked cells and comes back to what they inherited once the attack is over.
#[test]
fn attack_strips_antigen_which_recovers() {
    let text = fight(CAR_T, &only(&["antigen_modulation"]), 100)
        .replace("[numerics]", "[lesion.cell.product.attack]\nhit_rate = \"0 /min\"\n[numerics]");
    let mut lesion = lesion(&text);
    run(&mut lesion, 600.0);
    let mean = |lesion: &Lesion| {
        let cells = &lesion.state.cells;
        let own: Vec<f64> = (0..cells.len())
            .filter(|i| lesion.model.types[usize::from(cells.kind[*i])].role == Role::Tumour)
            .map(|i| f64::from(cells.densities(i)[0]))
            .collect();
        summary(&own).mean
    };
    let attacked = mean(&lesion);
    assert!(attacked < 0.95e5, "{attacked}");
    for i in product_of(&lesion) {
        perforin_lesion::phenotype::begin(
            &mut lesion.state.cells,
            i,
            perforin_lesion::cells::Condition::Apoptotic,
        );
    }
    run(&mut lesion, 600.0 + 5.0 * 240.0);
    // Five half-lives: at most 1/32 of the loss is left.
    assert!(mean(&lesion) > 1e5 - (1e5 - attacked) / 31.0, "{}", mean(&lesion));
}

/// Healthy tissue that renews itself stands at its number, and comes back after a loss.
#[test]
fn healthy_tissue_renews_itself() {
    let text = fight(CAR_T, &only(&[]), 0)
        + "[lesion.normal_tissue]\nthickness = \"60 µm\"\narrangement = \"shell\"\nturnover = \"2 d\"\n";
    let mut lesion = lesion(&text);
    let aim = live(&lesion, Role::Normal) as f64;
    let normal: Vec<usize> = (0..lesion.state.cells.len())
        .filter(|i| lesion.model.types[usize::from(lesion.state.cells.kind[*i])].role == Role::Normal)
        .collect();
    for i in normal.iter().step_by(2) {
        perforin_lesion::phenotype::begin(
            &mut lesion.state.cells,
            *i,
            perforin_lesion::cells::Condition::Apoptotic,
        );
    }
    run(&mut lesion, 6.0 * 1440.0);
    let back = live(&lesion, Role::Normal) as f64;
    // n′ = n(1 − n/aim)/τ from one half reaches 95 % in three turnover times; the spread of births and deaths is √n.
    assert!((back / aim - 0.95).abs() < 0.05 + 3.0 / aim.sqrt(), "{back} of {aim}");
}

/// Memory-like cells become effector cells under signal and not without it.
#[test]
fn signal_activates_memory_like_cells() {
    let share = |density: &str| {
        let product = CAR_T.replace("gate", "memory_like = \"100 %\"\ngate");
        let text = fight(&product, &only(&[]), 50).replace("100000 /cell", density);
        let mut lesion = lesion(&text);
        run(&mut lesion, 2.0 * 1440.0);
        let product = product_of(&lesion);
        let memory = product.iter().filter(|i| lesion.state.cells.stage[**i] == Stage::MemoryLike as u8);
        memory.count() as f64 / product.len() as f64
    };
    assert_eq!(share("0 /cell"), 1.0);
    assert!(share("1000000 /cell") < 0.5);
}
