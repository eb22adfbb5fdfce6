//! Walking the chains.

use super::LargerHit;
use super::formula::{Formula, Operation};
use super::kernels::{Cells, link, sizes};
use super::pair::Hole;
use crate::goal::{Bar, Goal};
use crate::planes::{Block, Planes};
use crate::popcount::Isa;
use crate::search::Tables;

/// A literal with its sign.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Signed {
    /// Its index in the planes.
    pub index: u32,
    /// Whether it stands under a NOT.
    pub negated: bool,
}

impl Signed {
    fn formula(self) -> Formula {
        Formula::Literal { index: self.index, negated: self.negated }
    }
}

/// The first link of chains: its operation, the size of its formula, and the formula's first literal.
#[derive(Clone, Debug)]
pub struct First {
    /// Literals of the whole gate.
    literals: usize,
    operation: Operation,
    size: usize,
    literal: Signed,
    /// No gate with this link has a larger value.
    pub bound: f64,
}

/// What the chains of one first link led to.
#[derive(Debug)]
pub struct Found {
    /// The best gate, if it passed the bar.
    pub best: Option<LargerHit>,
    /// Chains whose last pair was looked at.
    pub chains: u64,
    /// Gates counted group by group.
    pub counted: u64,
    /// Whether the walk was ended before its end.
    pub is_stopped: bool,
}

/// What every walk needs.
pub struct Chains<'a> {
    pub(super) planes: &'a Planes,
    pub(super) goal: &'a Goal,
    pub(super) isa: Isa,
    pub(super) blockers: Vec<bool>,
    /// Literals, the best covering first.
    pub(super) order: Vec<u32>,
    /// Place of each literal in that order.
    pub(super) rank: Vec<usize>,
    /// Before the first link nothing is certain and everything is open.
    whole: Region,
}

/// A chain's cells and their counts.
pub struct Region {
    /// The cells.
    pub cells: Cells,
    /// Sizes of U by tally.
    pub certain: Vec<i32>,
    /// Sizes of D by tally.
    pub open: Vec<i32>,
    /// Counts of every literal within D: `table[tally * literals + literal]`.
    pub table: Vec<i32>,
    /// Whether a cell without any antigen is in D; it may never be in U.
    pub is_origin_open: bool,
}

impl<'a> Chains<'a> {
    /// Prepares the walks.
    pub fn new(planes: &'a Planes, goal: &'a Goal, blockers: &[bool]) -> Self {
        let (isa, genes) = (Isa::best(), planes.literals.len());
        let mut all = vec![[0_u64; 8]; planes.blocks()];
        for group in &planes.groups {
            for cell in 0..group.cells {
                all[group.start + cell / 512][cell % 512 / 64] |= 1 << (cell % 64);
            }
        }
        let cells = Cells { certain: vec![[0; 8]; planes.blocks()], open: all };
        let mut blockers = blockers.to_vec();
        blockers.resize(genes, false);
        let mut chains = Self {
            planes,
            goal,
            isa,
            blockers,
            order: (0..genes as u32).collect(),
            rank: vec![0; genes],
            whole: Region {
                certain: sizes(isa, &cells.certain, goal),
                open: sizes(isa, &cells.open, goal),
                table: Tables::count(planes, goal, &[&cells.open], isa).of(0),
                cells,
                is_origin_open: true,
            },
        };
        let value: Vec<f64> =
            (0..genes as u32).map(|index| chains.covered(Signed { index, negated: false })).collect();
        let by_value = |a: &u32, b: &u32| value[*b as usize].total_cmp(&value[*a as usize]).then(a.cmp(b));
        chains.order.sort_by(by_value);
        for (place, &literal) in chains.order.iter().enumerate() {
            chains.rank[literal as usize] = place;
        }
        chains
    }

    /// The objective's value of a literal alone.
    fn covered(&self, literal: Signed) -> f64 {
        let patients = self.goal.cover.len();
        let counts: Vec<u32> = (0..patients).map(|t| self.count(&self.whole, t, literal) as u32).collect();
        self.goal.value(&counts)
    }

    /// Cells of a signed literal within D.
    #[inline]
    pub(super) fn count(&self, region: &Region, tally: usize, literal: Signed) -> i32 {
        let plain = region.table[tally * self.rank.len() + literal.index as usize];
        if literal.negated { region.open[tally] - plain } else { plain }
    }

