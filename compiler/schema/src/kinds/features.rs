//! Features and vectors: what is looked up while a model serves.

use purlin_derive::{Choice, Kind, Record};

use crate::kinds::contracts::{DataContract, DataType};
use crate::kinds::data::{Dataset, Pipeline, Stream};
use crate::kinds::gateway::Route;
use crate::kinds::infrastructure::Cluster;
use crate::kinds::models::Model;
use crate::kinds::parts::Freshness;
use crate::kinds::serving::Serving;
use crate::kinds::stores::{Database, Storage};
use crate::units::{Bytes, Duration, Period, Version};
use crate::view::{Any, List, Many, Ref, Text};

/// Features of one entity, defined once for training (as of a moment in the past) and for serving (now).
#[derive(Kind)]
#[kind(later)]
pub struct FeatureView {
    /// The field by which features are looked up.
    #[field(required)]
    pub entity: Text,
    /// What they are made of.
    #[field(required)]
    pub from: List<Ref<(Stream, Dataset, DataContract, Pipeline)>>,
    /// The field that says when the row happened.
    #[field(required)]
    pub event_time: Text,
    /// How long a value counts.
    pub ttl: Duration,
    /// The features.
    pub feature: Many<Feature>,
    /// Where they are read while serving.
    pub online: Ref<Database>,
    /// Where their history lies.
    pub offline: Ref<Storage>,
    /// How late they may be.
    pub freshness: Freshness,
    /// Endpoints that are called to make them.
    pub calls: List<Ref<(Serving, Route)>>,
}

/// One feature.
#[derive(Record)]
pub struct Feature {
    /// Its name.
    #[field(argument, key, required)]
    pub name: Text,
    /// Its type.
    #[field(argument, required)]
    pub r#type: DataType,
    /// Length of the vector.
    #[field(only("vector"))]
    pub dimensions: u64,
    /// How it is computed from the row's fields. Default: the field of the same name.
    pub value: Any,
}

/// Vectors of a dataset's texts, and the index that finds the nearest.
#[derive(Kind)]
#[kind(later)]
pub struct VectorStore {
    /// The product.
    #[field(required)]
    pub engine: VectorEngine,
    /// The cluster that runs it.
    #[field(required)]
    pub cluster: Ref<Cluster>,
    /// What turns texts into vectors.
    #[field(required)]
    pub embedding: Embedding,
    /// How the nearest are found.
    pub index: VectorIndex,
    /// How vectors are kept apart.
    pub partition: Partition,
    /// What is stored.
    pub from: List<Ref<(Dataset, Pipeline, Stream)>>,
    /// Whether vectors are kept in fewer bits.
    pub quantization: VectorQuantization,
    /// How many vectors.
    pub size: VectorSize,
    /// Copies, and the parts that each is divided into.
    pub replicas: ShardedReplicas,
    /// Disk of each replica.
    pub storage: Bytes,
    /// How long vectors are kept.
    pub retention: Period,
    /// How old they may be.
    pub freshness: Freshness,
}

/// The product behind a vector store.
#[derive(Record)]
pub struct VectorEngine {
    /// Which.
    #[field(argument, required)]
    pub variant: VectorEngineKind,
    /// Its version. Default: that of the tested matrix.
    pub version: Version,
}

/// The products behind vector stores.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum VectorEngineKind {
    /// Qdrant.
    Qdrant,
    /// Milvus.
    Milvus,
    /// Weaviate.
    Weaviate,
    /// PostgreSQL with pgvector.
    Pgvector,
}

/// What turns texts into vectors.
#[derive(Record)]
pub struct Embedding {
    /// The model.
    #[field(argument, required)]
    pub model: Ref<Model>,
    /// Length of its vectors.
    pub dimensions: u64,
    /// How near two vectors are.
    pub distance: Distance,
}

/// How near two vectors are.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Distance {
    /// The angle between them.
    Cosine,
    /// Their scalar product.
    Dot,
    /// The straight line between them.
    Euclidean,
}

/// How the nearest vectors are found.
#[derive(Record)]
pub struct VectorIndex {
    /// The sort of index.
    #[field(argument, required)]
    pub variant: VectorIndexKind,
    /// Links of each vector; more are slower to build and find better.
    #[field(only("hnsw"))]
    pub m: u64,
    /// Candidates looked at while building.
    #[field(only("hnsw"))]
    pub ef_construct: u64,
}

/// Sorts of vector index.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum VectorIndexKind {
    /// A graph of neighbours: fast and approximate.
    Hnsw,
    /// Every vector is compared: slow and exact.
    Flat,
}

/// How vectors are kept apart.
#[derive(Record)]
pub struct Partition {
    /// The field whose values are never mixed: `tenant`.
    #[field(required)]
    pub by: Text,
}

/// Whether vectors are kept in fewer bits.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum VectorQuantization {
    /// As the model makes them.
    None,
    /// One byte a number.
    Scalar,
    /// One bit a number.
    Binary,
}

/// How many vectors there are.
#[derive(Record)]
pub struct VectorSize {
    /// Vectors.
    #[field(required)]
    pub vectors: u64,
}

/// Copies and shards.
#[derive(Record)]
pub struct ShardedReplicas {
    /// Copies of everything.
    #[field(argument, required)]
    pub count: u64,
    /// Into how many parts each copy is divided. Default: 1.
    #[field(default = "1")]
    pub shards: u64,
}
