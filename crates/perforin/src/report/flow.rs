//! The flow of a product's cells, and where its hits went, as bars.

use std::fmt::Write;

use perforin_lesion::budget::Entry;

use super::data::Data;
use super::html::{self, escape, table};
use crate::answer::{grouped, per_cent};
use crate::effort::{Effort, Limit, Product};
use crate::table::number;

const WIDTH: f64 = 690.0;
const LABEL: f64 = 200.0;
const NUMBER: f64 = 110.0;
const ROW: f64 = 26.0;

/// The section of the page.
pub fn section(effort: &Effort, limits: &[Limit]) -> String {
    let mut html = String::new();
    for product in &effort.products {
        let flow = stages(product);
        html += &figure(&flow, &format!("How far the cells of {} came", product.name), "cells");
        if product.of(Entry::Hits) > 0.0 {
            html += &figure(&hits(product), &format!("What took the hits of {}", product.name), "hits");
        }
    }
    let rows = limits.iter().map(|l| vec![escape(l.stage.name()), per_cent(l.left), escape(&l.why)]);
    html + &table(&["stage", "leaves", "counted"], rows, &[1])
}

fn stages(p: &Product) -> Vec<(String, f64)> {
    let rows = [
        ("entered or born", p.cells),
        ("touched a tumour cell", p.touched),
        ("formed a synapse", p.engaged),
        ("killed", p.killed),
        ("were exhausted", p.exhausted),
        ("alive at the end", p.alive),
    ];
    rows.into_iter().map(|(label, n)| (label.to_owned(), n as f64)).collect()
}

fn hits(p: &Product) -> Vec<(String, f64)> {
    [
        ("possible at a full signal", Entry::Hits),
        ("lost to a weak signal", Entry::LostToRecognition),
        ("lost to low potency", Entry::LostToPotency),
        ("lost to exhaustion", Entry::LostToExhaustion),
        ("lost to PD-1", Entry::LostToCheckpoint),
        ("lost to suppression", Entry::LostToSuppression),
        ("delivered", Entry::Delivered),
    ]
    .into_iter()
    .map(|(label, entry)| (label.to_owned(), p.of(entry)))
    .collect()
}

/// Horizontal bars with their numbers.
fn figure(rows: &[(String, f64)], title: &str, unit: &str) -> String {
    let most = rows.iter().map(|(_, v)| *v).fold(0.0, f64::max).max(1e-9);
    let height = ROW * rows.len() as f64 + 8.0;
    let told: Vec<String> = rows.iter().map(|(label, v)| format!("{label} {}", grouped(*v))).collect();
    let alt = escape(&format!("Bar chart: {title}. {}.", told.join("; ")));
    let mut svg = format!("<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{alt}\">\n");
    for (k, (label, value)) in rows.iter().enumerate() {
        let y = ROW * k as f64 + 4.0;
        let width = (WIDTH - LABEL - NUMBER) * value / most;
        let middle = y + 0.5 * ROW + 3.0;
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{middle:.1}\" text-anchor=\"end\">{}</text><rect class=\"bar\" x=\"{LABEL}\" \
             y=\"{y:.1}\" width=\"{width:.1}\" height=\"{:.1}\"/><text x=\"{:.1}\" y=\"{middle:.1}\">{}</text>",
            LABEL - 8.0,
            escape(label),
            ROW - 6.0,
            LABEL + width + 6.0,
            grouped(*value)
        );
    }
    let mut data = Data::new(["stage", unit]);
    for (label, value) in rows {
        data.row([label, &number(*value)]);
    }
    html::figure(title, &format!("In {unit}."), &(svg + &data.element() + "</svg>\n"))
}
