//! Branch and bound against complete enumeration.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::goal::Objective;
use crate::search::tests::planes;

const GENES: usize = 6;

/// Truth tables over six genes of all read-once formulas of exactly the genes of each set, by set.
fn read_once(blockers: &[bool]) -> BTreeMap<usize, Vec<u64>> {
    let mut found: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
    for set in 1_usize..1 << GENES {
        let mut tables = Vec::new();
        if set.is_power_of_two() {
            let gene = set.trailing_zeros();
            let plain = (0..64_u64).filter(|cell| cell >> gene & 1 == 1).fold(0, |t, cell| t | 1_u64 << cell);
            tables.push(plain);
            if blockers[gene as usize] {
                tables.push(!plain);
            }
        }
        // Every split of the set into two, the one with its lowest gene first.
        let lowest = 1 << set.trailing_zeros();
        for part in (1..set).filter(|part| part & !set == 0 && part & lowest != 0) {
            for a in &found[&part] {
                for b in &found[&(set & !part)] {
                    tables.extend([a & b, a | b]);
                }
            }
        }
        tables.sort_unstable();
        tables.dedup();
        found.insert(set, tables);
    }
    found
}

/// The best value of any formula of four up to `most` literals that is false without antigens.
fn enumerate(goal: &Goal, most: u32, blockers: &[bool], malignant: &[Vec<u8>], normal: &[Vec<u8>]) -> f64 {
    let mut best = 0.0_f64;
    for (set, tables) in read_once(blockers) {
        if !(4..=most).contains(&set.count_ones()) {
            continue;
        }
        for table in tables.into_iter().filter(|table| table & 1 == 0) {
            let hit = |cells: &Vec<u8>| cells.iter().filter(|&&c| table >> c & 1 == 1).count() as u32;
            if goal.spare.iter().all(|t| hit(&normal[t.blocks.start - malignant.len()]) <= t.limit) {
                best = best.max(goal.value(&malignant.iter().map(hit).collect::<Vec<_>>()));
            }
        }
    }
    best
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn branch_and_bound_finds_the_best_of_all_read_once_gates(
        malignant in prop::collection::vec(prop::collection::vec(0_u8..64, 4..30), 1..4),
        normal in prop::collection::vec(prop::collection::vec(0_u8..64, 4..30), 1..4),
        objective in prop_oneof![Just(Objective::Minimum), Just(Objective::Quantile(0.4))],
        cap in prop_oneof![Just(0.0), Just(0.1), Just(0.3)],
        most in 4_usize..6,
        blockers in prop::collection::vec(prop::bool::weighted(0.8), GENES),
    ) {
        let planes = planes(GENES, &malignant, &normal);
        let all = vec![true; planes.groups.len()];
        let goal = Goal::new(&planes, objective, &all, &vec![cap; planes.groups.len()]).unwrap();
        let found = search_larger(&planes, &goal, most, &blockers, 0.0, &|_| false).unwrap();
        let expected = enumerate(&goal, most as u32, &blockers, &malignant, &normal);
        prop_assert_eq!(found.best.as_ref().map_or(0.0, |hit| hit.value), expected);
        prop_assert!(found.proven && found.bound == expected);
        if let Some(hit) = &found.best {
            // The gate that is written means the cells that were counted.
            let gate = hit.formula.gate(&planes).unwrap();
            prop_assert!(gate.check_for_product().is_ok());
            let names = gate.antigens();
            let covered = malignant.iter().map(|cells| {
                let carried = |cell: u8| names.iter().enumerate().fold(0, |set, (i, name)| {
                    let gene: usize = name[1..].parse().unwrap();
                    set | u32::from(cell >> gene & 1) << i
                });
                cells.iter().filter(|&&cell| gate.is_satisfied(carried(cell))).count() as u32
            });
            prop_assert_eq!(goal.value(&covered.collect::<Vec<_>>()), hit.value);
        }
        let stopped = search_larger(&planes, &goal, most, &blockers, 0.0, &|_| true).unwrap();
        prop_assert!(stopped.bound >= expected && stopped.best.is_none());
    }
}

#[test]
fn all_read_once_forms_are_enumerated_by_the_reference() {
    // Formulas of AND and OR over four labelled inputs, each once: 52 (the number of labelled series-parallel
    // networks, OEIS A006351); with a sign for each input 16 times as many.
    let tables = read_once(&[true; GENES]);
    assert_eq!(tables[&0b1111].len(), 52 * 16);
    assert_eq!(tables[&0b1_1111].len(), 472 * 32);
}

#[test]
fn the_answer_is_the_same_for_any_number_of_threads() {
    let mut draw = perforin_core::rng::Stream::new(9, perforin_core::rng::Purpose::Placement).at(0, 0);
    let mut cells = |n: usize| (0..n).map(|_| (draw.bits32() | draw.bits32()) as u8).collect::<Vec<u8>>();
    let (malignant, normal) = ([cells(50), cells(70)], [cells(60), cells(40)]);
    let planes = planes(8, &malignant, &normal);
    let goal = Goal::new(&planes, Objective::Minimum, &[true; 4], &[0.3; 4]).unwrap();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| search_larger(&planes, &goal, 5, &[true; 8], 0.0, &|_| false).unwrap())
    };
    let one = run(1);
    assert!(one.best.is_some() && [2, 4].into_iter().all(|threads| run(threads) == one));
}
