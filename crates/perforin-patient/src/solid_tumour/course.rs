//! One patient of the model under a regimen.

use perforin_core::rng::{Purpose, Stream};

use super::chance::{STRIDE, advance};
use super::parameters::Parameters;
use super::rates::{Account, PER_LESION, Slot, SolidTumour, account_slot, clone_rates, lesion_slot};
use crate::ode::{Course, Next, Start, Step, System, first_fall};
use crate::regimen::{Act, RESCUE_STEROID, Route, Rules, Scheduled};
use crate::toxicity::ordinal::CutPoints;

/// What patients of one arm have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Days at which a patient is seen, ascending, from 0.
    pub days: Vec<f64>,
    /// Conditional acts.
    pub rules: Rules,
    /// Cut points of cytokine release.
    pub release: CutPoints,
    /// Seed of births and deaths in small clones.
    pub seed: u64,
}

/// A patient at one of the plan's days, after what happens on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample<const L: usize> {
    /// Product in blood, /µL.
    pub blood: f64,
    /// Memory-like, effector and exhausted product in the whole body, cells.
    pub product: [f64; 3],
    /// IL-6, IFN-γ and IL-15, pg/mL.
    pub cytokines: [f64; 3],
    /// Endogenous lymphocytes, over normal.
    pub lymphocytes: f64,
    /// Antigen-positive and -negative cells of each lesion.
    pub tumour: [[f64; 2]; L],
    /// Cells of the organ at risk, over normal.
    pub organ: f64,
}

/// What a patient's course came to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Highest product in blood from day 1 on, /µL, and its day.
    pub peak: (f64, f64),
    /// Area under the product in blood over days 0 to 28, d/µL.
    pub area28: f64,
    /// Highest IL-6, pg/mL.
    pub il6: f64,
    /// Highest severity of cytokine release, and its grade.
    pub release: (f64, u8),
    /// Day of that severity.
    pub release_day: f64,
    /// Highest driver of neurotoxicity.
    pub neuro: f64,
    /// Fewest cells of the organ at risk, over normal.
    pub organ: f64,
    /// CAR-positive cells given.
    pub given: f64,
    /// Infusions withheld by a rule.
    pub withheld: u32,
    /// Day of the first tocilizumab and of the first steroid that a rule gave.
    pub rescue: [Option<f64>; 2],
}

/// One patient: parameters, what is done, and what is remembered.
#[derive(Clone, Debug)]
pub struct Patient<'a, const L: usize> {
    /// Number of the patient, which its draws depend on.
    pub number: u64,
    /// Parameters at the start.
    pub parameters: Parameters<f64, L>,
    /// Susceptibility to cytokine release, a uniform number between 0 and 1; see [`CutPoints::grade`].
    pub susceptibility: f64,
    /// Body weight, kg.
    pub weight: f64,
    plan: &'a Plan,
    acts: &'a [Scheduled],
    done: usize,
    now: Parameters<f64, L>,
    samples: Vec<Sample<L>>,
    outcome: Outcome,
    crossed: Option<Crossing>,
    strides: u32,
    next_stride: f64,
    /// Day on which the patient is held, to go on later.
    pub(super) pause: f64,
    pub(super) held: Option<Held<L>>,
}

/// A patient between two stretches.
#[derive(Clone, Debug)]
pub(super) struct Held<const L: usize> {
    pub day: f64,
    pub state: Vec<f64>,
    pub parameters: Parameters<f64, L>,
}

/// What was crossed within a step.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Crossing {
    /// A clone has become few.
    Few { lesion: usize, clone: usize },
    /// Cytokine release has reached a grade that a rule acts on: 0 tocilizumab, 1 steroid.
    Rescue(usize),
}

impl<'a, const L: usize> Patient<'a, L> {
    /// A patient before treatment.
    pub fn new(
        number: u64,
        parameters: Parameters<f64, L>,
        susceptibility: f64,
        weight: f64,
        plan: &'a Plan,
        acts: &'a [Scheduled],
    ) -> Self {
        Self {
            number,
            parameters,
            susceptibility,
            weight,
            plan,
            acts,
            done: 0,
            now: parameters,
            samples: Vec::with_capacity(plan.days.len()),
            outcome: Outcome { organ: 1.0, ..Outcome::default() },
            crossed: None,
            strides: 0,
            next_stride: f64::INFINITY,
            pause: f64::INFINITY,
            held: None,
        }
    }

