//! `[regimen]` of a patient.

use perforin_core::catalogue::{fate, hostility, patient};
use perforin_core::quantity::Time;
use perforin_core::study::StudyFile;
use perforin_core::study::product::SafetySwitch;
use perforin_core::study::regimen::{CheckpointTarget, Route as StudyRoute, WhichProduct};
use perforin_lesion::scenario::Notes;
use perforin_patient::regimen::{Act, Infusion, Radiotherapy, Regimen, Repeated, Route, Rules};

use super::parameters::Values;

/// Most doses of one series.
const MOST_DOSES: u32 = 10_000;
/// Minutes of a day.
const DAY: f64 = 1440.0;

/// What a regimen changes in the model's parameters: elimination of a drug, /d.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Clearances {
    /// Of the checkpoint antibody.
    pub antibody: Option<f64>,
    /// Of IL-2.
    pub il2: Option<f64>,
    /// Of the adapter.
    pub adapter: Option<f64>,
}

/// Reads a study's regimen over `duration` days.
pub fn read(study: &StudyFile, values: &Values, duration: f64, notes: &mut Notes) -> (Regimen, Clearances) {
    let mut reader = Reader { study, values, duration, notes, clearances: Clearances::default() };
    let regimen = Regimen {
        lymphodepletion: reader.lymphodepletion(),
        infusions: reader.infusions(),
        radiotherapy: Vec::new(),
        repeated: reader.repeated(),
        rules: reader.rules(),
    };
    reader.refuse_what_acts_only_in_a_lesion();
    (regimen, reader.clearances)
}

struct Reader<'a> {
    study: &'a StudyFile,
    values: &'a Values,
    duration: f64,
    notes: &'a mut Notes,
    clearances: Clearances,
}

