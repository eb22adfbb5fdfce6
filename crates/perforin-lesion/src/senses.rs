//! What lymphocytes sense: antigens on every cell, and what their surroundings leave of each of their functions.
//!
//! | symbol | unit | meaning | source |
//! |---|---|---|---|
//! | `s`, `c` | 1 | lytic and cytokine signal that the gate reads | [`perforin_core::receptor`] |
//! | `e` | 1 | exhaustion | [`crate::lymphocyte`] |
//! | `I` | 1 | PD-1 signal, `f·B/(B + B½)` with `B` complexes in the contact | parameters `checkpoint.*` |
//! | `Σ` | 1 | suppression by cells in reach, by substances and by steroids, for each function | parameters `suppression.*`, `patient.steroid_*` |
//! | `p` | mmHg | oxygen | parameter `hypoxia.half` |
//!
//! In a contact the effective signals are
//!
//! `lysis    = s · potency · x_k(e) · (1 − i_k·I) · Σ_k`
//! `cytokine = c · x_c(e) · (1 − i_c·I) · Σ_c · p/(p + p½)`
//! `drive    = c · (1 − i_c·I)`
//!
//! with `x(e) = 1/(1 + (e/e½)ⁿ)` and a potency below 1 for CD4 and memory-like cells. Oxygen does not act on lysis
//! (Berahovich 2019). The PD-1 complexes follow the quadratic equilibrium of receptor and ligand in the contact,
//! each lowered by its antibody's local concentration `a` to the share `K/(K + a)`.
//!
//! Assumptions: factors multiply; surroundings are read once per phenotype step; suppressive cells act on every
//! lymphocyte in reach alike.

use perforin_core::gate::MAX_ANTIGENS;
use perforin_core::receptor::bound_pairs;
use rayon::prelude::*;

use crate::cells::{Cells, Stage};
use crate::fields::Field;
use crate::model::biology::{Checkpoint, Exhaustion, Functions, Lymphocyte};
use crate::model::{Attack, Model, Recognition, Role};
use crate::neighbours::{CHUNK, distance2};

/// What an attacker reads on one cell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reading {
    /// Lytic signal, 0 to 1.
    pub lysis: f64,
    /// Signal for cytokine and proliferation, 0 to 1.
    pub cytokine: f64,
}

/// How an attacker looks at cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Which input a cell of a polyclonal product reads; none for the whole gate.
    pub specificity: Option<u8>,
    /// Receptors over the product's median.
    pub receptors: f64,
    /// Shares of antigen and of receptor that an adapter leaves to be bridged; 1 without one.
    pub adapter: (f64, f64),
}

impl View {
    /// A cell with the product's median of receptors, and no adapter.
    pub const MEDIAN: Self = Self { specificity: None, receptors: 1.0, adapter: (1.0, 1.0) };
}

/// What an attacker reads on a cell of a type, with the given role and antigen densities (molecules per cell).
pub fn read(attack: &Attack, (kind, role): (usize, Role), densities: &[f32], view: View) -> Reading {
    if !attack.targets[kind] {
        return Reading::default();
    }
    let seen = match &attack.recognition {
        Recognition::Nothing => Reading::default(),
        Recognition::Ramp { antigen, from, to } => {
            let signal = ((f64::from(densities[*antigen]) - from) / (to - from)).clamp(0.0, 1.0);
            Reading { lysis: signal, cytokine: signal }
        }
        Recognition::Gate { table, inputs, receptors, presented_by } => {
            let shown = presented_by.map_or(1.0, |hla| f64::from(densities[hla]));
            let scale = view.adapter.0 * shown;
            let mut lysis = [0.0; MAX_ANTIGENS];
            let mut cytokine = [0.0; MAX_ANTIGENS];
            for (k, (antigen, contact)) in inputs.iter().enumerate() {
                let contact = if view.receptors == 1.0 && view.adapter.1 == 1.0 {
                    *contact
                } else {
                    contact.with_receptors(receptors[k] * view.receptors * view.adapter.1)
                };
                let response = contact.response(f64::from(densities[*antigen]) * scale);
                (lysis[k], cytokine[k]) = (response.lysis, response.cytokine);
            }
            match view.specificity {
                Some(k) => Reading { lysis: lysis[usize::from(k)], cytokine: cytokine[usize::from(k)] },
                None => Reading { lysis: table.evaluate(&lysis), cytokine: table.evaluate(&cytokine) },
            }
        }
    };
    match attack.natural {
        Some(natural) if role == Role::Tumour => {
            let masked = natural.hla.is_none_or(|hla| densities[hla] > 0.0);
            let lysis = if masked { natural.lysis } else { natural.unmasked };
            Reading { lysis: seen.lysis.max(lysis), ..seen }
        }
        _ => seen,
    }
}