    /// All signed literals that may be used, in order.
    fn signed(&self) -> impl Iterator<Item = Signed> + '_ {
        self.order.iter().flat_map(|&index| {
            let plain = Signed { index, negated: false };
            let negated = Signed { index, negated: true };
            std::iter::once(plain).chain(self.blockers[index as usize].then_some(negated))
        })
    }

    /// The first links of gates of a number of literals, those of the highest bound that covers most first.
    pub fn firsts(&self, literals: usize) -> Vec<First> {
        let mut firsts = Vec::new();
        for size in 1..=literals - 2 {
            for operation in [Operation::And, Operation::Or] {
                for literal in self.signed() {
                    let bound = self.first_bound(operation, size, literal);
                    if bound > 0.0 {
                        firsts.push(First { literals, operation, size, literal, bound });
                    }
                }
            }
        }
        // Gates that an AND with a well-covering literal bounds are cheap, and soon set a high bar.
        let is_simple = |first: &First| first.operation == Operation::And && first.size == 1;
        firsts.sort_by(|a, b| is_simple(b).cmp(&is_simple(a)).then(b.bound.total_cmp(&a.bound)));
        firsts
    }

    fn first_bound(&self, operation: Operation, size: usize, literal: Signed) -> f64 {
        let patients = self.goal.cover.len();
        match (operation, size) {
            (Operation::And, 1) => self.covered(literal),
            // An alternative that stands for itself must be safe for itself, and false without antigens.
            (Operation::Or, 1) => {
                let spared = self.goal.spare.iter().enumerate();
                let is_safe = spared
                    .clone()
                    .all(|(s, t)| self.count(&self.whole, patients + s, literal) <= t.limit as i32);
                if is_safe && !literal.negated { 1.0 } else { 0.0 }
            }
            _ => 1.0,
        }
    }

    /// Walks all chains with a first link.
    pub fn search(&self, first: &First, bar: Bar, stop: &(dyn Fn() -> bool + Sync)) -> Found {
        let found = Found { best: None, chains: 0, counted: 0, is_stopped: false };
        let mut walk = Walk { chains: self, bar, found, links: Vec::new(), stop };
        if bar.reached(first.bound) {
            match first.size {
                1 => walk.literal_link(&self.whole, first.literals, first.operation, first.literal),
                size => {
                    walk.compound_links(&self.whole, first.literals, first.operation, size, first.literal);
                }
            }
        }
        walk.found
    }
}

/// A link: operation and formula.
pub struct Link {
    operation: Operation,
    formula: Formula,
    /// Rank of the formula if it is a literal.
    rank: Option<usize>,
}

/// The walk through the chains of one first link.
pub struct Walk<'a> {
    pub(super) chains: &'a Chains<'a>,
    pub(super) bar: Bar,
    pub(super) found: Found,
    links: Vec<Link>,
    stop: &'a (dyn Fn() -> bool + Sync),
}

