//! From a request to an answer: read, search, and say what to doubt.

mod describe;
mod leave_out;
mod limits;
mod output;

use serde::{Deserialize, Serialize};

pub use describe::gate_text;
pub use describe::{AntigenReport, GateReport, Pooled};
pub use leave_out::LeftOut;
pub use output::{Profile, ProfileRow};

use crate::assess;
use crate::error::{AtlasError, Result};
use crate::evidence::{NormalProtein, NormalRna, read_surface};
use crate::front::{Extent, Front, FrontPoint, Walk};
use crate::genes::Candidate;
use crate::goal::{Goal, Objective};
use crate::larger::{LargerResult, search_larger};
use crate::load::{LoadReport, Loaded, Survey, load, survey};
use crate::planes::{Group, Planes};
use crate::popcount::Isa;
use crate::request::{Candidates, TargetsRequest};
use crate::search::{Hit, Options, ShapeResult, search};
use crate::shape::Shape;
use crate::watch::Watch;
use limits::Limits;

/// The answer to a [`TargetsRequest`].
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct TargetsAnswer {
    /// What was maximised.
    pub objective: Objective,
    /// What was read and what did not match.
    pub load: LoadReport,
    /// What the reader of the answer must know, in sentences.
    pub warnings: Vec<String>,
    /// The literals, as the hits number them.
    pub literals: Vec<String>,
    /// The groups of cells, malignant first.
    pub groups: Vec<Group>,
    /// The best gates and the proof for every shape.
    pub shapes: Vec<ShapeResult>,
    /// The best gates of all shapes in full, the best first; equals by number of literals, then shape.
    pub gates: Vec<GateReport>,
    /// The best gate of four or five literals and how far it may be from the optimum, if asked for.
    pub larger: Option<LargerReport>,
    /// The search repeated without each patient.
    pub leave_one_out: Vec<LeftOut>,
    /// The front of coverage against the worst limited tissue.
    pub front: Vec<FrontPoint>,
    /// Which antigens of the leading gates go together on cells, in every group.
    pub overlap: Profile,
}

impl TargetsAnswer {
    /// The best single antigen within the same limits, with its value; none if none covers anything.
    pub fn best_single(&self) -> Option<(&str, f64)> {
        let hit = best_single(&self.shapes)?;
        let name = self.literals.get(*hit.literals.first()? as usize)?;
        Some((name, hit.value))
    }
}

/// Answers a request. `watch` is called now and then with the progress; once it returns true, the answer holds
/// what was found and says what was not proved.
///
/// # Errors
/// Any error of the files, or of a request that cannot be met.
pub fn targets(request: &TargetsRequest, watch: &Watch) -> Result<TargetsAnswer> {
    answer(request, &read(request, watch)?, watch)
}

/// Looks at the files of a request without reading their values.
///
/// # Errors
/// Any error of the files that shows before their values are read, or of a request that cannot be met.
pub fn look(request: &TargetsRequest) -> Result<Survey> {
    check(request)?;
    let candidates = candidates(&request.candidates)?;
    survey(&request.files, candidates.as_deref(), &request.genotypes, &request.calling)
}

/// Reads the files of a request into bit planes; `watch` is called now and then and ends it by returning true.
///
/// # Errors
/// Any error of the files, or of a request that cannot be met; [`AtlasError::Stopped`].
pub fn read(request: &TargetsRequest, watch: &Watch) -> Result<Loaded> {
    check(request)?;
    let candidates = candidates(&request.candidates)?;
    load(&request.files, candidates.as_deref(), &request.genotypes, &request.calling, watch)
}

