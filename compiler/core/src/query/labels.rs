//! Labels that travel with data: the class of every field, and the contracts whose terms hold.
//!
//! They begin in a contract and go wherever data goes: into streams, pipelines, datasets, features, jobs, models and
//! endpoints. Nothing but a `declassify` changes a class. A field that no input has (a vector, a prompt) is made of what
//! came in and is not handed on by its own name: it bears the highest of those classes.

use std::collections::hash_map::Entry;

use purlin_schema::kinds::contracts::{Classification, DataContract, DataType, Personal};
use purlin_schema::kinds::data::{Dataset, DeclassifiedTo, Pipeline};
use purlin_schema::kinds::evaluation::Evaluation;
use purlin_schema::kinds::features::{Feature, FeatureView};
use purlin_schema::kinds::parts::{DataUse, Exclude};
use purlin_schema::kinds::serving::BatchInference;
use purlin_schema::kinds::training::TrainingJob;
use purlin_schema::view::Rows;
use purlin_schema::{Field, Value, View};
use purlin_syntax::Span;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::ask::{Ask, Read};
use crate::graph::{Edge, ResourceId};

/// The place of a resource that was met and waits for its sources.
const WAITING: usize = usize::MAX;

/// Everything that flows into a resource, and through what.
#[derive(Default, Debug)]
pub struct Labels<'a> {
    nodes: Vec<Node<'a>>,
    places: FxHashMap<ResourceId, usize>,
}

/// What one resource carries.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    /// The resource.
    pub id: ResourceId,
    /// Its fields. Data has all of them; what is made of data has those that have a class.
    pub fields: Vec<Label<'a>>,
    /// Fields that come in with a class that its own contract does not give them.
    pub undeclared: Vec<Label<'a>>,
    /// The contracts whose terms hold, each once.
    pub contracts: Vec<ResourceId>,
}

/// One field with its class.
#[derive(Clone, Copy, Debug)]
pub struct Label<'a> {
    /// Its name here.
    pub name: &'a str,
    /// How it relates to persons.
    pub personal: Personal,
    /// Who may see it.
    pub classification: Classification,
    /// Where its class was declared.
    pub span: Span,
    /// Its type can hold what other fields held: text, vectors, lists, objects.
    loose: bool,
    /// Where it came from: a node and its field.
    via: Option<(usize, usize)>,
}

impl Label<'_> {
    fn has_class(&self) -> bool {
        self.personal != Personal::None || secrecy(self.classification) > secrecy(Classification::Internal)
    }
}

/// How much protection a class demands; the higher covers the lower.
pub fn weight(personal: Personal) -> u8 {
    match personal {
        Personal::None => 0,
        Personal::Pseudonymous => 1,
        Personal::Pii => 2,
        Personal::Criminal => 3,
        Personal::SpecialCategory => 4,
    }
}

fn secrecy(classification: Classification) -> u8 {
    match classification {
        Classification::Public => 0,
        Classification::Internal => 1,
        Classification::Confidential => 2,
        Classification::Restricted => 3,
    }
}

/// The relations by which data comes into a resource of a kind.
fn inlets(kind: &str) -> &'static [&'static str] {
    match kind {
        "stream" => &["contract", "from"],
        "pipeline" | "feature-view" => &["from", "calls"],
        "dataset" => &["contract", "from", "label"],
        "vector-store" | "model" => &["from"],
        "training-job" => &["model", "data"],
        "adapter" => &["base", "from"],
        "serving" => &["model", "adapters", "speculative", "features", "calls"],
        "batch-inference" => &["model", "data"],
        "evaluation" => &["of", "data"],
        "monitor" => &["of", "drift"],
        "route" => &["to", "fallback"],
        "ai-system" => &["includes"],
        _ => &[],
    }
}

/// What a resource refers to, as a recorded read.
pub fn edges<'a>(ask: &Ask<'a>, id: ResourceId) -> &'a [Edge] {
    ask.note(Read::Resource(id));
    ask.graph.edges(id)
}

/// The resources whose data comes directly into one, each once, in the order of its text.
pub fn sources(ask: &Ask, id: ResourceId) -> Vec<ResourceId> {
    let Some(resource) = ask.resource(id) else { return Vec::new() };
    let inlets = inlets(resource.kind.name);
    let mut found: Vec<ResourceId> = Vec::new();
    let flowing = edges(ask, id).iter().filter(|edge| inlets.contains(&edge.relation)).map(|edge| edge.to);
    let outcomes = outcomes(ask, id).into_iter().map(|(contract, ..)| contract);
    for source in flowing.chain(outcomes) {
        if !found.contains(&source) {
            found.push(source);
        }
    }
    found
}

