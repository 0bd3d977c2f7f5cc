//! What changes, what that means, and who has to agree.

use std::fmt::Write as _;

use purlin_core::plan::{Group, Verb};

use super::View;
use crate::planning::Planned;
use crate::review::Review;
use crate::views::diagnostics::wrapped;
use crate::views::escape;
use crate::views::plan_parts as parts;
use crate::views::words::{count, fit};

/// So many actions of each sort are shown.
const ACTIONS: usize = 40;
/// So many fields of a file.
const FIELDS: usize = 12;
/// Columns of an old or a new value.
const VALUE: usize = 22;

impl View<'_> {
    /// What happens to resources, and the fields of files; on an empty folder everything is new, and is not listed.
    pub(super) fn changes(&mut self, planned: &Planned) {
        if planned.first {
            return;
        }
        if !planned.actions.is_empty() {
            self.title("Changes", "");
        }
        for action in planned.actions.iter().take(ACTIONS) {
            let aside = match (&action.reasons[..], action.output) {
                ([], true) => String::new(),
                ([], false) => " (no output changes)".to_owned(),
                (reasons, _) => format!(" ({})", reasons.join("; ")),
            };
            let line = format!("{} {}{aside}", action.verb.sign(), escape::line(&action.address));
            let line = match action.verb {
                Verb::Create => self.screen.green(&line),
                Verb::Update => self.screen.yellow(&line),
                Verb::Replace | Verb::Delete => self.screen.red(&line),
            };
            let _ = writeln!(self.out, "  {line}");
            self.review(planned.reviews.get(&action.address));
        }
        self.more(planned.actions.len(), ACTIONS, "resource");
        self.fields(planned);
    }

    /// The line that a change comes from, and who has to agree to it.
    fn review(&mut self, review: Option<&Review>) {
        let Some(review) = review else { return };
        if let Some(said) = parts::said(review) {
            self.item(&said, "    ");
        }
        self.waits(Some(review));
    }

    /// Who has to agree.
    fn waits(&mut self, review: Option<&Review>) {
        for approval in review.iter().flat_map(|review| &review.approvals) {
            self.item(&format!("waits for {approval}"), "    ");
        }
    }

    /// The fields of files that change.
    fn fields(&mut self, planned: &Planned) {
        for diff in planned.files.diffs.iter().take(ACTIONS) {
            let _ = writeln!(self.out, "  {}", escape::line(&diff.path));
            for field in diff.fields.iter().take(FIELDS) {
                let value = |text: &Option<String>| {
                    text.as_ref().map_or("(none)".to_owned(), |text| fit(&escape::line(text), VALUE))
                };
                let change = format!("{} → {}", value(&field.before), value(&field.after));
                let room = self.screen.width.saturating_sub(8 + change.chars().count()).max(20);
                let _ = writeln!(self.out, "      {}: {change}", ending(&escape::line(&field.path), room));
            }
            let more = diff.more + diff.fields.len().saturating_sub(FIELDS);
            if more > 0 {
                let _ = writeln!(self.out, "      and {}", count(more, "more field"));
            }
        }
        self.more(planned.files.diffs.len(), ACTIONS, "file");
    }

    pub(super) fn consequences(&mut self, planned: &Planned) {
        let (grave, other): (Vec<_>, Vec<_>) =
            planned.consequences.iter().partition(|consequence| consequence.group.needs_approval());
        if planned.consequences.is_empty() {
            return;
        }
        self.title("What this means", "");
        for consequence in grave.iter().chain(&other).take(ACTIONS) {
            let address = if consequence.address.is_empty() { "the platform" } else { &consequence.address };
            let line = format!("{}: {address} {}", consequence.group.as_str(), consequence.text);
            let review = planned.reviews.get(&consequence.address);
            let said = review.and_then(parts::said).map_or(String::new(), |said| format!(" ({said})"));
            let line = escape::line(&format!("{line}{said}")).into_owned();
            for (n, line) in wrapped(&line, self.screen.width.saturating_sub(4)).iter().enumerate() {
                let line =
                    if consequence.group.needs_approval() { self.screen.red(line) } else { line.clone() };
                let _ = writeln!(self.out, "  {}{line}", if n == 0 { "" } else { "  " });
            }
            if planned.actions.iter().all(|action| action.address != consequence.address) {
                self.waits(review);
            }
        }
        self.more(planned.consequences.len(), ACTIONS, "consequence");
        for group in planned.approvals() {
            self.approval(group);
        }
    }

    fn approval(&mut self, group: Group) {
        let line = format!("needs `--approve {}`", group.as_str());
        let _ = writeln!(self.out, "  {}", self.screen.red(&line));
    }

    pub(super) fn in_the_way(&mut self, planned: &Planned) {
        if planned.files.conflicts.is_empty() {
            return;
        }
        self.title("In the way", "nothing is applied before these are moved or deleted");
        for conflict in planned.files.conflicts.iter().take(ACTIONS) {
            let line = format!("{} {}", escape::line(&conflict.path), conflict.reason);
            let _ = writeln!(self.out, "  {}", self.screen.red(&line));
        }
        self.more(planned.files.conflicts.len(), ACTIONS, "file");
    }
}

/// The end of a path, which tells most, in so many columns.
fn ending(path: &str, room: usize) -> String {
    let length = path.chars().count();
    if length <= room {
        return path.to_owned();
    }
    let kept: String = path.chars().skip(length + 1 - room).collect();
    format!("…{kept}")
}
