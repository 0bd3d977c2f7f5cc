//! Names → edges: every reference of a resource is looked up in the graph of its environment.

use purlin_schema::closest::{closest, closest_of_unsorted};
use purlin_schema::{Reference, Type, Value};
use purlin_syntax::{Cure, Diagnostic, Edit, Span, Symbol};

use crate::catalog::Catalog;
use crate::graph::{Edge, Graph, Resource, ResourceId};
use crate::walk;

/// What a reference stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resolution {
    /// A resource of this environment.
    Found(ResourceId),
    /// A fact of the built-in catalog.
    Fact,
    /// Nothing that this environment has.
    Nothing,
    /// Several kinds have the name.
    Ambiguous,
}

/// A reference that was not found, and the kinds it may name.
pub type Unresolved = (Reference, &'static [&'static str]);

/// What linking a resource found.
#[derive(Default)]
pub struct Linked {
    /// References that were found.
    pub edges: Vec<Edge>,
    /// Every name that was looked up, found or not, once.
    pub names: Vec<Symbol>,
    /// References that were not, each with what to search for when somebody looks.
    pub diagnostics: Vec<(Diagnostic, Unresolved)>,
}

/// Looks up every reference of a resource.
pub fn link(resource: &Resource, graph: &Graph) -> Linked {
    let mut linked = Linked { edges: Vec::new(), names: Vec::new(), diagnostics: Vec::new() };
    walk::scalars(&resource.record, &mut |found| {
        let (Value::Reference(reference), Type::Reference(kinds)) = (found.value, found.wanted) else {
            return;
        };
        if !linked.names.contains(&reference.name) {
            linked.names.push(reference.name);
        }
        if places(kinds) && !linked.names.contains(&platform_name()) {
            linked.names.push(platform_name());
        }
        match resolve(graph, *reference, kinds) {
            Resolution::Found(to) => {
                linked.edges.push(Edge { to, relation: found.relation, span: reference.span });
            }
            Resolution::Fact => {}
            Resolution::Ambiguous => {
                linked.diagnostics.push((ambiguous(*reference, kinds, graph), (*reference, kinds)));
            }
            Resolution::Nothing => {
                linked.diagnostics.push((unknown(*reference, kinds, graph), (*reference, kinds)));
            }
        }
    });
    linked
}

/// Looks up one reference among the kinds that its field admits (none named: all).
pub fn resolve(graph: &Graph, reference: Reference, kinds: &[&str]) -> Resolution {
    let mut found = Resolution::Nothing;
    for resource in graph.named(reference.name) {
        let admitted = match reference.kind {
            Some(kind) => {
                resource.kind.name == kind.as_str()
                    && (kinds.is_empty() || kinds.contains(&resource.kind.name))
            }
            None => bare(resource, kinds),
        };
        if admitted && !(resource.kind.fact && only_resources(graph, kinds)) {
            if found != Resolution::Nothing {
                return Resolution::Ambiguous;
            }
            found = Resolution::Found(resource.id);
        }
    }
    let fact = found == Resolution::Nothing && Catalog::has(reference, kinds);
    if fact && !only_resources(graph, kinds) { Resolution::Fact } else { found }
}

/// The name under which a resource waits for a `platform` to come or to go: no identifier can be it.
pub(crate) fn platform_name() -> Symbol {
    Symbol::intern("(platform)")
}

/// Whether a field says where work runs, as `on` does: on a pool, or on a GPU of the catalog.
fn places(kinds: &[&str]) -> bool {
    kinds.len() > 1 && kinds.contains(&"gpu") && kinds.contains(&"gpu-pool")
}

fn all_facts(kinds: &[&str]) -> bool {
    kinds.iter().all(|kind| Catalog::is_fact_kind(kind))
}

/// Whether such a field means pools alone: where there is a platform, work runs on what the platform has; a GPU stands
/// for itself only in a calculation without one.
fn only_resources(graph: &Graph, kinds: &[&str]) -> bool {
    graph.has_kind("platform") && places(kinds)
}

/// Whether a bare name may stand for a resource: where any kind is admitted, facts must be named with theirs.
fn bare(resource: &Resource, kinds: &[&str]) -> bool {
    if kinds.is_empty() { !resource.kind.fact } else { kinds.contains(&resource.kind.name) }
}

/// A reference to several: the cures are known at once, one a candidate.
fn ambiguous(reference: Reference, kinds: &[&str], graph: &Graph) -> Diagnostic {
    let mut addresses: Vec<String> =
        graph.named(reference.name).filter(|resource| bare(resource, kinds)).map(Resource::address).collect();
    addresses.sort_unstable();
    let message = format!("`{}` names several resources: {}", reference.name, addresses.join(", "));
    let mut diagnostic = Diagnostic::error("reference.ambiguous", message, reference.span);
    for address in addresses {
        diagnostic = diagnostic.cure(format!("write `{address}`"), reference.span, address);
    }
    diagnostic
}

