//! Runs targets over a sound graph: prints what they write, keeps count and digests, hands each file on and forgets it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use purlin_syntax::Span;
use rustc_hash::FxHashMap;
use sha2::{Digest as _, Sha256};

use crate::emit::tape::{Kind, Tape};
use crate::emit::{Format, Loss, Part, Sink, Sound, Target, losses, relay};
use crate::executor::{Executor, Serial};
use crate::findings::Finding;
use crate::graph::ResourceId;
use crate::session::Session;

/// Appends the documents of a tape to a file's text.
pub type Print = fn(Format, &Tape, &mut String);
/// The same, and appends the origin of every line.
pub type PrintTraced = fn(Format, &Tape, &mut String, &mut Vec<Option<Span>>);

/// A SHA-256 digest.
pub type Sha = [u8; 32];

/// Takes whole files, in the order in which targets write them.
pub trait Receiver: Send {
    /// One file, complete. It is not kept afterwards.
    fn file(&mut self, file: &Artifact<'_>);

    /// Whether digests of what is made from each resource are asked for. Where there is nothing to compare with they tell
    /// nothing: then those of the emission are all the same.
    fn wants_digests(&self) -> bool {
        true
    }
}

/// One emitted file.
#[derive(Clone, Copy, Debug)]
pub struct Artifact<'a> {
    /// Relative to `out/<environment>/`, with `/`.
    pub path: &'a str,
    /// How it was printed.
    pub format: Format,
    /// The whole text.
    pub text: &'a str,
}

impl Artifact<'_> {
    /// Digest of the text; taken anew at every call.
    pub fn sha256(&self) -> Sha {
        Sha256::digest(self.text.as_bytes()).into()
    }
}

/// What an emission came to, without the text.
#[derive(Default, Debug)]
pub struct Emission {
    /// Number of files and their bytes.
    pub files: usize,
    /// Bytes of all files.
    pub bytes: u64,
    /// Digest of everything that was made from a resource.
    pub digests: FxHashMap<ResourceId, Sha>,
    /// What is created where, by area and kind.
    pub objects: BTreeMap<String, BTreeMap<String, Objects>>,
    /// Terraform's blocks, in the order in which they are written.
    pub blocks: Vec<Block>,
    /// What the spec says and no output does.
    pub losses: Vec<Loss>,
}

/// Objects of one kind in one area.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Objects {
    /// How many.
    pub count: usize,
    /// The names of the first of them.
    pub names: Vec<String>,
}

/// A resource of Terraform.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// The folder of its file.
    pub folder: Arc<str>,
    /// `type.name`.
    pub name: String,
    /// What it is made from.
    pub from: ResourceId,
}

/// So many names of a kind are kept.
const NAMES: usize = 12;

/// Emits one environment (by its index), without what it shares with others. `None` where an error stands in it: such a
/// graph has no output.
pub fn emit(
    session: &Session,
    environment: usize,
    findings: &[Finding],
    targets: &[&dyn Target],
    print: Print,
    receiver: &mut dyn Receiver,
) -> Option<Emission> {
    emit_on(&Serial, session, (environment, false), findings, targets, print, receiver)
}

/// The same bytes, printed on another thread of the executor where it has one and there is much to print; or, where
/// `shared` is asked for, what several environments share, as that one has it.
pub fn emit_on(
    executor: &dyn Executor,
    session: &Session,
    (environment, shared): (usize, bool),
    findings: &[Finding],
    targets: &[&dyn Target],
    print: Print,
    receiver: &mut dyn Receiver,
) -> Option<Emission> {
    let sound = vouch_part(session, environment, findings, shared)?;
    Some(emit_part(executor, &sound, targets, print, receiver))
}

fn emit_part(
    executor: &dyn Executor,
    sound: &Sound<'_>,
    targets: &[&dyn Target],
    print: Print,
    receiver: &mut dyn Receiver,
) -> Emission {
    let graph = sound.graph();
    let executor = if graph.len() < MANY { &Serial } else { executor };
    let mut collector = Collector {
        print,
        takes_digests: receiver.wants_digests(),
        receiver,
        emission: Emission::default(),
        file: None,
        text: String::new(),
        run: None,
        begun: BTreeSet::new(),
    };
    let mut losses = Vec::new();
    relay::beside(executor, &mut collector, &mut losses, &mut |sink| {
        for target in targets {
            target.emit(sound, sink);
        }
    });
    collector.finish_file();
    let mut emission = collector.emission;
    if !targets.is_empty() {
        losses::finish(graph, &mut losses);
        if sound.part != Part::Whole {
            losses.retain(|loss| {
                let resource = graph.lookup(&loss.address);
                resource.map_or(sound.part == Part::Own, |resource| sound.makes(resource))
            });
        }
        emission.losses = losses;
    }
    emission
}

