//! The biology of the fight, as plain numbers; a mechanism that is off is `None`.

use perforin_core::receptor::Contact;

/// What makes a cell type a T cell (or another lymphocyte) of a product, or an endogenous one.
#[derive(Clone, Debug)]
pub struct Lymphocyte {
    /// Share of CD4 cells among newcomers.
    pub cd4: f64,
    /// Hits of a CD4 cell over those of a CD8 cell.
    pub cd4_killing: f64,
    /// IL-2 secretion of a CD4 cell over that of a CD8 cell.
    pub cd4_il2: f64,
    /// Share of memory-like cells among newcomers.
    pub memory: f64,
    /// Hits of a memory-like cell over those of an effector cell.
    pub memory_killing: f64,
    /// Rate at which a fully stimulated memory-like cell becomes an effector cell, /min.
    pub activation: f64,
    /// Rate at which an effector cell without signal becomes memory-like, /min.
    pub memory_return: f64,
    /// Divisions that an activation allows; none for as many as the signal drives.
    pub divisions: Option<u8>,
    /// Exhaustion.
    pub exhaustion: Option<Exhaustion>,
    /// Rate of activation-induced death under full stimulation, /min; 0 if off.
    pub activation_death: f64,
    /// Extra rate of death of an effector cell without signal and IL-2, /min; 0 if off.
    pub starvation: f64,
    /// Dependence of division on IL-2.
    pub il2: Option<Il2>,
    /// Oxygen that halves division and cytokine, mmHg; 0 if hypoxia has no effect.
    pub hypoxia_half: f64,
    /// Receptors on the surface.
    pub receptors: Receptors,
    /// PD-1.
    pub checkpoint: Option<Checkpoint>,
    /// Suppressive substances that these cells feel.
    pub suppression: Vec<FieldSuppression>,
    /// Killing of neighbours of the target.
    pub bystander: Option<Bystander>,
    /// Rate of death for each live tumour cell in contact, /min; 0 if off.
    pub counterattack: f64,
    /// Cumulated shares of the specificities of a polyclonal product, the last of them 1; empty for one
    /// specificity.
    pub specificities: Vec<f64>,
    /// Priming by a synNotch receptor.
    pub synnotch: Option<SynNotch>,
    /// Safety switch.
    pub switch: Option<SafetySwitch>,
    /// Rate at which the cell loosens the matrix of its voxel, /min.
    pub matrix_degradation: f64,
}

/// Exhaustion `e`, 0 to 1: `de/dt = r·S·(1 + g·T/(T + K))·(1 + p·I)·(1 − e) − (1 − S)·e/τ` with the cell's stimulus
/// `S`, TGF-β `T` and PD-1 signal `I`; a function is halved at its own `e½`: `1/(1 + (e/e½)ⁿ)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exhaustion {
    /// Rate under full stimulus, /min.
    pub rate: f64,
    /// Rate of recovery without stimulus, /min.
    pub recovery: f64,
    /// Place of TGF-β, its value at half of the effect, and the largest increase of the rate.
    pub tgf_beta: Option<(usize, f64, f64)>,
    /// Increase of the rate at full PD-1 signal.
    pub by_checkpoint: f64,
    /// Exhaustion that halves killing, division and cytokine.
    pub half: Functions,
    /// Steepness.
    pub hill: f64,
}

/// One number for each of the functions of a T cell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Functions {
    /// Killing.
    pub killing: f64,
    /// Division.
    pub division: f64,
    /// Cytokine.
    pub cytokine: f64,
}

/// Division at `floor + (1 − floor)·c/(c + K)` of its rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Il2 {
    /// Place of IL-2.
    pub field: usize,
    /// IL-2 at half of the effect, pg/mL.
    pub half: f64,
    /// Share of division that needs none.
    pub floor: f64,
}

/// Receptors on the surface, relative to the product's median.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Receptors {
    /// Standard deviation of the natural logarithm over cells.
    pub log_sd: f64,
    /// Loss through a fully signalling synapse, /min; 0 if off.
    pub internalisation: f64,
    /// Return to the surface, /min.
    pub recovery: f64,
    /// Decay of receptors that are expressed from mRNA, /min, which daughters then share; none for stable ones.
    pub transient: Option<f64>,
}

impl Receptors {
    /// As many receptors on every cell at all times.
    pub const CONSTANT: Self = Self { log_sd: 0.0, internalisation: 0.0, recovery: 0.0, transient: None };

