//! What can be typed. Every `--help` is a small manual with an example.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::export::Format;

mod diagnose;
pub mod trial;

pub use diagnose::Diagnose;

/// Exit codes, shown at the end of `perforin --help`.
const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    the run failed; the message names the place, and the last good checkpoint is kept
  2    the input was wrong; nothing was started
  130  stopped with Ctrl-C; `perforin resume` goes on to the same bytes

Begin with:
  perforin new her2-affinity my-study.toml
  perforin check my-study.toml
  perforin run my-study.toml --out results

Results are hypotheses for ranking designs and planning experiments, not for treating a patient.";

/// An in-silico design bench for engineered T cells against solid tumours.
///
/// A study file asks one question about a tumour, a product and a regimen. Perforin simulates the lesion cell by
/// cell in 3-D and answers in words, tables and one self-contained page.
#[derive(Debug, Parser)]
#[command(name = "perforin", version, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a new study file from a template.
    #[command(after_help = "\
Examples:
  perforin new                              list the templates
  perforin new her2-affinity my-study.toml  write one to a file

The file is plain TOML. Edit it with any editor: `perforin schema` gives it completion and checks. \
An existing file is never overwritten.")]
    New(New),
    /// Check a study: errors, warnings, derived numbers, time and memory.
    #[command(after_help = "\
Example:
  perforin check my-study.toml

All problems are shown at once, each with its line, what is accepted, and the nearest right word. A study \
without problems is built, and its first steps are run for about two seconds to estimate how long the whole \
study takes on this machine. Nothing is written.")]
    Check(Check),
    /// Run a study of a lesion, a patient or a population; the answer is printed and everything is written to a folder.
    #[command(after_help = "\
Examples:
  perforin run my-study.toml --out results
  perforin run my-study.toml --out results --threads 4 --quiet

The folder of a lesion then holds
  answer.txt      the answer in words
  report.html     one self-contained page: question, answer, figures, parameters with their sources
  series.csv      time series, also as series.parquet; units are in its metadata and in the manifest
  events.csv      every event of every cell, if `output.events = true`; also as Parquet
  frames/         all cells at an interval
  summary.json    the numbers of the answer
  manifest.json   version, seed, hashes, and every parameter with unit and source
  checkpoint.pfc  from which `perforin resume` goes on
  study.toml      the study as it was run
  timing.json     how long it took; the only file that differs from run to run

That of a [patient] has series and visits; that of a [population] has, also as .parquet,
  patients.csv    a row per patient and arm: exposure, toxicity, response, what was drawn
  rates.csv       response and toxicity by arm with 95 % intervals
  summary.csv     quantiles of every outcome; bands.csv: the same over time
  courses.csv     the first patients in full; visits.csv: their responses
  failed.csv      patients that could not be followed, with the day, if there are any
  sensitivity.csv what the outcomes depend on, if the study asks

A study with [targets] and later stages goes the whole way, `gate_from = \"targets\"`: its folder has a results folder for \
each stage (1-targets, 2-lesion-gate, 3-lesion-single, 4-patients, 5-trial) and one report.html. Run it again into the same \
folder after a change, and only the stages that follow from what was changed are run again.

The same study gives the same bytes for any number of threads. Ctrl-C ends the present step, writes a checkpoint \
and says how to go on (exit code 130). A folder that holds anything is refused.")]
    Run(Run),
    /// Go on with a run or a sweep that was stopped or killed.
    #[command(after_help = "\
Example:
  perforin resume results

The run goes on from its last checkpoint, and its files in the end are byte for byte those of a run that was \
never stopped. A sweep goes on with the runs that are not finished. A folder whose run is over is left alone.")]
    Resume(Resume),
    /// Put finished runs side by side.
    #[command(after_help = "\
Example:
  perforin compare high-affinity tuned --out compared

Prints what each run came to and the ratio to the first one. The folder given with --out then holds \
compare.html with the courses over each other, and compare.csv. Every change of a parameter between the runs \
is listed.")]
    Compare(Compare),
    /// Run a study many times with values varied.
    #[command(after_help = "\
Examples:
  perforin sweep my-study.toml --out affinity --vary \"product.receptor.HER2.kd=1 nM,10 nM,1 µM\"
  perforin sweep my-study.toml --out sampled --samples 50 \\
      --vary \"product.receptor.HER2.kd=0.1 nM..1000 nM:log\" \\
      --vary \"lesion.antigen.HER2.negative.fraction=0 %..30 %\"

