//! What is given when.
//!
//! A [`Regimen`] is what a protocol says; [`Regimen::timeline`] is what it means for one body: amounts in cells, mg and
//! so on, in order of time. What falls on one moment happens in the order of [`Act`]: space is made before drugs, drugs
//! before cells, and a switch is thrown last.

use perforin_core::quantity::Dose;

/// A patient's body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Body {
    /// Weight, kg.
    pub weight: f64,
    /// Height, cm.
    pub height: f64,
}

impl Body {
    /// Body surface, m² (Mosteller 1987, doi 10.1056/NEJM198710223171717).
    pub fn surface(&self) -> f64 {
        (self.weight * self.height / 3600.0).sqrt()
    }
}

/// Where the product is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// Into a vein.
    #[default]
    Intravenous,
    /// Into the artery of an organ: a part of the cells stays in its lesions at the first passage.
    IntraArterial,
    /// Into the pleural cavity.
    Intrapleural,
    /// Into the peritoneal cavity.
    Intraperitoneal,
    /// Into the ventricles of the brain.
    Intraventricular,
    /// Into the lesions.
    Intratumoural,
}

/// Something done to the patient, in the order in which it happens when several fall on one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Act {
    /// Lymphodepletion; the product that is there is depleted alike.
    Lymphodepletion,
    /// Radiotherapy of all lesions, of which this part of the cells survives.
    Radiotherapy {
        /// Surviving part, 0 to 1.
        surviving: f64,
    },
    /// Dexamethasone, mg.
    Steroid {
        /// mg.
        amount: f64,
    },
    /// Tocilizumab, mg.
    Tocilizumab {
        /// mg.
        amount: f64,
    },
    /// Checkpoint antibody, mg.
    Antibody {
        /// mg.
        amount: f64,
    },
    /// IL-2, in units of the dose that doubles the effect of cytokines.
    Il2 {
        /// Units.
        amount: f64,
    },
    /// Adapter, nM in blood.
    Adapter {
        /// nM.
        amount: f64,
    },
    /// Product.
    Infusion {
        /// CAR-positive cells.
        cells: f64,
        /// Where.
        route: Route,
        /// Number of the infusion, from 0; later parts of a split may be withheld.
        part: u32,
    },
    /// A safety switch.
    Switch {
        /// Part of the product that it kills, 0 to 1.
        efficiency: f64,
    },
}

impl Act {
    fn rank(&self) -> u8 {
        match self {
            Self::Lymphodepletion => 0,
            Self::Radiotherapy { .. } => 1,
            Self::Steroid { .. } => 2,
            Self::Tocilizumab { .. } => 3,
            Self::Antibody { .. } => 4,
            Self::Il2 { .. } => 5,
            Self::Adapter { .. } => 6,
            Self::Infusion { .. } => 7,
            Self::Switch { .. } => 8,
        }
    }
}

/// An act on a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scheduled {
    /// Day; the first infusion is usually on day 0.
    pub day: f64,
    /// What is done.
    pub act: Act,
}

/// An infusion, possibly split.
#[derive(Clone, Debug, PartialEq)]
pub struct Infusion {
    /// Day of the first part.
    pub day: f64,
    /// Whole dose.
    pub dose: Dose,
    /// Route.
    pub route: Route,
    /// Parts of the dose and their days after the first; `[(1, 0)]` is a single infusion.
    pub split: Vec<(f64, f64)>,
}

impl Infusion {
    /// A single infusion.
    pub fn single(day: f64, dose: Dose, route: Route) -> Self {
        Self { day, dose, route, split: vec![(1.0, 0.0)] }
    }
}

/// Radiotherapy by the linear-quadratic model: of the cells, `exp(−n(αd + βd²))` survive (Fowler 1989, doi
/// 10.1259/0007-1285-62-740-679).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Radiotherapy {
    /// Day of the first fraction; one a day.
    pub day: f64,
    /// Fractions.
    pub fractions: u32,
    /// Dose of a fraction, Gy.
    pub dose: f64,
    /// Linear sensitivity, /Gy.
    pub alpha: f64,
    /// Quadratic sensitivity, /Gy².
    pub beta: f64,
}

impl Radiotherapy {
    /// Part of the cells that survives one fraction.
    pub fn surviving(&self) -> f64 {
        libm::exp(-(self.alpha * self.dose + self.beta * self.dose * self.dose))
    }
}

/// The same act on several days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Repeated {
    /// First day.
    pub day: f64,
    /// Days between.
    pub every: f64,
    /// How often.
    pub times: u32,
    /// What is done.
    pub act: Act,
}

/// Dexamethasone that a rule gives, mg.
pub const RESCUE_STEROID: f64 = 10.0;

/// What is done when something happens.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rules {
    /// Withhold what is left of the product once cytokine release has reached this grade.
    pub stop_infusions_at: Option<u8>,
    /// Give tocilizumab, 8 mg/kg up to 800 mg, when cytokine release first reaches this grade.
    pub tocilizumab_at: Option<u8>,
    /// Give dexamethasone, 10 mg, when cytokine release first reaches this grade.
    pub steroid_at: Option<u8>,
}

