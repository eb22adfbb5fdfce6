//! A lesion in time: the state, and the step that advances it.

use thiserror::Error;

use crate::arrival;
use crate::attack;
use crate::budget::{self, Budget, Reached};
use crate::cells::Cells;
use crate::defence;
use crate::events::{Event, EventKind, NO_EVENTS, Tally};
use crate::exchange;
use crate::fields::{Exchange, Field, FieldError, Solver};
use crate::lymphocyte;
use crate::matrix;
use crate::mechanics::Mechanics;
use crate::model::{Model, Role};
use crate::motility;
use crate::neighbours::Neighbours;
use crate::phenotype;
use crate::senses::Senses;
use crate::treatments;

/// A lesion: everything that changes, and the scratch needed to change it.
#[derive(Debug)]
pub struct Lesion {
    /// What never changes.
    pub model: Model,
    /// What does.
    pub state: State,
    /// Events of the last step, in order.
    pub events: Vec<Event>,
    workspace: Workspace,
}

/// Everything that a checkpoint must hold for the run to continue with the same bits.
#[derive(Clone, Debug)]
pub struct State {
    /// Present time, min.
    pub time: f64,
    /// Phenotype steps done.
    pub step: u32,
    /// Mechanics steps done.
    pub mechanics_step: u32,
    /// Length of the last mechanics step, min; 0 before the first.
    pub last_mechanics_step: f64,
    /// Identity of the next cell.
    pub next_id: u64,
    /// The cells.
    pub cells: Cells,
    /// The substances.
    pub fields: Vec<Field>,
    /// Share of space filled by matrix in each voxel, or empty if there is none.
    pub matrix: Vec<f32>,
    /// Number of events so far, for each cell type.
    pub tally: Vec<Tally>,
    /// Where the effort of each cell type went; empty for all but products.
    pub budget: Vec<Budget>,
    /// For each cell type, how far the cells came that have been cleared.
    pub past: Vec<Reached>,
    /// What was exchanged of each substance so far, in its unit times µm³.
    pub exchanged: Vec<Exchange>,
    /// Time that product cells have spent at a full cytokine signal so far, cell·min; kept for a patient's lesion.
    pub activity: f64,
    /// What the one who follows this lesion's patient must know to go on; the lesion never reads it.
    pub beside: Vec<f64>,
}

/// Scratch: derived from the state at the beginning of every step.
#[derive(Debug)]
struct Workspace {
    neighbours: Neighbours,
    mechanics: Mechanics,
    senses: Senses,
    solver: Solver,
}

/// Why a step could not be done.
#[derive(Debug, Error)]
pub enum StepError {
    /// The box cannot hold fields.
    #[error("the box: {0}")]
    Grid(FieldError),
    /// A field could not be advanced.
    #[error("field `{field}` at {time} min: {source}")]
    Field {
        /// Name of the substance.
        field: String,
        /// When, min.
        time: f64,
        /// Why.
        source: FieldError,
    },
    /// A number of a cell left the finite range.
    #[error("cell {cell} ({cell_type}) at {time} min, step {step}: its {quantity} is not a finite number")]
    NotFinite {
        /// Identity of the cell.
        cell: u64,
        /// Name of its type.
        cell_type: String,
        /// What is not finite.
        quantity: &'static str,
        /// When, min.
        time: f64,
        /// Phenotype step.
        step: u32,
    },
}

impl Lesion {
    /// A lesion at its beginning: fields at their initial values, or in equilibrium with the cells.
    ///
    /// # Errors
    /// If a field's equilibrium cannot be found.
    pub fn new(model: Model, cells: Cells) -> Result<Self, StepError> {
        let fields = model.substances.iter().map(|s| Field::new(s.clone(), &model.grid)).collect();
        let next_id = cells.id.iter().max().map_or(0, |id| id + 1);
        let types = model.types.len();
        let state = State {
            time: 0.0,
            step: 0,
            mechanics_step: 0,
            last_mechanics_step: 0.0,
            next_id,
            cells,
            fields,
            matrix: model.matrix.clone(),
            tally: vec![NO_EVENTS; types],
            budget: vec![budget::EMPTY; types],
            past: vec![[0; 8]; types],
            exchanged: vec![Exchange::default(); model.substances.len()],
            activity: 0.0,
            beside: Vec::new(),
        };
        let mut lesion = Self::resume(model, state)?;
        lesion.settle_fields()?;
        Ok(lesion)
    }

