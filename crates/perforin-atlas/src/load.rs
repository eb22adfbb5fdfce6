//! From files to bit planes, in one pass over each file's values (two where
//! depth matters).

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::cohort::{self, AtlasFile, FileRoles, Role};
use crate::dropout::{Detection, Tallies};
use crate::error::{AtlasError, Result};
use crate::genes::{self, Candidate, MatchReport};
use crate::genotype::Genotype;
use crate::planes::Planes;
use crate::read::{self, Matrix, Reading, Sink};
use crate::shape::Shape;
use crate::watch::Watch;

/// How values become bits.
#[derive(Clone, Debug, PartialEq)]
pub struct Calling {
    /// Thresholds; the first is searched, the others show how the answer depends on it. 0 means any positive
    /// value.
    pub thresholds: Vec<f64>,
    /// Whether a value is scaled by median depth / depth of its cell before it meets the threshold, so that
    /// cells sequenced deeper are not called positive more easily. Depth is the sum of a cell's values.
    pub depth_matched: bool,
    /// Whether cells without a count are called by a model of dropout; their calls are searched, and the thresholds
    /// show how the answer depends on them.
    pub detection: Option<Detection>,
}

impl Default for Calling {
    fn default() -> Self {
        Self { thresholds: vec![0.0], depth_matched: false, detection: None }
    }
}

/// What was read.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The bit planes.
    pub planes: Planes,
    /// The candidates behind the first literals of the planes, in order.
    pub candidates: Vec<Candidate>,
    /// For every file the bit position of each of its cells; [`Sink::SKIP`] for cells left out.
    pub positions: Vec<Vec<u32>>,
    /// What was found where.
    pub report: LoadReport,
}

impl Loaded {
    /// Which cells of a file (by its number in the request) satisfy a gate, in file order; nothing for cells left
    /// out.
    pub fn satisfied(&self, file: usize, shape: Shape, literals: &[u32]) -> Vec<Option<bool>> {
        let planes = &self.planes;
        let word = |literal: Option<&u32>, position: usize| {
            let known = literal.filter(|&&l| (l as usize) < planes.literals.len());
            known.map_or(0, |&l| planes.plane(0, l as usize)[position / 512][position % 512 / 64])
        };
        let cell = |&position: &u32| {
            let position = (position != Sink::SKIP).then_some(position as usize)?;
            let [x, y, z] = [0, 1, 2].map(|i| word(literals.get(i), position));
            Some(shape.combine(x, y, z) >> (position % 64) & 1 == 1)
        };
        self.positions.get(file).map_or_else(Vec::new, |positions| positions.iter().map(cell).collect())
    }
}

/// What was found in the files, and what was left out.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct LoadReport {
    /// How the candidates matched each file.
    pub matches: Vec<MatchReport>,
    /// Cells left out because they lack a label: file, number.
    pub left_out: Vec<(PathBuf, usize)>,
    /// Candidates dropped because some file lacks them.
    pub dropped: Vec<String>,
    /// Cells kept.
    pub cells: usize,
    /// Median depth of the kept cells, if depth matters.
    pub median_depth: Option<f64>,
}

/// What a search would read.
#[derive(Clone, Debug)]
pub struct Survey {
    /// For every file: path, genes, cells.
    pub files: Vec<(PathBuf, usize, usize)>,
    /// Candidates that every file has.
    pub candidates: usize,
    /// Groups of cells and their sizes.
    pub groups: Vec<(Role, usize)>,
    /// Cells that lack a label.
    pub left_out: usize,
    /// Bytes that the bit planes would take.
    pub bytes: usize,
}

