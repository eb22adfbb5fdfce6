//! A results folder and the names in it.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::files::{cannot_write, digest_of_file};
use crate::table::Table;

/// Folders that commands write and that are not those of a run: a file in them, what they hold, and what to open instead.
const NOT_A_RUN: [(&str, &str, &str); 4] = [
    (
        "ablation.csv",
        "an ablation",
        "its runs are below `{root}/units`, and a row for each is in `{root}/ablation.csv`",
    ),
    (
        "sweep.json",
        "a sweep",
        "its runs are below `{root}/units`, and a row for each is in `{root}/results.csv`",
    ),
    (
        "compare.html",
        "a comparison",
        "open `{root}/compare.html`, or name one of the runs that were compared",
    ),
    ("fitted.toml", "a fit", "`{root}/fitted.toml` is the study with the fitted values, to be run"),
];

/// A results folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder of a run that is about to be written there.
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Makes a new folder, or takes an empty one.
    ///
    /// # Errors
    /// If it holds anything, or cannot be made.
    pub fn create(root: &Path) -> Result<Self, Failure> {
        refuse_unless_empty(root)?;
        fs::create_dir_all(root).map_err(|e| cannot_write(root, &e))?;
        Ok(Self { root: root.to_owned() })
    }

    /// Opens the folder of a run.
    ///
    /// # Errors
    /// If it is none.
    pub fn open(root: &Path) -> Result<Self, Failure> {
        let folder = Self { root: root.to_owned() };
        if folder.manifest().is_file() && folder.study().is_file() {
            return Ok(folder);
        }
        Err(folder.refused())
    }

    /// Why this is no folder of a run.
    fn refused(&self) -> Failure {
        let root = self.root.display();
        for (marker, what, next) in NOT_A_RUN {
            if self.root.join(marker).is_file() {
                return Failure::input(format!("`{root}` holds {what}, not one run"))
                    .help(next.replace("{root}", &root.to_string()));
            }
        }
        let is_begun = self.manifest().is_file() || self.report().is_file();
        let lacking = [self.manifest(), self.study()].into_iter().find(|part| !part.is_file());
        if let (true, Some(part)) = (is_begun, lacking) {
            return Failure::input(format!("`{root}` is incomplete: it lacks `{}`", part.display()))
                .help("run the study again in another folder")
                .help_too(self.still_seen());
        }
        let why = if self.root.exists() { "is not a results folder" } else { "does not exist" };
        Failure::input(format!("`{root}` {why}")).help("give the folder that was named with `--out`")
    }

    /// What of it can be seen even if it cannot be read again; none if there is no page.
    pub fn still_seen(&self) -> Option<String> {
        let page = self.report();
        page.is_file().then(|| {
            let (page, root) = (page.display(), self.root.display());
            format!("`{page}` opens as it was written, and `perforin export {root} --to figures` takes its figures")
        })
    }

    /// Claims the folder for this process; the claim ends with the returned file, or with the process.
    ///
    /// # Errors
    /// If another process works in the folder.
    pub fn claim(&self) -> Result<File, Failure> {
        let place = self.study();
        let file = File::open(&place)
            .map_err(|e| Failure::input(format!("cannot read `{}`", place.display())).because(&e))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                Err(Failure::input(format!("another perforin is at work in `{}`", self.root.display()))
                    .help("wait for it, or stop it first"))
            }
            // A file system without locks is no reason to refuse work.
            Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
        }
    }

    /// Whether a run or a sweep was begun in it.
    pub fn is_begun(&self) -> bool {
        self.manifest().is_file() || self.root.join("sweep.json").is_file()
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The study as it was run.
    pub fn study(&self) -> PathBuf {
        self.root.join("study.toml")
    }

    /// The copy of the file that the study imports cells from, by the file's name in the study.
    pub fn imported(&self, file: &str) -> PathBuf {
        let name = Path::new(file).file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        self.root.join(format!("imported-{name}"))
    }

    /// What was run, with every parameter.
    pub fn manifest(&self) -> PathBuf {
        self.root.join("manifest.json")
    }

    /// From where a run goes on.
    pub fn checkpoint(&self) -> PathBuf {
        self.root.join("checkpoint.pfc")
    }

    /// A table in the given format: `series`, `events`.
    pub fn table(&self, name: &str, format: &str) -> PathBuf {
        self.root.join(format!("{name}.{format}"))
    }

    /// Writes a table as CSV and as Parquet; the names of the two files.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn write_table(&self, name: &str, table: &Table) -> Result<[String; 2], Failure> {
        table.write_csv(&self.table(name, "csv"))?;
        table.write_parquet(&self.table(name, "parquet"))?;
        Ok(["csv", "parquet"].map(|format| format!("{name}.{format}")))
    }

    /// The digest of every named file, for the manifest.
    ///
    /// # Errors
    /// If one of them cannot be read.
    pub fn digests(
        &self,
        names: impl IntoIterator<Item = String>,
    ) -> Result<BTreeMap<String, String>, Failure> {
        let of = |name: String| digest_of_file(&self.root.join(&name)).map(|digest| (name, digest));
        names.into_iter().map(of).collect()
    }

    /// The folder of frames.
    pub fn frames(&self) -> PathBuf {
        self.root.join("frames")
    }

    /// The numbers of the answer.
    pub fn summary(&self) -> PathBuf {
        self.root.join("summary.json")
    }

    /// Where the product's effort went.
    pub fn effort(&self) -> PathBuf {
        self.root.join("effort.json")
    }

    /// The answer in words.
    pub fn answer(&self) -> PathBuf {
        self.root.join("answer.txt")
    }

    /// The report.
    pub fn report(&self) -> PathBuf {
        self.root.join("report.html")
    }

    /// How long it took.
    pub fn timing(&self) -> PathBuf {
        self.root.join("timing.json")
    }
}

/// Refuses a folder that holds anything.
///
/// # Errors
/// If it does, or is a file.
pub fn refuse_unless_empty(root: &Path) -> Result<(), Failure> {
    if root.is_file() {
        return Err(Failure::input(format!("`{}` is a file, not a folder", root.display()))
            .help("choose another name"));
    }
    if !root.exists() || fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_none()) {
        return Ok(());
    }
    let help = if Folder::at(root).is_begun() {
        format!("go on with `perforin resume {}`, or choose another name", root.display())
    } else {
        "choose another name, or an empty folder".into()
    };
    Err(Failure::input(format!("`{}` exists and is not empty", root.display())).help(help))
}
