//! Prose in Markdown, in which the texts of a spec stay text.

/// A page in the making.
#[derive(Default)]
pub(super) struct Page {
    text: String,
}

impl Page {
    /// A heading with a line before it.
    pub(super) fn heading(&mut self, level: usize, title: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(&"#".repeat(level));
        self.text.push(' ');
        self.text.push_str(&escape(title));
        self.text.push('\n');
    }

    /// A paragraph.
    pub(super) fn paragraph(&mut self, text: &str) {
        self.text.push('\n');
        self.text.push_str(&escape(text));
        self.text.push('\n');
    }

    /// A comment that is not shown.
    pub(super) fn comment(&mut self, text: &str) {
        self.text.push_str("<!-- ");
        self.text.push_str(&text.replace("--", "- -"));
        self.text.push_str(" -->\n");
    }

    /// A list; a sentence where it has no elements.
    pub(super) fn list(&mut self, items: &[String]) {
        if items.is_empty() {
            return self.paragraph("Not stated.");
        }
        self.text.push('\n');
        for item in items {
            self.text.push_str("- ");
            self.text.push_str(&escape(item));
            self.text.push('\n');
        }
    }

    /// A table with a heading; a sentence where it has no rows.
    pub(super) fn table(&mut self, heading: &[&str], rows: &[Vec<String>]) {
        if rows.is_empty() {
            return self.paragraph("Not stated.");
        }
        self.text.push('\n');
        self.row(heading.iter().map(|cell| (*cell).to_owned()));
        self.row(heading.iter().map(|_| "---".to_owned()));
        for row in rows {
            self.row(row.iter().map(|cell| escape(cell)));
        }
    }

    fn row(&mut self, cells: impl Iterator<Item = String>) {
        self.text.push('|');
        for cell in cells {
            self.text.push(' ');
            self.text.push_str(&cell);
            self.text.push_str(" |");
        }
        self.text.push('\n');
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// A text that Markdown shows as it is: on one line, without markup of its own.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '\n' | '\r' | '\t' => escaped.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' => escaped.extend(['\\', c]),
            '#' | '+' | '-' | '=' if at == 0 => escaped.extend(['\\', c]),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        assert_eq!(escape(text), expect);
    }

    #[test]
    fn markup_in_a_text_stays_text() {
        check("a|b <b>*x*</b>", "a\\|b \\<b\\>\\*x\\*\\</b\\>");
        check("# no heading", "\\# no heading");
        check("two\nlines", "two lines");
    }
}
