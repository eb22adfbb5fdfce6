//! The dimensions, each with one table of its units.

use super::number::Decimal;

/// A unit: how it may be written and what it is worth, `times`/`over` · 10^`exponent` internal units.
#[derive(Clone, Copy, Debug)]
pub struct Unit {
    /// Spellings without spaces, the usual one first, with `µ` and superscripts.
    pub names: &'static [&'static str],
    /// Power of ten.
    pub exponent: i32,
    /// Factor.
    pub times: f64,
    /// Divisor (kept apart because 1/60 is not a binary number).
    pub over: f64,
}

const fn unit(names: &'static [&'static str]) -> Unit {
    Unit { names, exponent: 0, times: 1.0, over: 1.0 }
}

impl Unit {
    const fn ten(self, exponent: i32) -> Self {
        Self { exponent, ..self }
    }

    const fn times(self, times: f64) -> Self {
        Self { times, ..self }
    }

    const fn over(self, over: f64) -> Self {
        Self { over, ..self }
    }

    pub(super) fn to_internal(self, number: &Decimal<'_>) -> f64 {
        number.times_ten_to(self.exponent) * self.times / self.over
    }
}

/// What a quantity measures.
pub trait Dimension: Copy + 'static {
    /// The dimension with its article, for messages: "a length".
    const NAME: &'static str;
    /// The name of its JSON schema.
    const SCHEMA: &'static str;
    /// The internal unit.
    const UNIT: &'static str;
    /// The units in which it may be written. The first is the one in which it is printed, worth a power of ten.
    const UNITS: &'static [Unit];
    /// How it is written, as an example.
    const EXAMPLE: &'static str;
    /// Lowest and highest value, in the internal unit.
    const RANGE: (f64, f64) = (0.0, f64::INFINITY);
    /// The range in words.
    const ACCEPTED: &'static str = "it cannot be negative";
}

/// The unit of dimension `D` that is written `text`, if there is one.
pub(super) fn find<D: Dimension>(text: &str) -> Option<&'static Unit> {
    let text = normalise(text);
    D::UNITS.iter().find(|unit| unit.names.iter().any(|name| *name == text || name.replace('µ', "u") == text))
}

/// One spelling for what keyboards write differently: no spaces, `µ` for `μ`, superscripts for `^2` and `^3`.
pub(super) fn normalise(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    text.replace('μ', "µ").replace("^2", "²").replace("^3", "³")
}

