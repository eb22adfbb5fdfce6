//! The model's equations.
//!
//! All are inlined into the solver's step, of which there is one for wide vector registers: a call would leave them.

use super::MOST_LESIONS;
use super::parameters::{Central, LesionParameters, Parameters};
use crate::ode::{LANES, Lanes, Scalar, System};

/// States of the patient as a whole, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Slot {
    /// Memory-like product in blood, cells.
    BloodMemory,
    /// Effectors in blood, cells.
    BloodEffector,
    /// Exhausted product in blood, cells.
    BloodExhausted,
    /// Memory-like product in lymphoid organs and tissue, cells.
    LymphMemory,
    /// Effectors in lymphoid organs and tissue, cells.
    LymphEffector,
    /// Exhausted product in lymphoid organs and tissue, cells.
    LymphExhausted,
    /// Product in a cavity into which it was given, cells.
    Depot,
    /// Endogenous lymphocytes, over normal.
    Lymphocytes,
    /// IL-15, pg/mL.
    Il15,
    /// IL-6, pg/mL.
    Il6,
    /// IL-6 of a day before, pg/mL.
    Il6Before,
    /// IFN-γ, pg/mL.
    Ifn,
    /// Driver of neurotoxicity, log10 of effective IL-6 over its value at rest, delayed.
    Neuro,
    /// Checkpoint antibody, mg/L.
    Antibody,
    /// Tocilizumab, mg/L.
    Tocilizumab,
    /// Dexamethasone, mg.
    Steroid,
    /// IL-2, in units of the dose that doubles the effect of cytokines.
    Il2,
    /// Adapter, nM.
    Adapter,
    /// Cells of the organ at risk, over normal.
    Organ,
}

/// Number of states of the patient as a whole.
pub const CENTRAL: usize = 19;
/// Number of states of a lesion: memory-like, effector and exhausted product, antigen-positive and -negative cells.
pub const PER_LESION: usize = 5;

/// Place of state `k` of lesion `l`.
pub const fn lesion_slot(l: usize, k: usize) -> usize {
    CENTRAL + PER_LESION * l + k
}

/// The model of a patient with `L` lesions.
#[derive(Clone, Copy, Debug)]
pub struct SolidTumour<const L: usize>;

macro_rules! with_lesions {
    ($rates:ident: $($lesions:literal: $states:literal),+) => {$(
        impl System<$states> for SolidTumour<$lesions> {
            type Parameters<F: Copy> = Parameters<F, $lesions>;

            fn lanes(patients: [&Parameters<f64, $lesions>; LANES]) -> Parameters<Lanes, $lesions> {
                Parameters::lanes(patients)
            }

            #[inline(always)]
            fn rates<S: Scalar>(p: &Parameters<S::Constant, $lesions>, y: &[S; $states]) -> [S; $states] {
                $rates(p, y)
            }
        }
    )+};
}

with_lesions!(own: 1: 24, 2: 29, 3: 34, 4: 39, 5: 44);
// After the last lesion, the account of the exchange with a lesion that is followed elsewhere.
with_lesions!(with_exchange: 5: 50);

#[inline(always)]
fn own<S: Scalar, const L: usize, const N: usize>(p: &Parameters<S::Constant, L>, y: &[S; N]) -> [S; N] {
    rates(p, y).0
}

/// The same with the states of [`Account`].
#[inline(always)]
fn with_exchange<S: Scalar, const L: usize, const N: usize>(
    p: &Parameters<S::Constant, L>,
    y: &[S; N],
) -> [S; N] {
    let (mut out, turnover) = rates(p, y);
    for (k, on_the_way) in Account::ON_THE_WAY.into_iter().enumerate() {
        out[account_slot(on_the_way)] = y[k] * p.central.outside;
    }
    out[account_slot(Account::Born)] = turnover.born;
    out[account_slot(Account::Died)] = turnover.died;
    out[account_slot(Account::Ifn)] = S::constant(p.central.outside_ifn);
    out
}

/// States of a patient who exchanges product with a lesion that is followed elsewhere, cells but for the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Account {
    /// Memory-like product that has left the blood and not yet been handed over.
    Memory,
    /// The same of effectors.
    Effector,
    /// The same of exhausted product.
    Exhausted,
    /// Product cells born in the patient so far.
    Born,
    /// Product cells that died in the patient so far.
    Died,
    /// IFN-γ that has come from that lesion so far, pg/mL.
    Ifn,
}

