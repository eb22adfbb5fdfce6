//! `perforin view`: only the run, and only to this machine.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use crate::support::Bench;

struct Viewer {
    child: Child,
    port: u16,
}

impl Viewer {
    fn of(bench: &Bench, folder: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_perforin"))
            .args(["view", folder])
            .current_dir(bench.path("."))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let port = line.strip_prefix("http://127.0.0.1:").and_then(|rest| rest.split('/').next());
        Self { child, port: port.and_then(|port| port.parse().ok()).unwrap_or_else(|| panic!("{line}")) }
    }

    /// Status and body of the answer to a request.
    fn ask(&self, method: &str, path: &str, host: &str) -> (u16, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        let status = String::from_utf8_lossy(&answer[9..12]).parse().unwrap();
        (status, answer[end..].to_vec())
    }

    fn get(&self, path: &str) -> (u16, Vec<u8>) {
        self.ask("GET", path, &format!("127.0.0.1:{}", self.port))
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_run_is_served_to_this_machine_and_nothing_else_is() {
    let bench = Bench::new();
    bench.write("secret.txt", "not for you");
    bench.must(&["run", "study.toml", "--out", "out", "--quiet"]);
    let viewer = Viewer::of(&bench, "out");
    let (status, page) = viewer.get("/");
    let page = String::from_utf8(page).unwrap();
    assert!(status == 200 && page.contains("viewer-header") && !page.contains("viewer-frame-0\""));
    assert_eq!(viewer.get("/state"), (200, b"5 true".to_vec()));
    assert!(viewer.get("/frames/4").0 == 200 && viewer.get("/frames/5").0 == 404);
    assert_eq!(viewer.get("/series.csv"), (200, bench.read("out/series.csv").into_bytes()));
    for outside in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "//etc/passwd",
        "/frames/../../secret.txt",
        "/frames/-1",
        "/x",
    ] {
        assert_eq!(viewer.get(outside).0, 404, "{outside}");
    }
    assert_eq!(viewer.ask("GET", "/", "perforin.example").0, 403);
    assert_eq!(viewer.ask("POST", "/", &format!("localhost:{}", viewer.port)).0, 405);
}

#[test]
fn a_run_that_proceeds_is_shown_as_far_as_it_is() {
    let bench = Bench::long();
    let mut run = bench.start_until(&["run", "study.toml", "--out", "out", "--threads", "1"], "out", 4);
    run.kill().unwrap();
    run.wait().unwrap();
    let viewer = Viewer::of(&bench, "out");
    let page = String::from_utf8(viewer.get("/").1).unwrap();
    assert!(
        page.contains("This run is on day") && page.contains("of 2.5; the page follows it"),
        "{page:.2000}"
    );
    assert!(String::from_utf8(viewer.get("/state").1).unwrap().ends_with(" false"));
    bench.must(&["resume", "out", "--quiet"]);
    assert!(String::from_utf8(viewer.get("/state").1).unwrap().ends_with(" true"));
    assert!(String::from_utf8(viewer.get("/").1).unwrap().contains("class=\"answer\""));
}
