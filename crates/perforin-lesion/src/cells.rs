//! The cells of a lesion, one column per property.
//!
//! Cells are addressed by their place in the columns, which changes when they are put into space-filling order;
//! their `id` never changes and is what random draws and events refer to.

use rayon::prelude::*;

/// No bond: the value of [`Cells::bond`] of a cell that holds on to nobody.
pub const UNBOUND: u32 = u32::MAX;

/// What a cell is going through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Condition {
    /// Alive.
    Live = 0,
    /// Shrinking after programmed death.
    Apoptotic = 1,
    /// Swelling after death by lack of oxygen, its membrane still whole.
    Swelling = 2,
    /// Burst; the debris shrinks.
    Lysed = 3,
}

impl Condition {
    /// The condition of a stored number, if it is one.
    pub fn from_number(number: u8) -> Option<Self> {
        [Self::Live, Self::Apoptotic, Self::Swelling, Self::Lysed].into_iter().find(|c| *c as u8 == number)
    }
}

/// Declares the columns once: storage, a single cell's record, appending, re-ordering and storing follow.
macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident: $kind:ty,)*) => {
        /// All cells of a lesion as columns of equal length.
        #[derive(Clone, Debug, Default)]
        pub struct Cells {
            $($(#[$doc])* pub $name: Vec<$kind>,)*
            /// Densities of surface antigens, molecules per cell: [`Cells::antigens`] values for each cell.
            pub density: Vec<f32>,
            /// Densities that the cell returns to and hands on, in the same order.
            pub inherited: Vec<f32>,
            antigens: usize,
        }

        /// One cell.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Cell {
            $($(#[$doc])* pub $name: $kind,)*
            /// Densities of surface antigens, molecules per cell.
            pub density: Vec<f32>,
            /// Densities that the cell returns to and hands on.
            pub inherited: Vec<f32>,
        }

        impl Cells {
            /// Appends a cell. Antigens that it does not name count as absent.
            pub fn push(&mut self, cell: &Cell) {
                $(self.$name.push(cell.$name);)*
                for antigen in 0..self.antigens {
                    self.density.push(cell.density.get(antigen).copied().unwrap_or(0.0));
                    self.inherited.push(cell.inherited.get(antigen).copied().unwrap_or(0.0));
                }
            }

            /// The record of one cell.
            pub fn get(&self, i: usize) -> Cell {
                let own = i * self.antigens..(i + 1) * self.antigens;
                Cell {
                    $($name: self.$name[i],)*
                    density: self.density[own.clone()].to_vec(),
                    inherited: self.inherited[own].to_vec(),
                }
            }

            /// Keeps the cells at the places `order`, in that order.
            pub fn reorder(&mut self, order: &[u32]) {
                $(self.$name = gather(&self.$name, order);)*
                self.density = gather_rows(&self.density, self.antigens, order);
                self.inherited = gather_rows(&self.inherited, self.antigens, order);
            }

            /// Hands every column to `visit` by name, for storage.
            pub fn visit_columns(&self, visit: &mut impl ColumnVisitor) {
                $(visit.column(stringify!($name), &self.$name);)*
                visit.column("density", &self.density);
                visit.column("inherited", &self.inherited);
            }

            /// Rebuilds cells from stored columns, each as `fetch` returns it by name.
            ///
            /// # Errors
            /// Whatever `fetch` says of a column that is missing or malformed.
            pub fn from_columns<F: ColumnSource>(antigens: usize, fetch: &mut F) -> Result<Self, F::Error> {
                Ok(Self {
                    $($name: fetch.column(stringify!($name))?,)*
                    density: fetch.column("density")?,
                    inherited: fetch.column("inherited")?,
                    antigens,
                })
            }

            /// Whether all columns have the same length.
            pub fn is_rectangular(&self) -> bool {
                let n = self.id.len();
                $(self.$name.len() == n &&)*
                self.density.len() == n * self.antigens
                    && self.inherited.len() == n * self.antigens
            }
        }
    };
}

columns! {
    /// Identity: unique, never reused.
    id: u64,
    /// Place of the cell's type in the model's list of types.
    kind: u8,
    /// [`Condition`] as a number.
    condition: u8,
    /// Position of the centre, µm.
    position: [f64; 3],
    /// Velocity by forces at the previous mechanics step, µm/min.
    velocity: [f64; 3],
    /// 1 if `velocity` belongs to the previous mechanics step, 0 for a cell that was just placed or born.
    moved: u8,
    /// Radius, µm; follows from the volumes.
    radius: f64,
    /// Fluid volume, µm³.
    fluid: f64,
    /// Solid volume of the nucleus, µm³.
    nucleus: f64,
    /// Solid volume of the cytoplasm, µm³.
    cytoplasm: f64,
    /// Mechanical pressure by overlapping neighbours, dimensionless (1: as in a relaxed hexagonal packing).
    pressure: f64,
    /// Phase of the cell cycle, a place in the type's list of phases.
    phase: u8,
    /// Time spent in the phase, or since death, min.
    phase_time: f64,
    /// Accumulated sublethal hits at `damage_time`; they decay.
    damage: f64,
    /// When `damage` was last brought up to date, min.
    damage_time: f64,
    /// Place of the cell that this one holds in a synapse, or [`UNBOUND`].
    bond: u32,
    /// Direction of motility, a unit vector, or zero before the first turn.
    heading: [f64; 3],
    /// When the cell next turns, min.
    next_turn: f64,
    /// Number of turns made.
    turns: u32,
    /// Running mean of the antigen signal that drives proliferation of lymphocytes, 0 to 1.
    stimulus: f64,
    /// Lytic signal of the present synapse after all that lowers it, 0 to 1.
    lysis_signal: f32,
    /// Cytokine signal of the present synapse after all that lowers it, 0 to 1.
    cytokine_signal: f32,
    /// Antigen signal of the present synapse that drives activation and proliferation, 0 to 1.
    drive: f32,
    /// PD-1 signal of the present synapse, 0 to 1.
    checkpoint_signal: f32,
    /// [`Stage`] of a lymphocyte as a number.
    stage: u8,
    /// 1 for a CD4 cell, 0 for others.
    cd4: u8,
    /// Which of a polyclonal product's specificities the cell has.
    specificity: u8,
    /// What a lymphocyte has done: the sum of [`marks`].
    marks: u8,
    /// Divisions that the present activation still allows.
    divisions_left: u8,
    /// Exhaustion, 0 to 1.
    exhaustion: f32,
    /// Receptors that the cell makes, relative to the product's median.
    receptors_made: f32,
    /// Share of them on the surface.
    receptors_shown: f32,
    /// Priming by a synNotch receptor, 0 to 1.
    priming: f32,
    /// PD-L1, molecules per cell.
    pd_l1: f32,
    /// Clone of a tumour cell; 0 for those that belong to none.
    clone: u8,
    /// Time since a virus infected the cell, min; negative if it is not infected.
    infected: f32,
}

/// What a lymphocyte has become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Stage {
    /// Long-lived, to be activated.
    MemoryLike = 0,
    /// Activated.
    Effector = 1,
    /// Exhausted beyond the point that halves division.
    Exhausted = 2,
}

/// What a lymphocyte has done, as bits of [`Cells::marks`].
pub mod marks {
    /// Formed a synapse.
    pub const ENGAGED: u8 = 1;
    /// Killed.
    pub const KILLED: u8 = 2;
    /// Divided.
    pub const DIVIDED: u8 = 4;
    /// Was exhausted.
    pub const EXHAUSTED: u8 = 8;
    /// Was born in the lesion.
    pub const BORN: u8 = 16;
    /// Touched a tumour cell.
    pub const TOUCHED: u8 = 32;
}

/// Receives columns.
pub trait ColumnVisitor {
    /// Takes a named column.
    fn column<T: Stored>(&mut self, name: &str, values: &[T]);
}

/// Gives columns back.
pub trait ColumnSource {
    /// Why a column cannot be had.
    type Error;
    /// The named column.
    ///
    /// # Errors
    /// If it is missing or malformed.
    fn column<T: Stored>(&mut self, name: &str) -> Result<Vec<T>, Self::Error>;
}

/// A value that is stored in little-endian bytes.
pub trait Stored: Copy {
    /// Number of bytes.
    const SIZE: usize;
    /// Appends the bytes.
    fn write(self, to: &mut Vec<u8>);
    /// Reads back exactly [`Stored::SIZE`] bytes.
    fn read(bytes: &[u8]) -> Self;
}

macro_rules! stored {
    ($($kind:ty),*) => {$(
        impl Stored for $kind {
            const SIZE: usize = std::mem::size_of::<$kind>();
            fn write(self, to: &mut Vec<u8>) {
                to.extend_from_slice(&self.to_le_bytes());
            }
            fn read(bytes: &[u8]) -> Self {
                let mut own = [0; std::mem::size_of::<$kind>()];
                own.copy_from_slice(bytes);
                <$kind>::from_le_bytes(own)
            }
        }
    )*};
}
stored!(u8, u32, u64, f32, f64);

impl Stored for [f64; 3] {
    const SIZE: usize = 24;
    fn write(self, to: &mut Vec<u8>) {
        for v in self {
            v.write(to);
        }
    }
    fn read(bytes: &[u8]) -> Self {
        std::array::from_fn(|a| f64::read(&bytes[8 * a..8 * a + 8]))
    }
}

impl Cells {
    /// No cells yet, each to carry `antigens` surface densities.
    pub fn new(antigens: usize) -> Self {
        Self { antigens, ..Self::default() }
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        self.id.len()
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.id.is_empty()
    }

    /// Number of antigens that each cell carries.
    pub fn antigens(&self) -> usize {
        self.antigens
    }

    /// Antigen densities of a cell, molecules per cell.
    pub fn densities(&self, i: usize) -> &[f32] {
        &self.density[i * self.antigens..(i + 1) * self.antigens]
    }

    /// Receptors on the surface of a lymphocyte that its priming allows, relative to the product's median.
    #[inline]
    pub fn receptors(&self, i: usize) -> f64 {
        f64::from(self.receptors_made[i] * self.receptors_shown[i] * self.priming[i])
    }

    /// Sets a bit of [`Cells::marks`].
    pub fn mark(&mut self, i: usize, mark: u8) {
        self.marks[i] |= mark;
    }

    /// Lets go of what a cell holds.
    pub fn release(&mut self, i: usize) {
        self.bond[i] = UNBOUND;
        self.lysis_signal[i] = 0.0;
        self.cytokine_signal[i] = 0.0;
        self.drive[i] = 0.0;
        self.checkpoint_signal[i] = 0.0;
    }

    /// Whether a cell is alive.
    pub fn is_live(&self, i: usize) -> bool {
        self.condition[i] == Condition::Live as u8
    }

    /// Total volume of a cell, µm³.
    pub fn volume(&self, i: usize) -> f64 {
        self.fluid[i] + self.nucleus[i] + self.cytoplasm[i]
    }

    /// Bytes that one cell takes in memory.
    pub fn bytes_per_cell(antigens: usize) -> usize {
        std::mem::size_of::<Cell>() + antigens * 8
    }

    /// Renames bonds after `order` (places of the kept cells before re-ordering) was applied; a bond to a cell
    /// that was not kept ends.
    pub fn rename_bonds(&mut self, order: &[u32], before: usize) {
        let mut place = vec![UNBOUND; before];
        for (now, &was) in order.iter().enumerate() {
            place[was as usize] = now as u32;
        }
        for i in 0..self.len() {
            if self.bond[i] != UNBOUND {
                self.bond[i] = place[self.bond[i] as usize];
                if self.bond[i] == UNBOUND {
                    self.release(i);
                }
            }
        }
    }
}

/// Radius of a sphere of the given volume, µm from µm³.
pub fn radius_of(volume: f64) -> f64 {
    libm::cbrt(volume * (3.0 / (4.0 * std::f64::consts::PI)))
}

/// Rows of `width` values in a new order.
fn gather_rows(rows: &[f32], width: usize, order: &[u32]) -> Vec<f32> {
    let row = |from: &u32| &rows[*from as usize * width..(*from as usize + 1) * width];
    order.iter().flat_map(row).copied().collect()
}

fn gather<T: Copy + Send + Sync>(column: &[T], order: &[u32]) -> Vec<T> {
    order.par_iter().with_min_len(4096).map(|&i| column[i as usize]).collect()
}
