//! From a compiled project to one plan an environment: the part that `plan`, `build`, `apply` and `diff` share.

use std::path::{Path, PathBuf};

use purlin_core::emit::{self, Emission, Part, Receiver};
use purlin_core::environment::EnvironmentState;
use purlin_core::plan::{
    self, Action, Consequence, Facts, FilePlan, Group, Kept, Manifest, Snapshot, manifest,
};
use purlin_core::sharing::SHARED;
use purlin_core::{Finding, MemoryWorld, Options, Session, compile};
use purlin_engine::directory::Held;
use purlin_engine::git::Repository;
use purlin_engine::{Directory, Disk};
use purlin_syntax::Symbol;

use crate::commands::Failure;
use crate::executor::{Threads, beside};
use crate::review::{self, Reviews, Side};

/// What a plan compares with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Against {
    /// What was applied to the output folder.
    Directory,
    /// What was built into another folder.
    Folder(PathBuf),
    /// The project at a revision.
    Git(String),
    /// Another environment of the project.
    Environment(String),
}

/// Reads `git:REV` or `env:NAME`.
pub(crate) fn against(text: &str) -> Result<Against, String> {
    match text.split_once(':') {
        Some(("git", revision)) if !revision.is_empty() => Ok(Against::Git(revision.to_owned())),
        Some(("env", name)) if !name.is_empty() => Ok(Against::Environment(name.to_owned())),
        _ => Err("write `git:REVISION` or `env:NAME`".to_owned()),
    }
}

/// What is planned for itself: an environment, or what several of them share.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Piece {
    /// The index of the environment, or of the first that has what is shared.
    pub(crate) index: usize,
    /// Which of its resources.
    pub(crate) part: Part,
}

impl Piece {
    /// Every piece of a session, what is shared at last.
    pub(crate) fn all(session: &Session) -> Vec<Piece> {
        let shared = session.sharing();
        let part = if shared.is_some() { Part::Own } else { Part::Whole };
        let own = (0..session.environments().len()).map(|index| Piece { index, part });
        own.chain(shared.map(|index| Piece { index, part: Part::Shared })).collect()
    }

    /// Its environment, and whether it is what that shares with others.
    pub(crate) fn at(self) -> (usize, bool) {
        (self.index, self.part == Part::Shared)
    }

    /// Its folder below `out/`.
    pub(crate) fn name(self, session: &Session) -> Option<&'static str> {
        match self.part {
            Part::Shared => Some(SHARED),
            Part::Own | Part::Whole => session.environments()[self.index].name().map(Symbol::as_str),
        }
    }
}

/// Takes `--env shared` out of the options: what is shared is compiled with all environments.
pub(crate) fn only_shared(options: &mut Options) -> Option<String> {
    options.environment.take_if(|name| name == SHARED)
}

/// The plan of one environment, or of what several share.
pub(crate) struct Planned {
    /// Its name; none where the project has no environments.
    pub(crate) environment: Option<String>,
    /// Of what.
    pub(crate) piece: Piece,
    /// What was compared with, in words.
    pub(crate) against: String,
    /// Whether there was nothing before.
    pub(crate) first: bool,
    /// What was there, where that is not what the output folder held.
    before: Option<Snapshot>,
    /// What is wanted.
    pub(crate) manifest: Manifest,
    /// What is emitted.
    pub(crate) emission: Emission,
    /// What happens to files.
    pub(crate) files: FilePlan,
    /// What happens to resources.
    pub(crate) actions: Vec<Action>,
    /// What that means.
    pub(crate) consequences: Vec<Consequence>,
    /// Which lines caused it and who has to agree; for comparisons with a revision that compiles.
    pub(crate) reviews: Reviews,
    /// What the reader has to know about the comparison.
    pub(crate) remarks: Vec<String>,
    /// What the output folder held; nothing for other baselines.
    pub(crate) held: Held,
    /// The texts that change, where they are few.
    pub(crate) texts: Option<Kept>,
}

impl Planned {
    /// What is wanted.
    pub(crate) fn now(&self) -> &Snapshot {
        &self.manifest.resources
    }

