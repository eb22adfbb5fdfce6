//! Co-cultures of glioma lines and IL13Rα2 CAR-T cells, measured and simulated.
//!
//! Measured: flow cytometry at the end of the record (164.5 h), from `cytometry_results.xlsx` of the repository
//! alexbbrummer/CARRGODEX (MIT licence; Brummer 2022, doi 10.1371/journal.pcbi.1009504). Each number is the mean of the
//! two wells without dexamethasone. The two counts of a pair differ by a factor of 1.04 to 2.0, 1.5 in the middle.

use perforin_core::study::StudyFile;
use perforin_lesion::lesion::Lesion;
use perforin_lesion::model::Role;
use perforin_lesion::scenario;
use rayon::prelude::*;
use toml::{Table, Value};

/// Tumour cells seeded in a well.
pub const SEEDED: f64 = 12_500.0;
/// Time from seeding to flow cytometry, h.
pub const HOURS: f64 = 164.5;
/// Fluorescence above which a cell counts as positive: wells in which half of the cells do have this median.
pub const POSITIVE: f64 = 4_050.0;
/// Counts below this share of the control are left in wells whose impedance says that no cell is attached.
pub const FLOOR: f64 = 0.03;

/// A tumour line.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    pub name: &'static str,
    /// Wells without T cells.
    pub control: Well,
    /// Antigen: median fluorescence and spread of its logarithm; share and fluorescence of a dim part.
    pub antigen: (f64, f64),
    pub dim: Option<(f64, f64)>,
    /// Wells with T cells.
    pub wells: [Well; 3],
}

/// What was found in wells with one number of T cells.
#[derive(Clone, Copy, Debug)]
pub struct Well {
    /// T cells plated.
    pub plated: f64,
    /// Tumour cells counted.
    pub count: f64,
    /// Share of them that is positive for IL13Rα2.
    pub positive: f64,
    /// Their median fluorescence.
    pub fluorescence: f64,
    /// T cells counted.
    pub effectors: f64,
}

const fn well(plated: f64, count: f64, positive: f64, fluorescence: f64, effectors: f64) -> Well {
    Well { plated, count, positive, fluorescence, effectors }
}

/// The four lines.
///
/// The spread of the antigen follows from the share above [`POSITIVE`] and the median of the control. PBT138 high has
/// two parts: a fifth of its control is not positive though its median is seven times the limit. Their fluorescence is
/// assumed: half of the limit; the rest then has the median 36,400 at an assumed spread of 0.7.
pub const LINES: [Line; 4] = [
    Line {
        name: "PBT030",
        control: well(0.0, 40_815.0, 0.994, 24_617.0, 0.0),
        antigen: (24_617.0, 0.72),
        dim: None,
        wells: [
            well(500.0, 21_304.0, 0.984, 21_055.0, 3_310.0),
            well(1_250.0, 4_316.0, 0.904, 15_676.0, 4_155.0),
            well(2_500.0, 1_779.0, 0.662, 4_606.0, 6_598.0),
        ],
    },
    Line {
        name: "PBT128",
        control: well(0.0, 29_893.0, 0.064, 1_946.0, 0.0),
        antigen: (1_946.0, 0.48),
        dim: None,
        wells: [
            well(500.0, 34_178.0, 0.043, 2_178.0, 2_164.0),
            well(1_250.0, 13_671.0, 0.063, 1_566.0, 3_206.0),
            well(2_500.0, 686.0, 0.218, 2_761.0, 5_580.0),
        ],
    },
    Line {
        name: "PBT138 mid",
        control: well(0.0, 13_854.0, 0.816, 5_285.0, 0.0),
        antigen: (5_285.0, 0.30),
        dim: None,
        wells: [
            well(500.0, 6_313.0, 0.844, 5_249.0, 417.0),
            well(1_250.0, 2_006.0, 0.768, 4_859.0, 1_193.0),
            well(2_500.0, 564.0, 0.483, 3_995.0, 3_059.0),
        ],
    },
    Line {
        name: "PBT138 high",
        control: well(0.0, 25_001.0, 0.815, 29_146.0, 0.0),
        antigen: (36_400.0, 0.70),
        dim: Some((0.2, 0.5 * POSITIVE)),
        wells: [
            well(500.0, 2_162.0, 0.666, 18_104.0, 990.0),
            well(1_250.0, 474.0, 0.595, 6_900.0, 2_434.0),
            well(2_500.0, 338.0, 0.668, 8_480.0, 6_458.0),
        ],
    },
];

/// The calibrated values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Values {
    /// Hits through a fully signalling synapse, /min.
    pub hit_rate: f64,
    /// Time between divisions of T cells under full stimulation, h.
    pub division: f64,
    /// Molecules of IL13Rα2 per unit of fluorescence.
    pub molecules: f64,
    /// Loss of antigen through a fully signalling synapse, /min.
    pub modulation: f64,
}

/// What a well comes to, as it is compared.
#[derive(Clone, Copy, Debug)]
pub struct End {
    /// Tumour cells over those of the control.
    pub left: f64,
    /// Share of positive cells; none if no cell is left.
    pub positive: Option<f64>,
    /// Median fluorescence over that of the control.
    pub fluorescence: Option<f64>,
    /// T cells over those plated.
    pub yielded: f64,
}

impl Line {
    /// What was measured.
    pub fn measured(&self, well: &Well) -> End {
        End {
            left: well.count / self.control.count,
            positive: Some(well.positive),
            fluorescence: Some(well.fluorescence / self.control.fluorescence),
            yielded: well.effectors / well.plated,
        }
    }