impl Account {
    /// Number of these states.
    pub const COUNT: usize = 6;

    /// Product on the way, by stage.
    pub const ON_THE_WAY: [Self; 3] = [Self::Memory, Self::Effector, Self::Exhausted];
}

/// Place of a state of the account, after those of the most lesions.
pub const fn account_slot(account: Account) -> usize {
    lesion_slot(MOST_LESIONS, account as usize)
}

/// What acts on the product everywhere.
struct Setting<S> {
    /// Effect of IL-15 and IL-2 on expansion, 0 to 1 without IL-2.
    cytokine: S,
    /// Part of expansion and killing that PD-1 and steroids leave.
    left: S,
    /// Part of the exhaustion that blocked PD-1 leaves.
    exhaustion: S,
    /// Effect of the adapter, 1 for a product without.
    adapter: S,
    /// Part that steroids leave of cytokines and expansion.
    calm: S,
}

#[inline(always)]
fn setting<S: Scalar>(p: &Central<S::Constant>, y: &[S]) -> Setting<S> {
    let state = |slot: Slot| y[slot as usize];
    let il15 = state(Slot::Il15).saturation(p.il15_half);
    let occupied = state(Slot::Antibody).saturation(p.antibody_half);
    let calm = (state(Slot::Steroid).saturation(p.steroid_half) * p.steroid_effect).complement();
    let inhibition = occupied.complement() * p.checkpoint;
    let adapter = state(Slot::Adapter).saturation(p.adapter_half) * p.needs_adapter;
    Setting {
        cytokine: il15 * (state(Slot::Il2) * p.il2_gain + 1.0),
        left: inhibition.complement() * calm,
        exhaustion: (occupied * p.checkpoint).complement(),
        adapter: adapter + p.needs_adapter.complement(),
        calm,
    }
}

/// Births and deaths in a lesion, per cell and day.
struct Clones<S> {
    birth: S,
    death_positive: S,
    death_negative: S,
    /// Encounter of antigen, 0 to 1.
    seen: S,
}

#[inline(always)]
fn clones<S: Scalar>(
    central: &Central<S::Constant>,
    p: &LesionParameters<S::Constant>,
    setting: &Setting<S>,
    lesion: &[S],
) -> Clones<S> {
    let (e, positive, negative) = (lesion[1], lesion[3], lesion[4]);
    let tumour = positive + negative;
    let antigen = (positive * p.cytokine_positive + negative * p.cytokine_negative) * setting.adapter;
    let seen = antigen.saturation(central.encounter);
    let kills = e * setting.left * setting.adapter * central.kills;
    // Only a cell that is recognised holds a killer; what is not read is passed by.
    let held = positive * p.lysis_positive + negative * p.lysis_negative;
    let attack = kills / (held + e / central.search + 1.0);
    let beside = kills / (tumour + e / central.search + 1.0) * seen;
    let growth = S::Constant::number(std::f64::consts::LN_2) / p.doubling_time;
    Clones {
        birth: (tumour / p.capacity).complement() * growth,
        death_positive: attack * p.lysis_positive * p.lysis_positive,
        death_negative: attack * p.lysis_negative * p.lysis_negative
            + beside * (central.bystander * p.lysis_positive),
        seen,
    }
}

/// Births and deaths of both clones of lesion `l`, per cell and day: birth, death of positive, death of negative cells.
pub(super) fn clone_rates<const L: usize, const N: usize>(
    p: &Parameters<f64, L>,
    state: &[f64; N],
    l: usize,
) -> [f64; 3] {
    let lanes = Parameters::lanes([p; LANES]);
    let state = state.map(Lanes::number);
    let setting = setting(&lanes.central, &state);
    let from = lesion_slot(l, 0);
    let clones = clones(&lanes.central, &lanes.lesion[l], &setting, &state[from..from + PER_LESION]);
    [clones.birth.0[0], clones.death_positive.0[0], clones.death_negative.0[0]]
}