/// Opens files and counts what a search would read; see [`load`].
///
/// # Errors
/// Those of [`load`] that show before values are read.
pub fn survey(
    files: &[AtlasFile],
    candidates: Option<&[Candidate]>,
    genotypes: &[Genotype],
    calling: &Calling,
) -> Result<Survey> {
    check(files, calling)?;
    let mut opened = files.iter().map(open).collect::<Result<Vec<_>>>()?;
    let wanted = candidates.map_or_else(|| genes::all_genes(opened[0].matrix.genes()), <[_]>::to_vec);
    let (candidates, _) = match_all(&wanted, &mut opened)?;
    let groups = sizes(&opened)?;
    check_genotypes(genotypes, &candidates)?;
    for (file, source) in opened.iter().zip(files) {
        for genotype in genotypes {
            genotype.of_cells(source, &*file.matrix, &file.roles)?;
        }
    }
    let blocks: usize = groups.iter().map(|(_, cells)| cells.div_ceil(512)).sum();
    let planes = (candidates.len() + genotypes.len())
        * (calling.thresholds.len() + usize::from(calling.detection.is_some()));
    let size =
        |file: &Opened| (file.matrix.path().to_owned(), file.matrix.genes().len(), file.matrix.cells().len());
    Ok(Survey {
        files: opened.iter().map(size).collect(),
        candidates: candidates.len(),
        left_out: opened.iter().map(|file| file.roles.left_out()).sum(),
        groups,
        bytes: blocks * 64 * planes,
    })
}

struct Opened {
    matrix: Box<dyn Matrix>,
    roles: FileRoles,
    rows: Vec<u32>,
    positions: Vec<u32>,
}

/// Reads files into bit planes. Without `candidates`, every gene of the first file is one. `watch` is called now and then
/// with the progress in bytes of the files; once it returns true, nothing is read any more.
///
/// # Errors
/// Any error of a format; [`AtlasError::NoMalignantCells`] and [`AtlasError::NoCandidates`]; [`AtlasError::Stopped`].
pub fn load(
    files: &[AtlasFile],
    candidates: Option<&[Candidate]>,
    genotypes: &[Genotype],
    calling: &Calling,
    watch: &Watch,
) -> Result<Loaded> {
    check(files, calling)?;
    let mut opened = files.iter().map(open).collect::<Result<Vec<_>>>()?;
    let wanted = candidates.map_or_else(|| genes::all_genes(opened[0].matrix.genes()), <[_]>::to_vec);
    let (candidates, mut report) = match_all(&wanted, &mut opened)?;
    let groups = sizes(&opened)?;
    check_genotypes(genotypes, &candidates)?;
    let passes = if calling.depth_matched || calling.detection.is_some() { 2 } else { 1 };
    let reading = Reading::new(opened.iter().map(|file| &*file.matrix), passes, watch);
    let mut literals: Vec<String> = candidates.iter().map(|c| c.symbol.clone()).collect();
    literals.extend(genotypes.iter().map(|g| g.name.clone()));
    let modelled = calling.detection.map(|_| 0.0);
    let thresholds = modelled.into_iter().chain(calling.thresholds.iter().copied()).collect();
    let mut planes = Planes::new(literals, &groups, thresholds);
    place(&mut opened, &planes);
    report.left_out = opened
        .iter()
        .map(|file| (file.matrix.path().to_owned(), file.roles.left_out()))
        .filter(|(_, n)| *n > 0)
        .collect();
    report.cells = groups.iter().map(|(_, n)| n).sum();
    match calling.detection {
        Some(detection) => model(&opened, candidates.len(), detection, &mut planes, &mut report, &reading)?,
        None => mark(&opened, calling, &mut planes, &mut report, &reading)?,
    }
    for (file, source) in opened.iter().zip(files) {
        mark_genotypes(file, source, genotypes, candidates.len(), &mut planes)?;
    }
    let positions = opened.into_iter().map(|file| file.positions).collect();
    Ok(Loaded { planes, candidates, positions, report })
}

fn check(files: &[AtlasFile], calling: &Calling) -> Result<()> {
    let problem = |field, problem: &str| Err(AtlasError::Request { field, problem: problem.into() });
    if files.is_empty() {
        return problem("files", "no atlas is named");
    }
    if calling.thresholds.is_empty() || calling.thresholds.iter().any(|t| !(*t >= 0.0 && t.is_finite())) {
        return problem("thresholds", "at least one is needed, each finite and not negative");
    }
    if let Some(detection) = calling.detection {
        if calling.depth_matched {
            return problem("depth_matched", "the model of dropout accounts for depth by itself");
        }
        if !(detection.floor > 0.0 && detection.floor <= 1.0) {
            return problem("floor", "must be above 0 and at most 1");
        }
    }
    Ok(())
}

