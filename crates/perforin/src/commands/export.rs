//! `perforin export`.

use crate::cli::Export;
use crate::export::{Course, export as write};
use crate::failure::Failure;
use crate::folder::Folder;
use crate::terminal;

pub(super) fn export(args: &Export) -> Result<(), Failure> {
    let folder = Folder::open(&args.dir)?;
    let course = Course::read(&folder, args.last)?;
    write(&course, args.to, &args.out)?;
    let frames = course.frames.len();
    let frames = if frames == 1 { "1 frame".into() } else { format!("{frames} frames") };
    terminal::answer(&format!("Wrote {frames} to {}", args.out.display()));
    Ok(())
}
