//! The columns of a time series that the answer is read from.

use perforin_lesion::model::{Model, Role};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::table::Table;

/// A cell type and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellType {
    /// Name in the study.
    pub name: String,
    /// What it stands for.
    pub role: Role,
}

impl CellType {
    /// The cell types of a model.
    pub fn all(model: &Model) -> Vec<Self> {
        model.types.iter().map(|t| Self { name: t.name.clone(), role: t.role }).collect()
    }
}

/// The time series of a study, by what its cells stand for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// Time, d.
    pub time: Vec<f64>,
    /// Malignant cells.
    pub tumour: Group,
    /// Healthy cells, if there are any.
    pub normal: Option<Group>,
    /// Product cells, if there are any.
    pub product: Option<Attackers>,
}

/// Cells that can be attacked, a value for each time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// Live cells.
    pub live: Vec<f64>,
    /// Cells killed through a synapse so far.
    pub killed: Vec<f64>,
    /// Live cells that the product recognises; none without a product.
    pub recognised: Option<Vec<f64>>,
}

/// Product cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attackers {
    /// Live cells, a value for each time.
    pub live: Vec<f64>,
    /// Cells that entered in all.
    pub arrived: f64,
}

impl Group {
    /// Cells killed in the whole study.
    pub fn killed_in_all(&self) -> f64 {
        self.killed.last().copied().unwrap_or(0.0)
    }
}

impl Course {
    /// Reads the course from a time series.
    ///
    /// # Errors
    /// If the series has no time, or no rows.
    pub fn of(series: &Table, types: &[CellType]) -> Result<Self, Failure> {
        let time = series.numbers("time").unwrap_or_default().to_vec();
        if time.is_empty() {
            return Err(Failure::run("the time series is empty"));
        }
        let sum = |role: Role, what: &str| sum_over(series, types, role, what);
        let group = |role: Role| {
            Some(Group {
                live: sum(role, "live")?,
                killed: sum(role, "killed").unwrap_or_default(),
                recognised: sum(role, "recognised"),
            })
        };
        let product = sum(Role::Product, "live").map(|live| {
            let arrived = sum(Role::Product, "arrived").and_then(|v| v.last().copied()).unwrap_or(0.0);
            Attackers { live, arrived }
        });
        let nothing = || Group { live: vec![0.0; time.len()], ..Group::default() };
        let tumour = group(Role::Tumour).unwrap_or_else(nothing);
        Ok(Self { tumour, normal: group(Role::Normal), product, time })
    }
}

/// Sum of the columns `TYPE_what` of all types of a role; none if there is no such column.
fn sum_over(series: &Table, types: &[CellType], role: Role, what: &str) -> Option<Vec<f64>> {
    let of_role = types.iter().filter(|t| t.role == role);
    let columns = of_role.filter_map(|t| series.numbers(&format!("{}_{what}", t.name)));
    columns.map(<[f64]>::to_vec).reduce(|sum, more| sum.iter().zip(more).map(|(a, b)| a + b).collect())
}
