//! Which combinations of values a sweep runs.

use perforin_core::rng::{Draw, Purpose, Stream};
use perforin_core::study::{StudyValue, SweepDesign, SweepSection};
use serde::{Deserialize, Serialize};

use super::axis::{Axis, Extent};
use crate::failure::Failure;

/// Largest number of runs of one sweep.
const MOST_RUNS: usize = 100_000;

/// The plan of a sweep: what is varied, and how the values are combined.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Design {
    /// Grid or Latin hypercube.
    pub design: SweepDesign,
    /// Samples of a Latin hypercube.
    pub samples: u32,
    /// Runs of each combination.
    pub replicates: u32,
    /// What is varied, in the order of the results' columns.
    pub axes: Vec<Axis>,
}

/// One run of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// Number of the run, from 0.
    pub index: usize,
    /// Number of the replicate, from 0.
    pub replicate: u32,
    /// Its seed.
    pub seed: u64,
    /// A value for each axis.
    pub values: Vec<StudyValue>,
}

impl Design {
    /// The plan of a study's `[sweep]`, as changed by what was typed.
    ///
    /// # Errors
    /// If nothing is varied, or a value, range or path is wrong.
    pub fn new(
        section: Option<&SweepSection>,
        vary: &[String],
        samples: Option<u32>,
        replicates: Option<u32>,
    ) -> Result<Self, Failure> {
        let axes: Vec<Axis> = if vary.is_empty() {
            let entries = section.into_iter().flat_map(|s| &s.vary);
            entries.map(|(path, vary)| Axis::from_study(path, vary)).collect::<Result<_, _>>()?
        } else {
            vary.iter().map(|text| Axis::parse(text)).collect::<Result<_, _>>()?
        };
        let given = samples.or(section.and_then(|s| s.samples));
        let hypercube = samples.is_some()
            || section.is_some_and(|s| s.design == SweepDesign::LatinHypercube && vary.is_empty());
        let design = if hypercube { SweepDesign::LatinHypercube } else { SweepDesign::Grid };
        let replicates = replicates.or(section.and_then(|s| s.replicates)).unwrap_or(1);
        if axes.is_empty() && replicates < 2 {
            return Err(Failure::input("nothing is varied")
                .help("give --vary PATH=V1,V2, --replicates N, or a [sweep] section in the study"));
        }
        let samples = match (hypercube, given) {
            (true, Some(samples)) => samples,
            (true, None) => return Err(Failure::input("a Latin hypercube needs `samples`")),
            (false, Some(_)) if vary.is_empty() => {
                return Err(Failure::input("`sweep.samples` has no meaning for a grid")
                    .help("add `design = \"latin-hypercube\"`, or leave `samples` out"));
            }
            (false, _) => 0,
        };
        let plan = Self { design, samples, replicates, axes };
        plan.check()?;
        Ok(plan)
    }

    /// The grid of one list of values.
    pub fn grid_of(axis: Axis, replicates: u32) -> Self {
        Self { design: SweepDesign::Grid, samples: 0, replicates, axes: vec![axis] }
    }

    fn check(&self) -> Result<(), Failure> {
        let mut paths: Vec<_> = self.axes.iter().map(|axis| axis.path.as_str()).collect();
        paths.sort_unstable();
        if let Some((twice, _)) = paths.iter().zip(paths.iter().skip(1)).find(|(a, b)| a == b) {
            return Err(Failure::input(format!("`{twice}` is varied twice")));
        }
        if paths.contains(&"study.seed") {
            return Err(Failure::input("`study.seed` cannot be varied")
                .help("use --replicates: each has a seed of its own"));
        }
        let range = |axis: &&Axis| matches!(axis.extent, Extent::Range(_));
        match self.axes.iter().find(range) {
            Some(axis) if self.design == SweepDesign::Grid => {
                Err(Failure::input(format!("a grid needs the values of `{}`, not a range", axis.path))
                    .help("list the values, or draw from the range with --samples N"))
            }
            _ => Ok(()),
        }
    }

    /// Every run, in order: combinations, and within each its replicates.
    ///
    /// Replicate `r` of every combination has the seed `seed + r`, so that combinations are compared under the
    /// same draws.
    ///
    /// # Errors
    /// If there are too many.
    pub fn units(&self, seed: u64) -> Result<Vec<Unit>, Failure> {
        let count = self.combinations().saturating_mul(self.replicates as usize);
        if count > MOST_RUNS {
            return Err(Failure::input(format!("the sweep has {count} runs; {MOST_RUNS} are the most"))
                .help("draw a Latin hypercube with --samples, or vary fewer values"));
        }
        let combinations = match self.design {
            SweepDesign::Grid => self.grid(),
            SweepDesign::LatinHypercube => self.hypercube(seed),
        };
        let replicates = self.replicates;
        let runs =
            combinations.into_iter().flat_map(|values| (0..replicates).map(move |r| (r, values.clone())));
        // TOML's integers end at 2^63 - 1.
        let seed_of = |r: u32| seed.wrapping_add(u64::from(r)) & i64::MAX as u64;
        let unit = |(index, (replicate, values))| Unit { index, replicate, seed: seed_of(replicate), values };
        Ok(runs.enumerate().map(unit).collect())
    }

    fn combinations(&self) -> usize {
        match self.design {
            SweepDesign::LatinHypercube => self.samples as usize,
            SweepDesign::Grid => self.axes.iter().fold(1, |n, axis| match &axis.extent {
                Extent::List(values) => n.saturating_mul(values.len()),
                Extent::Range(_) => n,
            }),
        }
    }

