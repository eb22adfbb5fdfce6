//! Perforin's own model of a patient with a solid tumour, as a study sets it up.

use std::collections::BTreeMap;

use perforin_core::catalogue::{Parameter, fate, patient, scenario};
use perforin_core::quantity::Dose;
use perforin_core::receptor::{Contact, Costimulation};
use perforin_core::study::lesion::DensitySection;
use perforin_core::study::patient::PatientLesionSection;
use perforin_core::study::product::{ProductKind, ProductSection};
use perforin_core::study::{PatientSection, StudyFile};
use perforin_lesion::scenario::{Notes, contacts};
use perforin_patient::regimen::{Body, Regimen, RegimenError, Scheduled};
use perforin_patient::solid_tumour::signals::{Density, mean_response};
use perforin_patient::solid_tumour::{Case, Central, LesionParameters, MOST_LESIONS};

use super::draws::{Drawn, LesionFactor};
use super::parameters::Values;
use super::schedule::{self, Clearances};

/// A body height where no dose depends on it, cm.
const ANY_HEIGHT: f64 = 170.0;

/// A lesion at the start.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesion {
    /// Its name in tables.
    pub name: String,
    /// Organ.
    pub organ: String,
    /// Whether it is a lymph node.
    pub is_node: bool,
    /// Whether it may be chosen as a target lesion.
    pub may_be_target: bool,
    /// Diameter, mm.
    pub diameter: f64,
    /// Share of antigen-negative cells.
    pub negative: f64,
    access: f64,
    in_cavity: bool,
    doubling_time: f64,
}

/// What a product reads on a clone: lysis, and proliferation and cytokine.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Signals {
    lysis: f64,
    cytokine: f64,
}

/// A patient of the model.
#[derive(Clone, Debug)]
pub struct Own {
    /// Lesions.
    pub lesions: Vec<Lesion>,
    /// The typical patient's body.
    pub body: Body,
    /// What is given.
    pub regimen: Regimen,
    /// The organ at risk.
    pub organ: Option<String>,
    /// Values of the catalogue's parameters, by name.
    values: BTreeMap<&'static str, f64>,
    clearances: Clearances,
    costimulation: Costimulation,
    positive: Signals,
    negative: Signals,
    organ_lysis: f64,
    car_positive: f64,
    memory_share: f64,
    needs_adapter: bool,
}

impl Own {
    /// Reads the patient of a study who is followed for `duration` days; nothing if something is wrong, which is noted.
    pub fn read(
        study: &StudyFile,
        section: &PatientSection,
        duration: f64,
        notes: &mut Notes,
    ) -> Option<Self> {
        let values = Values::read(&section.parameters, patient::TABLE, notes);
        let mut all = BTreeMap::new();
        for parameter in patient::TABLE {
            all.insert(parameter.name, values.take(parameter, &mut notes.ledger));
        }
        let (regimen, clearances) = schedule::read(study, &values, duration, notes);
        let body = body(section, &regimen, notes);
        let lesions = lesions(section, all[patient::DOUBLING.name], notes);
        let Some(product) = &study.product else {
            let help = "add [product] with kind, gate and receptors, or name a published model: model = \"stein-2019\"";
            notes.wrong(
                "product",
                "a patient of this model is given a product, and the study has none",
                help,
            );
            return None;
        };
        let seen = recognition(product, section, notes)?;
        let car_positive = product.car_positive.map(|f| f.value());
        let car_positive = notes.value("product.car_positive", car_positive, &scenario::CAR_POSITIVE);
        let memory_share = product.memory_like.map(|f| f.value());
        let memory_share = notes.value("product.memory_like", memory_share, &fate::MEMORY_SHARE);
        check_giving(study, product, &regimen.timeline(&body, car_positive), notes);
        Some(Self {
            lesions,
            body,
            regimen,
            organ: section.organ_at_risk.as_ref().map(|organ| organ.name.clone()),
            values: all,
            clearances,
            costimulation: seen.costimulation,
            positive: seen.positive,
            negative: seen.negative,
            organ_lysis: seen.organ,
            car_positive,
            memory_share,
            needs_adapter: product.adapter.is_some(),
        })
    }

    /// The value of a parameter of the catalogue in the typical patient.
    pub fn value(&self, parameter: &Parameter) -> f64 {
        self.values.get(parameter.name).copied().unwrap_or(parameter.value)
    }

