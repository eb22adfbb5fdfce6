//! `perforin sweep`, and `perforin resume` of a sweep.

use crate::answer::grouped;
use crate::cli::{Resume, Sweep};
use crate::failure::Failure;
use crate::study::Study;
use crate::sweep::{self, Design, Outcome, Plan};
use crate::{interrupt, terminal};

pub(super) fn sweep(args: &Sweep) -> Result<(), Failure> {
    let study = Study::read(&args.study)?;
    let design = Design::new(study.file.sweep.as_ref(), &args.vary, args.samples, args.replicates)?;
    let plan = Plan::new(study, design)?;
    plan.settle(&args.out)?;
    go(&plan, &args.out, args.threads.count(), args.quiet)
}

pub(super) fn resume(args: &Resume) -> Result<(), Failure> {
    let plan = Plan::read(&args.dir)?;
    go(&plan, &args.dir, args.threads.count(), args.quiet)
}

fn go(plan: &Plan, root: &std::path::Path, threads: usize, quiet: bool) -> Result<(), Failure> {
    interrupt::listen();
    let outcome = sweep::go(plan, root, threads, quiet)?;
    let place = root.display();
    match outcome {
        Outcome::Finished { runs, verdicts } => {
            let counts: Vec<String> = verdicts.iter().map(|(verdict, n)| format!("{n} {verdict}")).collect();
            terminal::answer(&format!(
                "{} runs: {}.\nOne row for each is in {place}/results.csv (and .parquet).",
                grouped(runs as f64),
                counts.join(", ")
            ));
            Ok(())
        }
        Outcome::Stopped { finished, runs } => {
            Err(Failure::interrupted(format!("Stopped with {finished} of {runs} runs finished."))
                .help(format!("go on with `perforin resume {place}`")))
        }
    }
}