    /// What was seen on the plan's days, as far as the patient was followed.
    pub fn samples(&self) -> &[Sample<L>] {
        &self.samples
    }

    /// What its course came to.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// What is done to it, in order.
    pub(super) fn acts(&self) -> &'a [Scheduled] {
        self.acts
    }

    fn end(&self) -> f64 {
        self.plan.days.last().copied().unwrap_or(0.0)
    }

    fn begin(&self) -> f64 {
        self.acts.first().map_or(0.0, |act| act.day.min(0.0))
    }

    fn next_stop(&self) -> f64 {
        let act = self.acts.get(self.done).map_or(f64::INFINITY, |act| act.day);
        act.min(self.next_stride).min(self.end()).min(self.pause)
    }

    /// Severity of cytokine release: effective IL-6 and its rise, each by powers of ten.
    fn severity<const N: usize>(p: &Parameters<f64, L>, y: &[f64; N]) -> f64 {
        let c = &p.central;
        let state = |slot: Slot| y[slot as usize];
        let toci = state(Slot::Tocilizumab);
        let heard = state(Slot::Il6).max(0.0) * c.tocilizumab_half / (toci + c.tocilizumab_half);
        let rise = (state(Slot::Il6).max(0.0) + c.il6_base) / (state(Slot::Il6Before).max(0.0) + c.il6_base);
        c.severity_peak * libm::log10(1.0 + heard / c.il6_base) + c.severity_rise * libm::log10(rise).max(0.0)
    }

    fn blood<const N: usize>(&self, y: &[f64; N]) -> f64 {
        (y[0] + y[1] + y[2]) / (self.now.central.blood_volume * 1e6)
    }

    fn sample<const N: usize>(&self, y: &[f64; N]) -> Sample<L> {
        let product = std::array::from_fn(|k| {
            let lesions: f64 = (0..L).map(|l| y[lesion_slot(l, k)]).sum();
            y[k] + y[3 + k] + lesions
        });
        Sample {
            blood: self.blood(y),
            product,
            cytokines: [Slot::Il6, Slot::Ifn, Slot::Il15].map(|slot| y[slot as usize]),
            lymphocytes: y[Slot::Lymphocytes as usize],
            tumour: std::array::from_fn(|l| [y[lesion_slot(l, 3)], y[lesion_slot(l, 4)]]),
            organ: y[Slot::Organ as usize],
        }
    }

    fn record<const N: usize>(&mut self, before: f64, state: impl Fn(f64) -> [f64; N]) {
        while let Some(&day) = self.plan.days.get(self.samples.len()).filter(|day| **day < before) {
            let sample = self.sample(&state(day));
            self.samples.push(sample);
        }
    }

    /// Extremes and areas of a stretch, from its quarters; the area by Simpson's rule.
    fn follow<const N: usize>(&mut self, step: &Step<'_, N>, to: f64) {
        for time in quarters(step.from(), to) {
            let state = step.at(time);
            let blood = self.blood(&state);
            let severity = Self::severity(&self.now, &state);
            let outcome = &mut self.outcome;
            if blood > outcome.peak.0 && time >= FIRST_DAY {
                outcome.peak = (blood, time);
            }
            outcome.il6 = outcome.il6.max(state[Slot::Il6 as usize]);
            outcome.neuro = outcome.neuro.max(state[Slot::Neuro as usize]);
            outcome.organ = outcome.organ.min(state[Slot::Organ as usize]);
            if severity > outcome.release.0 {
                outcome.release = (severity, self.plan.release.grade(severity, self.susceptibility));
                outcome.release_day = time;
            }
        }
        let (from, to) = (step.from().max(0.0), to.min(AREA_UNTIL));
        if from < to {
            let [a, b, c, d, e] = quarters(from, to).map(|time| self.blood(&step.at(time)));
            self.outcome.area28 += 0.25 * (to - from) / 3.0 * (a + 4.0 * b + 2.0 * c + 4.0 * d + e);
        }
    }

    fn is_few(p: &Parameters<f64, L>, lesion: usize, clone: usize) -> bool {
        let p = &p.lesion[lesion];
        (if clone == 0 { p.few_positive } else { p.few_negative }) == 1.0
    }

    fn set_few(p: &mut Parameters<f64, L>, lesion: usize, clone: usize, few: bool) {
        let p = &mut p.lesion[lesion];
        *(if clone == 0 { &mut p.few_positive } else { &mut p.few_negative }) = f64::from(u8::from(few));
    }

    /// The first thing that a step crosses, and when.
    fn crossing<const N: usize>(&self, step: &Step<'_, N>) -> Option<(f64, Crossing)> {
        let mut first: Option<(f64, Crossing)> = None;
        let mut note = |time: Option<f64>, crossing| {
            if let Some(time) = time.filter(|time| first.is_none_or(|(earlier, _)| *time < earlier)) {
                first = Some((time, crossing));
            }
        };
        let few = self.now.central.few;
        for lesion in 0..L {
            for clone in 0..2 {
                let slot = lesion_slot(lesion, 3 + clone);
                // Most steps are far from it; a look at the ends saves the search.
                if !Self::is_few(&self.now, lesion, clone) && step.end(slot) < few && step.start(slot) >= few
                {
                    note(first_fall(step, |y| y[slot] - few), Crossing::Few { lesion, clone });
                }
            }
        }
        for (k, grade) in self.rescue_rules().into_iter().enumerate() {
            if let (Some(grade), None) = (grade, self.outcome.rescue[k]) {
                let limit = self.plan.release.severity_of(grade, self.susceptibility);
                note(first_fall(step, |y| limit - Self::severity(&self.now, y)), Crossing::Rescue(k));
            }
        }
        first
    }

    /// Grades at which tocilizumab and a steroid are given, in the order of [`Outcome::rescue`].
    fn rescue_rules(&self) -> [Option<u8>; 2] {
        [self.plan.rules.tocilizumab_at, self.plan.rules.steroid_at]
    }

    /// Does what is due, and writes down the product cells that it kills.
    fn do_what_is_due<const N: usize>(&mut self, time: f64, p: &Parameters<f64, L>, y: &mut [f64; N]) {
        let (product, given) = (Self::product(y), self.outcome.given);
        while let Some(scheduled) = self.acts.get(self.done).filter(|act| act.day <= time).copied() {
            self.act(scheduled.act, p, y);
            self.done += 1;
        }
        let now = Self::product(y);
        if let Some(died) = y.get_mut(account_slot(Account::Died)) {
            *died += product + (self.outcome.given - given) - now;
        }
    }

    /// Product cells in blood, lymphoid organs, cavity and lesions.
    pub(super) fn product(y: &[f64]) -> f64 {
        let lesions = (0..L).flat_map(|l| (0..3).map(move |k| lesion_slot(l, k)));
        (0..=Slot::Depot as usize).chain(lesions).map(|slot| y[slot]).sum()
    }

    fn act<const N: usize>(&mut self, act: Act, p: &Parameters<f64, L>, y: &mut [f64; N]) {
        let volume = p.central.drug_volume;
        match act {
            Act::Lymphodepletion => {
                let left = p.central.lymphocytes_left;
                y[Slot::Lymphocytes as usize] *= left;
                for slot in &mut y[..Slot::Depot as usize] {
                    *slot *= left;
                }
            }
            Act::Radiotherapy { surviving } => {
                for l in 0..L {
                    for k in 0..PER_LESION {
                        y[lesion_slot(l, k)] *= surviving;
                    }
                }
            }
            Act::Steroid { amount } => y[Slot::Steroid as usize] += amount,
            Act::Tocilizumab { amount } => y[Slot::Tocilizumab as usize] += amount / volume,
            Act::Antibody { amount } => y[Slot::Antibody as usize] += amount / volume,
            Act::Il2 { amount } => y[Slot::Il2 as usize] += amount,
            Act::Adapter { amount } => y[Slot::Adapter as usize] += amount,
            Act::Infusion { cells, route, part } => self.infuse(cells, route, part, p, y),
            Act::Switch { efficiency } => {
                let lesions = (0..L).flat_map(|l| (0..3).map(move |k| lesion_slot(l, k)));
                for slot in (0..=Slot::Depot as usize).chain(lesions) {
                    y[slot] *= 1.0 - efficiency;
                }
            }
        }
    }

    fn infuse<const N: usize>(
        &mut self,
        cells: f64,
        route: Route,
        part: u32,
        p: &Parameters<f64, L>,
        y: &mut [f64; N],
    ) {
        let too_toxic =
            self.plan.rules.stop_infusions_at.is_some_and(|grade| self.outcome.release.1 >= grade);
        if part > 0 && too_toxic {
            self.outcome.withheld += 1;
            return;
        }
        self.outcome.given += cells;
        let memory = p.central.memory_share;
        let mut give = |slot: usize, cells: f64| {
            y[slot] += cells * memory;
            y[slot + 1] += cells * (1.0 - memory);
        };
        match route {
            Route::Intravenous => give(Slot::BloodMemory as usize, cells),
            Route::Intrapleural | Route::Intraperitoneal | Route::Intraventricular => {
                y[Slot::Depot as usize] += cells;
            }
            Route::Intratumoural => {
                let is_there = |l: &usize| p.lesion[*l].positive + p.lesion[*l].negative > 0.0;
                let lesions = (0..L).filter(is_there).count();
                for l in (0..L).filter(is_there) {
                    give(lesion_slot(l, 0), cells / lesions as f64);
                }
            }
            Route::IntraArterial => {
                let targets = p.lesion.iter().filter(|lesion| lesion.in_cavity > 0.0).count();
                let kept = if targets > 0 { FIRST_PASSAGE * cells } else { 0.0 };
                give(Slot::BloodMemory as usize, cells - kept);
                for l in (0..L).filter(|l| p.lesion[*l].in_cavity > 0.0) {
                    give(lesion_slot(l, 0), kept / targets as f64);
                }
            }
        }
    }

    /// Draws births and deaths of clones of few cells since the last stride.
    fn draw_clones<const N: usize>(&mut self, p: &mut Parameters<f64, L>, y: &mut [f64; N]) {
        let stream = Stream::new(self.plan.seed, Purpose::Clone);
        let before = *y;
        for lesion in 0..L {
            let [birth, death_positive, death_negative] = clone_rates(p, &before, lesion);
            for clone in 0..2 {
                if !Self::is_few(p, lesion, clone) {
                    continue;
                }
                let slot = lesion_slot(lesion, 3 + clone);
                let mut draw =
                    stream.at(self.number, self.strides * (2 * L as u32) + (2 * lesion + clone) as u32);
                let loss = p.lesion[lesion].antigen_loss;
                let (death, arriving) = if clone == 0 {
                    (death_positive, 0.0)
                } else {
                    (death_negative, before[lesion_slot(lesion, 3)] * birth.max(0.0) * loss * STRIDE)
                };
                y[slot] = advance(y[slot], (birth.max(0.0), death), arriving, STRIDE, &mut draw);
                if y[slot] >= 2.0 * p.central.few {
                    Self::set_few(p, lesion, clone, false);
                }
            }
        }
        self.strides += 1;
    }

    /// Whether any clone is, or may become, one of few cells.
    fn draws<const N: usize>(p: &Parameters<f64, L>, y: &[f64; N]) -> bool {
        (0..L).any(|lesion| {
            let [positive, negative] = [3, 4].map(|k| y[lesion_slot(lesion, k)]);
            let fed = positive > 0.0 && p.lesion[lesion].antigen_loss > 0.0;
            (Self::is_few(p, lesion, 0) && positive > 0.0)
                || (Self::is_few(p, lesion, 1) && (negative > 0.0 || fed))
        })
    }
}

