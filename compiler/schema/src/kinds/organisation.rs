//! Kinds of who there is: platform, teams, clouds, secrets, tenants.

use purlin_derive::{Choice, Kind, Record};

use crate::kinds::agents::Agent;
use crate::kinds::gateway::{Gateway, Route};
use crate::kinds::parts::Limit;
use crate::kinds::serving::{BatchInference, Serving};
use crate::schema::KindSchema;
use crate::units::{Bytes, Date, Money, MoneyRate, Region, Version};
use crate::view::{KindType, List, Many, Ref, Text};

/// The kinds of this module, in the order of the reference.
pub const KINDS: &[&KindSchema] = &[Platform::KIND, Team::KIND, Cloud::KIND, Secret::KIND, Tenant::KIND];

/// The whole project: its owner, its budgets, and the level of each rule. One per project, in `purlin.kdl`.
#[derive(Kind)]
#[kind(name = "platform", plural = "platforms")]
pub struct Platform {
    /// The version of the language that the project is written in. A newer compiler keeps reading an older language.
    #[field(checked)]
    pub language: Version,
    /// What everything together may cost per month, at the top of the estimate. The plan shows the month before and after.
    #[field(checked)]
    pub budget: MoneyRate,
    /// What everything together may cost until a date, prepaid reservations included.
    #[field(checked)]
    pub budget_total: BudgetTotal,
    /// Files that are no part of the project: globs, relative to the project's folder.
    #[field(checked)]
    pub exclude: List<Text>,
    /// The level of a rule in this project, where its default is not wanted.
    #[field(checked)]
    pub rule: Many<RuleLevel>,
    /// How money of one currency is counted in another. Without it, amounts in two currencies are never added.
    #[field(checked)]
    pub exchange_rate: Many<ExchangeRate>,
}

/// An amount of money that has to last until a date.
#[derive(Record)]
pub struct BudgetTotal {
    /// The amount.
    #[field(argument, required)]
    pub amount: Money,
    /// The day by which it may be spent.
    pub until: Date,
}

/// A rule and the level it has in this project.
#[derive(Record)]
pub struct RuleLevel {
    /// The rule's id, such as `hardware.shm`.
    #[field(argument, key)]
    pub rule: Text,
    /// What a finding of this rule means.
    #[field(required)]
    pub level: Level,
}

/// How grave a finding is.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// Stops a plan from being applied.
    Error,
    /// Shown, and stops nothing.
    Warn,
    /// Shown among the notes.
    Note,
}

/// The price of one currency in another.
#[derive(Record)]
pub struct ExchangeRate {
    /// The currency that is converted, by its ISO code.
    #[field(argument, key)]
    pub from: Text,
    /// The currency that it becomes, by its ISO code.
    #[field(key = 2, required)]
    pub to: Text,
    /// How many units of the second currency one unit of the first is worth.
    #[field(required)]
    pub rate: f64,
    /// The day on which the rate was read. The plan shows it beside every converted amount.
    pub as_of: Date,
}

/// A group of people who own resources, approve changes and pay for what they use.
#[derive(Kind)]
#[kind(name = "team", plural = "teams")]
pub struct Team {
    /// Where the team is reached: an address that a person reads.
    pub contact: Text,
    /// Who may approve changes to what the team owns, by their names in the code host. Becomes `CODEOWNERS`.
    #[field(checked)]
    pub approvers: List<Text>,
    /// The Kubernetes namespace of the team's workloads. Default: the team's name.
    pub namespace: Text,
    /// The most that the team's workloads may hold at once, over all queues.
    pub quota: TeamQuota,
    /// What the team's resources may cost per month, at the top of the estimate.
    #[field(checked)]
    pub budget: MoneyRate,
    /// Where pages for the team go.
    pub on_call: OnCall,
    /// Teams from which this one must stay separate: it may not approve or validate together with them.
    #[field(checked)]
    pub independent_of: List<Ref<Team>>,
}

/// A ceiling on what a team's workloads hold at once.
#[derive(Record)]
pub struct TeamQuota {
    /// Whole GPUs.
    pub gpus: u64,
    /// CPU cores.
    pub cpu: f64,
    /// Main memory.
    pub memory: Bytes,
}

/// The paging service of a team.
#[derive(Record)]
pub struct OnCall {
    /// Which paging service.
    #[field(argument, required)]
    pub variant: OnCallService,
    /// The service's own id of who is paged: a PagerDuty service, an Opsgenie team, a channel.
    pub service: Text,
}

/// A paging service.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnCallService {
    /// PagerDuty, through its Events API.
    #[choice("pagerduty")]
    PagerDuty,
    /// Opsgenie.
    Opsgenie,
    /// A Slack channel.
    Slack,
    /// Mail to the team's contact.
    Email,
    /// Any receiver that takes Alertmanager's webhook.
    Webhook,
}

