//! A command line without a study file becomes one.

use std::path::Path;

use toml::{Table, Value};

use crate::cli::Targets;
use crate::failure::Failure;
use crate::study::Study;

/// The study that a command line stands for.
///
/// # Errors
/// If the flags do not say what is needed, or contradict each other.
pub fn study(args: &Targets) -> Result<Study, Failure> {
    let names: Vec<String> = args.files.iter().map(|f| f.display().to_string()).collect();
    let mut targets = Table::new();
    targets.insert("atlas".into(), Value::Array(atlases(args)?));
    section(&mut targets, "candidates", candidates(args));
    section(&mut targets, "genotype", genotypes(args)?);
    section(&mut targets, "calling", calling(args)?);
    section(&mut targets, "safety", text("cap", args.cap.as_ref()));
    let report = args.label_cells.map(|n| ("label_cells".to_owned(), Value::Integer(n.into())));
    section(&mut targets, "report", report.into_iter().collect());
    targets.extend(text("normal_protein", args.protein.as_ref().map(|p| p.display().to_string()).as_ref()));
    targets.extend(text("normal_rna", args.rna.as_ref().map(|p| p.display().to_string()).as_ref()));
    targets.extend(text("time_limit", args.time_limit.as_ref()));
    if let Some(objective) = &args.objective {
        targets.insert("objective".into(), objective_of(objective));
    }
    if let Some(literals) = args.literals {
        targets.insert("literals".into(), Value::Integer(literals.into()));
    }
    let mut whole = Table::new();
    let title = format!("The best gates of {}", names.join(", "));
    whole.insert("study".into(), Value::Table(text("title", Some(&title))));
    whole.insert("targets".into(), Value::Table(targets));
    let written = toml::to_string_pretty(&whole)
        .map_err(|e| Failure::input("the flags cannot be written as a study").because(&e))?;
    Study::parse(Path::new("the study that the flags stand for"), Path::new(""), written)
}

fn section(targets: &mut Table, name: &str, section: Table) {
    if !section.is_empty() {
        targets.insert(name.into(), Value::Table(section));
    }
}

fn text(key: &str, value: Option<&String>) -> Table {
    value.map(|value| (key.to_owned(), Value::String(value.clone()))).into_iter().collect()
}

fn atlases(args: &Targets) -> Result<Vec<Value>, Failure> {
    if args.labels.is_some() && args.files.len() > 1 {
        return Err(Failure::input("--labels is for a single file").help("write a study for several"));
    }
    let Some(malignant) = &args.malignant else {
        return Err(Failure::input("which cells are malignant?")
            .help("--malignant COLUMN=LABEL[,LABEL …], where a label may end in `*`; or --malignant all"));
    };
    let mut all = Vec::new();
    for file in &args.files {
        let mut atlas = text("file", Some(&file.display().to_string()));
        if malignant == "all" {
            atlas.extend(text("cells", Some(&"malignant".into())));
        } else {
            atlas.insert("malignant".into(), malignant_of(malignant)?);
        }
        atlas.extend(text("labels", args.labels.as_ref().map(|l| l.display().to_string()).as_ref()));
        atlas.extend(text("matrix", args.matrix.as_ref()));
        label(&mut atlas, "patient", args.patient.as_ref());
        label(&mut atlas, "tissue", args.tissue.as_ref());
        label(&mut atlas, "cell_type", args.cell_type.as_ref());
        all.push(Value::Table(atlas));
    }
    for file in &args.normal {
        let mut atlas = text("file", Some(&file.display().to_string()));
        atlas.extend(text("cells", Some(&"normal".into())));
        atlas.extend(text("matrix", args.matrix.as_ref()));
        label(&mut atlas, "tissue", args.tissue.as_ref());
        label(&mut atlas, "cell_type", args.cell_type.as_ref());
        all.push(Value::Table(atlas));
    }
    Ok(all)
}

/// `COLUMN=LABEL,LABEL`.
fn malignant_of(given: &str) -> Result<Value, Failure> {
    let Some((column, labels)) = given.split_once('=').filter(|(column, _)| !column.is_empty()) else {
        return Err(Failure::input(format!("`--malignant {given}` does not name a label and its values"))
            .help("such as --malignant cell_type=malignant, or --malignant all"));
    };
    let mut table = text("column", Some(&column.to_owned()));
    table.insert("labels".into(), list(labels));
    Ok(Value::Table(table))
}

fn list(given: &str) -> Value {
    Value::Array(given.split(',').map(|item| Value::String(item.trim().to_owned())).collect())
}

/// A label by name, or, after `=`, the same value for all cells.
fn label(atlas: &mut Table, key: &str, given: Option<&String>) {
    if let Some(given) = given {
        let (kind, value) =
            given.strip_prefix('=').map_or(("column", given.as_str()), |fixed| ("fixed", fixed));
        atlas.insert(key.into(), Value::Table(text(kind, Some(&value.to_owned()))));
    }
}

fn candidates(args: &Targets) -> Table {
    let mut table = Table::new();
    if let Some(genes) = &args.genes {
        table.insert("genes".into(), list(genes));
    }
    if !args.surface.is_empty() {
        let lists = args.surface.iter().map(|file| Value::String(file.display().to_string()));
        table.insert("surface".into(), Value::Array(lists.collect()));
    }
    if let Some(grade) = args.grade {
        table.insert("grade".into(), Value::Integer(grade.into()));
    }
    table
}

/// `NAME=COLUMN=LABEL,LABEL`, each.
fn genotypes(args: &Targets) -> Result<Table, Failure> {
    let mut all = Table::new();
    for given in &args.genotype {
        let parts: Vec<&str> = given.splitn(3, '=').collect();
        let &[name, column, labels] = parts.as_slice() else {
            return Err(Failure::input(format!(
                "`--genotype {given}` does not name a literal, a label and its values"
            ))
            .help("such as --genotype HLA-A02=hla_a02=kept"));
        };
        let mut genotype = text("column", Some(&column.to_owned()));
        genotype.insert("present".into(), list(labels));
        let table = args.genotype_table.as_ref().map(|file| file.display().to_string());
        genotype.extend(text("patients", table.as_ref()));
        genotype.extend(text("normal", args.genotype_normal.as_ref()));
        if all.insert(name.to_owned(), Value::Table(genotype)).is_some() {
            return Err(Failure::input(format!("`--genotype {name}=…` is given twice")));
        }
    }
    Ok(all)
}

fn calling(args: &Targets) -> Result<Table, Failure> {
    let mut table = Table::new();
    if let Some(given) = &args.thresholds {
        let numbers: Result<Vec<f64>, _> = given.split(',').map(|n| n.trim().parse::<f64>()).collect();
        let numbers = numbers.map_err(|_| {
            Failure::input(format!("`--thresholds {given}` are no numbers")).help("such as 0,2")
        })?;
        table.insert("thresholds".into(), Value::Array(numbers.into_iter().map(Value::Float).collect()));
    }
    if args.depth_matched {
        table.insert("depth_matched".into(), Value::Boolean(true));
    }
    if args.detection {
        table.insert("detection".into(), Value::Table(Table::new()));
    }
    Ok(table)
}

/// `minimum`, `pooled` or `quantile=10 %`.
fn objective_of(given: &str) -> Value {
    match given.split_once('=') {
        Some(("quantile", share)) => {
            let share = if share.contains('%') { share.to_owned() } else { format!("{share} %") };
            Value::Table(text("quantile", Some(&share)))
        }
        _ => Value::String(given.into()),
    }
}
