//! The record of exchanges.

use perforin_lesion::traffic::Cytokine;
use perforin_patient::solid_tumour::{Books, Coupled};

use crate::table::{Column, Table, Values};

/// One exchange, and all product cells after it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Exchange {
    /// Day.
    pub day: f64,
    /// Memory-like, effector and exhausted cells that entered the lesion.
    pub entered: [u64; 3],
    /// Memory-like and effector cells that left it.
    pub left: [u64; 2],
    /// Live tumour cells of the lesion.
    pub tumour: u64,
    /// Live product cells of the lesion.
    pub live: u64,
    /// Product cells born in the lesion so far.
    pub born: u64,
    /// Product cells that died in the lesion so far.
    pub died: u64,
    /// IFN-γ of the lesion and activity of its product so far.
    pub cytokine: Cytokine,
    /// The patient's product cells, and IFN-γ from the lesion in pg/mL.
    pub books: Books,
    /// IFN-γ in the patient's blood, pg/mL, and dexamethasone in the body, mg.
    pub ifn_and_steroid: [f64; 2],
}

/// Numbers of an exchange that a checkpoint keeps: day, counts and cytokine.
const KEPT: usize = 15;
/// Numbers up to the last count.
const COUNTED: usize = 10;

impl Exchange {
    /// What a checkpoint keeps of it. Counts are exact below 2⁵³.
    pub fn kept(&self) -> [f64; KEPT] {
        let [m, e, x] = self.entered;
        let [back_m, back_e] = self.left;
        let counts = [m, e, x, back_m, back_e, self.tumour, self.live, self.born, self.died];
        let mut kept = [self.day; KEPT];
        kept[1..].iter_mut().zip(counts).for_each(|(slot, count)| *slot = count as f64);
        let Cytokine { secreted, taken_up, present, left, active } = self.cytokine;
        kept[COUNTED..].copy_from_slice(&[secreted, taken_up, present, left, active]);
        kept
    }

    /// All exchanges that a checkpoint keeps; none if these cannot be numbers of exchanges.
    pub fn all_of(kept: &[f64]) -> Option<Vec<Self>> {
        let (rows, rest) = kept.as_chunks::<KEPT>();
        let is_count = |value: &f64| *value >= 0.0 && value.fract() == 0.0 && *value < 9e15;
        let is_right = rest.is_empty() && rows.iter().all(|row| row[1..COUNTED].iter().all(is_count));
        is_right.then(|| rows.iter().map(Self::of).collect())
    }

    fn of(row: &[f64; KEPT]) -> Self {
        let count = |place: usize| row[place] as u64;
        Self {
            day: row[0],
            entered: [1, 2, 3].map(count),
            left: [4, 5].map(count),
            tumour: count(6),
            live: count(7),
            born: count(8),
            died: count(9),
            cytokine: Cytokine {
                secreted: row[10],
                taken_up: row[11],
                present: row[12],
                left: row[13],
                active: row[14],
            },
            ..Self::default()
        }
    }

    /// The same with what the patient has after it.
    #[must_use]
    pub fn with(self, patient: &Coupled<'_>) -> Self {
        Self { books: patient.books(), ifn_and_steroid: patient.ifn_and_steroid(), ..self }
    }

    /// Its row, in a patient whose IFN-γ distributes in so many millilitres.
    fn row(&self, volume: f64) -> [f64; COLUMNS.len()] {
        let [memory, effector, exhausted] = self.entered.map(|n| n as f64);
        let [back_memory, back_effector] = self.left.map(|n| n as f64);
        let (b, c) = (&self.books, &self.cytokine);
        let [ifn, steroid] = self.ifn_and_steroid;
        [
            self.day,
            memory,
            effector,
            exhausted,
            back_memory,
            back_effector,
            self.tumour as f64,
            self.live as f64,
            self.born as f64,
            self.died as f64,
            b.blood,
            b.elsewhere,
            b.on_the_way,
            b.given,
            b.born,
            b.died,
            c.secreted,
            c.taken_up,
            c.present,
            c.left,
            b.ifn_come * volume,
            b.ifn_on_the_way * volume,
            ifn,
            c.active,
            steroid,
        ]
    }
}