/// What a protocol says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Regimen {
    /// Days of lymphodepletion; its effect is that of the whole course, on its last day.
    pub lymphodepletion: Option<f64>,
    /// Infusions of the product.
    pub infusions: Vec<Infusion>,
    /// Radiotherapy.
    pub radiotherapy: Vec<Radiotherapy>,
    /// Everything else.
    pub repeated: Vec<Repeated>,
    /// Conditional acts.
    pub rules: Rules,
}

/// What a regimen cannot be.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RegimenError {
    /// A number outside of its range.
    #[error("{what} is {value}, but must be {accepted}")]
    Value {
        /// Which.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What is accepted.
        accepted: &'static str,
    },
}

fn check(
    what: &'static str,
    value: f64,
    accepted: &'static str,
    holds: impl Fn(f64) -> bool,
) -> Result<f64, RegimenError> {
    if value.is_finite() && holds(value) {
        Ok(value)
    } else {
        Err(RegimenError::Value { what, value, accepted })
    }
}

/// Cells of a dose above which nobody has been treated; a slip of the unit, most likely.
const MOST_CELLS: f64 = 1e13;

impl Regimen {
    /// What it means for a body and a product of which the part `positive` carries the receptor.
    ///
    /// # Errors
    /// If a number is outside of its range, with its name.
    pub fn timeline(&self, body: &Body, positive: f64) -> Result<Vec<Scheduled>, RegimenError> {
        check("body weight", body.weight, "1 to 500 kg", |w| (1.0..=500.0).contains(&w))?;
        check("body height", body.height, "30 to 250 cm", |h| (30.0..=250.0).contains(&h))?;
        check("the CAR-positive part", positive, "above 0 and at most 1", |p| p > 0.0 && p <= 1.0)?;
        let mut acts = Vec::new();
        if let Some(day) = self.lymphodepletion {
            acts.push(Scheduled { day, act: Act::Lymphodepletion });
        }
        let mut part = 0;
        for infusion in &self.infusions {
            let whole = infusion.dose.car_positive_cells(body.weight, body.surface(), positive);
            check("a dose", whole, "0 to 1e13 CAR-positive cells", |d| (0.0..=MOST_CELLS).contains(&d))?;
            let sum: f64 = infusion.split.iter().map(|(share, _)| share).sum();
            check("the sum of a split dose's parts", sum, "1", |s| (s - 1.0).abs() < 1e-9)?;
            for (share, after) in &infusion.split {
                check("a part of a split dose", *share, "0 to 1", |s| (0.0..=1.0).contains(&s))?;
                let act = Act::Infusion { cells: whole * share, route: infusion.route, part };
                acts.push(Scheduled { day: infusion.day + after, act });
                part += 1;
            }
        }
        for radiotherapy in &self.radiotherapy {
            let surviving = radiotherapy.surviving();
            check("the part that survives a fraction", surviving, "0 to 1", |s| (0.0..=1.0).contains(&s))?;
            for fraction in 0..radiotherapy.fractions {
                let day = radiotherapy.day + f64::from(fraction);
                acts.push(Scheduled { day, act: Act::Radiotherapy { surviving } });
            }
        }
        for repeated in &self.repeated {
            if repeated.times > 1 {
                check("the interval of a repeated act", repeated.every, "above 0 d", |d| d > 0.0)?;
            }
            for i in 0..repeated.times {
                let day = repeated.day + f64::from(i) * repeated.every;
                acts.push(Scheduled { day, act: check_act(repeated.act)? });
            }
        }
        for scheduled in &acts {
            check("a day", scheduled.day, "within 100 years", |d| d.abs() <= 36_525.0)?;
        }
        acts.sort_by(|a, b| a.day.total_cmp(&b.day).then(a.act.rank().cmp(&b.act.rank())));
        Ok(acts)
    }
}

fn check_act(act: Act) -> Result<Act, RegimenError> {
    let amount = |what, value| check(what, value, "0 or more", |v| v >= 0.0);
    let part = |what, value| check(what, value, "0 to 1", |v| (0.0..=1.0).contains(&v));
    match act {
        Act::Steroid { amount: mg } => amount("a dose of dexamethasone", mg)?,
        Act::Tocilizumab { amount: mg } => amount("a dose of tocilizumab", mg)?,
        Act::Antibody { amount: mg } => amount("a dose of an antibody", mg)?,
        Act::Il2 { amount: units } => amount("a dose of IL-2", units)?,
        Act::Adapter { amount: nm } => amount("a dose of an adapter", nm)?,
        Act::Infusion { cells, .. } => amount("a dose", cells)?,
        Act::Switch { efficiency } => part("the efficiency of a switch", efficiency)?,
        Act::Radiotherapy { surviving } => part("the part that survives radiation", surviving)?,
        Act::Lymphodepletion => 0.0,
    };
    Ok(act)
}