    /// A lesion that goes on from a stored state.
    ///
    /// # Errors
    /// If the grid is not one that fields can be solved on.
    pub fn resume(model: Model, state: State) -> Result<Self, StepError> {
        let workspace = Workspace {
            neighbours: Neighbours::new(&model),
            mechanics: Mechanics::new(&model),
            senses: Senses::default(),
            solver: Solver::new(&model.grid).map_err(StepError::Grid)?,
        };
        Ok(Self { model, state, events: Vec::new(), workspace })
    }

    /// Whether the study's duration is over.
    pub fn is_over(&self) -> bool {
        // Half a step of slack: the time is a product, not a sum, so it is exact to round-off.
        self.state.time + 0.5 * self.model.numerics.phenotype_step > self.model.duration
    }

    /// Advances the lesion by one phenotype step.
    ///
    /// # Errors
    /// If a field cannot be advanced, or a number leaves the finite range; the state is then not to be used.
    pub fn step(&mut self) -> Result<(), StepError> {
        self.events.clear();
        self.treat();
        self.admit_arrivals();
        self.sort_cells();
        self.sense();
        self.keep_budget();
        let intervals = self.field_intervals();
        let interval = self.model.numerics.phenotype_step / f64::from(intervals);
        for k in 0..intervals {
            let time = self.state.time + f64::from(k) * interval;
            self.exchange_and_diffuse(time, interval, false)?;
            self.move_and_attack(time, interval);
        }
        self.exchange_and_diffuse(self.state.time, self.model.numerics.phenotype_step, true)?;
        self.keep_activity();
        self.state.step += 1;
        self.state.time = self.time_of(self.state.step);
        self.respond();
        self.live_and_die();
        self.spread_epitopes();
        self.count_events();
        self.check_finite()
    }

    /// When a step begins, min: a product, so that times do not depend on the way there.
    fn time_of(&self, step: u32) -> f64 {
        f64::from(step) * self.model.numerics.phenotype_step
    }

    fn treat(&mut self) {
        let end = self.time_of(self.state.step + 1);
        let State { cells, fields, step, time, .. } = &mut self.state;
        treatments::give(&self.model, fields, cells, *step, (*time, end), &mut self.events);
    }

    fn admit_arrivals(&mut self) {
        let end = self.time_of(self.state.step + 1);
        let State { cells, fields, next_id, time, .. } = &mut self.state;
        arrival::enter(&self.model, fields, cells, next_id, (*time, end), &mut self.events);
    }

    fn sort_cells(&mut self) {
        let cells = &mut self.state.cells;
        let order = self.workspace.neighbours.space_filling_order(&self.model, cells);
        let n = cells.len();
        cells.reorder(&order);
        cells.rename_bonds(&order, n);
        self.workspace.neighbours.build(&self.model, cells);
    }

    /// Lymphocytes read their surroundings, and every synapse is judged anew.
    fn sense(&mut self) {
        let State { cells, fields, time, .. } = &mut self.state;
        self.workspace.senses.take(&self.model, cells, fields, *time);
        attack::judge_synapses(&self.model, cells, &self.workspace.senses);
    }

    fn keep_budget(&mut self) {
        let Workspace { neighbours, senses, .. } = &self.workspace;
        let State { cells, matrix, budget, .. } = &mut self.state;
        budget::keep(&self.model, matrix, neighbours, senses, cells, budget);
    }

    /// Advances the substances that are read between phenotype steps, or the slow others.
    fn exchange_and_diffuse(&mut self, time: f64, step: f64, slow: bool) -> Result<(), StepError> {
        let State { cells, fields, exchanged, .. } = &mut self.state;
        let is_chosen = |s: usize| self.model.slow[s] == slow;
        exchange::collect(&self.model, cells, time, fields, is_chosen);
        for (s, field) in fields.iter_mut().enumerate().filter(|(s, _)| is_chosen(*s)) {
            if field.is_empty() {
                continue;
            }
            let report =
                self.workspace.solver.step(field, step, self.model.numerics.field_tolerance).map_err(
                    |source| StepError::Field { field: field.substance.name.clone(), time, source },
                )?;
            exchanged[s] += report.exchange;
        }
        Ok(())
    }

