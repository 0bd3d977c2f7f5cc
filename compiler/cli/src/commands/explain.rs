//! `purlin explain`: a rule's page, the page of expressions, or the list of all rules.

use std::fmt::Write as _;

use clap::Args;
use purlin_core::check::{self, Rule, Run};

use super::{Failure, Outcome};
use crate::screen::Screen;
use crate::views::words::fit;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Id of a rule, such as `hardware.gpu-memory`, or of a layer, such as `hardware`; `expressions` is the page of their
    /// language [default: list them all]
    #[arg(value_name = "RULE")]
    rule: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, screen: &Screen) -> Result<Outcome, Failure> {
    let Some(wanted) = &arguments.rule else { return Ok(Outcome::fine(list("", screen))) };
    if wanted == "expressions" {
        return Ok(Outcome::fine(purlin_core::expr::page()));
    }
    if let Some(rule) = check::find(wanted) {
        return Ok(Outcome::fine(page(rule, screen)));
    }
    let layer = format!("{wanted}.");
    if check::rules().iter().any(|rule| rule.id.starts_with(&layer)) {
        return Ok(Outcome::fine(list(&layer, screen)));
    }
    let names = check::rules().iter().map(|rule| rule.id);
    let near = purlin_schema::closest::closest(wanted, names)
        .map_or(String::new(), |near| format!("; is `{near}` meant?"));
    Err(Failure(format!("there is no rule `{wanted}`{near} (`purlin explain` lists all)")))
}

fn page(rule: &Rule, screen: &Screen) -> String {
    let mut text = String::new();
    if rule.page.is_empty() {
        let _ = writeln!(
            text,
            "{}\n\n{}: {}.",
            screen.bold(&format!("# {}", rule.id)),
            rule.level.as_str(),
            rule.summary
        );
    } else {
        text.push_str(rule.page.trim_end());
        text.push('\n');
    }
    let built = match rule.run {
        Run::NotYet => "Not checked yet: the id exists so that waivers, levels and tests can name it.",
        Run::Stage => "Found while the spec is read, before the rules run.",
        Run::Each(..) | Run::Once(_) => "",
    };
    if !built.is_empty() {
        let _ = writeln!(text, "\n{built}");
    }
    text
}

fn list(prefix: &str, screen: &Screen) -> String {
    let mut rules: Vec<&Rule> =
        check::rules().iter().copied().filter(|rule| rule.id.starts_with(prefix)).collect();
    rules.sort_unstable_by_key(|rule| rule.id);
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for rule in rules {
        let later = if matches!(rule.run, Run::NotYet) { " (later)" } else { "" };
        let room = screen.width.saturating_sub(width + 11 + later.len()).max(20);
        let line =
            format!("{:width$}  {:7}  {}{later}", rule.id, rule.level.as_str(), fit(rule.summary, room));
        let _ = writeln!(text, "{}", if later.is_empty() { line } else { screen.dim(&line) });
    }
    text
}