A path is the value's place in the study with dots; elements of lists are counted from 0, as in \
regimen.infusion.0.dose. Lists of values make a grid of every value with every other; --samples draws a Latin \
hypercube over ranges LOW..HIGH (both in the same unit; with :log at the end on a logarithmic scale). The same can \
stand in the study's [sweep] section. --replicates repeats each run with the seeds seed, seed + 1, ...

Each run is a results folder of its own below units/. results.csv and results.parquet hold one row per run: all \
varied values and final outcomes. A sweep that was stopped goes on with the same command or `perforin resume`; \
finished runs are not run again.")]
    Sweep(Sweep),
    /// Write a run's frames for other tools, and any report's figures as files.
    #[command(after_help = "\
Examples:
  perforin export results --to anndata --out cells.h5ad      scanpy, squidpy, napari
  perforin export results --to vtk --out vtk                 ParaView opens vtk/course.pvd
  perforin export results --to simularium --out run.simularium
  perforin export results --to ome-zarr --out fields.zarr    substances; needs [output] fields = true
  perforin export results --to multicellds --out snapshots   pcdl, as if PhysiCell had written them
  perforin export results --to figures --out figures         every figure of report.html: SVG, PNG, CSV

Figures come from the results folder of anything that has a report. Lengths are µm, times days, densities molecules per cell, oxygen mmHg.")]
    Export(Export),
    /// Show a run in the browser, also while it proceeds.
    #[command(after_help = "\
Example:
  perforin view results

Prints an address of this machine; open it in a browser. It is the page of the report with every frame and every \
cell, fetched when it is shown; while the run proceeds, the page follows it. Nothing outside the folder is served, \
and no other machine is answered. Ctrl-C ends it.")]
    View(View),
    /// Find the provably best antigens and gates in single-cell atlases.
    #[command(after_help = "\
Examples:
  perforin new targets my-targets.toml
  perforin targets my-targets.toml --out results
  perforin targets tumour.h5ad --malignant cell_type=malignant --patient donor \\
      --normal healthy.h5ad --surface surfy.tsv --out results

Every gate of up to three antigens is searched, and the best is proved: by default the one that covers most of the \
malignant cells of the patient it covers least, with no type of vital normal tissue hit above a limit. A label is \
given by its name (--patient donor) or, after `=`, for all cells at once (--tissue =brain). A study file can say more; \
--help of `perforin new` shows how to begin one.

The folder then holds
  answer.txt      the answer in words
  report.html     one self-contained page: answer, figures, gates, proof, what was read
  gates.tsv       ranked gates; groups.tsv: every patient and tissue with intervals
  *.csv           the same and more, each also as .parquet: gates, groups, thresholds, antigens, kept,
                  certificates, leave_one_out, front, overlap, profile, unmatched
  answer.json     everything
  products/       a [product] block for each leading gate; lesions/: [lesion.antigen] blocks by patient;
                  tissues/: the same of normal tissues
  labelled/       copies of .h5ad files with a label per gate, with --label-cells
  manifest.json   version, hashes of every input, parameters with sources

The same files give the same bytes for any number of threads. Ctrl-C ends the search with what is proved so far (exit \
code 130).")]
    Targets(Box<Targets>),
    /// Simulate trials of the product: which dose they find, how often wrongly, with products that fail or come late.
    #[command(after_help = trial::HELP)]
    Trial(trial::Trial),
    /// Say what biopsies, stained sections, flow cytometry, circulating cells and DNA can and cannot show.
    #[command(after_help = "\
Examples:
  perforin diagnose --negative-clone \"5 %\" --confidence \"95 %\"
  perforin diagnose --negative-clone \"5 %\" --lesion results --antigen HER2 --sites 3
  perforin diagnose --fcs cells.fcs --antigen HER2 --channel PE-A --beads beads.csv --positive-from \"1000 /cell\"
  perforin new companion-diagnostic my-test.toml
  perforin diagnose my-test.toml --out results

The study's [diagnostics] says more: a tissue, a biopsy, cut-offs on a stained section with the errors of its readers, a \
file of flow cytometry, circulating tumour cells and DNA, and when to sample again. Everything is exact or by \
quadrature.

