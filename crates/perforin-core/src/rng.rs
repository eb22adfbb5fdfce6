//! Counter-based random numbers: a draw is a pure function of seed, purpose, entity and time step.
//!
//! Nothing is stored, so there is nothing to checkpoint, and neither the order in which cells are visited nor
//! the number of threads can change a draw.
//!
//! The generator is Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, doi 10.1145/2063384.2063405), checked
//! against the authors' known-answer vectors.

/// What a draw is for. Each purpose is a stream of its own, so that adding a draw to one never shifts another.
///
/// The numbers are part of the contract "same seed, same bits": they may be added to, never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// Where cells are placed at the start.
    Placement = 1,
    /// Antigen densities of a cell at the start, and which cells are antigen-negative.
    Antigen = 2,
    /// Passage through the cell cycle.
    Cycle = 3,
    /// Spontaneous and hypoxic death.
    Death = 4,
    /// The axis of a division and what the daughters inherit.
    Division = 5,
    /// Turning of motile cells.
    Motility = 6,
    /// Formation and loss of synapses.
    Synapse = 7,
    /// Hits delivered through a synapse.
    Hit = 8,
    /// Arrival of product cells.
    Arrival = 9,
    /// Volume and phase of a cell at the start.
    Desynchronise = 10,
    /// Patches of antigen-negative cells.
    Patch = 11,
    /// What daughters inherit of their mother's antigens.
    Inheritance = 13,
    /// Where vessels run.
    Vessel = 14,
    /// Latin-hypercube samples of a sweep.
    Sweep = 12,
    /// What a lymphocyte is at entry: CD4 or CD8, memory-like, receptors, specificity.
    Product = 15,
    /// Which of several causes a cell dies of, and whether a safety switch reaches it.
    Cause = 16,
    /// Hits on neighbours of a target.
    Bystander = 17,
    /// Death by radiation, lymphodepletion, and infection by a virus.
    Treatment = 18,
    /// Clones and infiltrating cells at the start.
    Infiltrate = 19,
    /// Which cells leave a lesion.
    Departure = 20,
    /// What distinguishes a virtual patient.
    Patient = 40,
    /// Births and deaths in a clone of few cells.
    Clone = 41,
    /// Scrambling of a low-discrepancy sequence.
    Scramble = 42,
    /// Error of a measurement.
    Assay = 43,
    /// When a virtual patient dies of what its course makes likely.
    Survival = 44,
    /// Which candidates of a search for plausible patients are steered where, and which are accepted.
    Search = 45,
    /// Outcomes of the patients of a simulated trial.
    Trial = 50,
    /// Parameters that are not known, and the trials under each of their draws.
    Parameter = 51,
}

/// A stream of draws for one seed and purpose.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    key: [u32; 2],
}

/// The draws of one entity (a cell, a site) at one step.
///
/// The sequence holds 2³² blocks of four words; entities are 64 bits wide; the step has 32 bits.
#[derive(Clone, Debug)]
pub struct Draw {
    key: [u32; 2],
    counter: [u32; 4],
    block: [u32; 4],
    used: usize,
}

impl Stream {
    /// The stream of a purpose under a seed.
    pub fn new(seed: u64, purpose: Purpose) -> Self {
        // One Philox block mixes seed and purpose into the key, so that neighbouring seeds share nothing.
        let mixed =
            philox4x32_10([seed as u32, (seed >> 32) as u32, purpose as u32, 0], [0x5045_5246, 0x4f52_494e]);
        Self { key: [mixed[0], mixed[1]] }
    }

    /// The draws of `entity` at `step`.
    #[inline]
    pub fn at(&self, entity: u64, step: u32) -> Draw {
        let counter = [0, step, entity as u32, (entity >> 32) as u32];
        Draw { key: self.key, counter, block: [0; 4], used: 4 }
    }
}

impl Draw {
    /// The next 32 random bits.
    #[inline]
    pub fn bits32(&mut self) -> u32 {
        if self.used == 4 {
            self.block = philox4x32_10(self.counter, self.key);
            self.counter[0] = self.counter[0].wrapping_add(1);
            self.used = 0;
        }
        let word = self.block[self.used];
        self.used += 1;
        word
    }

    /// The next 64 random bits.
    #[inline]
    pub fn bits64(&mut self) -> u64 {
        let low = u64::from(self.bits32());
        low | u64::from(self.bits32()) << 32
    }

