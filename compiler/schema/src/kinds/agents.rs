//! Kinds of agents and their parts.

use purlin_derive::{Choice, Kind, Record};

use crate::kinds::contracts::{Classification, DataType};
use crate::kinds::features::VectorStore;
use crate::kinds::gateway::Route;
use crate::kinds::infrastructure::Cluster;
use crate::kinds::models::Model;
use crate::kinds::organisation::{Team, Tenant};
use crate::kinds::parts::{Arg, EndpointAuth, Image, Limit, Placement, Replicas, SecretUse};
use crate::kinds::serving::{OversightAction, Serving};
use crate::kinds::stores::Database;
use crate::schema::KindSchema;
use crate::units::{Duration, Money, Ratio, Tokens, Version};
use crate::view::{KindType, List, Many, Ref, Text};

/// The kinds of this module, in the order of the reference.
pub const KINDS: &[&KindSchema] = &[Prompt::KIND, Tool::KIND, Guardrail::KIND, Agent::KIND];

/// A prompt in one version, with what is filled in and what comes back.
#[derive(Kind)]
#[kind(later)]
pub struct Prompt {
    /// Its version.
    #[field(required)]
    pub version: Version,
    /// The file with its text, from the project's folder.
    #[field(required)]
    pub file: Text,
    /// What is filled in.
    pub input: Many<PromptField>,
    /// What comes back.
    pub output: Many<PromptField>,
}

/// One value of a prompt.
#[derive(Record)]
pub struct PromptField {
    /// Its name.
    #[field(argument, key, required)]
    pub name: Text,
    /// Its type.
    #[field(argument, required)]
    pub r#type: DataType,
}

/// Something that an agent can call.
#[derive(Kind)]
#[kind(later)]
pub struct Tool {
    /// How it is called.
    #[field(required)]
    pub r#type: ToolKind,
    /// Its address.
    pub endpoint: Text,
    /// The functions that agents may use of it. Default: all.
    pub functions: List<Text>,
    /// Hosts and ports that it may reach; everything else is closed to it.
    pub egress: List<Text>,
    /// Which calls wait for a person. Default: none.
    #[field(default = "none")]
    pub needs_approval: NeedsApproval,
    /// What it answers with.
    pub returns: Returns,
    /// How often it may be called.
    pub limit: Many<Limit>,
    /// How long a call may take.
    pub timeout: Duration,
    /// How many of the best hits it returns.
    pub top: u64,
    /// A model orders the hits anew.
    pub rerank: Rerank,
    /// The image, where it runs here.
    pub image: Image,
    /// Where it runs, and how much it takes.
    pub on: Placement,
    /// What keeps it apart from the node. Default: the container alone.
    pub runtime: ToolRuntime,
    /// Secrets that it is handed.
    pub secret: Many<SecretUse>,
}

/// How tools are called.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ToolKind {
    /// By the Model Context Protocol.
    Mcp,
    /// By plain HTTP.
    Http,
}

/// Which calls wait for a person.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum NeedsApproval {
    /// None.
    None,
    /// Every one.
    Each,
}

/// What a tool answers with.
#[derive(Record)]
pub struct Returns {
    /// The highest class of data in its answers.
    #[field(required)]
    pub classification: Classification,
}

/// A model orders hits anew.
#[derive(Record)]
pub struct Rerank {
    /// The endpoint that orders.
    #[field(argument, required)]
    pub serving: Ref<Serving>,
    /// How many hits stay.
    #[field(required)]
    pub keep: u64,
}

/// What keeps a tool apart from its node.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ToolRuntime {
    /// gVisor: system calls are served outside of the kernel.
    Gvisor,
}

/// What is checked before a model sees a text, and before its answer leaves.
#[derive(Kind)]
#[kind(later)]
pub struct Guardrail {
    /// What is looked for in requests.
    pub input: Many<GuardrailCheck>,
    /// What is looked for in answers.
    pub output: Many<GuardrailCheck>,
    /// The model that looks for it.
    pub run: GuardrailRun,
    /// How long it may take.
    pub timeout: GuardrailTimeout,
}

/// Something that is looked for.
#[derive(Record)]
pub struct GuardrailCheck {
    /// What: `prompt-injection`, `pii`.
    #[field(argument, key, required)]
    pub what: Text,
    /// What happens when it is found.
    #[field(default = "block")]
    pub action: GuardrailAction,
    /// The sorts of it. Default: all.
    pub entities: List<Text>,
}

