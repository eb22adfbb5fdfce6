//! The attack of product cells: gate, receptors, synapse and hits.

use perforin_core::catalogue::synapse;
use perforin_core::study::StudyFile;
use perforin_core::study::cell::{AttackSection, CrawlSection};
use perforin_core::study::product::ProductSection;

use super::cell_types::{ENDOGENOUS, FIBROBLAST, MYELOID, REGULATORY, SECOND_PRODUCT};
use super::{Notes, listed};
use crate::grid::Grid;
use crate::model::{Attack, CellType, Crawl, Killing, Recognition, Role};

/// Farthest neighbour toward which a cell may crawl, µm: neighbour lists grow with the cube of it.
const FARTHEST_CRAWL: f64 = 50.0;

/// Shortest edge of a meeting grid, µm: below it a voxel holds hardly a cell.
const SHORTEST_MEETING: f64 = 10.0;

/// Most voxels of a meeting grid, all of which every step of mechanics visits.
const MOST_MEETING_VOXELS: usize = 1_000_000;

pub(super) mod recognition;

/// Cells that a product leaves alone unless the study says so.
const UNTOUCHED: [&str; 4] = [ENDOGENOUS, FIBROBLAST, MYELOID, REGULATORY];

/// The product of a type, and its path in the study.
pub(super) fn product_of<'a>(study: &'a StudyFile, name: &str) -> Option<(&'static str, &'a ProductSection)> {
    if name == SECOND_PRODUCT {
        study.second_product.as_ref().map(|p| (SECOND_PRODUCT, p))
    } else {
        study.product.as_ref().map(|p| ("product", p))
    }
}

/// Gives every product type its attack, endogenous T cells theirs, and every other type the one that the study
/// declares.
pub(super) fn arm(
    study: &StudyFile,
    domain: &Grid,
    types: &mut [CellType],
    antigens: &[String],
    notes: &mut Notes,
) {
    let none = AttackSection::default();
    let names: Vec<(String, Role)> = types.iter().map(|t| (t.name.clone(), t.role)).collect();
    for cell_type in types {
        let declared = study.lesion.cell.get(&cell_type.name).and_then(|c| c.attack.as_ref());
        let path = format!("lesion.cell.{}.attack", cell_type.name);
        let ramp = declared.is_some_and(|a| a.ramp.is_some());
        let product = product_of(study, &cell_type.name).filter(|_| cell_type.role == Role::Product);
        let armed = match product {
            _ if ramp => ramp_of(declared.unwrap_or(&none), antigens, &path, notes).map(|r| (r, None)),
            Some((section, product)) => recognition::of(study, product, section, antigens, notes),
            None if cell_type.name == ENDOGENOUS => {
                recognition::endogenous(antigens, notes).map(|r| (r, None))
            }
            None if declared.is_some() || cell_type.role == Role::Product => {
                notes.wrong(
                    &path,
                    "nothing says what these cells recognise",
                    "add a [product] with a gate, or a `ramp`",
                );
                None
            }
            None => None,
        };
        if let Some((seen, natural)) = armed {
            let section = declared.unwrap_or(&none);
            let mut attack = attack(section, seen, &cell_type.name, &names, &path, notes);
            attack.natural = natural;
            attack.meeting_grid = meeting_grid(section, domain, &path, notes);
            cell_type.attack = Some(attack);
        }
    }
}

fn ramp_of(
    section: &AttackSection,
    antigens: &[String],
    path: &str,
    notes: &mut Notes,
) -> Option<Recognition> {
    let ramp = section.ramp.as_ref()?;
    let path = format!("{path}.ramp");
    let antigen = known_antigen(&ramp.antigen, antigens, &format!("{path}.antigen"), notes)?;
    let from =
        notes.given(&format!("{path}.from"), ramp.from.value(), "/cell", "Density that gives no signal");
    let to =
        notes.given(&format!("{path}.to"), ramp.to.value(), "/cell", "Density that gives the full signal");
    if from >= to {
        notes.wrong(
            &path,
            format!("the ramp goes from {from} to {to} /cell"),
            "make `from` smaller than `to`",
        );
        return None;
    }
    Some(Recognition::Ramp { antigen, from, to })
}

pub(super) fn known_antigen(name: &str, antigens: &[String], path: &str, notes: &mut Notes) -> Option<usize> {
    let found = antigens.iter().position(|a| a == name);
    if found.is_none() {
        notes.wrong(
            path,
            format!("no cell carries the antigen `{name}`"),
            format!(
                "declare it as [lesion.antigen.{name}]; there are {}",
                listed(antigens.iter().map(String::as_str))
            ),
        );
    }
    found
}

