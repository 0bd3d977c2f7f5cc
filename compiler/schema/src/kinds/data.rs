//! Kinds of data: streams, pipelines, datasets, and the registry of these, of contracts and of features.

use purlin_derive::{Choice, Kind, Record};

use crate::kinds::contracts::DataContract;
use crate::kinds::features::{FeatureView, VectorStore};
use crate::kinds::gateway::Route;
use crate::kinds::organisation::Team;
use crate::kinds::parts::{Freshness, Image, Location, Placement, Schedule, SecretUse};
use crate::kinds::serving::Serving;
use crate::kinds::stores::{Broker, Storage};
use crate::schema::KindSchema;
use crate::units::{Date, Duration, Rate, Ratio, Tokens, Version};
use crate::view::{KindType, List, Many, Map, Ref, Text};

/// The kinds of this module, in the order of the reference.
pub const KINDS: &[&KindSchema] =
    &[DataContract::KIND, Stream::KIND, Pipeline::KIND, Dataset::KIND, FeatureView::KIND, VectorStore::KIND];

/// A topic of a broker, with the contract that its messages keep.
#[derive(Kind)]
pub struct Stream {
    /// What its messages promise.
    #[field(required, checked)]
    pub contract: Ref<DataContract>,
    /// The broker that carries it.
    #[field(required)]
    pub broker: Ref<Broker>,
    /// The topic.
    #[field(required)]
    pub topic: Topic,
    /// How messages are encoded and registered.
    pub schema: StreamSchema,
    /// How long the broker keeps messages. Default: the broker's own.
    pub retention: Duration,
    /// Where messages go that cannot be processed: the name of a topic.
    pub dead_letter: Text,
    /// How late messages may arrive.
    pub freshness: Freshness,
    /// Who writes to it from outside of the spec, and how much.
    pub producer: Many<Producer>,
    /// The pipelines that write to it.
    #[field(checked)]
    pub from: List<Ref<Pipeline>>,
}

/// A topic.
#[derive(Record)]
pub struct Topic {
    /// Its name at the broker.
    #[field(argument, required)]
    pub name: Text,
    /// Into how many partitions it is divided: the most consumers of one group that work at once.
    pub partitions: u64,
    /// On how many brokers each message is kept.
    pub replication: u64,
}

/// How messages are encoded and registered.
#[derive(Record)]
pub struct StreamSchema {
    /// The encoding.
    pub format: MessageFormat,
    /// The subject at the schema registry.
    pub subject: Text,
}

/// How messages are encoded.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum MessageFormat {
    /// Apache Avro.
    Avro,
    /// Protocol Buffers.
    Protobuf,
    /// JSON with a JSON schema.
    Json,
}

/// Somebody outside of the spec who writes to a stream.
#[derive(Record)]
pub struct Producer {
    /// Who.
    #[field(argument, key, required)]
    pub name: Text,
    /// Messages per second as a rule.
    pub rate: Rate,
    /// Messages per second at most.
    pub peak: Rate,
}

/// A transformation of data, from streams and datasets to others.
#[derive(Kind)]
pub struct Pipeline {
    /// What it reads.
    #[field(required)]
    pub from: List<Ref<(Stream, Dataset, FeatureView)>>,
    /// The engine that runs it. Default: none, the image is run as it is.
    pub engine: PipelineEngine,
    /// The image with its code.
    pub image: Image,
    /// Where it runs, and what one worker takes.
    pub on: Placement,
    /// When it runs. Default: all the time for streams, on demand for datasets.
    pub schedule: Schedule,
    /// Fields whose class it changes, how, and who answers for it.
    pub declassify: Many<Declassify>,
    /// The fields that it keeps. Default: all.
    pub select: Select,
    /// Endpoints that it calls.
    pub calls: List<Ref<(Serving, Route)>>,
    /// How often, and where, it saves its state.
    pub checkpoint: PipelineCheckpoint,
    /// Cuts texts into pieces.
    pub chunk: Chunk,
    /// Environment variables, as the program names them.
    pub env: Map,
    /// Secrets that it is handed.
    pub secret: Many<SecretUse>,
}

/// The engine of a pipeline.
#[derive(Record)]
pub struct PipelineEngine {
    /// Which.
    #[field(argument, required)]
    pub variant: PipelineEngineKind,
    /// Its version. Default: that of the tested matrix.
    pub version: Version,
}