/// From so many resources on another thread is worth its start.
const MANY: usize = 300;

/// Where every line of one emitted file comes from; `None` where an error stands, empty where there is no such file.
/// `shared`: of what several environments share.
pub fn trace(
    session: &Session,
    (environment, shared): (usize, bool),
    findings: &[Finding],
    targets: &[&dyn Target],
    print: PrintTraced,
    path: &str,
) -> Option<Vec<Line>> {
    let sound = vouch_part(session, environment, findings, shared)?;
    let mut tracer =
        Tracer { print, path, format: None, text: String::new(), spans: Vec::new(), from: Vec::new() };
    for target in targets {
        target.emit(&sound, &mut tracer);
    }
    losses::forget(sound.graph());
    let lines = tracer.text.lines().map(str::to_owned);
    let origins = tracer.spans.into_iter().zip(tracer.from);
    Some(lines.zip(origins).map(|(text, (span, resource))| Line { text, span, resource }).collect())
}

/// One line of an emitted file, and where it comes from.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// Without its end.
    pub text: String,
    /// The field that says it, if the target told.
    pub span: Option<Span>,
    /// The resource whose document it stands in.
    pub resource: Option<ResourceId>,
}

/// The graph of an environment, if no unwaived error stands in it.
pub fn vouch<'a>(session: &'a Session, environment: usize, findings: &[Finding]) -> Option<Sound<'a>> {
    let state = session.environments().get(environment)?;
    let here = |finding: &Finding| {
        finding.environments.is_empty()
            || state.name().is_some_and(|name| finding.environments.contains(&name))
    };
    if findings.iter().any(|finding| finding.is_error() && here(finding)) {
        return None;
    }
    let sound = Sound::vouch(&state.graph, &session.catalog, &session.options);
    let shares = state.name().is_some() && session.sharing().is_some();
    Some(Sound { part: if shares { Part::Own } else { Part::Whole }, ..sound })
}

/// The same; of what several environments share, where that is asked for.
fn vouch_part<'a>(
    session: &'a Session,
    environment: usize,
    findings: &[Finding],
    shared: bool,
) -> Option<Sound<'a>> {
    let sound = vouch(session, environment, findings)?;
    Some(if shared { Sound { part: Part::Shared, ..sound } } else { sound })
}

struct Collector<'r> {
    print: Print,
    takes_digests: bool,
    receiver: &'r mut dyn Receiver,
    emission: Emission,
    file: Option<File>,
    text: String,
    /// The resource that was written last, and where its text begins.
    run: Option<(ResourceId, usize)>,
    begun: BTreeSet<String>,
}

/// The file that is being written.
struct File {
    path: String,
    format: Format,
    /// What it holds, by kind.
    objects: Vec<(String, Objects)>,
    /// The folder, where Terraform's blocks are noted with it.
    folder: Option<Arc<str>>,
}

impl File {
    fn begin(path: &str, format: Format) -> File {
        let folder = path.rsplit_once('/').filter(|_| format == Format::Hcl).map(|(folder, _)| folder.into());
        File { path: path.to_owned(), format, objects: Vec::new(), folder }
    }

    /// Where a resource's text counts as the same text: files of one area may be cut anew without a change.
    fn place(&self) -> &str {
        match self.format {
            Format::Yaml | Format::Hcl => area(&self.path),
            Format::Json | Format::Toml | Format::Text => &self.path,
        }
    }

    fn count(&mut self, kind: &str, name: &str) {
        let at = self.objects.iter().position(|(have, _)| have == kind).unwrap_or_else(|| {
            self.objects.push((kind.to_owned(), Objects::default()));
            self.objects.len() - 1
        });
        let objects = &mut self.objects[at].1;
        objects.count += 1;
        if objects.names.len() < NAMES {
            objects.names.push(name.to_owned());
        }
    }
}