/// The contracts, and their fields, that a dataset's labels come from: `from=repayments.default-180`.
pub fn outcomes<'a>(ask: &Ask<'a>, id: ResourceId) -> Vec<(ResourceId, &'a str, &'a str)> {
    let Some(dataset) = ask.view::<Dataset>(id) else { return Vec::new() };
    let named = |label: View<'a, purlin_schema::kinds::data::Label>| {
        let (contract, field) = label.from().get()?.split_once('.')?;
        ask.note(Read::Kind("data-contract"));
        Some((ask.graph.find("data-contract", contract)?.id, field, label.name().get()?))
    };
    dataset.label().iter().filter_map(named).collect()
}

/// The labels of a resource and of everything whose data comes into it. Each is visited once, cycles too.
pub fn labels<'a>(ask: &Ask<'a>, id: ResourceId) -> Labels<'a> {
    let mut labels = Labels::default();
    // What is met for the first time waits for its sources, which are found once and handed on to it.
    let mut stack: Vec<(ResourceId, Option<Vec<ResourceId>>)> = vec![(id, None)];
    while let Some((id, sources_of)) = stack.pop() {
        if let Some(sources) = sources_of {
            let node = labels.carried(ask, id, &sources);
            labels.places.insert(id, labels.nodes.len());
            labels.nodes.push(node);
        } else if let Entry::Vacant(place) = labels.places.entry(id) {
            place.insert(WAITING);
            let sources = sources(ask, id);
            stack.push((id, Some(Vec::new())));
            let waiting = stack.len() - 1;
            stack.extend(sources.iter().rev().map(|source| (*source, None)));
            stack[waiting].1 = Some(sources);
        }
    }
    labels
}

