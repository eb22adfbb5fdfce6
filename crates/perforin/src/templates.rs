//! Templates of study files: the shipped examples.

use perforin_core::study::StudyFile;
use toml::Table;

/// A template.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// Name to ask for it by.
    pub name: &'static str,
    /// The study file.
    pub text: &'static str,
}

/// All templates.
pub const TEMPLATES: &[Template] = &[
    Template { name: "her2-affinity", text: include_str!("../../../examples/her2-affinity.toml") },
    Template { name: "gate-two-antigens", text: include_str!("../../../examples/gate-two-antigens.toml") },
    Template { name: "targets", text: include_str!("../../../examples/targets.toml") },
    Template { name: "capsule-and-route", text: include_str!("../../../examples/capsule-and-route.toml") },
    Template {
        name: "stroma-and-its-loosening",
        text: include_str!("../../../examples/stroma-and-its-loosening.toml"),
    },
    Template { name: "effector-to-target", text: include_str!("../../../examples/effector-to-target.toml") },
    Template {
        name: "negative-cells-and-bystanders",
        text: include_str!("../../../examples/negative-cells-and-bystanders.toml"),
    },
    Template { name: "pd-1-blockade", text: include_str!("../../../examples/pd-1-blockade.toml") },
    Template {
        name: "armoured-against-plain",
        text: include_str!("../../../examples/armoured-against-plain.toml"),
    },
    Template { name: "tcr-t-and-hla-loss", text: include_str!("../../../examples/tcr-t-and-hla-loss.toml") },
    Template { name: "il13ra2-co-culture", text: include_str!("../../../examples/il13ra2-co-culture.toml") },
    Template {
        name: "patient-two-lesions",
        text: include_str!("../../../examples/patient-two-lesions.toml"),
    },
    Template {
        name: "patient-and-micrometastasis",
        text: include_str!("../../../examples/patient-and-micrometastasis.toml"),
    },
    Template { name: "published-kinetics", text: include_str!("../../../examples/published-kinetics.toml") },
    Template { name: "dose-levels", text: include_str!("../../../examples/dose-levels.toml") },
    Template {
        name: "from-cells-to-trial",
        text: include_str!("../../../examples/from-cells-to-trial.toml"),
    },
    Template { name: "dose-finding", text: include_str!("../../../examples/dose-finding.toml") },
    Template {
        name: "companion-diagnostic",
        text: include_str!("../../../examples/companion-diagnostic.toml"),
    },
];

impl Template {
    /// The template's title.
    pub fn title(&self) -> String {
        let table: Table = self.text.parse().unwrap_or_default();
        let title = table.get("study").and_then(|study| study.get("title")).and_then(toml::Value::as_str);
        title.unwrap_or_default().to_owned()
    }
}

/// The JSON Schema of study files.
pub fn schema() -> String {
    let schema = schemars::schema_for!(StudyFile);
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Study;

    #[test]
    fn every_template_is_a_study_without_a_problem() {
        for template in TEMPLATES {
            assert!(!template.title().is_empty());
            let study = Study::parse(template.name.as_ref(), "".as_ref(), template.text.into());
            let prepared = study.and_then(|study| {
                if crate::whole::is_asked(&study) {
                    return crate::whole::run::check(&study).map(|_| ());
                }
                if study.has("trial") {
                    crate::trial::Question::new(&study)?;
                    if !crate::patient::is_asked(&study) {
                        return Ok(());
                    }
                }
                if crate::patient::is_asked(&study) {
                    return crate::patient::Question::new(&study).map(|_| ());
                }
                if study.has("diagnostics") {
                    return crate::diagnose::Question::new(&study, "".as_ref()).map(|_| ());
                }
                if study.has("lesion") {
                    return study.prepare().map(|_| ());
                }
                crate::targets::Question::new(&study, "".as_ref()).map(|_| ())
            });
            if let Err(failure) = prepared {
                panic!("{}: {failure}", template.name);
            }
        }
    }

    /// The contents of the fenced blocks of a language.
    fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
        let parts = page.split("\n```").skip(1).step_by(2);
        parts.filter_map(|part| part.strip_prefix(language)?.strip_prefix('\n')).collect()
    }

    #[test]
    fn every_study_of_the_page_on_scenes_is_without_a_problem() {
        let page = include_str!("../../../guide/scenes.md");
        let folder = tempfile::tempdir().unwrap();
        let [table] = blocks(page, "text")[..] else { panic!("one table") };
        std::fs::write(folder.path().join("section.csv"), table).unwrap();
        let studies = blocks(page, "toml");
        assert_eq!(studies.len(), 6);
        for text in studies {
            let study = Study::parse("scenes.md".as_ref(), folder.path(), text.into());
            let prepared =
                study.and_then(|study| study.prepare()).unwrap_or_else(|failure| panic!("{failure}"));
            assert!(prepared.scenario.warnings.is_empty(), "{:?}", prepared.scenario.warnings);
        }
    }
}
