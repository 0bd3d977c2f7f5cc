//! A graph as a picture: what is shown, and three ways to write it.

mod layout;
pub(crate) mod svg;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use purlin_core::{Graph, ResourceId};

use super::escape;

/// Boxes and arrows, in the order of their addresses.
pub(crate) struct Drawing {
    /// What is drawn, where that needs to be said.
    pub(crate) title: Option<String>,
    pub(crate) boxes: Vec<Box>,
    /// From box, to box, what the relation is called.
    pub(crate) arrows: Vec<(usize, usize, &'static str)>,
}

/// One resource.
pub(crate) struct Box {
    pub(crate) kind: &'static str,
    pub(crate) name: String,
}

impl Drawing {
    /// The resources of a list, and the relations between them.
    pub(crate) fn of(graph: &Graph, ids: &[ResourceId]) -> Drawing {
        let mut resources: Vec<_> = ids.iter().filter_map(|id| graph.get(*id)).collect();
        resources.sort_unstable_by_key(|resource| (resource.kind.name, resource.name.as_str()));
        let place: BTreeMap<ResourceId, usize> =
            resources.iter().enumerate().map(|(n, resource)| (resource.id, n)).collect();
        let mut arrows = Vec::new();
        for (from, resource) in resources.iter().enumerate() {
            for edge in graph.edges(resource.id) {
                if let Some(to) = place.get(&edge.to) {
                    arrows.push((from, *to, edge.relation));
                }
            }
        }
        arrows.sort_unstable();
        arrows.dedup();
        let boxes = resources
            .iter()
            .map(|resource| Box {
                kind: resource.kind.name,
                name: escape::line(resource.name.as_str()).into_owned(),
            })
            .collect();
        Drawing { title: None, boxes, arrows }
    }

    /// For Graphviz.
    pub(crate) fn dot(&self) -> String {
        let mut out =
            "digraph purlin {\n  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n"
                .to_owned();
        if let Some(title) = &self.title {
            let _ = writeln!(out, "  label={};\n  labelloc=t;", quoted(&escape::line(title)));
        }
        for (n, shown) in self.boxes.iter().enumerate() {
            let label = format!("{}\n{}", shown.kind, shown.name);
            let _ = writeln!(out, "  r{n} [label={}];", quoted(&label));
        }
        for (from, to, relation) in &self.arrows {
            let _ = writeln!(out, "  r{from} -> r{to} [label={}];", quoted(relation));
        }
        out.push_str("}\n");
        out
    }

    /// For Markdown.
    pub(crate) fn mermaid(&self) -> String {
        let mut out = String::new();
        if let Some(title) = &self.title {
            let _ = writeln!(out, "---\ntitle: {}\n---", quoted(&escape::line(title)));
        }
        out.push_str("flowchart LR\n");
        for (n, shown) in self.boxes.iter().enumerate() {
            let _ = writeln!(out, "  r{n}[\"{}<br/>{}\"]", entities(shown.kind), entities(&shown.name));
        }
        for (from, to, relation) in &self.arrows {
            let _ = writeln!(out, "  r{from} -- \"{}\" --> r{to}", entities(relation));
        }
        out
    }
}

/// A string of Graphviz.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

/// Text within XML or Mermaid.
pub(crate) fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '#' => out.push_str("&#35;"),
            '`' => out.push_str("&#96;"),
            c => out.push(c),
        }
    }
    out
}
