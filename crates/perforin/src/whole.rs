//! `perforin run` on a study that goes the whole way: cells → gate → lesion → patients → trial, in one results folder.
//!
//! Each stage is an ordinary study in an ordinary results folder of its own; [`stages`] writes these studies, with what
//! [`found`] reads in the folder of the target search. [`run`](mod@run) runs those that are not there yet, by what [`record`]
//! says of them; [`answer`], with [`companion`], [`words`] and [`page`] put their answers together.

pub mod answer;
pub mod companion;
pub mod found;
pub mod page;
pub mod record;
pub mod run;
pub mod stages;
pub mod words;

use perforin_core::study::lesion::AntigenSection;
use perforin_core::study::patient::{OrganAntigenSection, PatientAntigenSection};
use perforin_core::study::{EarlierStage, StudyFile};
use perforin_lesion::scenario::Problem;

pub use record::{Record, is_whole};

use crate::study::Study;

/// Sections of the stages after the target search.
const LATER: [&str; 4] = ["lesion", "patient", "population", "trial"];

/// Whether a study goes the whole way: it has targets and a later stage.
pub fn is_asked(study: &Study) -> bool {
    study.has("targets") && LATER.iter().any(|section| study.has(section))
}

/// Places at which a study takes something from its target search, which only the whole way gives.
pub fn references(file: &StudyFile) -> Vec<Problem> {
    let mut places: Vec<String> = Vec::new();
    for (name, product) in [("product", &file.product), ("second_product", &file.second_product)] {
        let is_taken = product.as_ref().is_some_and(|p| p.gate_from.is_some());
        places.extend(is_taken.then(|| format!("{name}.gate_from")));
    }
    let taken = |section: &str, name: &str, from: Option<EarlierStage>| {
        from.map(|_| format!("{section}.antigen.{name}.density.from"))
    };
    let in_lesion = |section: &'static str, antigens: &std::collections::BTreeMap<String, AntigenSection>| {
        antigens.iter().filter_map(|(name, a)| taken(section, name, a.density.from)).collect::<Vec<_>>()
    };
    places.extend(in_lesion("lesion", &file.lesion.antigen));
    if let Some(tissue) = &file.lesion.normal_tissue {
        places.extend(in_lesion("lesion.normal_tissue", &tissue.antigen));
    }
    if let Some(patient) = &file.patient {
        let of_tumour = |(name, a): (&String, &PatientAntigenSection)| taken("patient", name, a.density.from);
        places.extend(patient.antigen.iter().filter_map(of_tumour));
        let of_organ =
            |(name, a): (&String, &OrganAntigenSection)| taken("patient.organ_at_risk", name, a.density.from);
        places
            .extend(patient.organ_at_risk.iter().flat_map(|organ| organ.antigen.iter().filter_map(of_organ)));
    }
    let unknown = places.into_iter().map(|path| Problem {
        path,
        message: "nothing is known of the targets here".into(),
        help: Some(
            "it needs [targets] in the same study, and `perforin run`; or give the value itself".into(),
        ),
    });
    let duration = file.lesion.duration.map(|_| Problem {
        path: "lesion.duration".into(),
        message: "a lesion alone lasts for `study.duration`".into(),
        help: Some(
            "give `duration` under [study]; this one is for a study with [targets] and later stages".into(),
        ),
    });
    unknown.chain(duration).collect()
}
