//! What stands before endpoints: gateways and routes.

use purlin_derive::{Choice, Kind, Record};

use crate::kinds::agents::Agent;
use crate::kinds::infrastructure::Cluster;
use crate::kinds::parts::{EndpointAuth, Limit};
use crate::kinds::serving::Serving;
use crate::units::Duration;
use crate::view::{List, Many, Ref, Text};

/// What stands before endpoints: name, encryption, sign-in, limits.
#[derive(Kind)]
#[kind(later)]
pub struct Gateway {
    /// The host name under which it is reached.
    #[field(required)]
    pub host: Text,
    /// The cluster that it runs in.
    #[field(required)]
    pub on: Ref<Cluster>,
    /// Where its certificate comes from.
    pub tls: Tls,
    /// From where it can be reached. Default: private.
    #[field(default = "private")]
    pub endpoint: Exposure,
    /// The interface that it offers.
    pub api: GatewayApi,
    /// Who may call.
    pub auth: EndpointAuth,
    /// How requests are spread over replicas. Default: evenly.
    pub balance: Balance,
    /// How often clients may call.
    pub limit: Many<Limit>,
    /// How its name leads to one of several places.
    pub dns: Dns,
    /// When a request is tried again.
    pub retry: Retry,
    /// How long a request may take.
    pub timeout: GatewayTimeout,
    /// When a failing endpoint gets no requests for a while.
    pub circuit_breaker: CircuitBreaker,
}

/// Where a certificate comes from.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tls {
    /// It is obtained and renewed by itself.
    Managed,
}

/// From where something can be reached.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exposure {
    /// From the network alone.
    Private,
    /// From the internet.
    Public,
}

/// Interfaces of gateways.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum GatewayApi {
    /// OpenAI's HTTP interface.
    Openai,
}

/// How requests are spread.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Balance {
    /// To the replica that has the beginning of the prompt in its cache.
    PrefixCache,
}

/// How a name leads to one of several places.
#[derive(Record)]
pub struct Dns {
    /// By what.
    #[field(argument, required)]
    pub variant: DnsKind,
    /// Who answers for the name.
    #[field(required)]
    pub provider: DnsProvider,
}

/// By what a place is chosen.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum DnsKind {
    /// By where the caller is.
    Geo,
}

/// Who answers for names.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum DnsProvider {
    /// Amazon Route 53.
    #[choice("route53")]
    Route53,
}

/// When a request is tried again.
#[derive(Record)]
pub struct Retry {
    /// How often at most.
    #[field(required)]
    pub max: u64,
    /// After what.
    #[field(required)]
    pub upon: RetryEvent,
}

/// Failures after which a request is tried again.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum RetryEvent {
    /// No connection was made: nothing has been computed.
    ConnectFailure,
}

/// How long a request may take.
#[derive(Record)]
pub struct GatewayTimeout {
    /// To its first token.
    pub first_token: Duration,
    /// In all.
    pub total: Duration,
}

/// When a failing endpoint gets no requests for a while.
#[derive(Record)]
pub struct CircuitBreaker {
    /// After so many errors.
    #[field(required)]
    pub errors: u64,
    /// Within this time.
    #[field(required)]
    pub window: Duration,
    /// For how long.
    #[field(required)]
    pub open: Duration,
}

/// A public model name, and the endpoints behind it.
#[derive(Kind)]
#[kind(later)]
pub struct Route {
    /// The gateway that offers it.
    #[field(required)]
    pub gateway: Ref<Gateway>,
    /// The model name that callers use. Default: the route's name.
    pub exposes_as: Text,
    /// The endpoints and their shares.
    #[field(required)]
    pub to: Many<RouteTarget>,
    /// Endpoints that take over, in this order.
    pub fallback: Many<RouteFallback>,
    /// Where requests must stay: `eu`, or countries by their two letters.
    pub residency: List<Text>,
}

/// One endpoint behind a route.
#[derive(Record)]
pub struct RouteTarget {
    /// The endpoint.
    #[field(argument, key, required)]
    pub serving: Ref<(Serving, Agent)>,
    /// Its share, relative to its siblings'. Default: the same for all.
    pub weight: u64,
    /// The region whose callers it serves: `eu`.
    pub region: Text,
}

/// An endpoint that takes over.
#[derive(Record)]
pub struct RouteFallback {
    /// The endpoint.
    #[field(argument, key, required)]
    pub serving: Ref<Serving>,
    /// When. Default: unavailable.
    #[field(default = "unavailable")]
    pub upon: FallbackEvent,
    /// How long a request waits before.
    pub after: Duration,
}

/// When another endpoint takes over.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum FallbackEvent {
    /// Requests wait.
    Saturated,
    /// Nothing answers.
    Unavailable,
}
