//! `perforin fit`.

use crate::cli::Fit;
use crate::failure::Failure;
use crate::fit::{self, Effort, Problem, Scale, Target};
use crate::folder::refuse_unless_empty;
use crate::study::Study;
use crate::{files, interrupt, terminal};

pub(super) fn fit(args: &Fit) -> Result<(), Failure> {
    let study = Study::read(&args.study)?;
    if crate::patient::is_asked(&study) {
        return patient(study, args);
    }
    if args.patients.is_some() {
        return Err(Failure::input("a study without [patient] has no patients").help("leave --patients out"));
    }
    let columns = if args.columns.is_empty() { vec!["tumour_live".to_owned()] } else { args.columns.clone() };
    let target = Target::read(&args.to, &columns)?;
    let scale = if args.linear { Scale::Linear } else { Scale::Log };
    let problem = Problem::new(study, &args.vary, target, scale, args.replicates)?;
    let fit = on_threads(args, || fit::fit(&problem, Effort::USUAL, args.quiet))?;
    fit.write(&args.out)?;
    say(&fit.text(), args);
    Ok(())
}

fn patient(study: Study, args: &Fit) -> Result<(), Failure> {
    use crate::patient::fit::{Problem, several};
    if args.patients.is_some() || several::names_patients(&args.to)? {
        let own = args.patients.as_deref();
        let several = several::Several::new(study, &args.vary, &args.to, &args.columns, own)?;
        let fit = on_threads(args, || several.fit())?;
        fit.write(&args.out)?;
        terminal::answer(&fit.text());
        let place = args.out.display();
        terminal::answer(&format!(
            "The study of the median patient is {place}/fitted.toml, that of a population {place}/population.toml."
        ));
        return Ok(());
    }
    let problem = Problem::new(study, &args.vary, &args.to, &args.columns)?;
    let fit = on_threads(args, || problem.fit())?;
    fit.write(&args.out)?;
    say(&fit.text(), args);
    Ok(())
}

/// Fits on as many threads as asked for, and makes the folder for what comes out.
fn on_threads<T: Send>(args: &Fit, fit: impl FnOnce() -> Result<T, Failure> + Send) -> Result<T, Failure> {
    refuse_unless_empty(&args.out)?;
    interrupt::listen();
    let fit = crate::run::in_pool(args.threads.count(), fit)?;
    std::fs::create_dir_all(&args.out).map_err(|e| files::cannot_write(&args.out, &e))?;
    Ok(fit)
}

fn say(text: &str, args: &Fit) {
    terminal::answer(text);
    let place = args.out.display();
    terminal::answer(&format!("\nThe study with these values is {place}/fitted.toml."));
}
