//! Kinds of what keeps data: storage, brokers, databases.

use purlin_derive::{Choice, Kind, Record};

use crate::kinds::infrastructure::{Cluster, Key, Network};
use crate::kinds::organisation::{Cloud, Secret};
use crate::kinds::parts::Placement;
use crate::units::{Bytes, Period, Throughput, Version};
use crate::view::{Many, Ref, Text};

/// A place for files: buckets, parallel file systems, disks. What is kept in it says so by `location`, `to` or `weights`.
#[derive(Kind)]
#[kind(name = "storage", plural = "storages", existing("bucket", "file-system", "container", "claim", "id"))]
pub struct Storage {
    /// The cloud in which it is made.
    pub cloud: Ref<Cloud>,
    /// What it is like to its users. Default: what the engine is.
    pub r#type: StorageType,
    /// The product behind it.
    pub engine: StorageEngine,
    /// The bucket's name, which is unique in the whole cloud. Default: platform, environment and the resource's name.
    #[field(only("object"))]
    pub bucket: Text,
    /// The capacity that is paid for. Object storage has none.
    #[field(only("parallel", "file", "block"))]
    pub size: Bytes,
    /// The bandwidth per TiB of size that is paid for: a larger file system is a faster one.
    #[field(only("parallel", "file"))]
    pub throughput: Throughput,
    /// The one zone in which it stands. What uses it from elsewhere pays for the way, or cannot reach it.
    pub zone: Text,
    /// The key that encrypts it at rest. Default: the cloud's own key.
    pub encryption: Ref<Key>,
    /// Overwritten and deleted objects are kept as older versions. Default: false.
    #[field(only("object"))]
    pub versioning: bool,
    /// When objects are removed by themselves. Default: never.
    #[field(only("object"))]
    pub lifecycle: Many<Lifecycle>,
    /// Objects can be neither changed nor removed before their retention is over.
    #[field(only("object"))]
    pub object_lock: ObjectLock,
    /// Another storage, which receives a copy of every object.
    pub mirror: Ref<Storage>,
}

/// What a storage is like to its users.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum StorageType {
    /// Objects in a bucket, by key; cheap, and from everywhere.
    Object,
    /// A file system that many nodes read and write at once, at the speed of all its disks.
    Parallel,
    /// A file system that many nodes share.
    File,
    /// A disk of one node at a time.
    Block,
}

/// The product behind a storage.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum StorageEngine {
    /// Amazon S3, or what speaks its protocol.
    #[choice("s3")]
    S3,
    /// Google Cloud Storage.
    Gcs,
    /// Azure Blob Storage.
    AzureBlob,
    /// MinIO in a cluster.
    #[choice("minio")]
    MinIo,
    /// Ceph, for objects, files and disks of own machines.
    Ceph,
    /// Lustre as the cloud's service: FSx, Managed Lustre, Azure Managed Lustre.
    Lustre,
    /// WEKA.
    Weka,
    /// IBM Storage Scale.
    StorageScale,
    /// VAST Data.
    Vast,
    /// Amazon EFS.
    Efs,
    /// Google Cloud Filestore.
    Filestore,
    /// Azure Files.
    AzureFiles,
    /// A file server that speaks NFS.
    Nfs,
    /// Amazon EBS.
    Ebs,
    /// Google Cloud persistent disks and Hyperdisk.
    PersistentDisk,
    /// Azure managed disks.
    AzureDisk,
}

/// When objects are removed.
#[derive(Record)]
pub struct Lifecycle {
    /// How long an object is kept after it was written.
    #[field(required)]
    pub expire: Period,
    /// What the keys of these objects begin with; `*` stands for all objects, and is the default.
    #[field(key, default = "*")]
    pub prefix: Text,
}

/// A lock on written objects.
#[derive(Record)]
pub struct ObjectLock {
    /// Who may lift the lock.
    #[field(argument, required)]
    pub variant: ObjectLockMode,
    /// How long an object is locked after it was written.
    #[field(required)]
    pub retention: Period,
}

/// Who may lift a lock.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ObjectLockMode {
    /// Nobody, not even the account's owner: the storage cannot be removed before the last lock is over.
    Compliance,
    /// Whoever has a special permission.
    Governance,
}