impl Collector<'_> {
    fn finish_file(&mut self) {
        self.finish_run();
        let Some(file) = self.file.take() else { return };
        self.emission.files += 1;
        self.emission.bytes += self.text.len() as u64;
        self.receiver.file(&Artifact { path: &file.path, format: file.format, text: &self.text });
        self.text.clear();
        if !file.objects.is_empty() {
            let area = self.emission.objects.entry(area(&file.path).to_owned()).or_default();
            for (kind, found) in file.objects {
                let objects = area.entry(kind).or_default();
                objects.count += found.count;
                let room = NAMES - objects.names.len();
                objects.names.extend(found.names.into_iter().take(room));
            }
        }
        self.begun.insert(file.path);
    }

    /// What is written from `start` on is a resource's.
    fn note(&mut self, from: Option<ResourceId>, start: usize) {
        if self.run.is_some() && self.run.map(|(id, _)| id) == from {
            return;
        }
        self.finish_run_at(start);
        self.run = from.map(|from| (from, start));
    }

    fn finish_run(&mut self) {
        self.finish_run_at(self.text.len());
    }

    /// Adds what was written of one resource without a break to its digest.
    fn finish_run_at(&mut self, end: usize) {
        let (Some((from, start)), Some(file)) = (self.run.take(), &self.file) else { return };
        let text = &self.text[start..end];
        // Whether something stands before it in the file is no part of it.
        let text = text.strip_prefix("---\n").unwrap_or(text);
        let digest = self.emission.digests.entry(from).or_default();
        if !self.takes_digests {
            return;
        }
        let mut hasher = Sha256::new();
        hasher.update(*digest);
        hasher.update(file.place().as_bytes());
        hasher.update(text.as_bytes());
        *digest = hasher.finalize().into();
    }

    fn count(&mut self, from: Option<ResourceId>, tape: &Tape) {
        let Some(file) = &mut self.file else { return };
        // What Terraform overrides is created elsewhere.
        if file.path.ends_with("/override.tf") {
            return;
        }
        for (kind, name) in objects(tape, file.format) {
            if let (Some(from), Some(folder)) = (from, &file.folder) {
                let name = format!("{kind}.{name}");
                self.emission.blocks.push(Block { folder: folder.clone(), name, from });
            }
            file.count(kind, name);
        }
    }
}

impl Sink for Collector<'_> {
    fn file(&mut self, path: &str, format: Format) {
        self.finish_file();
        assert!(!self.begun.contains(path), "two targets, or one twice, write `{path}`");
        self.file = Some(File::begin(path, format));
    }

    fn document(&mut self, from: Option<ResourceId>, tape: &Tape) {
        let Some(File { format, .. }) = self.file else { return };
        let start = self.text.len();
        (self.print)(format, tape, &mut self.text);
        self.note(from, start);
        self.count(from, tape);
    }

    fn text(&mut self, from: Option<ResourceId>, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        self.note(from, start);
    }

    /// Losses are kept beside what is printed.
    fn loss(&mut self, _: Loss) {}
}

/// The folder that a file belongs to: `terraform/aws-train`, `kubernetes/train`, `node/h100`, `governance`.
fn area(path: &str) -> &str {
    let mut ends = path.match_indices('/').map(|(at, _)| at);
    let first = ends.next().unwrap_or(path.len());
    match &path[..first] {
        "terraform" | "kubernetes" | "node" => &path[..ends.next().unwrap_or(first)],
        other => other,
    }
}

/// Kind and name of each object that a tape creates: Terraform's `resource` blocks, Kubernetes' documents.
fn objects(tape: &Tape, format: Format) -> impl Iterator<Item = (&str, &str)> {
    let tokens = tape.tokens();
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(&token) = tokens.get(at) {
            let open = at;
            at = if token.kind.opens() { token.end() + 1 } else { at + 1 };
            let found = match token.kind {
                Kind::OpenBlock if format == Format::Hcl => block(tape, open),
                Kind::OpenMap if format == Format::Yaml => object(tape, open),
                _ => None,
            };
            if found.is_some() {
                return found;
            }
        }
        None
    })
}

/// Type and name of a block `resource`.
fn block(tape: &Tape, open: usize) -> Option<(&str, &str)> {
    let [what, kind, name] = tape.tokens().get(open + 1..open + 4)? else { return None };
    let is_resource = what.kind == Kind::Label && tape.text(*what) == "resource";
    let labelled = kind.kind == Kind::Label && name.kind == Kind::Label;
    (is_resource && labelled).then(|| (tape.text(*kind), tape.text(*name)))
}