impl<'a> Labels<'a> {
    /// What a resource of the closure carries.
    pub fn of(&self, id: ResourceId) -> Option<&Node<'a>> {
        self.nodes.get(*self.places.get(&id)?)
    }

    /// Every resource of the closure, sources first.
    pub fn nodes(&self) -> &[Node<'a>] {
        &self.nodes
    }

    /// The resources that a label came by, from the contract on.
    pub fn path(&self, label: &Label) -> Vec<ResourceId> {
        let mut path = Vec::new();
        let mut next = label.via;
        while let Some((node, field)) = next {
            let Some(node) = self.nodes.get(node) else { break };
            path.push(node.id);
            next = node.fields.get(field).and_then(|label| label.via);
        }
        path.reverse();
        path
    }

    /// The field that a label began as, and whose.
    pub fn origin(&self, label: &Label<'a>) -> Option<(ResourceId, &'a str)> {
        let mut found = None;
        let mut next = label.via;
        while let Some((node, field)) = next {
            let node = self.nodes.get(node)?;
            let label = node.fields.get(field)?;
            found = Some((node.id, label.name));
            next = label.via;
        }
        found
    }

    /// What a resource carries, from what was carried to it.
    fn carried(&self, ask: &Ask<'a>, id: ResourceId, sources: &[ResourceId]) -> Node<'a> {
        let mut node =
            Node { id, fields: Vec::new(), undeclared: Vec::new(), contracts: self.contracts(sources) };
        let Some(resource) = ask.resource(id) else { return node };
        match resource.kind.name {
            "data-contract" => {
                node.contracts.push(id);
                node.fields = ask.view::<DataContract>(id).map(declared).unwrap_or_default();
            }
            "dataset" | "stream" => self.stored(ask, &mut node),
            "pipeline" => node.fields = self.transformed(ask, id),
            "feature-view" => node.fields = self.computed(ask, id),
            "vector-store" => node.fields = self.inflow(ask, id, "from"),
            _ => node.fields = self.learned(ask, id),
        }
        node
    }

    fn contracts(&self, sources: &[ResourceId]) -> Vec<ResourceId> {
        let mut contracts: Vec<ResourceId> = Vec::new();
        for source in sources {
            for contract in self.of(*source).into_iter().flat_map(|node| &node.contracts) {
                if !contracts.contains(contract) {
                    contracts.push(*contract);
                }
            }
        }
        contracts
    }

    /// The fields of one source, each with its way.
    fn handed_on(&self, source: ResourceId) -> Vec<Label<'a>> {
        let Some(place) = self.places.get(&source) else { return Vec::new() };
        let fields = self.nodes.get(*place).into_iter().flat_map(|node| node.fields.iter().enumerate());
        fields.map(|(n, label)| Label { via: Some((*place, n)), ..*label }).collect()
    }

    /// The fields that come in by one relation, by name; of one name the one with the highest class.
    fn inflow(&self, ask: &Ask<'a>, id: ResourceId, relation: &str) -> Vec<Label<'a>> {
        let mut fields = Fields::default();
        for edge in edges(ask, id).iter().filter(|edge| edge.relation == relation) {
            for label in self.handed_on(edge.to) {
                fields.add(label);
            }
        }
        fields.labels
    }

    /// A dataset or stream: what its contract declares, and whatever comes in with a higher class than that.
    fn stored(&self, ask: &Ask<'a>, node: &mut Node<'a>) {
        let mut incoming = Fields { labels: self.inflow(ask, node.id, "from"), ..Fields::default() };
        incoming.index();
        for (contract, field, name) in outcomes(ask, node.id) {
            let outcome = self.handed_on(contract).into_iter().find(|label| label.name == field);
            if let Some(label) = outcome {
                incoming.add(Label { name, ..label });
            }
        }
        let own = self.inflow(ask, node.id, "contract");
        if own.is_empty() {
            node.fields = incoming.labels;
            return;
        }
        let mut new = 0;
        for declared in &own {
            let mut label = *declared;
            match incoming.take(declared.name) {
                None if declared.loose => new = new.max(weight(declared.personal) + 1),
                None => {}
                Some(came) => {
                    if !covers(declared, &came) {
                        node.undeclared.push(came);
                    }
                    label = higher(came, label);
                }
            }
            node.fields.push(label);
        }
        // What no field of the contract bears by name is left out, unless a new field may be made of it.
        let made_of = incoming.rest().filter(|label| new > 0 && weight(label.personal) >= new);
        for label in made_of.collect::<Vec<_>>() {
            node.undeclared.push(label);
            node.fields.push(label);
        }
    }

    fn transformed(&self, ask: &Ask<'a>, id: ResourceId) -> Vec<Label<'a>> {
        let Some(pipeline) = ask.view::<Pipeline>(id) else { return Vec::new() };
        let mut fields = self.inflow(ask, id, "from");
        for row in pipeline.declassify().iter() {
            let (Some(name), Some(to)) = (row.field_().get(), row.to().get()) else { continue };
            for label in fields.iter_mut().filter(|label| label.name == name) {
                label.personal = match to {
                    DeclassifiedTo::None | DeclassifiedTo::Aggregate => Personal::None,
                    DeclassifiedTo::Pseudonymous => Personal::Pseudonymous,
                };
            }
        }
        let Some(select) = pipeline.select().get() else { return fields };
        if !select.fields().is_empty() {
            fields.retain(|label| select.fields().values().any(|name| name == label.name));
        }
        match select.r#as().get() {
            Some(name) => highest(&fields).map(|label| Label { name, ..label }).into_iter().collect(),
            None => fields,
        }
    }

    fn computed(&self, ask: &Ask<'a>, id: ResourceId) -> Vec<Label<'a>> {
        let Some(features) = ask.view::<FeatureView>(id) else { return Vec::new() };
        let incoming = self.inflow(ask, id, "from");
        let by_name = |name: &str| incoming.iter().find(|label| label.name == name).copied();
        let keys = [features.entity().get(), features.event_time().get()];
        let mut fields: Vec<Label<'a>> = keys.into_iter().flatten().filter_map(by_name).collect();
        for feature in features.feature().iter() {
            let Some(name) = feature.name().get() else { continue };
            let plain = Label {
                name,
                span: feature.span(),
                personal: Personal::None,
                classification: Classification::Internal,
                loose: loose(feature.r#type()),
                via: None,
            };
            let label = match (feature.value(), by_name(name)) {
                (Field::Absent, Some(same)) => same,
                (Field::Absent, None) => highest(&incoming).map_or(plain, |of| derived(plain, of)),
                _ => highest(&mentioned(feature, &incoming)).map_or(plain, |of| derived(plain, of)),
            };
            fields.push(label);
        }
        fields
    }

    /// What is made of data: the fields that have a class, of all that comes in and is not excluded.
    fn learned(&self, ask: &Ask<'a>, id: ResourceId) -> Vec<Label<'a>> {
        let mut fields = Fields::default();
        let inlets = inlets(ask.resource(id).map_or("", |resource| resource.kind.name));
        let rows = uses(ask, id);
        for edge in edges(ask, id).iter().filter(|edge| inlets.contains(&edge.relation)) {
            let here =
                |row: &View<'a, DataUse>| row.dataset().get().is_some_and(|name| name.span == edge.span);
            let row = rows.into_iter().flat_map(Rows::iter).find(here);
            let exclude = row.and_then(|row| row.exclude().get());
            for label in self.handed_on(edge.to) {
                if label.has_class() && !exclude.is_some_and(|exclude| excludes(exclude, &label)) {
                    fields.add(label);
                }
            }
        }
        fields.labels
    }
}

/// The datasets that a job, an evaluation or a batch reads.
pub fn uses<'a>(ask: &Ask<'a>, id: ResourceId) -> Option<Rows<'a, DataUse>> {
    match ask.resource(id)?.kind.name {
        "training-job" => ask.view::<TrainingJob>(id).map(View::<TrainingJob>::data),
        "evaluation" => ask.view::<Evaluation>(id).map(View::<Evaluation>::data),
        "batch-inference" => ask.view::<BatchInference>(id).map(View::<BatchInference>::data),
        _ => None,
    }
}

fn excludes(exclude: View<Exclude>, label: &Label) -> bool {
    exclude.personal().values().any(|class| class == label.personal)
        || exclude.fields().values().any(|name| name == label.name)
}

/// The fields of a contract. Made-up data is about nobody.
fn declared(contract: View<'_, DataContract>) -> Vec<Label<'_>> {
    let synthetic = contract.synthetic().get() == Some(true);
    let mut fields = Fields::default();
    for field in contract.schema().iter().flat_map(|schema| schema.field_().iter()) {
        let Some(name) = field.name().get() else { continue };
        let personal = field.personal().get().filter(|_| !synthetic).unwrap_or(Personal::None);
        let classification = field.classification().get().unwrap_or(Classification::Internal);
        let loose = loose(field.r#type());
        fields.add(Label { name, personal, classification, span: field.span(), loose, via: None });
    }
    fields.labels
}

fn loose(data: Field<DataType>) -> bool {
    matches!(data.get(), Some(DataType::String | DataType::Vector | DataType::Array | DataType::Object))
}

/// Whether a declared class protects what comes in at least as much as its own does.
fn covers(declared: &Label, came: &Label) -> bool {
    weight(declared.personal) >= weight(came.personal)
        && secrecy(declared.classification) >= secrecy(came.classification)
}

/// Both classes at their highest; the way is that of the field that came in, unless the declaration says more.
fn higher<'a>(came: Label<'a>, declared: Label<'a>) -> Label<'a> {
    let classification = if secrecy(came.classification) > secrecy(declared.classification) {
        came.classification
    } else {
        declared.classification
    };
    let label = if weight(declared.personal) > weight(came.personal) { declared } else { came };
    Label { classification, ..label }
}

/// A new field that is made of another: it is as much about a person, and no longer the same secret.
fn derived<'a>(plain: Label<'a>, of: Label<'a>) -> Label<'a> {
    if of.personal == Personal::None {
        plain
    } else {
        Label { name: plain.name, classification: plain.classification, ..of }
    }
}

/// The first of the fields with the highest class.
fn highest<'a>(fields: &[Label<'a>]) -> Option<Label<'a>> {
    let mut found: Option<Label<'a>> = None;
    for label in fields {
        if found.is_none_or(|have| weight(label.personal) > weight(have.personal)) {
            found = Some(*label);
        }
    }
    found
}

