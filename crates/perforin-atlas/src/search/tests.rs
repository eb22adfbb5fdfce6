//! The search against complete enumeration.

use proptest::prelude::*;

use super::*;
use crate::cohort::Role;
use crate::goal::Objective;

/// A small atlas from a table of values: `cells[group][cell]` has one bit per literal.
pub(crate) fn planes(literals: usize, malignant: &[Vec<u8>], normal: &[Vec<u8>]) -> Planes {
    let patient = |(i, cells): (usize, &Vec<u8>)| (Role::Malignant { patient: format!("p{i}") }, cells.len());
    let tissue = |(i, cells): (usize, &Vec<u8>)| {
        (Role::Normal { tissue: format!("t{i}"), cell_type: "c".into() }, cells.len())
    };
    let groups: Vec<(Role, usize)> =
        malignant.iter().enumerate().map(patient).chain(normal.iter().enumerate().map(tissue)).collect();
    let names = (0..literals).map(|l| format!("G{l}")).collect();
    let mut planes = Planes::new(names, &groups, vec![0.0]);
    for (group, cells) in malignant.iter().chain(normal).enumerate() {
        for (cell, bits) in cells.iter().enumerate() {
            for literal in (0..literals).filter(|l| bits >> l & 1 == 1) {
                planes.mark(literal, planes.position(group, cell), 1.0);
            }
        }
    }
    planes
}

/// All gates of a shape that keep the limits, by trying every cell, the best first.
fn enumerate(
    shape: Shape,
    literals: usize,
    goal: &Goal,
    blockers: &[bool],
    malignant: &[Vec<u8>],
    normal: &[Vec<u8>],
    pooled: bool,
) -> Vec<Hit> {
    let pool = |groups: &[Vec<u8>]| if pooled { vec![groups.concat()] } else { groups.to_vec() };
    let (malignant, normal) = (pool(malignant), pool(normal));
    let mut hits: Vec<Hit> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    let n = literals as u32;
    for (x, y, z) in (0..n).flat_map(|x| (0..n).flat_map(move |y| (0..n).map(move |z| (x, y, z)))) {
        let used = &[x, y, z][..shape.literals()];
        let repeated = used.iter().enumerate().any(|(i, l)| used[..i].contains(l));
        let forbidden = used.iter().zip(shape.negated()).any(|(&l, not)| not && !blockers[l as usize]);
        // A gate written in two ways is one gate: the table over all cells tells.
        let table: Vec<bool> = (0..1_u64 << literals)
            .map(|cell| shape.combine(cell >> x & 1, cell >> y & 1, cell >> z & 1) & 1 == 1)
            .collect();
        if repeated || forbidden || !seen.insert(table.clone()) {
            continue;
        }
        let hit = |cells: &Vec<u8>| cells.iter().filter(|&&c| table[c as usize]).count() as u32;
        let safe = goal.spare.iter().all(|t| {
            // Tallies without a limit are left out of the goal; the block tells which group a tally is.
            let group = normal.iter().enumerate().map(|(i, cells)| (i + malignant.len(), cells));
            let (_, cells) = group.clone().find(|(i, _)| pooled || *i == t.blocks.start).unwrap();
            hit(cells) <= t.limit
        });
        let value = goal.value(&malignant.iter().map(hit).collect::<Vec<_>>());
        if safe && value > 0.0 {
            hits.push(Hit { literals: used.to_vec(), value });
        }
    }
    hits.sort_by(|a, b| b.value.total_cmp(&a.value).then(a.literals.cmp(&b.literals)));
    hits
}

fn group(literals: usize, cells: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    // Literals of different frequency, so that there is something to trade.
    let cell = (any::<u8>(), any::<u8>(), any::<u8>())
        .prop_map(move |(a, b, c)| (a & (b | 0b0000_1100) | (c & 0b0011_0000)) & ((1 << literals) - 1) as u8);
    prop::collection::vec(cell, cells)
}