/// Day until which the area under the product in blood counts.
const AREA_UNTIL: f64 = 28.0;

/// The ends of a stretch and the quarters between.
fn quarters(from: f64, to: f64) -> [f64; 5] {
    let quarter = 0.25 * (to - from);
    std::array::from_fn(|k| if k == 4 { to } else { from + quarter * k as f64 })
}

/// Day from which a peak counts; before it, infused cells have not left the blood.
const FIRST_DAY: f64 = 1.0;

/// Part of the cells given into an artery that stays in the lesions of its organ at the first passage; assumed.
const FIRST_PASSAGE: f64 = 0.05;

impl<const L: usize, const N: usize> Course<N> for Patient<'_, L>
where
    SolidTumour<L>: for<'p> System<N, Parameters<f64> = Parameters<f64, L>>,
{
    type Model = SolidTumour<L>;

    fn start(&self) -> Start<SolidTumour<L>, N> {
        if let Some(held) = &self.held {
            let state = std::array::from_fn(|slot| held.state[slot]);
            return Start { time: held.day, state, parameters: held.parameters, stop: self.next_stop() };
        }
        let mut state = [0.0; N];
        let c = &self.parameters.central;
        state[Slot::Lymphocytes as usize] = 1.0;
        state[Slot::Il15 as usize] = c.il15_base;
        state[Slot::Il6 as usize] = c.il6_base;
        state[Slot::Il6Before as usize] = c.il6_base;
        state[Slot::Ifn as usize] = c.ifn_base;
        state[Slot::Neuro as usize] = libm::log10(2.0);
        state[Slot::Organ as usize] = 1.0;
        let mut parameters = self.parameters;
        for (l, lesion) in self.parameters.lesion.iter().enumerate() {
            state[lesion_slot(l, 3)] = lesion.positive;
            state[lesion_slot(l, 4)] = lesion.negative;
            Self::set_few(&mut parameters, l, 0, lesion.positive < c.few);
            Self::set_few(&mut parameters, l, 1, lesion.negative < c.few);
        }
        let begin = self.begin();
        Start { time: begin, state, parameters, stop: begin }
    }

    fn observe(&mut self, step: &Step<'_, N>) -> Option<f64> {
        let crossing = self.crossing(step);
        let to = crossing.map_or(step.to(), |(time, _)| time);
        self.follow(step, to);
        self.record(to, |day| step.at(day));
        self.crossed = crossing.map(|(_, crossing)| crossing);
        crossing.map(|(time, _)| time)
    }

    fn stop(
        &mut self,
        time: f64,
        state: &mut [f64; N],
        parameters: &mut <Self::Model as System<N>>::Parameters<f64>,
    ) -> Next {
        match self.crossed.take() {
            Some(Crossing::Few { lesion, clone }) => {
                let slot = lesion_slot(lesion, 3 + clone);
                state[slot] = state[slot].round();
                Self::set_few(parameters, lesion, clone, true);
            }
            Some(Crossing::Rescue(reached)) => {
                let rules = self.rescue_rules();
                let acts = [
                    Act::Tocilizumab { amount: (8.0 * self.weight).min(800.0) },
                    Act::Steroid { amount: RESCUE_STEROID },
                ];
                // Both rules may name the grade; the first drug would hide from the second that it was reached.
                for (k, act) in acts.into_iter().enumerate() {
                    if rules[k] == rules[reached] && self.outcome.rescue[k].is_none() {
                        self.outcome.rescue[k] = Some(time);
                        self.act(act, parameters, state);
                    }
                }
            }
            None => {}
        }
        if time >= self.next_stride {
            self.draw_clones(parameters, state);
            self.next_stride = time + STRIDE;
        }
        self.do_what_is_due(time, parameters, state);
        if !Self::draws(parameters, state) {
            self.next_stride = f64::INFINITY;
        } else if self.next_stride.is_infinite() {
            self.next_stride = time + STRIDE;
        }
        self.now = *parameters;
        if time >= self.pause {
            self.held = Some(Held { day: time, state: state.to_vec(), parameters: *parameters });
        }
        if time >= self.end() {
            self.record(f64::INFINITY, |_| *state);
            return Next::End;
        }
        if time >= self.pause {
            return Next::End;
        }
        Next::Stop(self.next_stop())
    }
}
