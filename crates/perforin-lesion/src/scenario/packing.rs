//! Packings of cells.

use perforin_core::study::scene::LayerOutline;

use crate::neighbours::distance2;

/// A ball of cells of the given radius, packed hexagonally in layers (the packing of the reference
/// cancer–immune sample: layers √3 radii apart, rows √3 radii apart, cells two radii apart).
pub fn hexagonal_ball(centre: [f64; 3], ball: f64, radius: f64) -> Vec<[f64; 3]> {
    lattice([0.0; 3], [ball; 3], radius)
        .filter(|p| distance2(*p, [0.0; 3]) < ball * ball)
        .map(|p| std::array::from_fn(|a| centre[a] + p[a]))
        .collect()
}

/// A single layer of cells of the given radius, packed hexagonally in a disc.
pub(super) fn hexagonal_disc(centre: [f64; 3], disc: f64, radius: f64) -> Vec<[f64; 3]> {
    let rows = (disc / (3.0_f64.sqrt() * radius)) as i64;
    let across = (disc / (2.0 * radius)) as i64 + 1;
    layer(rows, across, radius)
        .map(|[x, y]| [centre[0] + x, centre[1] + y, centre[2]])
        .filter(|p| distance2(*p, centre) < disc * disc)
        .collect()
}

/// So many cells of the given radius, packed hexagonally in a single layer around the origin.
pub(super) fn hexagonal_layer(cells: usize, outline: LayerOutline, radius: f64) -> Vec<[f64; 2]> {
    // A disc reaches 1.05 radii times the root of the number, a square 0.93; rows lie √3 radii apart.
    let half = (0.7 * (cells as f64).sqrt()) as i64 + 2;
    let mut places: Vec<[f64; 2]> = layer(half, half, radius).collect();
    let distance = |p: &[f64; 2]| match outline {
        LayerOutline::Square => p[0].abs().max(p[1].abs()),
        LayerOutline::Disc => p[0] * p[0] + p[1] * p[1],
    };
    // A stable sort: places at the same distance stay in the order of rows.
    places.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
    places.truncate(cells);
    places
}

fn layer(rows: i64, across: i64, radius: f64) -> impl Iterator<Item = [f64; 2]> {
    (-rows..=rows).flat_map(move |row| (-across..=across).map(move |k| (row, k))).map(move |(row, k)| {
        let shift = if row % 2 == 0 { 0.0 } else { radius };
        [3.0_f64.sqrt() * radius * row as f64, 2.0 * radius * k as f64 + shift]
    })
}

/// Cells of the given radius, packed between two corners of a box.
pub(super) fn packed_box(lower: [f64; 3], upper: [f64; 3], radius: f64) -> Vec<[f64; 3]> {
    let centre: [f64; 3] = std::array::from_fn(|a| 0.5 * (lower[a] + upper[a]));
    let half: [f64; 3] = std::array::from_fn(|a| 0.5 * (upper[a] - lower[a]) - radius);
    let inside = |p: &[f64; 3]| (0..3).all(|a| (p[a] - centre[a]).abs() <= half[a]);
    lattice(centre, half, radius).filter(inside).collect()
}

/// The packing, from `−half` to `half` around a centre along each axis.
pub(super) fn lattice(centre: [f64; 3], half: [f64; 3], radius: f64) -> impl Iterator<Item = [f64; 3]> {
    let (layer, along) = (3.0_f64.sqrt() * radius, 2.0 * radius);
    let spacing = [layer, along, layer];
    let count = |a: usize| if half[a] > 0.0 { (2.0 * half[a] / spacing[a]).ceil() as usize } else { 0 };
    let (nx, ny, nz) = (count(0), count(1), count(2));
    (0..nz).flat_map(move |k| {
        (0..nx).flat_map(move |i| {
            // Rows are counted on from layer to layer.
            let odd_row = (k * nx + i) % 2 == 1;
            (0..ny).map(move |j| {
                let x = -half[0] + layer * i as f64 + if k % 2 == 1 { 0.5 * radius } else { 0.0 };
                let y = -half[1] + along * j as f64 + if odd_row { radius } else { 0.0 };
                let z = -half[2] + layer * k as f64;
                [centre[0] + x, centre[1] + y, centre[2] + z]
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::radius_of;

    /// The published numbers of cells in the reference sample's balls of 250 and 440 µm.
    #[test]
    fn the_reference_balls_have_the_published_number_of_cells() {
        let radius = radius_of(2494.0);
        assert_eq!(hexagonal_ball([0.0; 3], 440.0, radius).len(), 99_835);
        assert_eq!(hexagonal_ball([0.0; 3], 250.0, radius).len(), 18_317);
    }

    /// The densest packing of circles takes 2√3 r² for each; an edge of one cell's width is the allowance.
    #[test]
    fn a_layer_has_the_stated_number_of_cells_in_the_densest_packing() {
        for (n, outline) in [(1, LayerOutline::Disc), (997, LayerOutline::Square), (997, LayerOutline::Disc)]
        {
            let places = hexagonal_layer(n, outline, 8.0);
            assert_eq!(places.len(), n);
            let closest = |i: usize| {
                let others = (0..n).filter(|j| *j != i).map(|j| {
                    let d = [places[i][0] - places[j][0], places[i][1] - places[j][1]];
                    (d[0] * d[0] + d[1] * d[1]).sqrt()
                });
                others.fold(f64::INFINITY, f64::min)
            };
            assert!((0..n).all(|i| closest(i) > 16.0 - 1e-9));
            let area = 2.0 * 3.0_f64.sqrt() * 64.0 * n as f64;
            let (reach, half) = match outline {
                LayerOutline::Square => {
                    (places.iter().map(|p| p[0].abs().max(p[1].abs())).fold(0.0, f64::max), 0.5 * area.sqrt())
                }
                LayerOutline::Disc => {
                    let r = |p: &[f64; 2]| (p[0] * p[0] + p[1] * p[1]).sqrt();
                    (places.iter().map(r).fold(0.0, f64::max), (area / std::f64::consts::PI).sqrt())
                }
            };
            assert!((reach - half).abs() < 16.0, "{outline:?}: {reach} against {half}");
        }
    }
}
