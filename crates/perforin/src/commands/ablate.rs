//! `perforin ablate`.

use crate::ablation::{Ablation, axis};
use crate::cli::Ablate;
use crate::failure::Failure;
use crate::study::Study;
use crate::sweep::{self, Design, Outcome, Plan};
use crate::{files, interrupt, terminal};

pub(super) fn ablate(args: &Ablate) -> Result<(), Failure> {
    let study = Study::read(&args.study)?;
    let axis = axis(&study.file, &args.only)?;
    let design = Design::grid_of(axis, args.replicates.unwrap_or(1));
    let plan = Plan::new(study, design)?;
    plan.settle(&args.out)?;
    interrupt::listen();
    match sweep::go(&plan, &args.out, args.threads.count(), args.quiet)? {
        Outcome::Stopped { finished, runs } => {
            Err(Failure::interrupted(format!("Stopped with {finished} of {runs} runs finished."))
                .help("go on with the same command"))
        }
        Outcome::Finished { .. } => {
            let ablation = Ablation::of(&plan, &args.out)?;
            ablation.table().write_csv(&args.out.join("ablation.csv"))?;
            files::write(&args.out.join("ablation.txt"), ablation.text().as_bytes())?;
            terminal::answer(&ablation.text());
            terminal::answer(&format!(
                "\nOne row for each is in {}.",
                args.out.join("ablation.csv").display()
            ));
            Ok(())
        }
    }
}