/// What the surroundings leave of a lymphocyte's functions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surroundings {
    /// Left by suppressive cells and substances and by steroids, 0 to 1.
    pub unsuppressed: Functions,
    /// Left by lack of oxygen, of division and cytokine.
    pub oxygen: f64,
    /// Left by lack of IL-2, of division.
    pub il2: f64,
    /// Share of PD-1 that no antibody holds.
    pub free_receptor: f64,
    /// Share of PD-L1 that no antibody holds.
    pub free_ligand: f64,
}

impl Surroundings {
    /// Nothing is taken.
    pub const HARMLESS: Self = Self {
        unsuppressed: Functions { killing: 1.0, division: 1.0, cytokine: 1.0 },
        oxygen: 1.0,
        il2: 1.0,
        free_receptor: 1.0,
        free_ligand: 1.0,
    };
}

/// What every attacking type reads on every cell, and the surroundings of every lymphocyte. Follows from the state;
/// computed anew at each phenotype step.
#[derive(Clone, Debug, Default)]
pub struct Senses {
    /// Readings of every cell, for each attacking type and specificity.
    rows: Vec<Vec<Reading>>,
    /// First row of each type.
    first_row: Vec<usize>,
    surroundings: Vec<Surroundings>,
    adapter: Option<(f64, f64)>,
    suppressors: Suppressors,
}

impl Senses {
    /// Reads every cell with every attacking type, and the surroundings of lymphocytes, at `time`, min.
    pub fn take(&mut self, model: &Model, cells: &Cells, fields: &[Field], time: f64) {
        self.adapter = model.treatments.adapter.as_ref().map(|(course, of_antigen, of_receptor)| {
            let amount = course.at(time);
            // The adapter must be on the antigen, and the receptor free of it: too much of it blocks.
            (amount / (amount + of_antigen), of_receptor / (amount + of_receptor))
        });
        self.read_cells(model, cells);
        self.read_surroundings(model, cells, fields, time);
    }

    fn read_cells(&mut self, model: &Model, cells: &Cells) {
        let mut row = 0;
        self.first_row.clear();
        let roles: Vec<Role> = model.types.iter().map(|t| t.role).collect();
        for cell_type in &model.types {
            self.first_row.push(row);
            let Some(attack) = &cell_type.attack else { continue };
            let several = cell_type.lymphocyte.as_ref().map_or(0, |l| l.specificities.len());
            for specificity in 0..several.max(1) {
                if self.rows.len() == row {
                    self.rows.push(Vec::new());
                }
                let view = View {
                    specificity: (several > 0).then_some(specificity as u8),
                    receptors: 1.0,
                    adapter: self.adapter.unwrap_or((1.0, 1.0)),
                };
                (0..cells.len())
                    .into_par_iter()
                    .with_min_len(CHUNK)
                    .map(|i| {
                        let kind = usize::from(cells.kind[i]);
                        read(attack, (kind, roles[kind]), cells.densities(i), view)
                    })
                    .collect_into_vec(&mut self.rows[row]);
                row += 1;
            }
        }
    }

