//! Where the product's effort went: its time, its hits, and its divisions, each split by what took them.
//!
//! At every phenotype step each live lymphocyte of the product is looked at once. Its time counts to what it is
//! doing. In a synapse, the hits that it could deliver at a full signal are split, factor after factor in the order
//! recognition, potency, exhaustion, PD-1, suppression: `h·(1 − s)`, then `h·s·(1 − potency)` and so on, so that the
//! parts add up to the whole. Divisions are split in the same way by stimulus, programme, exhaustion, suppression,
//! oxygen and IL-2.

use crate::cells::{Cells, UNBOUND};
use crate::lymphocyte::{Drive, touched};
use crate::matrix::freedom_at;
use crate::model::{CellType, Killing, Model, Role};
use crate::neighbours::Neighbours;
use crate::senses::Senses;

/// Declares the entries once.
macro_rules! entries {
    ($($id:ident $name:literal $unit:literal $meaning:literal;)+) => {
        /// An entry of a budget.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Entry {
            $(#[doc = $meaning] $id,)+
        }

        impl Entry {
            /// All entries, in the order of a budget.
            pub const ALL: &[Self] = &[$(Self::$id,)+];

            /// Name in tables.
            pub fn name(self) -> &'static str {
                match self { $(Self::$id => $name,)+ }
            }

            /// Unit.
            pub fn unit(self) -> &'static str {
                match self { $(Self::$id => $unit,)+ }
            }

            /// What it is.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$id => $meaning,)+ }
            }
        }
    };
}

entries! {
    Searching "time_searching" "min" "Time of live cells that touch no tumour cell.";
    HeldByMatrix "time_held_by_matrix" "min" "Part of it that matrix cost: the share of the speed that it takes.";
    Unrecognised "time_unrecognised" "min" "Time of free cells that touch tumour cells, none of which they recognise.";
    Approaching "time_approaching" "min" "Time of free cells that touch a tumour cell that they recognise.";
    OnTumour "time_on_tumour" "min" "Time in a synapse with a tumour cell.";
    OnNormal "time_on_other" "min" "Time in a synapse with any other cell.";
    Hits "hits_possible" "hits" "Hits that synapses with tumour cells could deliver at a full signal.";
    LostToRecognition "hits_lost_recognition" "hits" "Lost to a weak signal of the gate.";
    LostToPotency "hits_lost_potency" "hits" "Lost because the cell was CD4 or memory-like.";
    LostToExhaustion "hits_lost_exhaustion" "hits" "Lost to exhaustion.";
    LostToCheckpoint "hits_lost_checkpoint" "hits" "Lost to PD-1.";
    LostToSuppression "hits_lost_suppression" "hits" "Lost to suppressive cells and substances.";
    Delivered "hits_delivered" "hits" "Expected hits that were left.";
    Divisions "divisions_possible" "divisions" "Divisions of live cells under a full stimulus.";
    UnstimulatedDivisions "divisions_lost_stimulus" "divisions" "Lost for want of antigen signal.";
    EndedDivisions "divisions_lost_programme" "divisions" "Lost because the programme was over.";
    ExhaustedDivisions "divisions_lost_exhaustion" "divisions" "Lost to exhaustion.";
    SuppressedDivisions "divisions_lost_suppression" "divisions" "Lost to suppressive cells and substances.";
    HypoxicDivisions "divisions_lost_hypoxia" "divisions" "Lost to lack of oxygen.";
    StarvedDivisions "divisions_lost_il2" "divisions" "Lost to lack of IL-2.";
    DivisionsLeft "divisions_expected" "divisions" "Expected divisions that were left.";
}

/// The entries of one cell type.
pub type Budget = [f64; Entry::ALL.len()];

/// An empty budget.
pub const EMPTY: Budget = [0.0; Entry::ALL.len()];

/// Signal above which a cell counts as recognised.
pub const RECOGNISED: f64 = 0.5;

/// Adds a phenotype step to the budgets of all product types.
pub fn keep(
    model: &Model,
    matrix: &[f32],
    neighbours: &Neighbours,
    senses: &Senses,
    cells: &Cells,
    budgets: &mut [Budget],
) {
    let kept: Vec<bool> = model.types.iter().map(|t| t.role == Role::Product && t.attack.is_some()).collect();
    if !kept.contains(&true) {
        return;
    }
    let scene = Scene { model, matrix, neighbours, senses, cells, dt: model.numerics.phenotype_step };
    for i in 0..cells.len() {
        let kind = usize::from(cells.kind[i]);
        if kept[kind] && cells.is_live(i) {
            scene.time(i, &mut budgets[kind]);
            scene.divisions(i, &mut budgets[kind]);
        }
    }
}

