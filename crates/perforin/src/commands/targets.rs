//! `perforin targets`.

use std::path::Path;

use crate::cli::Targets;
use crate::failure::Failure;
use crate::folder::refuse_unless_empty;
use crate::study::Study;
use crate::targets::{self, flags, words};
use crate::{interrupt, terminal};

pub(super) fn targets(args: &Targets) -> Result<(), Failure> {
    refuse_unless_empty(&args.out)?;
    let is_study = |file: &Path| file.extension().is_some_and(|ending| ending == "toml");
    let (study, base) = match &args.files[..] {
        [file] if is_study(file) => {
            refuse_flags(args)?;
            let folder = file.parent().map(Path::to_owned).unwrap_or_default();
            (Study::read(file)?, args.data.clone().unwrap_or(folder))
        }
        files if files.iter().any(|file| is_study(file)) => {
            return Err(Failure::input("a study stands alone").help("name its files under [[targets.atlas]]"));
        }
        _ => (flags::study(args)?, args.data.clone().unwrap_or_default()),
    };
    interrupt::listen();
    let ended = targets::run(&study, &base, &args.out, args.threads.count(), args.quiet)?;
    for warning in &ended.answer.warnings {
        terminal::remark(&format!("warning: {warning}"));
    }
    terminal::answer(&words::in_words(&ended.answer));
    let place = args.out.display();
    if ended.is_stopped {
        let is_proved = ended.answer.shapes.iter().all(|shape| shape.certificate.proven);
        let when = if is_proved { "after the proof, before the rest" } else { "before the proof" };
        return Err(Failure::interrupted(format!("Stopped {when}; what is known is in {place}."))
            .help("search again for what is missing"));
    }
    terminal::answer(&format!("\nEverything is in {place}; begin with report.html there."));
    Ok(())
}

/// A study says everything itself.
fn refuse_flags(args: &Targets) -> Result<(), Failure> {
    let given = [
        ("--malignant", args.malignant.is_some()),
        ("--normal", !args.normal.is_empty()),
        ("--patient", args.patient.is_some()),
        ("--tissue", args.tissue.is_some()),
        ("--cell-type", args.cell_type.is_some()),
        ("--labels", args.labels.is_some()),
        ("--matrix", args.matrix.is_some()),
        ("--genes", args.genes.is_some()),
        ("--surface", !args.surface.is_empty()),
        ("--grade", args.grade.is_some()),
        ("--objective", args.objective.is_some()),
        ("--literals", args.literals.is_some()),
        ("--cap", args.cap.is_some()),
        ("--thresholds", args.thresholds.is_some()),
        ("--depth-matched", args.depth_matched),
        ("--detection", args.detection),
        ("--protein", args.protein.is_some()),
        ("--rna", args.rna.is_some()),
        ("--label-cells", args.label_cells.is_some()),
        ("--time-limit", args.time_limit.is_some()),
    ];
    match given.into_iter().find(|(_, is_given)| *is_given) {
        Some((flag, _)) => Err(Failure::input(format!("{flag} is for atlas files, not for a study"))
            .help("say it in the study's [targets]")),
        None => Ok(()),
    }
}