    fn read_surroundings(&mut self, model: &Model, cells: &Cells, fields: &[Field], time: f64) {
        self.surroundings.clear();
        if model.types.iter().all(|t| t.lymphocyte.is_none()) {
            return;
        }
        self.suppressors.gather(model, cells);
        let suppressors = &self.suppressors;
        let calm = model.treatments.steroid.as_ref().map_or(1.0, |steroid| steroid.left(time));
        (0..cells.len())
            .into_par_iter()
            .with_min_len(CHUNK)
            .map(|i| match &model.types[usize::from(cells.kind[i])].lymphocyte {
                Some(lymphocyte) if cells.is_live(i) => {
                    around(model, fields, (suppressors, calm), lymphocyte, cells.position[i])
                }
                _ => Surroundings::HARMLESS,
            })
            .collect_into_vec(&mut self.surroundings);
    }

    /// What attacker `i` reads on cell `target` with as many receptors as its type's median.
    #[inline]
    pub fn at_median(&self, cells: &Cells, i: usize, target: usize) -> Reading {
        let row = self.first_row[usize::from(cells.kind[i])] + usize::from(cells.specificity[i]);
        self.rows[row].get(target).copied().unwrap_or_default()
    }

    /// Strongest lytic signal that any attacker of a type reads on a cell.
    pub fn strongest(&self, kind: usize, target: usize) -> f64 {
        let end = self.first_row.get(kind + 1).copied().unwrap_or(self.rows.len());
        let rows = self.rows.get(self.first_row[kind]..end).unwrap_or_default();
        rows.iter().filter_map(|row| row.get(target)).map(|r| r.lysis).fold(0.0, f64::max)
    }

    /// What attacker `i` reads on cell `target`.
    #[inline]
    pub fn of(&self, model: &Model, cells: &Cells, i: usize, target: usize) -> Reading {
        let median = self.at_median(cells, i, target);
        let cell_type = &model.types[usize::from(cells.kind[i])];
        let (Some(lymphocyte), Some(attack)) = (&cell_type.lymphocyte, &cell_type.attack) else {
            return median;
        };
        let receptors = cells.receptors(i);
        if receptors == 1.0 || median == Reading::default() {
            return median;
        }
        let view = View {
            specificity: (!lymphocyte.specificities.is_empty()).then_some(cells.specificity[i]),
            receptors,
            adapter: self.adapter.unwrap_or((1.0, 1.0)),
        };
        let kind = usize::from(cells.kind[target]);
        read(attack, (kind, model.types[kind].role), cells.densities(target), view)
    }

    /// The surroundings of a lymphocyte; harmless for any other cell.
    #[inline]
    pub fn around(&self, i: usize) -> Surroundings {
        self.surroundings.get(i).copied().unwrap_or(Surroundings::HARMLESS)
    }

    /// What attacker `i` can do to cell `target` at present.
    pub fn judge(&self, model: &Model, cells: &Cells, i: usize, target: usize) -> Judgement {
        let read = self.of(model, cells, i, target);
        let Some(lymphocyte) = &model.types[usize::from(cells.kind[i])].lymphocyte else {
            return Judgement { read, ..Judgement::UNHINDERED };
        };
        let around = self.around(i);
        let exhaustion = f64::from(cells.exhaustion[i]);
        let inhibition = lymphocyte
            .checkpoint
            .map_or(0.0, |checkpoint| checkpoint.signal(exhaustion, f64::from(cells.pd_l1[target]), around));
        let left = lymphocyte.exhaustion.map_or(Surroundings::HARMLESS.unsuppressed, |e| e.left(exhaustion));
        let (on_killing, on_cytokine) =
            lymphocyte.checkpoint.map_or((0.0, 0.0), |c| (c.killing * inhibition, c.cytokine * inhibition));
        Judgement {
            read,
            potency: lymphocyte.potency(cells, i),
            unexhausted: left.killing,
            unexhausted_cytokine: left.cytokine,
            checkpoint_signal: inhibition,
            uninhibited: 1.0 - on_killing,
            uninhibited_cytokine: 1.0 - on_cytokine,
            unsuppressed: around.unsuppressed.killing,
            unsuppressed_cytokine: around.unsuppressed.cytokine * around.oxygen,
        }
    }
}

