//! A plan for a terminal: what would be created where, what fits, what it costs, which checks stand, what is lost.

mod changes;
mod checks;
mod created;
mod numbers;

use std::fmt::Write as _;

use purlin_core::emit::Part;
use purlin_core::plan::{Change, Verb};
use purlin_core::{Finding, Session};

use super::diagnostics::wrapped;
use super::escape;
use super::plan_parts::{self as parts, Section};
use super::words::{count, fit, grouped};
use crate::planning::Planned;
use crate::screen::Screen;
pub(crate) use numbers::fit_line;

/// All plans.
pub(crate) fn text(session: &Session, findings: &[Finding], plans: &[Planned], screen: &Screen) -> String {
    let mut view = View { session, findings, screen, out: String::new() };
    let mut first: Option<(&Planned, Vec<Section>)> = None;
    for planned in plans {
        let sections = view.plan(planned, first.as_ref().map(|(planned, list)| (*planned, list.as_slice())));
        if first.is_none() && !sections.is_empty() {
            first = Some((planned, sections));
        }
    }
    if plans.is_empty() {
        view.out.push_str("no environment to plan\n");
    }
    view.later();
    view.out
}

/// One line an action or a file in the way, and nothing else.
pub(crate) fn short(plans: &[Planned]) -> String {
    let mut out = String::new();
    for planned in plans {
        let prefix = planned.environment.as_ref().map_or(String::new(), |name| format!("{name}: "));
        for action in &planned.actions {
            let said = if action.output { "" } else { " (no output changes)" };
            let _ = writeln!(out, "{prefix}{} {}{said}", action.verb.as_str(), escape::line(&action.address));
        }
        for conflict in &planned.files.conflicts {
            let _ = writeln!(out, "{prefix}in the way: {} {}", escape::line(&conflict.path), conflict.reason);
        }
        let _ = writeln!(out, "{prefix}{}", totals(planned));
    }
    out
}

/// What changes and what that means, without what stays.
pub(crate) fn change(session: &Session, planned: &Planned, screen: &Screen) -> String {
    let mut view = View { session, findings: &[], screen, out: String::new() };
    for remark in &planned.remarks {
        let _ = writeln!(view.out, "{}", screen.yellow(&escape::line(remark)));
    }
    view.consequences(planned);
    view.changes(planned);
    let _ = writeln!(view.out, "\n{}\n", totals(planned));
    view.out
}

/// `12 to create, 1 to update · 31 files: 3 new, 1 changed, 27 unchanged`.
pub(crate) fn totals(planned: &Planned) -> String {
    let verb = |verb: Verb| planned.actions.iter().filter(|action| action.verb == verb).count();
    let mut what: Vec<String> = [Verb::Create, Verb::Update, Verb::Replace, Verb::Delete]
        .into_iter()
        .filter(|kind| verb(*kind) > 0)
        .map(|kind| format!("{} to {}", grouped(verb(kind) as u64), kind.as_str()))
        .collect();
    if what.is_empty() {
        what.push(if planned.is_empty() {
            "nothing to do".to_owned()
        } else {
            "no resource changes".to_owned()
        });
    }
    let files = &planned.files;
    let mut changes = Vec::new();
    for (change, word) in [(Change::Create, "new"), (Change::Update, "changed"), (Change::Delete, "deleted")]
    {
        let number = files.count(change);
        if number > 0 {
            changes.push(format!("{} {word}", grouped(number as u64)));
        }
    }
    if files.same > 0 {
        changes.push(format!("{} unchanged", grouped(files.same as u64)));
    }
    let all = count(files.files.len(), "file");
    let changes = if changes.is_empty() { all } else { format!("{all}: {}", changes.join(", ")) };
    format!("{} · {changes}", what.join(", "))
}

struct View<'a> {
    session: &'a Session,
    findings: &'a [Finding],
    screen: &'a Screen,
    out: String,
}

impl View<'_> {
    /// One plan; gives back its sections.
    fn plan(&mut self, planned: &Planned, first: Option<(&Planned, &[Section])>) -> Vec<Section> {
        self.head(planned);
        let Some(state) = self.session.environments().get(planned.piece.index) else { return Vec::new() };
        if planned.is_empty() {
            let line = format!("nothing to do: {} as they should be", count(planned.files.same, "file"));
            let _ = writeln!(self.out, "{}\n", self.screen.green(&line));
            return Vec::new();
        }
        // What is shared has no checks of its own: they stand with the environments.
        let own = planned.piece.part != Part::Shared;
        if own {
            self.declared(&parts::kinds(&state.graph));
        }
        let sections = parts::sections(planned, &state.graph);
        self.created(planned, &sections, first);
        self.fits(planned);
        self.costs(planned);
        if own {
            self.checks(planned, &state.graph);
            self.compliance(&state.graph);
        }
        self.changes(planned);
        self.consequences(planned);
        self.losses(planned);
        self.in_the_way(planned);
        let _ = writeln!(self.out, "\n{}\n", self.screen.bold(&totals(planned)));
        sections
    }

    /// `support-assistant · prod · for 2026-11-21 · against out/prod`.
    fn head(&mut self, planned: &Planned) {
        let mut words = vec![self.screen.bold(&planned.manifest.platform)];
        words.extend(planned.environment.as_ref().map(|name| self.screen.bold(name)));
        words.extend(self.session.options.as_of.map(|day| format!("for {day}")));
        let first = if planned.first { " (empty)" } else { "" };
        words.push(format!("against {}{first}", escape::line(&planned.against)));
        let _ = writeln!(self.out, "{}", words.join(" · "));
        for remark in &planned.remarks {
            let _ = writeln!(self.out, "{}", self.screen.yellow(&escape::line(remark)));
        }
    }

    fn title(&mut self, title: &str, aside: &str) {
        let room = self.screen.width.saturating_sub(title.chars().count() + 2);
        let aside = fit(aside, room);
        let aside = if aside.is_empty() { String::new() } else { format!("  {}", self.screen.dim(&aside)) };
        let _ = writeln!(self.out, "\n{}{aside}", self.screen.bold(title));
    }

    /// An address, and a text beside it that is wrapped under itself.
    fn hanging(&mut self, address: &str, width: usize, text: &str) {
        let room = self.screen.width.saturating_sub(width + 4).max(24);
        for (n, line) in wrapped(&escape::line(text), room).iter().enumerate() {
            let lead = if n == 0 { address } else { "" };
            let _ = writeln!(self.out, "  {lead:width$}  {line}");
        }
    }

    /// A text that is wrapped, its other lines further in.
    fn item(&mut self, text: &str, indent: &str) {
        let room = self.screen.width.saturating_sub(indent.len() + 4);
        for (n, line) in wrapped(&escape::line(text), room).iter().enumerate() {
            let _ = writeln!(self.out, "  {indent}{}{line}", if n == 0 { "" } else { "  " });
        }
    }

    fn more(&mut self, all: usize, shown: usize, what: &str) {
        if all > shown {
            let _ = writeln!(self.out, "  and {}", count(all - shown, &format!("more {what}")));
        }
    }

    /// Blocks that a later version compiles.
    fn later(&mut self) {
        let later = self.session.later();
        if !later.is_empty() {
            let mut forms: Vec<&str> = later.iter().map(|(_, form)| *form).collect();
            forms.sort_unstable();
            forms.dedup();
            let blocks = count(later.len(), "block");
            let _ = writeln!(
                self.out,
                "{blocks} for a later version, read and not compiled: {}",
                forms.join(", ")
            );
        }
    }
}
