//! `reliability.known-option`: an argument that the program does not know ends the run before it begins.

use purlin_schema::closest::closest;
use purlin_schema::kinds::parts::Arg;
use purlin_schema::kinds::serving::Serving;
use purlin_schema::kinds::training::TrainingJob;
use purlin_schema::units::{self, Quantity, QuantityKind, Version};
use purlin_schema::view::{ChoiceType, Rows};
use purlin_schema::{Field, Silent};
use purlin_stdlib::facts::Runtime;
use purlin_syntax::{Cure, Edit, Level, Span};

use crate::ask::Ask;
use crate::catalog::{self, Known};
use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;

/// The rule.
pub static RULE: Rule = Rule {
    id: "reliability.known-option",
    level: Level::Warning,
    summary: "an argument that the program does not know",
    scope: Scope::Item,
    page: include_str!("known_option.md"),
    run: Run::Each(&["training-job", "serving"], check),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let run = run(&check.ask, id)?;
    let Some(runtime) = listed(&check.ask, &run)? else { return Ok(()) };
    for (flag, span) in strange(&run, &runtime) {
        let product = runtime.product.unwrap_or(runtime.name);
        let read = format!(
            "its options were read at {} on {}: {}",
            runtime.version,
            runtime.provenance.as_of,
            runtime.provenance.source.join(", ")
        );
        let finding = check
            .finding(format!("{product} {} has no option `{flag}`", runtime.version), span)
            .because("a program that is told a word it does not know ends at its start")
            .with_note(read);
        check.report_curable(finding, nearest);
    }
    Ok(())
}

/// What a job or an endpoint runs.
struct Told<'a> {
    program: &'static str,
    version: Option<Version>,
    arguments: Rows<'a, Arg>,
}

fn run<'a>(ask: &Ask<'a>, id: ResourceId) -> Result<Told<'a>, Silent> {
    if let Some(job) = ask.view::<TrainingJob>(id) {
        let run = job.run().present()?;
        let program = run.variant().present()?.word();
        return Ok(Told { program, version: run.version().known()?, arguments: run.arg() });
    }
    let run = ask.view::<Serving>(id).ok_or(Silent)?.run().present()?;
    let program = run.variant().present()?.word();
    Ok(Told { program, version: run.version().known()?, arguments: run.arg() })
}

/// The options of the program, where they were read at the version that runs: other versions have others.
fn listed(ask: &Ask, run: &Told) -> Result<Option<Known<Runtime>>, Silent> {
    let Some(runtime) = catalog::runtime(ask, run.program) else { return Ok(None) };
    let Ok(Quantity::Version(read)) = units::parse(QuantityKind::Version, runtime.version) else {
        return Err(Silent);
    };
    let same = run.version.is_none_or(|version| read.is_a(version) || version.is_a(read));
    Ok(same.then_some(runtime))
}

/// Arguments that begin like options and are in no list, with their places.
fn strange(run: &Told, runtime: &Runtime) -> Vec<(String, Span)> {
    let flags = run.arguments.iter().filter_map(|argument| match argument.flag() {
        Field::Present(flag, span) => Some((flag, span)),
        _ => None,
    });
    flags
        .filter(|(flag, _)| flag.starts_with('-') && runtime.named(flag).is_none())
        .map(|(flag, span)| (flag.to_owned(), span))
        .collect()
}

/// The option that was meant, by its spelling; the value behind `=` stays.
fn nearest(ask: &Ask, id: ResourceId) -> Vec<Cure> {
    let Ok(run) = run(ask, id) else { return Vec::new() };
    let Ok(Some(runtime)) = listed(ask, &run) else { return Vec::new() };
    let [(flag, span)] = &strange(&run, &runtime)[..] else { return Vec::new() };
    let (name, value) =
        flag.split_once('=').map_or((flag.as_str(), None), |(name, value)| (name, Some(value)));
    let dashes = if name.starts_with("--") { "--" } else { "-" };
    let as_written = |option: &'static str| {
        if option.starts_with('-') { option.to_owned() } else { format!("{dashes}{option}") }
    };
    let options: Vec<String> = runtime.options.iter().map(|option| as_written(option.name)).collect();
    let Some(near) = closest(name, options.iter().map(String::as_str)) else { return Vec::new() };
    let text = value.map_or_else(|| near.to_owned(), |value| format!("{near}={value}"));
    let edit = Edit { span: *span, text: format!("{text:?}") };
    vec![Cure { title: format!("write `{text}`"), edits: vec![edit] }]
}
