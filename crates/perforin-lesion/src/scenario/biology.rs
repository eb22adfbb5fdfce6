//! The biology of every cell type: what a study switches on, with every default filled in.

use perforin_core::catalogue::{Parameter, fate, hostility, receptor as receptors, t_cell};
use perforin_core::receptor::{Costimulation, dissociation_per_contact};
use perforin_core::study::mechanisms::{Mechanism, NOTHING};
use perforin_core::study::product::{Armour, Expression, ProductKind, ProductSection, SafetySwitch};
use perforin_core::study::regimen::CheckpointTarget;
use perforin_core::study::{StudyFile, lesion::FieldSection};

use super::attack::{product_of, recognition};
use super::cell_types::{ENDOGENOUS, FIBROBLAST, MYELOID, REGULATORY};
use super::surroundings::{
    ADENOSINE, CHEMOKINE, IFN_GAMMA, IL2, IL10, KYNURENINE, TGF_BETA, VIRUS, antibody,
};
use super::{Notes, schedule};
use crate::model::biology::{
    Bystander, Checkpoint, ContactSuppression, Exhaustion, FieldSuppression, Functions, Il2, Infection,
    Lymphocyte, MOST_INJECTIONS, Modulation, PdL1, Receptors, SafetySwitch as Switch, SynNotch,
};
use crate::model::{CellType, Exchange, Role};

/// Molar mass of IL-2, g/mol; turns molecules into mass (human IL-2 has 15.5 kDa).
const IL2_MASS: f64 = 15_500.0;
/// Avogadro's number, /mol.
const AVOGADRO: f64 = 6.022_140_76e23;
/// pg/mL times µm³ in a picogram: 1 mL = 1e12 µm³.
const PICOGRAM: f64 = 1e12;

/// What reading the biology needs.
pub(super) struct Biology<'a> {
    pub study: &'a StudyFile,
    pub antigens: &'a [String],
    pub substances: &'a [String],
}

