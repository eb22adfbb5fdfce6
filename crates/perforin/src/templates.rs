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