/// Answers a request for an atlas that is already loaded.
///
/// # Errors
/// Of a request that cannot be met, or of its tables of normal organs.
pub fn answer(request: &TargetsRequest, loaded: &Loaded, watch: &Watch) -> Result<TargetsAnswer> {
    check(request)?;
    let planes = &loaded.planes;
    let genes = loaded.candidates.len();
    let mut limits = Limits::new(request, planes)?;
    let goal = Goal::new(planes, request.objective, &limits.patients, &limits.caps)?;
    let blockers = assess::can_block(planes, genes, request.blocker_share);
    let options = Options {
        shapes: Shape::up_to(request.literals),
        keep: request.keep,
        epsilon: request.epsilon,
        blockers,
        isa: Isa::best(),
    };
    let shapes = search(planes, &goal, &options, watch);
    let best = ranked(&shapes, request.described);
    let gates = describe(request, planes, &goal, &limits, genes, &best)?;
    let leave_one_out = leave_out::leave_one_out(request, planes, &limits, &options, watch)?;
    let front = front(request, planes, &limits, &options, &shapes, watch)?;
    let larger = larger(request, planes, &goal, &options, &shapes, watch)?;
    limits.warn_about(&loaded.report, &shapes);
    limits.warn_about_front(&front);
    let overlap = Profile::new(loaded, &leading_antigens(&shapes, &best));
    Ok(TargetsAnswer {
        objective: request.objective,
        overlap,
        load: loaded.report.clone(),
        warnings: limits.warnings.clone(),
        literals: planes.literals.clone(),
        groups: planes.groups.clone(),
        gates,
        shapes,
        larger,
        leave_one_out,
        front: front.points,
    })
}

/// The best gates in full.
fn describe(
    request: &TargetsRequest,
    planes: &Planes,
    goal: &Goal,
    limits: &Limits,
    genes: usize,
    best: &[(Shape, &Hit)],
) -> Result<Vec<GateReport>> {
    let (protein, rna) = normal_organs(request, planes, best)?;
    let describer =
        describe::Describer { planes, goal, limits, genes, protein: protein.as_ref(), rna: rna.as_ref() };
    Ok(best.iter().map(|(shape, hit)| describer.gate(*shape, hit)).collect())
}

/// The front of coverage against the worst limited tissue, if it is asked for and there is one.
fn front(
    request: &TargetsRequest,
    planes: &Planes,
    limits: &Limits,
    options: &Options,
    shapes: &[ShapeResult],
    watch: &Watch,
) -> Result<Front> {
    // A pooled objective limits all normal cells together and knows no worst tissue.
    if request.objective == Objective::Pooled {
        return Ok(Front::default());
    }
    let goal = |cap| Goal::new(planes, request.objective, &limits.patients, &limits.with_cap(cap));
    let walk = Walk { planes, goal, limited: &limits.vital, options, known: shapes, watch };
    walk.front(&request.front)
}

/// The tables of normal organs, for the antigens of the gates.
fn normal_organs(
    request: &TargetsRequest,
    planes: &Planes,
    gates: &[(Shape, &Hit)],
) -> Result<(Option<NormalProtein>, Option<NormalRna>)> {
    let antigens = gates.iter().flat_map(|(_, hit)| &hit.literals);
    let symbols = antigens.map(|&l| planes.literals[l as usize].as_str()).collect();
    let protein =
        request.normal_protein.as_ref().map(|path| NormalProtein::open(path, &symbols)).transpose()?;
    let rna = request.normal_rna.as_ref().map(|path| NormalRna::open(path, &symbols)).transpose()?;
    Ok((protein, rna))
}

/// The antigens of the best gate, the best single antigen, and those of the next gates, at most as many as a gate may
/// have.
fn leading_antigens(shapes: &[ShapeResult], best: &[(Shape, &Hit)]) -> Vec<u32> {
    let mut antigens: Vec<u32> = Vec::new();
    let first = best.iter().take(1).map(|(_, hit)| *hit);
    let gates = first.chain(best_single(shapes)).chain(best.iter().skip(1).map(|(_, hit)| *hit));
    for &literal in gates.flat_map(|hit| &hit.literals) {
        if antigens.len() < perforin_core::gate::MAX_ANTIGENS && !antigens.contains(&literal) {
            antigens.push(literal);
        }
    }
    antigens
}