impl Biology<'_> {
    /// Gives every type its biology.
    pub fn equip(&self, types: &mut [CellType], notes: &mut Notes) {
        self.check(notes);
        for cell_type in types {
            match (cell_type.role, cell_type.name.as_str()) {
                (Role::Product, name) => {
                    if let Some((section, product)) = product_of(self.study, name) {
                        self.product(cell_type, section, product, notes);
                    }
                }
                (Role::Tumour, _) => self.tumour(cell_type, notes),
                (Role::Normal, _) => self.normal(cell_type, notes),
                (_, ENDOGENOUS) => {
                    cell_type.is_depleted = true;
                    cell_type.lymphocyte = Some(self.lymphocyte("product", None, Costimulation::Cd28, notes));
                    self.cytokines(cell_type, 1.0, notes);
                }
                (_, REGULATORY) => self.regulatory(cell_type, notes),
                (_, MYELOID) => self.myeloid(cell_type, notes),
                (_, FIBROBLAST) => self.fibroblast(cell_type, notes),
                _ => {}
            }
        }
    }

    fn on(&self, mechanism: Mechanism) -> bool {
        self.study.mechanisms.is_on(mechanism)
    }

    fn field(&self, name: &str) -> Option<usize> {
        self.substances.iter().position(|s| s == name)
    }

    /// Contradictions between parts of the study.
    fn check(&self, notes: &mut Notes) {
        let study = self.study;
        if let Some(without) = study.mechanisms.without.as_deref() {
            let names = || Mechanism::ALL.iter().map(|m| m.name()).chain([NOTHING]);
            if !names().any(|name| name == without) {
                notes.wrong(
                    "mechanisms.without",
                    format!("there is no mechanism `{without}`"),
                    format!("name one of {}", super::listed(names())),
                );
            }
        }
        let products = [("product", &study.product), ("second_product", &study.second_product)];
        let present = || products.iter().filter_map(|(name, p)| p.as_ref().map(|p| (*name, p)));
        let drug = !study.regimen.switch_drug.is_empty();
        if drug && !present().any(|(_, p)| p.safety_switch.is_some()) {
            notes.wrong(
                "regimen.switch_drug",
                "no product has a switch that this drug could activate",
                "add safety_switch = \"iC9\" to [product], or leave the drug out",
            );
        }
        for (section, product) in present() {
            if product.safety_switch.is_some() && !drug {
                notes.warn(
                    &format!("{section}.safety_switch"),
                    "the switch is never activated: the study has no drug for it",
                    "add [[regimen.switch_drug]] with its day to see what it does",
                );
            }
            if product.adapter.is_some() && study.regimen.adapter.is_empty() {
                notes.wrong(
                    &format!("{section}.adapter"),
                    "the receptors need an adapter that is never given",
                    "add [[regimen.adapter]] with day, peak and half_life",
                );
            }
        }
        if !study.regimen.adapter.is_empty() && !present().any(|(_, p)| p.adapter.is_some()) {
            notes.wrong(
                "regimen.adapter",
                "no product needs this adapter",
                "add [product.adapter] with antigen_kd and receptor_kd, or leave it out",
            );
        }
        if study.regimen.antibody.iter().any(|a| a.target == CheckpointTarget::Ctla4)
            && study.lesion.regulatory_t_cells.is_none()
        {
            notes.warn(
                "regimen.antibody",
                "an antibody against CTLA-4 acts on regulatory T cells, of which this lesion has none",
                "add [lesion.regulatory_t_cells] with their fraction",
            );
        }
        let on_checkpoint =
            |a: &perforin_core::study::regimen::AntibodySection| a.target != CheckpointTarget::Ctla4;
        if study.regimen.antibody.iter().any(on_checkpoint) && !self.on(Mechanism::Checkpoint) {
            notes.warn(
                "regimen.antibody",
                "the mechanism `checkpoint` is off: the antibody changes nothing",
                "switch it on under [mechanisms]",
            );
        }
    }

    fn product(&self, cell_type: &mut CellType, section: &str, product: &ProductSection, notes: &mut Notes) {
        let costimulation = recognition::costimulation(product, section, notes);
        cell_type.lymphocyte = Some(self.lymphocyte(section, Some(product), costimulation, notes));
        let natural = matches!(product.kind, ProductKind::Nk | ProductKind::Cik);
        if natural && self.study.lesion.cell.get(&cell_type.name).and_then(|c| c.death.as_ref()).is_none() {
            cell_type.death.apoptosis_rate =
                1.0 / notes.value(fate::NATURAL_LIFE.name, None, &fate::NATURAL_LIFE);
        }
        if product.armour.iter().any(|a| matches!(a, Armour::Ccr2b | Armour::Cxcr2))
            && let Some(motility) = &mut cell_type.motility
        {
            motility.bias =
                notes.value(hostility::CHEMOTAXIS_RECEPTOR.name, None, &hostility::CHEMOTAXIS_RECEPTOR);
        }
        let il12 = if product.armour.contains(&Armour::Il12) {
            notes.value(hostility::IFN_IL12.name, None, &hostility::IFN_IL12)
        } else {
            1.0
        };
        self.cytokines(cell_type, il12, notes);
    }

    /// IL-2 and IFN-γ of stimulated cells.
    fn cytokines(&self, cell_type: &mut CellType, ifn_factor: f64, notes: &mut Notes) {
        let cd4 = cell_type.lymphocyte.as_ref().map_or(1.0, |l| l.cd4_il2);
        if let Some(il2) = self.field(IL2) {
            let molecules = notes.value(hostility::IL2_SECRETION.name, None, &hostility::IL2_SECRETION);
            cell_type.exchange.push(Exchange {
                substance: il2,
                uptake: notes.value(hostility::IL2_UPTAKE.name, None, &hostility::IL2_UPTAKE),
                secretion: 0.0,
                target: 0.0,
                export: molecules * IL2_MASS / AVOGADRO * 1e12 * PICOGRAM,
                on_signal: true,
                cd4,
                scaled_by: None,
            });
        }
        if let Some(ifn) = self.field(IFN_GAMMA) {
            let mass = notes.value(hostility::IFN_SECRETION.name, None, &hostility::IFN_SECRETION);
            cell_type.exchange.push(Exchange {
                substance: ifn,
                uptake: 0.0,
                secretion: 0.0,
                target: 0.0,
                export: mass * ifn_factor * PICOGRAM,
                on_signal: true,
                cd4: 1.0,
                scaled_by: None,
            });
        }
    }

    fn lymphocyte(
        &self,
        section: &str,
        product: Option<&ProductSection>,
        costimulation: Costimulation,
        notes: &mut Notes,
    ) -> Lymphocyte {
        let armour = |a: Armour| product.is_some_and(|p| p.armour.contains(&a));
        let kind = product.map_or(ProductKind::CarT, |p| p.kind);
        let natural = matches!(kind, ProductKind::Nk | ProductKind::Cik);
        let mut default = |p: &'static Parameter| notes.value(p.name, None, p);
        let cd4_killing = default(&fate::CD4_KILLING);
        let cd4_il2 = default(&fate::CD4_IL2);
        let memory_killing = default(&fate::MEMORY_KILLING);
        let activation = 1.0 / default(&fate::ACTIVATION_TIME);
        let memory_return = 1.0 / default(&fate::MEMORY_RETURN_TIME);
        let divisions =
            self.on(Mechanism::ProliferationProgramme).then(|| default(&fate::DIVISIONS).round() as u8);
        let activation_death = if self.on(Mechanism::ActivationInducedDeath) {
            1.0 / default(&fate::ACTIVATION_DEATH_TIME)
        } else {
            0.0
        };
        let starvation = if self.on(Mechanism::Starvation) && !armour(Armour::Il15) && !natural {
            (1.0 / default(&fate::STARVATION_LIFE) - 1.0 / default(&t_cell::LIFETIME)).max(0.0)
        } else {
            0.0
        };
        let hypoxia_half = if self.on(Mechanism::Hypoxia) { default(&hostility::HYPOXIA_HALF) } else { 0.0 };
        let counterattack =
            if self.on(Mechanism::FasCounterattack) { default(&hostility::FAS_COUNTERATTACK) } else { 0.0 };
        let bystander = self.on(Mechanism::Bystander).then(|| Bystander {
            relative: default(&hostility::BYSTANDER_RATE),
            reach: default(&hostility::BYSTANDER_REACH),
        });
        let il2 = self.field(IL2).filter(|_| self.on(Mechanism::Il2)).map(|field| Il2 {
            field,
            half: default(&hostility::IL2_HALF),
            floor: if armour(Armour::Il15) {
                default(&hostility::IL15_FLOOR)
            } else {
                default(&hostility::IL2_FLOOR)
            },
        });
        let matrix_degradation =
            if armour(Armour::Heparanase) { default(&hostility::MATRIX_DEGRADATION) } else { 0.0 };
        let share = |key: &str, given: Option<f64>, p: &'static Parameter, notes: &mut Notes| match product {
            Some(_) => notes.value(&format!("{section}.{key}"), given, p),
            None => notes.value(p.name, None, p),
        };
        // NK cells are neither CD4 nor memory-like, and do not exhaust by antigen.
        let cd4 = if natural {
            0.0
        } else {
            share("cd4", product.and_then(|p| p.cd4).map(|f| f.value()), &fate::CD4_SHARE, notes)
        };
        let given = product.and_then(|p| p.memory_like).map(|f| f.value());
        let memory = if natural { 0.0 } else { share("memory_like", given, &fate::MEMORY_SHARE, notes) };
        Lymphocyte {
            cd4,
            cd4_killing,
            cd4_il2,
            memory,
            memory_killing,
            activation,
            memory_return,
            divisions,
            exhaustion: self.exhaustion(costimulation, &armour, notes).filter(|_| !natural),
            activation_death,
            starvation,
            il2,
            hypoxia_half,
            receptors: self.receptors(section, product, notes),
            checkpoint: self.checkpoint(costimulation, &armour, notes).filter(|_| !natural),
            suppression: self.suppression(&armour, notes),
            bystander,
            counterattack,
            specificities: specificities(product),
            synnotch: product.and_then(|p| self.synnotch(section, p, notes)),
            switch: product.and_then(|p| self.switch(p, notes)),
            matrix_degradation,
        }
    }

    fn exhaustion(
        &self,
        costimulation: Costimulation,
        armour: &impl Fn(Armour) -> bool,
        notes: &mut Notes,
    ) -> Option<Exhaustion> {
        if !self.on(Mechanism::Exhaustion) {
            return None;
        }
        let mut default = |p: &'static Parameter| notes.value(p.name, None, p);
        let factor = match costimulation {
            Costimulation::FourOneBb | Costimulation::Both => default(&fate::EXHAUSTION_FACTOR_41BB),
            Costimulation::None => default(&fate::EXHAUSTION_FACTOR_NONE),
            Costimulation::Cd28 => 1.0,
        };
        let il18 = if armour(Armour::Il18) { default(&fate::EXHAUSTION_IL18) } else { 1.0 };
        let feels = self.on(Mechanism::SuppressiveFields) && !armour(Armour::DominantNegativeTgfBeta);
        Some(Exhaustion {
            rate: factor * il18 / default(&fate::EXHAUSTION_TIME),
            recovery: 1.0 / default(&fate::EXHAUSTION_RECOVERY_TIME),
            tgf_beta: self
                .field(TGF_BETA)
                .filter(|_| feels)
                .map(|f| (f, default(&hostility::SUPPRESSION_HALF), default(&fate::EXHAUSTION_TGF_BETA))),
            by_checkpoint: default(&fate::EXHAUSTION_PD1),
            half: Functions {
                killing: default(&fate::EXHAUSTION_HALF_KILLING),
                division: default(&fate::EXHAUSTION_HALF_DIVISION),
                cytokine: default(&fate::EXHAUSTION_HALF_CYTOKINE),
            },
            hill: default(&fate::EXHAUSTION_HILL),
        })
    }

    fn receptors(&self, section: &str, product: Option<&ProductSection>, notes: &mut Notes) -> Receptors {
        let Some(product) = product else { return Receptors::CONSTANT };
        let internalises = self.on(Mechanism::ReceptorInternalisation);
        let widest = product.receptor.iter().filter_map(|(name, r)| Some((name, r.log_sd?)));
        let log_sd = widest.fold(0.0, |widest: f64, (name, sd)| {
            let path = format!("{section}.receptor.{name}.log_sd");
            notes.given(&path, sd, "1", "Spread of the logarithm of the receptors per cell");
            if !(0.0..=5.0).contains(&sd) {
                notes.wrong(
                    &path,
                    format!("{sd} is not between 0 and 5"),
                    "give a standard deviation of the logarithm",
                );
            }
            widest.max(sd)
        });
        let mut default = |p: &'static Parameter| notes.value(p.name, None, p);
        Receptors {
            log_sd,
            internalisation: if internalises { default(&fate::INTERNALISATION) } else { 0.0 },
            recovery: if internalises { default(&fate::RECEPTOR_RECOVERY) } else { 0.0 },
            transient: (product.expression == Expression::Mrna)
                .then(|| std::f64::consts::LN_2 / default(&fate::MRNA_HALF_LIFE)),
        }
    }

    fn checkpoint(
        &self,
        costimulation: Costimulation,
        armour: &impl Fn(Armour) -> bool,
        notes: &mut Notes,
    ) -> Option<Checkpoint> {
        if !self.on(Mechanism::Checkpoint) || armour(Armour::Pd1Knockout) {
            return None;
        }
        let given = self.study.lesion.checkpoint.pd_1.map(|d| d.value());
        let pd_1 = notes.value("lesion.checkpoint.pd_1", given, &hostility::PD1);
        let mut default = |p: &'static Parameter| notes.value(p.name, None, p);
        let contact_fraction = default(&receptors::CONTACT_FRACTION);
        let (area, gap) = (default(&receptors::CONTACT_AREA), default(&receptors::CONTACT_GAP));
        Some(Checkpoint {
            receptors: contact_fraction * pd_1,
            exhausted: default(&hostility::PD1_EXHAUSTED),
            contact_fraction,
            dissociation: dissociation_per_contact(default(&hostility::PD1_KD), area, gap),
            half: default(&hostility::PD1_HALF),
            factor: match costimulation {
                Costimulation::FourOneBb => default(&hostility::PD1_FACTOR_41BB),
                _ => 1.0,
            },
            killing: default(&hostility::PD1_KILLING),
            cytokine: default(&hostility::PD1_CYTOKINE),
            blocked_by: self.blocker(CheckpointTarget::Pd1, notes),
            ligand_blocked_by: self.blocker(CheckpointTarget::PdL1, notes),
        })
    }

    /// Place of the antibody against a target, and its dissociation constant.
    fn blocker(&self, target: CheckpointTarget, notes: &mut Notes) -> Option<(usize, f64)> {
        let field = self.field(antibody(target))?;
        let (k, section) =
            self.study.regimen.antibody.iter().enumerate().find(|(_, a)| a.target == target)?;
        let given = section.kd.map(|c| c.value());
        Some((field, notes.value(&format!("regimen.antibody.{k}.kd"), given, &hostility::ANTIBODY_KD)))
    }

    /// Every substance that suppresses, as the study or the catalogue has it.
    fn suppression(&self, armour: &impl Fn(Armour) -> bool, notes: &mut Notes) -> Vec<FieldSuppression> {
        if !self.on(Mechanism::SuppressiveFields) {
            return Vec::new();
        }
        let known = [TGF_BETA, IL10, ADENOSINE, KYNURENINE];
        let none = FieldSection::default();
        let mut list = Vec::new();
        for (field, name) in self.substances.iter().enumerate() {
            let section = self.study.lesion.field.get(name).unwrap_or(&none);
            if section.suppression.is_none() && !known.contains(&name.as_str()) {
                continue;
            }
            if name == TGF_BETA && armour(Armour::DominantNegativeTgfBeta) {
                continue;
            }
            let given = section.suppression.clone().unwrap_or_default();
            let path = |key: &str| format!("lesion.field.{name}.suppression.{key}");
            list.push(FieldSuppression {
                field,
                half: notes.value(&path("half"), given.half, &hostility::SUPPRESSION_HALF),
                share: Functions {
                    killing: notes.value(
                        &path("killing"),
                        given.killing.map(|f| f.value()),
                        &hostility::SUPPRESSION_KILLING,
                    ),
                    division: notes.value(
                        &path("division"),
                        given.division.map(|f| f.value()),
                        &hostility::SUPPRESSION_DIVISION,
                    ),
                    cytokine: notes.value(
                        &path("cytokine"),
                        given.cytokine.map(|f| f.value()),
                        &hostility::SUPPRESSION_CYTOKINE,
                    ),
                },
            });
        }
        list
    }

    fn synnotch(&self, section: &str, product: &ProductSection, notes: &mut Notes) -> Option<SynNotch> {
        let synnotch = product.synnotch.as_ref()?;
        let path = format!("{section}.synnotch");
        let signalling = recognition::signalling(product, section, notes);
        let reader = recognition::Reader { product, section, antigens: self.antigens, signalling };
        let ((antigen, contact), _) = reader.input(&synnotch.sensor, &format!("{path}.sensor"), notes)?;
        let induction = synnotch.induction.map(|t| t.value());
        let half_life = synnotch.half_life.map(|t| t.value());
        Some(SynNotch {
            antigen,
            contact,
            induction: 1.0 / notes.value(&format!("{path}.induction"), induction, &fate::SYNNOTCH_INDUCTION),
            loss: std::f64::consts::LN_2
                / notes.value(&format!("{path}.half_life"), half_life, &fate::SYNNOTCH_HALF_LIFE),
        })
    }

    fn switch(&self, product: &ProductSection, notes: &mut Notes) -> Option<Switch> {
        let kind = product.safety_switch?;
        let (rate, share) = match kind {
            SafetySwitch::InducibleCaspase9 => (&fate::SWITCH_IC9_RATE, &fate::SWITCH_IC9_SHARE),
            SafetySwitch::TruncatedEgfr => (&fate::SWITCH_EGFRT_RATE, &fate::SWITCH_EGFRT_SHARE),
        };
        let mut times: Vec<f64> = Vec::new();
        for (k, drug) in self.study.regimen.switch_drug.iter().enumerate() {
            times.extend(schedule::day(drug.day, &format!("regimen.switch_drug.{k}.day"), notes));
        }
        times.sort_by(f64::total_cmp);
        Some(Switch {
            times,
            rate: notes.value(rate.name, None, rate),
            share: notes.value(share.name, None, share),
        })
    }

    fn tumour(&self, cell_type: &mut CellType, notes: &mut Notes) {
        let attacked = self.study.product.is_some();
        let checkpoint = attacked && self.on(Mechanism::Checkpoint);
        let lesion = &self.study.lesion;
        let ifn = self.field(IFN_GAMMA);
        if attacked && self.on(Mechanism::AntigenModulation) {
            cell_type.defence.modulation = Some(self.modulation(notes));
        }
        if checkpoint {
            let given = lesion.checkpoint.pd_l1.map(|d| d.value());
            let resting = notes.value("lesion.checkpoint.pd_l1", given, &hostility::PDL1);
            let induces = self.on(Mechanism::PdL1Induction);
            let given = lesion.checkpoint.pd_l1_induced.map(|d| d.value());
            let induced = notes.value("lesion.checkpoint.pd_l1_induced", given, &hostility::PDL1_INDUCED);
            if induced < resting {
                notes.wrong(
                    "lesion.checkpoint.pd_l1_induced",
                    format!("IFN-γ would lower PD-L1 from {resting} to {induced} /cell"),
                    "make it at least `pd_l1`",
                );
            }
            let mut default = |p: &'static Parameter| notes.value(p.name, None, p);
            cell_type.defence.pd_l1 = Some(PdL1 {
                resting,
                induced,
                ifn_gamma: ifn.filter(|_| induces).map(|f| (f, default(&hostility::PDL1_HALF))),
                rate: 1.0 / default(&hostility::PDL1_TIME),
            });
        }
        if !self.on(Mechanism::AntigenLoss) {
            cell_type.inheritance.iter_mut().for_each(|x| x.loss = 0.0);
        } else if let (Some(hla), Some(section)) =
            (self.antigens.iter().position(|a| a == "HLA"), &lesion.hla)
        {
            let loss = section.loss_per_division.map_or(0.0, |f| f.value());
            cell_type.inheritance[hla].loss =
                notes.share("lesion.hla.loss_per_division", loss, "Probability that a daughter loses HLA");
        }
        if let Some(ifn) = ifn {
            let mut default = |p: &'static Parameter| notes.value(p.name, None, p);
            if self.on(Mechanism::Bystander) {
                cell_type.defence.ifn_gamma_death =
                    Some((ifn, default(&hostility::PDL1_HALF), default(&hostility::IFN_DEATH)));
            }
            let uptake = default(&hostility::IFN_UPTAKE);
            cell_type.exchange.push(toward_one(ifn, 0.0, uptake));
        }
        self.secretion(cell_type, notes);
        cell_type.infection = self.infection(notes);
    }

    fn modulation(&self, notes: &mut Notes) -> Modulation {
        let lesion = &self.study.lesion;
        let (loss, recovery) = (lesion.antigen_modulation, lesion.antigen_recovery);
        Modulation {
            loss: notes.value("lesion.antigen_modulation", loss.map(|r| r.value()), &hostility::MODULATION),
            recovery: notes.value(
                "lesion.antigen_recovery",
                recovery.map(|r| r.value()),
                &hostility::MODULATION_RECOVERY,
            ),
        }
    }

    /// Suppressive substances that tumour cells make.
    fn secretion(&self, cell_type: &mut CellType, notes: &mut Notes) {
        let section = &self.study.lesion.tumour_secretion;
        let list = [
            (TGF_BETA, "tgf_beta", section.tgf_beta),
            (ADENOSINE, "adenosine", section.adenosine),
            (KYNURENINE, "ido", section.ido),
        ];
        for (name, key, rate) in list {
            let (Some(field), Some(rate)) = (self.field(name), rate) else { continue };
            let path = format!("lesion.tumour_secretion.{key}");
            let rate = notes.given(&path, rate.value(), "/min", "Secretion in the cell's volume, toward 1");
            let scaled_by = (name == KYNURENINE)
                .then(|| self.field(IFN_GAMMA))
                .flatten()
                .map(|f| (f, notes.value(hostility::PDL1_HALF.name, None, &hostility::PDL1_HALF)));
            cell_type.exchange.push(Exchange { scaled_by, ..toward_one(field, rate, 0.0) });
        }
    }

    fn infection(&self, notes: &mut Notes) -> Option<Infection> {
        let field = self.field(VIRUS)?;
        let given = &self.study.regimen.oncolytic_virus;
        if given.len() > MOST_INJECTIONS {
            notes.wrong(
                "regimen.oncolytic_virus",
                format!("{} injections", given.len()),
                format!("give at most {MOST_INJECTIONS}"),
            );
        }
        let mut injections = [None; MOST_INJECTIONS];
        for (k, (slot, section)) in injections.iter_mut().zip(given).enumerate() {
            let path = format!("regimen.oncolytic_virus.{k}.day");
            *slot = schedule::day(section.day, &path, notes).map(|time| (time, section.infected));
        }
        let mut default = |p: &'static Parameter| notes.value(p.name, None, p);
        Some(Infection {
            field,
            rate: default(&hostility::VIRUS_INFECTION),
            eclipse: default(&hostility::VIRUS_ECLIPSE),
            release: default(&hostility::VIRUS_RELEASE),
            lysis: 1.0 / default(&hostility::VIRUS_LYSIS),
            injections,
        })
    }

    fn normal(&self, cell_type: &mut CellType, notes: &mut Notes) {
        if self.study.product.is_some() && self.on(Mechanism::AntigenModulation) {
            cell_type.defence.modulation = Some(self.modulation(notes));
        }
        let turnover = self.study.lesion.normal_tissue.as_ref().and_then(|n| n.turnover);
        if let Some(turnover) = turnover.filter(|_| cell_type.name == "normal") {
            let path = "lesion.normal_tissue.turnover";
            let rate = 1.0 / notes.value(path, Some(turnover.value()), &hostility::NORMAL_TURNOVER);
            cell_type.renewal = Some((rate, 0));
            cell_type.death.apoptosis_rate = rate;
        }
    }

    fn regulatory(&self, cell_type: &mut CellType, notes: &mut Notes) {
        cell_type.is_depleted = true;
        let mut default = |p: &'static Parameter| notes.value(p.name, None, p);
        if self.on(Mechanism::RegulatoryTCells) {
            let ctla4 = default(&hostility::REGULATORY_CTLA4);
            cell_type.suppressor = Some(ContactSuppression {
                strength: default(&hostility::REGULATORY_STRENGTH),
                on_killing: default(&hostility::CONTACT_ON_KILLING),
                reach: default(&hostility::CONTACT_REACH),
                relieved: self.blocker(CheckpointTarget::Ctla4, notes).map(|(field, kd)| (ctla4, field, kd)),
            });
        }
        if let Some(il2) = self.field(IL2).filter(|_| self.on(Mechanism::RegulatoryTCells)) {
            let uptake =
                notes.value(hostility::IL2_UPTAKE_REGULATORY.name, None, &hostility::IL2_UPTAKE_REGULATORY);
            cell_type.exchange.push(toward_one(il2, 0.0, uptake));
        }
        self.secretes(cell_type, TGF_BETA, &hostility::TGF_SECRETION, notes);
    }

    fn myeloid(&self, cell_type: &mut CellType, notes: &mut Notes) {
        let mut default = |p: &'static Parameter| notes.value(p.name, None, p);
        cell_type.suppressor = self.on(Mechanism::MyeloidSuppression).then(|| ContactSuppression {
            strength: default(&hostility::MYELOID_STRENGTH),
            on_killing: default(&hostility::CONTACT_ON_KILLING),
            reach: default(&hostility::CONTACT_REACH),
            relieved: None,
        });
        self.secretes(cell_type, IL10, &hostility::MYELOID_SECRETION, notes);
    }

    fn fibroblast(&self, cell_type: &mut CellType, notes: &mut Notes) {
        if self.on(Mechanism::Matrix) {
            cell_type.matrix_deposition =
                notes.value(hostility::MATRIX_DEPOSITION.name, None, &hostility::MATRIX_DEPOSITION);
        }
        self.secretes(cell_type, TGF_BETA, &hostility::TGF_SECRETION, notes);
    }

    fn secretes(
        &self,
        cell_type: &mut CellType,
        name: &str,
        parameter: &'static Parameter,
        notes: &mut Notes,
    ) {
        if let Some(field) = self.field(name) {
            let rate = notes.value(parameter.name, None, parameter);
            cell_type.exchange.push(toward_one(field, rate, 0.0));
        }
    }
}

