//! What can be typed after `perforin trial`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Threads;

/// The end of `perforin trial --help`.
pub(super) const HELP: &str = "\
Examples:
  perforin new dose-finding my-trial.toml
  perforin check my-trial.toml
  perforin trial my-trial.toml --out results
  perforin trial next my-trial.toml --log trial.log --enrol P01
  perforin trial compare my-trial.toml --designs 3+3,boin,crm
  perforin trial size my-trial.toml --right \"60 %\"

The study's [trial] names dose levels, a design and scenarios of what is true; [trial.manufacturing] says how often and \
how late the product is ready, and what is done with patients who get less than planned. Every scenario is simulated \
many times, with the same patients for every design.

The folder then holds
  answer.txt        the answer in words, with everything that is assumed
  report.html       one self-contained page: answer, figures, tables, parameters
  levels.csv        operating characteristics by dose level; scenarios.csv: of whole trials
  populations.csv   rates in all enrolled and in those infused, and the bias between them
  decisions.csv     the decision table; rolling_six.csv and desirability.csv: those of the rolling six and BOIN12
  paths.csv         what the outcomes of the first cohorts lead to; courses.csv: the commonest whole courses
  flow.csv          from screening to evaluation; policies.csv: the ways of dealing with under-dosed patients
  example.csv       one trial, patient by patient, in days since its start
  two_stage.csv, bop2.csv, bop2_looks.csv, baskets.csv, enrichment.csv, randomised.csv, survival.csv: trials of efficacy
  selection.csv, efficacy_selection.csv, efficacy_populations.csv: whom a test selects, and every design in them and in all
  endpoints.csv, duration_of_response.csv, progression_free_survival.csv, overall_survival.csv: of virtual patients
  uncertainty.csv, uncertainty_draws.csv: what is not known of the parameters
  summary.json, manifest.json, study.toml, timing.json

Tables are there as .parquet too. The same study gives the same bytes for any number of threads.";

/// `perforin trial`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Trial {
    /// What to do other than to simulate the study.
    #[command(subcommand)]
    pub action: Option<TrialAction>,
    /// Study file.
    #[arg(required = true)]
    pub study: Option<PathBuf>,
    /// Folder for the results; must be new or empty.
    #[arg(long, value_name = "DIR", required = true)]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    /// How many threads to use.
    pub threads: Threads,
}

/// What `perforin trial` can do other than to simulate a study.
#[derive(Debug, Subcommand)]
pub enum TrialAction {
    /// Step a trial by hand: the next dose, given the outcomes so far.
    #[command(after_help = "\
Examples:
  perforin trial next my-trial.toml --log trial.log --day 0 --enrol P01 --enrol P02 --enrol P03
  perforin trial next my-trial.toml --log trial.log --day 49 --outcome P01=none --outcome P02=dlt
  perforin trial next my-trial.toml --log trial.log

Outcomes are dlt (a dose-limiting toxicity), none, response, dlt+response and not-infused. The log is a text file with one event a line, to which lines are only ever added. A patient or an outcome that cannot \
be is refused, and nothing is written.")]
    Next(TrialNext),
    /// Put designs, sizes or studies side by side, with the same patients.
    #[command(after_help = "\
Example:
  perforin trial compare my-trial.toml --designs 3+3,boin,crm --sizes 18,30 --out compared
  perforin trial compare my-trial.toml --cut-offs \"10 %,40 %,70 %\" --out compared")]
    Compare(TrialCompare),
    /// Find the smallest trial that keeps stated error rates in every scenario.
    #[command(after_help = "\
Example:
  perforin trial size my-trial.toml --right \"60 %\" --too-high \"20 %\" --designs boin,crm")]
    Size(TrialSize),
}

/// `perforin trial next`.
#[derive(Debug, Args)]
pub struct TrialNext {
    /// Study file.
    pub study: PathBuf,
    /// Log of the trial; it is made if it is not there.
    #[arg(long, value_name = "FILE")]
    pub log: PathBuf,
    /// Day of what is told, and of the advice; the last one of the log if left out.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub day: Option<f64>,
    /// Enrol a patient at the level that is due.
    #[arg(long, value_name = "PATIENT")]
    pub enrol: Vec<String>,
    /// A patient was infused with a dose.
    #[arg(long, value_name = "PATIENT=DOSE")]
    pub infused: Vec<String>,
    /// What happened to a patient: dlt, none, response, dlt+response or not-infused.
    #[arg(long, value_name = "PATIENT=OUTCOME")]
    pub outcome: Vec<String>,
}

/// `perforin trial compare`.
#[derive(Debug, Args)]
pub struct TrialCompare {
    /// Study files.
    #[arg(required = true)]
    pub studies: Vec<PathBuf>,
    /// Designs; each study's own if left out.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub designs: Vec<String>,
    /// Most patients who count; as the studies say if left out.
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    pub sizes: Vec<u32>,
    /// Cut-offs of the study's [trial.selection], such as "10 %,40 %", instead of designs and sizes.
    #[arg(long, value_name = "SHARES", value_delimiter = ',')]
    pub cut_offs: Vec<String>,
    /// Folder for tables, report.html and manifest.json; must be new or empty.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    /// How many threads to use.
    pub threads: Threads,
}

/// `perforin trial size`.
#[derive(Debug, Args)]
pub struct TrialSize {
    /// Study file.
    pub study: PathBuf,
    /// Least share of trials that must select the right level, or none where none is right.
    #[arg(long, value_name = "SHARE")]
    pub right: String,
    /// Largest share of trials that may select a level above it.
    #[arg(long, value_name = "SHARE", default_value = "100 %")]
    pub too_high: String,
    /// Designs; the study's own if left out.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub designs: Vec<String>,
    /// Most patients that are tried.
    #[arg(long, value_name = "N", default_value_t = 90)]
    pub most: u32,
    #[command(flatten)]
    /// How many threads to use.
    pub threads: Threads,
}
