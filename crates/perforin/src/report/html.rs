//! Small pieces of HTML.

const STYLE: &str = include_str!("style.css");

/// A page under construction.
#[derive(Debug)]
pub struct Page {
    text: String,
}

impl Page {
    /// A page with its heading.
    pub fn new(title: &str) -> Self {
        let title = escape(title);
        let text = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{title} · Perforin</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        );
        Self { text }
    }

    /// Adds HTML.
    pub fn add(&mut self, html: &str) {
        self.text.push_str(html);
        self.text.push('\n');
    }

    /// Adds a section with its heading.
    pub fn section(&mut self, heading: &str, html: &str) {
        self.add(&format!("<section>\n<h2>{}</h2>\n{html}\n</section>", escape(heading)));
    }

    /// The whole page.
    pub fn finish(mut self) -> String {
        self.add("</main>\n</body>\n</html>");
        self.text
    }
}

/// Text with the characters replaced that HTML gives a meaning.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A table of cells that are HTML already; `right` are the columns of numbers.
pub fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>, right: &[usize]) -> String {
    let class = |column: usize| if right.contains(&column) { " class=\"n\"" } else { "" };
    let head: Vec<String> = head
        .iter()
        .enumerate()
        .map(|(i, h)| format!("<th scope=\"col\"{}>{}</th>", class(i), escape(h)))
        .collect();
    let row = |cells: Vec<String>| {
        let cell = |(i, cell): (usize, &String)| format!("<td{}>{cell}</td>", class(i));
        let cells: Vec<String> = cells.iter().enumerate().map(cell).collect();
        format!("<tr>{}</tr>\n", cells.concat())
    };
    let body: String = rows.map(row).collect();
    let head = format!("<thead><tr>{}</tr></thead>", head.concat());
    format!("<div class=\"wide\"><table>\n{head}\n<tbody>\n{body}</tbody>\n</table></div>\n")
}

/// A figure with its caption.
pub fn figure(title: &str, note: &str, svg: &str) -> String {
    format!(
        "<figure>\n{svg}<figcaption><strong>{}.</strong> {}</figcaption>\n</figure>\n",
        escape(title),
        escape(note)
    )
}

/// Paragraphs of text, the first as the answer; lines that begin with `- ` are lists.
pub fn paragraphs(text: &str) -> String {
    let paragraph = |(i, text): (usize, &str)| {
        let class = if i == 0 { " class=\"answer\"" } else { "" };
        let mut lines = text.split("\n- ");
        let first = format!("<p{class}>{}</p>", link_dois(&escape(lines.next().unwrap_or_default())));
        let items: Vec<String> = lines.map(|line| format!("<li>{}</li>", link_dois(&escape(line)))).collect();
        if items.is_empty() { first } else { format!("{first}<ul>{}</ul>", items.concat()) }
    };
    text.trim_end().split("\n\n").enumerate().map(paragraph).collect()
}

/// Makes every `doi 10.…` in escaped text a link.
pub fn link_dois(text: &str) -> String {
    let mut linked = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("doi 10.") {
        let after = &rest[start + 4..];
        let end = after.find([' ', ';', ',', ')', '&']).unwrap_or(after.len());
        // A full stop at the end belongs to the sentence.
        let doi = after[..end].trim_end_matches('.');
        linked.push_str(&rest[..start]);
        for part in ["<a href=\"https://doi.org/", doi, "\">doi ", doi, "</a>"] {
            linked.push_str(part);
        }
        rest = &after[doi.len()..];
    }
    linked + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dois_become_links_and_their_sentence_keeps_its_stop() {
        assert_eq!(
            link_dois("Salmon 2011, doi 10.1145/2063384.2063405."),
            "Salmon 2011, <a href=\"https://doi.org/10.1145/2063384.2063405\">doi 10.1145/2063384.2063405</a>."
        );
        assert_eq!(link_dois("assumed: no doi"), "assumed: no doi");
    }

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(escape("<b a='\"&"), "&lt;b a=&#39;&quot;&amp;");
    }
}
