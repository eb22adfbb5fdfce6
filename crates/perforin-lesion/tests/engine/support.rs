//! Scenes and measurements that the tests share.

use perforin_core::study::StudyFile;
use perforin_lesion::arrival::grown_cell;
use perforin_lesion::cells::{Cells, ColumnVisitor, Stored};
use perforin_lesion::events::Event;
use perforin_lesion::lesion::{Lesion, State};
use perforin_lesion::model::Model;
use perforin_lesion::scenario::{self, Scenario};

/// The scenario of a study given as TOML.
pub fn scenario(text: &str) -> Scenario {
    let study: StudyFile = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
    scenario::build(&study).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// The lesion of a study given as TOML.
pub fn lesion(text: &str) -> Lesion {
    let Scenario { model, cells, .. } = scenario(text);
    start(model, cells)
}

/// A lesion of these cells.
pub fn start(model: Model, cells: Cells) -> Lesion {
    Lesion::new(model, cells).expect("fields that can be settled")
}

/// A tumour type that neither divides, dies nor breathes, in a box of 200 µm; the text adds to `[lesion.cell.tumour]`.
pub fn inert_tumour(more: &str) -> String {
    format!(
        r#"
[study]
title = "inert tissue"
duration = "100 d"
[lesion]
domain = "200 µm"
diameter = "10 µm"
[lesion.cell.tumour]
cycle = {{ model = "none" }}
death = {{ apoptosis = "0 /min" }}
uptake.oxygen = "0 /min"
{more}
"#
    )
}

/// Grown cells of one type at the given positions.
pub fn cells_at(model: &Model, kind: usize, positions: &[[f64; 3]]) -> Cells {
    let mut cells = Cells::new(model.antigens.len());
    add(model, kind, positions, &[], &mut cells);
    cells
}

/// Adds grown cells of one type, each with the given antigen densities.
pub fn add(model: &Model, kind: usize, positions: &[[f64; 3]], density: &[f32], cells: &mut Cells) {
    for position in positions {
        let id = cells.len() as u64;
        let mut cell = grown_cell(&model.types[kind], kind, id, *position);
        cell.density = density.to_vec();
        cells.push(&cell);
    }
}

/// Positions `spacing` apart on a cubic lattice around the middle of the model's box, `count` of them.
pub fn apart(model: &Model, spacing: f64, count: usize) -> Vec<[f64; 3]> {
    let edge = (1..=count).find(|n| n * n * n >= count).unwrap_or(1);
    let centre = model.grid.centre();
    let half = 0.5 * (edge - 1) as f64;
    (0..count)
        .map(|k| [k % edge, k / edge % edge, k / (edge * edge)])
        .map(|at| std::array::from_fn(|a| centre[a] + spacing * (at[a] as f64 - half)))
        .collect()
}

/// Steps until `minutes` have passed since the beginning.
pub fn run(lesion: &mut Lesion, minutes: f64) {
    let half = 0.5 * lesion.model.numerics.phenotype_step;
    while lesion.state.time + half < minutes {
        lesion.step().expect("a step");
    }
}

/// Place of the cell with an identity.
pub fn place_of(cells: &Cells, id: u64) -> usize {
    cells.id.iter().position(|i| *i == id).expect("the cell still exists")
}

/// Positions in the order of the cells' identities.
pub fn positions_by_id(cells: &Cells) -> Vec<[f64; 3]> {
    let mut order: Vec<usize> = (0..cells.len()).collect();
    order.sort_by_key(|i| cells.id[*i]);
    order.into_iter().map(|i| cells.position[i]).collect()
}

/// Distance of two positions.
pub fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    (0..3).map(|k| (a[k] - b[k]) * (a[k] - b[k])).sum::<f64>().sqrt()
}

/// Mean, standard deviation and standard error of the mean.
#[derive(Clone, Copy, Debug)]
pub struct Summary {
    pub n: f64,
    pub mean: f64,
    pub sd: f64,
    pub error: f64,
}

/// Summarises a sample.
pub fn summary(values: &[f64]) -> Summary {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let sd = (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0)).sqrt();
    Summary { n, mean, sd, error: sd / n.sqrt() }
}

/// Every byte of a state: clocks, tallies, all columns and all fields.
pub fn bytes(state: &State) -> Vec<u8> {
    let mut bytes = Collector(Vec::new());
    bytes.column("clocks", &[state.time, state.last_mechanics_step]);
    bytes.column("counters", &[state.step, state.mechanics_step]);
    bytes.column("identity", &[state.next_id]);
    bytes.column("tally", state.tally.as_flattened().as_flattened());
    bytes.column("budget", state.budget.as_flattened());
    bytes.column("past", state.past.as_flattened());
    bytes.column("matrix", &state.matrix);
    state.cells.visit_columns(&mut bytes);
    state.fields.iter().for_each(|field| bytes.column("field", &field.value));
    bytes.0
}

struct Collector(Vec<u8>);

impl ColumnVisitor for Collector {
    fn column<T: Stored>(&mut self, _name: &str, values: &[T]) {
        for value in values {
            value.write(&mut self.0);
        }
    }
}

/// All events until `minutes` have passed since the beginning.
pub fn record(lesion: &mut Lesion, minutes: f64) -> Vec<Event> {
    let half = 0.5 * lesion.model.numerics.phenotype_step;
    let mut events = Vec::new();
    while lesion.state.time + half < minutes {
        lesion.step().expect("a step");
        events.extend_from_slice(&lesion.events);
    }
    events
}