/// A reference to nothing. What else might be meant is searched when somebody looks ([`nearest`]): it depends on every
/// other name of the project, and this must not.
fn unknown(reference: Reference, kinds: &[&'static str], graph: &Graph) -> Diagnostic {
    if !kinds.is_empty() && all_facts(kinds) {
        return Catalog::unknown(reference, kinds[0]);
    }
    if let (Some(kind), None) = (reference.kind, said_kind(reference, kinds, graph)) {
        let message = format!(
            "`{kind}.{}` is no place in a platform; a {} is wanted",
            reference.name,
            wanted(reference, kinds, graph)
        );
        return Diagnostic::error("reference.wrong-kind", message, reference.span);
    }
    if let Some(diagnostic) = elsewhere(reference, kinds, graph) {
        return diagnostic;
    }
    let message = format!("no {} is named `{}`", wanted(reference, kinds, graph), reference.name);
    let diagnostic = Diagnostic::error("reference.unknown", message, reference.span);
    if places(kinds) && Catalog::has(reference, kinds) {
        return diagnostic.with_note(format!(
            "the catalog has `{}`, but a GPU stands for itself only in a calculation without a platform",
            reference.name
        ));
    }
    diagnostic
}

fn wanted(reference: Reference, kinds: &[&'static str], graph: &Graph) -> String {
    match said_kind(reference, kinds, graph) {
        Some(kind) => kind.as_str().to_owned(),
        None if kinds.is_empty() => "resource".to_owned(),
        None => meant(kinds, graph).join(" or "),
    }
}

/// The kind that a reference says, unless the field does not mean it here.
fn said_kind(reference: Reference, kinds: &[&'static str], graph: &Graph) -> Option<Symbol> {
    let fact = |kind: &Symbol| Catalog::is_fact_kind(kind.as_str());
    reference.kind.filter(|kind| !(fact(kind) && only_resources(graph, kinds)))
}

/// The kinds that a field means in this graph: of those that it admits, a GPU where there is no platform alone.
pub fn meant(kinds: &[&'static str], graph: &Graph) -> Vec<&'static str> {
    let resources = only_resources(graph, kinds);
    kinds.iter().copied().filter(|kind| !(resources && Catalog::is_fact_kind(kind))).collect()
}

/// The name exists, but not in this environment, or of another kind.
fn elsewhere(reference: Reference, kinds: &[&'static str], graph: &Graph) -> Option<Diagnostic> {
    let sought: Vec<&str> = reference.kind.map_or_else(|| kinds.to_vec(), |kind| vec![kind.as_str()]);
    for kind in sought {
        let Some(id) = graph.names.find(kind, reference.name) else { continue };
        let Some(item) = graph.names.address(id).items().next() else { continue };
        let environment = graph.environment.map_or("this project", Symbol::as_str);
        let message = format!("environment `{environment}` has no `{kind}.{}`", reference.name);
        return Some(
            Diagnostic::error("reference.other-environment", message, reference.span)
                .label(Span { item, lo: 0, hi: kind.len() as u32 }, "declared here, for other environments")
                .with_note(format!("say `only` here as well, or let `{environment}` keep the resource")),
        );
    }
    let other = graph.named(reference.name).min_by_key(|resource| resource.kind.name)?;
    let message = format!(
        "`{}` is a {}; a {} is wanted",
        reference.name,
        other.kind.name,
        wanted(reference, kinds, graph)
    );
    Some(
        Diagnostic::error("reference.wrong-kind", message, reference.span)
            .label(other.name_span, "declared here"),
    )
}

/// The cure of a reference to nothing: the nearest name of an admitted kind, in the project before the catalog.
pub fn nearest(graph: &Graph, reference: Reference, kinds: &[&'static str]) -> Option<Cure> {
    let said = said_kind(reference, kinds, graph);
    let sought: Vec<&str> = said.map_or_else(|| meant(kinds, graph), |kind| vec![kind.as_str()]);
    let own = graph
        .iter()
        .filter(|resource| sought.is_empty() || sought.contains(&resource.kind.name))
        .map(|resource| resource.name.as_str());
    let facts = sought.iter().flat_map(|kind| Catalog::names(kind).iter().copied());
    let name = reference.name.as_str();
    let near = closest_of_unsorted(name, own).or_else(|| closest(name, facts))?;
    let text = said.map_or_else(|| near.to_owned(), |kind| format!("{kind}.{near}"));
    Some(Cure { title: format!("write `{text}`"), edits: vec![Edit { span: reference.span, text }] })
}
