//! What a product reads on cells, from its receptors and its gate.
//!
//! The signal of a clone is the mean of the gate's graded value over the clone's distribution of densities: log-normal
//! about a median for each antigen, independent between antigens, by Gauss–Hermite quadrature with
//! sixteen nodes in each.

use perforin_core::gate::{GateTable, MAX_ANTIGENS};
use perforin_core::receptor::{Contact, Response};

/// Densities of one antigen in a clone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Density {
    /// Median, molecules per cell.
    pub median: f64,
    /// Standard deviation of the natural logarithm.
    pub log_sd: f64,
}

/// Nodes and weights of the quadrature for a standard normal variable (Gauss–Hermite, 16 nodes, positive half;
/// Abramowitz & Stegun 1964, table 25.10, nodes times √2 and weights over √π).
const NODES: [(f64, f64); 8] = [
    (0.386_760_604_500_557_4, 0.286_568_521_238_013_2),
    (1.163_829_100_554_964_6, 0.158_338_372_750_949_25),
    (1.951_980_345_716_333_4, 0.047_284_752_354_014_0),
    (2.760_245_047_630_700_5, 0.007_266_937_601_184_74),
    (3.600_873_624_171_549, 0.000_525_984_926_573_909_4),
    (4.492_955_302_520_013, 0.000_015_300_032_162_487_8),
    (5.472_225_705_949_343, 1.309_473_216_286_817e-7),
    (6.630_878_198_393_13, 1.497_814_723_161_852_6e-10),
];

/// Mean response of a product to a clone: `contacts` and `densities` in the order of the gate's antigens.
pub fn mean_response(gate: GateTable, contacts: &[Contact], densities: &[Density]) -> Response {
    let n = gate.inputs().min(contacts.len()).min(densities.len());
    let mut sum = Response::default();
    let mut place = [0_usize; MAX_ANTIGENS];
    loop {
        let (mut weight, mut lysis, mut cytokine) = (1.0, [0.0; MAX_ANTIGENS], [0.0; MAX_ANTIGENS]);
        for k in 0..n {
            let (node, share) = NODES[place[k] / 2];
            let sign = if place[k] % 2 == 0 { 1.0 } else { -1.0 };
            let density = densities[k].median * libm::exp(sign * node * densities[k].log_sd);
            let response = contacts[k].response(density);
            (lysis[k], cytokine[k]) = (response.lysis, response.cytokine);
            weight *= share;
        }
        sum.lysis += weight * gate.evaluate(&lysis[..n]);
        sum.cytokine += weight * gate.evaluate(&cytokine[..n]);
        // The next combination of nodes.
        let Some(k) = (0..n).find(|&k| place[k] + 1 < 2 * NODES.len()) else { return sum };
        place[k] += 1;
        place[..k].fill(0);
    }
}
