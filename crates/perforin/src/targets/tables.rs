//! The answer as tables.

use perforin_atlas::TargetsAnswer;
use perforin_atlas::answer::{GateReport, gate_text};
use perforin_atlas::assess::GroupRow;
use perforin_atlas::evidence::{ProteinEvidence, RnaEvidence};
use perforin_atlas::shape::Shape;

use crate::table::{Rows, Table};

/// Every table with the name of its file.
pub fn all(answer: &TargetsAnswer) -> Vec<(&'static str, Table)> {
    vec![
        ("gates", gates(answer)),
        ("groups", groups(answer)),
        ("thresholds", thresholds(answer)),
        ("antigens", antigens(answer)),
        ("kept", kept(answer)),
        ("certificates", certificates(answer)),
        ("leave_one_out", leave_one_out(answer)),
        ("front", front(answer)),
        ("overlap", overlap(answer)),
        ("unmatched", unmatched(answer)),
    ]
}

/// The gate of a shape with literals by index.
pub fn text(answer: &TargetsAnswer, shape: Shape, literals: &[u32]) -> String {
    let names: Vec<&str> =
        literals.iter().filter_map(|&l| answer.literals.get(l as usize)).map(String::as_str).collect();
    gate_text(shape, &names)
}

/// The normal group with a limit that a gate hits most; any normal group if only their sum is limited.
pub fn worst(gate: &GateReport) -> Option<&GroupRow> {
    gate.tissues.iter().find(|row| row.cap.is_none_or(|cap| cap < 1.0))
}

fn gates(answer: &TargetsAnswer) -> Table {
    let mut ranked: Vec<(i64, &GateReport)> = Vec::new();
    for (i, gate) in answer.gates.iter().enumerate() {
        let rank = match ranked.last() {
            Some((rank, last)) if last.value == gate.value => *rank,
            _ => i as i64 + 1,
        };
        ranked.push((rank, gate));
    }
    let flagged = |gate: &GateReport, wanted: &dyn Fn(&perforin_atlas::answer::AntigenReport) -> bool| {
        let names = gate.antigens.iter().filter(|a| wanted(a)).map(|a| a.antigen.as_str());
        names.collect::<Vec<_>>().join(",")
    };
    Rows::new(ranked)
        .whole("rank", "1", "Place; equals share it", |r| r.0)
        .text("gate", "The gate", |r| r.1.gate.clone())
        .text("shape", "Its shape", |r| r.1.shape.formula().into())
        .number("value", "The objective's value", |r| Some(r.1.value))
        .number("discounted", "Value if missed blockers count as not covered", |r| r.1.discounted)
        .text("least_covered_patient", "Patient covered least", |r| {
            r.1.limiting.as_ref().map_or(String::new(), |l| l.0.clone())
        })
        .number("value_without_them", "Value without that patient", |r| r.1.limiting.as_ref().map(|l| l.1))
        .text("worst_tissue", "Limited normal group hit most", |r| {
            worst(r.1).map_or(String::new(), |row| row.name.clone())
        })
        .number("worst_fraction", "Share of it that is hit", |r| worst(r.1).map(|row| row.fraction))
        .number("worst_high", "Upper end of its 95 % interval", |r| worst(r.1).map(|row| row.interval.high))
        .number("pooled_sensitivity", "Covered share of all malignant cells", |r| {
            Some(r.1.pooled.sensitivity)
        })
        .number("pooled_specificity", "Spared share of all normal cells", |r| r.1.pooled.specificity)
        .text("casualties", "Antigens whose products harmed normal organs", |r| {
            flagged(r.1, &|a| !a.casualties.is_empty())
        })
        .text("protein_unknown", "Antigens without evidence of protein in normal organs", |r| {
            flagged(r.1, &|a| a.protein == ProteinEvidence::Unknown)
        })
        .text("graded", "Reading for expression levels", |r| r.1.graded.clone())
        .table
}

