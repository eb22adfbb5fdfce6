//! A step in time, and the stationary field.

use super::error::FieldError;
use super::inspect::{Inspection, inspect, parameter};
use super::kernels::Machine;
use super::multigrid::{Multigrid, Solved};
use super::substance::{Face, Field};
use super::transfer::{self, Tally};
use crate::grid::Grid;
use perforin_core::ordered;

/// Coefficient of the L-stable two-stage SDIRK method of order two, 1 − 1/√2; Alexander 1977,
/// doi:10.1137/0714068.
const GAMMA: f64 = 1.0 - std::f64::consts::FRAC_1_SQRT_2;

/// Parts into which a step is cut when it falls back on backward Euler. Four parts cost about as much as two
/// SDIRK steps and cut the first-order error to a quarter.
const EULER_PARTS: u32 = 4;

/// What was exchanged in a step, in the substance's unit times µm³.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Exchange {
    /// Amount after the step less amount before it.
    pub change: f64,
    /// Produced by sources; negative where they are.
    pub added: f64,
    /// Entered through fixed faces; negative if more left.
    pub entered: f64,
    /// Lost to decay.
    pub decayed: f64,
    /// Taken up by sinks.
    pub taken_up: f64,
}

impl Exchange {
    /// What the change leaves unexplained: the solver's error, at most about tolerance × scale × volume of the
    /// grid, times one plus the loss rate times the step.
    pub fn imbalance(&self) -> f64 {
        self.change - (self.added + self.entered - self.decayed - self.taken_up)
    }
}

impl std::ops::AddAssign for Exchange {
    fn add_assign(&mut self, other: Self) {
        self.change += other.change;
        self.added += other.added;
        self.entered += other.entered;
        self.decayed += other.decayed;
        self.taken_up += other.taken_up;
    }
}

/// How a step went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// Multigrid cycles, of all solves together.
    pub cycles: u32,
    /// Estimated largest error of the linear solves in any voxel, in the substance's unit.
    pub error: f64,
    /// Whether the step was done with backward Euler to keep the field from becoming negative.
    pub backward_euler: bool,
    /// What was exchanged; for a stationary field, per minute.
    pub exchange: Exchange,
}

/// Advances fields on one grid. It holds no state between calls, only memory: one solver serves all fields.
#[derive(Clone, Debug)]
pub struct Solver {
    grid: Grid,
    multigrid: Multigrid,
}

impl Solver {
    /// A solver for fields on `grid`. Takes about 33 bytes per voxel.
    ///
    /// # Errors
    /// [`FieldError::Grid`] if the grid has no voxels or no positive spacing.
    pub fn new(grid: &Grid) -> Result<Self, FieldError> {
        Self::on(grid, Machine::detect())
    }

    fn on(grid: &Grid, machine: Machine) -> Result<Self, FieldError> {
        if grid.is_empty() || !(grid.spacing.is_finite() && grid.spacing > 0.0) {
            return Err(FieldError::Grid { n: grid.n, spacing: grid.spacing });
        }
        Ok(Self { grid: grid.clone(), multigrid: Multigrid::new(grid, machine) })
    }

    /// Advances a field by `dt` minutes, each linear solve to `tolerance` times the field's largest magnitude.
    ///
    /// SDIRK2, or backward Euler in [four parts](StepReport::backward_euler) where SDIRK2 would make a
    /// non-negative field negative.
    ///
    /// # Errors
    /// [`FieldError`] if an input is outside its range or a solve fails; the field is then unchanged.
    pub fn step(&mut self, field: &mut Field, dt: f64, tolerance: f64) -> Result<StepReport, FieldError> {
        let known = inspect(field, self.grid.len())?;
        check_tolerance(field, tolerance)?;
        parameter(field, "time step", dt, "finite and positive", dt.is_finite() && dt > 0.0)?;
        // Inside the pool, small levels run on one thread without being handed over each time.
        rayon::scope(|_| {
            let mut report = self.sdirk(field, dt, tolerance, known)?;
            if report.backward_euler {
                let cycles = report.cycles;
                report = self.euler(field, dt, tolerance, known)?;
                report.cycles += cycles;
            }
            Ok(report)
        })
    }