    /// Patient `number` with what was drawn for it.
    ///
    /// # Errors
    /// If its body makes a dose impossible.
    pub fn case(&self, number: u64, drawn: &Drawn) -> Result<Case, RegimenError> {
        let value = |parameter: &'static Parameter| drawn.value(self, parameter);
        let mut central = Central::new(value);
        central.costimulate(self.costimulation, value);
        central.needs_adapter = f64::from(u8::from(self.needs_adapter));
        central.organ_lysis = self.organ_lysis;
        central.memory_share = self.memory_share;
        let Clearances { antibody, il2, adapter } = self.clearances;
        central.antibody_clearance = antibody.unwrap_or(central.antibody_clearance);
        central.il2_clearance = il2.unwrap_or(central.il2_clearance);
        central.adapter_clearance = adapter.unwrap_or(central.adapter_clearance);
        let typical = LesionParameters::new(value);
        let lesions = self.lesions.iter().map(|lesion| self.lesion(lesion, &typical, drawn)).collect();
        let body = drawn.body(&self.body);
        Ok(Case {
            number: drawn.candidate.unwrap_or(number),
            central,
            lesions,
            susceptibility: drawn.susceptibility,
            weight: body.weight,
            acts: self.regimen.timeline(&body, self.car_positive)?,
        })
    }

    fn lesion(&self, lesion: &Lesion, typical: &LesionParameters, drawn: &Drawn) -> LesionParameters {
        let factor = |of: LesionFactor| drawn.factor(of);
        let cells = cells_of(lesion.diameter * factor(LesionFactor::Diameter), typical.density);
        let negative = (lesion.negative * factor(LesionFactor::Negative)).min(1.0);
        // A drawn doubling time of the catalogue is that of every lesion without one of its own.
        let own = lesion.doubling_time / self.value(&patient::DOUBLING);
        LesionParameters {
            positive: cells * (1.0 - negative),
            negative: cells * negative,
            lysis_positive: self.positive.lysis,
            lysis_negative: self.negative.lysis,
            cytokine_positive: self.positive.cytokine,
            cytokine_negative: self.negative.cytokine,
            access: lesion.access * factor(LesionFactor::Access),
            doubling_time: typical.doubling_time * own * factor(LesionFactor::DoublingTime),
            in_cavity: f64::from(u8::from(lesion.in_cavity)),
            ..*typical
        }
    }
}

/// Notes an adapter that is never given, and a regimen that cannot be.
fn check_giving(
    study: &StudyFile,
    product: &ProductSection,
    timeline: &Result<Vec<Scheduled>, RegimenError>,
    notes: &mut Notes,
) {
    if product.adapter.is_some() && study.regimen.adapter.is_empty() {
        let help = "add [[regimen.adapter]]";
        notes.warn("product.adapter", "the product needs an adapter, and none is given", help);
    }
    if let Err(error) = timeline
        && notes.problems.is_empty()
    {
        notes.wrong("regimen", error.to_string(), "correct the number");
    }
}

/// Tumour cells of a ball of a diameter, mm, at a density, /mL.
pub fn cells_of(diameter: f64, density: f64) -> f64 {
    let centimetres = 0.1 * diameter;
    std::f64::consts::PI / 6.0 * centimetres * centimetres * centimetres * density
}

/// Diameter, mm, of a ball of tumour cells at a density, /mL.
pub fn diameter_of(cells: f64, density: f64) -> f64 {
    10.0 * libm::cbrt(6.0 / std::f64::consts::PI * cells.max(0.0) / density)
}

fn body(section: &PatientSection, regimen: &Regimen, notes: &mut Notes) -> Body {
    let uses = |f: fn(&Dose) -> bool| regimen.infusions.iter().position(|infusion| f(&infusion.dose));
    let per_surface = |dose: &Dose| matches!(dose, Dose::CellsPerM2(_) | Dose::CarPositiveCellsPerM2(_));
    let per_weight = |dose: &Dose| matches!(dose, Dose::CellsPerKg(_) | Dose::CarPositiveCellsPerKg(_));
    if let (Some(i), None) = (uses(per_weight), section.weight) {
        let help = "add weight = \"70 kg\" to [patient]";
        notes.wrong(&format!("regimen.infusion.{i}.dose"), "a dose per kg of a patient without weight", help);
    }
    if let (Some(i), true) = (uses(per_surface), section.weight.is_none() || section.height.is_none()) {
        let help = "add weight = \"70 kg\" and height = \"170 cm\" to [patient]";
        let message = "a dose per m² of a patient without weight and height";
        notes.wrong(&format!("regimen.infusion.{i}.dose"), message, help);
    }
    let weight = notes.value("patient.weight", section.weight.map(|w| w.value()), &scenario::WEIGHT);
    let height = match section.height {
        None => ANY_HEIGHT,
        Some(height) => {
            let centimetres = height.value() * 1e-4;
            if !(30.0..=250.0).contains(&centimetres) {
                notes.wrong("patient.height", format!("{centimetres} cm is no height"), "give 30 to 250 cm");
            }
            notes.given("patient.height", centimetres, "cm", "Body height")
        }
    };
    if let Some(age) = section.age {
        if age.value() > 120.0 {
            notes.wrong("patient.age", format!("{} yr is no age", age.value()), "give 0 to 120 yr");
        }
        notes.given("patient.age", age.value(), "yr", "Age");
    }
    Body { weight, height }
}

