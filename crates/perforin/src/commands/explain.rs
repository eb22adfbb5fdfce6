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
    super::finished(&folder)?;
    let effort: Effort = files::read_json(&folder.effort())?;
    let summary: Summary = files::read_json(&folder.summary())?;
    let t = &summary.tumour;
    let limits = effort.limits((t.unrecognised_start, t.unrecognised_end));
    terminal::answer(&explained(&effort, &limits));
    Ok(())
}