    /// What was there.
    fn before(&self) -> Option<&Snapshot> {
        self.before.as_ref().or(self.held.manifest.as_ref().map(|manifest| &manifest.resources))
    }

    /// Whether there is nothing to do.
    pub(crate) fn is_empty(&self) -> bool {
        self.actions.is_empty() && self.files.is_empty() && !self.manifest_moves()
    }

    /// Whether the manifest alone would be written: another compiler, another number.
    fn manifest_moves(&self) -> bool {
        self.held.manifest.as_ref().is_some_and(|held| *held != self.manifest)
    }

    /// Groups that have to be approved by name, and are in this plan.
    pub(crate) fn approvals(&self) -> Vec<Group> {
        let mut groups: Vec<Group> =
            self.consequences.iter().map(|c| c.group).filter(|group| group.needs_approval()).collect();
        groups.dedup();
        groups
    }
}

/// What follows a plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Next {
    /// It is shown.
    Show,
    /// It is saved, to be applied later.
    Save,
    /// It is applied at once: what is written then is kept, where it is not too much.
    Apply,
}

/// Plans every environment of a session (or the one that is asked for).
pub(crate) fn plan_all(
    session: &Session,
    findings: &[Finding],
    project: &Path,
    against: &Against,
    only: Option<&str>,
    next: Next,
) -> Result<Vec<Planned>, Failure> {
    let old = match against {
        Against::Git(revision) => Some(Revision::open(project, revision, &session.options)?),
        _ => None,
    };
    let mut plans = Vec::new();
    let mut pieces = Piece::all(session);
    pieces.extend(left_over(session, project, against)?);
    for piece in pieces {
        let name = piece.name(session);
        // Of a single environment alone it is not known on what the others agree.
        let alone = session.options.environment.is_some() && piece.part == Part::Shared;
        if alone || only.is_some() && name != only {
            continue;
        }
        let state = &session.environments()[piece.index];
        let mut planned = match (against, &old) {
            (Against::Environment(other), _) => {
                if name == Some(other) || piece.part == Part::Shared {
                    continue;
                }
                with_environment(session, findings, piece, other)?
            }
            (_, Some(revision)) => revision.plan(session, findings, piece)?,
            (Against::Folder(folder), _) => {
                with_directory(session, findings, piece, project, Some(folder), next)?
            }
            _ => with_directory(session, findings, piece, project, None, next)?,
        };
        let forces = purlin_targets::terraform::facts::replaces;
        let reasons = plan::replace::reasons(&planned.files, &planned.emission, &state.graph, forces);
        let replaces =
            |address: &str, _: &Facts, _: &Facts| reasons.get(address).cloned().unwrap_or_default();
        let nothing = Snapshot::new();
        let before = planned.before().unwrap_or(&nothing);
        let actions = plan::diff(before, planned.now(), &replaces);
        planned.consequences = plan::consequences(before, planned.now(), &actions);
        if let Some(base) = old.as_ref().and_then(|revision| revision.side(name)) {
            let head = Side { session, graph: &state.graph, revision: None };
            planned.reviews = review::reviews(head, base, &actions, &planned.consequences);
        }
        planned.actions = actions;
        plans.push(planned);
    }
    match only {
        Some(only) if plans.is_empty() && !matches!(against, Against::Environment(_)) => {
            Err(Failure(format!("the project declares no environment `{only}`")))
        }
        _ => Ok(plans),
    }
}

/// What was shared once, where nothing is any more: its folder is emptied as an environment's would be.
fn left_over(session: &Session, project: &Path, against: &Against) -> Result<Option<Piece>, Failure> {
    let folder = match against {
        Against::Directory => None,
        Against::Folder(folder) => Some(folder.as_path()),
        Against::Git(_) | Against::Environment(_) => return Ok(None),
    };
    let has_environments = session.environments().iter().any(|state| state.name().is_some());
    let is_one =
        session.environments().iter().any(|state| state.name().is_some_and(|name| name.as_str() == SHARED));
    if !has_environments || is_one || session.sharing().is_some() {
        return Ok(None);
    }
    let held = destination(project, folder, Some(SHARED))?.held()?.manifest;
    let is_empty = held.is_none_or(|held| held.files.is_empty() && held.resources.is_empty());
    Ok((!is_empty).then_some(Piece { index: 0, part: Part::Shared }))
}

