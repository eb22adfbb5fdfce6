//! The studies, parts of studies and sweeps that the guide prints, and the templates, are without a problem.

use perforin::failure::Failure;
use perforin::study::Study;
use perforin::sweep::{Design, Plan};
use perforin::templates::TEMPLATES;
use perforin::{diagnose, patient, targets, trial, whole};
use toml::{Table, Value};

use crate::guide::{all_pages, blocks, lines};

/// The template that a page's parts of studies are parts of, by a section that the part has; the first that fits.
const WHOLES: &[(&str, &str, &str)] = &[
    ("fight.md", "mechanisms", "her2-affinity"),
    ("dose-and-split.md", "population", "dose-levels"),
    ("lymphodepletion.md", "population", "dose-levels"),
    ("patient.md", "population", "dose-levels"),
    ("patient.md", "patient", "patient-two-lesions"),
    ("trials.md", "trial.virtual_patients", "from-cells-to-trial"),
    ("trials.md", "trial", "dose-finding"),
];

/// Files that the page on targets names, which have to be there and are not read.
const NAMED: [&str; 6] = [
    "tumour.h5ad",
    "healthy.h5ad",
    "surfy.tsv",
    "normal_tissue.tsv.gz",
    "rna_tissue_consensus.tsv.gz",
    "hla.tsv",
];

/// Asks of a study what its kind would be asked before it is run.
fn accept(study: &Study) -> Result<(), Failure> {
    if whole::is_asked(study) {
        return whole::run::check(study).map(drop);
    }
    if study.has("targets") {
        targets::Question::new(study, study.base())?;
    }
    if study.has("diagnostics") {
        diagnose::Question::new(study, study.base())?;
    }
    if study.has("trial") {
        trial::Question::new(study)?;
    }
    if patient::is_asked(study) {
        patient::Question::new(study)?;
    } else if study.has("lesion") {
        study.prepare()?;
    }
    Ok(())
}

fn template(name: &str) -> &'static str {
    TEMPLATES.iter().find(|template| template.name == name).map(|template| template.text).unwrap()
}

/// A whole with every section that the part has too changed: what stands in it directly replaces what stood there.
fn completed(whole: &str, part: Table) -> String {
    let mut whole: Table = whole.parse().unwrap();
    for (section, content) in part {
        match (whole.get_mut(&section), content) {
            (Some(Value::Table(old)), Value::Table(new)) => old.extend(new),
            (_, content) => drop(whole.insert(section, content)),
        }
    }
    toml::to_string(&whole).unwrap()
}

/// Whether a part has a section, by its dotted path.
fn has(part: &Table, section: &str) -> bool {
    let mut names = section.split('.');
    let first = names.next().and_then(|name| part.get(name));
    names.fold(first, |found, name| found?.get(name)).is_some()
}

/// The study that a block of a page prints or belongs to.
fn study_of(page: &str, block: &str) -> String {
    let part: Table = block.parse().unwrap_or_else(|e| panic!("{page}: {e}\n{block}"));
    if part.contains_key("study") {
        return block.to_owned();
    }
    let found = WHOLES.iter().find(|(name, section, _)| page.ends_with(name) && has(&part, section));
    let (_, _, name) = found.unwrap_or_else(|| panic!("{page}: of which template is this a part?\n{block}"));
    completed(template(name), part)
}

#[test]
fn every_template_is_a_study_without_a_problem() {
    for template in TEMPLATES {
        assert!(!template.title().is_empty());
        let study = Study::parse(template.name.as_ref(), "".as_ref(), template.text.into());
        study.and_then(|study| accept(&study)).unwrap_or_else(|e| panic!("{}: {e}", template.name));
    }
}

#[test]
fn every_study_in_the_guide_is_one_without_a_problem() {
    let folder = tempfile::tempdir().unwrap();
    for name in NAMED {
        std::fs::write(folder.path().join(name), "").unwrap();
    }
    let mut checked = 0;
    for page in all_pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        // The page on scenes prints the table that one of its studies imports.
        if let [table] = blocks(&text, "text")[..] {
            std::fs::write(folder.path().join("section.csv"), table).unwrap();
        }
        for block in blocks(&text, "toml") {
            let study = study_of(&page.display().to_string(), block);
            let read = Study::parse(&page, folder.path(), study);
            read.and_then(|study| accept(&study))
                .unwrap_or_else(|e| panic!("{}: {e}\n{block}", page.display()));
            checked += 1;
        }
    }
    assert!(checked > 20, "{checked} studies");
}

/// Words of a command line, of which quotation marks hold some together.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for (k, part) in line.split('"').enumerate() {
        if k % 2 == 1 {
            words.last_mut().unwrap().push_str(part);
            continue;
        }
        for c in part.chars() {
            match c {
                ' ' => words.push(String::new()),
                c => words.last_mut().unwrap().push(c),
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The study that a name stands for: a shipped one, or one that the same page has made from a template before.
fn named(file: &str, made: &[(String, String)]) -> Option<&'static str> {
    let shipped = file.strip_prefix("examples/").and_then(|name| name.strip_suffix(".toml")).map(template);
    shipped.or_else(|| made.iter().rev().find(|(name, _)| name == file).map(|(_, from)| template(from)))
}

#[test]
fn every_sweep_in_the_guide_varies_what_its_study_has() {
    let mut checked = 0;
    for page in all_pages() {
        let mut made: Vec<(String, String)> = Vec::new();
        for line in lines(&std::fs::read_to_string(&page).unwrap()) {
            let words = words(&line);
            let after = |flag: &str| -> Vec<String> {
                let pairs = words.iter().zip(words.iter().skip(1));
                pairs.filter(|(word, _)| *word == flag).map(|(_, value)| value.clone()).collect()
            };
            match words.first().map(String::as_str) {
                Some("new") if words.len() > 2 => made.push((words[2].clone(), words[1].clone())),
                Some("sweep") => {
                    let Some(text) = words.get(1).and_then(|file| named(file, &made)) else { continue };
                    let number = |flag| after(flag).first().map(|n| n.parse::<u32>().unwrap());
                    let plan = Study::parse(&page, "".as_ref(), text.into()).and_then(|study| {
                        let (samples, replicates) = (number("--samples"), number("--replicates"));
                        let section = study.file.sweep.clone();
                        let design = Design::new(section.as_ref(), &after("--vary"), samples, replicates)?;
                        Plan::new(study, design)
                    });
                    let plan = plan.unwrap_or_else(|e| panic!("{}: {e}\n{line}", page.display()));
                    assert!(plan.runs() > 1, "{line}");
                    checked += 1;
                }
                _ => {}
            }
        }
    }
    assert!(checked > 10, "{checked} sweeps");
}
