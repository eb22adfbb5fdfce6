//! What a product recognises: CAR, TCR, polyclonal, natural.

use perforin_core::catalogue::{fate, hostility, receptor as receptors};
use perforin_core::receptor::{Contact, Costimulation, Receptor, Signalling};
use perforin_core::study::StudyFile;
use perforin_core::study::product::{Generation, ProductKind, ProductSection};

use super::super::antigens::{NEOANTIGEN, hla_antigen};
use super::super::{Notes, listed};
use super::known_antigen;
use crate::model::Recognition;
use crate::model::biology::Natural;

/// What a product reads, and its natural cytotoxicity.
pub(super) fn of(
    study: &StudyFile,
    product: &ProductSection,
    section: &str,
    antigens: &[String],
    notes: &mut Notes,
) -> Option<(Recognition, Option<Natural>)> {
    let is_natural = matches!(product.kind, ProductKind::Nk | ProductKind::Cik);
    let natural = is_natural.then(|| Natural {
        lysis: notes.value(fate::NATURAL_LYSIS.name, None, &fate::NATURAL_LYSIS),
        unmasked: notes.value(fate::NATURAL_UNMASKED.name, None, &fate::NATURAL_UNMASKED),
        hla: hla_antigen(study).and_then(|name| antigens.iter().position(|a| *a == name)),
    });
    let presented_by = presentation(study, product, section, antigens, notes).ok()?;
    unused_receptors(product, section, notes);
    let recognition = match (&product.gate, product.kind) {
        (None, ProductKind::Til) => polyclonal(product, section, presented_by, antigens, notes)?,
        (None, _) if is_natural => Recognition::Nothing,
        (None, _) => {
            notes.wrong(
                section,
                "the product has no `gate`: nothing says what fires it",
                "add gate = \"ANTIGEN\"; only NK, CIK and TIL products can do without",
            );
            return None;
        }
        (Some(gate), ProductKind::Til) => {
            notes.wrong(
                &format!("{section}.gate"),
                format!("each cell of a TIL product reads one antigen, not the gate `{gate}`"),
                "give the share of each specificity: specificity.ANTIGEN = \"30 %\"",
            );
            return None;
        }
        (Some(gate), _) => {
            if let Err(error) = gate.check_for_product() {
                notes.wrong(&format!("{section}.gate"), error.to_string(), "require an antigen with `&`");
                return None;
            }
            let signalling = signalling(product, section, notes);
            let reader = Reader { product, section, antigens, signalling };
            let (inputs, receptors) = reader.inputs(gate.antigens(), &format!("{section}.gate"), notes)?;
            Recognition::Gate { table: gate.table(), inputs, receptors, presented_by }
        }
    };
    Some((recognition, natural))
}

/// What a product with a gate reads of each of the gate's antigens, in their order, and its co-stimulation. What is wrong
/// with its receptors is noted.
pub fn contacts(
    product: &ProductSection,
    section: &str,
    notes: &mut Notes,
) -> Option<(Costimulation, Vec<Contact>)> {
    let gate = product.gate.as_ref()?;
    let signalling = signalling(product, section, notes);
    let reader = Reader { product, section, antigens: gate.antigens(), signalling };
    let (inputs, _) = reader.inputs(gate.antigens(), &format!("{section}.gate"), notes)?;
    // A contradiction was noted with the signalling.
    let costimulation = costimulation(product, section, &mut Notes::default());
    Some((costimulation, inputs.into_iter().map(|(_, contact)| contact).collect()))
}

/// Endogenous T cells see their neoantigen at a stated signal.
pub(super) fn endogenous(antigens: &[String], notes: &mut Notes) -> Option<Recognition> {
    let antigen = antigens.iter().position(|a| a == NEOANTIGEN)?;
    let signal = notes.value(hostility::ENDOGENOUS_SIGNAL.name, None, &hostility::ENDOGENOUS_SIGNAL);
    // Cells carry 1 of it or none: the ramp is at `signal` there.
    Some(Recognition::Ramp { antigen, from: 0.0, to: 1.0 / signal.max(1e-6) })
}

