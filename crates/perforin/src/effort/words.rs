//! The effort in words and tables.

use std::collections::BTreeMap;
use std::fmt::Write;

use perforin_lesion::budget::Entry;
use perforin_lesion::events::Cause;

use super::{Effort, Limit, Product};
use crate::answer::{grouped, per_cent, rounded};

/// What limited the product most, in one paragraph.
pub fn most_limiting(limits: &[Limit]) -> Option<String> {
    let worst = limits.first().filter(|l| l.left < 0.95)?;
    let mut text = format!("What limits it most is {}: {}.", worst.stage.name(), worst.why);
    let further: Vec<String> = limits[1..]
        .iter()
        .filter(|l| l.left < 0.9)
        .take(2)
        .map(|l| format!("{} ({})", l.stage.name(), l.why))
        .collect();
    if !further.is_empty() {
        let _ = write!(text, " Then {}.", further.join("; then "));
    }
    Some(text)
}

/// Everything, as text: the flow, time, hits, divisions, deaths, and the ranking.
pub fn explained(effort: &Effort, limits: &[Limit]) -> String {
    let mut text = String::new();
    for product in &effort.products {
        text += &of_product(product);
    }
    text += "Synapses, of all attackers\n";
    text += &line("ended with a kill", &grouped(effort.kills as f64));
    for (reason, count) in &effort.failed {
        let meaning = Cause::ALL.iter().find(|c| c.name() == reason).map_or("", |c| c.meaning());
        let _ =
            writeln!(text, "    {:<32}{:<12}{meaning}", format!("failed: {reason}"), grouped(*count as f64));
    }
    text += "\nTumour cells\n";
    text += &table(&effort.tumour.killed, "killed by ");
    text += &table(&effort.tumour.died, "died of ");
    text += &line("divided", &grouped(effort.tumour.divisions as f64));
    for (name, losses) in &effort.normal {
        let _ = writeln!(text, "\nHealthy tissue: {name}");
        text += &table(&losses.killed, "killed by ");
        text += &table(&losses.died, "died of ");
    }
    text += "\nWhat limited it, the worst first (share of the effect that each stage leaves)\n";
    for limit in limits {
        let _ =
            writeln!(text, "  {:<12} leaves {:>6}  {}", limit.stage.name(), per_cent(limit.left), limit.why);
    }
    text
}

fn of_product(p: &Product) -> String {
    let mut text = format!("{}: from infusion to exhaustion\n", p.name);
    if let Some(infused) = p.infused {
        text += &line("infused", &grouped(infused));
    }
    for (label, count) in [
        ("entered the lesion", p.arrived),
        ("born in the lesion", p.born),
        ("were in the lesion", p.cells),
        ("touched a tumour cell", p.touched),
        ("formed a synapse", p.engaged),
        ("killed", p.killed),
        ("were exhausted", p.exhausted),
        ("alive at the end", p.alive),
    ] {
        text += &line(label, &of_all(count, p.cells));
    }
    text += "\n  Time of live cells\n";
    let time = [
        Entry::Searching,
        Entry::HeldByMatrix,
        Entry::Unrecognised,
        Entry::Approaching,
        Entry::OnTumour,
        Entry::OnNormal,
    ];
    let all: f64 = time.iter().filter(|e| **e != Entry::HeldByMatrix).map(|e| p.of(*e)).sum();
    text += &entries(p, &time, all, 1440.0, "cell-days");
    text += "\n  Hits of synapses with tumour cells\n";
    let hits = [
        Entry::LostToRecognition,
        Entry::LostToPotency,
        Entry::LostToExhaustion,
        Entry::LostToCheckpoint,
        Entry::LostToSuppression,
        Entry::Delivered,
    ];
    text += &entries(p, &hits, p.of(Entry::Hits), 1.0, "hits");
    text += "\n  Divisions\n";
    let divisions = [
        Entry::UnstimulatedDivisions,
        Entry::EndedDivisions,
        Entry::ExhaustedDivisions,
        Entry::SuppressedDivisions,
        Entry::HypoxicDivisions,
        Entry::StarvedDivisions,
        Entry::DivisionsLeft,
    ];
    text += &entries(p, &divisions, p.of(Entry::Divisions), 1.0, "divisions");
    text += "\n  Deaths\n";
    text += &table(&p.deaths, "");
    text + "\n"
}

fn entries(p: &Product, entries: &[Entry], all: f64, unit: f64, name: &str) -> String {
    let row = |e: &Entry| {
        let value = format!("{} {name}", rounded(p.of(*e) / unit));
        let share = if all > 0.0 { per_cent(p.of(*e) / all) } else { "-".into() };
        format!("    {value:>22} {share:>7}  {}\n", e.meaning())
    };
    entries.iter().map(row).collect()
}

fn of_all(count: u64, all: u64) -> String {
    if all == 0 {
        return grouped(count as f64);
    }
    format!("{:<10} {}", grouped(count as f64), per_cent(count as f64 / all as f64))
}

fn table(counts: &BTreeMap<String, u64>, prefix: &str) -> String {
    counts.iter().map(|(name, count)| line(&format!("{prefix}{name}"), &grouped(*count as f64))).collect()
}

fn line(label: &str, value: &str) -> String {
    format!("    {label:<32}{value}\n")
}
