//! The answer in words.

use perforin_atlas::TargetsAnswer;
use perforin_atlas::answer::GateReport;
use perforin_atlas::goal::Objective;

use super::figures::share as per_cent;
use super::tables::worst;

/// What a search over expression can and cannot say.
pub const HONESTY: &str = "\
The proof is about these files, not about patients to come: counts of RNA stand for protein on the surface, a cell \
without a count may carry the antigen, atlases lack tissues, donors and inflamed states, and cross-reaction with another \
peptide (MAGE-A3 with titin and MAGE-A12) cannot be seen in expression at all. Take it as a ranked list for \
experiments, not for treating a patient.";

/// The answer as a few paragraphs of plain text.
pub fn in_words(answer: &TargetsAnswer) -> String {
    let mut paragraphs = Vec::new();
    match answer.gates.first() {
        Some(best) => {
            paragraphs.push(headline(answer, best));
            paragraphs.push(proof(answer));
            paragraphs.extend(doubts(answer, best));
        }
        None => paragraphs.push(
            "No gate of the shapes searched keeps the limits and covers any malignant cell as asked.".into(),
        ),
    }
    paragraphs.push(HONESTY.to_owned());
    paragraphs.join("\n\n") + "\n"
}

/// What a gate covers, in words.
pub fn objective(answer: &TargetsAnswer, best: &GateReport) -> String {
    let patients = best.patients.len();
    match answer.objective {
        Objective::Minimum if patients == 1 => {
            format!("{} of the malignant cells of the only patient", per_cent(best.value))
        }
        Objective::Minimum if best.value >= 1.0 => {
            format!("all malignant cells of each of {patients} patients")
        }
        Objective::Minimum => {
            let least =
                best.limiting.as_ref().map_or(String::new(), |l| format!("; {} is covered least", l.0));
            format!(
                "at least {} of the malignant cells of each of {patients} patients{least}",
                per_cent(best.value)
            )
        }
        Objective::Quantile(q) => format!(
            "at least {} of the malignant cells of all but {} of {patients} patients",
            per_cent(best.value),
            (q * patients as f64).floor()
        ),
        Objective::Pooled => format!("{} of all malignant cells together", per_cent(best.value)),
    }
}

fn headline(answer: &TargetsAnswer, best: &GateReport) -> String {
    let covers = objective(answer, best);
    let spares = match (answer.objective, worst(best), best.pooled.specificity) {
        (Objective::Pooled, _, Some(specificity)) => {
            format!(" It spares {} of all normal cells together.", per_cent(specificity))
        }
        (_, Some(row), _) => format!(
            " Among normal cells it hits {} most: {} of {} cells (95 % interval up to {}).",
            row.name,
            per_cent(row.fraction),
            row.cells,
            per_cent(row.interval.high)
        ),
        _ => " Nothing is known of normal cells.".into(),
    };
    format!("The best gate is {}. It covers {covers}.{spares}", best.gate)
}

fn proof(answer: &TargetsAnswer) -> String {
    let proven = answer.shapes.iter().filter(|s| s.certificate.proven).count();
    let space: u64 = answer.shapes.iter().map(|s| s.certificate.space).sum();
    let shapes = answer.shapes.len();
    let claim = if proven == shapes {
        format!("This is proved for all {shapes} shapes, {} gates in all.", in_figures(space))
    } else {
        let bound = answer.shapes.iter().map(|s| s.certificate.bound).fold(0.0, f64::max);
        format!(
            "The search was stopped: {proven} of {shapes} shapes are proved; no other gate exceeds {}.",
            per_cent(bound)
        )
    };
    let steps = by_antigens(answer);
    let steps: Vec<String> = steps
        .iter()
        .map(|(n, value)| {
            let antigens = if *n == 1 { "1 antigen".to_owned() } else { format!("{n} antigens") };
            format!("{} with {antigens}", per_cent(*value))
        })
        .collect();
    let larger = answer.larger.as_ref().map_or(String::new(), |larger| {
        let (gate, result) = (larger.gate.as_deref(), &larger.result);
        let end = if result.proven {
            "which is proved".to_owned()
        } else {
            format!("stopped before the proof: at most {} is possible", per_cent(result.bound))
        };
        match gate {
            Some(gate) => format!(" With four or five antigens {gate} is better still ({end})."),
            None => format!(" No better gate of four or five antigens was found ({end})."),
        }
    });
    format!("{claim} The best value is {}.{larger}", steps.join(", "))
}

/// The best value for each number of antigens.
pub fn by_antigens(answer: &TargetsAnswer) -> Vec<(usize, f64)> {
    let mut best: Vec<(usize, f64)> = Vec::new();
    for result in &answer.shapes {
        let (n, value) = (result.shape.literals(), result.certificate.optimum);
        match best.iter_mut().find(|(known, _)| *known == n) {
            Some((_, known)) => *known = known.max(value),
            None => best.push((n, value)),
        }
    }
    best.sort_by_key(|(n, _)| *n);
    best
}

fn doubts(answer: &TargetsAnswer, best: &GateReport) -> Vec<String> {
    let mut said = Vec::new();
    let equals = answer.gates.iter().filter(|gate| gate.value == best.value).count();
    if equals > 1 {
        said.push(format!(
            "{equals} gates reach exactly the same value; their order among themselves means nothing."
        ));
    }
    let loo = &answer.leave_one_out;
    if let Some(worst) = loo.iter().reduce(|a, b| if b.covered < a.covered { b } else { a }) {
        said.push(format!(
            "Chosen without {}, the best gate of up to two antigens covers {} of that patient's cells, against {} of \
             the others': so far does the choice carry over.",
            worst.patient,
            per_cent(worst.covered),
            per_cent(worst.others)
        ));
    }
    if let Some(discounted) = best.discounted.filter(|d| *d < best.value) {
        said.push(format!(
            "If malignant cells in which a blocker was merely missed count as not covered, {} is left.",
            per_cent(discounted)
        ));
    }
    let harmed: Vec<String> = best
        .antigens
        .iter()
        .flat_map(|a| {
            a.casualties.iter().map(|c| format!("{} ({}): {}, {}", c.gene, c.antigen, c.organ, c.finding))
        })
        .collect();
    if !harmed.is_empty() {
        said.push(format!("Known casualties among its antigens: {}.", harmed.join("; ")));
    }
    if said.is_empty() { said } else { vec![said.join(" ")] }
}

/// A large count as a power of ten.
fn in_figures(count: u64) -> String {
    if count < 1_000_000 {
        return crate::answer::grouped(count as f64);
    }
    let text = format!("{:.1e}", count as f64);
    text.replace('e', " × 10^")
}
