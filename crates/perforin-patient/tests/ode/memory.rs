//! The loop takes no memory.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use perforin_patient::ode::{Course, Next, Start, Step, Tolerance, solve};

use crate::problem::Decay;

/// Counts what each thread takes.
struct Counting;

thread_local! {
    static TAKEN: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call is passed on unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        TAKEN.with(|taken| taken.set(taken.get() + 1));
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Decay with a dose every day.
#[derive(Clone, Copy)]
struct Daily {
    days: f64,
    last: f64,
}

impl Course<1> for Daily {
    type Model = Decay;

    fn start(&self) -> Start<Decay, 1> {
        Start { time: 0.0, state: [1.0], parameters: [3.0], stop: 1.0 }
    }

    fn observe(&mut self, step: &Step<'_, 1>) -> Option<f64> {
        self.last = step.end(0);
        None
    }

    fn stop(&mut self, time: f64, state: &mut [f64; 1], _: &mut [f64; 1]) -> Next {
        state[0] += 1.0;
        if time < self.days { Next::Stop(time + 1.0) } else { Next::End }
    }
}

#[test]
fn memory_is_taken_once_however_many_patients_and_days_there_are() {
    for (patients, days) in [(1, 1.0), (9, 400.0), (50, 40.0)] {
        let mut courses = vec![Daily { days, last: 0.0 }; patients];
        let before = TAKEN.with(Cell::get);
        let outcomes = solve(&mut courses, &Tolerance::uniform(1e-6, 1e-9));
        let taken = TAKEN.with(Cell::get) - before;
        assert_eq!(taken, 1, "{patients} patients over {days} days took memory {taken} times");
        assert!(outcomes.iter().all(|o| o.failure.is_none()));
    }
}