    /// Whether cells can differ in their receptors.
    pub fn vary(&self) -> bool {
        *self != Self::CONSTANT
    }
}

/// PD-1: complexes `B` with PD-L1 in the contact, inhibition `f·B/(B + B½)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Checkpoint {
    /// PD-1 of a cell that is not exhausted, in the contact.
    pub receptors: f64,
    /// PD-1 of a fully exhausted cell over that.
    pub exhausted: f64,
    /// Share of a target's PD-L1 that the contact holds.
    pub contact_fraction: f64,
    /// Dissociation constant in the contact, /contact.
    pub dissociation: f64,
    /// Complexes at half of the inhibition, /contact.
    pub half: f64,
    /// Inhibition of this product over that of CD28.
    pub factor: f64,
    /// Largest share of hits that is lost.
    pub killing: f64,
    /// Largest share of the cytokine and proliferation signal that is lost.
    pub cytokine: f64,
    /// Place of the antibody against PD-1 and its dissociation constant, M.
    pub blocked_by: Option<(usize, f64)>,
    /// Place of the antibody against PD-L1 and its dissociation constant, M.
    pub ligand_blocked_by: Option<(usize, f64)>,
}

/// A substance takes `share·c/(c + K)` of each function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FieldSuppression {
    /// Place of the substance.
    pub field: usize,
    /// Value at half of the effect.
    pub half: f64,
    /// Largest share of each function that is lost.
    pub share: Functions,
}

/// Hits by Fas ligand on live tumour cells around an attacker in a synapse.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bystander {
    /// Hits on a neighbour over those on the target.
    pub relative: f64,
    /// Distance of centres up to which neighbours are hit, µm.
    pub reach: f64,
}

/// Priming: contact with the sensor's antigen induces the receptors of the gate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SynNotch {
    /// Antigen of the sensor.
    pub antigen: usize,
    /// Contact of the sensor.
    pub contact: Contact,
    /// Rate of induction, /min.
    pub induction: f64,
    /// Rate of loss without priming, /min.
    pub loss: f64,
}

/// Death on command.
#[derive(Clone, Debug, PartialEq)]
pub struct SafetySwitch {
    /// When the drug is given, min, ascending.
    pub times: Vec<f64>,
    /// Rate of death after it, /min.
    pub rate: f64,
    /// Share of cells that each activation kills.
    pub share: f64,
}

/// How a cell answers attack: its antigens, PD-L1, radiation and virus.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Defence {
    /// Loss and recovery of antigen under attack.
    pub modulation: Option<Modulation>,
    /// PD-L1.
    pub pd_l1: Option<PdL1>,
    /// Place of IFN-γ, its value at half of the effect, and the rate of death under much of it, /min.
    pub ifn_gamma_death: Option<(usize, f64, f64)>,
}

/// Antigen on the surface: lost at `loss·signal` through each synapse, regained at `recovery·(inherited − present)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Modulation {
    /// Loss through a fully signalling synapse, /min.
    pub loss: f64,
    /// Recovery, /min.
    pub recovery: f64,
}

/// PD-L1 follows `resting + (induced − resting)·c/(c + K)` of IFN-γ with a time constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PdL1 {
    /// Without IFN-γ, molecules per cell.
    pub resting: f64,
    /// Under much IFN-γ, molecules per cell.
    pub induced: f64,
    /// Place of IFN-γ and its value at half of the effect; none if induction is off.
    pub ifn_gamma: Option<(usize, f64)>,
    /// Rate of adaptation, /min.
    pub rate: f64,
}

/// Suppression of lymphocytes in reach: each divides their functions by `1 + strength` (killing by
/// `1 + strength·on_killing`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ContactSuppression {
    /// Strength of one cell.
    pub strength: f64,
    /// Its effect on killing over that on division and cytokine.
    pub on_killing: f64,
    /// Distance of centres, µm.
    pub reach: f64,
    /// Share of the strength that an antibody relieves, the antibody's place, and its dissociation constant, M.
    pub relieved: Option<(f64, usize, f64)>,
}

/// Infection by a virus that spreads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Infection {
    /// Place of the virus among the substances.
    pub field: usize,
    /// Rate of infection at a level of 1, /min.
    pub rate: f64,
    /// Time until an infected cell releases virus, min.
    pub eclipse: f64,
    /// Release, toward 1, in the cell's volume, /min.
    pub release: f64,
    /// Rate of lysis after the eclipse, /min.
    pub lysis: f64,
    /// Injections: when, min, and how many cells they infect.
    pub injections: [Option<(f64, u32)>; MOST_INJECTIONS],
}

