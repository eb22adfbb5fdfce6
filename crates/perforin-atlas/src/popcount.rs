//! Counting bits, with the widest instructions of the machine.
//!
//! Every kernel is written once, in plain Rust, and compiled three times: for any machine, for AVX2, and for
//! AVX-512 with its population count. The counts are whole numbers, so all three give the same answers.

use crate::planes::Block;

/// Instruction set that kernels are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// An instruction set that this machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Isa(Level);

impl Isa {
    /// All that this machine has, the slowest first.
    pub fn available() -> Vec<Self> {
        let mut found = vec![Self(Level::Portable)];
        #[cfg(target_arch = "x86_64")]
        {
            if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("popcnt") {
                found.push(Self(Level::Avx2));
                let wide = std::arch::is_x86_feature_detected!("avx512f")
                    && std::arch::is_x86_feature_detected!("avx512bw")
                    && std::arch::is_x86_feature_detected!("avx512vl")
                    && std::arch::is_x86_feature_detected!("avx512vpopcntdq");
                if wide {
                    found.push(Self(Level::Avx512));
                }
            }
        }
        found
    }

    /// The fastest that this machine has.
    pub fn best() -> Self {
        Self::available().last().copied().unwrap_or(Self(Level::Portable))
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self.0 {
            Level::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => "AVX-512",
        }
    }

    #[cfg(target_arch = "x86_64")]
    pub(crate) fn is_avx2(self) -> bool {
        self.0 == Level::Avx2
    }

    #[cfg(target_arch = "x86_64")]
    pub(crate) fn is_avx512(self) -> bool {
        self.0 == Level::Avx512
    }
}

/// Defines a function that runs `$body` (an `inline(always)` function) compiled for an instruction set.
macro_rules! kernel {
    ($(#[$doc:meta])* fn $name:ident = $body:ident($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)?) => {
        $(#[$doc])*
        #[allow(clippy::too_many_arguments)]
        pub(crate) fn $name(isa: $crate::popcount::Isa, $($arg: $ty),*) $(-> $ret)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,popcnt")]
                fn avx2($($arg: $ty),*) $(-> $ret)? {
                    $body($($arg),*)
                }
                #[target_feature(enable = "avx2,popcnt,avx512f,avx512bw,avx512vl,avx512vpopcntdq")]
                fn avx512($($arg: $ty),*) $(-> $ret)? {
                    $body($($arg),*)
                }
                if isa.is_avx512() {
                    // SAFETY: an `Isa` is made only by detection, so the machine has these instructions.
                    return unsafe { avx512($($arg),*) };
                }
                if isa.is_avx2() {
                    // SAFETY: as above.
                    return unsafe { avx2($($arg),*) };
                }
            }
            let _ = isa;
            $body($($arg),*)
        }
    };
}
pub(crate) use kernel;

/// Number of cells for which `f` of two planes holds.
#[inline(always)]
pub(crate) fn count2(x: &[Block], y: &[Block], f: impl Fn(u64, u64) -> u64) -> u32 {
    let mut sums = [0_u64; 8];
    for (x, y) in x.iter().zip(y) {
        for w in 0..8 {
            sums[w] += u64::from(f(x[w], y[w]).count_ones());
        }
    }
    sums.iter().sum::<u64>() as u32
}

/// Number of cells for which `f` of three planes holds.
#[inline(always)]
pub(crate) fn count3(x: &[Block], y: &[Block], z: &[Block], f: impl Fn(u64, u64, u64) -> u64) -> u32 {
    let mut sums = [0_u64; 8];
    for ((x, y), z) in x.iter().zip(y).zip(z) {
        for w in 0..8 {
            sums[w] += u64::from(f(x[w], y[w], z[w]).count_ones());
        }
    }
    sums.iter().sum::<u64>() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use perforin_core::rng::{Purpose, Stream};

    kernel! {
        /// Test kernel.
        fn both = both_body(x: &[Block], y: &[Block], z: &[Block]) -> [u32; 2]
    }

    #[inline(always)]
    fn both_body(x: &[Block], y: &[Block], z: &[Block]) -> [u32; 2] {
        [count2(x, y, |x, y| x & !y), count3(x, y, z, |x, y, z| x & (y | z))]
    }

    #[test]
    fn every_instruction_set_counts_the_same() {
        let mut draw = Stream::new(3, Purpose::Placement).at(0, 0);
        for blocks in [0, 1, 2, 5, 33] {
            let mut plane =
                || (0..blocks).map(|_| [0; 8].map(|_: u64| draw.bits64())).collect::<Vec<Block>>();
            let (x, y, z) = (plane(), plane(), plane());
            let words = x.iter().flatten().zip(y.iter().flatten()).zip(z.iter().flatten());
            let expected = words.fold([0, 0], |[a, b], ((x, y), z)| {
                let bits = |w: u64| (0..64).filter(|i| w >> i & 1 == 1).count() as u32;
                [a + bits(x & !y), b + bits(x & (y | z))]
            });
            for isa in Isa::available() {
                assert_eq!(both(isa, &x, &y, &z), expected, "{}", isa.name());
            }
        }
    }
}