The folder then holds
  answer.txt      the answer in words, with everything that is assumed
  report.html     one self-contained page: answer, figures, tables, parameters
  biopsy.csv, independent_cells.csv, tissue.csv, cut_offs.csv, cut_off_groups.csv, densities.csv, joint.csv, ctc.csv,
                  ctc_bounds.csv, ctc_volumes.csv, ctdna.csv, ctdna_course.csv, resampling.csv, as far as asked; also .parquet
  lesion.toml     densities of the flow cytometry for the [lesion] of a study
  summary.json, manifest.json, study.toml, timing.json")]
    Diagnose(Box<Diagnose>),
    /// Show where the product's effort went: from infused to arrived to engaged to killing to exhausted.
    #[command(after_help = "\
Example:
  perforin explain results

Every product cell is followed from infusion to death, and its time, hits and divisions are split by what took them. \
Every synapse that ended without a kill has a reason, and every death a cause. The stages (arrival, recognition, \
killing, exhaustion, suppression, escape) are ranked by the share of the effect that each leaves.")]
    Explain(Explain),
    /// Run a study with one mechanism off at a time, and show what each was worth.
    #[command(after_help = "\
Examples:
  perforin ablate my-study.toml --out ablated --replicates 5
  perforin ablate my-study.toml --out ablated --only exhaustion,checkpoint

Each run is a results folder of its own below units/. ablation.csv holds one row per mechanism and replicate. An \
ablation that was stopped goes on with the same command.")]
    Ablate(Ablate),
    /// Find the values of a study that make its runs like a measured time series.
    #[command(after_help = "\
Examples:
  perforin fit well.toml --to measured.csv --out fitted --columns tumour_live \\
      --vary \"lesion.cell.product.attack.hit_rate=0.005 /min..0.1 /min:log\"
  perforin fit well.toml --to measured.csv --out fitted --columns tumour_live,product_live \\
      --vary \"lesion.cell.product.attack.hit_rate=0.005 /min..0.1 /min:log\" \\
      --vary \"lesion.cell.product.cycle.doubling_time=6 h..48 h:log\"

The series is a CSV file with a column `time` in days and the chosen columns, named as in a run's series.csv; empty \
cells were not measured. One to three values are fitted by least squares of ln(1 + n), each choice of values with the \
same seeds: a Latin hypercube over the ranges, then a simplex from its best point. Each value is then moved through \
its range, and an approximate 90 % interval follows from how far the fit of one replicate strays. Where that is most \
of the range the answer is `cannot be identified`. An error of measurement beyond chance is not in the interval.

The folder then holds
  fit.txt          estimates, intervals and profiles, as printed
  fit.json         the same for programs
  evaluations.csv  every choice that was tried, with its misfit
  fitted.toml      the study with the fitted values

A study with [patient] is fitted to measured kinetics by the largest likelihood: columns may be headed `product_blood \
[/µL]`, `<2.5` is a value below that limit of quantification, and patient.assay.log_sd is the error of a measurement, \
which may be varied as well. One to five values; 90 % intervals are those of the likelihood ratio. predicted.csv holds \
the fitted model beside every measurement instead of evaluations.csv.

Where the measurements have a column `patient`, each patient is fitted by itself, --patients gives values that are \
their own, such as regimen.infusion.0.dose, and the population is described by the median and the standard deviation of \
the logarithm of every value (global two-stage method). patients.csv has a row for each patient, also for those that \
could not be fitted; population.toml is a study of virtual patients who vary alike.

Of a lesion about 35 points are tried for each value, each with all replicates: try a run with `perforin check` first, and keep the \
study small. A fit that was stopped begins anew.")]
    Fit(Fit),
    /// Print the JSON Schema of study files, for editors.
    #[command(after_help = "\
Example:
  perforin schema > study.schema.json

With the line `#:schema ./study.schema.json` at the top of a study, editors with a TOML language server (Even \
Better TOML, taplo) complete and check it.")]
    Schema,
    /// Print every parameter with its default, unit, accepted range and source, as Markdown.
    #[command(after_help = "\
Example:
  perforin parameters > parameters.md")]
    Parameters,
    /// Write report.html again from the files of a results folder.
    #[command(after_help = "\
Example:
  perforin report results")]
    Report(Report),
}

/// `perforin new`.
#[derive(Debug, Args)]
pub struct New {
    /// Template; all are listed if left out.
    pub template: Option<String>,
    /// File to write; TEMPLATE.toml if left out.
    pub file: Option<PathBuf>,
}