#[inline(always)]
fn rates<S: Scalar, const L: usize, const N: usize>(
    p: &Parameters<S::Constant, L>,
    y: &[S; N],
) -> ([S; N], Turnover<S>) {
    let c = &p.central;
    let state = |slot: Slot| y[slot as usize];
    let setting = setting(c, y);
    let mut out = [S::number(0.0); N];
    let (mut returning, mut leaving) = ([S::number(0.0); 3], S::constant(c.outside));
    let mut turnover = Turnover { born: S::number(0.0), died: S::number(0.0) };
    let (mut active, mut from_depot) = (S::number(0.0), S::number(0.0));
    for l in 0..L {
        let from = lesion_slot(l, 0);
        let inflow = lesion(c, &p.lesion[l], &setting, y, from, &mut out);
        leaving = leaving + inflow.from_blood;
        active = active + inflow.active;
        from_depot = from_depot + inflow.from_depot;
        turnover = turnover.and(inflow.turnover);
        for k in 0..2 {
            returning[k] = returning[k] + y[from + k] * inflow.egress;
        }
    }
    turnover = turnover.and(product(c, &setting, y, &mut out, (leaving, returning, from_depot)));
    host(c, &setting, y, active, &mut out);
    let organ = state(Slot::Organ);
    let attackers = state(Slot::LymphEffector) * c.organ_share * setting.left * setting.adapter;
    let lost =
        attackers * (c.kills * c.organ_lysis) * organ / (organ * c.organ_cells + attackers / c.search + 1.0);
    out[Slot::Organ as usize] = organ.complement() * c.organ_recovery - lost;
    (out, turnover)
}

/// Births and deaths of product cells, per day.
#[derive(Clone, Copy)]
struct Turnover<S> {
    born: S,
    died: S,
}

impl<S: Scalar> Turnover<S> {
    fn and(self, other: Self) -> Self {
        Self { born: self.born + other.born, died: self.died + other.died }
    }
}

/// What a lesion takes and gives.
struct Exchange<S> {
    /// Part of the product in blood that enters per day.
    from_blood: S,
    /// Part of the product in the cavity that enters per day.
    from_depot: S,
    /// Part of its memory-like and effector product that leaves per day.
    egress: S,
    /// Effectors at full signal, in 10⁹.
    active: S,
    turnover: Turnover<S>,
}

#[inline(always)]
fn lesion<S: Scalar, const N: usize>(
    c: &Central<S::Constant>,
    p: &LesionParameters<S::Constant>,
    setting: &Setting<S>,
    y: &[S; N],
    from: usize,
    out: &mut [S; N],
) -> Exchange<S> {
    let lesion = &y[from..from + PER_LESION];
    let [m, e, x, positive, negative] = [lesion[0], lesion[1], lesion[2], lesion[3], lesion[4]];
    let clones = clones(c, p, setting, lesion);
    let seen = clones.seen;
    let tumour = positive + negative;
    let crowding = ((m + e + x) / (tumour * c.crowding + c.encounter)).squared() + 1.0;
    let drive = setting.cytokine * c.without_il15.complement() + c.without_il15;
    let grown = e * seen * drive * setting.left * c.expansion / crowding;
    let woken = m * seen * c.activation;
    let resting = e * seen.complement() * c.rest;
    let tired = e * seen * setting.exhaustion * c.exhaustion
        + tumour * e.saturation(c.suppression_half) * c.suppression;
    let from_blood = tumour * (c.delivery * p.access) / p.density;
    let from_depot = S::constant(c.depot_entry * p.in_cavity);
    let egress = S::constant(c.egress);
    let depot = y[Slot::Depot as usize] * from_depot;
    let entering = |slot: Slot| y[slot as usize] * from_blood;
    out[from] = entering(Slot::BloodMemory) + depot * c.memory_share + resting
        - woken
        - m * egress
        - m * c.memory_death;
    out[from + 1] = entering(Slot::BloodEffector) + depot * c.memory_share.complement() + grown + woken
        - resting
        - tired
        - e * egress
        - e * c.effector_death;
    out[from + 2] = entering(Slot::BloodExhausted) + tired - x * c.exhausted_death;
    let lost = positive * clones.birth * p.antigen_loss;
    // A clone of few cells rests here: its births and deaths are drawn at stops.
    let (run_p, run_n) = (p.few_positive.complement(), p.few_negative.complement());
    out[from + 3] = (positive * (clones.birth - clones.death_positive) - lost) * run_p;
    out[from + 4] = (negative * (clones.birth - clones.death_negative) + lost * run_p) * run_n;
    let turnover =
        Turnover { born: grown, died: m * c.memory_death + e * c.effector_death + x * c.exhausted_death };
    Exchange { from_blood, from_depot, egress, active: e * seen * setting.calm / 1e9, turnover }
}

