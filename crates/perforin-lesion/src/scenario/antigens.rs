//! Which antigens there are, and how many of each every cell carries at the start.

use std::collections::{BTreeMap, BTreeSet};

use perforin_core::rng::{Purpose, Stream};
use perforin_core::study::StudyFile;
use perforin_core::study::lesion::AntigenSection;

use super::Notes;
use crate::cells::Cells;
use crate::model::{Model, Role};

/// What endogenous T cells see: 1 on cells that carry it.
pub(super) const NEOANTIGEN: &str = "neoantigen";

/// Name under which cells carry HLA, 1 on those that have it; none if no part of the study needs it.
pub(super) fn hla_antigen(study: &StudyFile) -> Option<&'static str> {
    study.lesion.hla.is_some().then_some("HLA")
}

/// Names of all antigens of a study, sorted.
pub(super) fn names(study: &StudyFile) -> Vec<String> {
    let lesion = &study.lesion;
    let normal = lesion.normal_tissue.iter().flat_map(|n| n.antigen.keys());
    let others = lesion.cell.values().flat_map(|c| c.antigen.keys());
    let all = lesion.antigen.keys().chain(normal).chain(others).map(String::as_str);
    let imported = lesion.import.iter().flat_map(|i| i.antigen.keys()).map(String::as_str);
    let neoantigen = lesion.endogenous_t_cells.as_ref().map(|_| NEOANTIGEN);
    let names: BTreeSet<&str> = all.chain(imported).chain(hla_antigen(study)).chain(neoantigen).collect();
    names.into_iter().map(str::to_owned).collect()
}

/// HLA, neoantigen and clones of the cells of type `kind`, after their antigens were drawn; then what each cell
/// carries is what it returns to and hands on.
pub(super) fn finish(
    study: &StudyFile,
    model: &Model,
    kind: usize,
    members: &[usize],
    cells: &mut Cells,
    notes: &mut Notes,
) {
    let is_tumour = model.types[kind].role == Role::Tumour;
    let place = |name: &str| model.antigens.iter().position(|a| a == name);
    let width = model.antigens.len();
    if let (Some(hla), Some(section)) = (hla_antigen(study).and_then(place), &study.lesion.hla) {
        for i in members {
            cells.density[i * width + hla] = 1.0;
        }
        if let Some(lost) = section.lost.filter(|_| is_tumour) {
            notes.share("lesion.hla.lost", lost.value(), "Share of tumour cells without HLA at the start");
            let patch = section.patch.map(|p| p.value());
            for i in chosen(model, hla, (lost.value(), patch), members, cells) {
                cells.density[i * width + hla] = 0.0;
            }
        }
    }
    if let (Some(place), Some(section)) = (place(NEOANTIGEN), &study.lesion.endogenous_t_cells)
        && is_tumour
    {
        let share = section.neoantigen_positive.value();
        notes.share(
            "lesion.endogenous_t_cells.neoantigen_positive",
            share,
            "Share of tumour cells with the neoantigen",
        );
        for i in chosen(model, place, (share, None), members, cells) {
            cells.density[i * width + place] = 1.0;
        }
    }
    if is_tumour {
        clones(study, model, members, cells, notes);
    }
    for i in members {
        let own = i * width..(i + 1) * width;
        cells.inherited[own.clone()].copy_from_slice(&cells.density[own]);
    }
}

/// Puts cells into the study's clones, each among those that are still in none.
fn clones(study: &StudyFile, model: &Model, members: &[usize], cells: &mut Cells, notes: &mut Notes) {
    let width = model.antigens.len();
    let mut taken = 0.0;
    for (number, (name, section)) in study.lesion.clone.iter().enumerate() {
        let path = format!("lesion.clone.{name}");
        let share = section.fraction.value();
        taken += share;
        notes.share(&format!("{path}.fraction"), share, "Share of tumour cells in the clone");
        let free: Vec<usize> = members.iter().copied().filter(|i| cells.clone[*i] == 0).collect();
        if taken > 1.0 + 1e-9 {
            notes.wrong(
                &format!("{path}.fraction"),
                "the clones have more than all of the tumour cells",
                "make the fractions add up to 100 % at most",
            );
            return;
        }
        // Whole cells were put into the clones before, so a few may be missing for the last.
        let wanted = (share * members.len() as f64 / free.len().max(1) as f64).min(1.0);
        // Clones are drawn under numbers that no antigen has.
        let draw = width + number;
        let chosen = chosen(model, draw, (wanted, section.patch.map(|p| p.value())), &free, cells);
        for i in chosen {
            cells.clone[i] = number as u8 + 1;
            for (antigen, factor) in &section.antigen {
                if let Some(place) = model.antigens.iter().position(|a| a == antigen) {
                    cells.density[i * width + place] *= *factor as f32;
                }
            }
        }
    }
}

