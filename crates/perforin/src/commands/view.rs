//! `perforin view`.

use crate::cli::View;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::view::Server;
use crate::{interrupt, terminal};

pub(super) fn view(args: &View) -> Result<(), Failure> {
    let folder = Folder::open(&args.dir)?;
    let mut server = Server::bind(folder, args.port)?;
    // What cannot be shown is said here, not by an address that leads nowhere.
    super::readable(&args.dir, server.prepare())?;
    terminal::answer(&format!("{} shows {}; Ctrl-C ends it.", server.address(), args.dir.display()));
    interrupt::listen();
    server.serve(interrupt::is_requested)
}
