//! `perforin`: an in-silico design bench for engineered T cells against solid tumours.

fn main() {}