/// `kind` and `metadata.name` of a Kubernetes object.
fn object(tape: &Tape, open: usize) -> Option<(&str, &str)> {
    let kind = leaf(tape, open, "kind")?;
    leaf(tape, open, "apiVersion")?;
    let metadata = entry(tape, open, "metadata")?;
    Some((kind, leaf(tape, metadata, "name")?))
}

fn leaf<'t>(tape: &'t Tape, open: usize, key: &str) -> Option<&'t str> {
    let token = *tape.tokens().get(entry(tape, open, key)?)?;
    matches!(token.kind, Kind::Leaf(_)).then(|| tape.text(token))
}

/// The index of the value of a key in a map.
fn entry(tape: &Tape, open: usize, key: &str) -> Option<usize> {
    let tokens = tape.tokens();
    let end = tokens.get(open)?.end();
    let mut at = open + 1;
    while at < end {
        let token = tokens[at];
        if token.kind == Kind::Key && tape.text(token) == key {
            return (at + 1..end).find(|value| tokens[*value].kind != Kind::Comment);
        }
        at = if token.kind.opens() { token.end() + 1 } else { at + 1 };
    }
    None
}

/// Keeps the one file that is asked for, with origins.
struct Tracer<'p> {
    print: PrintTraced,
    path: &'p str,
    format: Option<Format>,
    text: String,
    spans: Vec<Option<Span>>,
    from: Vec<Option<ResourceId>>,
}

impl Tracer<'_> {
    fn fill(&mut self, from: Option<ResourceId>) {
        let lines = self.text.lines().count();
        self.spans.resize(lines, None);
        self.from.resize(lines, from);
    }
}

impl Sink for Tracer<'_> {
    fn file(&mut self, path: &str, format: Format) {
        self.format = (path == self.path).then_some(format);
    }

    fn document(&mut self, from: Option<ResourceId>, tape: &Tape) {
        let Some(format) = self.format else { return };
        (self.print)(format, tape, &mut self.text, &mut self.spans);
        self.fill(from);
    }

    fn text(&mut self, from: Option<ResourceId>, text: &str) {
        if self.format.is_some() {
            self.text.push_str(text);
            self.fill(from);
        }
    }

    fn loss(&mut self, _: Loss) {}
}

/// The places of everything made from a resource: path, first and last line, from 1. `None` where an error stands.
pub fn places(
    session: &Session,
    (environment, shared): (usize, bool),
    findings: &[Finding],
    targets: &[&dyn Target],
    print: Print,
    id: ResourceId,
) -> Option<Vec<(String, usize, usize)>> {
    let sound = vouch_part(session, environment, findings, shared)?;
    let mut finder = Finder {
        print,
        id,
        path: String::new(),
        format: Format::Text,
        text: String::new(),
        found: Vec::new(),
    };
    for target in targets {
        target.emit(&sound, &mut finder);
    }
    losses::forget(sound.graph());
    Some(finder.found)
}

/// Notes where a resource's documents stand; neighbouring ones are one place.
struct Finder {
    print: Print,
    id: ResourceId,
    path: String,
    format: Format,
    text: String,
    found: Vec<(String, usize, usize)>,
}

impl Finder {
    fn note(&mut self, from: Option<ResourceId>, start: usize) {
        if from != Some(self.id) || self.text.len() == start {
            return;
        }
        let first = self.text[..start].lines().count() + 1;
        let last = self.text.lines().count();
        match self.found.last_mut() {
            Some((path, _, end)) if *path == self.path && *end + 1 == first => *end = last,
            _ => self.found.push((self.path.clone(), first, last)),
        }
    }
}

impl Sink for Finder {
    fn file(&mut self, path: &str, format: Format) {
        path.clone_into(&mut self.path);
        self.format = format;
        self.text.clear();
    }

    fn document(&mut self, from: Option<ResourceId>, tape: &Tape) {
        let start = self.text.len();
        (self.print)(self.format, tape, &mut self.text);
        self.note(from, start);
    }

    fn text(&mut self, from: Option<ResourceId>, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        self.note(from, start);
    }

    fn loss(&mut self, _: Loss) {}
}