    /// The study of a well: the shipped one, with this line's numbers.
    pub fn study(&self, well: &Well, values: Values, seed: u64) -> StudyFile {
        let mut table: Table =
            include_str!("../../../../examples/il13ra2-co-culture.toml").parse().expect("TOML");
        table.remove("sweep");
        let (median, log_sd) = self.antigen;
        let molecules = |fluorescence: f64| Value::from(format!("{} /cell", fluorescence * values.molecules));
        let mut set = |path: &[&str], value: Value| {
            let (last, sections) = path.split_last().expect("a path");
            let mut here = &mut table;
            for name in sections {
                let next = here.entry(*name).or_insert_with(|| Value::Table(Table::new()));
                here = match next {
                    Value::Array(list) => list[0].as_table_mut().expect("a section"),
                    other => other.as_table_mut().expect("a section"),
                };
            }
            here.insert((*last).to_owned(), value);
        };
        set(&["study", "seed"], Value::Integer(seed as i64));
        set(&["lesion", "antigen_modulation"], Value::from(format!("{} /min", values.modulation)));
        let antigen = ["lesion", "antigen", "IL13RA2"];
        set(&[&antigen[..], &["density", "median"]].concat(), molecules(median));
        set(&[&antigen[..], &["density", "log_sd"]].concat(), Value::Float(log_sd));
        if let Some((share, fluorescence)) = self.dim {
            set(
                &[&antigen[..], &["negative", "fraction"]].concat(),
                Value::from(format!("{} %", 100.0 * share)),
            );
            set(&[&antigen[..], &["negative", "density"]].concat(), molecules(fluorescence));
        }
        let growth = libm::log(self.control.count / SEEDED) / HOURS;
        let doubling = (std::f64::consts::LN_2 / growth.max(1e-4)).round();
        set(&["lesion", "cell", "tumour", "cycle", "doubling_time"], Value::from(format!("{doubling} h")));
        let product = ["lesion", "cell", "product"];
        set(
            &[&product[..], &["attack", "hit_rate"]].concat(),
            Value::from(format!("{} /min", values.hit_rate)),
        );
        set(
            &[&product[..], &["cycle", "doubling_time"]].concat(),
            Value::from(format!("{} h", values.division)),
        );
        set(&["regimen", "infusion", "effector_to_target"], Value::Float(well.plated / SEEDED));
        table.to_string().parse().expect("a study")
    }

    /// What simulated wells come to, with the seeds 1 to `seeds` taken together.
    pub fn simulated(&self, well: &Well, values: Values, seeds: u64) -> End {
        let runs: Vec<Run> = (1..=seeds)
            .into_par_iter()
            .map(|seed| Run::of(&self.study(well, values, seed), values.molecules))
            .collect();
        let sum = |f: fn(&Run) -> f64| runs.iter().map(f).sum::<f64>();
        let start = sum(|r| r.seeded);
        let mut fluorescence: Vec<f64> = runs.iter().flat_map(|r| r.fluorescence.iter().copied()).collect();
        fluorescence.sort_by(f64::total_cmp);
        let count = fluorescence.len();
        let positive = fluorescence.iter().filter(|f| **f >= POSITIVE).count();
        End {
            left: count as f64 / (start * self.control.count / SEEDED),
            positive: (count > 0).then(|| positive as f64 / count as f64),
            fluorescence: (count > 0).then(|| fluorescence[count / 2] / self.control.fluorescence),
            yielded: sum(|r| r.effectors) / (start * well.plated / SEEDED),
        }
    }
}

/// What one simulated well came to.
struct Run {
    seeded: f64,
    fluorescence: Vec<f64>,
    effectors: f64,
}

impl Run {
    fn of(study: &StudyFile, molecules: f64) -> Self {
        let scenario = scenario::build(study).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let mut lesion = Lesion::new(scenario.model, scenario.cells).expect("fields that can be settled");
        let seeded = lesion.state.cells.len() as f64;
        while !lesion.is_over() {
            lesion.step().expect("a step");
        }
        let (model, cells) = (&lesion.model, &lesion.state.cells);
        let live = |role: Role| {
            let is =
                move |i: &usize| cells.is_live(*i) && model.types[usize::from(cells.kind[*i])].role == role;
            (0..cells.len()).filter(is)
        };
        Self {
            seeded,
            fluorescence: live(Role::Tumour).map(|i| f64::from(cells.densities(i)[0]) / molecules).collect(),
            effectors: live(Role::Product).count() as f64,
        }
    }
}

/// Simulated minus measured, each over what makes it a difference: 0.3 of the logarithm of what is left, of
/// fluorescence and of T cells, and 10 points of positivity.
///
/// Antigen is compared only in lines most of which is positive, and with more than a few cells left: what is left of
/// the others in flow cytometry is mostly background.
pub fn differences(line: &Line, measured: &End, simulated: &End) -> Vec<(&'static str, f64)> {
    let log = |a: f64, b: f64, floor: f64| libm::log((a + floor) / (b + floor)) / 0.3;
    let mut list = vec![
        ("left", log(simulated.left, measured.left, FLOOR)),
        ("T cells", log(simulated.yielded, measured.yielded, 0.1)),
    ];
    if line.control.positive > 0.5
        && let (Some(a), Some(b)) = (simulated.positive, measured.positive)
        && let (Some(c), Some(d)) = (simulated.fluorescence, measured.fluorescence)
    {
        list.push(("positive", (a - b) / 0.1));
        list.push(("fluorescence", log(c, d, 0.0)));
    }
    list
}
