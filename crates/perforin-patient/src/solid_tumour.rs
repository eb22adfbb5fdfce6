//! Perforin's own model of a patient with a solid tumour.
//!
//! ```text
//! infusion ──► blood ⇄ lymphoid organs          M memory-like, E effector, X exhausted, in each
//!                │            ▲                 P, N antigen-positive and -negative tumour, per lesion
//!                ▼            │ egress
//!             lesions 1…L ────┘                 IL-15 ◄─ lymphocytes; IL-6, IFN-γ ◄─ active effectors
//! ```
//!
//! With the signals `s` (lysis) and `c` (proliferation and cytokine) that the product's receptors and gate read on
//! each clone ([`signals`]), in a lesion of `T = P + N` cells and `Z = M + E + X` product cells:
//!
//! | process | rate |
//! |---|---|
//! | encounter of antigen | `f = A/(h_a + A)`, `A = (c_P P + c_N N)·adapter` |
//! | expansion | `ρ f (q₀ + (1 − q₀)·c_γ)·(1 − PD-1)(1 − steroid)/(1 + (Z/(νT + h_a))²)` per effector, `c_γ` IL-15 and IL-2 |
//! | activation, rest | `a_M f` per memory cell, `a_E (1 − f)` per effector |
//! | exhaustion | `k_x f` per effector, less by 4-1BB and by blocked PD-1, and `α₁ T/(g_C + E)` (León-Triana 2021) |
//! | killing of P | `κ s_P · s_P P/(s_P P + s_N N + E/h_k + 1)` per effector, · (1 − PD-1)(1 − steroid)·adapter |
//! | killing of N | the same with `s_N · s_N N`, and of bystanders `κ b f s_P N/(T + E/h_k + 1)` |
//! | growth | `g (1 − T/K)` per cell; a part `µ` of P's daughters is N |
//! | entry | `k_d V_T` of what is in blood, `V_T` the lesion's volume times its access |
//!
//! Effectors share their time among the cells that they recognise, in proportion to the signal, and kill at a rate in
//! proportion to it; they pass by what they do not read, as in the cell-by-cell lesion.
//!
//! Lymphodepletion acts through IL-15, which rises when lymphocytes fall, and through space in lymphoid organs. A clone
//! of few cells is drawn birth by birth and death by death ([`chance`]): it dies out or comes back, and never lingers
//! at a billionth of a cell.
//!
//! Sources of all values are in [`perforin_core::catalogue::patient`]; most are assumed, since no time course of a
//! product in patients with solid tumours is public. Limits: lesions are well mixed; access is a number; an organ at risk
//! sees the effectors of tissue; no antibodies against the product, no memory of the host.

pub mod chance;
pub mod coupled;
pub mod course;
mod follow;
mod parameters;
mod rates;
pub mod selection;
pub mod signals;

pub use coupled::{Books, Coupled};
pub use course::{Outcome, Patient, Plan, Sample};
pub use follow::{Case, Followed, MOST_LESIONS, follow};
pub use parameters::{Central, LesionParameters, Parameters};
pub use rates::{CENTRAL, PER_LESION, Slot, SolidTumour, lesion_slot};