/// The engines of pipelines.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum PipelineEngineKind {
    /// Apache Spark: batches.
    Spark,
    /// Apache Flink: streams.
    Flink,
}

/// A change of class: the only way for data to leave the class that its contract gives it.
#[derive(Record)]
pub struct Declassify {
    /// The field whose class changes.
    #[field(argument, key, required)]
    pub field: Text,
    /// Its class afterwards.
    #[field(required)]
    pub to: DeclassifiedTo,
    /// How it is done: `keyed-hash`, `drop-field`, `presidio-ner`.
    #[field(required)]
    pub method: Text,
    /// The team that answers for it.
    #[field(required)]
    pub owner: Ref<Team>,
}

/// The class of a field after declassification.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeclassifiedTo {
    /// No longer about a person.
    None,
    /// About a person whom only a separately kept key identifies.
    Pseudonymous,
    /// About many persons together.
    Aggregate,
}

/// Fields that are kept.
#[derive(Record)]
pub struct Select {
    /// The fields.
    #[field(arguments)]
    pub fields: List<Text>,
    /// One field that holds them all, joined in this order.
    pub r#as: Text,
}

/// How a pipeline saves its state.
#[derive(Record)]
pub struct PipelineCheckpoint {
    /// How often.
    #[field(required)]
    pub every: Duration,
    /// Where to.
    #[field(required)]
    pub to: Ref<Storage>,
}

/// How texts are cut into pieces.
#[derive(Record)]
pub struct Chunk {
    /// Length of a piece.
    #[field(required)]
    pub tokens: Tokens,
    /// How much of a piece the next one repeats. Default: nothing.
    pub overlap: Tokens,
    /// Where it may cut. Default: anywhere.
    pub splitter: Splitter,
}

/// Where a text may be cut.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Splitter {
    /// At headings and paragraphs of Markdown.
    Markdown,
    /// Between sentences.
    Sentence,
}

/// Data at rest in one version, with the contract that it keeps.
#[derive(Kind)]
pub struct Dataset {
    /// What it promises.
    #[field(checked)]
    pub contract: Ref<DataContract>,
    /// What it is made of. Default: it comes from outside.
    #[field(checked)]
    pub from: List<Ref<(Stream, Pipeline, Dataset, FeatureView)>>,
    /// Where it lies.
    #[field(checked)]
    pub location: Location,
    /// How its files are written.
    #[field(checked)]
    pub format: DatasetFormat,
    /// The version that is read: a date, a tag, or the id of a snapshot. What is trained on has to be pinned.
    #[field(checked)]
    pub version: Text,
    /// How it is divided, so that what is measured was never learned.
    #[field(checked)]
    pub split: Split,
    /// How much there is.
    #[field(checked)]
    pub size: DatasetSize,
    /// The tokenizer that made, or counted, its tokens.
    #[field(checked)]
    pub tokenizer: Text,
    /// Fields that a model learns to predict, and when they are known.
    #[field(checked)]
    pub label: Many<Label>,
}

/// How files of a dataset are written.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum DatasetFormat {
    /// Apache Parquet.
    Parquet,
    /// Apache Iceberg tables.
    Iceberg,
    /// Delta Lake tables.
    Delta,
    /// One JSON value a line.
    Jsonl,
    /// Comma-separated values.
    Csv,
    /// Apache Arrow files.
    Arrow,
    /// Tar files of samples, as WebDataset reads them.
    Webdataset,
    /// Tokens with an index, as Megatron reads them (`.bin` and `.idx`).
    MegatronIndexed,
}

/// How a dataset is divided.
#[derive(Record)]
pub struct Split {
    /// The field that decides: rows with the same value are never on both sides.
    pub by: Text,
    /// The parts.
    pub part: Many<Part>,
}

/// A part of a dataset.
#[derive(Record)]
pub struct Part {
    /// Its name.
    #[field(argument, key, required)]
    pub name: Text,
    /// Its share of the whole.
    #[field(argument)]
    pub share: Ratio,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub until: Date,
}

/// How much data there is.
#[derive(Record)]
pub struct DatasetSize {
    /// Rows.
    pub rows: u64,
    /// Tokens.
    pub tokens: Tokens,
}

/// A field that a model learns to predict.
#[derive(Record)]
pub struct Label {
    /// The field.
    #[field(argument, key, required)]
    pub name: Text,
    /// Where it comes from: a contract and its field, with a dot between.
    pub from: Text,
    /// How long after the row the label is known.
    pub delay: Duration,
}
