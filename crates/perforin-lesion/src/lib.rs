//! The lesion: a 3-D, cell-by-cell simulation of a tumour, its microenvironment and the product that
//! attacks it.

pub mod fields;
pub mod grid;
