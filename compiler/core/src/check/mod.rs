//! Graph → findings. One rule, one file, one page.
//!
//! A rule is a constant [`Rule`] beside its `check` function; [`rules`] lists them all. What a rule reads through
//! [`Ask`] is what its answer rests on; it is asked again when that changes, and not before.

pub mod capacity;
pub mod compliance;
pub mod cost;
pub mod data;
pub mod engine;
pub mod hardware;
pub mod organisation;
pub mod registry;
pub mod reliability;
pub mod security;
pub mod serving;
#[cfg(test)]
pub(crate) mod testing;

use purlin_schema::Silent;
use purlin_schema::view::KindType;
use purlin_syntax::{Cure, Diagnostic, Level};

use crate::ask::Ask;
use crate::graph::ResourceId;

pub use registry::{find, rules};

/// What a rule looks at: tells a reader (and the documentation) how far an edit can reach.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// One resource and the catalog.
    Item,
    /// A resource and what it refers to, directly or not.
    Neighbours,
    /// A resource and all who refer to it: sums over a pool, a queue, a team.
    Aggregate,
    /// Labels that travel along relations.
    Flow,
    /// The whole project.
    Project,
}

/// One check.
pub struct Rule {
    /// `layer.name`.
    pub id: &'static str,
    /// Its default level.
    pub level: Level,
    /// What it refuses, in one line.
    pub summary: &'static str,
    /// How far it looks.
    pub scope: Scope,
    /// Its page: what it refuses, a spec that fails, the cure. Empty for a rule that is declared and not built yet.
    pub page: &'static str,
    /// How it checks.
    pub run: Run,
}

/// How a rule checks.
pub enum Run {
    /// Each resource of the kinds (none named: every resource).
    Each(&'static [&'static str], fn(&mut Check, ResourceId) -> Answer),
    /// Once an environment, after all others.
    Once(fn(&mut Check) -> Answer),
    /// Stages before `check` report it (syntax, types, references).
    Stage,
    /// Not checked yet: waivers, levels and tests that name it resolve.
    NotYet,
}

/// A rule has spoken, or met something that it cannot know and stays silent.
pub type Answer = Result<(), Silent>;

/// Searches changes to a resource with which the rule passes, smallest first; asked only when somebody looks.
pub type Search = fn(&Ask, ResourceId) -> Vec<Cure>;

/// A rule at work on one environment.
pub struct Check<'a> {
    /// The graph and the catalog.
    pub ask: Ask<'a>,
    pub(crate) found: Vec<Found>,
    pub(crate) rule: &'static Rule,
    pub(crate) subject: Option<ResourceId>,
}

/// A diagnostic with the resource it is about.
#[derive(Clone, Debug)]
pub struct Found {
    /// The finding.
    pub diagnostic: Diagnostic,
    /// What it is about.
    pub subject: Option<ResourceId>,
    /// How cures are searched.
    pub search: Option<Search>,
}

impl PartialEq for Found {
    fn eq(&self, other: &Found) -> bool {
        self.diagnostic == other.diagnostic && self.subject == other.subject
    }
}

impl<'a> Check<'a> {
    /// The subject read as a `K`.
    pub fn view<K: KindType>(&self, id: ResourceId) -> Result<purlin_schema::View<'a, K>, Silent> {
        self.ask.view(id).ok_or(Silent)
    }

    /// Reports a finding about the rule's subject.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(Found { diagnostic, subject: self.subject, search: None });
    }

    /// Reports a finding whose cures are searched when somebody looks.
    pub fn report_curable(&mut self, diagnostic: Diagnostic, search: Search) {
        self.found.push(Found { diagnostic, subject: self.subject, search: Some(search) });
    }

    /// The rule's own id and level: what a diagnostic starts from.
    pub fn finding(&self, message: impl Into<String>, span: purlin_syntax::Span) -> Diagnostic {
        Diagnostic::new(self.rule.id, self.rule.level, message, span)
    }

    /// The same at warning level: the arithmetic straddles, or a fact is missing.
    pub fn warning(&self, message: impl Into<String>, span: purlin_syntax::Span) -> Diagnostic {
        Diagnostic::new(self.rule.id, self.rule.level.min(Level::Warning), message, span)
    }
}
