//! `perforin`: an in-silico design bench for engineered T cells against solid tumours.

use std::process::ExitCode;

fn main() -> ExitCode {
    perforin::commands::main()
}
