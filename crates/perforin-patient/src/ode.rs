//! Small stiff systems of ordinary differential equations, solved for many patients at once.
//!
//! A model is a [`System`]: its rates, written once for any [`Scalar`], from which values and the exact Jacobian
//! (dual numbers) both follow. A patient is a [`Course`]: where it starts, what happens to it at which times, and what
//! is remembered of it. [`solve`] advances four courses side by side in the lanes of vector registers; each lane has
//! its own time, step and events, and takes the next patient when its own is done. A lane's arithmetic never
//! depends on its neighbours, so a patient has the same bits alone, in any company and on any thread.
//!
//! The method is `Rodas5P` (Steinebach 2023, doi 10.1007/s10543-023-00967-x): a Rosenbrock method of order five with
//! eight stages, L-stable and stiffly accurate, with an embedded method of order four and a continuous extension of
//! order four. A one-step method needs no history, so an event costs one restart and nothing more.
//!
//! Systems are autonomous: an input that changes in jumps is a parameter or a state that an event changes; an
//! input that decays is a state with that decay.

mod control;
mod course;
mod dual;
mod lanes;
mod linear;
mod rodas;
mod root;
mod scalar;
mod solve;
mod step;

pub use course::{Course, Next, Start};
pub use dual::Dual;
pub use lanes::{LANES, Lanes};
pub use root::first_fall;
pub use scalar::{Scalar, System};
pub use solve::{Failure, Outcome, Tolerance, solve};
pub use step::Step;