/// The product in blood, lymphoid organs and cavity.
#[inline(always)]
fn product<S: Scalar, const N: usize>(
    c: &Central<S::Constant>,
    setting: &Setting<S>,
    y: &[S; N],
    out: &mut [S; N],
    (leaving, returning, from_depot): (S, [S; 3], S),
) -> Turnover<S> {
    let state = |slot: Slot| y[slot as usize];
    let [mb, eb, xb] = [Slot::BloodMemory, Slot::BloodEffector, Slot::BloodExhausted].map(state);
    let [ml, el, xl] = [Slot::LymphMemory, Slot::LymphEffector, Slot::LymphExhausted].map(state);
    let filled = (mb + eb + xb + ml + el + xl) / c.lymphocytes + state(Slot::Lymphocytes);
    // At rest the product neither grows nor, but for its death, shrinks: what counts is cytokine beyond the usual.
    let usual = c.il15_base.saturation(c.il15_half);
    let proliferation = (setting.cytokine - usual).positive() * setting.calm * c.homeostasis / (filled + 1.0);
    let drained = state(Slot::Depot) * c.depot_exit;
    let into =
        |drained: S, blood: S, lymph: S| lymph * c.to_blood - blood * c.to_tissue - blood * leaving + drained;
    let rest = el * c.rest;
    out[0] = into(drained * c.memory_share, mb, ml) - mb * c.memory_death;
    out[1] = into(drained * c.memory_share.complement(), eb, el) - eb * c.effector_death;
    out[2] = into(S::number(0.0), xb, xl) - xb * c.exhausted_death;
    let settle = |blood: S, lymph: S| blood * c.to_tissue - lymph * c.to_blood;
    out[3] = settle(mb, ml) + returning[0] + rest + ml * proliferation - ml * c.memory_death;
    out[4] = settle(eb, el) + returning[1] - rest + el * proliferation - el * c.effector_death;
    out[5] = settle(xb, xl) + returning[2] - xl * c.exhausted_death;
    out[6] = -drained - state(Slot::Depot) * from_depot;
    Turnover {
        born: (ml + el) * proliferation,
        died: (mb + ml) * c.memory_death + (eb + el) * c.effector_death + (xb + xl) * c.exhausted_death,
    }
}

/// Lymphocytes, cytokines and drugs.
#[inline(always)]
fn host<S: Scalar, const N: usize>(
    c: &Central<S::Constant>,
    setting: &Setting<S>,
    y: &[S; N],
    active: S,
    out: &mut [S; N],
) {
    let state = |slot: Slot| y[slot as usize];
    let mut set = |slot: Slot, rate: S| out[slot as usize] = rate;
    let lymphocytes = state(Slot::Lymphocytes);
    // One cell in 10¹² keeps the logarithm finite.
    set(Slot::Lymphocytes, -lymphocytes * (lymphocytes + 1e-12).ln() * c.lymphocytes_recovery);
    let consumers = lymphocytes + (state(Slot::LymphMemory) + state(Slot::LymphEffector)) / c.lymphocytes;
    let steepness = c.il15_high / c.il15_base - 1.0;
    let wanted = S::constant(c.il15_high) / (consumers * steepness + 1.0);
    set(Slot::Il15, (wanted - state(Slot::Il15)) * c.il15_turnover);
    let il6 = state(Slot::Il6);
    let all_active = active + S::constant(c.outside_active);
    set(Slot::Il6, all_active * setting.calm * c.il6_production - (il6 - c.il6_base) * c.il6_decay);
    set(Slot::Il6Before, (il6 - state(Slot::Il6Before)) / c.rise_time);
    let made = active * c.ifn_production + S::constant(c.outside_ifn);
    set(Slot::Ifn, made - (state(Slot::Ifn) - c.ifn_base) * c.ifn_decay);
    let heard = il6 * state(Slot::Tocilizumab).saturation(c.tocilizumab_half).complement();
    let driver = (heard / c.il6_base + 1.0).ln() * std::f64::consts::LOG10_E;
    set(Slot::Neuro, (driver - state(Slot::Neuro)) / c.neuro_time);
    set(Slot::Antibody, -state(Slot::Antibody) * c.antibody_clearance);
    set(Slot::Tocilizumab, -state(Slot::Tocilizumab) * c.tocilizumab_clearance);
    set(Slot::Steroid, -state(Slot::Steroid) * c.steroid_clearance);
    set(Slot::Il2, -state(Slot::Il2) * c.il2_clearance);
    set(Slot::Adapter, -state(Slot::Adapter) * c.adapter_clearance);
}
