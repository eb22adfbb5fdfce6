//! `perforin fit`.

use crate::cli::Fit;
use crate::failure::Failure;
use crate::fit::{self, Effort, Problem, Scale, Target};
use crate::folder::refuse_unless_empty;
use crate::study::Study;
use crate::{files, interrupt, terminal};

pub(super) fn fit(args: &Fit) -> Result<(), Failure> {
    let study = Study::read(&args.study)?;
    let target = Target::read(&args.to, &args.columns)?;
    let scale = if args.linear { Scale::Linear } else { Scale::Log };
    let problem = Problem::new(study, &args.vary, target, scale, args.replicates)?;
    refuse_unless_empty(&args.out)?;
    interrupt::listen();
    let threads = args.threads.count();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|e| Failure::run(format!("cannot start {threads} threads")).because(&e))?;
    let fit = pool.install(|| fit::fit(&problem, Effort::USUAL, args.quiet))?;
    std::fs::create_dir_all(&args.out).map_err(|e| files::cannot_write(&args.out, &e))?;
    fit.write(&args.out)?;
    terminal::answer(&fit.text());
    let place = args.out.display();
    terminal::answer(&format!("\nThe study with these values is {place}/fitted.toml."));
    Ok(())
}
