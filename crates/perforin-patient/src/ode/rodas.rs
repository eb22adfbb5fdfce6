//! `Rodas5P`: its coefficients, and one step of four patients.
//!
//! In the form of Hairer and Wanner (Solving Ordinary Differential Equations II, section IV.7), stage `i` solves
//! `(I/(γh) − J) uᵢ = f(y + Σ aᵢⱼ uⱼ) + Σ (cᵢⱼ/h) uⱼ`. The last three stages continue one another: the argument of
//! stage 7 is that of stage 6 plus `u₆`, and so on, until `y₁` is the argument of stage 8 plus `u₈`, and `u₈` is the
//! difference from the embedded method, the error estimate.
//!
//! Coefficients: Steinebach 2023, doi 10.1007/s10543-023-00967-x, as published with the method's code.

use super::dual::jacobian;
use super::linear::Factors;
use super::{Lanes, Scalar, System};

/// Number of stages.
const STAGES: usize = 8;
/// Stages with coefficients `a` of their own; the last three continue one another.
const OWN: usize = 6;
/// Order of the continuous extension beyond the linear part.
pub(super) const DENSE: usize = 3;

const GAMMA: f64 = 0.211_937_563_194_290_14;

const A: [[f64; OWN - 1]; OWN] = [
    [0.0; 5],
    [3.0, 0.0, 0.0, 0.0, 0.0],
    [2.849_394_379_747_939, 0.458_422_422_044_639_23, 0.0, 0.0, 0.0],
    [-6.954_028_509_809_101, 2.489_845_061_869_568, -10.358_996_098_473_584, 0.0, 0.0],
    [
        2.802_998_627_562_896_4,
        0.507_246_473_622_820_6,
        -0.398_831_254_177_052_4,
        -0.047_211_872_304_046_41,
        0.0,
    ],
    [
        -7.502_846_399_306_121,
        2.561_846_144_803_919,
        -11.627_539_656_261_098,
        -0.182_687_676_599_422_56,
        0.030_198_172_008_377_946,
    ],
];