fn open(file: &AtlasFile) -> Result<Opened> {
    let matrix = read::open(&file.path, &file.matrix)?;
    let roles = cohort::roles(file, &*matrix)?;
    Ok(Opened { matrix, roles, rows: Vec::new(), positions: Vec::new() })
}

/// Matches the candidates against every file and keeps those that all files have.
fn match_all(wanted: &[Candidate], opened: &mut [Opened]) -> Result<(Vec<Candidate>, LoadReport)> {
    let mut report = LoadReport::default();
    let mut held = vec![0; wanted.len()];
    for file in opened.iter_mut() {
        let (rows, matches) = genes::match_genes(wanted, file.matrix.genes(), file.matrix.path());
        let mut found: Vec<u32> = rows.iter().copied().filter(|&r| r != Sink::SKIP).collect();
        found.sort_unstable();
        found.dedup();
        for row in found {
            held[row as usize] += 1;
        }
        file.rows = rows;
        report.matches.push(matches);
    }
    let everywhere: Vec<bool> = held.iter().map(|&n| n == opened.len()).collect();
    let mut renumbered = Vec::with_capacity(wanted.len());
    let mut next = 0;
    for &keep in &everywhere {
        renumbered.push(if keep { next } else { Sink::SKIP });
        next += u32::from(keep);
    }
    for row in opened.iter_mut().flat_map(|file| file.rows.iter_mut()).filter(|row| **row != Sink::SKIP) {
        *row = renumbered[*row as usize];
    }
    let kept =
        |keep: bool| wanted.iter().zip(&everywhere).filter(move |&(_, &e)| e == keep).map(|(c, _)| c.clone());
    report.dropped = kept(false).map(|c| c.symbol).collect();
    let candidates: Vec<Candidate> = kept(true).collect();
    if candidates.is_empty() {
        return Err(AtlasError::NoCandidates { candidates: wanted.len() });
    }
    Ok((candidates, report))
}

/// The groups of all files with their numbers of cells.
fn sizes(opened: &[Opened]) -> Result<Vec<(Role, usize)>> {
    let mut counts = std::collections::BTreeMap::new();
    for file in opened {
        for role in file.roles.of_cell.iter().flatten() {
            *counts.entry(file.roles.roles[*role as usize].clone()).or_insert(0) += 1;
        }
    }
    let groups: Vec<(Role, usize)> = counts.into_iter().collect();
    if !groups.iter().any(|(role, _)| role.is_malignant()) {
        let cells = opened.iter().map(|file| file.roles.of_cell.len()).sum();
        return Err(AtlasError::NoMalignantCells { cells });
    }
    Ok(groups)
}

/// Gives every cell its bit position: groups in order, within a group by file and cell.
fn place(opened: &mut [Opened], planes: &Planes) {
    let mut filled = vec![0; planes.groups.len()];
    for file in opened {
        let group_of: Vec<usize> = file
            .roles
            .roles
            .iter()
            .map(|role| planes.groups.partition_point(|group| group.role < *role))
            .collect();
        let mut position = |role: u32| {
            let group = group_of[role as usize];
            filled[group] += 1;
            planes.position(group, filled[group] - 1) as u32
        };
        file.positions =
            file.roles.of_cell.iter().map(|role| role.map_or(Sink::SKIP, &mut position)).collect();
    }
}