/// The co-stimulation of a product, by name or by generation.
pub(in super::super) fn costimulation(
    product: &ProductSection,
    section: &str,
    notes: &mut Notes,
) -> Costimulation {
    let given = product.costimulation;
    let path = format!("{section}.generation");
    let mut contradiction = |text: &str| {
        notes.wrong(&path, format!("`costimulation` contradicts {text}"), "leave one of them out");
    };
    match product.generation {
        Some(Generation::First) => {
            if given.is_some_and(|c| c != Costimulation::None) {
                contradiction("the first generation, which has none");
            }
            Costimulation::None
        }
        Some(Generation::Third) => {
            if given.is_some_and(|c| c != Costimulation::Both) {
                contradiction("the third generation, which has CD28 and 4-1BB");
            }
            Costimulation::Both
        }
        Some(Generation::Second | Generation::Armoured) => {
            if matches!(given, Some(Costimulation::None | Costimulation::Both)) {
                contradiction("a generation with one co-stimulatory domain");
            }
            if product.generation == Some(Generation::Armoured) && product.armour.is_empty() {
                notes.wrong(&path, "an armoured product has no `armour`", "name it: armour = [\"IL-15\"]");
            }
            given.unwrap_or_default()
        }
        None => given.unwrap_or_default(),
    }
}

/// A product that was refused; the reason has been noted.
struct Refused;

/// Place of the HLA that presents a TCR's peptides; none for products that need none. Refused if
/// the product cannot work in this patient.
fn presentation(
    study: &StudyFile,
    product: &ProductSection,
    section: &str,
    antigens: &[String],
    notes: &mut Notes,
) -> Result<Option<usize>, Refused> {
    let path = format!("{section}.hla");
    let needs = matches!(product.kind, ProductKind::TcrT | ProductKind::Til);
    match (&product.hla, &study.lesion.hla) {
        (Some(allele), _) if !needs => {
            notes.wrong(
                &path,
                format!("`{allele}` presents peptides to T-cell receptors, and this product has none"),
                "leave it out, or make it kind = \"TCR-T\"",
            );
            Err(Refused)
        }
        (None, _) if product.kind == ProductKind::TcrT => {
            notes.wrong(
                &path,
                "a TCR-T product sees its peptide on one HLA allele",
                "write hla = \"HLA-A*02:01\"",
            );
            Err(Refused)
        }
        (Some(allele), None) => {
            notes.wrong(
                &path,
                format!("the study does not say whether the patient has `{allele}`"),
                format!("add [lesion.hla] with alleles = [\"{allele}\"]"),
            );
            Err(Refused)
        }
        (Some(allele), Some(hla)) if !hla.alleles.contains(allele) => {
            notes.wrong(
                &path,
                format!(
                    "the patient has {}, not `{allele}`: not eligible",
                    listed(hla.alleles.iter().map(String::as_str))
                ),
                "choose a receptor for one of the patient's alleles",
            );
            Err(Refused)
        }
        _ if needs => Ok(hla_antigen(study).and_then(|name| antigens.iter().position(|a| *a == name))),
        _ => Ok(None),
    }
}

fn unused_receptors(product: &ProductSection, section: &str, notes: &mut Notes) {
    let used = |name: &str| {
        product.gate.as_ref().is_some_and(|g| g.antigens().iter().any(|a| a == name))
            || product.specificity.contains_key(name)
            || product.synnotch.as_ref().is_some_and(|s| s.sensor == name)
    };
    for name in product.receptor.keys().filter(|name| !used(name)) {
        notes.warn(
            &format!("{section}.receptor.{name}"),
            "nothing of the product uses this receptor",
            "add it to the gate, or leave it out",
        );
    }
}

