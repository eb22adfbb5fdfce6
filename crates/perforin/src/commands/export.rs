//! `perforin export`.

use crate::cli::Export;
use crate::export::export as write;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::terminal;

pub(super) fn export(args: &Export) -> Result<(), Failure> {
    let folder = Folder::open(&args.dir)?;
    let written = super::readable(&args.dir, write(&folder, args.to, args.last, &args.out))?;
    terminal::answer(&format!("Wrote {written} to {}", args.out.display()));
    Ok(())
}