struct Scene<'a> {
    model: &'a Model,
    matrix: &'a [f32],
    neighbours: &'a Neighbours,
    senses: &'a Senses,
    cells: &'a Cells,
    dt: f64,
}

impl Scene<'_> {
    fn time(&self, i: usize, budget: &mut Budget) {
        let mut add = |entry: Entry, amount: f64| budget[entry as usize] += amount;
        if self.cells.bond[i] != UNBOUND {
            let target = self.cells.bond[i] as usize;
            let is_tumour = self.model.types[usize::from(self.cells.kind[target])].role == Role::Tumour;
            add(if is_tumour { Entry::OnTumour } else { Entry::OnNormal }, self.dt);
            if is_tumour {
                self.hits(i, target, budget);
            }
            return;
        }
        let mut touches = false;
        let mut recognised = false;
        for j in touched(self.model, self.neighbours, self.cells, i) {
            touches = true;
            recognised |= self.senses.of(self.model, self.cells, i, j).lysis >= RECOGNISED;
        }
        let entry = match (touches, recognised) {
            (false, _) => Entry::Searching,
            (true, false) => Entry::Unrecognised,
            (true, true) => Entry::Approaching,
        };
        add(entry, self.dt);
        if !touches {
            let freedom = freedom_at(self.model, self.matrix, self.cells.position[i]);
            add(Entry::HeldByMatrix, self.dt * (1.0 - freedom));
        }
    }

    fn hits(&self, i: usize, target: usize, budget: &mut Budget) {
        let cell_type = &self.model.types[usize::from(self.cells.kind[i])];
        let Some(rate) = full_rate(cell_type) else { return };
        let j = self.senses.judge(self.model, self.cells, i, target);
        let factors = [
            (Entry::LostToRecognition, j.read.lysis),
            (Entry::LostToPotency, j.potency),
            (Entry::LostToExhaustion, j.unexhausted),
            (Entry::LostToCheckpoint, j.uninhibited),
            (Entry::LostToSuppression, j.unsuppressed),
        ];
        split(budget, (Entry::Hits, Entry::Delivered), rate * self.dt, &factors);
    }

    fn divisions(&self, i: usize, budget: &mut Budget) {
        let cell_type = &self.model.types[usize::from(self.cells.kind[i])];
        let (Some(lymphocyte), Some(cycle)) = (&cell_type.lymphocyte, &cell_type.cycle) else { return };
        let whole: f64 = cycle.phases.iter().map(|p| p.duration).sum();
        let d = Drive::of(lymphocyte, self.cells, i, self.senses.around(i));
        let factors = [
            (Entry::UnstimulatedDivisions, d.stimulus),
            (Entry::EndedDivisions, d.programme),
            (Entry::ExhaustedDivisions, d.unexhausted),
            (Entry::SuppressedDivisions, d.unsuppressed),
            (Entry::HypoxicDivisions, d.oxygen),
            (Entry::StarvedDivisions, d.il2),
        ];
        split(budget, (Entry::Divisions, Entry::DivisionsLeft), self.dt / whole, &factors);
    }
}

/// Hits or deaths through a full synapse, /min.
fn full_rate(cell_type: &CellType) -> Option<f64> {
    Some(match cell_type.attack.as_ref()?.killing {
        Killing::Hits { rate, .. } | Killing::Rate { rate } => rate,
    })
}

/// Adds `amount` to the whole, and splits it among what each factor takes and what is left.
fn split(budget: &mut Budget, (whole, rest): (Entry, Entry), amount: f64, factors: &[(Entry, f64)]) {
    budget[whole as usize] += amount;
    let mut left = amount;
    for (entry, factor) in factors {
        budget[*entry as usize] += left * (1.0 - factor);
        left *= factor;
    }
    budget[rest as usize] += left;
}

/// Numbers of cells of one type that carry each of the [`marks`](crate::cells::marks), by bit; the last bit counts
/// all cells.
pub type Reached = [u64; 8];

/// The bit of [`Reached`] that counts all cells.
pub const ALL_CELLS: usize = 7;

/// Adds a cell's marks.
pub fn count_marks(reached: &mut Reached, marks: u8) {
    for (bit, count) in reached.iter_mut().enumerate().take(ALL_CELLS) {
        *count += u64::from(marks >> bit & 1);
    }
    reached[ALL_CELLS] += 1;
}

/// How far the cells of a type came so far: those that were cleared, and those that are still there.
pub fn reached(past: &Reached, cells: &Cells, kind: usize) -> Reached {
    let mut reached = *past;
    for i in (0..cells.len()).filter(|i| usize::from(cells.kind[*i]) == kind) {
        count_marks(&mut reached, cells.marks[i]);
    }
    reached
}
