//! Findings as text: each with its source, its arithmetic and its cures; what repeats is folded.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, Severity, SourceCode, ThemeStyles,
};
use purlin_core::{Finding, Session};
use purlin_syntax::{Cure, Level, Span};

use super::escape;
use super::source::Shown;
use super::words::count;
use crate::screen::Screen;

/// So many findings of one rule are shown whole.
const WHOLE: usize = 5;
/// So many others have a line each; the rest is counted.
const LINES: usize = 10;
/// So many places of a finding that says the same are named.
const PLACES: usize = 3;
/// So many cures are offered.
const CURES: usize = 2;

/// All findings, in full.
pub(crate) fn text(session: &Session, findings: &[Finding], screen: &Screen) -> String {
    let mut view = View::new(session, findings, screen);
    let mut of_rule: BTreeMap<&str, usize> = BTreeMap::new();
    for group in groups(findings) {
        let first = group[0];
        let seen = of_rule.entry(first.diagnostic.rule).or_default();
        *seen += 1;
        match *seen {
            seen if seen <= WHOLE => view.whole(&group),
            seen if seen <= WHOLE + LINES => view.line(&group, seen == WHOLE + 1),
            _ => {}
        }
    }
    for (rule, seen) in of_rule.iter().filter(|(_, seen)| **seen > WHOLE + LINES) {
        let more = count(seen - WHOLE - LINES, "more finding");
        let _ = writeln!(view.out, "and {more} of {rule} (`--format short` shows all)");
    }
    view.out
}

/// One line a finding, for editors and `grep`.
pub(crate) fn short(session: &Session, findings: &[Finding]) -> String {
    let plain = Screen { colour: false, width: 80 };
    let mut view = View::new(session, findings, &plain);
    for finding in findings {
        view.line(&[finding], false);
    }
    view.out
}

/// `2 errors, 1 warning (1 waived)`; nothing where there are none.
pub(crate) fn summary(findings: &[Finding], screen: &Screen) -> String {
    let of = |level: Level| {
        findings.iter().filter(|found| found.waived.is_none() && found.diagnostic.level == level).count()
    };
    let waived = findings.iter().filter(|finding| finding.waived.is_some()).count();
    let mut parts = Vec::new();
    let (errors, warnings, notes) = (of(Level::Error), of(Level::Warning), of(Level::Note));
    if errors > 0 {
        parts.push(screen.red(&count(errors, "error")));
    }
    if warnings > 0 {
        parts.push(screen.yellow(&count(warnings, "warning")));
    }
    if notes > 0 {
        parts.push(count(notes, "note"));
    }
    if waived > 0 {
        parts.push(format!("{waived} waived"));
    }
    parts.join(", ")
}

/// Findings of one rule that say the same, together, in the order of the first of each.
fn groups(findings: &[Finding]) -> Vec<Vec<&Finding>> {
    type Key<'f> = (&'f str, &'f str, &'f Option<String>, Vec<&'f str>);
    let mut place: BTreeMap<Key<'_>, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    for finding in findings {
        let environments = finding.environments.iter().map(|name| name.as_str()).collect();
        let key =
            (finding.diagnostic.rule, finding.diagnostic.message.as_str(), &finding.waived, environments);
        let index = *place.entry(key).or_insert(groups.len());
        if index == groups.len() {
            groups.push(Vec::new());
        }
        groups[index].push(finding);
    }
    groups
}

struct View<'a> {
    session: &'a Session,
    screen: &'a Screen,
    renderer: GraphicalReportHandler,
    files: BTreeMap<&'a str, Shown<'a>>,
    secrets: Secrets<'a>,
    out: String,
}

/// What was recognised as a secret, by file: ranges of bytes that no line shows.
type Secrets<'a> = BTreeMap<&'a str, Vec<(u32, u32)>>;

/// The rule that finds secrets; where it labels, they stand.
const SECRET: &str = "security.secret-in-spec";

fn secrets<'a>(session: &'a Session, findings: &[Finding]) -> Secrets<'a> {
    let mut secrets = Secrets::new();
    for finding in findings.iter().filter(|finding| finding.diagnostic.rule == SECRET) {
        for label in &finding.diagnostic.labels {
            if let Some(position) = session.sources.position(label.span) {
                secrets.entry(position.path).or_default().push((position.lo, position.hi));
            }
        }
    }
    secrets
}