/// Emits one environment, or what several share, into a receiver.
pub(crate) fn emit(
    session: &Session,
    findings: &[Finding],
    piece: Piece,
    receiver: &mut dyn Receiver,
) -> Result<Emission, Failure> {
    let (targets, print) = (purlin_targets::all(), purlin_targets::print::print);
    emit::emit_on(&Threads, session, piece.at(), findings, targets, print, receiver).ok_or_else(|| {
        let name = session.environments().get(piece.index).and_then(EnvironmentState::name);
        let place = name.map_or(String::new(), |name| format!(" of environment `{name}`"));
        Failure(format!("an error stands in the spec{place}: nothing is emitted"))
    })
}

/// Emits one environment, and finds the facts of its resources meanwhile.
fn emit_with_facts(
    session: &Session,
    findings: &[Finding],
    piece: Piece,
    receiver: &mut dyn Receiver,
) -> Result<(Emission, Snapshot), Failure> {
    let is_small = session.environments().get(piece.index).is_none_or(|state| state.graph.len() < MANY);
    let digests = receiver.wants_digests();
    let facts = || plan::known(session, piece.index, findings, piece.part, digests);
    let mut emission = || emit(session, findings, piece, receiver);
    let (emission, known) = if is_small { (emission(), facts()) } else { beside(emission, facts) };
    let emission = emission?;
    let snapshot = known.with(&emission);
    Ok((emission, snapshot))
}

/// From so many resources on another thread is worth its start.
const MANY: usize = 300;

fn planned(
    session: &Session,
    piece: Piece,
    (emission, snapshot): (Emission, Snapshot),
    files: FilePlan,
) -> Planned {
    let environment = piece.name(session).map(str::to_owned);
    let mut manifest = Manifest::new(platform(session, piece.index), environment.clone());
    manifest.files.clone_from(&files.files);
    manifest.resources = snapshot;
    Planned {
        environment,
        piece,
        against: String::new(),
        first: false,
        before: None,
        manifest,
        emission,
        files,
        actions: Vec::new(),
        consequences: Vec::new(),
        reviews: Reviews::new(),
        remarks: Vec::new(),
        held: Held::default(),
        texts: None,
    }
}

fn platform(session: &Session, index: usize) -> String {
    let platforms = session.environments()[index].graph.of_kind("platform");
    platforms.first().map_or(String::new(), |platform| platform.name.as_str().to_owned())
}

/// Where an environment is written: in the output folder of the project, or in another folder.
pub(crate) fn destination(
    project: &Path,
    folder: Option<&Path>,
    environment: Option<&str>,
) -> Result<Directory<'static>, Failure> {
    Ok(match folder {
        Some(folder) => Directory::at(&Disk, folder, environment)?,
        None => Directory::new(&Disk, project, environment)?,
    })
}

/// Against what the output folder, or another, holds.
fn with_directory(
    session: &Session,
    findings: &[Finding],
    piece: Piece,
    project: &Path,
    folder: Option<&Path>,
    next: Next,
) -> Result<Planned, Failure> {
    let name = piece.name(session);
    let directory = destination(project, folder, name)?;
    let held = directory.held()?;
    let mut survey = directory.survey(&held);
    match next {
        Next::Apply => survey = survey.keeping_texts(),
        // Where there is a manifest it is compared with the one that would be written.
        Next::Show if held.manifest.is_none() => survey = survey.shown_only(),
        Next::Show | Next::Save => {}
    }
    let emitted = emit_with_facts(session, findings, piece, &mut survey)?;
    let (files, texts) = survey.finish()?;
    let mut planned = planned(session, piece, emitted, files);
    directory.shown().clone_into(&mut planned.against);
    planned.first = held.manifest.is_none();
    if held.manifest.as_ref().is_some_and(|manifest| !manifest.pending.is_empty()) {
        planned
            .remarks
            .push(format!("the last apply to {} did not finish: this one does the rest", directory.shown()));
    }
    planned.held = held;
    planned.texts = texts;
    Ok(planned)
}

