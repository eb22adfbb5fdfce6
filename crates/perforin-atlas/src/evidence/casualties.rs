//! Antigens whose products have harmed normal organs in patients, or are known to meet the antigen there.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A known or expected on-target toxicity.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Casualty {
    /// Gene symbol.
    pub gene: Cow<'static, str>,
    /// The name in clinical use.
    pub antigen: Cow<'static, str>,
    /// The organ.
    pub organ: Cow<'static, str>,
    /// What happened.
    pub finding: Cow<'static, str>,
    /// Where it is reported: a DOI, or 'assumed' where no report was read.
    pub source: Cow<'static, str>,
}

const fn entry(
    gene: &'static str,
    antigen: &'static str,
    organ: &'static str,
    finding: &'static str,
    source: &'static str,
) -> Casualty {
    Casualty {
        gene: Cow::Borrowed(gene),
        antigen: Cow::Borrowed(antigen),
        organ: Cow::Borrowed(organ),
        finding: Cow::Borrowed(finding),
        source: Cow::Borrowed(source),
    }
}

/// The table that ships with Perforin. Absence from it says nothing about safety.
pub static CASUALTIES: [Casualty; 11] = [
    entry("ERBB2", "HER2", "lung and heart", "fatal after 10¹⁰ cells (1 of 1 patient)", "10.1038/mt.2010.24"),
    entry(
        "CA9",
        "CAIX",
        "bile duct",
        "liver toxicity at the lowest total dose (2 × 10⁸ cells)",
        "10.1038/mt.2013.17",
    ),
    entry("CEACAM5", "CEA", "lung", "acute lung toxicity once cells engrafted", "10.1007/s00262-017-2034-7"),
    entry("CEACAM5", "CEA", "colon", "severe colitis with a T-cell receptor (3 of 3 patients)", "assumed"),
    entry("PSCA", "PSCA", "bladder", "cystitis with full lymphodepletion", "10.1038/s41591-024-02979-8"),
    entry("GUCY2C", "GCC", "gut", "expressed on gut epithelium", "assumed"),
    entry(
        "CLDN18",
        "CLDN18.2",
        "stomach",
        "gastrointestinal toxicity; gene counts do not tell isoform 18.2 from 18.1 of the lung",
        "assumed",
    ),
    entry("MSLN", "mesothelin", "pleura, peritoneum, pericardium", "expressed on mesothelium", "assumed"),
    entry("EGFR", "EGFR", "skin", "expressed on keratinocytes", "assumed"),
    entry("FOLR1", "FRα", "kidney, lung, choroid plexus", "expressed on epithelia", "assumed"),
    entry(
        "MAGEA3",
        "MAGE-A3",
        "heart and brain",
        "cross-reaction with titin and MAGE-A12, which no expression search can see",
        "assumed",
    ),
];

/// The entries for a gene.
pub fn casualties(gene: &str) -> Vec<Casualty> {
    CASUALTIES.iter().filter(|c| c.gene == gene).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The list that MODEL section 4 requires: CAIX, CEA, HER2, PSCA, GUCY2C, CLDN18.2, mesothelin, EGFR.
    #[test]
    fn the_known_casualties_are_flagged() {
        for gene in ["CA9", "CEACAM5", "ERBB2", "PSCA", "GUCY2C", "CLDN18", "MSLN", "EGFR"] {
            assert!(!casualties(gene).is_empty(), "{gene}");
        }
        assert!(casualties("ACTB").is_empty());
    }
}
