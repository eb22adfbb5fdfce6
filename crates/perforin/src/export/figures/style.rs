//! The part of the page's style that drawings need, without variables, which other programs do not know.

use std::fmt::Write;

use crate::report::html::STYLE;

/// Letters of a drawing: fonts of common width, so that text fits as it does on the page.
const LETTERS: &str = "text { font-family: Arial, Helvetica, 'Liberation Sans', 'DejaVu Sans Condensed', sans-serif; \
                       font-size: 12px; }\n";

/// The rules for drawings in the light colours.
pub fn light() -> String {
    let colours = light_colours();
    let mut style = format!(".paper {{ fill: {}; }}\n{LETTERS}", resolved("var(--paper)", &colours));
    for rule in STYLE.split_inclusive('}') {
        let Some((selector, body)) = rule.trim().split_once('{') else { continue };
        let Some(selector) = selector.trim().strip_prefix("svg ") else { continue };
        let declarations = body.trim_end_matches('}').split(';').map(str::trim);
        // The page's font is the browser's.
        let kept: Vec<String> = declarations
            .filter(|d| !d.is_empty() && !d.starts_with("font:"))
            .map(|d| resolved(d, &colours))
            .collect();
        let _ = writeln!(style, "{selector} {{ {} }}", kept.join("; "));
    }
    style
}

/// Names and values of the light colours, which stand first.
fn light_colours() -> Vec<(&'static str, &'static str)> {
    let block = STYLE.split_once(":root {").and_then(|(_, rest)| rest.split('}').next()).unwrap_or_default();
    block.split(';').filter_map(|line| line.split_once(':')).map(|(k, v)| (k.trim(), v.trim())).collect()
}

fn resolved(declaration: &str, colours: &[(&str, &str)]) -> String {
    let fold = |text: String, (name, value): &(&str, &str)| text.replace(&format!("var({name})"), value);
    colours.iter().fold(declaration.to_owned(), fold)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_for_drawings_is_there_in_light_colours() {
        let style = light();
        assert!(!style.contains("var("), "{style}");
        for rule in [
            ".paper { fill: #ffffff; }",
            ".s1 { stroke: #d55e00; stroke-dasharray: 7 3 }",
            "text { fill: #5c6670 }",
            ".area { opacity: 0.18; stroke: none }",
            "text.over { fill: #ffffff }",
        ] {
            assert!(style.contains(rule), "{rule} is not in\n{style}");
        }
        // All but the one for the layout of the page, and the two that are added.
        assert_eq!(STYLE.matches("svg ").count() - 1 + 2, style.matches('{').count(), "{style}");
    }
}