fn attack(
    section: &AttackSection,
    recognition: Recognition,
    own: &str,
    names: &[(String, Role)],
    path: &str,
    notes: &mut Notes,
) -> Attack {
    let at = |key: &str| format!("{path}.{key}");
    if let Some(targets) = &section.targets {
        for target in targets.iter().filter(|t| !names.iter().any(|(name, _)| name == *t)) {
            notes.wrong(
                &at("targets"),
                format!("there is no cell type `{target}`"),
                format!("name some of {}", listed(names.iter().map(|(name, _)| name.as_str()))),
            );
        }
    }
    let targets = names
        .iter()
        .map(|(name, role)| match &section.targets {
            Some(targets) => targets.contains(name),
            // Nobody attacks lymphocytes, stroma or himself unless the study says so.
            None => name != own && *role != Role::Product && !UNTOUCHED.contains(&name.as_str()),
        })
        .collect();
    let reach = notes.value(&at("reach"), section.reach.map(|l| l.value()), &synapse::ATTACH_DISTANCE);
    let attack = Attack {
        targets,
        recognition,
        natural: None,
        attach_rate: notes.value(
            &at("attach_rate"),
            section.attach_rate.map(|r| r.value()),
            &synapse::ATTACH_RATE,
        ),
        contact_distance: notes.value(
            &at("contact_distance"),
            section.contact_distance.map(|l| l.value()),
            &synapse::ATTACH_FULL_DISTANCE,
        ),
        reach,
        tear_distance: section.tear_distance.map_or(reach, |l| l.value()),
        bond: notes.value(&at("bond"), section.bond.map(|r| r.value()), &synapse::SPRING),
        lifetime: notes.value(
            &at("synapse_lifetime"),
            section.synapse_lifetime.map(|t| t.value()),
            &synapse::LIFETIME,
        ),
        killing: killing(section, path, notes),
        stimulus_memory: notes.value(synapse::STIMULUS_MEMORY.name, None, &synapse::STIMULUS_MEMORY),
        exclusive: section.exclusive,
        halts_target: section.halts_target,
        crawl: section.crawl.as_ref().and_then(|crawl| crawling(crawl, section, &at("crawl"), notes)),
        meeting_grid: None,
    };
    if attack.tear_distance < attack.reach {
        notes.wrong(
            path,
            format!("a synapse forms up to {} µm but is torn at {} µm", attack.reach, attack.tear_distance),
            "make `tear_distance` no smaller than `reach`",
        );
    }
    if attack.contact_distance >= attack.reach {
        notes.wrong(
            path,
            format!("contact is full up to {} µm but ends at {} µm", attack.contact_distance, attack.reach),
            "make `contact_distance` smaller than `reach`",
        );
    }
    attack
}

/// Crawling in the voxels of a meeting grid, or between the two distances that it needs without one.
fn crawling(crawl: &CrawlSection, attack: &AttackSection, path: &str, notes: &mut Notes) -> Option<Crawl> {
    let at = |key: &str| format!("{path}.{key}");
    let rate = notes.value(&at("rate"), crawl.rate.map(|r| r.value()), &synapse::CRAWL_RATE);
    let between = match (crawl.from, crawl.to, attack.meeting_grid) {
        (None, None, Some(_)) => None,
        (Some(from), Some(to), None) => Some([
            notes.given(&at("from"), from.value(), "µm", "Distance from which on a neighbour draws"),
            notes.given(&at("to"), to.value(), "µm", "Distance at which a neighbour ceases to draw"),
        ]),
        (_, _, Some(_)) => {
            notes.wrong(
                path,
                "with a `meeting_grid` cells crawl toward all cells of their voxel, at any distance",
                "leave out `from` and `to`, or `meeting_grid`",
            );
            return None;
        }
        _ => {
            notes.wrong(
                path,
                "nothing says between which distances a neighbour draws",
                "give `from` and `to`, as from = \"17.8 µm\", to = \"21.1 µm\"",
            );
            return None;
        }
    };
    if let Some([from, to]) = between
        && !(from >= 0.0 && from < to && to <= FARTHEST_CRAWL)
    {
        notes.wrong(
            path,
            format!("cells would crawl toward neighbours between {from} and {to} µm"),
            format!("make `from` smaller than `to`, and `to` at most {FARTHEST_CRAWL} µm"),
        );
    }
    Some(Crawl { rate, between })
}

/// The grid in whose voxels attackers meet others; it begins at the domain's lower corner.
fn meeting_grid(section: &AttackSection, domain: &Grid, path: &str, notes: &mut Notes) -> Option<Grid> {
    let path = format!("{path}.meeting_grid");
    let edge = notes.given(
        &path,
        section.meeting_grid?.value(),
        "µm",
        "Edge of the voxels in which attackers meet other cells",
    );
    let upper = domain.upper();
    // A cast from float saturates.
    let n = std::array::from_fn(|a| ((upper[a] - domain.origin[a]) / edge).ceil() as usize);
    let voxels = n.iter().fold(1, |all: usize, n| all.saturating_mul(*n));
    if edge < SHORTEST_MEETING || voxels > MOST_MEETING_VOXELS {
        notes.wrong(
            &path,
            format!("cells would meet in {voxels} voxels of {edge} µm"),
            format!(
                "give an edge of at least {SHORTEST_MEETING} µm, and at most {MOST_MEETING_VOXELS} voxels"
            ),
        );
        return None;
    }
    Some(Grid { origin: domain.origin, n, spacing: edge })
}

fn killing(section: &AttackSection, path: &str, notes: &mut Notes) -> Killing {
    let at = |key: &str| format!("{path}.{key}");
    if let Some(rate) = section.kill_rate {
        if section.hit_rate.is_some() || section.lethal_hits.is_some() || section.hit_half_life.is_some() {
            notes.wrong(&at("kill_rate"), "both a rate of killing and hits are given", "keep one of them");
        }
        return Killing::Rate {
            rate: notes.value(&at("kill_rate"), Some(rate.value()), &synapse::KILL_RATE_ORGANOID),
        };
    }
    Killing::Hits {
        rate: notes.value(&at("hit_rate"), section.hit_rate.map(|r| r.value()), &synapse::HIT_RATE),
        lethal: notes.value(&at("lethal_hits"), section.lethal_hits, &synapse::LETHAL_DAMAGE),
        half_life: notes.value(
            &at("hit_half_life"),
            section.hit_half_life.map(|t| t.value()),
            &synapse::HIT_HALF_LIFE,
        ),
    }
}