fn lesions(section: &PatientSection, doubling_time: f64, notes: &mut Notes) -> Vec<Lesion> {
    let n = section.lesion.len();
    if n == 0 || n > MOST_LESIONS {
        let message = format!("the patient has {n} lesions");
        let help = format!("give 1 to {MOST_LESIONS}: [[patient.lesion]] with a diameter");
        notes.wrong("patient.lesion", message, help);
    }
    let mut lesions: Vec<Lesion> = Vec::new();
    for (i, lesion) in section.lesion.iter().enumerate() {
        let path = format!("patient.lesion.{i}");
        let name = lesion.name.clone().unwrap_or_else(|| format!("lesion_{}", i + 1));
        if !super::fits_in_a_table(&name) || lesions.iter().any(|other| other.name == name) {
            let message = format!("the name {name:?} cannot stand at the head of a table, or is there twice");
            notes.wrong(&format!("{path}.name"), message, "use letters, digits, `_` and `-`");
        }
        lesions.push(read_lesion(lesion, name, doubling_time, &path, notes));
    }
    lesions
}

fn read_lesion(
    section: &PatientLesionSection,
    name: String,
    doubling_time: f64,
    path: &str,
    notes: &mut Notes,
) -> Lesion {
    let diameter = section.diameter.value() * 1e-3;
    notes.given(&format!("{path}.diameter"), diameter, "mm", "Diameter on day 0");
    if !(1e-3..=500.0).contains(&diameter) {
        let message = format!("a lesion of {diameter} mm");
        notes.wrong(&format!("{path}.diameter"), message, "give 1 µm to 500 mm");
    }
    let negative = section.antigen_negative.map_or(0.0, |f| f.value());
    notes.given(&format!("{path}.antigen_negative"), negative, "1", "Share of antigen-negative cells");
    let access = section.access.unwrap_or(1.0);
    let meaning = "Delivery over that to a lesion with free access";
    notes.given(&format!("{path}.access"), access, "1", meaning);
    if !(0.0..=1e6).contains(&access) {
        let message = format!("{access} is no access");
        notes.wrong(&format!("{path}.access"), message, "give 0 (none) to 1 (free) or more");
    }
    let own = section.doubling_time.map(|time| time.value() / 1440.0);
    if let Some(Err(error)) = own.map(|days| patient::DOUBLING.check(days)) {
        notes.wrong(&format!("{path}.doubling_time"), error.to_string(), "write \"60 d\"");
    }
    Lesion {
        organ: section.organ.clone().unwrap_or_else(|| name.clone()),
        name,
        is_node: section.node,
        may_be_target: section.target.unwrap_or(true),
        diameter,
        negative,
        access,
        in_cavity: section.in_cavity,
        doubling_time: own.unwrap_or(doubling_time),
    }
}

/// What the product reads on tumour and organ.
struct Seen {
    costimulation: Costimulation,
    positive: Signals,
    negative: Signals,
    organ: f64,
}

impl Seen {
    fn record(&self, notes: &mut Notes) {
        let derived = "derived from gate, receptors and densities";
        for (name, value, meaning) in [
            ("positive.lysis", self.positive.lysis, "Signal for lysis read on antigen-positive cells"),
            (
                "positive.cytokine",
                self.positive.cytokine,
                "Signal for proliferation and cytokine read on them",
            ),
            ("negative.lysis", self.negative.lysis, "Signal for lysis read on antigen-negative cells"),
            ("organ.lysis", self.organ, "Signal for lysis read on the organ at risk"),
        ] {
            notes.ledger.record(&format!("recognition.{name}"), value, "1", derived, meaning);
        }
    }
}

