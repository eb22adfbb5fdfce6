//! Branch and bound against complete enumeration.

use super::*;
use crate::goal::Objective;
use crate::search::tests::planes;
use proptest::prelude::*;

/// The best value of any gate of the form, by trying every assignment of literals to roles.
fn enumerate(goal: &Goal, most: u32, blockers: &[bool], malignant: &[Vec<u8>], normal: &[Vec<u8>]) -> f64 {
    let n = blockers.len() as u32;
    let mut best = 0.0_f64;
    for roles in 0..4_u32.pow(n) {
        let of = |wanted: u32| (0..n).filter(move |l| roles / 4_u32.pow(*l) % 4 == wanted);
        let mask = |wanted: u32| of(wanted).fold(0_u8, |m, l| m | 1 << l);
        let used = of(1).chain(of(2)).chain(of(3)).count() as u32;
        if used > most || of(1).count() == 0 || of(3).any(|l| !blockers[l as usize]) {
            continue;
        }
        let (any, all, not) = (mask(1), mask(2), mask(3));
        let hit = |cells: &Vec<u8>| {
            cells.iter().filter(|&&c| c & any != 0 && c & all == all && c & not == 0).count() as u32
        };
        if goal.spare.iter().all(|t| hit(&normal[t.blocks.start - malignant.len()]) <= t.limit) {
            best = best.max(goal.value(&malignant.iter().map(hit).collect::<Vec<_>>()));
        }
    }
    best
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn branch_and_bound_finds_the_best_of_all_gates(
        malignant in prop::collection::vec(prop::collection::vec(0_u8..64, 4..30), 1..4),
        normal in prop::collection::vec(prop::collection::vec(0_u8..64, 4..30), 1..4),
        objective in prop_oneof![Just(Objective::Minimum), Just(Objective::Quantile(0.4))],
        cap in prop_oneof![Just(0.0), Just(0.1), Just(0.3)],
        most in 4_usize..6,
        blockers in prop::collection::vec(prop::bool::weighted(0.8), 6),
    ) {
        let planes = planes(6, &malignant, &normal);
        let all = vec![true; planes.groups.len()];
        let goal = Goal::new(&planes, objective, &all, &vec![cap; planes.groups.len()]).unwrap();
        let found = search_larger(&planes, &goal, most, &blockers, 0.0, &|_| false).unwrap();
        let expected = enumerate(&goal, most as u32, &blockers, &malignant, &normal);
        prop_assert_eq!(found.best.as_ref().map_or(0.0, |hit| hit.value), expected);
        prop_assert!(found.proven && found.bound == expected);
        let stopped = search_larger(&planes, &goal, most, &blockers, 0.0, &|_| true).unwrap();
        prop_assert!(stopped.bound >= expected);
    }
}
