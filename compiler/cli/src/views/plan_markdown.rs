//! A plan for a pull request. What users wrote is escaped: it cannot leave its place, link, or mention anybody.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use purlin_core::emit::Part;
use purlin_core::plan::consequences::{money, total};
use purlin_core::plan::standings;
use purlin_core::{Finding, Graph, Session};
use purlin_syntax::Level;

use super::escape;
use super::plan_parts as parts;
use super::plan_text::{fit_line, totals};
use super::words::{count, fit};
use crate::planning::Planned;

/// A comment has a limit of 65,536 characters on GitHub; no list is longer than this.
const ROWS: usize = 60;
/// So many fields of a file.
const FIELDS: usize = 12;
/// So many warnings, of so many characters each.
const WARNINGS: usize = 8;
const LINE: usize = 160;

/// All plans.
pub(crate) fn markdown(session: &Session, findings: &[Finding], plans: &[Planned]) -> String {
    let mut out = String::new();
    for planned in plans {
        plan(&mut out, session, findings, planned);
    }
    out
}

/// The findings that keep a plan from being made.
pub(crate) fn findings(session: &Session, findings: &[Finding]) -> String {
    let mut out = "### No plan: errors stand in the spec\n\n".to_owned();
    for finding in findings.iter().take(ROWS) {
        let diagnostic = &finding.diagnostic;
        let place = diagnostic.span().and_then(|span| session.sources.position(span)).and_then(|position| {
            let file = session.sources.by_path(position.path)?;
            Some(format!("{}:{}", position.path, file.document.lines().position(position.lo).line + 1))
        });
        let place = place.map_or(String::new(), |place| format!("{} ", code(&place)));
        let _ = writeln!(
            out,
            "- {place}**{}** {} {}",
            diagnostic.level.as_str(),
            code(diagnostic.rule),
            plain(&diagnostic.message)
        );
    }
    if findings.len() > ROWS {
        let _ = writeln!(out, "- and {}", count(findings.len() - ROWS, "more finding"));
    }
    out
}

fn plan(out: &mut String, session: &Session, findings: &[Finding], planned: &Planned) {
    let name = planned.environment.as_ref().map_or(String::new(), |name| format!(" · {}", plain(name)));
    let _ = writeln!(out, "### {}{name}\n", plain(&planned.manifest.platform));
    let _ = writeln!(out, "{} (against {})\n", plain(&totals(planned)), code(&planned.against));
    for remark in &planned.remarks {
        let _ = writeln!(out, "> {}\n", plain(remark));
    }
    if !planned.consequences.is_empty() {
        out.push_str("| | what | means | because |\n|---|---|---|---|\n");
        for consequence in planned.consequences.iter().take(ROWS) {
            let mark = if consequence.group.needs_approval() { "**" } else { "" };
            let address = if consequence.address.is_empty() { "platform" } else { &consequence.address };
            let group = consequence.group.as_str();
            let said = planned.reviews.get(&consequence.address).and_then(parts::said).unwrap_or_default();
            let (text, said) = (plain(&consequence.text), plain(&said));
            let _ = writeln!(out, "| {mark}{group}{mark} | {} | {text} | {said} |", code(address));
        }
        out.push('\n');
    }
    let fitted: Vec<_> =
        parts::fitted(planned).into_iter().filter_map(|(a, f)| Some((a, fit_line(f)?))).collect();
    if !fitted.is_empty() {
        out.push_str("| fits | memory |\n|---|---|\n");
        for (address, line) in fitted.iter().take(ROWS) {
            let _ = writeln!(out, "| {} | {} |", code(address), plain(line));
        }
        out.push('\n');
    }
    waits(out, planned);
    let _ = writeln!(out, "Cost: {}.\n", money(total(planned.now()).as_ref()));
    if let Some(state) = session.environments().get(planned.piece.index) {
        if planned.piece.part != Part::Shared {
            checks(out, findings, planned, &state.graph);
            compliance(out, session, &state.graph);
        }
        created(out, &parts::sections(planned, &state.graph));
    }
    changes(out, planned);
}

/// Who has to agree, by approval.
fn waits(out: &mut String, planned: &Planned) {
    let mut waits: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (address, review) in &planned.reviews {
        for approval in &review.approvals {
            waits.entry(approval).or_default().push(address);
        }
    }
    for (approval, addresses) in &waits {
        let names: Vec<String> = addresses.iter().take(ROWS).map(|address| code(address)).collect();
        let more = if addresses.len() > ROWS { ", …" } else { "" };
        let _ = writeln!(out, "- {}{more} waits for {}", names.join(", "), plain(approval));
    }
    if !waits.is_empty() {
        out.push('\n');
    }
}