/// What an attacker can do in a contact, and what takes how much of it; shares from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// What the gate reads.
    pub read: Reading,
    /// Killing of cells of its subset and stage.
    pub potency: f64,
    /// Left of killing by exhaustion.
    pub unexhausted: f64,
    /// Left of cytokine by exhaustion.
    pub unexhausted_cytokine: f64,
    /// PD-1 signal.
    pub checkpoint_signal: f64,
    /// Left of killing by PD-1.
    pub uninhibited: f64,
    /// Left of cytokine and drive by PD-1.
    pub uninhibited_cytokine: f64,
    /// Left of killing by suppression.
    pub unsuppressed: f64,
    /// Left of cytokine by suppression and lack of oxygen.
    pub unsuppressed_cytokine: f64,
}

impl Judgement {
    /// Nothing hinders; nothing is read.
    pub const UNHINDERED: Self = Self {
        read: Reading { lysis: 0.0, cytokine: 0.0 },
        potency: 1.0,
        unexhausted: 1.0,
        unexhausted_cytokine: 1.0,
        checkpoint_signal: 0.0,
        uninhibited: 1.0,
        uninhibited_cytokine: 1.0,
        unsuppressed: 1.0,
        unsuppressed_cytokine: 1.0,
    };

    /// Lytic signal after all that lowers it.
    pub fn lysis(&self) -> f64 {
        self.read.lysis * self.potency * self.unexhausted * self.uninhibited * self.unsuppressed
    }

    /// Cytokine signal after all that lowers it.
    pub fn cytokine(&self) -> f64 {
        self.read.cytokine
            * self.unexhausted_cytokine
            * self.uninhibited_cytokine
            * self.unsuppressed_cytokine
    }

    /// Signal that drives activation and proliferation.
    pub fn drive(&self) -> f64 {
        self.read.cytokine * self.uninhibited_cytokine
    }

    /// Writes the signals of the synapse of attacker `i`.
    pub fn write(&self, cells: &mut Cells, i: usize) {
        cells.lysis_signal[i] = self.lysis() as f32;
        cells.cytokine_signal[i] = self.cytokine() as f32;
        cells.drive[i] = self.drive() as f32;
        cells.checkpoint_signal[i] = self.checkpoint_signal as f32;
    }
}

impl Exhaustion {
    /// What exhaustion `e` leaves of each function.
    pub fn left(&self, e: f64) -> Functions {
        let left = |half: f64| 1.0 / (1.0 + libm::pow(e / half, self.hill));
        if e <= 0.0 {
            return Surroundings::HARMLESS.unsuppressed;
        }
        Functions {
            killing: left(self.half.killing),
            division: left(self.half.division),
            cytokine: left(self.half.cytokine),
        }
    }
}

impl Checkpoint {
    /// PD-1 signal, 0 to 1, of a cell of the given exhaustion against a target with `pd_l1` molecules.
    pub fn signal(&self, exhaustion: f64, pd_l1: f64, around: Surroundings) -> f64 {
        let receptors = self.receptors * (1.0 + (self.exhausted - 1.0) * exhaustion) * around.free_receptor;
        let ligands = self.contact_fraction * pd_l1 * around.free_ligand;
        let bound = bound_pairs(receptors, ligands, self.dissociation);
        (self.factor * bound / (bound + self.half)).min(1.0)
    }
}

impl Lymphocyte {
    /// Hits of a cell over those of a CD8 effector cell.
    fn potency(&self, cells: &Cells, i: usize) -> f64 {
        let subset = if cells.cd4[i] == 1 { self.cd4_killing } else { 1.0 };
        let stage = if cells.stage[i] == Stage::MemoryLike as u8 { self.memory_killing } else { 1.0 };
        subset * stage
    }
}

