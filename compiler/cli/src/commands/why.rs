//! `purlin why`: which line of the spec an emitted line comes from, and what a resource became.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use purlin_core::emit::Part;
use purlin_core::emit::collect::{self, Line};
use purlin_core::{Finding, ResourceId, Session};
use purlin_syntax::Span;

use super::{Failure, Outcome, no_resource};
use crate::planning::Piece;
use crate::project::{OptionArgs, Project};
use crate::screen::Screen;
use crate::views::escape;
use crate::views::words::count;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// A line of an emitted file (`out/prod/kubernetes/train/50-serving/serving.yaml:12`), or an address
    #[arg(value_name = "FILE:LINE|ADDRESS")]
    what: String,
    /// Folder of the project [default: the folder around `out/`, or this one]
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
    #[command(flatten)]
    options: OptionArgs,
}

pub(crate) fn run(arguments: &Arguments, screen: &Screen) -> Result<Outcome, Failure> {
    let place = file_and_line(&arguments.what);
    let (folder, inside) = match &place {
        Some((file, _)) => split(file),
        None => (None, String::new()),
    };
    let folder = arguments.project.clone().or(folder).unwrap_or_else(|| PathBuf::from("."));
    let project = Project::compile_in(&folder, arguments.options.options())?;
    let findings = project.session.findings();
    if findings.iter().any(Finding::is_error) {
        return Err(Failure(
            "an error stands in the spec: nothing is emitted (`purlin check` says which)".to_owned(),
        ));
    }
    match place {
        Some((_, line)) => of_line(&project.session, &findings, &inside, line, screen),
        None => of_address(&project.session, &findings, &arguments.what, screen),
    }
}

/// `path:12`.
fn file_and_line(text: &str) -> Option<(String, usize)> {
    let (file, line) = text.rsplit_once(':')?;
    Some((file.to_owned(), line.parse().ok().filter(|line| *line > 0)?))
}

/// The project's folder and the path below `out/`.
fn split(file: &str) -> (Option<PathBuf>, String) {
    let file = file.replace('\\', "/");
    let file = file.trim_start_matches("./");
    match file.find("out/").filter(|at| *at == 0 || file.as_bytes()[at - 1] == b'/') {
        Some(0) => (None, file[4..].to_owned()),
        Some(at) => (Some(Path::new(&file[..at]).to_owned()), file[at + 4..].to_owned()),
        None => (None, file.to_owned()),
    }
}

fn of_line(
    session: &Session,
    findings: &[Finding],
    inside: &str,
    line: usize,
    screen: &Screen,
) -> Result<Outcome, Failure> {
    for piece in Piece::all(session) {
        let state = &session.environments()[piece.index];
        let name = piece.name(session);
        let path = match name.map(|name| inside.strip_prefix(name).and_then(|rest| rest.strip_prefix('/'))) {
            Some(Some(path)) => path,
            Some(None) => continue,
            None => inside,
        };
        let targets = purlin_targets::all();
        let print = purlin_targets::print::print_traced;
        let lines = collect::trace(session, piece.at(), findings, targets, print, path).unwrap_or_default();
        if lines.is_empty() {
            continue;
        }
        let number = lines.len();
        let Some(found) = lines.into_iter().nth(line - 1) else {
            return Err(Failure(format!("{inside} has {}", count(number, "line"))));
        };
        return Ok(Outcome::fine(explain(session, &state.graph, &found, screen)));
    }
    Err(Failure(format!("the project emits no file `{inside}` (write its path from `out/` on)")))
}

fn explain(session: &Session, graph: &purlin_core::Graph, line: &Line, screen: &Screen) -> String {
    let mut text = format!("{}\n", escape::line(line.text.trim_end()));
    let resource = line.resource.and_then(|id| graph.get(id));
    if let Some(resource) = resource {
        let _ = writeln!(text, "  from {}", screen.bold(&escape::line(&resource.address())));
    }
    match line.span.or(resource.map(|resource| resource.name_span)) {
        Some(span) => text.push_str(&source(session, span, screen)),
        None => text.push_str("  of the platform as a whole: no single line of the spec says it\n"),
    }
    if line.span.is_none() && resource.is_some() {
        text.push_str("  the target adds this line by itself, or takes it from facts\n");
    }
    text
}

/// `  said at serving.kdl:12:5` and the line.
fn source(session: &Session, span: Span, screen: &Screen) -> String {
    let Some(position) = session.sources.position(span) else { return String::new() };
    let Some(file) = session.sources.by_path(position.path) else { return String::new() };
    let (lines, text) = (file.document.lines(), file.document.text());
    let at = lines.position(position.lo);
    let line = lines.line(text, at.line).unwrap_or_default();
    format!(
        "  said at {}:{}:{}\n    {}\n",
        escape::line(position.path),
        at.line + 1,
        at.column + 1,
        screen.dim(&escape::line(line.trim()))
    )
}

fn of_address(
    session: &Session,
    findings: &[Finding],
    address: &str,
    screen: &Screen,
) -> Result<Outcome, Failure> {
    let mut text = String::new();
    for piece in Piece::all(session) {
        let state = &session.environments()[piece.index];
        // What is shared is told of once.
        let here = |resource: &&purlin_core::Resource| match piece.part {
            Part::Whole => true,
            Part::Own => !resource.is_shared(),
            Part::Shared => resource.is_shared(),
        };
        let Some(resource) = state.graph.lookup(address).filter(here) else { continue };
        let name = piece.name(session);
        let folder = name.map_or("out".to_owned(), |name| format!("out/{name}"));
        let name = name.map_or(String::new(), |name| format!(" in {name}"));
        let _ = writeln!(text, "{}{name}", screen.bold(&escape::line(&resource.address())));
        text.push_str(&source(session, resource.name_span, screen));
        relations(&mut text, &state.graph, resource.id);
        let targets = purlin_targets::all();
        let print = purlin_targets::print::print;
        let places =
            collect::places(session, piece.at(), findings, targets, print, resource.id).unwrap_or_default();
        for (path, first, last) in &places {
            let lines = if first == last { format!("{first}") } else { format!("{first}-{last}") };
            let _ = writeln!(text, "  becomes {folder}/{}:{lines}", escape::line(path));
        }
        if places.is_empty() {
            text.push_str("  becomes nothing by itself\n");
        }
    }
    match session.environments().first().filter(|_| text.is_empty()) {
        Some(state) => Err(no_resource(&state.graph, address)),
        None => Ok(Outcome::fine(text)),
    }
}

fn relations(text: &mut String, graph: &purlin_core::Graph, id: ResourceId) {
    for edge in graph.edges(id) {
        if let Some(to) = graph.get(edge.to) {
            let _ = writeln!(text, "  {} → {}", edge.relation, escape::line(&to.address()));
        }
    }
    let mut readers: Vec<String> = graph
        .incoming(id)
        .iter()
        .filter_map(|from| graph.get(*from))
        .map(purlin_core::Resource::address)
        .collect();
    readers.sort_unstable();
    if !readers.is_empty() {
        let _ = writeln!(text, "  named by {}", escape::line(&readers.join(", ")));
    }
}