fn groups(answer: &TargetsAnswer) -> Table {
    let mut rows = Vec::new();
    for gate in &answer.gates {
        let kinds = [("patient", &gate.patients), ("patient_apart", &gate.apart), ("normal", &gate.tissues)];
        rows.extend(kinds.into_iter().flat_map(|(kind, list)| list.iter().map(move |row| (gate, kind, row))));
    }
    Rows::new(rows)
        .text("gate", "The gate", |r| r.0.gate.clone())
        .text("kind", "patient, patient_apart (too few cells to count) or normal", |r| r.1.into())
        .text("group", "Patient, or tissue and cell type", |r| r.2.name.clone())
        .whole("cells", "cells", "Cells in the group", |r| i64::from(r.2.cells))
        .whole("hit", "cells", "Cells that satisfy the gate", |r| i64::from(r.2.hit))
        .number("fraction", "Their share", |r| Some(r.2.fraction))
        .number("low", "Lower end of its 95 % interval", |r| Some(r.2.interval.low))
        .number("high", "Upper end of its 95 % interval", |r| Some(r.2.interval.high))
        .number("cap", "Largest share accepted", |r| r.2.cap)
        .table
}

fn thresholds(answer: &TargetsAnswer) -> Table {
    let rows = answer.gates.iter().flat_map(|gate| gate.thresholds.iter().map(move |row| (gate, row)));
    Rows::new(rows.collect())
        .text("gate", "The gate", |r| r.0.gate.clone())
        .number("threshold", "Smallest value that counts as detected", |r| Some(r.1.threshold))
        .text("modelled", "Whether cells without a count are called by the model of dropout", |r| {
            r.1.modelled.to_string()
        })
        .number("value", "The objective's value", |r| Some(r.1.value))
        .text("worst_tissue", "Limited normal group hit most", |r| {
            r.1.worst.as_ref().map_or(String::new(), |w| w.0.clone())
        })
        .number("worst_fraction", "Share of it that is hit", |r| r.1.worst.as_ref().map(|w| w.1))
        .text("within_limits", "Whether every limit is kept", |r| r.1.within_limits.to_string())
        .table
}

fn antigens(answer: &TargetsAnswer) -> Table {
    let mut rows = Vec::new();
    for gate in &answer.gates {
        rows.extend(gate.antigens.iter().map(move |antigen| (gate, antigen)));
    }
    Rows::new(rows)
        .text("gate", "The gate", |r| r.0.gate.clone())
        .text("antigen", "The antigen", |r| r.1.antigen.clone())
        .text("negated", "Whether it stands under a NOT", |r| r.1.negated.to_string())
        .text("casualties", "Toxicities of products against it", |r| {
            let found = r.1.casualties.iter().map(|c| format!("{}: {} ({})", c.organ, c.finding, c.source));
            found.collect::<Vec<_>>().join("; ")
        })
        .text("protein", "Its protein in normal organs", |r| protein(&r.1.protein))
        .text("rna", "Its RNA in normal organs, in bulk", |r| rna(&r.1.rna))
        .text("blocker_detected_in", "Normal group in which a blocker is detected most", |r| {
            let report = r.0.blockers.iter().find(|b| b.blocker == r.1.antigen && r.1.negated);
            report.and_then(|b| b.detection.as_ref()).map_or(String::new(), |d| d.0.clone())
        })
        .number("blocker_detected", "Share of its cells", |r| {
            let report = r.0.blockers.iter().find(|b| b.blocker == r.1.antigen && r.1.negated);
            report.and_then(|b| b.detection.as_ref()).map(|d| d.1)
        })
        .table
}

/// What is known of an antigen's protein, in words.
pub fn protein(evidence: &ProteinEvidence) -> String {
    match evidence {
        ProteinEvidence::Unknown => "unknown".into(),
        ProteinEvidence::Absent { stained } => format!("not detected in {stained} stained cell types"),
        ProteinEvidence::Present { stained, positive } => {
            let strongest: Vec<&str> = positive.iter().take(3).map(|p| p.0.as_str()).collect();
            format!("in {} of {stained} stained cell types: {}", positive.len(), strongest.join("; "))
        }
    }
}

/// What is known of an antigen's RNA in normal organs, in words.
pub fn rna(evidence: &RnaEvidence) -> String {
    match evidence {
        RnaEvidence::Unknown => "unknown".into(),
        RnaEvidence::Known { tissues, highest } => {
            let shown = highest.iter().take(3).map(|(tissue, level)| format!("{tissue} {level}"));
            let shown: Vec<String> = shown.collect();
            format!("highest of {tissues} tissues, nTPM: {}", shown.join("; "))
        }
    }
}