    /// Sets a field to its stationary values under its present sinks and sources.
    ///
    /// # Errors
    /// [`FieldError::Singular`] if there is no unique stationary field, and those of [`Self::step`].
    pub fn steady(&mut self, field: &mut Field, tolerance: f64) -> Result<StepReport, FieldError> {
        let known = inspect(field, self.grid.len())?;
        check_tolerance(field, tolerance)?;
        rayon::scope(|_| {
            self.load(field, 0.0, 1.0);
            if is_singular(field) {
                return Err(FieldError::Singular { field: field.substance.name.clone() });
            }
            transfer::set_rhs(&mut self.multigrid.levels[0], field, 0.0, 1.0);
            // The start says nothing about the size of the stationary values.
            let solved = self.solve(field, tolerance, 0.0)?;
            let tally = self.tally(field, 1.0)?;
            let exchange = Exchange { change: 0.0, ..self.finish(field, known, &[(1.0, tally)]) };
            Ok(StepReport { cycles: solved.cycles, error: solved.error, backward_euler: false, exchange })
        })
    }
}

fn check_tolerance(field: &Field, tolerance: f64) -> Result<(), FieldError> {
    parameter(field, "tolerance", tolerance, "between 0 and 1", tolerance > 0.0 && tolerance < 1.0)
}

/// Whether some part of the field is neither lost anywhere nor fixed.
fn is_singular(field: &Field) -> bool {
    let substance = &field.substance;
    if substance.decay > 0.0 {
        return false;
    }
    if substance.diffusion > 0.0 {
        let fixed = substance.faces.iter().any(|face| matches!(face, Face::Fixed(_)));
        return !fixed && field.sink.iter().all(|&sink| sink == 0.0);
    }
    field.sink.contains(&0.0)
}

/// Sum of an array.
fn total(values: &[f64]) -> f64 {
    ordered::sum(values.len(), |i| values[i])
}

/// The stages of a step.
impl Solver {
    /// Two stages that share a matrix. Leaves the field as it is, and asks for backward Euler, if the result
    /// would be negative though it should not.
    fn sdirk(
        &mut self,
        field: &mut Field,
        dt: f64,
        tolerance: f64,
        known: Inspection,
    ) -> Result<StepReport, FieldError> {
        let time = GAMMA * dt;
        self.load(field, 1.0, time);
        transfer::set_rhs(&mut self.multigrid.levels[0], field, 1.0, time);
        let first = self.solve(field, tolerance, known.scale)?;
        let tally_first = self.tally(field, time)?;
        transfer::second_stage(&mut self.multigrid.levels[0], field, GAMMA);
        let second = self.solve(field, tolerance, known.scale)?;
        let tally_second = self.tally(field, time)?;
        let mut report = StepReport {
            cycles: first.cycles + second.cycles,
            error: first.error.max(second.error),
            backward_euler: known.non_negative && tally_second.least < -tolerance * second.scale,
            exchange: Exchange::default(),
        };
        if !report.backward_euler {
            let stages = [((1.0 - GAMMA) * dt, tally_first), (GAMMA * dt, tally_second)];
            report.exchange = self.finish(field, known, &stages);
        }
        Ok(report)
    }

    /// Backward Euler in parts; positive, since its matrix is an M-matrix.
    fn euler(
        &mut self,
        field: &mut Field,
        dt: f64,
        tolerance: f64,
        known: Inspection,
    ) -> Result<StepReport, FieldError> {
        let time = dt / f64::from(EULER_PARTS);
        let mut stages = [(time, Tally::default()); EULER_PARTS as usize];
        let (mut cycles, mut error) = (0, 0.0);
        self.load(field, 1.0, time);
        for stage in &mut stages {
            transfer::set_rhs(&mut self.multigrid.levels[0], field, 1.0, time);
            let solved = self.solve(field, tolerance, known.scale)?;
            cycles += solved.cycles;
            error = solved.error.max(error);
            stage.1 = self.tally(field, time)?;
        }
        let exchange = self.finish(field, known, &stages);
        Ok(StepReport { cycles, error, backward_euler: true, exchange })
    }