    /// Every value with every other; the last axis varies fastest.
    fn grid(&self) -> Vec<Vec<StudyValue>> {
        let mut combinations = vec![Vec::new()];
        for axis in &self.axes {
            let Extent::List(values) = &axis.extent else { continue };
            let extend = |start: &Vec<StudyValue>| {
                let start = start.clone();
                values.iter().map(move |value| [start.as_slice(), std::slice::from_ref(value)].concat())
            };
            combinations = combinations.iter().flat_map(extend).collect();
        }
        combinations
    }

    /// One sample in every stratum of every axis (doi 10.2307/1268522).
    fn hypercube(&self, seed: u64) -> Vec<Vec<StudyValue>> {
        let n = self.samples as usize;
        let columns: Vec<Vec<StudyValue>> = (0..self.axes.len())
            .map(|axis| {
                let shares = stratified(seed, axis as u64, n);
                shares.into_iter().map(|u| self.axes[axis].extent.at(u)).collect()
            })
            .collect();
        (0..n).map(|sample| columns.iter().map(|column| column[sample].clone()).collect()).collect()
    }
}

impl Extent {
    /// The value at a share `u` (below 1) of the extent; each value of a list has the same share.
    fn at(&self, u: f64) -> StudyValue {
        match self {
            Self::Range(range) => range.at(u),
            Self::List(values) => values[((u * values.len() as f64) as usize).min(values.len() - 1)].clone(),
        }
    }
}

/// `n` numbers below 1, one in each of `n` equal strata, in random order.
pub(crate) fn stratified(seed: u64, axis: u64, n: usize) -> Vec<f64> {
    let stream = Stream::new(seed, Purpose::Sweep);
    let mut order: Vec<usize> = (0..n).collect();
    shuffle(&mut order, &mut stream.at(axis, 0));
    let mut within = stream.at(axis, 1);
    order.into_iter().map(|stratum| (stratum as f64 + within.uniform()) / n as f64).collect()
}

/// Puts a list into random order (Durstenfeld 1964, doi 10.1145/364520.364540).
pub(crate) fn shuffle(list: &mut [usize], draw: &mut Draw) {
    for last in (1..list.len()).rev() {
        list.swap(last, draw.below(last as u64 + 1) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plan(vary: &[&str], samples: Option<u32>, replicates: u32) -> Result<Design, Failure> {
        let vary: Vec<String> = vary.iter().map(ToString::to_string).collect();
        Design::new(None, &vary, samples, Some(replicates))
    }

    #[test]
    fn a_grid_holds_every_value_with_every_other_and_its_replicates() {
        let units = plan(&["a=1,2", "b=x,y,z"], None, 2).unwrap().units(7).unwrap();
        assert_eq!(units.len(), 12);
        assert_eq!(units[3].values, [StudyValue::Whole(1), StudyValue::Text("y".into())]);
        assert_eq!((units[3].index, units[3].replicate, units[3].seed), (3, 1, 8));
        let mut distinct: Vec<_> = units.iter().map(|u| format!("{:?}{}", u.values, u.seed)).collect();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), 12);
    }

    proptest! {
        #[test]
        fn a_hypercube_has_one_sample_in_every_stratum_of_every_axis(seed: u64, n in 1..200u32) {
            let units = plan(&["a=0.0..1.0", "b=1.0..1000.0:log", "c=p,q"], Some(n), 1).unwrap().units(seed).unwrap();
            for (axis, share) in [|v: f64| v, |v: f64| libm::log10(v) / 3.0].into_iter().enumerate() {
                let mut strata: Vec<u32> = units
                    .iter()
                    .map(|unit| match unit.values[axis] {
                        // A sample lies at least 1e-16 off its stratum's edge; exp and log are good to 1e-15.
                        StudyValue::Number(v) => (share(v) * f64::from(n)) as u32,
                        ref other => panic!("{other:?}"),
                    })
                    .collect();
                strata.sort_unstable();
                prop_assert!(strata.into_iter().eq(0..n));
            }
            let p = units.iter().filter(|u| u.values[2] == StudyValue::Text("p".into())).count() as u32;
            prop_assert!(p == n / 2 || p == n.div_ceil(2));
        }
    }

    #[test]
    fn the_axes_of_a_hypercube_are_not_correlated() {
        let units = plan(&["a=0.0..1.0", "b=0.0..1.0"], Some(1000), 1).unwrap().units(1).unwrap();
        let value = |unit: &Unit, axis: usize| match unit.values[axis] {
            StudyValue::Number(v) => v - 0.5,
            _ => f64::NAN,
        };
        let covariance = units.iter().map(|u| value(u, 0) * value(u, 1)).sum::<f64>() / 1000.0;
        // The standard error of a correlation of 1000 pairs is 0.032; the bound is four of them.
        assert!((12.0 * covariance).abs() < 0.13, "{}", 12.0 * covariance);
    }

    #[test]
    fn impossible_plans_are_refused() {
        for (vary, samples, why) in [
            (&["a=1,2", "a=3"][..], None, "twice"),
            (&["study.seed=1,2"], None, "--replicates"),
            (&["a=0..1"], None, "--samples"),
            (&[], None, "nothing is varied"),
        ] {
            let failure = plan(vary, samples, 1).unwrap_err();
            assert!(failure.to_string().contains(why), "{failure}");
        }
        let many: Vec<String> = ["a", "b"].map(|p| format!("{p}={}1", "1,".repeat(400))).to_vec();
        assert!(Design::new(None, &many, None, None).unwrap().units(0).is_err());
    }
}