fn polyclonal(
    product: &ProductSection,
    section: &str,
    presented_by: Option<usize>,
    antigens: &[String],
    notes: &mut Notes,
) -> Option<Recognition> {
    let path = format!("{section}.specificity");
    let names: Vec<String> = product.specificity.keys().cloned().collect();
    if names.is_empty() || names.len() > perforin_core::gate::MAX_ANTIGENS {
        notes.wrong(
            &path,
            format!("a TIL product has {} specificities", names.len()),
            format!("give the share of 1 to {} antigens", perforin_core::gate::MAX_ANTIGENS),
        );
        return None;
    }
    let total: f64 = product.specificity.values().map(|f| f.value()).sum();
    if !(total > 0.0 && total <= 1.0 + 1e-9) {
        notes.wrong(
            &path,
            format!("the shares add up to {} %", 100.0 * total),
            "they add up to 100 % at most",
        );
        return None;
    }
    let signalling = signalling(product, section, notes);
    let reader = Reader { product, section, antigens, signalling };
    let (inputs, receptors) = reader.inputs(&names, &path, notes)?;
    let any: perforin_core::gate::Gate = names.join(" | ").parse().ok()?;
    Some(Recognition::Gate { table: any.table(), inputs, receptors, presented_by })
}

/// The signalling of a product's receptors.
pub(in super::super) fn signalling(product: &ProductSection, section: &str, notes: &mut Notes) -> Signalling {
    let costimulation = costimulation(product, section, notes);
    let mut signalling =
        Signalling::new(costimulation, |parameter| notes.value(parameter.name, None, parameter));
    if matches!(product.kind, ProductKind::TcrT | ProductKind::Til) {
        let ratio = signalling.cytokine_threshold / signalling.lysis_threshold;
        signalling.step_rate = notes.value(fate::TCR_STEP_RATE.name, None, &fate::TCR_STEP_RATE);
        signalling.lysis_threshold =
            notes.value(fate::TCR_LYSIS_THRESHOLD.name, None, &fate::TCR_LYSIS_THRESHOLD);
        signalling.cytokine_threshold = signalling.lysis_threshold * ratio;
    }
    signalling
}

/// Antigens with the contacts of their receptors.
type Contacts = Vec<(usize, Contact)>;

/// Reads receptors.
pub(in super::super) struct Reader<'a> {
    pub product: &'a ProductSection,
    pub section: &'a str,
    pub antigens: &'a [String],
    pub signalling: Signalling,
}

impl Reader<'_> {
    /// For each name, its antigen with the contact of its receptor, and the receptors per cell.
    fn inputs(&self, names: &[String], path: &str, notes: &mut Notes) -> Option<(Contacts, Vec<f64>)> {
        let read: Vec<_> = names.iter().map(|name| self.input(name, path, notes)).collect();
        read.into_iter().collect::<Option<Vec<_>>>().map(|list| list.into_iter().unzip())
    }

    /// The antigen and contact of one receptor, and its number per cell.
    pub fn input(&self, name: &str, path: &str, notes: &mut Notes) -> Option<((usize, Contact), f64)> {
        let antigen = known_antigen(name, self.antigens, path, notes);
        let receptor = self.receptor(name, path, notes)?;
        Some(((antigen?, Contact::new(&receptor, &self.signalling)), receptor.density))
    }

    fn receptor(&self, antigen: &str, reader: &str, notes: &mut Notes) -> Option<Receptor> {
        let Some(section) = self.product.receptor.get(antigen) else {
            notes.wrong(
                reader,
                format!("`{antigen}` is read, but the product has no receptor for it"),
                format!(
                    "add [{}.receptor.{antigen}] with its kd; there are {}",
                    self.section,
                    listed(self.product.receptor.keys().map(String::as_str))
                ),
            );
            return None;
        };
        let path = format!("{}.receptor.{antigen}", self.section);
        Some(Receptor {
            kd: notes.value(&format!("{path}.kd"), Some(section.kd.value()), &receptors::AFFINITY),
            kon: notes.value(&format!("{path}.kon"), section.kon.map(|k| k.value()), &receptors::ASSOCIATION),
            density: notes.value(
                &format!("{path}.density"),
                section.density.map(|d| d.value()),
                &receptors::DENSITY,
            ),
        })
    }
}