/// `perforin check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Study file.
    pub study: PathBuf,
    #[command(flatten)]
    /// How many threads to measure with.
    pub threads: Threads,
}

/// `perforin run`.
#[derive(Debug, Args)]
pub struct Run {
    /// Study file.
    pub study: PathBuf,
    /// Folder for the results; must be new or empty.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    #[command(flatten)]
    /// How many threads to use.
    pub threads: Threads,
    /// Show no progress.
    #[arg(long, short)]
    pub quiet: bool,
}

/// `perforin resume`.
#[derive(Debug, Args)]
pub struct Resume {
    /// Results folder of a run or a sweep.
    pub dir: PathBuf,
    #[command(flatten)]
    /// How many threads to use.
    pub threads: Threads,
    /// Show no progress.
    #[arg(long, short)]
    pub quiet: bool,
}

/// `perforin compare`.
#[derive(Debug, Args)]
pub struct Compare {
    /// Results folders of finished runs; the first is what the others are compared with.
    #[arg(required = true, num_args = 2..)]
    pub dirs: Vec<PathBuf>,
    /// Folder for compare.html and compare.csv; must be new or empty.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// `perforin sweep`.
#[derive(Debug, Args)]
pub struct Sweep {
    /// Study file.
    pub study: PathBuf,
    /// Folder for the results; must be new, empty, or of the same sweep.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Values or range of one path; replaces the study's [sweep.vary] if given.
    #[arg(long, value_name = "PATH=VALUES")]
    pub vary: Vec<String>,
    /// Draw this many samples of a Latin hypercube instead of a grid.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub samples: Option<u32>,
    /// Runs of each combination, each with a seed of its own.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub replicates: Option<u32>,
    #[command(flatten)]
    /// How many threads to use.
    pub threads: Threads,
    /// Show no progress.
    #[arg(long, short)]
    pub quiet: bool,
}

/// `perforin targets`.
#[derive(Debug, Args)]
pub struct Targets {
    /// A study file (.toml), or atlas files: .h5ad, 10x .h5, a Matrix Market folder, or a genes × cells table.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Folder for the results; must be new or empty.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Folder from which the paths of a study start; the study's own if left out.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Which cells are malignant: a label and its values (`*` ends a pattern), or `all`.
    #[arg(long, value_name = "COLUMN=LABEL,…")]
    pub malignant: Option<String>,
    /// Atlas of normal cells only.
    #[arg(long, value_name = "FILE")]
    pub normal: Vec<PathBuf>,
    /// Label of the patient.
    #[arg(long, value_name = "COLUMN")]
    pub patient: Option<String>,
    /// Label of the tissue.
    #[arg(long, value_name = "COLUMN")]
    pub tissue: Option<String>,
    /// Label of the cell type.
    #[arg(long, value_name = "COLUMN")]
    pub cell_type: Option<String>,
    /// Table of cell labels.
    #[arg(long, value_name = "FILE")]
    pub labels: Option<PathBuf>,
    /// Matrix of .h5ad files: X, raw, or a layer.
    #[arg(long, value_name = "NAME")]
    pub matrix: Option<String>,
    /// Candidate genes; all if left out.
    #[arg(long, value_name = "GENE,…")]
    pub genes: Option<String>,
    /// Candidates from a list of surface proteins.
    #[arg(long, value_name = "FILE")]
    pub surface: Vec<PathBuf>,
    /// Lowest grade of evidence in the list.
    #[arg(long, value_name = "N")]
    pub grade: Option<u32>,
    /// A literal that a label gives, such as HLA-A02=hla_a02=kept: its name, the label, and the values of those who
    /// carry it.
    #[arg(long, value_name = "NAME=COLUMN=LABEL,…")]
    pub genotype: Vec<String>,
    /// Table of patients with the genotypes of their malignant cells; without it they are labels of the cells.
    #[arg(long, value_name = "FILE", requires = "genotype")]
    pub genotype_table: Option<PathBuf>,
    /// What all normal cells are for the genotypes: present or absent; left out, their labels say.
    #[arg(long, value_name = "WORD", requires = "genotype")]
    pub genotype_normal: Option<String>,
    /// What is maximised: minimum, pooled, or quantile=10 %.
    #[arg(long, value_name = "WHAT")]
    pub objective: Option<String>,
    /// Largest number of antigens in a gate, 1 to 5.
    #[arg(long, value_name = "N")]
    pub literals: Option<u32>,
    /// Largest share of any vital cell type that may be hit.
    #[arg(long, value_name = "SHARE")]
    pub cap: Option<String>,
    /// Smallest values that count as detected; the first is searched.
    #[arg(long, value_name = "N,…")]
    pub thresholds: Option<String>,
    /// Scale values to the median depth first.
    #[arg(long)]
    pub depth_matched: bool,
    /// Call cells without counts by a model of dropout.
    #[arg(long)]
    pub detection: bool,
    /// Table of protein in normal organs.
    #[arg(long, value_name = "FILE")]
    pub protein: Option<PathBuf>,
    /// Table of RNA in normal organs.
    #[arg(long, value_name = "FILE")]
    pub rna: Option<PathBuf>,
    /// Write this many gates as labels into a copy of each .h5ad file.
    #[arg(long, value_name = "N")]
    pub label_cells: Option<u32>,
    /// When the search for gates of four and five antigens ends.
    #[arg(long, value_name = "TIME")]
    pub time_limit: Option<String>,
    #[command(flatten)]
    /// How many threads to use.
    pub threads: Threads,
    /// Show no progress.
    #[arg(long, short)]
    pub quiet: bool,
}

/// `perforin export`.
#[derive(Debug, Args)]
pub struct Export {
    /// Results folder; for frames, that of a run of a lesion.
    pub dir: PathBuf,
    /// The format.
    #[arg(long, value_name = "FORMAT")]
    pub to: Format,
    /// File or folder to write; must not exist.
    #[arg(long, value_name = "PLACE")]
    pub out: PathBuf,
    /// Only the last frame.
    #[arg(long)]
    pub last: bool,
}

/// `perforin view`.
#[derive(Debug, Args)]
pub struct View {
    /// Results folder of a run of a lesion.
    pub dir: PathBuf,
    /// Port on this machine; 0 for any that is free.
    #[arg(long, default_value_t = 0)]
    pub port: u16,
}

/// `perforin explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// Results folder of a finished run.
    pub dir: PathBuf,
}

