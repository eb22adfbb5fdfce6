//! `perforin trial`.

use crate::cli::Trial;
use crate::failure::Failure;
use crate::folder::refuse_unless_empty;
use crate::study::Study;
use crate::terminal;
use crate::trial::{self, Question, words};

pub(super) fn trial(args: &Trial) -> Result<(), Failure> {
    refuse_unless_empty(&args.out)?;
    let study = Study::read(&args.study)?;
    let question = Question::new(&study)?;
    for warning in study.warnings(&question.warnings) {
        terminal::remark(&format!("{}\n", warning.trim_end()));
    }
    let answer = trial::run::run(&study, &question, &args.out, args.threads.count())?;
    terminal::answer(&words::in_words(&answer));
    terminal::answer(&format!("\nEverything is in {}; begin with report.html there.", args.out.display()));
    Ok(())
}
