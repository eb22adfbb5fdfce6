//! `perforin diagnose`.

use std::path::Path;

use crate::cli::Diagnose;
use crate::diagnose::{self, Question, flags};
use crate::failure::Failure;
use crate::folder::refuse_unless_empty;
use crate::study::Study;
use crate::terminal;

pub(super) fn diagnose(args: &Diagnose) -> Result<(), Failure> {
    if let Some(out) = &args.out {
        refuse_unless_empty(out)?;
    }
    let (study, base) = match &args.study {
        Some(place) => {
            if let Some(flag) = flags::given(args) {
                return Err(Failure::input(format!("{flag} is for a question without a study"))
                    .help("say it in the study's [diagnostics]"));
            }
            if args.out.is_none() {
                return Err(Failure::input("a study is answered into a folder").help("give --out DIR"));
            }
            let folder = place.parent().map(Path::to_owned).unwrap_or_default();
            (Study::read(place)?, args.data.clone().unwrap_or(folder))
        }
        None => (flags::study(args)?, args.data.clone().unwrap_or_default()),
    };
    let question = Question::new(&study, &base)?;
    for warning in study.warnings(&question.warnings) {
        terminal::remark(&format!("{}\n", warning.trim_end()));
    }
    let answer = diagnose::run(&study, &question, args.out.as_deref())?;
    terminal::answer(&answer.in_words());
    if let Some(out) = &args.out {
        terminal::answer(&format!("\nEverything is in {}; begin with report.html there.", out.display()));
    }
    Ok(())
}