impl<'a> View<'a> {
    fn new(session: &'a Session, findings: &[Finding], screen: &'a Screen) -> View<'a> {
        let mut theme = GraphicalTheme::unicode_nocolor();
        if screen.colour {
            theme.styles = ThemeStyles::ansi();
        }
        let renderer = GraphicalReportHandler::new_themed(theme)
            .with_width(screen.width)
            .with_context_lines(1)
            .with_links(false)
            .without_syntax_highlighting()
            .without_cause_chain();
        View {
            session,
            screen,
            renderer,
            files: BTreeMap::new(),
            secrets: secrets(session, findings),
            out: String::new(),
        }
    }

    /// A finding with its source.
    fn whole(&mut self, group: &[&Finding]) {
        let finding = group[0];
        let diagnostic = &finding.diagnostic;
        let head = format!("{}[{}]", diagnostic.level.as_str(), diagnostic.rule);
        let head = match diagnostic.level {
            _ if finding.waived.is_some() => self.screen.dim(&head),
            Level::Error => self.screen.red(&head),
            Level::Warning => self.screen.yellow(&head),
            Level::Note => self.screen.bold(&head),
        };
        let _ = writeln!(self.out, "{head}{}", tail(finding));
        let mut report = Report::of(finding);
        let (path, elsewhere) = self.place_labels(&mut report, finding);
        let source = path.and_then(|path| self.files.get(path));
        let rendered = Rendered { report: &report, source };
        if self.renderer.render_report(&mut self.out, &rendered).is_err() {
            let _ = writeln!(self.out, "  {}", report.message);
        }
        for line in elsewhere {
            let _ = writeln!(self.out, "  {line}");
        }
        for note in &diagnostic.notes {
            self.paragraph("note: ", &escape::shown(note));
        }
        for cure in finding.cures(self.session).iter().take(CURES) {
            self.cure(cure);
        }
        self.others(&group[1..]);
        self.out.push('\n');
    }

    /// Labels of the first label's file go into the report; the others become lines.
    fn place_labels(&mut self, report: &mut Report, finding: &Finding) -> (Option<&'a str>, Vec<String>) {
        let mut primary: Option<&'a str> = None;
        let mut lines = Vec::new();
        for (n, label) in finding.diagnostic.labels.iter().enumerate() {
            let Some((path, lo, hi)) = self.open(label.span) else { continue };
            let primary_path = *primary.get_or_insert(path);
            let shown = &self.files[path];
            let text = escape::line(&label.text);
            if path == primary_path && shown.is_showable(lo) {
                let (offset, length) = shown.range(lo, hi);
                let text = (!text.is_empty()).then(|| text.into_owned());
                let labeled = if n == 0 {
                    LabeledSpan::new_primary_with_span(text, (offset, length))
                } else {
                    LabeledSpan::new_with_span(text, (offset, length))
                };
                report.labels.push(labeled);
            } else {
                let (line, column) = shown.place(lo);
                let text = if text.is_empty() { String::new() } else { format!(": {text}") };
                lines.push(format!("at {}:{line}:{column}{text}", escape::line(path)));
            }
        }
        (primary, lines)
    }

    /// The file of a span, read for showing, and the range within it.
    fn open(&mut self, span: Span) -> Option<(&'a str, u32, u32)> {
        let position = self.session.sources.position(span)?;
        let file = self.session.sources.by_path(position.path)?;
        let path = file.path.as_str();
        let secrets = self.secrets.get(path).map_or(&[][..], Vec::as_slice);
        self.files.entry(path).or_insert_with(|| Shown::new(file, secrets));
        Some((path, position.lo, position.hi))
    }

    fn place(&mut self, span: Option<Span>) -> Option<String> {
        let (path, lo, _) = self.open(span?)?;
        let (line, column) = self.files[path].place(lo);
        Some(format!("{}:{line}:{column}", escape::line(path)))
    }

    /// `note: …`, wrapped, the following lines under the text.
    fn paragraph(&mut self, head: &str, text: &str) {
        let indent = " ".repeat(head.len() + 2);
        let width = self.screen.width.saturating_sub(indent.len()).max(20);
        for (n, line) in wrapped(text, width).iter().enumerate() {
            let lead = if n == 0 { format!("  {}", self.screen.bold(head)) } else { indent.clone() };
            let _ = writeln!(self.out, "{lead}{line}");
        }
    }

    /// `fix: …` and the lines that change.
    fn cure(&mut self, cure: &Cure) {
        self.paragraph("fix: ", &escape::shown(&cure.title));
        let mut lines: BTreeMap<(String, u32), Vec<LineEdit>> = BTreeMap::new();
        for edit in &cure.edits {
            let Some(position) = self.session.sources.position(edit.span) else { return };
            let Some(file) = self.session.sources.by_path(position.path) else { return };
            let (table, text) = (file.document.lines(), file.document.text());
            let line = table.position(position.lo).line;
            let start = table.start(line);
            let length = table.line(text, line).map_or(0, str::len) as u32;
            if position.hi > start + length || length > 300 || edit.text.len() > 600 {
                return;
            }
            let range = ((position.lo - start) as usize, (position.hi - start) as usize, edit.text.clone());
            lines.entry((position.path.to_owned(), line)).or_default().push(range);
        }
        for ((path, line), edits) in lines {
            let Some(file) = self.session.sources.by_path(&path) else { return };
            let Some(old) = file.document.lines().line(file.document.text(), line) else { return };
            // A line of which a part must not be shown is not shown as a change either.
            if self.secrets.contains_key(path.as_str()) {
                return;
            }
            let Some(new) = edited(old, edits) else { return };
            let old = format!("- {}", escape::line(old.trim()));
            let _ = writeln!(self.out, "       {}", self.screen.red(&old));
            for new in new.trim().lines() {
                let new = format!("+ {}", escape::line(new));
                let _ = writeln!(self.out, "       {}", self.screen.green(&new));
            }
        }
    }

    /// Where the same was found again.
    fn others(&mut self, others: &[&Finding]) {
        if others.is_empty() {
            return;
        }
        let places: Vec<String> =
            others.iter().take(PLACES).filter_map(|finding| self.place(finding.diagnostic.span())).collect();
        let more = others.len() - places.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        self.paragraph("also: ", &format!("{}{more}", places.join(", ")));
    }

    /// One line: place, level, rule, message.
    fn line(&mut self, group: &[&Finding], announce: bool) {
        let finding = group[0];
        let diagnostic = &finding.diagnostic;
        if announce {
            let _ = writeln!(self.out, "{}", self.screen.dim(&format!("more of {}:", diagnostic.rule)));
        }
        let place = self.place(diagnostic.span()).map_or(String::new(), |place| format!("{place}: "));
        let more = if group.len() > 1 { format!(" ({} times)", group.len()) } else { String::new() };
        let _ = writeln!(
            self.out,
            "{place}{}[{}]: {}{}{more}",
            diagnostic.level.as_str(),
            diagnostic.rule,
            escape::line(&diagnostic.message),
            tail(finding),
        );
    }
}

