//! How much of the front of coverage against the worst vital tissue a study asks for.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Serialize};

use crate::quantity::Fraction;

/// The part of the front that is searched.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum FrontSection {
    /// All of it.
    Full(FullWord),
    /// The best gate at each of these limits on the share of the worst vital tissue; none of them for no front.
    Limits(Vec<Fraction>),
    /// All of it up to a limit.
    UpTo(UpToSection),
}

/// All of the front.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FullWord {
    /// Every corner.
    Full,
}

/// All of the front up to a limit.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpToSection {
    /// Largest share of the worst vital tissue that is of interest.
    pub up_to: Fraction,
}

/// Chosen by the form of the value, so that what is wrong within it is said about it.
impl<'de> Deserialize<'de> for FrontSection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ByForm)
    }
}

struct ByForm;

impl<'de> Visitor<'de> for ByForm {
    type Value = FrontSection;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#"limits like ["1 %", "5 %"], "full", or { up_to = "20 %" }"#)
    }

    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<FrontSection, E> {
        match word {
            "full" => Ok(FrontSection::Full(FullWord::Full)),
            _ => Err(E::invalid_value(Unexpected::Str(word), &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, limits: A) -> Result<FrontSection, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(limits)).map(FrontSection::Limits)
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<FrontSection, A::Error> {
        UpToSection::deserialize(MapAccessDeserializer::new(table)).map(FrontSection::UpTo)
    }
}