/// `perforin ablate`.
#[derive(Debug, Args)]
pub struct Ablate {
    /// Study file.
    pub study: PathBuf,
    /// Folder for the results; must be new, empty, or of the same ablation.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Take out only these mechanisms; all that act in the study if left out.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Runs of each, each with a seed of its own.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub replicates: Option<u32>,
    #[command(flatten)]
    /// How many threads to use.
    pub threads: Threads,
    /// Show no progress.
    #[arg(long, short)]
    pub quiet: bool,
}

/// `perforin fit`.
#[derive(Debug, Args)]
pub struct Fit {
    /// Study file.
    pub study: PathBuf,
    /// Time series to fit to, CSV.
    #[arg(long, value_name = "FILE")]
    pub to: PathBuf,
    /// Folder for the results; must be new or empty.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// A value to fit and where to look for it; give it for one to three values.
    #[arg(long, value_name = "PATH=LOW..HIGH", required = true)]
    pub vary: Vec<String>,
    /// Values that are each patient's own, CSV: a column `patient` and columns headed by paths of the study.
    #[arg(long, value_name = "FILE")]
    pub patients: Option<PathBuf>,
    /// Columns of the series that are compared; `tumour_live` if left out, of a patient the product in blood.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// Runs of each choice of values, each with a seed of its own.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..), default_value_t = 4)]
    pub replicates: u32,
    /// Compare the numbers over their column's largest, not as ln(1 + n).
    #[arg(long)]
    pub linear: bool,
    #[command(flatten)]
    /// How many threads to use.
    pub threads: Threads,
    /// Show no progress.
    #[arg(long, short)]
    pub quiet: bool,
}

/// `perforin report`.
#[derive(Debug, Args)]
pub struct Report {
    /// Results folder of a finished run.
    pub dir: PathBuf,
}

/// How many threads to use.
#[derive(Clone, Copy, Debug, Args)]
pub struct Threads {
    /// Threads; all of the machine if left out. Results do not depend on it.
    #[arg(long = "threads", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    given: Option<u16>,
}

impl Threads {
    /// The number of threads.
    pub fn count(self) -> usize {
        let all = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.given.map_or_else(all, usize::from)
    }
}
