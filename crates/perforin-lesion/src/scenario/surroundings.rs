//! Substances and matrix.

use perforin_core::catalogue::{Parameter, fields as defaults, hostility, scenario as setting};
use perforin_core::rng::{Purpose, Stream};
use perforin_core::study::StudyFile;
use perforin_core::study::lesion::{FibreDirection, FieldSection, MatrixPlace};
use perforin_core::study::mechanisms::Mechanism;
use perforin_core::study::regimen::CheckpointTarget;

use super::cell_types::TypeName;
use super::outline::Part;
use super::shape::Shape;
use super::{Notes, biology};
use crate::fields::{Face, Substance};
use crate::model::Vessels;
use crate::model::biology::{Fibres, MatrixChange};

/// Name of the substance that growth and death depend on.
pub(super) const OXYGEN: &str = "oxygen";
/// Name of the substance that product cells follow.
pub(super) const CHEMOKINE: &str = "chemokine";
/// Names of what the biology adds.
pub(super) const IL2: &str = "il2";
pub(super) const IFN_GAMMA: &str = "ifn_gamma";
pub(super) const TGF_BETA: &str = "tgf_beta";
pub(super) const IL10: &str = "il10";
pub(super) const ADENOSINE: &str = "adenosine";
pub(super) const KYNURENINE: &str = "kynurenine";
pub(super) const VIRUS: &str = "virus";

/// Name of the antibody against a target.
pub(super) fn antibody(target: CheckpointTarget) -> &'static str {
    match target {
        CheckpointTarget::Pd1 => "anti_pd_1",
        CheckpointTarget::PdL1 => "anti_pd_l1",
        CheckpointTarget::Ctla4 => "anti_ctla_4",
    }
}

/// Defaults of a substance that the biology knows: diffusion, decay, unit.
fn known(name: &str) -> Option<(&'static Parameter, &'static Parameter, &'static str)> {
    use hostility::{
        ADENOSINE_DECAY, ADENOSINE_DIFFUSION, ANTIBODY_DECAY, ANTIBODY_DIFFUSION, CYTOKINE_DECAY,
        CYTOKINE_DIFFUSION, VIRUS_DECAY, VIRUS_DIFFUSION,
    };
    Some(match name {
        OXYGEN => (&defaults::OXYGEN_DIFFUSION, &defaults::OXYGEN_DECAY, "mmHg"),
        CHEMOKINE => (&defaults::CHEMOKINE_DIFFUSION, &defaults::CHEMOKINE_DECAY, "relative"),
        IL2 | IFN_GAMMA => (&CYTOKINE_DIFFUSION, &CYTOKINE_DECAY, "pg/mL"),
        TGF_BETA | IL10 => (&CYTOKINE_DIFFUSION, &CYTOKINE_DECAY, "relative"),
        ADENOSINE | KYNURENINE => (&ADENOSINE_DIFFUSION, &ADENOSINE_DECAY, "relative"),
        VIRUS => (&VIRUS_DIFFUSION, &VIRUS_DECAY, "relative"),
        "anti_pd_1" | "anti_pd_l1" | "anti_ctla_4" => (&ANTIBODY_DIFFUSION, &ANTIBODY_DECAY, "M"),
        _ => return None,
    })
}

/// The substances of a study.
pub(super) struct Substances {
    pub list: Vec<Substance>,
    /// For each, whether it starts in equilibrium with the cells.
    pub settled: Vec<bool>,
    /// For each, whether nothing reads it between phenotype steps.
    pub slow: Vec<bool>,
}

impl Substances {
    pub fn names(&self) -> Vec<String> {
        self.list.iter().map(|s| s.name.clone()).collect()
    }

    pub fn oxygen(&self) -> Option<usize> {
        self.list.iter().position(|s| s.name == OXYGEN)
    }
}

/// Oxygen, the chemokine if there is a product that follows it, and what the study declares.
pub(super) fn substances(
    study: &StudyFile,
    shape: &Shape,
    types: &[TypeName],
    notes: &mut Notes,
) -> Substances {
    let declared = &study.lesion.field;
    let follows_chemokine = types.iter().any(|t| t.follows(study) == Some(CHEMOKINE));
    let mut names: Vec<&str> = vec![OXYGEN];
    if follows_chemokine {
        names.push(CHEMOKINE);
    }
    names.extend(biology::substances(study));
    let further: Vec<&str> = declared.keys().map(String::as_str).filter(|n| !names.contains(n)).collect();
    names.extend(further);
    let none = FieldSection::default();
    let mut substances = Substances { list: Vec::new(), settled: Vec::new(), slow: Vec::new() };
    for name in names {
        let section = declared.get(name).unwrap_or(&none);
        substances.list.push(substance(study, shape, name, section, notes));
        substances.settled.push(section.initial.is_none());
        let is_followed = types.iter().any(|t| t.follows(study) == Some(name));
        substances.slow.push(biology::substances(study).contains(&name) && !is_followed);
    }
    substances
}