const LITERALS: usize = 6;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// For every shape and objective: the same gates with the same values as complete enumeration, ties and all.
    #[test]
    fn search_finds_what_enumeration_finds(
        malignant in prop::collection::vec(group(LITERALS, 1..40), 1..5),
        normal in prop::collection::vec(group(LITERALS, 1..40), 0..4),
        objective in prop_oneof![
            Just(Objective::Minimum),
            Just(Objective::Quantile(0.3)),
            Just(Objective::Quantile(0.6)),
            Just(Objective::Pooled),
        ],
        cap in prop_oneof![Just(0.0), Just(0.1), Just(0.35), Just(1.0)],
        epsilon in prop_oneof![Just(0.0), Just(0.2)],
        blockers in prop::collection::vec(prop::bool::weighted(0.8), LITERALS),
    ) {
        let planes = planes(LITERALS, &malignant, &normal);
        let patients = vec![true; planes.groups.len()];
        let goal = Goal::new(&planes, objective, &patients, &vec![cap; planes.groups.len()]).unwrap();
        for isa in Isa::available() {
            let options = Options {
                shapes: Shape::ALL.to_vec(), keep: 10_000, epsilon, blockers: blockers.clone(), isa,
            };
            for result in search(&planes, &goal, &options, &|_| false) {
                let pooled = objective == Objective::Pooled;
                let mut expected =
                    enumerate(result.shape, LITERALS, &goal, &blockers, &malignant, &normal, pooled);
                let best = expected.first().map_or(0.0, |hit| hit.value);
                expected.retain(|hit| hit.value >= best - epsilon);
                for hit in &mut expected {
                    hit.literals = anchor::canonical(result.shape, &hit.literals);
                }
                expected.sort_by(|a, b| b.value.total_cmp(&a.value).then(a.literals.cmp(&b.literals)));
                prop_assert_eq!(&result.hits, &expected, "{} {}", result.shape.formula(), isa.name());
                let proof = result.certificate;
                prop_assert!(proof.proven && proof.bound == best && proof.optimum == best && !proof.more_ties);
            }
        }
    }

    /// With little room, what is kept is still the best, and nothing better was lost.
    #[test]
    fn a_full_board_still_holds_the_best(
        malignant in prop::collection::vec(group(LITERALS, 5..40), 2..4),
        normal in prop::collection::vec(group(LITERALS, 5..40), 2..4),
    ) {
        let planes = planes(LITERALS, &malignant, &normal);
        let all = vec![true; planes.groups.len()];
        let goal = Goal::new(&planes, Objective::Minimum, &all, &vec![0.3; planes.groups.len()]).unwrap();
        let options = |keep| Options {
            shapes: Shape::ALL.to_vec(), keep, epsilon: 1.0, blockers: vec![true; LITERALS], isa: Isa::best(),
        };
        let (few, many) =
            (search(&planes, &goal, &options(3), &|_| false), search(&planes, &goal, &options(10_000), &|_| false));
        for (few, many) in few.iter().zip(&many) {
            let values = |hits: &[Hit]| hits.iter().take(3).map(|h| h.value).collect::<Vec<_>>();
            prop_assert_eq!(values(&few.hits), values(&many.hits));
            prop_assert!(few.certificate.more_ties || few.hits.len() == many.hits.len());
        }
    }
}

#[test]
fn a_search_that_is_stopped_reports_a_bound_that_holds() {
    let malignant = vec![vec![0b0111, 0b0101, 0b1001], vec![0b0110, 0b0011]];
    let planes = planes(4, &malignant, &[vec![0b1000, 0b0001]]);
    let goal = Goal::new(&planes, Objective::Minimum, &[true; 3], &[0.5; 3]).unwrap();
    let options = Options {
        shapes: Shape::ALL.to_vec(),
        keep: 5,
        epsilon: 0.0,
        blockers: vec![true; 4],
        isa: Isa::best(),
    };
    let stopped = search(&planes, &goal, &options, &|_| true);
    let complete = search(&planes, &goal, &options, &|_| false);
    for (stopped, complete) in stopped.iter().zip(&complete) {
        assert!(stopped.certificate.bound >= complete.certificate.optimum, "{:?}", stopped.shape);
        assert!(complete.certificate.proven);
        assert!(stopped.hits.is_empty());
    }
}

#[test]
fn answer_and_certificate_are_the_same_for_any_number_of_threads() {
    let mut draw = perforin_core::rng::Stream::new(5, perforin_core::rng::Purpose::Placement).at(0, 0);
    let mut cells = |n: usize| (0..n).map(|_| (draw.bits32() & draw.bits32()) as u8).collect::<Vec<u8>>();
    let (malignant, normal) = ([cells(50), cells(70), cells(30)], [cells(60), cells(40)]);
    let planes = planes(8, &malignant, &normal);
    let goal = Goal::new(&planes, Objective::Minimum, &[true; 5], &[0.2; 5]).unwrap();
    let options = Options {
        shapes: Shape::ALL.to_vec(),
        keep: 4,
        epsilon: 0.1,
        blockers: vec![true; 8],
        isa: Isa::best(),
    };
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| search(&planes, &goal, &options, &|_| false))
    };
    let one = run(1);
    assert!([2, 4].into_iter().all(|threads| run(threads) == one));
}