/// Marks every value that reaches a threshold.
fn mark(
    opened: &[Opened],
    calling: &Calling,
    planes: &mut Planes,
    report: &mut LoadReport,
    reading: &Reading,
) -> Result<()> {
    let scales: Vec<Arc<[f64]>> = if calling.depth_matched {
        let (depths, median) = depths(opened, reading)?;
        report.median_depth = Some(median);
        let factor = |depth: f64| if depth > 0.0 { median / depth } else { 1.0 };
        depths.into_iter().map(|file| file.into_iter().map(factor).collect()).collect()
    } else {
        opened.iter().map(|_| Arc::from([])).collect()
    };
    for (file, scale) in opened.iter().zip(scales) {
        let mut sink = Sink::fill(&file.rows, &file.positions, scale, planes);
        reading.pass(&*file.matrix, &mut sink)?;
    }
    Ok(())
}

/// Marks every positive value, and cells without one as the model of dropout draws them.
fn model(
    opened: &[Opened],
    genes: usize,
    detection: Detection,
    planes: &mut Planes,
    report: &mut LoadReport,
    reading: &Reading,
) -> Result<()> {
    planes.modelled = true;
    let (depths, median) = depths(opened, reading)?;
    report.median_depth = Some(median);
    let mut placed = vec![None; planes.blocks() * 512];
    for (file, depths) in opened.iter().zip(&depths) {
        for (&position, depth) in file.positions.iter().zip(depths) {
            if position != Sink::SKIP {
                placed[position as usize] = Some(depth / median);
            }
        }
    }
    let mut tallies = Tallies::new(planes, genes, &placed);
    for file in opened {
        let groups: Vec<u32> = file.positions.iter().map(|&p| planes.group_at(p as usize)).collect();
        let mut sink = Sink::tally(&file.rows, &file.positions, &groups, planes, &mut tallies);
        reading.pass(&*file.matrix, &mut sink)?;
        if let Some((gene, cell, value)) = sink.fractional {
            return Err(AtlasError::NotCounts {
                path: file.matrix.path().into(),
                inside: file.matrix.inside(),
                gene: file.matrix.genes()[gene].symbol.clone(),
                cell: file.matrix.cells()[cell].clone(),
                value,
            });
        }
    }
    tallies.call(planes, detection);
    Ok(())
}

/// The depth of every cell of each file, and the median of the kept cells that have any.
fn depths(opened: &[Opened], reading: &Reading) -> Result<(Vec<Vec<f64>>, f64)> {
    let mut depths = Vec::new();
    let mut kept = Vec::new();
    for file in opened {
        let mut sink = Sink::count(file.matrix.cells().len());
        reading.pass(&*file.matrix, &mut sink)?;
        let used = sink.depth.iter().zip(&file.positions).filter(|&(d, &p)| p != Sink::SKIP && *d > 0.0);
        kept.extend(used.map(|(d, _)| *d));
        depths.push(sink.depth);
    }
    kept.sort_by(f64::total_cmp);
    let median = kept.get(kept.len() / 2).copied().unwrap_or(1.0);
    Ok((depths, median))
}

/// Sets the bits of the genotype literals, at every threshold.
fn mark_genotypes(
    file: &Opened,
    source: &AtlasFile,
    genotypes: &[Genotype],
    first: usize,
    planes: &mut Planes,
) -> Result<()> {
    for (i, genotype) in genotypes.iter().enumerate() {
        let carried = genotype.of_cells(source, &*file.matrix, &file.roles)?;
        for (&carried, &position) in carried.iter().zip(&file.positions) {
            if carried && position != Sink::SKIP {
                planes.mark(first + i, position as usize, f64::INFINITY);
            }
        }
    }
    Ok(())
}

/// A genotype needs a name of its own, and normal cells have no patient by whom it could be looked up.
fn check_genotypes(genotypes: &[Genotype], candidates: &[Candidate]) -> Result<()> {
    let problem = |problem| Err(AtlasError::Request { field: "genotype", problem });
    for genotype in genotypes {
        let name = &genotype.name;
        if candidates.iter().any(|candidate| candidate.symbol == *name) {
            return problem(format!("'{name}' is also a candidate gene; give it another name"));
        }
        if genotype.patients.is_some() && genotype.normal.is_none() {
            return problem(format!(
                "'{name}' comes from a table of patients; say whether normal cells carry it"
            ));
        }
    }
    Ok(())
}