/// Name, unit and meaning of the columns of `exchange.csv`.
const COLUMNS: [(&str, &str, &str); 25] = [
    ("time", "d", "Time of the exchange after day 0"),
    ("entered_memory", "cells", "Memory-like cells that entered the lesion from blood"),
    ("entered_effector", "cells", "Effectors that entered"),
    ("entered_exhausted", "cells", "Exhausted cells that entered"),
    ("left_memory", "cells", "Memory-like cells that left the lesion for lymphoid organs"),
    ("left_effector", "cells", "Effectors that left"),
    ("tumour_live", "cells", "Live tumour cells of the lesion"),
    ("lesion_live", "cells", "Live product cells of the lesion"),
    ("lesion_born", "cells", "Product cells born in the lesion so far"),
    ("lesion_died", "cells", "Product cells that died in the lesion so far"),
    ("blood", "cells", "Product cells in blood"),
    ("elsewhere", "cells", "Product cells in lymphoid organs, cavity and the other lesions"),
    ("on_the_way", "cells", "Product out of blood that is not yet a whole cell"),
    ("given", "cells", "Product cells given so far"),
    ("born", "cells", "Product cells born outside the lesion so far"),
    ("died", "cells", "Product cells that died outside the lesion so far"),
    ("ifn_secreted", "pg", "IFN-γ secreted in the lesion so far"),
    ("ifn_taken_up", "pg", "IFN-γ that tumour cells of the lesion have taken up so far"),
    ("ifn_in_lesion", "pg", "IFN-γ in the lesion"),
    ("ifn_left", "pg", "IFN-γ that has left the lesion for the body so far"),
    ("ifn_come", "pg", "IFN-γ of the lesion that has come to the blood so far"),
    ("ifn_on_the_way", "pg", "IFN-γ that has left the lesion and not yet come to the blood"),
    ("ifn_blood", "pg/mL", "IFN-γ in blood"),
    (
        "lesion_active",
        "cells·d",
        "Product cells of the lesion times their cytokine signal times time, so far",
    ),
    ("dexamethasone", "mg", "Dexamethasone in the body"),
];

/// Headings of the table of exchanges.
pub fn columns() -> Vec<Column> {
    COLUMNS.iter().map(|(name, unit, meaning)| Column::new(*name, *unit, *meaning)).collect()
}

/// The table of exchanges of a patient whose IFN-γ distributes in so many millilitres.
pub(super) fn table(exchanges: &[Exchange], volume: f64) -> Table {
    let mut values = vec![Vec::with_capacity(exchanges.len()); COLUMNS.len()];
    for exchange in exchanges {
        values.iter_mut().zip(exchange.row(volume)).for_each(|(column, value)| column.push(value));
    }
    Table { columns: columns(), values: values.into_iter().map(Values::Numbers).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_checkpoint_keeps_of_an_exchange_comes_back() {
        let exchange = Exchange {
            day: 3.25,
            entered: [1, 2, 3],
            left: [4, 5],
            tumour: 7,
            live: 8,
            born: 9,
            died: 10,
            cytokine: Cytokine { secreted: 1.5, taken_up: 0.5, present: 0.25, left: 0.75, active: 2.5 },
            ..Exchange::default()
        };
        let kept: Vec<f64> = exchange.kept().into_iter().chain(exchange.kept()).collect();
        assert_eq!(Exchange::all_of(&kept), Some(vec![exchange; 2]));
        assert_eq!(Exchange::all_of(&[]), Some(Vec::new()));
        assert_eq!(Exchange::all_of(&kept[1..]), None);
        let mut wrong = kept.clone();
        wrong[4] = 0.5;
        assert_eq!(Exchange::all_of(&wrong), None);
        wrong[4] = -1.0;
        assert_eq!(Exchange::all_of(&wrong), None);
    }
}
