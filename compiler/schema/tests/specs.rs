//! Whole projects in the language decode without a finding.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use purlin_schema::decode::{decode, decode_change, decode_record};
use purlin_schema::kinds::{self, language};
use purlin_schema::schema::RecordSchema;
use purlin_schema::view::RecordType;
use purlin_syntax::{Diagnostic, Document, ItemId, NodeId, Tree};

/// One item and where its findings go.
struct Reader<'a> {
    tree: &'a Tree,
    text: &'a str,
    out: Vec<Diagnostic>,
    declarations: usize,
}

impl Reader<'_> {
    fn item(&mut self, node: NodeId) {
        let name = self.tree.node(node).name.as_str();
        match name {
            "param" => self.record(language::Param::SCHEMA, node),
            "let" => self.record(language::Let::SCHEMA, node),
            "kind" => self.record(language::UserKind::SCHEMA, node),
            "environment" | "test" => self.block(node),
            "template" | "use" | "for-each" | "import" => {}
            _ => {
                if let Some(kind) = kinds::kind(name) {
                    decode(kind, self.tree, node, self.text, ItemId(0), &mut self.out);
                    self.declarations += 1;
                } else {
                    let span = purlin_syntax::Span::new(ItemId(0), self.tree.node(node).name_range);
                    self.out.push(kinds::unknown_kind(name, span, []));
                }
            }
        }
    }

    /// Every kind's table against this node, whatever it was meant to be.
    fn torture(&mut self, node: NodeId) {
        for kind in kinds::KINDS {
            decode(kind, self.tree, node, self.text, ItemId(0), &mut self.out);
            decode_change(kind.record, self.tree, node, self.text, ItemId(0), &mut self.out);
        }
    }

    fn record(&mut self, schema: &'static RecordSchema, node: NodeId) {
        decode_record(schema, self.tree, node, self.text, ItemId(0), &mut self.out);
        self.declarations += 1;
    }

    fn block(&mut self, node: NodeId) {
        for child in self.tree.children(node) {
            match self.tree.node(child).name.as_str() {
                "change" => self.change(child),
                "expect" => self.record(language::TestExpect::SCHEMA, child),
                "set" => self.record(language::Set::SCHEMA, child),
                "window" => self.record(language::Window::SCHEMA, child),
                "freeze" => self.record(language::Freeze::SCHEMA, child),
                _ => {}
            }
        }
    }

    fn change(&mut self, node: NodeId) {
        let address = self.tree.entries(node).first().expect("has an address").text(self.text);
        let (kind, _) = address.split_once('.').expect("is kind.name");
        let kind = kinds::kind(kind).unwrap_or_else(|| panic!("no kind {kind}"));
        decode_change(kind.record, self.tree, node, self.text, ItemId(0), &mut self.out);
        self.declarations += 1;
    }
}

/// Every finding of a file, with its line; counts declarations.
fn read(path: &Path, declarations: &mut usize) -> String {
    let text = std::fs::read_to_string(path).expect("is readable");
    let document = Document::parse(text);
    let mut report = String::new();
    for (_, error) in document.errors() {
        let _ = writeln!(report, "{}: {}", path.display(), error.message);
    }
    for (index, item) in document.items().iter().enumerate() {
        let Some(root) = item.tree.root() else { continue };
        let text = document.item_text(index);
        let mut reader = Reader { tree: &item.tree, text, out: Vec::new(), declarations: 0 };
        reader.item(root);
        *declarations += reader.declarations;
        for diagnostic in reader.out {
            let at = item.start + diagnostic.span().map_or(0, |span| span.lo);
            let line = document.lines().position(at).line + 1;
            let _ =
                writeln!(report, "{}:{line}: {}: {}", path.display(), diagnostic.rule, diagnostic.message);
            for note in &diagnostic.notes {
                let _ = writeln!(report, "    {note}");
            }
        }
    }
    report
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("is a folder")
        .map(|entry| entry.expect("is readable").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "kdl") {
            out.push(path);
        }
    }
}

/// The folder of the projects: in the repository, or with the design beside it.
fn specs() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2)?;
    let beside = root.ancestors().map(|folder| folder.join("shared/design/specs"));
    std::iter::once(root.join("examples")).chain(beside).find(|path| path.is_dir())
}

#[test]
fn whole_projects_decode_without_a_finding() {
    let Some(folder) = specs() else {
        eprintln!("skipped: no example projects here");
        return;
    };
    let (mut paths, mut declarations) = (Vec::new(), 0);
    files(&folder, &mut paths);
    let report: String = paths.iter().map(|path| read(path, &mut declarations)).collect();
    assert!(declarations > 150, "{declarations} declarations in {} files", paths.len());
    assert!(report.is_empty(), "\n{report}");
}

/// Spoils a text in one place, the same way every time: a byte goes, or a piece comes that means something.
fn spoilt(text: &str, seed: u64) -> String {
    const PIECES: [&str; 16] = [
        "{", "}", "\"", "=", ";", "\n", "$", "${", "(expr)", "#null", "-1", "1.30", "a=", "(x)y", "/*", "$x",
    ];
    let mut number = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    let mut next = |bound: usize| {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (number >> 33) as usize % bound.max(1)
    };
    let mut at = next(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let rest = &text[at..];
    let skipped = rest.char_indices().nth(next(4)).map_or(0, |(skipped, _)| skipped);
    format!("{}{}{}", &text[..at], PIECES[next(PIECES.len())], &rest[skipped..])
}

#[test]
fn nothing_that_is_written_makes_the_decoder_panic() {
    let Some(folder) = specs() else {
        eprintln!("skipped: no example projects here");
        return;
    };
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    let mut findings = 0;
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("is readable");
        for seed in 0..3 {
            let document = Document::parse(spoilt(&spoilt(&text, seed), seed + 100));
            for (index, item) in
                document.items().iter().enumerate().filter(|(n, _)| (*n as u64 + seed).is_multiple_of(4))
            {
                let Some(root) = item.tree.root() else { continue };
                let text = document.item_text(index);
                let mut reader = Reader { tree: &item.tree, text, out: Vec::new(), declarations: 0 };
                reader.torture(root);
                findings += reader.out.len();
                for diagnostic in &reader.out {
                    let range = diagnostic.span().expect("a finding has a place").range();
                    assert!(range.lo <= range.hi && range.hi as usize <= text.len(), "{diagnostic:?}");
                }
            }
        }
    }
    assert!(findings > 2_000, "{findings} findings");
}