fn substance(
    study: &StudyFile,
    shape: &Shape,
    name: &str,
    section: &FieldSection,
    notes: &mut Notes,
) -> Substance {
    let path = |key: &str| format!("lesion.field.{name}.{key}");
    let diffusion = section.diffusion.map(|d| d.value());
    let decay = section.decay.map(|d| d.value());
    let known = match known(name) {
        Some((diffusion, _, unit)) if name == OXYGEN && shape.in_vitro => {
            Some((diffusion, &setting::MEDIUM_OXYGEN_DECAY, unit))
        }
        known => known,
    };
    let (diffusion, decay, unit) = if let Some((d, k, unit)) = known {
        (
            notes.value(&path("diffusion"), diffusion, d),
            notes.value(&path("decay"), decay, k),
            unit.to_owned(),
        )
    } else {
        for (key, given) in [("diffusion", diffusion), ("decay", decay)] {
            if given.is_none() {
                notes.wrong(
                    &format!("lesion.field.{name}"),
                    format!("the substance `{name}` has no `{key}`"),
                    format!("give `{key}`; only substances that Perforin knows have defaults"),
                );
            }
        }
        let unit = section.initial.as_ref().or(section.boundary.as_ref()).map_or("relative", |v| &v.unit);
        (
            notes.given(&path("diffusion"), diffusion.unwrap_or(0.0), "µm²/min", "Diffusion coefficient"),
            notes.given(&path("decay"), decay.unwrap_or(0.0), "/min", "First-order loss"),
            unit.to_owned(),
        )
    };
    let mut amount = |key: &str, value: &Option<perforin_core::quantity::FieldValue>| {
        let value = value.as_ref()?;
        if value.unit != unit {
            notes.wrong(
                &path(key),
                format!("`{}` is not the unit of `{name}`", value.unit),
                format!("write it in {unit}"),
            );
        }
        Some(notes.given(&path(key), value.value, &unit, "Value of the substance"))
    };
    let initial = amount("initial", &section.initial);
    let boundary = amount("boundary", &section.boundary);
    let supply = if name == OXYGEN { oxygen_supply(study, shape, boundary, notes) } else { boundary };
    let faces = shape.faces(boundary.is_some());
    Substance {
        name: name.to_owned(),
        unit,
        diffusion,
        decay,
        initial: initial.or(supply).unwrap_or(0.0),
        faces: faces.map(|open| supply.filter(|_| open).map_or(Face::NoFlux, Face::Fixed)),
    }
}

/// Oxygen at the open faces of the box, mmHg: of medium or of tissue.
fn oxygen_supply(study: &StudyFile, shape: &Shape, stated: Option<f64>, notes: &mut Notes) -> Option<f64> {
    let medium = study.lesion.medium.as_ref().and_then(|m| m.oxygen).map(|p| p.value());
    if medium.is_some() && stated.is_some() {
        notes.wrong(
            "lesion.medium.oxygen",
            "the oxygen of the medium is also given as `lesion.field.oxygen.boundary`",
            "keep one of them",
        );
    }
    match stated {
        Some(stated) => Some(stated),
        None if shape.faces(false) == [false; 6] => None,
        None if shape.in_vitro => Some(notes.value("lesion.medium.oxygen", medium, &setting::MEDIUM_OXYGEN)),
        None => Some(notes.value("lesion.field.oxygen.boundary", None, &defaults::OXYGEN_SUPPLY)),
    }
}

/// Vessels at random, one in a cube of the stated edge on average.
pub(super) fn vessels(study: &StudyFile, shape: &Shape, notes: &mut Notes) -> Vessels {
    let Some(section) = &study.lesion.vessels else { return Vessels::default() };
    let path = "lesion.vessels";
    let spacing =
        notes.given(&format!("{path}.spacing"), section.spacing.value(), "µm", "Mean distance of vessels");
    if spacing < 1.0 {
        notes.wrong(
            &format!("{path}.spacing"),
            "vessels are at least 1 µm apart",
            "write spacing = \"200 µm\"",
        );
    }
    let given = section.exchange.map(|r| r.value());
    let exchange = notes.value(&format!("{path}.exchange"), given, &defaults::VESSEL_EXCHANGE);
    let supply = notes.value(defaults::OXYGEN_SUPPLY.name, None, &defaults::OXYGEN_SUPPLY);
    let holds_one = 1.0 - libm::exp(-shape.grid.voxel_volume() / (spacing * spacing * spacing));
    let stream = Stream::new(study.study.seed, Purpose::Vessel);
    let voxels: Vec<u32> =
        (0..shape.grid.len() as u32).filter(|v| stream.at(u64::from(*v), 0).uniform() < holds_one).collect();
    if voxels.is_empty() {
        notes.wrong(
            &format!("{path}.spacing"),
            format!("no vessel falls into this box when they are {spacing} µm apart"),
            "give a smaller spacing, or leave [lesion.vessels] out",
        );
    }
    Vessels { voxels, exchange, supply }
}