/// The best gate of one antigen, if one keeps the limits and covers anything.
fn best_single(shapes: &[ShapeResult]) -> Option<&Hit> {
    shapes.iter().find(|result| result.shape == Shape::Single)?.hits.first()
}

/// The best gates of all shapes: by value, then number of literals and shape, then literals. A gate that is no better
/// than one of its own antigens' fewer is left out; the shapes' results hold it.
fn ranked(shapes: &[ShapeResult], most: usize) -> Vec<(Shape, &Hit)> {
    let mut best: Vec<(Shape, &Hit)> =
        shapes.iter().flat_map(|result| result.hits.iter().map(|hit| (result.shape, hit))).collect();
    let before = |a: &(Shape, &Hit), b: &(Shape, &Hit)| {
        b.1.value.total_cmp(&a.1.value).then(a.0.cmp(&b.0)).then(a.1.literals.cmp(&b.1.literals))
    };
    best.sort_by(before);
    let mut kept: Vec<(Shape, &Hit)> = Vec::new();
    for (shape, hit) in best {
        // Those kept so far are at least as good.
        let is_padded = kept.iter().any(|(_, fewer)| {
            let within = |literal: &u32| hit.literals.contains(literal);
            fewer.literals.len() < hit.literals.len() && fewer.literals.iter().all(within)
        });
        if !is_padded && kept.len() < most {
            kept.push((shape, hit));
        }
    }
    kept
}

/// A gate of four or five literals.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct LargerReport {
    /// The gate, in the gate language; none if nothing is better than the best gate of three literals.
    pub gate: Option<String>,
    /// The proof, or the gap that is left.
    pub result: LargerResult,
}

fn larger(
    request: &TargetsRequest,
    planes: &Planes,
    goal: &Goal,
    options: &Options,
    shapes: &[ShapeResult],
    watch: &Watch,
) -> Result<Option<LargerReport>> {
    if request.larger == 0 {
        return Ok(None);
    }
    let incumbent = shapes.iter().map(|shape| shape.certificate.optimum).fold(0.0, f64::max);
    let result = search_larger(planes, goal, request.larger, &options.blockers, incumbent, watch)?;
    let gate = result.best.as_ref().map(|hit| hit.formula.text(planes));
    Ok(Some(LargerReport { gate, result }))
}

fn check(request: &TargetsRequest) -> Result<()> {
    let problem = |field, problem: &str| Err(AtlasError::Request { field, problem: problem.into() });
    if !(1..=3).contains(&request.literals) {
        return problem("literals", "gates of 1 to 3 literals are searched exactly");
    }
    if !(request.epsilon >= 0.0 && request.epsilon < 1.0) {
        return problem("epsilon", "must be from 0 to below 1");
    }
    if !(0.0..=1.0).contains(&request.blocker_share) {
        return problem("blocker_share", "must be from 0 to 1");
    }
    let limits = match &request.front {
        Extent::Limits(limits) => limits.as_slice(),
        Extent::Full { up_to } => std::slice::from_ref(up_to),
    };
    if !limits.iter().all(|limit| (0.0..=1.0).contains(limit)) {
        return problem("front", "limits must be from 0 to 1");
    }
    Ok(())
}

fn candidates(source: &Candidates) -> Result<Option<Vec<Candidate>>> {
    match source {
        Candidates::All => Ok(None),
        Candidates::Named(names) => {
            let mut seen = std::collections::BTreeSet::new();
            let fresh = names.iter().filter(|name| seen.insert(name.as_str()));
            Ok(Some(fresh.map(|name| Candidate::named(name)).collect()))
        }
        Candidates::Surface { lists, grade } => {
            let mut found = std::collections::BTreeMap::new();
            for list in lists {
                for gene in read_surface(list)?.into_iter().filter(|gene| gene.grade >= *grade) {
                    let known: &mut Candidate =
                        found.entry(gene.symbol.clone()).or_insert_with(|| gene.candidate());
                    known.id = known.id.take().or(gene.id);
                }
            }
            Ok(Some(found.into_values().collect()))
        }
    }
}