/// In which environments, and who waived it.
fn tail(finding: &Finding) -> String {
    let mut tail = String::new();
    if !finding.environments.is_empty() {
        let names: Vec<&str> = finding.environments.iter().map(|name| name.as_str()).collect();
        let _ = write!(tail, " in {}", names.join(", "));
    }
    if let Some(waiver) = &finding.waived {
        let _ = write!(tail, " (waived by {})", escape::line(waiver));
    }
    tail
}

/// First and one past the last byte of a line, and what stands there instead.
type LineEdit = (usize, usize, String);

/// A line after its edits; none where they overlap.
fn edited(line: &str, mut edits: Vec<LineEdit>) -> Option<String> {
    edits.sort();
    let mut out = String::with_capacity(line.len() + 16);
    let mut at = 0;
    for (lo, hi, text) in edits {
        out.push_str(line.get(at..lo)?);
        out.push_str(&text);
        at = hi;
    }
    out.push_str(line.get(at..)?);
    Some(out)
}

/// Words into lines; a word that is longer than a line stands alone.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let indent: String = paragraph.chars().take_while(|c| *c == ' ').collect();
        let mut line = indent.clone();
        let mut used = indent.len();
        for word in paragraph.split_whitespace() {
            let length = word.chars().count();
            if used > indent.len() && used + 1 + length > width {
                lines.push(std::mem::replace(&mut line, indent.clone()));
                used = indent.len();
            }
            if used > indent.len() {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += length;
        }
        lines.push(line);
    }
    lines
}

/// What miette is told.
#[derive(Debug)]
struct Report {
    message: String,
    severity: Severity,
    labels: Vec<LabeledSpan>,
}

impl Report {
    fn of(finding: &Finding) -> Report {
        let severity = match finding.diagnostic.level {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
            Level::Note => Severity::Advice,
        };
        let message = escape::shown(&finding.diagnostic.message).into_owned();
        Report { message, severity, labels: Vec::new() }
    }
}

struct Rendered<'r, 'a> {
    report: &'r Report,
    source: Option<&'r Shown<'a>>,
}

impl fmt::Debug for Rendered<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report.fmt(f)
    }
}

impl fmt::Display for Rendered<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.report.message)
    }
}

impl std::error::Error for Rendered<'_, '_> {}

impl Diagnostic for Rendered<'_, '_> {
    fn severity(&self) -> Option<Severity> {
        Some(self.report.severity)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.report.labels.is_empty())
            .then(|| Box::new(self.report.labels.iter().cloned()) as Box<dyn Iterator<Item = LabeledSpan>>)
    }
}