macro_rules! dimension {
    ($(#[$doc:meta])* $name:ident, $article:literal, $unit:literal, $example:literal, [$($units:expr),+ $(,)?]
     $(, $lowest:expr, $highest:expr, $accepted:literal)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
        pub enum $name {}

        impl Dimension for $name {
            const NAME: &'static str = $article;
            const SCHEMA: &'static str = stringify!($name);
            const UNIT: &'static str = $unit;
            const UNITS: &'static [Unit] = &[$($units),+];
            const EXAMPLE: &'static str = $example;
            $(
                const RANGE: (f64, f64) = ($lowest, $highest);
                const ACCEPTED: &'static str = $accepted;
            )?
        }
    };
}

dimension!(
    /// Length, in µm.
    Length, "a length", "µm", "0.8 mm",
    [unit(&["µm"]), unit(&["nm"]).ten(-3), unit(&["mm"]).ten(3), unit(&["cm"]).ten(4)]
);

dimension!(
    /// Time, in min; negative before the reference point.
    Time, "a time", "min", "30 d",
    [
        unit(&["min"]),
        unit(&["s"]).over(60.0),
        unit(&["h", "hour", "hours"]).times(60.0),
        unit(&["d", "day", "days"]).times(1440.0),
        unit(&["wk", "week", "weeks"]).times(10_080.0),
    ],
    f64::NEG_INFINITY, f64::INFINITY, "any finite time"
);

dimension!(
    /// Speed, in µm/min.
    Speed, "a speed", "µm/min", "5 µm/min",
    [
        unit(&["µm/min"]),
        unit(&["µm/s"]).times(60.0),
        unit(&["µm/h"]).over(60.0),
        unit(&["mm/d"]).ten(3).over(1440.0),
    ]
);

dimension!(
    /// Rate, in /min.
    Rate, "a rate", "/min", "0.06 /min",
    [
        unit(&["/min", "1/min"]),
        unit(&["/s", "1/s"]).times(60.0),
        unit(&["/h", "1/h"]).over(60.0),
        unit(&["/d", "1/d", "/day"]).over(1440.0),
    ]
);

dimension!(
    /// Diffusion coefficient, in µm²/min.
    DiffusionCoefficient, "a diffusion coefficient", "µm²/min", "1e5 µm²/min",
    [
        unit(&["µm²/min"]),
        unit(&["µm²/s"]).times(60.0),
        unit(&["mm²/d"]).ten(6).over(1440.0),
        unit(&["cm²/s"]).ten(8).times(60.0),
        unit(&["m²/s"]).ten(12).times(60.0),
    ]
);

dimension!(
    /// Volume, in µm³.
    Volume, "a volume", "µm³", "2494 µm³",
    [
        unit(&["µm³"]),
        unit(&["fL", "fl"]),
        unit(&["pL", "pl"]).ten(3),
        unit(&["nL", "nl"]).ten(6),
        unit(&["mm³", "µL", "µl"]).ten(9),
        unit(&["mL", "ml", "cm³"]).ten(12),
    ]
);

dimension!(
    /// Fraction, between 0 and 1.
    Fraction, "a fraction", "1", "10 %", [unit(&["%"]).ten(-2)],
    0.0, 1.0, "a fraction lies between 0 % and 100 %"
);

dimension!(
    /// Molecules per cell.
    SurfaceDensity, "a surface density", "/cell", "60000 /cell",
    [unit(&["/cell", "molecules/cell", "1/cell"])]
);

dimension!(
    /// Amount concentration, in M.
    Concentration, "a concentration", "M", "5 nM",
    [
        unit(&["M", "mol/L"]),
        unit(&["mM"]).ten(-3),
        unit(&["µM"]).ten(-6),
        unit(&["nM"]).ten(-9),
        unit(&["pM"]).ten(-12),
    ]
);

dimension!(
    /// Association rate constant, in /M/s.
    AssociationRate, "an association rate", "/M/s", "1e5 /M/s",
    [
        unit(&["/M/s", "1/M/s", "/(M·s)", "1/(M·s)", "/(Ms)", "M⁻¹s⁻¹", "M^-1s^-1"]),
        unit(&["/µM/s"]).ten(6),
        unit(&["/nM/s"]).ten(9),
    ]
);

dimension!(
    /// Partial pressure of oxygen, in mmHg. 1 kPa = 7.500617 mmHg (the conventional millimetre of mercury is
    /// 133.322387415 Pa).
    OxygenPressure, "an oxygen pressure", "mmHg", "38 mmHg",
    [unit(&["mmHg"]), unit(&["kPa"]).times(1000.0).over(133.322_387_415)]
);

dimension!(
    /// Mass concentration, in pg/mL.
    MassConcentration, "a mass concentration", "pg/mL", "100 pg/mL",
    [
        unit(&["pg/mL", "pg/ml", "ng/L"]),
        unit(&["ng/mL", "ng/ml", "µg/L"]).ten(3),
        unit(&["µg/mL", "µg/ml", "mg/L"]).ten(6),
    ]
);

dimension!(
    /// Absorbed dose of radiation, in Gy.
    AbsorbedDose, "an absorbed dose", "Gy", "2 Gy",
    [unit(&["Gy"]), unit(&["cGy"]).ten(-2), unit(&["mGy"]).ten(-3)]
);

dimension!(
    /// Body weight, in kg.
    BodyMass, "a body weight", "kg", "70 kg", [unit(&["kg"]), unit(&["lb"]).times(0.453_592_37)]
);

dimension!(
    /// Amount of a drug, in mg.
    DrugMass, "an amount of a drug", "mg", "200 mg", [unit(&["mg"]), unit(&["µg"]).ten(-3), unit(&["g"]).ten(3)]
);

dimension!(
    /// Age, in years.
    Age, "an age", "yr", "60 yr", [unit(&["yr", "y", "year", "years"])]
);

/// Calls a generic function for every dimension, and lists the answers.
macro_rules! for_each_dimension {
    ($function:ident($($argument:expr),+)) => {
        [
            $function::<Length>($($argument),+),
            $function::<Time>($($argument),+),
            $function::<Speed>($($argument),+),
            $function::<Rate>($($argument),+),
            $function::<DiffusionCoefficient>($($argument),+),
            $function::<Volume>($($argument),+),
            $function::<Fraction>($($argument),+),
            $function::<SurfaceDensity>($($argument),+),
            $function::<Concentration>($($argument),+),
            $function::<AssociationRate>($($argument),+),
            $function::<OxygenPressure>($($argument),+),
            $function::<MassConcentration>($($argument),+),
            $function::<AbsorbedDose>($($argument),+),
            $function::<BodyMass>($($argument),+),
            $function::<DrugMass>($($argument),+),
            $function::<Age>($($argument),+),
        ]
        .into_iter()
        .flatten()
    };
}

/// The dimensions that have the unit `text`, by their names with article.
pub(super) fn owners(text: &str) -> Vec<&'static str> {
    fn owner<D: Dimension>(text: &str) -> Option<&'static str> {
        find::<D>(text).map(|_| D::NAME)
    }
    for_each_dimension!(owner(text)).collect()
}

/// How many of the unit `to` one of the unit `from` is, if a dimension has both.
pub(super) fn ratio(from: &str, to: &str) -> Option<f64> {
    fn within<D: Dimension>(from: &str, to: &str) -> Option<f64> {
        let (from, to) = (find::<D>(from)?, find::<D>(to)?);
        let ten = libm::pow(10.0, f64::from(from.exponent - to.exponent));
        Some(ten * (from.times * to.over) / (from.over * to.times))
    }
    for_each_dimension!(within(from, to)).next()
}