/// The surroundings of a lymphocyte at `position`, where steroids leave the part `calm` of its functions.
fn around(
    model: &Model,
    fields: &[Field],
    (suppressors, calm): (&Suppressors, f64),
    lymphocyte: &Lymphocyte,
    position: [f64; 3],
) -> Surroundings {
    let voxel = model.grid.voxel_at(position);
    let level = |field: usize| fields[field].value[voxel].max(0.0);
    let saturation = |field: usize, half: f64| {
        let c = level(field);
        c / (c + half)
    };
    let (strength, on_killing) = suppressors.on(model, position, &level);
    let mut left = Functions {
        killing: calm / (1.0 + on_killing),
        division: calm / (1.0 + strength),
        cytokine: calm / (1.0 + strength),
    };
    for s in &lymphocyte.suppression {
        let taken = saturation(s.field, s.half);
        left.killing *= 1.0 - s.share.killing * taken;
        left.division *= 1.0 - s.share.division * taken;
        left.cytokine *= 1.0 - s.share.cytokine * taken;
    }
    let free = |antibody: Option<(usize, f64)>| antibody.map_or(1.0, |(field, kd)| kd / (kd + level(field)));
    Surroundings {
        unsuppressed: left,
        oxygen: match model.oxygen {
            Some(field) if lymphocyte.hypoxia_half > 0.0 => saturation(field, lymphocyte.hypoxia_half),
            _ => 1.0,
        },
        il2: lymphocyte
            .il2
            .map_or(1.0, |il2| il2.floor + (1.0 - il2.floor) * saturation(il2.field, il2.half)),
        free_receptor: free(lymphocyte.checkpoint.and_then(|c| c.blocked_by)),
        free_ligand: free(lymphocyte.checkpoint.and_then(|c| c.ligand_blocked_by)),
    }
}

/// Suppressive cells, sorted by voxel.
#[derive(Clone, Debug, Default)]
struct Suppressors {
    /// Voxel, type and position of each, in the order of voxels and, within one, of cells.
    list: Vec<(u32, u8, [f64; 3])>,
    reach: f64,
}

impl Suppressors {
    fn gather(&mut self, model: &Model, cells: &Cells) {
        self.list.clear();
        self.reach = model.types.iter().filter_map(|t| t.suppressor).map(|s| s.reach).fold(0.0, f64::max);
        if self.reach == 0.0 {
            return;
        }
        let suppressive =
            |i: &usize| model.types[usize::from(cells.kind[*i])].suppressor.is_some() && cells.is_live(*i);
        let entry =
            |i: usize| (model.grid.voxel_at(cells.position[i]) as u32, cells.kind[i], cells.position[i]);
        self.list.extend((0..cells.len()).filter(suppressive).map(entry));
        self.list.sort_by_key(|(voxel, _, _)| *voxel);
    }

    /// Strength of all suppressive cells in reach of `position`: on division and cytokine, and on killing.
    fn on(&self, model: &Model, position: [f64; 3], level: &impl Fn(usize) -> f64) -> (f64, f64) {
        let (mut all, mut on_killing) = (0.0, 0.0);
        if self.list.is_empty() {
            return (all, on_killing);
        }
        let corner = |sign: f64| model.grid.coordinates_at(position.map(|x| x + sign * self.reach));
        let (low, high) = (corner(-1.0), corner(1.0));
        let n = model.grid.n;
        for z in low[2]..=high[2] {
            for y in low[1]..=high[1] {
                let row = n[0] * (y + n[1] * z);
                let (from, to) = ((row + low[0]) as u32, (row + high[0]) as u32);
                let start = self.list.partition_point(|(voxel, _, _)| *voxel < from);
                for (_, kind, at) in self.list[start..].iter().take_while(|(voxel, _, _)| *voxel <= to) {
                    let Some(s) = model.types[usize::from(*kind)].suppressor else { continue };
                    if distance2(*at, position) < s.reach * s.reach {
                        let relief = s.relieved.map_or(0.0, |(share, field, kd)| {
                            let a = level(field);
                            share * a / (a + kd)
                        });
                        all += s.strength * (1.0 - relief);
                        on_killing += s.strength * s.on_killing * (1.0 - relief);
                    }
                }
            }
        }
        (all, on_killing)
    }
}