    /// Writes the result to the field, and sums up the stages, each with its weight in minutes.
    fn finish(&self, field: &mut Field, known: Inspection, stages: &[(f64, Tally)]) -> Exchange {
        let before = total(&field.value);
        let least = if known.non_negative { 0.0 } else { f64::NEG_INFINITY };
        transfer::store(&self.multigrid.levels[0], field, least);
        let sum =
            |of: fn(&Tally) -> f64| stages.iter().map(|(weight, tally)| weight * of(tally)).sum::<f64>();
        let minutes: f64 = stages.iter().map(|stage| stage.0).sum();
        let volume = self.grid.voxel_volume();
        Exchange {
            change: volume * (total(&field.value) - before),
            added: volume * minutes * total(&field.source),
            entered: volume * sum(|tally| tally.entering),
            decayed: volume * field.substance.decay * sum(|tally| tally.value),
            taken_up: volume * sum(|tally| tally.uptake),
        }
    }

    /// Sets the matrix `mass + time·(decay + sink) − time·diffusion·∇²` and starts from the field.
    fn load(&mut self, field: &Field, mass: f64, time: f64) {
        self.multigrid.set_couplings(&field.substance, mass, time);
        transfer::load(&mut self.multigrid.levels[0], field, time);
        self.multigrid.coarsen();
    }

    fn solve(&mut self, field: &Field, tolerance: f64, scale: f64) -> Result<Solved, FieldError> {
        self.multigrid.solve(tolerance, scale).map_err(|stalled| {
            let (at, residual) = self.multigrid.worst_residual();
            FieldError::NotConverged {
                field: field.substance.name.clone(),
                cycles: stalled.cycles,
                voxel: at[0] + self.grid.n[0] * (at[1] + self.grid.n[1] * at[2]),
                residual,
            }
        })
    }

    /// Sums over the present values, which are finite if the sums are.
    fn tally(&self, field: &Field, time: f64) -> Result<Tally, FieldError> {
        let level = &self.multigrid.levels[0];
        let tally = transfer::tally(level, field, time);
        if tally.value.is_finite() && tally.uptake.is_finite() {
            return Ok(tally);
        }
        let mut values = field.clone();
        transfer::store(level, &mut values, f64::NEG_INFINITY);
        let voxel = values.value.iter().position(|v| !v.is_finite()).unwrap_or(0);
        let value = values.value[voxel];
        Err(FieldError::NotFinite { field: field.substance.name.clone(), voxel, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::Substance;

    #[test]
    fn portable_and_detected_kernels_give_the_same_bits() {
        let grid = Grid { origin: [0.0; 3], n: [23, 14, 17], spacing: 20.0 };
        let bits = [Machine::Portable, Machine::detect()].map(|machine| {
            let substance = Substance {
                name: "oxygen".into(),
                unit: "mmHg".into(),
                diffusion: 1e5,
                decay: 0.1,
                initial: 38.0,
                faces: [
                    Face::NoFlux,
                    Face::Fixed(38.0),
                    Face::NoFlux,
                    Face::NoFlux,
                    Face::Fixed(3.0),
                    Face::NoFlux,
                ],
            };
            let mut field = Field::new(substance, &grid);
            for voxel in 0..grid.len() {
                field.sink[voxel] = ((voxel * 7919) % 101) as f64 / 10.0;
            }
            let mut solver = Solver::on(&grid, machine).unwrap();
            let report = solver.step(&mut field, 3.0, 1e-8).unwrap();
            (field.value.iter().map(|v| v.to_bits()).collect::<Vec<_>>(), format!("{report:?}"))
        });
        if Machine::detect() == Machine::Portable {
            println!("skipped: this machine has no other kernels to compare");
        }
        assert_eq!(bits[0], bits[1]);
    }
}