const C: [[f64; STAGES - 1]; STAGES] = [
    [0.0; 7],
    [-14.155_112_264_123_755, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [-17.972_960_358_859_52, -2.859_693_295_451_294, 0.0, 0.0, 0.0, 0.0, 0.0],
    [147.121_502_757_117_16, -1.412_214_027_182_13, 71.689_402_513_023_58, 0.0, 0.0, 0.0, 0.0],
    [
        165.435_170_248_716_76,
        -0.459_282_345_649_112_6,
        42.909_383_369_586_03,
        -5.961_986_721_573_306,
        0.0,
        0.0,
        0.0,
    ],
    [
        24.854_864_614_690_072,
        -3.000_922_700_283_218_6,
        47.493_111_002_076_8,
        5.581_419_782_155_812_5,
        -0.661_069_182_524_947_1,
        0.0,
        0.0,
    ],
    [
        30.912_732_140_285_99,
        -3.120_824_334_993_797_4,
        77.799_546_460_708_92,
        34.286_460_282_947_83,
        -19.097_331_116_725_623,
        -28.087_943_162_872_662,
        0.0,
    ],
    [
        37.802_771_233_905_63,
        -3.257_196_902_907_227_6,
        112.269_188_494_963_27,
        66.934_723_124_404_7,
        -40.066_189_370_910_02,
        -54.667_802_628_779_68,
        -9.488_616_523_096_27,
    ],
];

const H: [[f64; STAGES]; DENSE] = [
    [
        25.948_786_856_663_858,
        -2.557_972_484_584_623_5,
        10.433_815_404_888_879,
        -2.367_925_102_268_520_4,
        0.524_948_541_321_073,
        1.124_108_831_045_040_4,
        0.427_287_619_443_187_4,
        -0.172_022_210_701_554_93,
    ],
    [
        -9.915_688_506_951_71,
        -0.968_994_459_411_515_4,
        3.043_803_724_297_845_3,
        -24.495_224_566_215_796,
        20.176_138_334_709_044,
        15.980_663_614_246_51,
        -6.789_040_303_419_874,
        -6.710_236_069_923_372,
    ],
    [
        11.419_903_575_922_262,
        2.887_964_514_613_699_4,
        72.921_379_959_960_29,
        80.125_118_346_226_43,
        -52.072_871_366_152_654,
        -59.789_936_252_667_29,
        -0.155_826_842_827_519_13,
        4.883_087_185_713_722,
    ],
];

/// Four patients at the beginning of a step, and what the step made of them.
#[derive(Clone, Debug)]
pub(super) struct Work<M: System<N>, const N: usize> {
    pub parameters: M::Parameters<Lanes>,
    /// States at the beginning.
    pub state: [Lanes; N],
    /// Steps, d.
    pub step: Lanes,
    /// Relative and absolute tolerance.
    pub relative: f64,
    pub absolute: [f64; N],
    /// States at the end.
    pub next: [Lanes; N],
    /// Norm of the error estimate over the tolerance; a step with at most 1 is accepted.
    pub error: Lanes,
    /// Coefficients of the continuous extension.
    pub dense: [[Lanes; N]; DENSE],
    jacobian: [[Lanes; N]; N],
    factors: Factors<N>,
    stage: [[Lanes; N]; STAGES],
}

impl<M: System<N>, const N: usize> Work<M, N> {
    pub fn new(parameters: M::Parameters<Lanes>, relative: f64, absolute: [f64; N]) -> Self {
        Self {
            parameters,
            state: [Lanes::ZERO; N],
            step: Lanes::number(1.0),
            relative,
            absolute,
            next: [Lanes::ZERO; N],
            error: Lanes::ZERO,
            dense: [[Lanes::ZERO; N]; DENSE],
            jacobian: [[Lanes::ZERO; N]; N],
            factors: Factors::new(),
            stage: [[Lanes::ZERO; N]; STAGES],
        }
    }

    /// Tolerated error of each state, for two values of it.
    #[inline(always)]
    fn scale(&self, i: usize, a: Lanes, b: Lanes) -> Lanes {
        let larger = a.zip(b, |a, b| if b.abs() > a.abs() { b.abs() } else { a.abs() });
        larger * self.relative + self.absolute[i]
    }

    /// Root mean square of `v` over the tolerance.
    #[inline(always)]
    fn norm(&self, v: &[Lanes; N], a: &[Lanes; N], b: &[Lanes; N]) -> Lanes {
        let mut sum = Lanes::ZERO;
        for i in 0..N {
            let ratio = v[i] / self.scale(i, a[i], b[i]);
            sum = sum + ratio * ratio;
        }
        (sum * (1.0 / N as f64)).sqrt()
    }

    #[inline(always)]
    fn attempt_body(&mut self) {
        jacobian::<M, N>(&self.parameters, &self.state, &mut self.jacobian);
        let inverse_step = Lanes::number(1.0) / self.step;
        let mut scale = [Lanes::ZERO; N];
        for i in 0..N {
            scale[i] = self.scale(i, self.state[i], self.state[i]);
        }
        self.factors.factorise(&self.jacobian, inverse_step * (1.0 / GAMMA), &scale);
        let mut argument = self.state;
        for s in 0..STAGES {
            if s < OWN {
                for i in 0..N {
                    let mut sum = self.state[i];
                    for j in 0..s {
                        sum = sum + self.stage[j][i] * A[s][j];
                    }
                    argument[i] = sum;
                }
            } else {
                for i in 0..N {
                    argument[i] = argument[i] + self.stage[s - 1][i];
                }
            }
            let mut right = M::rates(&self.parameters, &argument);
            for i in 0..N {
                let mut sum = Lanes::ZERO;
                for j in 0..s {
                    sum = sum + self.stage[j][i] * C[s][j];
                }
                right[i] = right[i] + sum * inverse_step;
            }
            self.factors.solve(&mut right);
            self.stage[s] = right;
        }
        for i in 0..N {
            self.next[i] = argument[i] + self.stage[STAGES - 1][i];
        }
        self.error = self.norm(&self.stage[STAGES - 1], &self.state, &self.next);
        for (row, weights) in self.dense.iter_mut().zip(&H) {
            for i in 0..N {
                let mut sum = Lanes::ZERO;
                for j in 0..STAGES {
                    sum = sum + self.stage[j][i] * weights[j];
                }
                row[i] = sum;
            }
        }
    }

    /// A first step, as Hairer, Nørsett and Wanner choose it (Solving Ordinary Differential Equations I, section II.4):
    /// one that an explicit Euler step of the same size would tell to be small.
    #[inline(always)]
    fn first_step_body(&mut self) -> Lanes {
        let rates = M::rates(&self.parameters, &self.state);
        let size = self.norm(&self.state, &self.state, &self.state);
        let speed = self.norm(&rates, &self.state, &self.state);
        let guess = size.zip(speed, |y, f| if y < 1e-5 || f < 1e-5 { 1e-6 } else { 0.01 * y / f });
        let mut euler = self.state;
        for i in 0..N {
            euler[i] = self.state[i] + rates[i] * guess;
        }
        let mut change = M::rates(&self.parameters, &euler);
        for i in 0..N {
            change[i] = change[i] - rates[i];
        }
        let curvature = self.norm(&change, &self.state, &self.state) / guess;
        let largest = speed.zip(curvature, |a, b| if b > a { b } else { a });
        let second = guess.zip(largest, |h, l| {
            if l <= 1e-15 { (h * 1e-3).max(1e-6) } else { super::control::inverse_fifth_root(100.0 * l) }
        });
        guess.zip(second, |a, b| (100.0 * a).min(b))
    }
}

/// Compiles a method for any machine and for AVX2. Neither contracts products and sums into one rounding, and no sum
/// runs across lanes, so both give the same bits.
macro_rules! compiled_twice {
    ($($(#[$doc:meta])* $name:ident / $avx2:ident = $body:ident -> $out:ty;)+) => {
        impl<M: System<N>, const N: usize> Work<M, N> {
            $(
                $(#[$doc])*
                pub fn $name(&mut self, machine: Machine) -> $out {
                    match machine {
                        Machine::Portable => self.$body(),
                        #[cfg(target_arch = "x86_64")]
                        // SAFETY: `Machine::Avx2` comes only from `Machine::detect`, which found AVX2.
                        Machine::Avx2 => unsafe { self.$avx2() },
                    }
                }

                #[cfg(target_arch = "x86_64")]
                #[target_feature(enable = "avx2")]
                fn $avx2(&mut self) -> $out {
                    self.$body()
                }
            )+
        }
    };
}

compiled_twice! {
    /// One step of all lanes from `state`, by `step`, to `next`, with its error and its continuous extension.
    attempt / attempt_avx2 = attempt_body -> ();
    /// A cautious first step for every lane, d.
    first_step / first_step_avx2 = first_step_body -> Lanes;
}

/// Which compiled version runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Machine {
    /// Any machine.
    Portable,
    /// x86-64 with AVX2.
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

impl Machine {
    /// The fastest that this machine can run.
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            return Self::Avx2;
        }
        Self::Portable
    }
}

#[cfg(test)]
mod tests;