/// The fields whose names stand in a feature's expression; all of them where none does.
fn mentioned<'a>(feature: View<'a, Feature>, incoming: &[Label<'a>]) -> Vec<Label<'a>> {
    let text = match feature.value().get() {
        Some(Value::Expression(formula)) => &*formula.text,
        Some(Value::Text(text)) => &**text,
        _ => "",
    };
    let letters = |c: char| !(c.is_alphanumeric() || c == '-' || c == '_');
    let words: FxHashSet<&str> = text.split(letters).collect();
    let found: Vec<Label<'a>> = incoming.iter().filter(|label| words.contains(label.name)).copied().collect();
    if found.is_empty() { incoming.to_vec() } else { found }
}

/// Fields by name; of one name the highest class counts.
#[derive(Default)]
struct Fields<'a> {
    labels: Vec<Label<'a>>,
    places: FxHashMap<&'a str, usize>,
    taken: FxHashSet<&'a str>,
}

impl<'a> Fields<'a> {
    fn index(&mut self) {
        self.places = self.labels.iter().enumerate().map(|(n, label)| (label.name, n)).collect();
    }

    fn add(&mut self, label: Label<'a>) {
        match self.places.get(label.name) {
            Some(place) => self.labels[*place] = higher(self.labels[*place], label),
            None => {
                self.places.insert(label.name, self.labels.len());
                self.labels.push(label);
            }
        }
    }

    fn take(&mut self, name: &str) -> Option<Label<'a>> {
        let label = self.labels[*self.places.get(name)?];
        self.taken.insert(label.name);
        Some(label)
    }

    fn rest(&self) -> impl Iterator<Item = Label<'a>> {
        self.labels.iter().filter(|label| !self.taken.contains(label.name)).copied()
    }
}