/// An account at a cloud, in one region: what networks, clusters and storage are made in.
#[derive(Kind)]
#[kind(name = "cloud", plural = "clouds")]
pub struct Cloud {
    /// Whose cloud it is. Decides which Terraform provider is written, and which instances and prices are known.
    #[field(required)]
    pub provider: Provider,
    /// The AWS account, by its twelve digits.
    pub account: Text,
    /// The Google Cloud project, by its id.
    pub project: Text,
    /// The Azure subscription, by its id.
    pub subscription: Text,
    /// Where everything of this cloud stands, unless it says a zone. Residency and prices follow from it.
    pub region: Region,
    /// Where Terraform keeps its state. Without it no backend is written.
    pub state: State,
}

/// A cloud provider.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Provider {
    /// Amazon Web Services; identified by `account`.
    Aws,
    /// Google Cloud; identified by `project`.
    Gcp,
    /// Microsoft Azure; identified by `subscription`.
    Azure,
    /// Own machines: node configuration and Kubernetes are written, no Terraform.
    OnPremises,
}

/// Where Terraform keeps its state.
#[derive(Record)]
pub struct State {
    /// The sort of store.
    #[field(argument, required)]
    pub variant: StateBackend,
    /// The bucket.
    #[field(required, only("s3", "gcs"))]
    pub bucket: Text,
    /// The bucket's region. Default: the cloud's own.
    #[field(only("s3"))]
    pub region: Region,
    /// The resource group of the storage account.
    #[field(only("azurerm"))]
    pub resource_group: Text,
    /// The storage account.
    #[field(required, only("azurerm"))]
    pub storage_account: Text,
    /// The container in the storage account.
    #[field(required, only("azurerm"))]
    pub container: Text,
}

/// A store for Terraform's state.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum StateBackend {
    /// An S3 bucket, locked by a lock file beside the state.
    #[choice("s3")]
    S3,
    /// A Google Cloud Storage bucket.
    Gcs,
    /// A container of an Azure storage account.
    #[choice("azurerm")]
    AzureRm,
}

/// A reference to a secret: where it is kept, never what it is. Workloads receive it through External Secrets.
#[derive(Kind)]
#[kind(name = "secret", plural = "secrets")]
pub struct Secret {
    /// The store that holds the value.
    #[field(required)]
    pub store: SecretStore,
    /// The secret's name in that store.
    #[field(required)]
    pub key: Text,
}

/// A store of secrets.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum SecretStore {
    /// AWS Secrets Manager.
    AwsSecretsManager,
    /// AWS Systems Manager Parameter Store.
    AwsParameterStore,
    /// Google Cloud Secret Manager.
    GcpSecretManager,
    /// Azure Key Vault.
    AzureKeyVault,
    /// HashiCorp Vault or OpenBao.
    Vault,
    /// A Kubernetes secret that somebody else creates.
    Kubernetes,
}

/// A customer or department that uses shared endpoints: what it may call, how much, and for how much money.
#[derive(Kind)]
#[kind(name = "tenant", plural = "tenants", later)]
pub struct Tenant {
    /// The routes and endpoints that the tenant may call. What is not named is refused.
    pub may_use: Many<MayUse>,
    /// The most that the tenant may use per unit of time, over all routes.
    pub limit: Many<Limit>,
    /// What the tenant may spend per month, and what happens beyond it.
    pub budget: TenantBudget,
    /// Where the tenant's data may be processed and kept: `eu`, a country, or a region.
    pub residency: List<Text>,
    /// What the tenant shares with others.
    pub isolation: Isolation,
    /// Who is served first when there is too little for all: the higher number. Default: 0.
    #[field(default = "0")]
    pub priority: i64,
}

/// One thing that a tenant may call.
#[derive(Record)]
pub struct MayUse {
    /// The route or endpoint.
    #[field(argument, key)]
    pub target: Ref<(Route, Serving, Gateway, Agent, BatchInference)>,
    /// Limits that hold for this route alone.
    pub limit: Many<Limit>,
}

/// What a tenant may spend.
#[derive(Record)]
pub struct TenantBudget {
    /// The amount per month.
    #[field(argument, required)]
    pub amount: MoneyRate,
    /// What happens when the month's amount is spent. Default: alert.
    #[field(default = "alert")]
    pub on_exceed: OnExceed,
}

/// What happens beyond a budget.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnExceed {
    /// The owner is alerted, and calls go on.
    Alert,
    /// Calls go to the route's fallback.
    Degrade,
    /// Calls are refused until the month is over.
    Refuse,
}

/// What a tenant shares with others.
#[derive(Record)]
pub struct Isolation {
    /// Whose prompts share cached prefixes. A shared cache lets one tenant measure what another one asked.
    pub prefix_cache: Isolated,
    /// Whose calls share a log.
    pub logs: Isolated,
}

/// Whether something is shared between tenants.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Isolated {
    /// One for all tenants.
    Shared,
    /// One for each tenant.
    PerTenant,
}
