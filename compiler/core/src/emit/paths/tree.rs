//! What the readers find: maps, lists and scalars, each with the one it stands in.

use std::fmt::{Arguments, Write};

use rustc_hash::FxHashMap;

/// Nodes in the order of the text; a node stands behind the one it is in.
#[derive(Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    leaves: Vec<(usize, String)>,
    children: FxHashMap<(usize, String), usize>,
    documents: usize,
}

struct Node {
    parent: usize,
    step: Step,
    /// How many elements it has so far, and the last of them.
    elements: usize,
    last: Option<usize>,
    /// An element's `name`, a document's `metadata.name`.
    name: Option<String>,
    /// A document's `kind`.
    kind: Option<String>,
}

enum Step {
    Document(usize),
    Key(String),
    Element(usize),
}

impl Tree {
    /// Begins a document.
    pub(super) fn document(&mut self) -> usize {
        self.documents += 1;
        self.add(self.nodes.len(), Step::Document(self.documents))
    }

    /// How many documents have begun.
    pub(super) fn documents(&self) -> usize {
        self.documents
    }

    /// What stands under a key: every call is another one.
    pub(super) fn key(&mut self, parent: usize, key: &str) -> usize {
        self.add(parent, Step::Key(key.to_owned()))
    }

    /// What stands under a key: the one that is there already, if any.
    pub(super) fn shared_key(&mut self, parent: usize, key: &str) -> usize {
        if let Some(&node) = self.children.get(&(parent, key.to_owned())) {
            return node;
        }
        let node = self.key(parent, key);
        self.children.insert((parent, key.to_owned()), node);
        node
    }

    /// The next element of a list.
    pub(super) fn element(&mut self, parent: usize) -> usize {
        let index = self.nodes[parent].elements;
        self.nodes[parent].elements += 1;
        let node = self.add(parent, Step::Element(index));
        self.nodes[parent].last = Some(node);
        node
    }

    /// The last element of a list of tables, or what was given where it is none.
    pub(super) fn last_element(&self, list: usize) -> usize {
        self.nodes[list].last.unwrap_or(list)
    }

    /// A scalar.
    pub(super) fn leaf(&mut self, node: usize, text: &str) {
        if let Step::Key(key) = &self.nodes[node].step {
            let parent = self.nodes[node].parent;
            let plain = || Some(text.trim_matches('"').to_owned());
            match (key.as_str(), &self.nodes[parent].step) {
                ("name", Step::Element(_)) => self.nodes[parent].name = plain(),
                ("kind", Step::Document(_)) => self.nodes[parent].kind = plain(),
                ("name", Step::Key(outer)) if outer == "metadata" => {
                    let document = self.nodes[parent].parent;
                    if let Step::Document(_) = self.nodes[document].step {
                        self.nodes[document].name = plain();
                    }
                }
                _ => {}
            }
        }
        self.leaves.push((node, text.to_owned()));
    }

    /// The scalars with their paths; where there are `many` documents, under the name of theirs.
    pub(super) fn into_fields(self, many: bool) -> Vec<(String, String)> {
        let mut seen: FxHashMap<String, usize> = FxHashMap::default();
        let mut paths: Vec<String> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let mut path = paths.get(node.parent).cloned().unwrap_or_default();
            push_step(&mut path, node, many);
            let count = seen.entry(path.clone()).or_default();
            *count += 1;
            if *count > 1 {
                push(&mut path, format_args!("#{count}"));
            }
            paths.push(path);
        }
        self.leaves.into_iter().map(|(node, text)| (paths[node].clone(), text)).collect()
    }

    fn add(&mut self, parent: usize, step: Step) -> usize {
        self.nodes.push(Node { parent, step, elements: 0, last: None, name: None, kind: None });
        self.nodes.len() - 1
    }
}

fn push_step(path: &mut String, node: &Node, many: bool) {
    match (&node.step, &node.name) {
        (Step::Document(_), _) if !many => {}
        (Step::Document(number), None) => push(path, format_args!("document-{number}")),
        (Step::Document(_), Some(name)) => {
            path.push_str(node.kind.as_deref().unwrap_or("document"));
            path.push('/');
            path.push_str(name);
        }
        (Step::Element(_), Some(name)) => push(path, format_args!("[{name}]")),
        (Step::Element(index), None) => push(path, format_args!("[{index}]")),
        (Step::Key(key), _) => {
            if !path.is_empty() {
                path.push('.');
            }
            let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
            if !key.is_empty() && key.bytes().all(is_word) {
                path.push_str(key);
            } else {
                push(path, format_args!("\"{key}\""));
            }
        }
    }
}

fn push(path: &mut String, text: Arguments<'_>) {
    // Writing to a `String` has no error of its own.
    let _ = path.write_fmt(text);
}