fn checks(out: &mut String, findings: &[Finding], planned: &Planned, graph: &Graph) {
    let checks = parts::checks(planned, findings);
    let _ = writeln!(
        out,
        "Checks: {}, {}, {}; {} checked, {} not checked yet.\n",
        count(checks.standing(Level::Error), "error"),
        count(checks.standing(Level::Warning), "warning"),
        count(checks.standing(Level::Note), "note"),
        count(checks.built, "rule"),
        checks.later
    );
    let (warnings, waived) = (checks.of(Level::Warning), checks.waived());
    for finding in warnings.iter().take(WARNINGS) {
        let (rule, text) = (finding.diagnostic.rule, fit(&parts::told(finding, graph), LINE));
        let _ = writeln!(out, "- warning {} {}", code(rule), plain(&text));
    }
    if warnings.len() > WARNINGS {
        let _ = writeln!(out, "- and {}", count(warnings.len() - WARNINGS, "more warning"));
    }
    for (waiver, rules) in waived.iter().take(ROWS) {
        let names: Vec<String> = rules.keys().map(|rule| code(rule)).collect();
        let number: usize = rules.values().sum();
        let _ = writeln!(out, "- {number} waived by {}: {}", plain(waiver), names.join(", "));
    }
    if !warnings.is_empty() || !waived.is_empty() {
        out.push('\n');
    }
}

/// What the law asks of each system, and what of it nothing in the spec answers.
fn compliance(out: &mut String, session: &Session, graph: &Graph) {
    let standings = standings(&session.ask(graph));
    for standing in &standings {
        let (system, under) = (code(&standing.system), plain(&standing.under));
        let _ = writeln!(out, "- {system} under {under}: {}", standing.counts());
        for duty in standing.open().take(ROWS) {
            let (verdict, control) = (duty.verdict.as_str(), code(&duty.control));
            let _ = writeln!(out, "  - {verdict} {control} {}", plain(duty.duty));
        }
    }
    if !standings.is_empty() {
        out.push('\n');
    }
}

fn created(out: &mut String, sections: &[parts::Section]) {
    for section in sections {
        let number: usize = section.rows.iter().map(|row| row.count).sum();
        let _ = writeln!(out, "<details><summary>{}: {number}</summary>\n", plain(&section.title));
        for row in section.rows.iter().take(ROWS) {
            let names: Vec<String> = row.names.iter().take(8).map(|name| code(name)).collect();
            let more = if row.count > names.len() { ", …" } else { "" };
            let _ = writeln!(out, "- {} {}: {}{more}", row.count, code(&row.kind), names.join(", "));
        }
        out.push_str("\n</details>\n\n");
    }
}

fn changes(out: &mut String, planned: &Planned) {
    if planned.first || planned.actions.is_empty() && planned.files.diffs.is_empty() {
        return;
    }
    out.push_str("<details><summary>Changes</summary>\n\n");
    for action in planned.actions.iter().take(ROWS) {
        let said = planned.reviews.get(&action.address).and_then(parts::said);
        let said = said.map_or(String::new(), |said| format!(", {}", plain(&said)));
        let _ = writeln!(out, "- {} {}{said}", action.verb.as_str(), code(&action.address));
    }
    if planned.actions.len() > ROWS {
        let _ = writeln!(out, "- and {}", count(planned.actions.len() - ROWS, "more resource"));
    }
    for diff in planned.files.diffs.iter().take(ROWS) {
        let _ = writeln!(out, "- {}", code(&diff.path));
        for field in diff.fields.iter().take(FIELDS) {
            let value = |text: &Option<String>| {
                text.as_ref().map_or("(none)".to_owned(), |text| code(&fit(text, 80)))
            };
            let _ = writeln!(
                out,
                "  - {}: {} → {}",
                code(&field.path),
                value(&field.before),
                value(&field.after)
            );
        }
    }
    out.push_str("\n</details>\n\n");
}

/// Text in a code span; backticks and line ends cannot end it, a bar cannot end a table's cell.
pub(crate) fn code(text: &str) -> String {
    let text = escape::line(text).replace('`', "ˋ").replace('|', "\\|");
    if text.is_empty() { String::new() } else { format!("`{text}`") }
}

/// Text as it is: no mark-up, no link, no mention.
pub(crate) fn plain(text: &str) -> String {
    let text = escape::line(text);
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            '`' | '*' | '_' | '~' | '[' | ']' | '|' | '\\' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    // An address would become a link by itself.
    out.replace("://", ":&#8203;//").replace("www.", "www&#46;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, in_code: &str, in_text: &str) {
        assert_eq!((code(text).as_str(), plain(text).as_str()), (in_code, in_text));
    }

    #[test]
    fn nothing_leaves_its_place() {
        check("gpu-pool.h100", "`gpu-pool.h100`", "gpu-pool.h100");
        check("a`b|c", "`aˋb\\|c`", "a\\`b\\|c");
        check("@acme <b>", "`@acme <b>`", "&#64;acme &lt;b&gt;");
        check("a\nb", "`a\\u{a}b`", "a\\\\u{a}b");
        check("see https://x", "`see https://x`", "see https:&#8203;//x");
    }
}
