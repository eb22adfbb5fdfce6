//! CAR-T, normal T cells and tumour in lymphoma, with a tumour that can die out (Kimmel 2021, doi
//! 10.1098/rspb.2021.0229; BioModels BIOMD1041).
//!
//! `N' = −r_N N ln(T/K_N)`, `C' = −r_C C ln(T/K_C)`, `B' = r_B B − γ_B B C/(k_B + C)` with `T = N + C` and
//! `r_C = ρ_C + b(T − K_N)²/(aT² + (T − K_N)²)` (the paper prints this ambiguously, the SBML file settles it).
//!
//! Below `n₀ = 100` cells the tumour is a birth–death process, as in the paper, but solved instead of sampled: with
//! births at rate `λ` and deaths at `μ(t)`, one cell's clone is extinct at `t` with probability `w/(1 + w)`,
//! `w' = μ·n₀/n` (Kendall 1948, doi 10.1214/aoms/1177730285), where `n` is the mean number of cells. The tumour is
//! extinct when `(w/(1 + w))^n₀` reaches `chance`, a number between 0 and 1: drawn uniformly, it gives the exact
//! distribution of the time of cure. At 1, the default, the tumour never dies out, as in the deterministic model.

use perforin_core::catalogue::Source;

use super::{Published, typical};
use crate::model::{Model, Threshold, Values, Variable, parameters, variable};
use crate::ode::{LANES, Lanes, Scalar, System};

/// The entry of the list of models.
pub const MODEL: Published = Published::of::<Kimmel, 4>(|| vec![typical(Parameters::TABLE, "typical")]);

const DOI: &str = "10.1098/rspb.2021.0229";
const PAPER: Source = Source::Doi { doi: DOI, note: "Kimmel 2021, fit to the medians of ZUMA-1" };

/// Cells below which chance counts.
const FEW: f64 = 100.0;

parameters! {
    "kimmel-2021", switch few = 0.0, "1 while the tumour has fewer than a hundred cells";
    r_n: "r_N" = 0.17, "/d", 0.0..=100.0;
        "Rate of recovery of normal T cells"; PAPER;
    k_n: "K_N" = 500.0, "/µL", 1e-3..=1e9;
        "Carrying capacity of normal T cells"; PAPER;
    rho_c: "ρ_C" = 0.0251, "/d", 0.0..=100.0;
        "Least rate of CAR-T turnover"; PAPER;
    k_c: "K_C" = 139.0, "/µL", 1e-3..=1e9;
        "Carrying capacity of CAR-T"; PAPER;
    a: "a" = 0.423, "1", 0.0..=1e6;
        "Scale of the effect of lymphodepletion on CAR-T growth"; PAPER;
    b: "b" = 0.525, "/d", 0.0..=100.0;
        "Largest gain of CAR-T growth by lymphodepletion"; PAPER;
    r_b: "r_B" = 0.1, "/d", 0.0..=10.0;
        "Growth rate of the tumour; 0.01 to 0.5 between patients"; PAPER;
    gamma_b: "γ_B" = 1.15, "/d", 0.0..=100.0;
        "Largest rate of killing"; PAPER;
    k_b: "k_B" = 4.05, "/µL", 1e-6..=1e9;
        "CAR-T at half the largest rate of killing"; PAPER;
    n_0: "N_0" = 6.0, "/µL", 1e-9..=1e9;
        "Normal T cells after lymphodepletion"; PAPER;
    c_0: "C_0" = 0.36, "/µL", 1e-9..=1e9;
        "CAR-T at infusion"; PAPER;
    b_0: "B_0" = 94.86, "mL", 0.0..=1e6;
        "Tumour at infusion"; PAPER;
    cells_per_ml: "" = 1e9, "/mL", 1.0..=1e12;
        "Tumour cells in a millilitre"; Source::Assumed { reason: "the usual round number; only chance below a hundred cells depends on it" };
    chance: "" = 1.0, "1", 0.0..=1.0;
        "Probability of extinction at which the tumour is extinct; 1 for never"; Source::Assumed { reason: "the deterministic model" };
}

/// The model.
#[derive(Clone, Copy, Debug)]
pub struct Kimmel;

impl System<4> for Kimmel {
    type Parameters<F: Copy> = Parameters<F>;

    fn lanes(patients: [&Parameters; LANES]) -> Parameters<Lanes> {
        Parameters::lanes(patients)
    }

    fn rates<S: Scalar>(p: &Parameters<S::Constant>, [n, c, b, _]: &[S; 4]) -> [S; 4] {
        let all = *n + *c;
        let missing = (all - p.k_n).squared();
        let r_c = missing / (all.squared() * p.a + missing) * p.b + p.rho_c;
        let killing = c.saturation(p.k_b) * p.gamma_b;
        // A cell more than none, so that an extinct tumour divides by no zero.
        let inverse_share = (*b * p.cells_per_ml + 1e-12) / FEW;
        [
            -*n * (all / p.k_n).ln() * p.r_n,
            -*c * (all / p.k_c).ln() * r_c,
            *b * p.r_b - *b * killing,
            killing * p.few / inverse_share,
        ]
    }
}

impl Kimmel {
    fn cells(p: &Parameters, state: &[f64; 4]) -> f64 {
        state[2] * p.cells_per_ml
    }

    /// Probability that the tumour is extinct, given that it has become few.
    fn extinction(state: &[f64; 4]) -> f64 {
        libm::pow(state[3] / (1.0 + state[3]), FEW)
    }
}

impl Model<4> for Kimmel {
    const NAME: &'static str = "kimmel-2021";
    const TITLE: &'static str = "axicabtagene ciloleucel, normal T cells and lymphoma, with stochastic cure";
    const DOI: &'static str = DOI;
    const STATES: [Variable; 4] = [
        variable("normal_t_cells", "/µL", "Normal T cells in blood"),
        variable("product", "/µL", "CAR-T in blood"),
        variable("tumour", "mL", "Tumour"),
        variable("extinction_odds", "1", "Odds that the clone of one of the last hundred cells is extinct"),
    ];
    const DERIVED: &'static [Variable] =
        &[variable("cure_probability", "1", "Probability that the tumour is extinct")];
    // The tumour counts to its last cell and beyond.
    const NEGLIGIBLE: [f64; 4] = [1e-9, 1e-9, 1e-18, 1e-9];

    fn initial(p: &Parameters) -> [f64; 4] {
        [p.n_0, p.c_0, p.b_0, 0.0]
    }

    fn thresholds() -> &'static [Threshold<Self, 4>] {
        &[
            // Few cells are left: chance begins to count.
            Threshold {
                value: |p, y| if p.few == 0.0 && y[2] > 0.0 { Self::cells(p, y) - FEW } else { 0.0 },
                change: |p, _| p.few = 1.0,
            },
            // Many again: it has not died out.
            Threshold {
                value: |p, y| if p.few == 1.0 { 1.01 * FEW - Self::cells(p, y) } else { 0.0 },
                change: |p, y| (p.few, y[3]) = (0.0, 0.0),
            },
            Threshold {
                value: |p, y| if p.few == 1.0 { p.chance.min(1.0 - 1e-9) - Self::extinction(y) } else { 0.0 },
                change: |p, y| {
                    p.few = 0.0;
                    if p.chance < 1.0 {
                        y[2] = 0.0;
                    }
                },
            },
        ]
    }

    fn derive(_: &Parameters, state: &[f64; 4], out: &mut Vec<f64>) {
        out.push(if state[2] == 0.0 { 1.0 } else { Self::extinction(state) });
    }
}
