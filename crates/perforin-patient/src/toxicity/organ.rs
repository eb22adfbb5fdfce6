//! Loss of normal cells that carry the target.
//!
//! An organ works while it has more than a part of its cells: it can lose its reserve. The grade follows from the part of
//! the reserve that is lost. Assumed: grades 1 to 4 at a quarter, a half, three quarters and the whole of it; no
//! public data relate cells lost to grade.

/// Parts of the reserve whose loss is of grade 1, 2, 3 and 4.
pub const PARTS: [f64; 4] = [0.25, 0.5, 0.75, 1.0];

/// Grade, 0 to 4, of an organ that has lost the part `lost` of its cells and can bear to lose `reserve` (both 0 to 1).
pub fn grade(lost: f64, reserve: f64) -> u8 {
    PARTS.iter().filter(|part| lost >= **part * reserve && lost > 0.0).count() as u8
}