/// What happens to a text in which something is found.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum GuardrailAction {
    /// It goes no further.
    Block,
    /// What is found is taken out.
    Redact,
    /// It passes.
    Pass,
}

/// The model that looks for something.
#[derive(Record)]
pub struct GuardrailRun {
    /// Which.
    #[field(argument, required)]
    pub variant: GuardrailProgram,
    /// The endpoint that serves it.
    #[field(required)]
    pub on: Ref<Serving>,
}

/// Models that look for something.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum GuardrailProgram {
    /// Llama Guard.
    LlamaGuard,
}

/// How long a check may take.
#[derive(Record)]
pub struct GuardrailTimeout {
    /// The time.
    #[field(argument, required)]
    pub after: Duration,
    /// What happens to the text then. Default: block.
    #[field(default = "block")]
    pub upon_timeout: GuardrailAction,
}

/// A model that uses tools in several steps.
#[derive(Kind)]
#[kind(later)]
pub struct Agent {
    /// The model that thinks: its weights, the endpoint that serves them, or a route to one.
    #[field(required)]
    pub model: Ref<(Model, Serving, Route)>,
    /// Its instructions.
    #[field(required)]
    pub prompt: Ref<Prompt>,
    /// What it may call.
    pub tools: List<Ref<Tool>>,
    /// What checks its input and output.
    pub guardrails: List<Ref<Guardrail>>,
    /// What it remembers.
    pub memory: Memory,
    /// Where it has to stop.
    pub limits: AgentLimits,
    /// Actions that wait for a person.
    pub oversight: Many<AgentOversight>,
    /// What is recorded of each step.
    pub trace: Trace,
    /// The tenant that it works for. Default: all.
    pub tenant: Ref<Tenant>,
    /// The program that runs it.
    pub run: AgentRun,
    /// The image with the program.
    pub image: Image,
    /// The cluster that it runs in.
    pub cluster: Ref<Cluster>,
    /// How many replicas.
    pub replicas: Replicas,
    /// The interface by which others call it. Default: none.
    pub expose: AgentApi,
    /// Who may call.
    pub auth: EndpointAuth,
    /// To whom it hands over, and when.
    pub handoff: Many<Handoff>,
    /// Secrets that it is handed.
    pub secret: Many<SecretUse>,
}

/// What an agent remembers.
#[derive(Record)]
pub struct Memory {
    /// Where.
    #[field(argument, required)]
    pub store: Ref<(VectorStore, Database)>,
    /// For how long. Default: for good.
    pub ttl: Duration,
}

/// Where an agent has to stop.
#[derive(Record)]
pub struct AgentLimits {
    /// Steps of one task.
    pub steps: u64,
    /// Tokens of one task.
    pub tokens: Tokens,
    /// Cost of one task.
    pub cost: Money,
    /// Calls of tools in one task.
    pub tool_calls: u64,
    /// Time of one task.
    pub duration: Duration,
    /// How often it may repeat the same call.
    pub repeats: u64,
}

/// Actions that wait for a person.
#[derive(Record)]
pub struct AgentOversight {
    /// The action.
    #[field(key, required)]
    pub upon: Text,
    /// What the person does.
    #[field(required)]
    pub action: OversightAction,
}

/// What is recorded of each step.
#[derive(Record)]
pub struct Trace {
    /// In what form. Default: otel.
    #[field(argument, default = "otel")]
    pub variant: TraceKind,
    /// The share of tasks. Default: all.
    #[field(default = "100%")]
    pub sample: Ratio,
}

/// Forms of records.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum TraceKind {
    /// OpenTelemetry.
    Otel,
}

/// The program of an agent.
#[derive(Record)]
pub struct AgentRun {
    /// Which.
    #[field(argument, required)]
    pub variant: AgentProgram,
    /// Its version.
    pub version: Version,
    /// Arguments handed to it as written.
    pub arg: Many<Arg>,
    /// The command and its words.
    #[field(only("custom"))]
    pub command: List<Text>,
}

/// Programs of agents.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum AgentProgram {
    /// LangGraph.
    Langgraph,
    /// Any other: `command` says how it is started.
    Custom,
}

/// Interfaces of agents.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum AgentApi {
    /// The Agent2Agent protocol.
    #[choice("a2a")]
    A2a,
}

/// To whom an agent hands over.
#[derive(Record)]
pub struct Handoff {
    /// The team, or another agent.
    #[field(argument, key, required)]
    pub to: Ref<(Team, Agent)>,
    /// When it is not sure.
    pub low_confidence: bool,
}
