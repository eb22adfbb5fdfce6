//! A run in the browser: the page of the report, its frames on demand, live while the run proceeds.
//!
//! Only this machine is answered, and only what is listed here is served; a name never becomes a path.
//!
//! | address | what it gives |
//! |---|---|
//! | `/` | the page |
//! | `/frames/K` | a block of the viewer, as [`viewer`] describes it |
//! | `/state` | how many frames there are and whether the run is over; the page asks for it and follows |
//! | `/NAME` | a table or file that the manifest lists |

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use tiny_http::{Header, Method, Request, Response};

use crate::failure::Failure;
use crate::files;
use crate::folder::Folder;
use crate::manifest::Manifest;
use crate::report;
use crate::report::viewer::{self, Limits, Packed};

/// How long a request is waited for before it is asked whether to end.
const PATIENCE: Duration = Duration::from_millis(100);

/// Serves one results folder.
pub struct Server {
    folder: Folder,
    listener: tiny_http::Server,
    port: u16,
    shown: Option<Shown>,
}

/// What was made of the folder in one state.
struct Shown {
    state: String,
    page: String,
    blocks: Vec<Vec<u8>>,
    files: BTreeMap<String, PathBuf>,
}

impl Server {
    /// Binds a port of the loopback address; 0 for any that is free.
    ///
    /// # Errors
    /// If the port is taken.
    pub fn bind(folder: Folder, port: u16) -> Result<Self, Failure> {
        let problem = |e: &dyn std::fmt::Display| {
            Failure::input(format!("port {port} of this machine cannot be used: {e}"))
                .help("give another `--port`, or none")
        };
        let listener = tiny_http::Server::http(("127.0.0.1", port)).map_err(|e| problem(&e))?;
        let port = listener
            .server_addr()
            .to_ip()
            .map(|address| address.port())
            .ok_or_else(|| problem(&"no address"))?;
        Ok(Self { folder, listener, port, shown: None })
    }

    /// Where the page is.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// Makes the page, so that a folder that cannot be shown is known before anyone asks.
    ///
    /// # Errors
    /// If it holds no run of a lesion, or is damaged or of another version.
    pub fn prepare(&mut self) -> Result<(), Failure> {
        self.look().map(drop)
    }

    /// Answers requests until `is_over`.
    ///
    /// # Errors
    /// If no more requests can be taken.
    pub fn serve(&mut self, is_over: impl Fn() -> bool) -> Result<(), Failure> {
        while !is_over() {
            let taken = self.listener.recv_timeout(PATIENCE);
            let taken = taken.map_err(|e| Failure::run("requests can no longer be taken").because(&e))?;
            if let Some(request) = taken {
                self.answer(request);
            }
        }
        Ok(())
    }

    fn answer(&mut self, request: Request) {
        let answer = match self.refusal(&request) {
            Some((code, why)) => Answer { code, kind: "text/plain; charset=utf-8", body: why.into() },
            None => self.find(request.url()).unwrap_or_else(|failure| Answer {
                code: 500,
                kind: "text/plain; charset=utf-8",
                body: failure.to_string().into_bytes(),
            }),
        };
        let mut response = Response::from_data(answer.body).with_status_code(answer.code);
        for (name, value) in [("Content-Type", answer.kind), ("Cache-Control", "no-store")] {
            if let Ok(header) = Header::from_bytes(name, value) {
                response.add_header(header);
            }
        }
        // A browser that has gone away is no failure.
        let _ = request.respond(response);
    }

    /// Why a request is refused. A page of another site that is pointed at this machine names that site as host.
    fn refusal(&self, request: &Request) -> Option<(u16, &'static str)> {
        if *request.method() != Method::Get {
            return Some((405, "only GET is answered"));
        }
        let host = request.headers().iter().find(|header| header.field.equiv("Host"));
        let known = ["127.0.0.1", "localhost"].map(|name| format!("{name}:{}", self.port));
        let is_known = host.is_some_and(|host| known.iter().any(|name| name == host.value.as_str()));
        (!is_known).then_some((403, "only this machine is answered"))
    }

    fn find(&mut self, address: &str) -> Result<Answer, Failure> {
        let name = address.split('?').next().unwrap_or_default().trim_start_matches('/');
        let shown = self.look()?;
        let html = |body: &str| Answer { code: 200, kind: "text/html; charset=utf-8", body: body.into() };
        let block = name
            .strip_prefix("frames/")
            .and_then(|k| k.parse().ok())
            .and_then(|k: usize| shown.blocks.get(k));
        Ok(match (name, block, shown.files.get(name)) {
            ("", ..) => html(&shown.page),
            ("state", ..) => Answer { code: 200, kind: "text/plain", body: shown.state.clone().into() },
            (_, Some(block), _) => {
                Answer { code: 200, kind: "application/octet-stream", body: block.clone() }
            }
            (_, _, Some(place)) => {
                Answer { code: 200, kind: "application/octet-stream", body: files::read_bytes(place)? }
            }
            _ => Answer { code: 404, kind: "text/plain", body: "there is nothing of this name".into() },
        })
    }

    /// The page and the frames, made anew if the run has gone on.
    fn look(&mut self) -> Result<&Shown, Failure> {
        let manifest = Manifest::read(&self.folder)?;
        let frames = viewer::frames(&self.folder)?;
        let state = format!("{} {}", frames.len(), manifest.is_finished());
        let shown = match self.shown.take().filter(|shown| shown.state == state) {
            Some(shown) => shown,
            None => show(&self.folder, &manifest, &frames, state)?,
        };
        Ok(self.shown.insert(shown))
    }
}

fn show(folder: &Folder, manifest: &Manifest, frames: &[PathBuf], state: String) -> Result<Shown, Failure> {
    let (packed, tumour) = match Packed::of(frames, Limits::NONE) {
        Ok(None) => (None, None),
        Ok(Some(packed)) => {
            let tumour = viewer::served(&packed, &state)?;
            (Some(packed), Some(tumour))
        }
        Err(failure) => (None, Some(report::without_frames(&failure))),
    };
    let series = crate::run::read_series(folder, manifest)?;
    let page = if manifest.is_finished() {
        let effort = files::read_json(&folder.effort())?;
        report::page_with(manifest, &series, &effort, tumour, &crate::coupled::section(folder, manifest)?)?
    } else {
        report::live_page(manifest, &series, tumour)
    };
    let names = manifest.outputs.keys().map(String::as_str).chain(["study.toml", "manifest.json"]);
    let listed = names.map(|name| (name.to_owned(), folder.root().join(name))).collect();
    Ok(Shown { state, page, blocks: packed.map(|packed| packed.blocks).unwrap_or_default(), files: listed })
}

struct Answer {
    code: u16,
    kind: &'static str,
    body: Vec<u8>,
}
