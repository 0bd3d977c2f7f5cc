//! `purlin graph`: resources and relations, for Graphviz, for Mermaid, or drawn.

use clap::{Args, ValueEnum};
use purlin_core::Graph;
use purlin_core::environment::EnvironmentState;

use super::{Failure, Outcome, no_resource};
use crate::project::{Project, ProjectArgs};
use crate::views::drawing::{self, Drawing};

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    project: ProjectArgs,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Dot)]
    format: Format,
    /// Only these resources and what they are related to: `gpu-pool.h100`; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    around: Vec<String>,
}

/// How a graph is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
enum Format {
    /// For Graphviz
    Dot,
    /// For Markdown
    Mermaid,
    /// A picture
    Svg,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let project = Project::compile(&arguments.project)?;
    let environments = project.session.environments();
    let Some(state) = environments.first() else { return Err(Failure("there is no environment".to_owned())) };
    let graph = &state.graph;
    let mut drawing = Drawing::of(graph, &around(graph, &arguments.around)?);
    drawing.title = title(environments);
    let text = match arguments.format {
        Format::Dot => drawing.dot(),
        Format::Mermaid => drawing.mermaid(),
        Format::Svg => drawing::svg::draw(&drawing),
    };
    Ok(Outcome::fine(text))
}

/// Which environment is drawn, where there are any; and how the others are.
fn title(environments: &[EnvironmentState]) -> Option<String> {
    let mut names = environments.iter().filter_map(EnvironmentState::name);
    let first = names.next()?;
    let others: Vec<String> = names.map(|name| format!("--env {name}")).collect();
    Some(match &others[..] {
        [] => format!("environment {first}"),
        others => format!("environment {first} (others: {})", others.join(", ")),
    })
}

/// The addresses asked for and everything that is one relation away; nothing asked: everything.
fn around(graph: &Graph, wanted: &[String]) -> Result<Vec<purlin_core::ResourceId>, Failure> {
    let mut ids = Vec::new();
    if wanted.is_empty() {
        ids.extend(graph.iter().map(|resource| resource.id));
    }
    for address in wanted {
        let found = graph.lookup(address).ok_or_else(|| no_resource(graph, address))?;
        ids.push(found.id);
        ids.extend(graph.edges(found.id).iter().map(|edge| edge.to));
        ids.extend(graph.incoming(found.id));
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}
