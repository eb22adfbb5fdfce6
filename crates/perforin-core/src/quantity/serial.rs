//! Quantities in files: text with a unit, never a bare number.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::dimension::Dimension;
use super::error::unit_list;
use super::{Dose, FieldValue, Quantity, QuantityError};

impl<D: Dimension> Serialize for Quantity<D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Dose {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for FieldValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, D: Dimension> Deserialize<'de> for Quantity<D> {
    fn deserialize<De: Deserializer<'de>>(deserializer: De) -> Result<Self, De::Error> {
        let expected = format!("{} in {} as text, like \"{}\"", D::NAME, unit_list::<D>(), D::EXAMPLE);
        let on_number = |number: &str| QuantityError::no_unit::<D>(number).to_string();
        deserializer.deserialize_any(Text { expected, on_number, read: PhantomData })
    }
}

impl<'de> Deserialize<'de> for Dose {
    fn deserialize<De: Deserializer<'de>>(deserializer: De) -> Result<Self, De::Error> {
        let expected = "a dose with what is counted, like \"2.5e8 CAR+ cells\"".to_owned();
        let on_number = |number: &str| match Dose::from_str(number) {
            Err(error) => error.to_string(),
            Ok(dose) => dose.to_string(),
        };
        deserializer.deserialize_any(Text { expected, on_number, read: PhantomData })
    }
}

impl<'de> Deserialize<'de> for FieldValue {
    fn deserialize<De: Deserializer<'de>>(deserializer: De) -> Result<Self, De::Error> {
        let expected = "a number with its unit as text, like \"38 mmHg\"".to_owned();
        let on_number = |number: &str| format!("`{number}` has no unit; write it as text, like \"38 mmHg\"");
        deserializer.deserialize_any(Text { expected, on_number, read: PhantomData })
    }
}

/// Reads a value from text, and answers a bare number with what is missing.
struct Text<T, F> {
    expected: String,
    on_number: F,
    read: PhantomData<T>,
}

impl<T, F> Visitor<'_> for Text<T, F>
where
    T: FromStr<Err: fmt::Display>,
    F: Fn(&str) -> String,
{
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.expected)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        Err(E::custom((self.on_number)(&number.to_string())))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        Err(E::custom((self.on_number)(&number.to_string())))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<T, E> {
        Err(E::custom((self.on_number)(&number.to_string())))
    }
}