impl Reader<'_> {
    fn lymphodepletion(&mut self) -> Option<f64> {
        let section = self.study.regimen.lymphodepletion.as_ref()?;
        let (start, end) = (section.start.value(), section.end.map_or(section.start.value(), Time::value));
        if end < start {
            let message = format!("it ends on day {} and starts on day {}", end / DAY, start / DAY);
            self.notes.wrong(
                "regimen.lymphodepletion.end",
                message,
                "give an end that is not before the start",
            );
        }
        Some(self.notes.given("regimen.lymphodepletion.end", end / DAY, "d", "Last day of lymphodepletion"))
    }

    fn infusions(&mut self) -> Vec<Infusion> {
        let sections = &self.study.regimen.infusion;
        if sections.is_empty() {
            self.notes.wrong(
                "regimen.infusion",
                "nothing is infused",
                "add [[regimen.infusion]] with day and dose",
            );
        }
        let mut infusions = Vec::new();
        for (i, section) in sections.iter().enumerate() {
            let path = format!("regimen.infusion.{i}");
            let Some(dose) = section.dose else {
                self.notes.wrong(&path, "a patient needs a dose", "write dose = \"2.5e8 CAR+ cells\"");
                continue;
            };
            if section.product == WhichProduct::SecondProduct {
                self.notes.wrong(&path, "a patient is given one product", "leave `product` out");
            }
            self.notes.given(&format!("{path}.dose"), dose.value(), dose.unit(), "Dose of the infusion");
            let day = self.day(section.day, &path);
            let parts = section.split.iter().map(|part| (part.share.value(), part.after.value() / DAY));
            let split: Vec<(f64, f64)> = parts.collect();
            let sum: f64 = split.iter().map(|(share, _)| share).sum();
            if !split.is_empty() && (sum - 1.0).abs() > 1e-9 {
                let message = format!("the parts add up to {} %", 100.0 * sum);
                self.notes.wrong(&format!("{path}.split"), message, "make them add up to 100 %");
            }
            let split = if split.is_empty() { vec![(1.0, 0.0)] } else { split };
            let route = self.route(section.route, &path);
            infusions.push(Infusion { day, dose, route, split });
        }
        infusions
    }

    fn route(&mut self, route: StudyRoute, path: &str) -> Route {
        let lesions = self.study.patient.iter().flat_map(|p| &p.lesion);
        if (route.is_cavity() || route == StudyRoute::IntraArterial)
            && !lesions.into_iter().any(|l| l.in_cavity)
        {
            self.notes.warn(
                &format!("{path}.route"),
                "no lesion lies in that cavity or is fed by that artery",
                "write in_cavity = true under [[patient.lesion]] for those that are",
            );
        }
        match route {
            StudyRoute::Intravenous => Route::Intravenous,
            StudyRoute::IntraArterial => Route::IntraArterial,
            StudyRoute::Intracavitary | StudyRoute::Intraperitoneal => Route::Intraperitoneal,
            StudyRoute::Intrapleural => Route::Intrapleural,
            StudyRoute::Intraventricular => Route::Intraventricular,
            StudyRoute::Intratumoural => Route::Intratumoural,
        }
    }

    fn day(&mut self, day: f64, path: &str) -> f64 {
        if !(day.is_finite() && (0.0..=36_525.0).contains(&day)) {
            let message = format!("day {day} is not a day of the study");
            self.notes.wrong(&format!("{path}.day"), message, "give a day from 0 on");
        }
        day
    }

    /// A series of equal acts.
    fn series(
        &mut self,
        (day, every, count): (f64, Option<Time>, Option<u32>),
        path: &str,
        act: Act,
    ) -> Repeated {
        let day = self.day(day, path);
        let interval = every.map(|time| time.value() / DAY);
        if interval.is_some_and(|days| days <= 0.0) {
            self.notes.wrong(&format!("{path}.every"), "that is no interval", "write every = \"21 d\"");
        }
        if interval.is_none() && count.is_some_and(|n| n > 1) {
            self.notes.wrong(path, "several doses, but no interval between them", "add every = \"21 d\"");
        }
        let fitting = interval.map_or(1.0, |days| ((self.duration - day) / days).floor() + 1.0);
        let times = count.unwrap_or(fitting.max(1.0) as u32).min(MOST_DOSES);
        Repeated { day, every: interval.unwrap_or(1.0), times, act }
    }

    fn repeated(&mut self) -> Vec<Repeated> {
        let mut all = self.antibodies();
        all.extend(self.il2());
        all.extend(self.adapter());
        all.extend(self.rescue());
        all.extend(self.radiotherapy());
        all.extend(self.switch());
        all
    }

    /// The elimination that a half-life means; of several, the first counts.
    fn clearance(known: &mut Option<f64>, half_life: Option<Time>) {
        if let (None, Some(time)) = (&known, half_life.filter(|time| time.value() > 0.0)) {
            *known = Some(std::f64::consts::LN_2 * DAY / time.value());
        }
    }

    fn antibodies(&mut self) -> Vec<Repeated> {
        let mut all = Vec::new();
        let volume = self.values.take(&patient::DRUG_VOLUME, &mut self.notes.ledger);
        for (i, section) in self.study.regimen.antibody.iter().enumerate() {
            let path = format!("regimen.antibody.{i}");
            if section.target == CheckpointTarget::Ctla4 {
                let help = "ask for PD-1 or PD-L1, or use a [lesion]";
                self.notes.wrong(&format!("{path}.target"), "the patient's model has no CTLA-4", help);
            }
            let amount = if let Some(amount) = section.amount {
                amount.value()
            } else {
                // kDa times mol/L is 10⁶ mg/L.
                let given = section.peak.map(|c| c.value());
                let peak = self.notes.value(&format!("{path}.peak"), given, &hostility::ANTIBODY_PEAK);
                let mass = self.values.take(&patient::ANTIBODY_MASS, &mut self.notes.ledger);
                peak * mass * 1e6 * volume
            };
            self.notes.given(&format!("{path}.amount"), amount, "mg", "Amount of a dose");
            Self::clearance(&mut self.clearances.antibody, section.half_life);
            let act = Act::Antibody { amount };
            all.push(self.series((section.day, section.every, section.doses), &path, act));
        }
        all
    }

    fn il2(&mut self) -> Vec<Repeated> {
        let mut all = Vec::new();
        for (i, section) in self.study.regimen.il2.iter().enumerate() {
            let path = format!("regimen.il2.{i}");
            let peak =
                self.notes.given(&format!("{path}.peak"), section.peak.value(), "pg/mL", "IL-2 in blood");
            let amount = peak / self.values.take(&patient::IL2_DOSE, &mut self.notes.ledger);
            Self::clearance(&mut self.clearances.il2, section.half_life);
            let act = Act::Il2 { amount };
            all.push(self.series((section.day, section.every, section.doses), &path, act));
        }
        all
    }

    fn adapter(&mut self) -> Vec<Repeated> {
        let mut all = Vec::new();
        for (i, section) in self.study.regimen.adapter.iter().enumerate() {
            let path = format!("regimen.adapter.{i}");
            let peak = section.peak.value() * 1e9;
            let amount = self.notes.given(&format!("{path}.peak"), peak, "nM", "Adapter in blood");
            Self::clearance(&mut self.clearances.adapter, Some(section.half_life));
            let act = Act::Adapter { amount };
            all.push(self.series((section.day, section.every, section.doses), &path, act));
        }
        all
    }

    fn rescue(&mut self) -> Vec<Repeated> {
        let regimen = &self.study.regimen;
        let mut all = Vec::new();
        for (name, list) in [("tocilizumab", &regimen.tocilizumab), ("dexamethasone", &regimen.dexamethasone)]
        {
            for (i, section) in list.iter().enumerate() {
                let path = format!("regimen.{name}.{i}");
                let amount = section.amount.value();
                self.notes.given(&format!("{path}.amount"), amount, "mg", "Amount of a dose");
                let act =
                    if name == "tocilizumab" { Act::Tocilizumab { amount } } else { Act::Steroid { amount } };
                all.push(self.series((section.day, section.every, section.doses), &path, act));
            }
        }
        all
    }

    fn radiotherapy(&mut self) -> Vec<Repeated> {
        let mut all = Vec::new();
        for (i, section) in self.study.regimen.radiotherapy.iter().enumerate() {
            let path = format!("regimen.radiotherapy.{i}");
            let dose =
                self.notes.given(&format!("{path}.dose"), section.dose.value(), "Gy", "Dose of a fraction");
            let [alpha, beta] = [&hostility::RADIO_ALPHA, &hostility::RADIO_BETA]
                .map(|parameter| self.notes.value(parameter.name, None, parameter));
            let one = Radiotherapy { day: 0.0, fractions: 1, dose, alpha, beta };
            let act = Act::Radiotherapy { surviving: one.surviving() };
            all.push(self.series((section.day, section.every, section.fractions), &path, act));
        }
        all
    }

    fn switch(&mut self) -> Vec<Repeated> {
        let product = self.study.product.as_ref().and_then(|product| product.safety_switch);
        let mut all = Vec::new();
        for (i, section) in self.study.regimen.switch_drug.iter().enumerate() {
            let path = format!("regimen.switch_drug.{i}");
            let share = match product {
                Some(SafetySwitch::InducibleCaspase9) => &fate::SWITCH_IC9_SHARE,
                Some(SafetySwitch::TruncatedEgfr) => &fate::SWITCH_EGFRT_SHARE,
                None => {
                    let help = "add safety_switch = \"iC9\" to [product]";
                    self.notes.wrong(&path, "the product has no safety switch", help);
                    continue;
                }
            };
            let efficiency = self.notes.value(share.name, None, share);
            all.push(self.series((section.day, None, None), &path, Act::Switch { efficiency }));
        }
        all
    }

    fn rules(&mut self) -> Rules {
        let rules = self.study.regimen.rules.unwrap_or_default();
        let grades = [
            ("withhold_at_crs", rules.withhold_at_crs),
            ("tocilizumab_at_crs", rules.tocilizumab_at_crs),
            ("dexamethasone_at_crs", rules.dexamethasone_at_crs),
        ];
        for (name, grade) in grades {
            if let Some(grade) = grade {
                let path = format!("regimen.rules.{name}");
                self.notes.given(
                    &path,
                    f64::from(grade),
                    "1",
                    "Grade of cytokine release at which it is done",
                );
                if !(1..=4).contains(&grade) {
                    self.notes.wrong(&path, format!("{grade} is no grade"), "give a grade from 1 to 4");
                }
            }
        }
        let [stop_infusions_at, tocilizumab_at, steroid_at] = grades.map(|(_, grade)| grade);
        Rules { stop_infusions_at, tocilizumab_at, steroid_at }
    }

    fn refuse_what_acts_only_in_a_lesion(&mut self) {
        let regimen = &self.study.regimen;
        for (name, is_given) in [
            ("regimen.chemotherapy", !regimen.chemotherapy.is_empty()),
            ("regimen.oncolytic_virus", !regimen.oncolytic_virus.is_empty()),
            ("second_product", self.study.second_product.is_some()),
        ] {
            if is_given {
                self.notes.wrong(
                    name,
                    "the patient's model does not have it",
                    "leave it out, or use a [lesion]",
                );
            }
        }
    }
}
