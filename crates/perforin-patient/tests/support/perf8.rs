//! PERF-8: a stiff model of eight states for speed and accuracy only; not calibrated. See `guide/performance.md`.
//!
//! Units: 10⁹ cells, d, pg/mL, mg/L.

#![allow(dead_code, clippy::print_stdout, reason = "each user needs a part; a skipped test says so")]

use std::io::Read;
use std::path::{Path, PathBuf};

use perforin_patient::ode::{Course, LANES, Lanes, Next, Scalar, Start, Step, System};

macro_rules! named {
    ($($name:ident),+) => {
        /// Parameters in the order of the population's columns.
        #[derive(Clone, Copy, Debug)]
        #[allow(non_snake_case)]
        pub struct Perf8<F> { $(pub $name: F),+ }

        impl Perf8<f64> {
            pub const NAMES: &[&str] = &[$(stringify!($name)),+];

            fn from_row(row: &[f64]) -> Self {
                let mut values = row.iter().copied();
                Self { $($name: values.next().expect("a column")),+ }
            }

            fn lanes(patients: [&Self; LANES]) -> Perf8<Lanes> {
                Perf8 { $($name: Lanes(patients.map(|p| p.$name))),+ }
            }
        }
    };
}

named!(
    rho, hP, dE, eps, am, dM, kx, dX, g, K, kill, ftr, mu, byst, pI, dI, kin, kout, kelA, imax, ic50, P0, fN,
    dose
);

pub struct Model;

impl System<8> for Model {
    type Parameters<F: Copy> = Perf8<F>;

    fn lanes(patients: [&Perf8<f64>; LANES]) -> Perf8<Lanes> {
        Perf8::lanes(patients)
    }

    #[inline(always)]
    fn rates<S: Scalar>(p: &Perf8<S::Constant>, state: &[S; 8]) -> [S; 8] {
        let [eb, et, m, x, pos, neg, i, a] = *state;
        let f = pos.saturation(p.hP);
        let away = f.complement();
        let inh = (a.saturation(p.ic50) * p.imax).complement();
        let lg = ((pos + neg) / p.K).complement() * p.g;
        let k = et * (p.kill * p.ftr);
        let (out, in_) = (eb * p.kin, et * p.kout);
        let seen = f * et;
        let spent = inh * seen * p.kx;
        let turned = away * et * p.eps;
        let recalled = f * m * p.am;
        [
            in_ - out - eb * p.dE + recalled,
            out - in_ + seen * p.rho / (et / 20.0 + 1.0) - et * p.dE - spent - turned,
            turned - m * p.dM - recalled,
            spent - x * p.dX,
            lg * pos - pos * p.mu - k * pos,
            lg * neg + pos * p.mu - k * f * neg * p.byst,
            seen * p.pI - i * p.dI,
            -a * p.kelA,
        ]
    }
}

/// What is compared: maximum of Eb+Et, nadir and end of the tumour over its start, maximum of I.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answer {
    pub max_effector: f64,
    pub nadir: f64,
    pub end: f64,
    pub max_cytokine: f64,
}

impl Answer {
    pub fn values(&self) -> [f64; 4] {
        [self.max_effector, self.nadir, self.end, self.max_cytokine]
    }
}

/// One patient of workload W2 (one infusion) or W3 (a second on day 28, an antibody on days 7, 28, 49, …).
#[derive(Clone, Debug)]
pub struct Patient {
    pub parameters: Perf8<f64>,
    pub antibody: bool,
    pub answer: Answer,
    day: u32,
    next_antibody: u32,
}

const DAYS: u32 = 365;

impl Patient {
    pub fn new(parameters: Perf8<f64>, antibody: bool) -> Self {
        Self { parameters, antibody, answer: Answer::default(), day: 0, next_antibody: 7 }
    }

    fn initial(&self) -> [f64; 8] {
        let p = &self.parameters;
        let negative = if p.fN >= 1.0 { 0.5 } else { p.fN };
        [p.dose, 0.0, 0.0, 0.0, p.P0 * (1.0 - negative), p.P0 * negative, 0.0, 0.0]
    }

    fn record(&mut self, tumour0: f64, effector: f64, tumour: f64, cytokine: f64) {
        let a = &mut self.answer;
        a.max_effector = a.max_effector.max(effector);
        a.nadir = a.nadir.min(tumour / tumour0);
        a.end = tumour / tumour0;
        a.max_cytokine = a.max_cytokine.max(cytokine);
        self.day += 1;
    }
}

impl Course<8> for Patient {
    type Model = Model;

    fn start(&self) -> Start<Model, 8> {
        let stop = if self.antibody { 7.0 } else { f64::from(DAYS) };
        Start { time: 0.0, state: self.initial(), parameters: self.parameters, stop }
    }

    fn observe(&mut self, step: &Step<'_, 8>) -> Option<f64> {
        let start = self.initial();
        let tumour0 = start[4] + start[5];
        if self.day == 0 {
            self.answer = Answer { max_effector: 0.0, nadir: 1.0, end: 1.0, max_cytokine: 0.0 };
            self.record(tumour0, start[0], tumour0, 0.0);
        }
        // On a day with a dose the reference holds the state after it; only the antibody and the blood change.
        while self.day <= DAYS && f64::from(self.day) <= step.to() {
            let t = f64::from(self.day);
            let infused = if self.antibody && self.day == 28 { start[0] } else { 0.0 };
            let at = |i| step.state_at(i, t);
            self.record(tumour0, at(0) + at(1) + infused, at(4) + at(5), at(6));
        }
        None
    }

    fn stop(&mut self, time: f64, state: &mut [f64; 8], _: &mut Perf8<f64>) -> Next {
        if time >= f64::from(DAYS) {
            return Next::End;
        }
        if time == 28.0 {
            state[0] += self.parameters.dose;
        }
        state[7] += 33.3;
        self.next_antibody += 21;
        Next::Stop(f64::from(self.next_antibody.min(DAYS)))
    }
}

/// A file of the public PERF-8 data, if it is beside the repository.
pub fn data(file: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/populations").join(file);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

fn table(path: &Path) -> Vec<Vec<f64>> {
    let mut text = String::new();
    let file = std::fs::File::open(path).expect("the file opens");
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("it is gzip");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader
        .records()
        .map(|row| row.expect("a row").iter().map(|field| field.parse().expect("a number")).collect())
        .collect()
}

/// The first `n` patients of the population.
pub fn population(n: usize) -> Option<Vec<Perf8<f64>>> {
    let rows = table(&data("perf8_population.csv.gz")?);
    Some(rows.iter().take(n).map(|row| Perf8::from_row(row)).collect())
}

/// The answers of workload W2 at relative tolerance 1e-11, in the same order.
pub fn reference(n: usize) -> Option<Vec<[f64; 4]>> {
    let rows = table(&data("perf8_one_infusion_reference.csv.gz")?);
    Some(rows.iter().take(n).map(|row| [row[0], row[1], row[2], row[3]]).collect())
}
