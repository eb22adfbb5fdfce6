//! `perforin view`.

use crate::cli::View;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::view::Server;
use crate::{interrupt, terminal};

pub(super) fn view(args: &View) -> Result<(), Failure> {
    let folder = Folder::open(&args.dir)?;
    if crate::whole::is_whole(folder.root()) {
        let what = format!("`{}` holds the stages of a whole way", args.dir.display());
        let help = format!("view its lesion: `perforin view {}`", args.dir.join("2-lesion-gate").display());
        return Err(Failure::input(what).help(help));
    }
    if crate::targets::is_targets(folder.root()) || crate::patient::is_patient(folder.root()) {
        let page = folder.report();
        return Err(Failure::input(format!("`{}` holds no lesion to be shown", args.dir.display()))
            .help(format!("its page is {}", page.display())));
    }
    let mut server = Server::bind(folder, args.port)?;
    terminal::answer(&format!("{} shows {}; Ctrl-C ends it.", server.address(), args.dir.display()));
    interrupt::listen();
    server.serve(interrupt::is_requested)
}