fn kept(answer: &TargetsAnswer) -> Table {
    let rows = answer.shapes.iter().flat_map(|result| result.hits.iter().map(move |hit| (result.shape, hit)));
    Rows::new(rows.collect())
        .text("shape", "The shape", |r| r.0.formula().into())
        .text("gate", "The gate", |r| text(answer, r.0, &r.1.literals))
        .number("value", "The objective's value", |r| Some(r.1.value))
        .table
}

fn certificates(answer: &TargetsAnswer) -> Table {
    Rows::new(answer.shapes.iter().collect())
        .text("shape", "The shape", |r| r.shape.formula().into())
        .whole("literals", "1", "Antigens in it", |r| r.shape.literals() as i64)
        .text("best", "The best gate (the first of equals)", |r| {
            r.hits.first().map_or(String::new(), |hit| text(answer, r.shape, &hit.literals))
        })
        .number("optimum", "Its value", |r| Some(r.certificate.optimum))
        .number("bound", "No gate of the shape has a larger value", |r| Some(r.certificate.bound))
        .text("proven", "Whether the search was complete", |r| r.certificate.proven.to_string())
        .text("more_ties", "Whether equals were left out for want of room", |r| {
            r.certificate.more_ties.to_string()
        })
        .whole("space", "1", "Gates of the shape that there are", |r| r.certificate.space as i64)
        .whole("anchors", "1", "First antigens looked at", |r| r.certificate.anchors as i64)
        .whole("pairs", "1", "Pairs of antigens looked at", |r| r.certificate.pairs as i64)
        .whole("counted", "1", "Gates counted cell by cell; bounds excluded the rest", |r| {
            r.certificate.counted as i64
        })
        .table
}

fn leave_one_out(answer: &TargetsAnswer) -> Table {
    Rows::new(answer.leave_one_out.iter().collect())
        .text("patient", "The patient left out", |r| r.patient.clone())
        .text("gate", "The best gate of the others", |r| r.gate.clone().unwrap_or_default())
        .number("others", "Its value for the others", |r| Some(r.others))
        .number("covered", "Covered share of the patient left out", |r| Some(r.covered))
        .table
}

fn front(answer: &TargetsAnswer) -> Table {
    Rows::new(answer.front.iter().collect())
        .number("limit", "Limit on the hit share of every vital group", |r| Some(r.limit))
        .text("gate", "The best gate at that limit", |r| text(answer, r.shape, &r.literals))
        .text("shape", "Its shape", |r| r.shape.formula().into())
        .number("value", "The objective's value", |r| Some(r.value))
        .number("worst", "Share of the vital group that is hit most", |r| Some(r.worst))
        .table
}

fn overlap(answer: &TargetsAnswer) -> Table {
    let mut rows = Vec::new();
    for group in &answer.overlap.groups {
        rows.extend(group.cells.iter().enumerate().map(move |(sets, cells)| (group, sets, *cells)));
    }
    rows.retain(|row| row.2 > 0);
    Rows::new(rows)
        .text("group", "Patient, or tissue and cell type", |r| r.0.name.clone())
        .text("malignant", "Whether its cells are malignant", |r| r.0.malignant.to_string())
        .text("antigens", "The antigens that the cells carry, of those of the leading gates", |r| {
            combination(&answer.overlap.antigens, r.1)
        })
        .whole("cells", "cells", "Number of such cells", |r| i64::from(r.2))
        .table
}

/// Candidates that a file lacks, or holds in several rows.
fn unmatched(answer: &TargetsAnswer) -> Table {
    let mut rows = Vec::new();
    for found in &answer.load.matches {
        let file = found.path.display().to_string();
        let kinds = [("missing", &found.missing), ("in several rows", &found.repeated)];
        for (what, genes) in kinds {
            rows.extend(genes.iter().map(|gene| (file.clone(), gene, what)));
        }
    }
    Rows::new(rows)
        .text("file", "The file", |r| r.0.clone())
        .text("candidate", "The candidate gene", |r| r.1.clone())
        .text("problem", "What is the matter with it", |r| r.2.into())
        .table
}

/// Names of the antigens whose bits are set.
fn combination(antigens: &[String], sets: usize) -> String {
    let held = antigens.iter().enumerate().filter(|(i, _)| sets >> i & 1 == 1);
    held.map(|(_, name)| name.as_str()).collect::<Vec<_>>().join("+")
}
