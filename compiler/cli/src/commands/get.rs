//! `purlin get`: one resolved value.

use std::path::PathBuf;

use clap::Args;
use purlin_core::{Resource, Session};
use purlin_schema::closest::closest;
use purlin_schema::path::{self, Found, NotFound};
use purlin_schema::print::print_value;
use purlin_schema::{Record, Shape};

use super::{Failure, Outcome, no_resource};
use crate::project::{OptionArgs, Project};
use crate::views::escape;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// An address and a path: `gpu-pool.h100`, `h100.nodes.max`
    #[arg(value_name = "PATH")]
    path: String,
    /// Folder of the project
    #[arg(long, value_name = "DIR", default_value = ".")]
    project: PathBuf,
    #[command(flatten)]
    options: OptionArgs,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let project = Project::compile_in(&arguments.project, arguments.options.options())?;
    let session = &project.session;
    let mut answers: Vec<(Option<&str>, Result<String, String>)> = Vec::new();
    for state in session.environments() {
        answers.push((
            state.name().map(purlin_syntax::Symbol::as_str),
            value(session, &state.graph, &arguments.path),
        ));
    }
    if let Some((_, Err(reason))) = answers.iter().find(|_| answers.iter().all(|(_, answer)| answer.is_err()))
    {
        return Err(Failure(reason.clone()));
    }
    let same = answers.iter().all(|(_, answer)| *answer == answers[0].1);
    let text = answers
        .iter()
        .take(if same { 1 } else { answers.len() })
        .map(|(environment, answer)| {
            let answer = answer.as_deref().unwrap_or("(not here)");
            match environment.filter(|_| !same) {
                Some(name) => format!("{name}: {}\n", escape::shown(answer)),
                None => format!("{}\n", escape::shown(answer)),
            }
        })
        .collect();
    Ok(Outcome::fine(text))
}

fn value(session: &Session, graph: &purlin_core::Graph, wanted: &str) -> Result<String, String> {
    let (resource, rest) = resource(graph, wanted).ok_or_else(|| no_resource(graph, wanted).0)?;
    let parts: Vec<&str> = rest.split('.').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        let span = resource.record.span;
        return Ok(format!("{} {}\n{}", resource.kind.name, resource.name, whole(&resource.record))
            .trim_end()
            .to_owned())
        .map(
            |text| if text.is_empty() { session.sources.source(span).unwrap_or("").to_owned() } else { text },
        );
    }
    match path::get(&resource.record, &parts) {
        Ok(Found::Value(value, shape, _)) => Ok(print_value(value, shape)),
        Ok(Found::Record(record)) => Ok(whole(record).trim_end().to_owned()),
        Err(error) => Err(nothing(resource, &parts, error)),
    }
}

/// The longest beginning of the path that is a resource, and what is left. Names may hold dots.
fn resource<'g, 'p>(graph: &'g purlin_core::Graph, path: &'p str) -> Option<(&'g Resource, &'p str)> {
    let ends = path.match_indices('.').map(|(at, _)| at).chain([path.len()]);
    ends.collect::<Vec<_>>().into_iter().rev().find_map(|end| {
        let found = graph.lookup(&path[..end])?;
        Some((found, path[end..].trim_start_matches('.')))
    })
}

/// Every field of a record on a line.
fn whole(record: &Record) -> String {
    let fields = record.schema.fields;
    let lines = record.slots().iter().filter_map(|slot| {
        let field = fields.get(usize::from(slot.field))?;
        let value = print_value(&slot.value, field.shape);
        let rows: Vec<String> = match field.shape {
            Shape::Many(_) => value.lines().map(|line| format!("    {} {line}\n", field.name)).collect(),
            _ => vec![format!("    {} {value}\n", field.name)],
        };
        Some(rows.concat())
    });
    lines.collect()
}

fn nothing(resource: &Resource, parts: &[&str], error: NotFound) -> String {
    let address = resource.address();
    match error {
        NotFound::UnknownField { at, schema } => {
            let names: Vec<&str> = schema.fields.iter().map(|field| field.name).collect();
            let has = match closest(parts[at], names.iter().copied()) {
                Some(near) => format!("the nearest is `{near}`"),
                None => format!("it has {}", names.join(", ")),
            };
            format!("`{address}`: {} has no field `{}`; {has}", schema.name, parts[at])
        }
        NotFound::Absent { at } => format!("`{address}` says no `{}`", parts[..=at].join(".")),
        NotFound::UnknownKey { at } => format!("`{address}` has no `{}`", parts[..=at].join(".")),
        NotFound::NoParts { at } => format!("`{address}`: `{}` has no parts", parts[..at].join(".")),
    }
}
