//! Running the command in a folder of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// A small study with everything in it: about a hundred cells for 200 steps.
pub const STUDY: &str = r#"
[study]
title = "Small"
question = "Does it clear?"
seed = 3
duration = "20 h"

[lesion]
diameter = "70 µm"
domain = "160 µm"
doubling_time = "2 d"
antigen.HER2.density = { median = "400000 /cell", log_sd = 0.5 }
antigen.HER2.negative = { fraction = "20 %" }

[lesion.normal_tissue]
thickness = "20 µm"
antigen.HER2.density = { median = "2421 /cell", log_sd = 0.5 }

[lesion.entry]
fraction = "0.0002 %"
over = "2 h"

[product]
kind = "CAR-T"
gate = "HER2"
[product.receptor.HER2]
kd = "1 nM"

[[regimen.infusion]]
day = 0
dose = "2e7 CAR+ cells"

[output]
events = true
series_every = "30 min"
frames_every = "5 h"
checkpoint_every = "2 h"
"#;

/// What a command did.
pub struct Done {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// A folder with the small study in it.
pub struct Bench {
    folder: TempDir,
}

impl Bench {
    pub fn new() -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap() };
        bench.write("study.toml", STUDY);
        bench
    }

    /// With the study made longer, so that a run can be stopped in its midst on a fast machine too.
    pub fn long() -> Self {
        let bench = Self::new();
        bench.write("study.toml", &STUDY.replace("duration = \"20 h\"", "duration = \"60 h\""));
        bench
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn command(&self, line: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_perforin"));
        command.args(line).current_dir(self.folder.path());
        command
    }

    /// Runs the command to its end.
    pub fn perforin(&self, line: &[&str]) -> Done {
        let Output { status, stdout, stderr } = self.command(line).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Done { code: status.code().unwrap(), stdout: text(stdout), stderr: text(stderr) }
    }

    /// Runs the command, which must succeed.
    pub fn must(&self, line: &[&str]) -> Done {
        let done = self.perforin(line);
        assert_eq!(done.code, 0, "{line:?}\n{}\n{}", done.stdout, done.stderr);
        done
    }

    /// Starts the command.
    pub fn start(&self, line: &[&str]) -> Child {
        self.command(line).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Starts the command and gives it back as soon as the series in `out` has this number of lines.
    pub fn start_until(&self, line: &[&str], out: &str, lines: usize) -> Child {
        let mut child = self.command(line).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let series = self.path(out).join("series.csv");
        let reached = || std::fs::read_to_string(&series).is_ok_and(|text| text.lines().count() >= lines);
        while !reached() && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(2));
        }
        child
    }

    /// Every file below a folder, except the one that tells how long it took.
    pub fn bytes(&self, out: &str) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        gather(&self.path(out), "", &mut files);
        files.retain(|name, _| !name.ends_with("timing.json"));
        files
    }

    /// Asserts that two folders hold the same files with the same bytes.
    pub fn assert_same(&self, a: &str, b: &str) {
        let (left, right) = (self.bytes(a), self.bytes(b));
        assert!(left.keys().eq(right.keys()), "{:?}\n{:?}", left.keys(), right.keys());
        for (name, bytes) in &left {
            assert!(bytes == &right[name], "{name} differs between {a} and {b}");
        }
    }
}

fn gather(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            gather(&entry.path(), &format!("{name}/"), files);
        } else {
            files.insert(name, std::fs::read(entry.path()).unwrap());
        }
    }
}