/// A broker of event streams: Kafka or Pulsar, in a cluster or as a service.
#[derive(Kind)]
#[kind(name = "broker", plural = "brokers", existing("arn", "name", "id", "bootstrap"))]
pub struct Broker {
    /// The product behind it.
    #[field(required)]
    pub engine: Broking,
    /// The cloud that runs it, where it is a service.
    pub cloud: Ref<Cloud>,
    /// The network of its endpoints, where it is a service.
    pub network: Ref<Network>,
    /// The cluster that it runs in, where it is not a service.
    pub cluster: Ref<Cluster>,
    /// The pool that its brokers run on, and what each of them gets.
    pub on: Placement,
    /// How many brokers, and the disk of each.
    pub brokers: Brokers,
    /// How many replicas must have a message before it counts as written. One less than the topics' replication lets one
    /// broker be away.
    pub min_in_sync: u64,
    /// How clients prove who they are. Default: certificates on both sides.
    pub auth: BrokerAuth,
    /// Where the schemas of messages are kept. Default: none.
    pub schema_registry: SchemaRegistry,
    /// The key that encrypts its disks, where it is a service. Default: the cloud's own key.
    pub encryption: Ref<Key>,
}

/// The product behind a broker.
#[derive(Record)]
pub struct Broking {
    /// Which product.
    #[field(argument, required)]
    pub variant: BrokerEngine,
    /// The version of the product itself. The version of its operator stands in the cluster's components.
    pub version: Version,
}

/// A product for event streams.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum BrokerEngine {
    /// Kafka in a cluster, run by the Strimzi operator.
    Strimzi,
    /// Amazon MSK.
    Msk,
    /// Confluent Cloud.
    Confluent,
    /// Azure Event Hubs, through its Kafka endpoint.
    EventHubs,
    /// Google Cloud Managed Service for Apache Kafka.
    ManagedKafka,
    /// Pulsar in a cluster.
    Pulsar,
}

/// How many brokers.
#[derive(Record)]
pub struct Brokers {
    /// How many.
    #[field(argument, required)]
    pub count: u64,
    /// The disk of each.
    pub storage: Bytes,
    /// The machine of each, by its name at the service that runs them: `kafka.m7g.large`.
    pub instance: Text,
}

/// How clients of a broker prove who they are.
#[derive(Record)]
pub struct BrokerAuth {
    /// The way.
    #[field(argument, required)]
    pub variant: BrokerAuthKind,
    /// The secret that holds name and password.
    #[field(only("sasl"))]
    pub secret: Ref<Secret>,
}

/// A way for clients of a broker to prove who they are.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum BrokerAuthKind {
    /// Each client has a certificate of its own.
    Mtls,
    /// Name and password, over TLS.
    Sasl,
    /// The identity that the cloud gave the workload.
    Iam,
}

/// Where the schemas of messages are kept.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum SchemaRegistry {
    /// Apicurio Registry, in the broker's cluster.
    Apicurio,
    /// AWS Glue Schema Registry.
    Glue,
    /// Confluent Schema Registry.
    Confluent,
    /// The registry of Azure Event Hubs.
    EventHubs,
    /// Pulsar's own.
    Pulsar,
    /// None: messages are not checked.
    None,
}

/// A database that serves features, sessions or metadata.
#[derive(Kind)]
#[kind(name = "database", plural = "databases", existing("arn", "id", "endpoint"), later)]
pub struct Database {
    /// The product behind it.
    #[field(required)]
    pub engine: DatabaseProduct,
    /// The cloud that runs it, where it is a service.
    pub cloud: Ref<Cloud>,
    /// The network of its endpoint, where it is a service.
    pub network: Ref<Network>,
    /// The cluster that it runs in, where it is not a service.
    pub cluster: Ref<Cluster>,
    /// The size of its machine, by the cloud's name for it.
    pub instance: Text,
    /// Its disk, where it has one.
    pub size: Bytes,
    /// The key that encrypts it at rest. Default: the cloud's own key.
    pub encryption: Ref<Key>,
}

/// The product behind a database.
#[derive(Record)]
pub struct DatabaseProduct {
    /// Which product.
    #[field(argument, required)]
    pub variant: DatabaseEngine,
    /// The version of the product.
    pub version: Version,
}

/// A database product.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum DatabaseEngine {
    /// Redis or Valkey: keys and values in memory.
    Redis,
    /// PostgreSQL.
    Postgres,
    /// MySQL or MariaDB.
    #[choice("mysql")]
    MySql,
    /// Cassandra or ScyllaDB: wide rows, over many nodes.
    Cassandra,
    /// Amazon DynamoDB.
    #[choice("dynamodb")]
    DynamoDb,
    /// Google Cloud Bigtable.
    Bigtable,
}
