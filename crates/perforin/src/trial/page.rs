//! `report.html` of a trial.

use perforin_trial::dose_finding::summary::LevelCounts;

use super::answer::{Answer, Found, ScenarioAnswer};
use super::efficacy::PopulationRow;
use super::efficacy::populations::ResponseRate;
use super::figures;
use super::record::Record;
use super::tables::{right_selected, too_high};
use super::uncertainty::show;
use super::words::{in_words, policy_word};
use crate::answer::{per_cent, rounded};
use crate::diagnose::page::of_table;
use crate::report::html::{Page, escape, link_dois, paragraphs, table};
use crate::report::{parameters, reproduce};

/// The page.
pub fn page(record: &Record, answer: &Answer) -> String {
    let mut page = Page::new(&record.title);
    if let Some(question) = &record.question {
        page.add(&format!("<p class=\"question\">{}</p>", escape(question)));
    }
    page.section("Answer", &paragraphs(&in_words(answer)));
    page.section("Figures", &figures::html(answer));
    if let Some(found) = &answer.dose_finding {
        page.section("Operating characteristics", &characteristics(answer, found));
        if found.making.is_some() {
            page.section("All enrolled and those infused", &populations(found));
            page.section("Patients who get less than planned", &policies(found));
        }
    }
    let populations = answer.efficacy.as_ref().map_or(&[][..], |efficacy| &efficacy.populations);
    if !populations.is_empty() {
        page.section("Efficacy by whom is enrolled", &efficacy_populations(populations));
    }
    if let Some(known) = &answer.uncertainty {
        page.section("What is not known of the parameters", &of_table(&show::table(known)));
    }
    if !record.warnings.is_empty() {
        let items: Vec<String> = record.warnings.iter().map(|w| format!("<li>{}</li>", escape(w))).collect();
        page.section("Warnings", &format!("<ul>{}</ul>", items.concat()));
    }
    page.section("Parameters", &parameters(&record.parameters));
    page.section(
        "Reproduce it",
        &reproduce(&record.version, &record.study_sha256, record.seed, &record.command),
    );
    page.finish()
}

fn rate(part: u64, whole: u64) -> String {
    if whole == 0 { "–".into() } else { per_cent(part as f64 / whole as f64) }
}

fn characteristics(answer: &Answer, found: &Found) -> String {
    let head = [
        "level",
        "dose",
        "true toxicity",
        "selected",
        "± points",
        "enrolled",
        "infused",
        "as planned",
        "toxicities",
        "counted",
    ];
    let of = |s: &ScenarioAnswer| {
        let row = |(level, counts): (usize, &LevelCounts)| {
            let (share, error) = s.seen.share(counts.selected);
            let mean = |count: u64| format!("{:.2}", s.seen.per_trial(count));
            vec![
                (level + 1).to_string(),
                escape(&answer.doses[level]),
                per_cent(s.seen.true_toxicity[level]),
                per_cent(share),
                format!("{:.1}", 100.0 * error),
                mean(counts.enrolled),
                mean(counts.infused),
                mean(counts.planned),
                mean(counts.toxic),
                mean(counts.counted),
            ]
        };
        let rows = s.seen.levels.iter().enumerate().map(row);
        format!("<h3>{}</h3>{}", escape(&s.name), table(&head, rows, &[2, 3, 4, 5, 6, 7, 8, 9]))
    };
    found.scenarios.iter().map(of).collect()
}

fn populations(found: &Found) -> String {
    let head = [
        "level",
        "toxicity, enrolled",
        "infused",
        "as planned",
        "response, enrolled",
        "infused",
        "as planned",
    ];
    let cells = |name: String, c: &LevelCounts| {
        vec![
            name,
            rate(c.toxic, c.enrolled),
            rate(c.toxic, c.infused),
            rate(c.planned_toxic, c.planned),
            rate(c.responses, c.enrolled),
            rate(c.responses, c.infused),
            rate(c.planned_responses, c.planned),
        ]
    };
    let of = |s: &ScenarioAnswer| {
        let levels = s.seen.levels.iter().enumerate().map(|(level, c)| cells((level + 1).to_string(), c));
        let rows = levels.chain([cells("all".into(), &s.seen.total())]);
        format!("<h3>{}</h3>{}", escape(&s.name), table(&head, rows, &[1, 2, 3, 4, 5, 6]))
    };
    found.scenarios.iter().map(of).collect()
}

fn policies(found: &Found) -> String {
    let head = ["scenario", "they", "right", "too high", "counted toxicity", "enrolled", "days"];
    let rows = found.scenarios.iter().flat_map(|s| {
        s.policies.iter().map(move |(policy, seen)| {
            let total = seen.total();
            vec![
                escape(&s.name),
                policy_word(*policy).into(),
                per_cent(right_selected(seen).0),
                per_cent(too_high(seen)),
                rate(total.counted_toxic, total.counted),
                format!("{:.1}", seen.per_trial(total.enrolled)),
                format!("{:.0}", seen.duration),
            ]
        })
    });
    let note = "<p>The same trials with the same patients under each of the published policies (Devlin 2021, doi \
                10.1111/rssc.12485).</p>";
    link_dois(note) + &table(&head, rows, &[2, 3, 4, 5, 6])
}

fn efficacy_populations(rows: &[PopulationRow]) -> String {
    let head = [
        "design",
        "enrols",
        "response, infused",
        "95 %, reported",
        "response, enrolled",
        "PFS ratio",
        "OS ratio",
        "active, infused",
        "active, enrolled",
        "enrolled",
        "screened",
        "below cut-off",
        "turned away",
    ];
    let dash = || "–".to_owned();
    let cells = rows.iter().map(|r| {
        let interval = |[infused, _]: [ResponseRate; 2]| {
            format!("{} to {}", per_cent(infused.interval.0), per_cent(infused.interval.1))
        };
        let ratio = |k: usize| r.hazard_ratios.map_or_else(dash, |all| rounded(all[k]));
        vec![
            escape(&r.design),
            escape(&r.population),
            r.response.map_or_else(dash, |[infused, _]| per_cent(infused.rate)),
            r.response.map_or_else(dash, interval),
            r.response.map_or_else(dash, |[_, enrolled]| per_cent(enrolled.rate)),
            ratio(0),
            ratio(2),
            per_cent(r.active[0]),
            per_cent(r.active[1]),
            rounded(r.enrolled),
            rounded(r.screened),
            r.below.map_or_else(dash, rounded),
            rounded(r.turned_away),
        ]
    });
    table(&head, cells, &[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
}
