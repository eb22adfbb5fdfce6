//! Grades of the consensus of the ASTCT (Lee 2019, doi 10.1016/j.bbmt.2018.12.758).

/// Blood pressure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hypotension {
    /// None.
    #[default]
    None,
    /// Without need of a vasopressor.
    NoVasopressor,
    /// With one vasopressor, with or without vasopressin.
    OneVasopressor,
    /// With several vasopressors, vasopressin aside.
    SeveralVasopressors,
}

/// Oxygen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hypoxia {
    /// None.
    #[default]
    None,
    /// Low-flow nasal cannula (at most 6 L/min) or blow-by.
    LowFlow,
    /// High-flow nasal cannula, face mask, non-rebreather or Venturi mask.
    HighFlow,
    /// Positive pressure.
    PositivePressure,
}

/// Signs of cytokine release.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Signs {
    /// Temperature, °C.
    pub temperature: f64,
    /// Whether fever no longer counts, because tocilizumab or steroids have been given since it began.
    pub fever_treated: bool,
    /// Blood pressure.
    pub hypotension: Hypotension,
    /// Oxygen.
    pub hypoxia: Hypoxia,
}

/// Grade of the cytokine release syndrome, 0 (none) to 4: fever of 38 °C, then the worse of hypotension and hypoxia.
pub fn cytokine_release(signs: Signs) -> u8 {
    if signs.temperature < 38.0 && !signs.fever_treated {
        return 0;
    }
    let worse = (signs.hypotension as u8).max(signs.hypoxia as u8);
    1 + worse
}

/// Consciousness.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Consciousness {
    /// Awakens spontaneously, or awake.
    #[default]
    Spontaneous,
    /// Awakens to voice.
    ToVoice,
    /// Awakens only to touch.
    ToTouch,
    /// Hardly or not to be woken; stupor, coma.
    Unarousable,
}

/// Seizures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seizure {
    /// None.
    #[default]
    None,
    /// One that ends quickly, or one on EEG that ends with treatment.
    Brief,
    /// Longer than five minutes, or repeated without return to baseline.
    Prolonged,
}

/// Oedema of the brain, on imaging.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Oedema {
    /// None.
    #[default]
    None,
    /// Focal.
    Focal,
    /// Diffuse, or with signs of raised pressure.
    Diffuse,
}

/// Signs of neurotoxicity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeuroSigns {
    /// ICE score, 0 to 10.
    pub ice: u8,
    /// Consciousness.
    pub consciousness: Consciousness,
    /// Seizures.
    pub seizure: Seizure,
    /// Whether there is deep focal weakness (hemiparesis, paraparesis).
    pub motor: bool,
    /// Oedema of the brain.
    pub oedema: Oedema,
}

/// Grade of the neurotoxicity syndrome (ICANS) of an adult, 0 to 4: the worst of its signs.
pub fn neurotoxicity(signs: NeuroSigns) -> u8 {
    // An ICE score of 0 is grade 3 in a patient who can be woken, and grade 4 in one who cannot.
    let ice = match signs.ice {
        0..=2 => 3,
        3..=6 => 2,
        7..=9 => 1,
        _ => 0,
    };
    let consciousness = match signs.consciousness {
        Consciousness::Spontaneous => 0,
        Consciousness::ToVoice => 2,
        Consciousness::ToTouch => 3,
        Consciousness::Unarousable => 4,
    };
    let seizure = [0, 3, 4][signs.seizure as usize];
    let oedema = [0, 3, 4][signs.oedema as usize];
    let motor = if signs.motor { 4 } else { 0 };
    ice.max(consciousness).max(seizure).max(oedema).max(motor)
}
