//! `perforin compare`.

use std::path::Path;

use crate::cli::Compare;
use crate::compare::{Comparison, Entry};
use crate::failure::Failure;
use crate::files;
use crate::folder::{Folder, refuse_unless_empty};
use crate::run::read_series;
use crate::terminal;

pub(super) fn compare(args: &Compare) -> Result<(), Failure> {
    if let Some(out) = &args.out {
        refuse_unless_empty(out)?;
    }
    let entries =
        args.dirs.iter().map(|dir| super::readable(dir, entry(dir))).collect::<Result<Vec<_>, _>>()?;
    let comparison = Comparison::new(entries);
    terminal::answer(&comparison.text());
    let Some(out) = &args.out else { return Ok(()) };
    std::fs::create_dir_all(out).map_err(|e| files::cannot_write(out, &e))?;
    comparison.table().write_csv(&out.join("compare.csv"))?;
    files::write(&out.join("compare.html"), comparison.page().as_bytes())?;
    terminal::answer(&format!("\nFigures are in {}.", out.join("compare.html").display()));
    Ok(())
}

fn entry(dir: &Path) -> Result<Entry, Failure> {
    let folder = Folder::open(dir)?;
    let manifest = super::finished(&folder)?;
    let series = read_series(&folder, &manifest)?;
    let summary = files::read_json(&folder.summary())?;
    Ok(Entry { name: dir.display().to_string(), manifest, series, summary })
}