    /// Uniform in the open interval (0, 1), with 52 random bits: the centres of 2⁵² equal cells.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        ((self.bits64() >> 12) as f64 + 0.5) * (1.0 / 4_503_599_627_370_496.0)
    }

    /// Uniform integer below `n` (`n` > 0), by multiplication; its bias is below n/2⁶⁴.
    #[inline]
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.bits64()) * u128::from(n)) >> 64) as u64
    }

    /// Exponential with mean 1.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        -libm::log(self.uniform())
    }

    /// Standard normal (Box–Muller; the second value of the pair is not kept).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(self.uniform())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }

    /// Two independent standard normals: both values of a Box–Muller pair.
    pub fn normal_pair(&mut self) -> [f64; 2] {
        let radius = (-2.0 * libm::log(self.uniform())).sqrt();
        let (sine, cosine) = libm::sincos(std::f64::consts::TAU * self.uniform());
        [radius * cosine, radius * sine]
    }

    /// A direction uniform on the unit sphere.
    pub fn direction(&mut self) -> [f64; 3] {
        let z = 2.0 * self.uniform() - 1.0;
        let angle = std::f64::consts::TAU * self.uniform();
        let r = (1.0 - z * z).max(0.0).sqrt();
        [r * libm::cos(angle), r * libm::sin(angle), z]
    }

    /// A Poisson count of the given mean (≥ 0).
    ///
    /// Counts unit-rate arrivals for means up to 30 and uses a rounded normal above, where its total-variation
    /// error is below 3 %: a per-step count in the engine is far below 30.
    pub fn poisson(&mut self, mean: f64) -> u32 {
        if mean > 30.0 {
            return (mean + mean.sqrt() * self.normal()).round().max(0.0) as u32;
        }
        let mut count = 0;
        let mut time = self.exponential();
        while time < mean {
            count += 1;
            time += self.exponential();
        }
        count
    }
}

/// One block of Philox4x32 with ten rounds.
#[inline]
pub fn philox4x32_10(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let a = u64::from(counter[0]) * 0xD251_1F53;
        let b = u64::from(counter[2]) * 0xCD9E_8D57;
        counter = [
            (b >> 32) as u32 ^ counter[1] ^ key[0],
            b as u32,
            (a >> 32) as u32 ^ counter[3] ^ key[1],
            a as u32,
        ];
        key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
    }
    counter
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known-answer vectors of the Random123 distribution (`kat_vectors`, philox4x32 10).
    #[test]
    fn philox_gives_the_published_vectors() {
        assert_eq!(philox4x32_10([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(
            philox4x32_10([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox4x32_10([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    fn moments(n: u32, mut draw: impl FnMut(&mut Draw) -> f64) -> (f64, f64) {
        let stream = Stream::new(1, Purpose::Placement);
        let values: Vec<f64> = (0..n).map(|i| draw(&mut stream.at(u64::from(i), 3))).collect();
        let mean = values.iter().sum::<f64>() / f64::from(n);
        let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / f64::from(n - 1);
        (mean, variance)
    }

    /// Bounds are five standard errors of the mean and of the variance for 100,000 draws.
    #[test]
    fn distributions_have_their_moments() {
        let n = 100_000;
        let checks = [
            (moments(n, Draw::uniform), 0.5, 1.0 / 12.0, 0.005, 0.0013),
            (moments(n, Draw::normal), 0.0, 1.0, 0.016, 0.023),
            (moments(n, Draw::exponential), 1.0, 1.0, 0.016, 0.045),
            (moments(n, |d| f64::from(d.poisson(2.5))), 2.5, 2.5, 0.025, 0.065),
            (moments(n, |d| f64::from(d.poisson(60.0))), 60.0, 60.0, 0.13, 1.4),
            (moments(n, |d| d.direction()[1]), 0.0, 1.0 / 3.0, 0.01, 0.005),
        ];
        for (i, ((mean, variance), m, v, em, ev)) in checks.into_iter().enumerate() {
            assert!((mean - m).abs() < em, "mean of check {i}: {mean}");
            assert!((variance - v).abs() < ev, "variance of check {i}: {variance}");
        }
    }

    #[test]
    fn purposes_entities_and_steps_are_independent_streams() {
        let first = |seed, purpose, entity, step| Stream::new(seed, purpose).at(entity, step).bits64();
        let base = first(7, Purpose::Cycle, 1, 1);
        assert_ne!(base, first(8, Purpose::Cycle, 1, 1));
        assert_ne!(base, first(7, Purpose::Death, 1, 1));
        assert_ne!(base, first(7, Purpose::Cycle, 2, 1));
        assert_ne!(base, first(7, Purpose::Cycle, 1, 2));
    }
}
