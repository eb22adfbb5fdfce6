//! Which antigens of the best gate go together on malignant cells, as clones of a lesion.
//!
//! The base of a lesion carries all of the antigens; each other combination is a clone in which some of them have density 0.
//! An antigen is missed by counts in some cells that carry it. With d the share of an antigen's carriers that the
//! calls show, antigens being missed independently of each other, the calls P of one antigen beside given others are
//! P(shown) = d T(carried), so T(carried) = P(shown) / d, and the rest lacks it; this is done for one antigen after the other.
//! Shares that become negative are noise and are set to 0.

use std::fmt::Write as _;

use perforin_atlas::TargetsAnswer;
use perforin_atlas::answer::Profile;
use perforin_atlas::density::Density;
use perforin_atlas::shape::clean;

/// Antigens of the best gate on the malignant cells of one patient or of all.
#[derive(Clone, Debug)]
pub struct Joint {
    /// The patient; none for all together.
    pub patient: Option<String>,
    /// The antigens.
    pub antigens: Vec<String>,
    /// Share of cells by combination: bit i of the index is the i-th antigen.
    shares: Vec<f64>,
}

/// The joint shares, if the best gate has several antigens.
pub fn all(answer: &TargetsAnswer, densities: &[Density]) -> Vec<Joint> {
    let Some(best) = answer.gates.first().filter(|gate| gate.literals.len() > 1) else { return Vec::new() };
    // The antigens of the best gate come first.
    let antigens = &answer.overlap.antigens[..best.literals.len().min(answer.overlap.antigens.len())];
    let joint = |(patient, cells): (Option<String>, Vec<f64>)| {
        let carried = |antigen: &String| {
            let density = densities.iter().find(|d| d.antigen == *antigen && d.group == patient);
            density.and_then(|d| d.spread).map(|spread| spread.carriers)
        };
        let carriers: Vec<Option<f64>> = antigens.iter().map(carried).collect();
        let shares = corrected(&shares(&cells, antigens.len()), &carriers);
        Joint { patient, antigens: antigens.to_vec(), shares }
    };
    by_patient(&answer.overlap).into_iter().map(joint).collect()
}

/// How many malignant cells carry a genotype, for all patients and for each, as a density without counts.
pub fn genotype(overlap: &Profile, name: &str) -> Vec<Density> {
    let Some(bit) = overlap.antigens.iter().position(|antigen| antigen == name) else { return Vec::new() };
    let density = |(patient, cells): (Option<String>, Vec<f64>)| {
        let with =
            cells.iter().enumerate().filter(|(set, _)| set >> bit & 1 == 1).map(|(_, n)| n).sum::<f64>();
        let all: f64 = cells.iter().sum();
        Density {
            antigen: name.into(),
            group: patient,
            cells: all as u32,
            detected: with / all.max(1.0),
            spread: None,
        }
    };
    by_patient(overlap).into_iter().map(density).collect()
}

/// Malignant cells by combination: all patients together, then each.
fn by_patient(overlap: &Profile) -> Vec<(Option<String>, Vec<f64>)> {
    let mut found = vec![(None, vec![0.0; 1 << overlap.antigens.len()])];
    for group in overlap.groups.iter().filter(|group| group.malignant) {
        let cells: Vec<f64> = group.cells.iter().map(|&n| f64::from(n)).collect();
        found[0].1.iter_mut().zip(&cells).for_each(|(sum, n)| *sum += n);
        found.push((Some(group.name.clone()), cells));
    }
    found
}

/// Shares of the combinations of the first `antigens` antigens.
fn shares(cells: &[f64], antigens: usize) -> Vec<f64> {
    let mut counts = vec![0.0; 1 << antigens];
    for (set, n) in cells.iter().enumerate() {
        counts[set & ((1 << antigens) - 1)] += n;
    }
    let all = cells.iter().sum::<f64>().max(1.0);
    counts.into_iter().map(|n| n / all).collect()
}

/// Shares of what is called turned into shares of what is carried; `carriers` gives each antigen's share of carriers, if
/// it is known.
fn corrected(called: &[f64], carriers: &[Option<f64>]) -> Vec<f64> {
    let mut shares = called.to_vec();
    for (antigen, carriers) in carriers.iter().enumerate() {
        let bit = 1 << antigen;
        let shown: f64 =
            called.iter().enumerate().filter(|(set, _)| set & bit > 0).map(|(_, share)| share).sum();
        let Some(ratio) = carriers.filter(|_| shown > 0.0).map(|carriers| (carriers / shown).max(1.0)) else {
            continue;
        };
        for set in (0..shares.len()).filter(|set| set & bit > 0) {
            let carried = shares[set] * ratio;
            shares[set ^ bit] -= carried - shares[set];
            shares[set] = carried;
        }
    }
    let all: f64 = shares.iter().map(|share| share.max(0.0)).sum();
    shares.into_iter().map(|share| share.max(0.0) / all).collect()
}

impl Joint {
    /// `[lesion.clone]` blocks of all combinations but that of all antigens.
    pub fn clones(&self) -> String {
        let every = self.shares.len() - 1;
        let percent = |set: usize| (1e4 * self.shares[set]).floor() / 100.0;
        let listed: Vec<usize> = (0..every).filter(|&set| percent(set) > 0.0).collect();
        // Rounded down, so that the clones never have more than all of the cells.
        let rest = 100.0 - listed.iter().map(|&set| percent(set)).sum::<f64>();
        let mut text =
            format!("\n# Which of them go together; the other {rest:.2} % of the cells carry all.\n");
        for set in listed {
            let is_held = |i: &usize| set >> i & 1 == 1;
            let (held, lost): (Vec<usize>, Vec<usize>) = (0..self.antigens.len()).partition(is_held);
            let names =
                |places: &[usize]| places.iter().map(|&i| clean(&self.antigens[i])).collect::<Vec<_>>();
            let name = if held.is_empty() { "none".to_owned() } else { names(&held).join("+") };
            let factors: Vec<String> =
                names(&lost).iter().map(|antigen| format!("\"{antigen}\" = 0.0")).collect();
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "\n[lesion.clone.\"{name}\"]\nfraction = \"{:.2} %\"\nantigen = {{ {} }}",
                percent(set),
                factors.join(", ")
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_missed_of_each_antigen_is_given_back() {
        // 30 % carry both antigens, 50 % the first alone, 20 % none; 60 % and 80 % of carriers are shown.
        let truth = [0.2, 0.5, 0.0, 0.3];
        let shown = [0.6, 0.8];
        let mut called = truth.to_vec();
        for (antigen, d) in shown.iter().enumerate() {
            for set in (0..4).filter(|set| set >> antigen & 1 == 1) {
                called[set ^ (1 << antigen)] += called[set] * (1.0 - d);
                called[set] *= d;
            }
        }
        let found = corrected(&called, &[Some(0.8), Some(0.3)]);
        assert!(found.iter().zip(truth).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
        assert_eq!(corrected(&[0.25; 4], &[None, None]), [0.25; 4]);
    }

    #[test]
    fn combinations_are_those_of_the_first_antigens() {
        assert_eq!(shares(&[1.0, 2.0, 3.0, 4.0], 1), [0.4, 0.6]);
    }
}