fn recognition(product: &ProductSection, section: &PatientSection, notes: &mut Notes) -> Option<Seen> {
    if !matches!(product.kind, ProductKind::CarT | ProductKind::TcrT) {
        let help = "use kind = \"CAR-T\" or \"TCR-T\", or a [lesion]";
        notes.wrong("product.kind", "the patient's model has T cells with one gate only", help);
        return None;
    }
    let Some(gate) = &product.gate else {
        let help = "add gate = \"ANTIGEN\"";
        notes.wrong("product", "the product has no `gate`: nothing says what fires it", help);
        return None;
    };
    if let Err(error) = gate.check_for_product() {
        notes.wrong("product.gate", error.to_string(), "require an antigen with `&`");
        return None;
    }
    let (costimulation, contacts) = contacts(product, "product", notes)?;
    let mut tumour = [Vec::new(), Vec::new()];
    for name in gate.antigens() {
        let Some(antigen) = section.antigen.get(name) else {
            let help = format!(
                "add [patient.antigen.{name}] with density = {{ median = \"60000 /cell\", log_sd = 0.5 }}"
            );
            notes.wrong("product.gate", format!("no cell of the patient carries the antigen `{name}`"), help);
            return None;
        };
        let density = density(&antigen.density, &format!("patient.antigen.{name}.density"), notes)?;
        let path = format!("patient.antigen.{name}.on_negative_cells");
        let median = antigen.on_negative_cells.map_or(0.0, |d| d.value());
        notes.given(&path, median, "/cell", "Median density on antigen-negative cells");
        tumour[0].push(density);
        tumour[1].push(Density { median, ..density });
    }
    let read = |densities: &[Density]| signals(gate.table(), &contacts, densities);
    let organ = read(&organ(section, gate.antigens(), notes)?).lysis;
    let [positive, negative] = [read(&tumour[0]), read(&tumour[1])];
    let seen = Seen { costimulation, positive, negative, organ };
    seen.record(notes);
    Some(seen)
}

fn signals(gate: perforin_core::gate::GateTable, contacts: &[Contact], densities: &[Density]) -> Signals {
    let response = mean_response(gate, contacts, densities);
    Signals { lysis: response.lysis, cytokine: response.cytokine }
}

/// Densities of the gate's antigens on the organ at risk; none of them without such an organ.
fn organ(section: &PatientSection, antigens: &[String], notes: &mut Notes) -> Option<Vec<Density>> {
    let absent = Density { median: 0.0, log_sd: 0.0 };
    let Some(organ) = &section.organ_at_risk else { return Some(vec![absent; antigens.len()]) };
    for name in organ.antigen.keys().filter(|name| !antigens.contains(name)) {
        let path = format!("patient.organ_at_risk.antigen.{name}");
        notes.warn(&path, "the product does not read this antigen", "leave it out, or add it to the gate");
    }
    let mut densities = Vec::new();
    for name in antigens {
        densities.push(match organ.antigen.get(name) {
            None => absent,
            Some(antigen) => {
                let path = format!("patient.organ_at_risk.antigen.{name}.density");
                density(&antigen.density, &path, notes)?
            }
        });
    }
    Some(densities)
}

fn density(section: &DensitySection, path: &str, notes: &mut Notes) -> Option<Density> {
    let (Some(median), None, None) = (section.median, section.mean, section.sd) else {
        let help = "write { median = \"60000 /cell\", log_sd = 0.9 }";
        notes.wrong(path, "a density of the patient's model is log-normal", help);
        return None;
    };
    let log_sd = section.log_sd.unwrap_or(0.0);
    if !(0.0..=5.0).contains(&log_sd) {
        notes.wrong(path, format!("a `log_sd` of {log_sd}"), "give 0 to 5");
        return None;
    }
    notes.given(&format!("{path}.median"), median.value(), "/cell", "Median density of the antigen");
    notes.given(&format!("{path}.log_sd"), log_sd, "1", "Standard deviation of the logarithm of the density");
    Some(Density { median: median.value(), log_sd })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ball of 10 mm holds 0.5236 mL.
    #[test]
    fn diameter_and_cells_are_those_of_a_ball() {
        assert!((cells_of(10.0, 4e8) / (std::f64::consts::FRAC_PI_6 * 4e8) - 1.0).abs() < 1e-9);
        for diameter in [0.05, 3.0, 87.0] {
            assert!((diameter_of(cells_of(diameter, 4e8), 4e8) / diameter - 1.0).abs() < 1e-12);
        }
    }
}