/// Most injections of a virus in one study.
pub const MOST_INJECTIONS: usize = 8;

/// A value in time: doses that decay, `Σ peak·2^(−(t − tᵢ)/half-life)`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// When each dose is given, min, ascending, and what it adds.
    pub doses: Vec<(f64, f64)>,
    /// Half-life, min.
    pub half_life: f64,
}

impl Course {
    /// The value at a time, min.
    pub fn at(&self, time: f64) -> f64 {
        let given = self.doses.iter().filter(|(start, _)| *start <= time);
        given.map(|(start, peak)| peak * libm::exp2(-(time - start) / self.half_life)).sum()
    }
}

/// A substance that comes with the blood: its level at vessels and at the faces of the box follows a course.
#[derive(Clone, Debug, PartialEq)]
pub struct Supply {
    /// Place of the substance.
    pub substance: usize,
    /// Its level in blood.
    pub course: Course,
}

/// Treatments that act on cells at once or for a time.
#[derive(Clone, Debug, Default)]
pub struct Treatments {
    /// Fractions of radiotherapy: when, min, dose, Gy, and whether they draw T cells.
    pub radiotherapy: Vec<(f64, f64, bool)>,
    /// Sensitivity to radiation.
    pub radiosensitivity: Radiosensitivity,
    /// Share by which chemotherapy lowers the rate of entering the cell cycle; one course for each line.
    pub chemotherapy: Vec<Course>,
    /// When lymphodepletion begins, min (at or after the start of the study), and the share that it removes.
    pub lymphodepletion: Option<(f64, f64)>,
    /// Concentration of the adapter, M; its dissociation constants from antigen and receptor, M.
    pub adapter: Option<(Course, f64, f64)>,
    /// Endogenous T cells that enter for each tumour cell killed, and their type.
    pub epitope_spreading: Option<(f64, usize)>,
    /// Dexamethasone that the patient of this lesion is given.
    pub steroid: Option<Steroid>,
}

/// Dexamethasone: with an amount `A` in the body it takes `effect·A/(A + half)` of the killing, the division and the
/// cytokine of every lymphocyte.
#[derive(Clone, Debug, PartialEq)]
pub struct Steroid {
    /// Amount in the body, mg.
    pub course: Course,
    /// Amount at half of the effect, mg.
    pub half: f64,
    /// Largest part that it takes, 0 to 1.
    pub effect: f64,
}

impl Steroid {
    /// Part of each function that it leaves at a time, min.
    pub fn left(&self, time: f64) -> f64 {
        let amount = self.course.at(time);
        1.0 - self.effect * amount / (amount + self.half)
    }
}

/// Death by a dose `D`: `1 − exp(−αD′ − βD′²)` with `D′ = D·(1 + m·p/(p + K))/(1 + m)`, `m` the oxygen enhancement
/// less one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Radiosensitivity {
    /// Linear term, /Gy.
    pub alpha: f64,
    /// Quadratic term, /Gy².
    pub beta: f64,
    /// Dose without oxygen over dose with oxygen.
    pub oxygen_enhancement: f64,
    /// Oxygen at half of the enhancement, mmHg.
    pub oxygen_half: f64,
    /// Secretion of the chemokine for a week after an immunogenic fraction, over that before.
    pub chemokine: f64,
}

/// Natural cytotoxicity: a lytic signal on any tumour cell, without antigen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Natural {
    /// On cells with HLA, 0 to 1.
    pub lysis: f64,
    /// On cells that have lost HLA.
    pub unmasked: f64,
    /// Place of HLA among the antigens, if it is followed.
    pub hla: Option<usize>,
}

/// Matrix: what changes it, and how its fibres run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MatrixChange {
    /// Largest share of space that fibroblasts fill.
    pub limit: f64,
    /// Direction of fibres.
    pub fibres: Option<Fibres>,
    /// Points around which fibres run, each fibre around the nearest; at least one where there are fibres.
    pub foci: Vec<[f64; 3]>,
    /// Weight of the fibres' direction in a heading, times the share of space that matrix fills.
    pub guidance: f64,
}

/// Direction of fibres around the nearest focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fibres {
    /// On spheres around it.
    Circumferential,
    /// Toward it.
    Radial,
}