/// Secretion toward 1 and uptake, whatever the synapse.
fn toward_one(substance: usize, secretion: f64, uptake: f64) -> Exchange {
    Exchange {
        substance,
        uptake,
        secretion,
        target: 1.0,
        export: 0.0,
        on_signal: false,
        cd4: 1.0,
        scaled_by: None,
    }
}

/// Cumulated shares of the specificities of a TIL product; cells beyond the last read what the last reads.
fn specificities(product: Option<&ProductSection>) -> Vec<f64> {
    let Some(product) = product.filter(|p| p.kind == ProductKind::Til) else { return Vec::new() };
    let mut sum = 0.0;
    let mut shares: Vec<f64> = product
        .specificity
        .values()
        .map(|share| {
            sum += share.value();
            sum
        })
        .collect();
    if let Some(last) = shares.last_mut() {
        *last = 1.0;
    }
    shares
}

/// The substances that the biology needs beside oxygen and chemokine, in a fixed order.
pub(super) fn substances(study: &StudyFile) -> Vec<&'static str> {
    let on = |m: Mechanism| study.mechanisms.is_on(m);
    let lesion = &study.lesion;
    let fight = study.product.is_some();
    let suppressive = fight && on(Mechanism::SuppressiveFields);
    let ido = lesion.tumour_secretion.ido.is_some() && suppressive;
    let induced = on(Mechanism::Checkpoint) && on(Mechanism::PdL1Induction);
    let tgf = lesion.regulatory_t_cells.is_some()
        || lesion.fibroblasts.is_some()
        || lesion.tumour_secretion.tgf_beta.is_some();
    let given = |t: CheckpointTarget| study.regimen.antibody.iter().any(|a| a.target == t);
    [
        (IL2, fight && on(Mechanism::Il2)),
        (IFN_GAMMA, fight && (induced || on(Mechanism::Bystander) || ido || study.patient.is_some())),
        (TGF_BETA, suppressive && tgf),
        (IL10, suppressive && lesion.myeloid_cells.is_some()),
        (ADENOSINE, suppressive && lesion.tumour_secretion.adenosine.is_some()),
        (KYNURENINE, ido),
        (antibody(CheckpointTarget::Pd1), given(CheckpointTarget::Pd1)),
        (antibody(CheckpointTarget::PdL1), given(CheckpointTarget::PdL1)),
        (antibody(CheckpointTarget::Ctla4), given(CheckpointTarget::Ctla4)),
        (VIRUS, !study.regimen.oncolytic_virus.is_empty()),
    ]
    .into_iter()
    .filter_map(|(name, needed)| needed.then_some(name))
    .collect()
}

/// The chemokine's place; kept here because radiotherapy and vessels ask for it too.
pub(super) fn chemokine(substances: &[String]) -> Option<usize> {
    substances.iter().position(|s| s == CHEMOKINE)
}