    /// Mechanics steps of adaptive length until `interval` is over.
    fn move_and_attack(&mut self, start: f64, interval: f64) {
        let Workspace { neighbours, mechanics, senses, .. } = &mut self.workspace;
        let State { cells, fields, matrix, mechanics_step, last_mechanics_step, .. } = &mut self.state;
        let mut done = 0.0;
        while interval - done > 1e-9 * interval {
            if neighbours.are_stale(cells) {
                neighbours.build(&self.model, cells);
            }
            mechanics.evaluate(&self.model, matrix, cells, neighbours);
            let dt = mechanics.choose_step(cells, *last_mechanics_step, interval - done);
            let time = start + done;
            attack::act(
                &self.model,
                cells,
                neighbours,
                senses,
                (*mechanics_step, time, dt),
                &mut self.events,
            );
            mechanics.advance(cells, dt, *last_mechanics_step);
            motility::wander(&self.model, fields, matrix, cells, time, dt);
            *mechanics_step = mechanics_step.wrapping_add(1);
            *last_mechanics_step = dt;
            done += dt;
        }
    }

    /// What attack, cytokines and matrix change in cells that live on. Neighbour lists may be a skin's width old.
    fn respond(&mut self) {
        let Workspace { neighbours, .. } = &mut self.workspace;
        let State { cells, fields, matrix, step, time, .. } = &mut self.state;
        if neighbours.are_stale(cells) {
            neighbours.build(&self.model, cells);
        }
        let now = (*step, *time);
        attack::hit_bystanders(&self.model, cells, neighbours, now, &mut self.events);
        lymphocyte::advance(&self.model, fields, neighbours, cells, now, &mut self.events);
        defence::advance(&self.model, fields, cells);
        matrix::advance(&self.model, cells, matrix);
    }

    fn live_and_die(&mut self) {
        let Workspace { neighbours, senses, .. } = &self.workspace;
        let State { cells, fields, next_id, past, step, time, .. } = &mut self.state;
        let halted = attack::held(&self.model, cells, |attack| attack.halts_target);
        let (step, time) = (*step, *time);
        let context = phenotype::Context {
            model: &self.model,
            fields,
            neighbours,
            senses,
            halted: &halted,
            step,
            time,
        };
        phenotype::advance(&context, cells, next_id, past, &mut self.events);
    }

    /// Endogenous T cells answer to tumour cells that the product killed.
    fn spread_epitopes(&mut self) {
        if self.model.treatments.epitope_spreading.is_none() {
            return;
        }
        let is_killed_tumour = |e: &&Event| {
            e.kind == EventKind::Kill && self.model.types[usize::from(e.cell_type)].role == Role::Tumour
        };
        let killed = self.events.iter().filter(is_killed_tumour).count() as u64;
        let State { cells, fields, next_id, step, time, .. } = &mut self.state;
        arrival::spread(&self.model, fields, cells, next_id, (killed, *step, *time), &mut self.events);
    }

    fn count_events(&mut self) {
        for event in &self.events {
            self.state.tally[usize::from(event.cell_type)][event.kind as usize][event.cause as usize] += 1;
        }
    }

    fn check_finite(&self) -> Result<(), StepError> {
        let cells = &self.state.cells;
        let broken = |i: usize| {
            let finite = |v: &[f64; 3]| v.iter().all(|c| c.is_finite());
            if !finite(&cells.position[i]) {
                Some("position")
            } else if !finite(&cells.velocity[i]) {
                Some("velocity")
            } else if !cells.radius[i].is_finite() {
                Some("volume")
            } else {
                None
            }
        };
        match (0..cells.len()).find_map(|i| broken(i).map(|quantity| (i, quantity))) {
            None => Ok(()),
            Some((i, quantity)) => Err(StepError::NotFinite {
                cell: cells.id[i],
                cell_type: self.model.types[usize::from(cells.kind[i])].name.clone(),
                quantity,
                time: self.state.time,
                step: self.state.step,
            }),
        }
    }

    fn field_intervals(&self) -> u32 {
        let numerics = &self.model.numerics;
        (numerics.phenotype_step / numerics.field_step).ceil().max(1.0) as u32
    }

    /// Fields without an initial value start in equilibrium with the cells.
    fn settle_fields(&mut self) -> Result<(), StepError> {
        let State { cells, fields, .. } = &mut self.state;
        exchange::collect(&self.model, cells, 0.0, fields, |_| true);
        for (field, _) in fields.iter_mut().zip(&self.model.settled).filter(|(_, settled)| **settled) {
            self.workspace.solver.steady(field, self.model.numerics.field_tolerance).map_err(|source| {
                StepError::Field { field: field.substance.name.clone(), time: 0.0, source }
            })?;
        }
        Ok(())
    }
}
