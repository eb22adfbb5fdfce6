//! Which cells touch, as `PhysiCell` writes it: a line for each cell with its neighbours.

use std::collections::BTreeMap;
use std::fmt::Write;

use perforin_lesion::storage::frames::Frame;

/// Cells whose surfaces touch or overlap.
pub fn touching(frame: &Frame) -> String {
    let edge = 2.0 * frame.radius.iter().copied().fold(1.0, f64::max);
    let bin = |row: usize| frame.position[row].map(|x| libm::floor(x / edge) as i64);
    let mut bins: BTreeMap<[i64; 3], Vec<usize>> = BTreeMap::new();
    for row in 0..frame.id.len() {
        bins.entry(bin(row)).or_default().push(row);
    }
    let mut text = String::new();
    for row in 0..frame.id.len() {
        let [x, y, z] = bin(row);
        let mut near: Vec<usize> = (0..27)
            .filter_map(|k| bins.get(&[x + k % 3 - 1, y + k / 3 % 3 - 1, z + k / 9 - 1]))
            .flatten()
            .copied()
            .filter(|other| *other != row && touch(frame, row, *other))
            .collect();
        near.sort_unstable();
        let near: Vec<String> = near.iter().map(|other| frame.id[*other].to_string()).collect();
        let _ = writeln!(text, "{}: {}", frame.id[row], near.join(","));
    }
    text
}

fn touch(frame: &Frame, a: usize, b: usize) -> bool {
    let squares = (0..3).map(|axis| frame.position[a][axis] - frame.position[b][axis]).map(|d| d * d);
    let reach = frame.radius[a] + frame.radius[b];
    squares.sum::<f64>() <= reach * reach
}

/// A graph without edges.
pub fn none(frame: &Frame) -> String {
    frame.id.iter().fold(String::new(), |text, id| text + &id.to_string() + ": \n")
}
