//! A command line without a study file becomes one.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::cli::Diagnose;
use crate::failure::Failure;
use crate::study::Study;

/// The study that a command line stands for.
///
/// # Errors
/// If the flags ask nothing, or something is wrong with them.
pub fn study(args: &Diagnose) -> Result<Study, Failure> {
    let mut diagnostics = Table::new();
    text(&mut diagnostics, "confidence", args.confidence.as_ref());
    section(&mut diagnostics, "tissue", tissue(args));
    section(&mut diagnostics, "biopsy", biopsy(args)?);
    let mut ctc = Table::new();
    if args.blood.is_some() {
        text(&mut ctc, "clone", args.negative_clone.as_ref());
        text(&mut ctc, "volume", args.blood.as_ref());
    }
    section(&mut diagnostics, "ctc", ctc);
    section(&mut diagnostics, "flow", flow(args));
    if !["tissue", "biopsy", "ctc", "flow"].iter().any(|key| diagnostics.contains_key(*key)) {
        return Err(Failure::input("nothing is asked")
            .help("give a study, or --negative-clone \"5 %\", --lesion DIR, or --fcs FILE; see perforin diagnose --help"));
    }
    let mut whole = Table::new();
    let title = Value::String("What samples can show".into());
    whole.insert("study".into(), Value::Table([("title".to_owned(), title)].into_iter().collect()));
    whole.insert("diagnostics".into(), Value::Table(diagnostics));
    let written = toml::to_string_pretty(&whole)
        .map_err(|e| Failure::input("the flags cannot be written as a study").because(&e))?;
    Study::parse(Path::new("the study that the flags stand for"), Path::new(""), written)
}

/// Flags that say what a study says itself.
pub fn given(args: &Diagnose) -> Option<&'static str> {
    let given = [
        ("--negative-clone", args.negative_clone.is_some()),
        ("--confidence", args.confidence.is_some()),
        ("--clustering", args.clustering.is_some()),
        ("--sites", args.sites.is_some()),
        ("--cells-per-site", args.cells_per_site.is_some()),
        ("--lesion", args.lesion.is_some()),
        ("--antigen", args.antigen.is_some()),
        ("--blood", args.blood.is_some()),
        ("--fcs", args.fcs.is_some()),
    ];
    given.into_iter().find(|(_, is_given)| *is_given).map(|(flag, _)| flag)
}

fn section(whole: &mut Table, name: &str, section: Table) {
    if !section.is_empty() {
        whole.insert(name.into(), Value::Table(section));
    }
}

fn text(table: &mut Table, key: &str, value: Option<&String>) {
    table.extend(value.map(|value| (key.to_owned(), Value::String(value.clone()))));
}

fn place(table: &mut Table, key: &str, value: Option<&PathBuf>) {
    text(table, key, value.map(|p| p.display().to_string()).as_ref());
}

fn tissue(args: &Diagnose) -> Table {
    let mut tissue = Table::new();
    if args.lesion.is_some() {
        place(&mut tissue, "results", args.lesion.as_ref());
        text(&mut tissue, "antigen", args.antigen.as_ref());
        text(&mut tissue, "negative_below", args.negative_below.as_ref());
        text(&mut tissue, "site", args.site.as_ref());
    }
    tissue
}

fn biopsy(args: &Diagnose) -> Result<Table, Failure> {
    let mut biopsy = Table::new();
    let numbers = [("sites", args.sites), ("cells_per_site", args.cells_per_site)];
    if args.negative_clone.is_none() {
        if args.clustering.is_some() || numbers.iter().any(|(_, n)| n.is_some()) {
            return Err(Failure::input("which clone is to be ruled out?").help("--negative-clone \"5 %\""));
        }
        return Ok(biopsy);
    }
    text(&mut biopsy, "clone", args.negative_clone.as_ref());
    biopsy.extend(args.clustering.map(|c| ("clustering".to_owned(), Value::Float(c))));
    biopsy.extend(
        numbers.into_iter().filter_map(|(key, n)| Some((key.to_owned(), Value::Integer(i64::from(n?))))),
    );
    Ok(biopsy)
}

fn flow(args: &Diagnose) -> Table {
    let (mut flow, mut antigen, mut antigens) = (Table::new(), Table::new(), Table::new());
    let (Some(_), Some(name)) = (&args.fcs, &args.antigen) else { return flow };
    place(&mut flow, "file", args.fcs.as_ref());
    place(&mut flow, "control", args.control.as_ref());
    text(&mut antigen, "channel", args.channel.as_ref());
    place(&mut antigen, "bead_table", args.beads.as_ref());
    text(&mut antigen, "positive_from", args.positive_from.as_ref());
    antigens.insert(name.clone(), Value::Table(antigen));
    flow.insert("antigen".into(), Value::Table(antigens));
    flow
}