/// For each clone, its growth; the first stands for cells in none.
pub(super) fn clone_growth(study: &StudyFile, antigens: &[String], notes: &mut Notes) -> Vec<f64> {
    let mut growth = vec![1.0];
    for (name, section) in &study.lesion.clone {
        let path = format!("lesion.clone.{name}");
        let factor = section.growth.unwrap_or(1.0);
        notes.given(
            &format!("{path}.growth"),
            factor,
            "1",
            "Rate of entering the cell cycle over other cells'",
        );
        let factors = section.antigen.iter().map(|(antigen, f)| (format!("{path}.antigen.{antigen}"), *f));
        for (place, f) in factors.chain([(format!("{path}.growth"), factor)]) {
            if !(0.0..=1e6).contains(&f) {
                notes.wrong(&place, format!("{f} is not a factor"), "give a number from 0 on");
            }
        }
        for antigen in section.antigen.keys().filter(|a| !antigens.contains(a)) {
            notes.wrong(
                &format!("{path}.antigen.{antigen}"),
                format!("no cell carries the antigen `{antigen}`"),
                format!("there are {}", super::listed(antigens.iter().map(String::as_str))),
            );
        }
        growth.push(factor);
    }
    if growth.len() > 200 {
        notes.wrong("lesion.clone", "more than 199 clones", "merge some");
    }
    growth
}

/// The antigens of a cell type, each with its path in the study; what `[lesion.cell.NAME]` says comes last.
pub(super) fn of_type<'a>(
    study: &'a StudyFile,
    name: &str,
) -> BTreeMap<&'a str, (String, &'a AntigenSection)> {
    let lesion = &study.lesion;
    let mut antigens = BTreeMap::new();
    let mut add = |prefix: &str, list: &'a BTreeMap<String, AntigenSection>| {
        for (antigen, section) in list {
            antigens.insert(antigen.as_str(), (format!("{prefix}.{antigen}"), section));
        }
    };
    match name {
        "tumour" => add("lesion.antigen", &lesion.antigen),
        "normal" => {
            if let Some(normal) = &lesion.normal_tissue {
                add("lesion.normal_tissue.antigen", &normal.antigen);
            }
        }
        _ => {}
    }
    if let Some(cell) = lesion.cell.get(name) {
        add(&format!("lesion.cell.{name}.antigen"), &cell.antigen);
    }
    antigens
}

/// Draws the densities of all cells of type `kind`, which lie at the places `members`.
pub(super) fn assign(
    study: &StudyFile,
    model: &Model,
    kind: usize,
    members: &[usize],
    cells: &mut Cells,
    notes: &mut Notes,
) {
    let correlation = study.lesion.antigen_correlation.unwrap_or(0.0);
    if !(0.0..=1.0).contains(&correlation) {
        notes.wrong(
            "lesion.antigen_correlation",
            format!("{correlation} is not a correlation between 0 and 1"),
            "give a number from 0 to 1",
        );
        return;
    }
    let stream = Stream::new(model.seed, Purpose::Antigen);
    for (name, (path, section)) in of_type(study, &model.types[kind].name) {
        let Some(antigen) = model.antigens.iter().position(|a| a == name) else { continue };
        let Some(distribution) = Distribution::of(section, &path, notes) else { continue };
        for &i in members {
            // The first normal is the cell's own, shared by its antigens; the others follow by antigen.
            let mut draw = stream.at(cells.id[i], 0);
            let shared = draw.normal();
            let own = stream.at(cells.id[i], 1 + antigen as u32).normal();
            let z = correlation.sqrt() * shared + (1.0 - correlation).sqrt() * own;
            cells.density[i * model.antigens.len() + antigen] = distribution.at(z) as f32;
        }
        if let Some(negative) = &section.negative {
            notes.share(
                &format!("{path}.negative.fraction"),
                negative.fraction.value(),
                "Share of antigen-negative cells",
            );
            if negative.patch.is_some_and(|patch| !(1.0..=1e5).contains(&patch.value())) {
                notes.wrong(
                    &format!("{path}.negative.patch"),
                    "a patch is between 1 µm and 100 mm wide",
                    "give its diameter, or leave it out for cells mixed at random",
                );
                continue;
            }
            let density = negative.density.map_or(0.0, |d| d.value()) as f32;
            let wanted = (negative.fraction.value(), negative.patch.map(|p| p.value()));
            for i in chosen(model, antigen, wanted, members, cells) {
                cells.density[i * model.antigens.len() + antigen] = density;
            }
        }
    }
}

