//! `perforin new`.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use perforin_core::diagnostics::nearest;

use crate::cli::New;
use crate::failure::Failure;
use crate::files::cannot_write;
use crate::templates::TEMPLATES;
use crate::terminal;

pub(super) fn new(args: &New) -> Result<(), Failure> {
    let Some(name) = &args.template else {
        list();
        return Ok(());
    };
    let Some(template) = TEMPLATES.iter().find(|t| t.name == name) else {
        let names = TEMPLATES.iter().map(|t| t.name);
        let help = match nearest(name, names.clone()) {
            Some(right) => format!("did you mean `{right}`?"),
            None => format!("there are {}", names.collect::<Vec<_>>().join(", ")),
        };
        return Err(Failure::input(format!("there is no template `{name}`")).help(help));
    };
    let place = args.file.clone().unwrap_or_else(|| PathBuf::from(format!("{name}.toml")));
    let mut file = OpenOptions::new().write(true).create_new(true).open(&place).map_err(|e| {
        if e.kind() == ErrorKind::AlreadyExists {
            let what = format!("`{}` exists and is not overwritten", place.display());
            Failure::input(what).help("choose another name")
        } else {
            cannot_write(&place, &e)
        }
    })?;
    file.write_all(template.text.as_bytes()).map_err(|e| cannot_write(&place, &e))?;
    let place = place.display();
    terminal::answer(&format!("Wrote {place}\nNext: perforin check {place}"));
    Ok(())
}

fn list() {
    let widest = TEMPLATES.iter().map(|t| t.name.len()).max().unwrap_or(0);
    let lines: Vec<String> =
        TEMPLATES.iter().map(|t| format!("  {:widest$}  {}", t.name, t.title())).collect();
    terminal::answer(&format!(
        "Templates:\n{}\n\nWrite one to a file with `perforin new TEMPLATE FILE`.",
        lines.join("\n")
    ));
}
