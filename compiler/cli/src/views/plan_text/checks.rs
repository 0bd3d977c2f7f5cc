//! Which checks stand, what the law asks, and what was said and reaches nothing.

use std::fmt::Write as _;

use purlin_core::Graph;
use purlin_core::plan::standings;
use purlin_syntax::Level;

use super::View;
use crate::planning::Planned;
use crate::views::escape;
use crate::views::plan_parts as parts;
use crate::views::words::{count, fit};

/// So many rows of a section are shown.
const ROWS: usize = 6;
/// So many warnings, and so many duties of one system.
const LINES: usize = 8;

impl View<'_> {
    /// Findings, counted; the warnings, a line each; who waived what; which rules are not built yet.
    pub(super) fn checks(&mut self, planned: &Planned, graph: &Graph) {
        let checks = parts::checks(planned, self.findings);
        let counts = [(Level::Error, "error"), (Level::Warning, "warning"), (Level::Note, "note")];
        let words: Vec<String> = counts
            .iter()
            .map(|(level, what)| match checks.standing(*level) {
                0 => format!("no {what}s"),
                number => count(number, what),
            })
            .collect();
        self.title("Checks", &words.join(", "));
        let warnings = checks.of(Level::Warning);
        for finding in warnings.iter().take(LINES) {
            let line = format!("warning[{}] {}", finding.diagnostic.rule, parts::told(finding, graph));
            let line = escape::line(&line).into_owned();
            let _ = writeln!(self.out, "  {}", fit(&line, self.screen.width.saturating_sub(2)));
        }
        self.more(warnings.len(), LINES, "warning");
        let waived = checks.waived();
        for (waiver, rules) in waived.iter().take(LINES) {
            let names: Vec<String> = rules
                .iter()
                .map(
                    |(rule, number)| {
                        if *number == 1 { (*rule).to_owned() } else { format!("{rule} × {number}") }
                    },
                )
                .collect();
            let number: usize = rules.values().sum();
            self.item(&format!("{number} waived by {waiver}: {}", names.join(", ")), "");
        }
        self.more(waived.len(), LINES, "waiver");
        self.item(&format!("{} checked, {} not checked yet", count(checks.built, "rule"), checks.later), "");
    }

    /// What the law asks of each system, and what of it nothing in the spec answers.
    pub(super) fn compliance(&mut self, graph: &Graph) {
        let standings = standings(&self.session.ask(graph));
        if standings.is_empty() {
            return;
        }
        self.title("Compliance", "what the spec answers; people decide the rest");
        for standing in standings {
            let (head, counts) =
                (format!("{} under {}:", standing.system, standing.under), standing.counts());
            if head.chars().count() + counts.chars().count() + 3 <= self.screen.width {
                self.item(&format!("{head} {counts}"), "");
            } else {
                self.item(&head, "");
                self.item(&counts, "  ");
            }
            let open: Vec<_> = standing.open().collect();
            for duty in open.iter().take(LINES) {
                self.item(&format!("{} {}: {}", duty.verdict.as_str(), duty.control, duty.duty), "  ");
            }
            self.more(open.len(), LINES, "duty");
        }
    }

    pub(super) fn losses(&mut self, planned: &Planned) {
        let losses = parts::losses(planned);
        if losses.is_empty() {
            return;
        }
        let fields: usize = losses.values().map(Vec::len).sum();
        self.title(
            "Said, but in no output",
            &format!("{} of {}", count(fields, "field"), count(losses.len(), "resource")),
        );
        for (address, fields) in losses.iter().take(ROWS) {
            let names: Vec<String> = fields
                .iter()
                .map(|(field, reason)| match (field.is_empty(), reason.is_empty()) {
                    (true, _) => (*reason).to_owned(),
                    (_, true) => (*field).to_owned(),
                    (false, false) => format!("{field} ({reason})"),
                })
                .collect();
            let line = escape::line(&format!("{address}: {}", names.join(", "))).into_owned();
            let _ = writeln!(self.out, "  {}", fit(&line, self.screen.width.saturating_sub(2)));
        }
        self.more(losses.len(), ROWS, "resource");
    }
}