impl Walk<'_> {
    /// Adds every link to a chain that has room for `left` more literals, the last two of which are its end.
    fn descend(&mut self, region: &Region, left: usize) {
        if (self.stop)() {
            self.found.is_stopped = true;
        }
        if self.found.is_stopped {
            return;
        }
        if left == 2 {
            self.found.chains += 1;
            return Hole::new(self, region).fill();
        }
        let chains = self.chains;
        for operation in [Operation::And, Operation::Or] {
            for literal in chains.signed() {
                self.literal_link(region, left, operation, literal);
                for size in 2..=left - 2 {
                    self.compound_links(region, left, operation, size, literal);
                }
            }
        }
    }

    /// Whether a literal is in the chain already.
    pub(super) fn is_used(&self, index: u32) -> bool {
        self.links.iter().any(|link| link.formula.indices().contains(&index))
    }

    /// The rank that a further literal under an operation must exceed.
    pub(super) fn least_rank(&self, operation: Operation) -> Option<usize> {
        self.links.last().filter(|last| last.operation == operation).and_then(|last| last.rank)
    }

    fn literal_link(&mut self, region: &Region, left: usize, operation: Operation, literal: Signed) {
        let chains = self.chains;
        let rank = chains.rank[literal.index as usize];
        if self.least_rank(operation).is_some_and(|least| rank <= least) || self.is_used(literal.index) {
            return;
        }
        // A negated literal holds without antigens: as an alternative it would make the gate do so.
        if operation == Operation::Or && region.is_origin_open && literal.negated {
            return;
        }
        let counts: Vec<i32> = (0..region.open.len()).map(|t| chains.count(region, t, literal)).collect();
        if !self.is_possible(region, operation, &counts) {
            return;
        }
        let plane = chains.planes.plane(0, literal.index as usize);
        let flip = if literal.negated { u64::MAX } else { 0 };
        let cells = link(chains.isa, &region.cells, plane, flip, operation == Operation::And);
        let link = Link { operation, formula: literal.formula(), rank: Some(rank) };
        self.go_on(region, left - 1, link, cells, literal.negated);
    }

    /// Links by formulas of two or three literals that begin with the given one; their outermost operation is the
    /// other one, since else they would be several links.
    fn compound_links(&mut self, region: &Region, left: usize, operation: Operation, size: usize, a: Signed) {
        let (chains, inner) = (self.chains, other(operation));
        if self.is_used(a.index) {
            return;
        }
        let after = |x: Signed, y: Signed| chains.rank[y.index as usize] > chains.rank[x.index as usize];
        for b in chains.signed() {
            if b.index == a.index || self.is_used(b.index) {
                continue;
            }
            if size == 2 {
                if after(a, b) {
                    let formula = Formula::pair(inner, a.formula(), b.formula());
                    self.compound_link(region, left, operation, formula);
                }
                continue;
            }
            for c in chains.signed() {
                if c.index == a.index || !after(b, c) || self.is_used(c.index) {
                    continue;
                }
                let nested = Formula::pair(operation, b.formula(), c.formula());
                self.compound_link(region, left, operation, Formula::pair(inner, a.formula(), nested));
                if after(a, b) {
                    let flat = Formula::pair(inner, b.formula(), c.formula());
                    self.compound_link(region, left, operation, Formula::pair(inner, a.formula(), flat));
                }
            }
        }
    }

    fn compound_link(&mut self, region: &Region, left: usize, operation: Operation, formula: Formula) {
        if self.found.is_stopped {
            return;
        }
        let holds = holds_without_antigens(&formula);
        if operation == Operation::Or && region.is_origin_open && holds {
            return;
        }
        let counts: Vec<i32> = (0..region.open.len())
            .map(|t| {
                let (least, most) = self.extent(region, t, &formula);
                // What is hit at least counts against the limits, what is covered at most for the patients.
                if operation == Operation::And || t < self.chains.goal.cover.len() { most } else { least }
            })
            .collect();
        if !self.is_possible(region, operation, &counts) {
            return;
        }
        let plane: Vec<Block> = formula.cells(self.chains.planes, 0);
        let cells = link(self.chains.isa, &region.cells, &plane, 0, operation == Operation::And);
        let size = formula.literals();
        self.go_on(region, left - size, Link { operation, formula, rank: None }, cells, holds);
    }

    /// Bounds of the number of cells of a formula within D, from the counts of its literals.
    fn extent(&self, region: &Region, tally: usize, formula: &Formula) -> (i32, i32) {
        let all = region.open[tally];
        match formula {
            Formula::Literal { index, negated } => {
                let count = self.chains.count(region, tally, Signed { index: *index, negated: *negated });
                (count, count)
            }
            Formula::Pair(operation, a, b) => {
                let (a, b) = (self.extent(region, tally, a), self.extent(region, tally, b));
                match operation {
                    Operation::And => ((a.0 + b.0 - all).max(0), a.1.min(b.1)),
                    Operation::Or => (a.0.max(b.0), (a.1 + b.1).min(all)),
                }
            }
        }
    }

    /// Whether a link whose formula holds in so many cells of D leaves a gate possible.
    fn is_possible(&self, region: &Region, operation: Operation, counts: &[i32]) -> bool {
        let goal = self.chains.goal;
        let patients = goal.cover.len();
        if operation == Operation::Or {
            let mut spared =
                goal.spare.iter().zip(region.certain[patients..].iter().zip(&counts[patients..]));
            return spared.all(|(tally, (certain, more))| certain + more <= tally.limit as i32);
        }
        let covered: Vec<u32> =
            region.certain.iter().zip(counts).take(patients).map(|(u, d)| (u + d) as u32).collect();
        self.bar.reached(goal.value(&covered))
    }

    fn go_on(&mut self, region: &Region, left: usize, link: Link, cells: Cells, holds: bool) {
        let chains = self.chains;
        let goal = chains.goal;
        let certain = sizes(chains.isa, &cells.certain, goal);
        let patients = goal.cover.len();
        if goal.spare.iter().zip(&certain[patients..]).any(|(tally, n)| *n > tally.limit as i32) {
            return;
        }
        let open = sizes(chains.isa, &cells.open, goal);
        let covered: Vec<u32> =
            certain.iter().zip(&open).take(patients).map(|(u, d)| (u + d) as u32).collect();
        if !self.bar.reached(goal.value(&covered)) {
            return;
        }
        let table = Tables::count(chains.planes, goal, &[&cells.open], chains.isa).of(0);
        let is_origin_open = region.is_origin_open && (holds == (link.operation == Operation::And));
        self.links.push(link);
        self.descend(&Region { cells, certain, open, table, is_origin_open }, left);
        self.links.pop();
    }

    /// The whole gate with its last pair.
    pub(super) fn formula(&self, operation: Operation, y: Signed, z: Signed) -> Formula {
        let pair = Formula::pair(operation, y.formula(), z.formula());
        let links = self.links.iter().rev();
        links.fold(pair, |inner, link| Formula::pair(link.operation, inner, link.formula.clone()))
    }
}

fn other(operation: Operation) -> Operation {
    match operation {
        Operation::And => Operation::Or,
        Operation::Or => Operation::And,
    }
}

/// Whether a formula holds in a cell without any antigen.
fn holds_without_antigens(formula: &Formula) -> bool {
    match formula {
        Formula::Literal { negated, .. } => *negated,
        Formula::Pair(Operation::And, a, b) => holds_without_antigens(a) && holds_without_antigens(b),
        Formula::Pair(Operation::Or, a, b) => holds_without_antigens(a) || holds_without_antigens(b),
    }
}
