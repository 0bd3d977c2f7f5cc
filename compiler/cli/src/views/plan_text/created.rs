//! What is declared, and what is created where.

use std::fmt::Write as _;

use super::View;
use crate::planning::Planned;
use crate::views::diagnostics::wrapped;
use crate::views::escape;
use crate::views::plan_parts::{self as parts, Difference, Row, Section};
use crate::views::words::{count, fit, grouped};

/// So many rows of a section are shown.
const ROWS: usize = 14;
/// So many lines name the kinds of which there is one.
const SINGLES: usize = 8;

impl View<'_> {
    /// The sections of a plan, told by what differs from the first plan where that is little.
    pub(super) fn created(
        &mut self,
        planned: &Planned,
        sections: &[Section],
        first: Option<(&Planned, &[Section])>,
    ) {
        for section in sections {
            let name = first.and_then(|(first, _)| first.environment.as_deref());
            let same = first.and_then(|(_, list)| list.iter().find(|have| have.title == section.title));
            let difference = same.and_then(|same| {
                let names = (planned.environment.as_deref()?, name?);
                parts::difference(section, same, names)
            });
            self.section(section, name.zip(difference.as_ref()));
        }
    }

    /// `39 resources: 8 datasets, 2 gpu-pools, …`.
    pub(super) fn declared(&mut self, kinds: &[(&'static str, &'static str, usize)]) {
        let number = kinds.iter().map(|(_, _, number)| number).sum();
        let words: Vec<String> = kinds
            .iter()
            .map(|(one, many, number)| format!("{number} {}", if *number == 1 { one } else { many }))
            .collect();
        let text = format!("{}: {}", count(number, "resource"), words.join(", "));
        for line in wrapped(&text, self.screen.width) {
            let _ = writeln!(self.out, "{}", self.screen.dim(&line));
        }
    }

    /// What is created in one place; where the first environment has nearly the same there, what differs from it.
    fn section(&mut self, section: &Section, first: Option<(&str, &Difference)>) {
        let objects: usize = section.rows.iter().map(|row| row.count).sum();
        let what = if matches!(section.title.as_str(), "On the nodes" | "Files") { "file" } else { "object" };
        let folders = section.areas.join(", ");
        let aside = if what == "file" {
            count(objects, what)
        } else {
            format!("{} in {folders}", count(objects, what))
        };
        self.title(&section.title, &escape::line(&aside));
        let rows: Vec<&Row> = match first {
            Some((name, difference)) => {
                let but = if difference.is_empty() { "" } else { ", but:" };
                self.item(&format!("as {name}, by kind and name{but}"), "");
                difference.rows.clone()
            }
            None => section.rows.iter().collect(),
        };
        let (many, single): (Vec<&Row>, Vec<&Row>) = rows.into_iter().partition(|row| row.count > 1);
        self.rows(&many);
        self.singles(&single);
        if let Some((_, difference)) = first.filter(|(_, difference)| !difference.without.is_empty()) {
            self.item(&format!("without {}", difference.without.join(", ")), "");
        }
    }

    /// Kinds of which there are several.
    fn rows(&mut self, many: &[&Row]) {
        let shown = &many[..many.len().min(ROWS)];
        let widest = shown.iter().map(|row| row.kind.chars().count()).max().unwrap_or(0);
        let width = widest.min(self.screen.width / 2);
        for row in shown {
            let number = grouped(row.count as u64);
            let room = self.screen.width.saturating_sub(width + 9);
            let names = escape::line(&named(row.count, &row.names, room)).into_owned();
            let kind = fit(&escape::line(&row.kind), width);
            let _ = writeln!(self.out, "  {number:>5} {kind:width$}  {}", self.screen.dim(&names));
        }
        let rest = &many[shown.len()..];
        if !rest.is_empty() {
            let number: usize = rest.iter().map(|row| row.count).sum();
            let _ =
                writeln!(self.out, "  {:>5} of {}", grouped(number as u64), count(rest.len(), "other kind"));
        }
    }

    /// Kinds of which there is one each.
    fn singles(&mut self, rows: &[&Row]) {
        let words: Vec<String> = rows
            .iter()
            .map(|row| match row.names.first() {
                Some(name) => format!("{} {}", escape::line(&row.kind), escape::line(name)),
                None => escape::line(&row.kind).into_owned(),
            })
            .collect();
        let lead = if words.len() == 1 { "1 " } else { "1 each: " };
        let lines = wrapped(&format!("{lead}{}", words.join(", ")), self.screen.width.saturating_sub(6));
        for line in lines.iter().take(if words.is_empty() { 0 } else { SINGLES }) {
            let _ = writeln!(self.out, "      {}", self.screen.dim(line));
        }
        if lines.len() > SINGLES {
            let _ = writeln!(self.out, "      {}", self.screen.dim("and more"));
        }
    }
}

/// As many names as there is room for, and how many more there are.
fn named(number: usize, names: &[String], room: usize) -> String {
    let mut out = String::new();
    for (n, name) in names.iter().enumerate() {
        let separator = if n == 0 { "" } else { ", " };
        let left = number - n;
        if out.chars().count() + separator.len() + name.chars().count() + 5 > room && n > 0 {
            let _ = write!(out, " +{left}");
            return out;
        }
        let _ = write!(out, "{separator}{name}");
    }
    if number > names.len() {
        let _ = write!(out, " +{}", number - names.len());
    }
    fit(&out, room.max(10))
}
