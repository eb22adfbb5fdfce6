//! `perforin explain`.

use crate::answer::Summary;
use crate::cli::Explain;
use crate::effort::{Effort, explained};
use crate::failure::Failure;
use crate::files;
use crate::folder::Folder;
use crate::terminal;

pub(super) fn explain(args: &Explain) -> Result<(), Failure> {
    let folder = Folder::open(&args.dir)?;
    let (effort, summary) = super::readable(&args.dir, read(&folder))?;
    let t = &summary.tumour;
    let limits = effort.limits((t.unrecognised_start, t.unrecognised_end));
    terminal::answer(&explained(&effort, &limits));
    Ok(())
}

fn read(folder: &Folder) -> Result<(Effort, Summary), Failure> {
    super::finished(folder)?;
    Ok((files::read_json(&folder.effort())?, files::read_json(&folder.summary())?))
}