/// The members that are antigen-negative: whole patches of the given diameter, µm, or single cells, in random order,
/// until the share is reached.
fn chosen(
    model: &Model,
    antigen: usize,
    (share, patch): (f64, Option<f64>),
    members: &[usize],
    cells: &Cells,
) -> Vec<usize> {
    let wanted = (share * members.len() as f64).round() as usize;
    let stream = Stream::new(model.seed, Purpose::Patch);
    let mut patches: BTreeMap<(u64, u64), Vec<usize>> = BTreeMap::new();
    for &i in members {
        let patch = match patch {
            None => cells.id[i],
            Some(size) => patch_of(stream, antigen, size, cells.position[i]),
        };
        let rank = stream.at(patch, 1 + 2 * antigen as u32).bits64();
        patches.entry((rank, patch)).or_default().push(i);
    }
    let mut chosen = Vec::with_capacity(wanted);
    for members in patches.into_values() {
        let overshoot = (chosen.len() + members.len()).saturating_sub(wanted);
        // The last patch is taken if that comes closer to the wanted share.
        if overshoot * 2 <= members.len() {
            chosen.extend(members);
        }
        if chosen.len() >= wanted || overshoot > 0 {
            break;
        }
    }
    chosen
}

/// The patch that a position lies in: space is divided among random seeds, one in each cube of edge `size`, and
/// every point belongs to the nearest.
fn patch_of(stream: Stream, antigen: usize, size: f64, position: [f64; 3]) -> u64 {
    let at = position.map(|x| (x / size).floor() as i64);
    let mut nearest = (f64::INFINITY, 0);
    for dz in -1..=1 {
        for dy in -1..=1 {
            for dx in -1..=1 {
                let cube = [at[0] + dx, at[1] + dy, at[2] + dz];
                // 21 bits for each coordinate, which are far below 2²⁰.
                let name = cube.iter().fold(0_u64, |name, c| name << 21 | (c + (1 << 20)) as u64 & 0x1f_ffff);
                let mut draw = stream.at(name, 2 + 2 * antigen as u32);
                let seed: [f64; 3] = std::array::from_fn(|a| (cube[a] as f64 + draw.uniform()) * size);
                let distance = crate::neighbours::distance2(seed, position);
                if distance < nearest.0 {
                    nearest = (distance, name);
                }
            }
        }
    }
    nearest.1
}

/// A distribution of densities, molecules per cell.
#[derive(Clone, Copy, Debug)]
enum Distribution {
    LogNormal { median: f64, log_sd: f64 },
    Normal { mean: f64, sd: f64 },
}

impl Distribution {
    fn of(section: &AntigenSection, path: &str, notes: &mut Notes) -> Option<Self> {
        let path = format!("{path}.density");
        let d = &section.density;
        let distribution = match (d.median, d.mean) {
            (Some(median), None) if d.sd.is_none() => {
                Self::LogNormal { median: median.value(), log_sd: d.log_sd.unwrap_or(0.0) }
            }
            (None, Some(mean)) if d.log_sd.is_none() => {
                Self::Normal { mean: mean.value(), sd: d.sd.map_or(0.0, |sd| sd.value()) }
            }
            _ => {
                notes.wrong(
                    &path,
                    "a density is log-normal (`median`, `log_sd`) or normal (`mean`, `sd`), not both",
                    "write { median = \"60000 /cell\", log_sd = 0.9 } or { mean = \"60000 /cell\", sd = \"9000 /cell\" }",
                );
                return None;
            }
        };
        let (centre, spread) = match distribution {
            Self::LogNormal { median, log_sd } => {
                notes.given(&format!("{path}.median"), median, "/cell", "Median density of the antigen");
                notes.given(
                    &format!("{path}.log_sd"),
                    log_sd,
                    "1",
                    "Standard deviation of the logarithm of the density",
                );
                (median, log_sd)
            }
            Self::Normal { mean, sd } => {
                notes.given(&format!("{path}.mean"), mean, "/cell", "Mean density of the antigen");
                notes.given(&format!("{path}.sd"), sd, "/cell", "Standard deviation of the density");
                (mean, sd)
            }
        };
        if !(centre >= 0.0 && (0.0..f64::INFINITY).contains(&spread))
            || matches!(distribution, Self::LogNormal { log_sd, .. } if log_sd > 5.0)
        {
            notes.wrong(
                &path,
                "a density and its spread are not negative, and `log_sd` is at most 5",
                "correct the numbers",
            );
            return None;
        }
        Some(distribution)
    }

    /// The density at a standard normal deviate.
    fn at(self, z: f64) -> f64 {
        match self {
            Self::LogNormal { median, log_sd } => median * libm::exp(log_sd * z),
            Self::Normal { mean, sd } => (mean + sd * z).max(0.0),
        }
    }
}