/// Share of space that matrix fills in each voxel; empty without matrix.
pub(super) fn matrix(study: &StudyFile, shape: &Shape, notes: &mut Notes) -> Vec<f32> {
    let on = study.mechanisms.is_on(Mechanism::Matrix);
    let Some(matrix) = study.lesion.matrix.as_ref().filter(|_| on) else {
        // Fibroblasts lay matrix where there was none.
        let lay = on && study.lesion.fibroblasts.is_some();
        return if lay { vec![0.0; shape.grid.len()] } else { Vec::new() };
    };
    let loosened = matrix.loosened.map_or(0.0, |f| {
        notes.share("lesion.matrix.loosened", f.value(), "Share of the matrix that is loosened")
    });
    let density = (1.0 - loosened)
        * notes.share("lesion.matrix.density", matrix.density.value(), "Share of space that matrix fills");
    if density >= 1.0 {
        notes.wrong(
            "lesion.matrix.density",
            "matrix that fills all of space leaves none for cells",
            "give a share below \"100 %\"",
        );
    }
    let thickness = matrix.thickness.map(|t| t.value());
    if matrix.place == MatrixPlace::Capsule && thickness.is_none() {
        notes.wrong("lesion.matrix", "a capsule needs a `thickness`", "write thickness = \"50 µm\"");
    }
    let part = match matrix.place {
        MatrixPlace::Everywhere => return vec![density as f32; shape.grid.len()],
        MatrixPlace::Tumour => Part::Tumour,
        MatrixPlace::Capsule => Part::Around(thickness.unwrap_or(0.0)),
        MatrixPlace::Stroma => Part::Stroma,
    };
    let is_there = shape.outline.voxels(&shape.grid, part);
    if !is_there.contains(&true) {
        notes.wrong(
            "lesion.matrix.place",
            "no voxel of this box lies there",
            "write place = \"everywhere\", or refine `numerics.voxel`",
        );
    }
    is_there.into_iter().map(|there| if there { density as f32 } else { 0.0 }).collect()
}

/// What changes the matrix, and how its fibres run.
pub(super) fn matrix_change(study: &StudyFile, shape: &Shape, notes: &mut Notes) -> MatrixChange {
    let fibres = study.lesion.matrix.as_ref().and_then(|m| m.fibres).map(|direction| match direction {
        FibreDirection::Circumferential => Fibres::Circumferential,
        FibreDirection::Radial => Fibres::Radial,
    });
    let foci = shape.outline.foci(&shape.grid);
    if fibres.is_some() && foci.is_empty() {
        notes.wrong(
            "lesion.matrix.fibres",
            "fibres run around a sphere or around islets, which this tumour is not",
            "leave `fibres` out",
        );
    }
    MatrixChange {
        foci,
        limit: if study.lesion.fibroblasts.is_some() {
            notes.value(hostility::MATRIX_LIMIT.name, None, &hostility::MATRIX_LIMIT)
        } else {
            0.0
        },
        guidance: if fibres.is_some() {
            notes.value(hostility::FIBRE_GUIDANCE.name, None, &hostility::FIBRE_GUIDANCE)
        } else {
            0.0
        },
        fibres,
    }
}

#[cfg(test)]
mod tests {
    use crate::lesion::Lesion;
    use crate::test_support::scenario;

    fn study(vessels: &str) -> String {
        format!("[study]\ntitle = \"t\"\n[lesion]\ndiameter = \"300 µm\"\ndomain = \"600 µm\"\n{vessels}")
    }

    fn oxygen_in_the_middle(vessels: &str) -> f64 {
        let scenario = scenario(&study(vessels));
        let lesion = Lesion::new(scenario.model, scenario.cells).expect("a lesion");
        let grid = &lesion.model.grid;
        lesion.state.fields[0].value_at(grid, grid.centre())
    }

    /// 27,000 voxels of 20 µm; one vessel in 100³ µm³ falls into a voxel with probability 1 − e^(−0.008).
    #[test]
    fn vessels_are_as_dense_as_stated() {
        let vessels = scenario(&study("vessels = { spacing = \"100 µm\" }")).model.vessels;
        let p = 1.0 - libm::exp(-0.008);
        let (mean, sd) = (27_000.0 * p, (27_000.0 * p * (1.0 - p)).sqrt());
        // Five standard deviations.
        assert!(
            (vessels.voxels.len() as f64 - mean).abs() < 5.0 * sd,
            "{} against {mean}",
            vessels.voxels.len()
        );
    }

    /// A vessel in every voxel, each far faster than uptake (12.5 /min by four cells in one voxel): all of the tissue
    /// has the vessels' oxygen, 38 mmHg, less a share of at most 12.6 in 10,000.
    #[test]
    fn the_denser_the_vessels_the_more_oxygen_in_the_tumour() {
        let none = oxygen_in_the_middle("");
        let sparse = oxygen_in_the_middle("vessels = { spacing = \"60 µm\" }");
        let everywhere = oxygen_in_the_middle("vessels = { spacing = \"2 µm\", exchange = \"10000 /min\" }");
        assert!(none < sparse - 1.0 && sparse < everywhere, "{none}, {sparse}, {everywhere}");
        assert!((everywhere - 38.0).abs() < 38.0 * 12.6e-4, "{everywhere}");
    }
}
