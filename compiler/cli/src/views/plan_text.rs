//! A plan for a terminal: what would be created where, what fits, what it costs, which checks stand, what is lost.

use std::fmt::Write as _;

use purlin_core::check::compliance::require;
use purlin_core::plan::consequences::{fit_text, money, total};
use purlin_core::plan::{Change, Facts, Group, Verb};
use purlin_core::{Finding, Graph, Session};

use super::diagnostics::wrapped;
use super::escape;
use super::plan_parts::{self as parts, Row, Section};
use super::words::{count, fit, grouped};
use crate::planning::Planned;
use crate::screen::Screen;

/// So many rows of a section are shown, and so many actions of each sort.
const ROWS: usize = 14;
const ACTIONS: usize = 40;
const LOSSES: usize = 6;
const FIELDS: usize = 12;
/// Columns of an old or a new value.
const VALUE: usize = 22;
/// So many lines name the kinds of which there is one.
const SINGLES: usize = 8;

/// All plans.
pub(crate) fn text(session: &Session, findings: &[Finding], plans: &[Planned], screen: &Screen) -> String {
    let mut view = View { session, findings, screen, out: String::new() };
    for planned in plans {
        view.plan(planned);
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
    fn plan(&mut self, planned: &Planned) {
        self.head(planned);
        let Some(state) = self.session.environments().get(planned.index) else { return };
        if planned.is_empty() {
            let line = format!("nothing to do: {} as they should be", count(planned.files.same, "file"));
            let _ = writeln!(self.out, "{}\n", self.screen.green(&line));
            return;
        }
        self.declared(&parts::kinds(&state.graph));
        for section in parts::sections(planned, &state.graph) {
            self.section(&section);
        }
        self.fits(planned);
        self.costs(planned);
        self.checks(planned);
        self.not_evaluated(&state.graph);
        self.changes(planned);
        self.consequences(planned);
        self.losses(planned);
        self.in_the_way(planned);
        let _ = writeln!(self.out, "\n{}\n", self.screen.bold(&totals(planned)));
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

    /// `39 resources: 8 datasets, 2 gpu-pools, …`.
    fn declared(&mut self, kinds: &[(&'static str, &'static str, usize)]) {
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

    fn title(&mut self, title: &str, aside: &str) {
        let room = self.screen.width.saturating_sub(title.chars().count() + 2);
        let aside = fit(aside, room);
        let aside = if aside.is_empty() { String::new() } else { format!("  {}", self.screen.dim(&aside)) };
        let _ = writeln!(self.out, "\n{}{aside}", self.screen.bold(title));
    }

    fn section(&mut self, section: &Section) {
        let objects: usize = section.rows.iter().map(|row| row.count).sum();
        let what = if matches!(section.title.as_str(), "On the nodes" | "Files") { "file" } else { "object" };
        let folders = section.areas.join(", ");
        let aside = if what == "file" {
            count(objects, what)
        } else {
            format!("{} in {folders}", count(objects, what))
        };
        self.title(&section.title, &escape::line(&aside));
        let (many, single): (Vec<&Row>, Vec<&Row>) = section.rows.iter().partition(|row| row.count > 1);
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
        self.singles(&single);
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

    /// What fits, and by how much.
    fn fits(&mut self, planned: &Planned) {
        let fitted = parts::fitted(planned);
        if fitted.is_empty() {
            return;
        }
        let known = fitted.iter().filter(|(_, facts)| facts.fit.is_some()).count();
        let unknown = fitted.len() - known;
        let aside = if unknown == 0 { String::new() } else { format!(", of {unknown} it is not known") };
        self.title("Fits", &format!("memory of one GPU, {}{aside}", count(known, "workload")));
        let width = fitted.iter().map(|(address, _)| address.chars().count()).max().unwrap_or(0);
        for (address, facts) in fitted {
            let address = escape::line(address).into_owned();
            let line = fit_line(facts).or_else(|| facts.unfit.clone()).unwrap_or_default();
            self.hanging(&address, width, &line);
        }
    }

    /// An address, and a text beside it that is wrapped under itself.
    fn hanging(&mut self, address: &str, width: usize, text: &str) {
        let room = self.screen.width.saturating_sub(width + 4).max(24);
        for (n, line) in wrapped(&escape::line(text), room).iter().enumerate() {
            let lead = if n == 0 { address } else { "" };
            let _ = writeln!(self.out, "  {lead:width$}  {line}");
        }
    }

    fn costs(&mut self, planned: &Planned) {
        let paid = parts::paid(planned);
        if paid.is_empty() {
            return;
        }
        let now = total(planned.now());
        let unknown = paid.iter().filter(|(_, facts)| facts.monthly.is_none()).count();
        let mut aside = money(now.as_ref());
        if unknown > 0 && now.is_some() {
            let _ = write!(aside, ", and {unknown} without a known price");
        }
        self.title("Costs", &aside);
        let width = paid.iter().map(|(address, _)| address.chars().count()).max().unwrap_or(0);
        for (address, facts) in paid {
            let amount = match &facts.monthly {
                Some(monthly) => money(Some(monthly)),
                None => "no known price".to_owned(),
            };
            let bought = facts.purchase.as_ref().map_or(String::new(), |what| format!(" · {what}"));
            let nodes = facts.nodes.map_or(String::new(), |(low, high)| {
                if low == high {
                    format!(" · {}", count(high as usize, "node"))
                } else {
                    format!(" · {low} to {high} nodes")
                }
            });
            let line = escape::line(&format!("{amount}{nodes}{bought}")).into_owned();
            let address = escape::line(address).into_owned();
            let _ = writeln!(
                self.out,
                "  {address:width$}  {}",
                fit(&line, self.screen.width.saturating_sub(width + 4))
            );
        }
    }

    fn checks(&mut self, planned: &Planned) {
        let checks = parts::checks(planned, self.findings);
        let mut words = vec!["no errors".to_owned()];
        for (number, what) in [(checks.warnings, "warning"), (checks.notes, "note")] {
            if number > 0 {
                words.push(count(number, what));
            }
        }
        if checks.waived > 0 {
            words.push(format!("{} waived", checks.waived));
        }
        words.push(format!("{}, {} not checked yet", count(checks.built, "rule"), checks.later));
        self.title("Checks", &words.join(", "));
        let here = self.findings.iter().filter(|finding| parts::is_in(finding, planned));
        for finding in here.take(ROWS) {
            let level = if finding.waived.is_some() { "waived" } else { finding.diagnostic.level.as_str() };
            let line =
                format!("{level}[{}] {}", finding.diagnostic.rule, escape::line(&finding.diagnostic.message));
            for (n, line) in wrapped(&line, self.screen.width.saturating_sub(4)).iter().enumerate() {
                let _ = writeln!(self.out, "  {}{line}", if n == 0 { "" } else { "  " });
            }
        }
    }

    /// Predicates of policies that no version up to this one evaluates.
    fn not_evaluated(&mut self, graph: &Graph) {
        let open = require::not_evaluated(&self.session.ask(graph));
        if open.is_empty() {
            return;
        }
        self.title("Not evaluated", &count(open.len(), "predicate"));
        for predicate in open.iter().take(LOSSES) {
            self.hanging(&predicate.policy, 0, &format!("`{}`: {}", predicate.predicate, predicate.why));
        }
        self.more(open.len(), LOSSES, "predicate");
    }

    /// What happens to resources, and the fields of files; on an empty folder everything is new, and is not listed.
    fn changes(&mut self, planned: &Planned) {
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
        }
        self.more(planned.actions.len(), ACTIONS, "resource");
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

    fn consequences(&mut self, planned: &Planned) {
        let (grave, other): (Vec<_>, Vec<_>) =
            planned.consequences.iter().partition(|consequence| consequence.group.needs_approval());
        if planned.consequences.is_empty() {
            return;
        }
        self.title("What this means", "");
        for consequence in grave.iter().chain(&other).take(ACTIONS) {
            let address = if consequence.address.is_empty() { "the platform" } else { &consequence.address };
            let line = format!("{}: {address} {}", consequence.group.as_str(), consequence.text);
            let line = escape::line(&line).into_owned();
            for (n, line) in wrapped(&line, self.screen.width.saturating_sub(4)).iter().enumerate() {
                let line =
                    if consequence.group.needs_approval() { self.screen.red(line) } else { line.clone() };
                let _ = writeln!(self.out, "  {}{line}", if n == 0 { "" } else { "  " });
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

    fn losses(&mut self, planned: &Planned) {
        let losses = parts::losses(planned);
        if losses.is_empty() {
            return;
        }
        let fields: usize = losses.values().map(Vec::len).sum();
        self.title(
            "Said, but in no output",
            &format!("{} of {}", count(fields, "field"), count(losses.len(), "resource")),
        );
        for (address, fields) in losses.iter().take(LOSSES) {
            let names: Vec<String> = fields
                .iter()
                .map(
                    |(field, reason)| {
                        if reason.is_empty() { (*field).to_owned() } else { format!("{field} ({reason})") }
                    },
                )
                .collect();
            let line = escape::line(&format!("{address}: {}", names.join(", "))).into_owned();
            let _ = writeln!(self.out, "  {}", fit(&line, self.screen.width.saturating_sub(2)));
        }
        self.more(losses.len(), LOSSES, "resource");
    }

    fn in_the_way(&mut self, planned: &Planned) {
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

/// `61.2–74.0 of 79.1 GiB on h100-sxm5-80gb × 8, fits`.
pub(crate) fn fit_line(facts: &Facts) -> Option<String> {
    let text = fit_text(facts)?;
    let fit = facts.fit.as_ref()?;
    let gpus = fit.gpus.map_or(String::new(), |gpus| format!(" × {gpus}"));
    let contexts = fit.contexts.map_or(String::new(), |(low, high)| {
        let number =
            if low == high { grouped(high) } else { format!("{}–{}", grouped(low), grouped(high)) };
        format!(", {number} contexts at once")
    });
    let verdict = match fit.verdict.as_str() {
        "fits" => "fits",
        "does-not-fit" => "does not fit",
        _ => "too close to tell",
    };
    Some(format!("{verdict}: {text}{gpus}{contexts}"))
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
