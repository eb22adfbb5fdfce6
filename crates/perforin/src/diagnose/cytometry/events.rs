//! Events of a file of flow cytometry: reading, compensation, gates; and tables of beads.

use std::path::Path;

use perforin_core::study::diagnostics::FlowGateSection;
use perforin_lesion::scenario::Notes;
use perforin_patient::diagnostics::beads::Bead;
use perforin_patient::diagnostics::fcs::{self, Channel, FcsError, Sample};

/// Reads a file and undoes its spillover if asked; what is wrong is noted at `path`.
pub(super) fn open(file: &Path, path: &str, compensate: bool, notes: &mut Notes) -> Option<Sample> {
    let read = fcs::open(file).and_then(|mut sample| {
        if compensate && let Some(spillover) = sample.spillover()? {
            spillover.compensate(&mut sample.channels);
        }
        Ok(sample)
    });
    match read {
        Ok(sample) => Some(sample),
        Err(error) => {
            let help = match &error {
                FcsError::Io { .. } => "check the name; it is taken from the folder of the study",
                FcsError::Version { .. } => "export it as FCS 3.1",
                FcsError::Segment { .. } | FcsError::Size { .. } => {
                    "the file is cut short or altered: copy or export it again from the instrument"
                }
                _ => "export it again as FCS 3.1, list mode",
            };
            let message = match &error {
                FcsError::Io { .. } => error.to_string(),
                _ => format!("`{}`: {error}", file.display()),
            };
            notes.wrong(path, message, help);
            None
        }
    }
}

/// A channel by its name or stain; one that is not there is noted.
pub(super) fn channel<'a>(
    sample: &'a Sample,
    name: &str,
    path: &str,
    notes: &mut Notes,
) -> Option<&'a Channel> {
    let found = sample.channel(name);
    if found.is_none() {
        let shown = |c: &Channel| match &c.label {
            Some(label) => format!("{} ({label})", c.name),
            None => c.name.clone(),
        };
        let known: Vec<String> = sample.channels.iter().map(shown).collect();
        let help = format!("its channels are {}", known.join(", "));
        notes.wrong(&format!("{path}.channel"), format!("the file has no channel `{name}`"), help);
    }
    found
}

/// Ranges of channels.
pub(super) struct Gate(Vec<(String, f64, f64)>);

impl Gate {
    /// Reads ranges; what is wrong is noted.
    pub(super) fn read(sections: &[FlowGateSection], sample: &Sample, path: &str, notes: &mut Notes) -> Self {
        let mut ranges = Vec::new();
        for (i, section) in sections.iter().enumerate() {
            let at = format!("{path}.gate.{i}");
            channel(sample, &section.channel, &at, notes);
            let (from, to) = (section.from.unwrap_or(f64::NEG_INFINITY), section.to.unwrap_or(f64::INFINITY));
            if from.is_nan() || to.is_nan() || from >= to {
                notes.wrong(&at, format!("a gate from {from} to {to}"), "give `from` below `to`");
            }
            for (key, value) in [("from", section.from), ("to", section.to)] {
                if let Some(value) = value {
                    let meaning = format!("Events are kept {key} this value of {}", section.channel);
                    notes.given(&format!("{at}.{key}"), value, "1", &meaning);
                }
            }
            ranges.push((section.channel.clone(), from, to));
        }
        Self(ranges)
    }

    /// Events inside every range; a sample without the channel keeps none.
    pub(super) fn keep(&self, sample: &Sample) -> Vec<usize> {
        let inside = |event: usize| {
            self.0.iter().all(|(name, from, to)| {
                sample.channel(name).is_some_and(|c| (*from..=*to).contains(&c.values[event]))
            })
        };
        (0..sample.events()).filter(|event| inside(*event)).collect()
    }
}

/// The median; none without values.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    (!sorted.is_empty()).then(|| super::density::quantile(&sorted, 0.5))
}

/// Beads of a table; or what is wrong with it.
pub(super) fn beads(file: &Path) -> Result<Vec<Bead>, String> {
    let shown = file.display();
    let wrong = |error: &dyn std::fmt::Display| format!("`{shown}`: {error}");
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(file).map_err(|e| wrong(&e))?;
    let header = reader.headers().map_err(|e| wrong(&e))?.clone();
    let place = |name: &str| {
        let found = header.iter().position(|column| column.trim_start_matches('\u{feff}') == name);
        found.ok_or_else(|| format!("`{shown}` has no column `{name}`"))
    };
    let (molecules, fluorescence) = (place("molecules")?, place("fluorescence")?);
    let mut beads = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| wrong(&e))?;
        let line = record.position().map_or(0, csv::Position::line);
        let number = |column: usize| {
            let field = record.get(column).unwrap_or_default();
            let found = field.parse::<f64>().ok().filter(|value| *value > 0.0 && value.is_finite());
            found.ok_or_else(|| format!("`{shown}`, line {line}: {field:?} is not a positive number"))
        };
        beads.push(Bead { molecules: number(molecules)?, fluorescence: number(fluorescence)? });
    }
    Ok(beads)
}
