//! One dose-finding trial, patient by patient.

use std::fmt::Write;

use super::data::Data;
use super::heatmap::clipped;
use super::html::escape;

const WIDTH: f64 = 690.0;
const LEFT: f64 = 190.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 14.0;
const ROW: f64 = 34.0;
const FOOT: f64 = 34.0;

/// What happened to a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// No dose-limiting toxicity.
    Free,
    /// A dose-limiting toxicity.
    Toxic,
    /// Not infused.
    NotInfused,
}

/// A patient.
#[derive(Clone, Debug, PartialEq)]
pub struct Patient {
    /// Level, from 0.
    pub level: usize,
    /// What happened.
    pub mark: Mark,
    /// Whether less than planned was given.
    pub is_reduced: bool,
    /// What is shown when pointed at.
    pub told: String,
}

/// A trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// What it shows, for readers who do not see it.
    pub alt: String,
    /// Names of the levels, the lowest first.
    pub levels: Vec<String>,
    /// Patients in the order of enrolment.
    pub patients: Vec<Patient>,
}

impl Course {
    /// The trial as an SVG element.
    pub fn svg(&self) -> String {
        let foot = TOP + ROW * self.levels.len() as f64;
        let height = foot + FOOT;
        let step = (WIDTH - LEFT - RIGHT) / self.patients.len().max(1) as f64;
        let y = |level: usize| foot - ROW * (level as f64 + 0.5);
        let x = |k: usize| LEFT + step * (k as f64 + 0.5);
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">\n",
            escape(&self.alt)
        );
        for (level, name) in self.levels.iter().enumerate() {
            let at = y(level);
            let _ = writeln!(
                svg,
                "<path class=\"grid\" d=\"M{LEFT} {at:.1}H{}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                WIDTH - RIGHT,
                LEFT - 8.0,
                at + 4.0,
                escape(&clipped(name, 26))
            );
        }
        let size = (0.42 * step).clamp(1.5, 7.0);
        for (k, patient) in self.patients.iter().enumerate() {
            let (cx, cy) = (x(k), y(patient.level));
            let r = if patient.is_reduced { 0.5 * size } else { size };
            let told = format!("<title>patient {}: {}</title>", k + 1, escape(&patient.told));
            let _ = match patient.mark {
                Mark::Free => writeln!(
                    svg,
                    "<circle class=\"axis\" cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"{r:.1}\">{told}</circle>"
                ),
                Mark::Toxic => writeln!(
                    svg,
                    "<circle class=\"f1\" cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"{r:.1}\">{told}</circle>"
                ),
                Mark::NotInfused => writeln!(
                    svg,
                    "<path class=\"axis\" d=\"M{:.1} {:.1}l{r2:.1} {r2:.1}m0 -{r2:.1}l-{r2:.1} {r2:.1}\">{told}</path>",
                    cx - 0.7 * size,
                    cy - 0.7 * size,
                    r2 = 1.4 * size
                ),
            };
        }
        let middle = 0.5 * (LEFT + WIDTH - RIGHT);
        let _ = writeln!(
            svg,
            "<text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">patients in the order of enrolment</text>",
            height - 8.0
        );
        svg + &self.data() + "</svg>\n"
    }

    fn data(&self) -> String {
        let mut data = Data::new(["patient", "level", "outcome", "told"]);
        for (k, patient) in self.patients.iter().enumerate() {
            let outcome = match patient.mark {
                Mark::Free => "no dose-limiting toxicity",
                Mark::Toxic => "dose-limiting toxicity",
                Mark::NotInfused => "not infused",
            };
            let level = self.levels.get(patient.level).map_or("", String::as_str);
            data.row([&(k + 1).to_string(), level, outcome, &patient.told]);
        }
        data.element()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_patient_has_a_mark_at_the_level() {
        let patient = |level, mark| Patient { level, mark, is_reduced: false, told: "day 3".into() };
        let course = Course {
            alt: String::new(),
            levels: vec!["1".into(), "2".into()],
            patients: vec![patient(0, Mark::Free), patient(1, Mark::Toxic), patient(1, Mark::NotInfused)],
        };
        let svg = course.svg();
        assert_eq!(svg.matches("<title>patient").count(), 3);
        assert_eq!(svg.matches("class=\"f1\"").count(), 1);
    }
}