/// Against another environment of the same project.
fn with_environment(
    session: &Session,
    findings: &[Finding],
    piece: Piece,
    other: &str,
) -> Result<Planned, Failure> {
    let base = session
        .environments()
        .iter()
        .position(|state| state.name().is_some_and(|name| name.as_str() == other))
        .ok_or_else(|| Failure(format!("the project declares no environment `{other}`")))?;
    let mut kept = Kept::default();
    let base = Piece { index: base, part: piece.part };
    let (_, before) = emit_with_facts(session, findings, base, &mut kept)?;
    let mut compare = kept.compare();
    let emitted = emit_with_facts(session, findings, piece, &mut compare)?;
    let mut planned = planned(session, piece, emitted, compare.finish());
    planned.against = format!("environment {other}");
    planned.before = Some(before);
    Ok(planned)
}

/// A revision of the project, compiled with today's compiler.
struct Revision {
    name: String,
    session: Session,
    findings: Vec<Finding>,
    repository: Repository,
}

impl Revision {
    fn open(project: &Path, revision: &str, options: &Options) -> Result<Revision, Failure> {
        let repository = Repository::of(project)?;
        repository.resolve(revision)?;
        let world: MemoryWorld = repository.world(revision)?;
        let session = compile(&world, options.clone(), &Threads)?;
        let findings = session.findings();
        Ok(Revision { name: revision.to_owned(), session, findings, repository })
    }

    /// Its graph of an environment, where no error stands in the revision.
    fn side(&self, environment: Option<&str>) -> Option<Side<'_>> {
        let same = |state: &&EnvironmentState| state.name().map(Symbol::as_str) == environment;
        let state = self.session.environments().iter().find(same)?;
        let sound = !self.findings.iter().any(Finding::is_error);
        sound.then_some(Side { session: &self.session, graph: &state.graph, revision: Some(&self.name) })
    }

    /// Where the revision does not compile, the manifest that was committed with it.
    fn plan(&self, session: &Session, findings: &[Finding], piece: Piece) -> Result<Planned, Failure> {
        let name = piece.name(session);
        let base = Piece::all(&self.session).into_iter().find(|base| base.name(&self.session) == name);
        let mut kept = Kept::default();
        let old = base.and_then(|base| {
            emit_with_facts(&self.session, &self.findings, base, &mut kept).ok().map(|(_, old)| old)
        });
        let mut compare = kept.compare();
        let emitted = emit_with_facts(session, findings, piece, &mut compare)?;
        let mut planned = planned(session, piece, emitted, compare.finish());
        planned.against = format!("git {}", self.name);
        match (base, old) {
            (_, Some(old)) => planned.before = Some(old),
            (None, None) => planned.first = true,
            (Some(_), None) => self.fall_back(&mut planned)?,
        }
        Ok(planned)
    }

    fn fall_back(&self, planned: &mut Planned) -> Result<(), Failure> {
        let folder = planned.environment.as_ref().map_or("out".to_owned(), |name| format!("out/{name}"));
        let path = format!("{folder}/{}", manifest::NAME);
        let Some(bytes) = self.repository.file(&self.name, &path)? else {
            return Err(Failure(format!(
                "git:{} has errors with this compiler, and no {path} is committed there: there is nothing to compare with",
                self.name
            )));
        };
        let old =
            Manifest::parse(&bytes).map_err(|error| Failure(format!("git:{}:{path} {error}", self.name)))?;
        planned.files.against(&old.files);
        planned.before = Some(old.resources);
        let remark = format!(
            "git {} has errors with this compiler: compared with the {path} committed there",
            self.name
        );
        planned.remarks.push(remark);
        Ok(())
    }
}
