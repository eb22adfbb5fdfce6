//! Volume of a type, and how fast it changes.

use perforin_core::catalogue::{Parameter, t_cell, tumour};
use perforin_core::quantity::Rate;
use perforin_core::study::cell::PartRatesSection;

use super::super::Notes;
use super::Reader;
use crate::model::{VolumeModel, VolumeRates};

/// Default rates of fluid, nucleus and cytoplasm.
type Defaults = [&'static Parameter; 3];

const LIVE: Defaults = [&tumour::FLUID_RATE, &tumour::NUCLEUS_RATE, &tumour::CYTOPLASM_RATE];
const APOPTOTIC: Defaults =
    [&tumour::APOPTOSIS_FLUID_RATE, &tumour::APOPTOSIS_NUCLEUS_RATE, &tumour::APOPTOSIS_CYTOPLASM_RATE];
const SWELLING: Defaults =
    [&tumour::NECROSIS_SWELLING_RATE, &tumour::NECROSIS_NUCLEUS_RATE, &tumour::NECROSIS_CYTOPLASM_RATE];
const LYSED: Defaults =
    [&tumour::NECROSIS_SHRINKING_RATE, &tumour::NECROSIS_NUCLEUS_RATE, &tumour::NECROSIS_CYTOPLASM_RATE];

impl Reader<'_> {
    pub(super) fn volume(&self, notes: &mut Notes) -> VolumeModel {
        let given = self.section.volume.map(|v| v.value());
        let total = self.value(notes, "volume", given, &tumour::VOLUME, &t_cell::VOLUME);
        let mut default = |parameter: &'static Parameter| notes.value(parameter.name, None, parameter);
        let fluid_fraction = default(&tumour::FLUID_FRACTION);
        // Other sizes keep the tumour cell's proportions.
        let nucleus =
            total * default(&tumour::NUCLEAR_VOLUME) / tumour::VOLUME.value * (1.0 - fluid_fraction);
        let rates = &self.section.volume_rates;
        VolumeModel {
            total,
            nucleus,
            cytoplasm: total * (1.0 - fluid_fraction) - nucleus,
            fluid_fraction,
            live: self.rates("live", rates.live.as_ref(), LIVE, notes),
            apoptotic: self.rates("apoptotic", rates.apoptotic.as_ref(), APOPTOTIC, notes),
            swelling: self.rates("swelling", rates.swelling.as_ref(), SWELLING, notes),
            lysed: self.rates("lysed", rates.lysed.as_ref(), LYSED, notes),
            rupture: notes.value(tumour::NECROSIS_BURST.name, None, &tumour::NECROSIS_BURST),
        }
    }

    /// The study's rates of one condition, or the defaults.
    fn rates(
        &self,
        condition: &str,
        given: Option<&PartRatesSection>,
        [fluid, nucleus, cytoplasm]: Defaults,
        notes: &mut Notes,
    ) -> VolumeRates {
        let none = PartRatesSection::default();
        let given = given.unwrap_or(&none);
        let mut part = |part: &str, rate: Option<Rate>, parameter: &'static Parameter| match rate {
            Some(rate) => {
                let path = self.path(&format!("volume_rates.{condition}.{part}"));
                notes.value(&path, Some(rate.value()), parameter)
            }
            None => notes.value(parameter.name, None, parameter),
        };
        VolumeRates {
            fluid: part("fluid", given.fluid, fluid),
            nucleus: part("nucleus", given.nucleus, nucleus),
            cytoplasm: part("cytoplasm", given.cytoplasm, cytoplasm),
        }
    }
}
