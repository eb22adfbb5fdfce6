//! The guide names no command and no flag that does not exist.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::Bench;

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|e| e == "md") {
            found.push(path);
        }
    }
}

/// Every page that users read.
pub fn all_pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut all = vec![root.join("README.md"), root.join("validation/README.md")];
    pages(&root.join("guide"), &mut all);
    assert!(all.len() > 20, "{all:?}");
    all.sort();
    all
}

/// The contents of a page's fenced blocks of a language.
pub fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let parts = page.split("\n```").skip(1).step_by(2);
    parts.filter_map(|part| part.strip_prefix(language)?.strip_prefix('\n')).collect()
}

/// Command lines of a page: lines of its shell blocks, and code within sentences; without comments.
pub fn lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for (k, part) in text.split("```").enumerate() {
        if k % 2 == 1 {
            let Some(block) = part.strip_prefix("sh\n") else { continue };
            let joined = block.replace("\\\n", " ");
            lines.extend(joined.lines().map(|line| line.split(" #").next().unwrap().to_owned()));
        } else {
            // A line may end within a code span.
            lines.extend(part.split('`').skip(1).step_by(2).map(|code| code.replace('\n', " ")));
        }
    }
    let command = |line: String| {
        let line = line.replace("cargo run --release -- ", "perforin ");
        let rest = line.trim().strip_prefix("perforin ")?.trim().trim_end_matches('&').to_owned();
        Some(rest)
    };
    lines.into_iter().filter_map(command).collect()
}

#[test]
fn every_command_and_flag_in_the_guide_exists() {
    let bench = Bench::new();
    let mut manuals: BTreeMap<String, String> = BTreeMap::new();
    let mut checked = 0;
    for page in all_pages() {
        for line in lines(&std::fs::read_to_string(&page).unwrap()) {
            let mut words =
                line.split_whitespace().take_while(|word| !["|", ">", ">>"].contains(word)).peekable();
            let Some(mut command) =
                words.next_if(|w| w.chars().all(|c| c.is_ascii_lowercase())).map(str::to_owned)
            else {
                continue;
            };
            // `trial` has commands of its own.
            let own = ["next", "compare", "size"];
            if let Some(next) = words.next_if(|word| command == "trial" && own.contains(word)) {
                command = format!("trial {next}");
            }
            let manual = manuals.entry(command.clone()).or_insert_with(|| {
                let mut line: Vec<&str> = command.split(' ').collect();
                line.push("--help");
                bench.must(&line).stdout
            });
            let flags = words.filter(|word| word.starts_with("--"));
            for flag in flags.map(|flag| flag.split(['=', ')', ',', '.']).next().unwrap()) {
                let is_there = manual.split(|c: char| c.is_whitespace() || c == ',').any(|word| word == flag);
                assert!(is_there, "{}: `perforin {command}` has no {flag}: {line}", page.display());
                checked += 1;
            }
        }
    }
    assert!(checked > 40 && manuals.len() > 12, "{checked} flags, {:?}", manuals.keys());
}
