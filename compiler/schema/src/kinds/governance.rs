//! Kinds of what is owed and who answers for it: AI systems, policies, evidence, waivers, approvals, workflows.

use purlin_derive::{Choice, Kind, Record};

use crate::kinds::agents::Agent;
use crate::kinds::data::{Dataset, Pipeline};
use crate::kinds::evaluation::Evaluation;
use crate::kinds::gateway::Gateway;
use crate::kinds::models::{Adapter, Model};
use crate::kinds::organisation::Team;
use crate::kinds::parts::{Location, Schedule};
use crate::kinds::serving::{BatchInference, Serving};
use crate::kinds::training::TrainingJob;
use crate::schema::KindSchema;
use crate::units::{Date, Digest, Duration, Period, Version};
use crate::view::{Any, AnyKind, KindType, List, Many, Ref, Text};

/// The kinds of this module, in the order of the reference.
pub const KINDS: &[&KindSchema] =
    &[AiSystem::KIND, Policy::KIND, Evidence::KIND, Waiver::KIND, Approval::KIND, Workflow::KIND];

/// What a system may be made of.
type SystemPart = (Serving, Model, Pipeline, Agent, BatchInference, Adapter, Dataset, Gateway);

/// What a law regulates: models, endpoints, data and people that serve one purpose together.
#[derive(Kind)]
#[kind(name = "ai-system", plural = "ai-systems")]
pub struct AiSystem {
    /// The system's own version, as its technical file bears it.
    pub version: Version,
    /// The resources that make it up. What they are made of belongs to it by itself.
    #[field(required, checked)]
    pub includes: List<Ref<SystemPart>>,
    /// What it is meant to do, in a sentence.
    pub intended_purpose: Text,
    /// Uses that it is not meant for.
    pub out_of_scope: List<Text>,
    /// The part that the organisation has in it. Who builds a system and uses it has two.
    #[field(checked)]
    pub role: List<AiRole>,
    /// The people about whom it decides or to whom it speaks.
    #[field(checked)]
    pub affects: List<Affected>,
    /// The use of Annex III of the AI Act that it falls under, or none. Such a use makes a system high-risk.
    #[field(checked)]
    pub annex_iii: List<AnnexIii>,
    /// Whether it evaluates personal aspects of people. Then no exception takes it out of the high-risk class.
    #[field(checked)]
    pub profiling: bool,
    /// The day on which it is first supplied or used in the Union. Decides which duties already hold.
    #[field(checked)]
    pub placed_on_market: Date,
    /// The class that is claimed for it. It is compared with use, people, data and computation.
    #[field(checked)]
    pub risk: Risk,
}

/// A part that an organisation has in an AI system, in the words of the AI Act.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum AiRole {
    /// Develops it, or has it developed, and puts it into use under its own name.
    Provider,
    /// Uses it under its own authority.
    Deployer,
    /// Brings it into the Union from elsewhere.
    Importer,
    /// Makes it available in the Union without being provider or importer.
    Distributor,
    /// Represents a provider from outside the Union.
    AuthorisedRepresentative,
}

/// People about whom a system decides or to whom it speaks.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Affected {
    /// People in general, as persons with rights.
    NaturalPersons,
    /// Those who buy or use a product.
    Customers,
    /// Those who work for the organisation.
    Employees,
    /// Those who apply for work.
    Applicants,
    /// Patients and others in care.
    Patients,
    /// Pupils and students.
    Students,
    /// People under 18.
    Minors,
    /// Anyone: the system is open to the public.
    Public,
    /// Nobody: it decides about machines or things.
    Nobody,
}

/// The high-risk uses of Annex III of Regulation (EU) 2024/1689.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnnexIii {
    /// None of them.
    None,
    /// Remote biometric identification. Verifying that somebody is who they claim is not meant.
    #[choice("1a")]
    RemoteIdentification,
    /// Biometric categorisation by sensitive traits.
    #[choice("1b")]
    BiometricCategorisation,
    /// Recognition of emotions.
    #[choice("1c")]
    EmotionRecognition,
    /// Safety components of critical infrastructure: digital, road traffic, water, gas, heating, electricity.
    #[choice("2")]
    CriticalInfrastructure,
    /// Admission or assignment to education.
    #[choice("3a")]
    EducationAdmission,
    /// Evaluation of what was learned.
    #[choice("3b")]
    LearningOutcomes,
    /// The level of education that somebody receives.
    #[choice("3c")]
    EducationLevel,
    /// Detection of cheating in tests.
    #[choice("3d")]
    TestMonitoring,
    /// Recruitment: targeted advertisements, filtering and evaluating of applicants.
    #[choice("4a")]
    Recruitment,
    /// Terms of work, promotion, dismissal, tasks by behaviour or traits, monitoring of workers.
    #[choice("4b")]
    WorkManagement,
    /// Eligibility for public benefits and services.
    #[choice("5a")]
    PublicBenefits,
    /// Creditworthiness and credit scores. Detecting fraud is not meant.
    #[choice("5b")]
    Creditworthiness,
    /// Risk and price in life and health insurance.
    #[choice("5c")]
    LifeAndHealthInsurance,
    /// Emergency calls, dispatch and triage.
    #[choice("5d")]
    Emergency,
    /// Law enforcement: the risk of becoming a victim.
    #[choice("6a")]
    VictimRisk,
    /// Law enforcement: polygraphs and similar.
    #[choice("6b")]
    LawEnforcementPolygraph,
    /// Law enforcement: reliability of evidence.
    #[choice("6c")]
    EvidenceReliability,
    /// Law enforcement: the risk of offending, not by profiling alone.
    #[choice("6d")]
    OffendingRisk,
    /// Law enforcement: profiling in investigations.
    #[choice("6e")]
    InvestigativeProfiling,
    /// Migration: polygraphs and similar.
    #[choice("7a")]
    MigrationPolygraph,
    /// Migration: risks that somebody who enters may pose.
    #[choice("7b")]
    MigrationRisk,
    /// Migration: examination of asylum, visa and residence applications.
    #[choice("7c")]
    MigrationApplications,
    /// Migration: detecting or identifying people. Verifying travel documents is not meant.
    #[choice("7d")]
    MigrationIdentification,
    /// Justice: assisting courts and dispute resolution.
    #[choice("8a")]
    Justice,
    /// Democracy: influencing elections or votes. Organising campaigns is not meant.
    #[choice("8b")]
    Elections,
}

/// The class of risk that is claimed for a system.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Risk {
    /// No duties beyond literacy.
    Minimal,
    /// Duties of transparency: people must know what they deal with.
    Limited,
    /// A use of Annex I or III: the whole set of duties.
    High,
    /// A practice that Article 5 forbids.
    Prohibited,
    /// A general-purpose model.
    GeneralPurpose,
    /// A general-purpose model with systemic risk.
    Systemic,
}

/// A law, a standard, or a house's own rules, and what they apply to.
#[derive(Kind)]
#[kind(name = "policy", plural = "policies")]
pub struct Policy {
    /// The law or standard whose controls are checked. None where only own rules stand here.
    #[field(checked)]
    pub framework: Framework,
    /// The systems, data and models that it governs. Default: all.
    #[field(checked)]
    pub applies_to: List<Ref<AnyKind>>,
    /// The organisation's part in the processing of personal data.
    #[field(checked)]
    pub role: PolicyRole,
    /// The day as of which the duties are checked. Default: the day of the plan.
    #[field(checked)]
    pub as_of: Date,
    /// What is declared about single controls that no machine can check.
    #[field(checked)]
    pub control: Many<Control>,
    /// Predicates that every resource of a kind must meet.
    #[field(checked)]
    pub require: Many<Require>,
}

/// A law or standard whose controls are known.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Framework {
    /// Regulation (EU) 2024/1689, as amended.
    EuAiAct,
    /// Regulation (EU) 2016/679, the General Data Protection Regulation.
    Gdpr,
    /// NIST AI Risk Management Framework 1.0, with the profile for generative AI.
    NistAiRmf,
    /// ISO/IEC 42001:2023.
    #[choice("iso-42001")]
    Iso42001,
    /// The United States' rules for health information.
    Hipaa,
    /// AICPA's trust services criteria.
    #[choice("soc-2")]
    Soc2,
    /// OWASP's ten gravest risks of applications on language models, 2025.
    OwaspLlm,
    /// MITRE ATLAS: known attacks on AI systems.
    MitreAtlas,
    /// CNCF's conformance programme for AI on Kubernetes.
    CncfAi,
}

/// A part in the processing of personal data.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum PolicyRole {
    /// Decides why and how the data is processed.
    Controller,
    /// Decides that together with others.
    JointController,
    /// Processes the data for a controller.
    Processor,
}

/// What is declared about one control.
#[derive(Record)]
pub struct Control {
    /// The control's id in its framework, such as `art-73`.
    #[field(argument, key)]
    pub control: Text,
    /// What is done to meet it. The verdict becomes *declared*, never more.
    pub declared: Text,
    /// The team that answers for it. Default: the policy's owner.
    pub owner: Ref<Team>,
    /// Evidence that it is met.
    pub evidence: Ref<Evidence>,
}

/// A predicate that every resource of a kind must meet.
#[derive(Record)]
pub struct Require {
    /// The predicate; `self` is the resource.
    #[field(argument, key)]
    pub predicate: Any,
    /// The kind whose resources must meet it.
    #[field(required)]
    pub kind: Text,
    /// What is said where it is not met.
    pub message: Text,
}

/// A document or record that shows that a duty is met: written by the compiler, or signed by people.
#[derive(Kind)]
#[kind(name = "evidence", plural = "evidences")]
pub struct Evidence {
    /// What it shows.
    #[field(required, checked)]
    pub r#type: EvidenceType,
    /// The systems that it speaks of. Default: every system that needs this type.
    #[field(checked)]
    pub applies_to: List<Ref<AnyKind>>,
    /// It is written from the spec, and again with each release. Default: false.
    pub generated: bool,
    /// Where it is kept.
    #[field(checked)]
    pub location: Location,
    /// The digest of the document that was signed: another document proves nothing.
    #[field(checked)]
    pub sha256: Digest,
    /// The day on which it was signed.
    #[field(checked)]
    pub date: Date,
    /// Who signed it.
    #[field(checked)]
    pub signed_by: List<Text>,
    /// How often it must be looked at again. It is stale when that time has passed since its date.
    #[field(checked)]
    pub review: Review,
}

/// What a piece of evidence shows.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum EvidenceType {
    /// The technical file of Annex IV of the AI Act.
    AnnexIv,
    /// The records of processing activities of Article 30 of the GDPR.
    #[choice("article-30")]
    Article30,
    /// The assessment that a system of Annex III is not high-risk, by Article 6(4) of the AI Act.
    #[choice("article-6-4")]
    Article64,
    /// The provider's declaration of conformity, Annex V of the AI Act.
    DeclarationOfConformity,
    /// The assessment of impacts on fundamental rights, Article 27 of the AI Act.
    FundamentalRightsAssessment,
    /// The assessment of impacts on data protection, Article 35 of the GDPR.
    DataProtectionImpactAssessment,
    /// The quality management system, Article 17 of the AI Act.
    QualityManagementSystem,
    /// The register of risks and measures, Article 9 of the AI Act.
    RiskRegister,
    /// The plan for watching a system after it is placed on the market, Article 72 of the AI Act.
    PostMarketPlan,
    /// What users of the system are told, Article 13 of the AI Act.
    InstructionsForUse,
    /// Measures for the staff's literacy in AI, Article 4 of the AI Act.
    AiLiteracy,
    /// The training of those who oversee a system, Articles 14 and 26 of the AI Act.
    OversightTraining,
    /// A report of somebody who did not build the model.
    ModelValidation,
    /// A report of an adversarial test.
    RedTeam,
    /// A written agreement with a supplier, Article 25 of the AI Act.
    SupplierAgreement,
    /// The summary of what a general-purpose model was trained on, Article 53 of the AI Act.
    TrainingSummary,
    /// The policy for copyright, Article 53 of the AI Act.
    CopyrightPolicy,
    /// The registration in the Union's database, Article 49 of the AI Act.
    Registration,
    /// A notice to workers or to those whom a system decides about, Article 26 of the AI Act.
    Notice,
    /// Anything else: its document says what.
    Other,
}

/// How often something is looked at again.
#[derive(Record)]
pub struct Review {
    /// The time between two looks.
    #[field(required)]
    pub every: Period,
}

/// A dated exception from a rule, for single resources, that somebody answers for.
#[derive(Kind)]
#[kind(name = "waiver", plural = "waivers")]
pub struct Waiver {
    /// The rule's id, such as `reliability.zone-spread`.
    #[field(required, checked)]
    pub rule: Text,
    /// The resources on which the rule stays silent.
    #[field(required, checked)]
    pub applies_to: List<Ref<AnyKind>>,
    /// The team that answers for what may happen meanwhile.
    #[field(required, checked)]
    pub owner: Ref<Team>,
    /// The last day of the exception.
    #[field(required, checked)]
    pub until: Date,
    /// Why the exception is acceptable.
    #[field(checked)]
    pub reason: Text,
}

/// Who must agree before a change of certain resources is applied.
#[derive(Kind)]
#[kind(name = "approval", plural = "approvals")]
pub struct Approval {
    /// The resources whose changes wait for it.
    #[field(required, checked)]
    pub applies_to: List<Ref<AnyKind>>,
    /// What sort of change waits. Default: any change.
    #[field(checked)]
    pub upon: ApprovalUpon,
    /// The teams of which somebody must agree.
    #[field(required, checked)]
    pub needs: Many<ApprovalNeed>,
    /// The change's author does not count. Default: false.
    #[field(checked)]
    pub not_author: bool,
    /// How long an approval counts after it was given. Default: until the plan changes.
    #[field(checked)]
    pub valid_for: Duration,
}

/// A sort of change that waits for approval.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ApprovalUpon {
    /// Any change of the resource.
    Change,
    /// What is paid up front: reservations and capacity blocks.
    Purchase,
    /// A new version of a model or endpoint that takes production traffic.
    Promotion,
    /// Removal, or replacement that loses what is kept.
    Destroy,
}

/// A team of which somebody must agree.
#[derive(Record)]
pub struct ApprovalNeed {
    /// The team.
    #[field(argument, key)]
    pub team: Ref<Team>,
    /// How many of its approvers. Default: 1.
    #[field(default = "1")]
    pub count: u64,
}

/// The steps from new data to production traffic, with their gates.
#[derive(Kind)]
#[kind(name = "workflow", plural = "workflows", later)]
pub struct Workflow {
    /// The steps, in order.
    #[field(required)]
    pub steps: List<Step>,
    /// When it starts by itself. Default: when something triggers its job.
    pub schedule: Schedule,
    /// The training job that it runs.
    pub job: Ref<TrainingJob>,
    /// The evaluation that a new model must pass.
    pub gate: Ref<Evaluation>,
    /// The approval that it waits for.
    pub approval: Ref<Approval>,
}

/// A step of a workflow.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Runs the job.
    Train,
    /// Runs the gate, and stops where it is not passed.
    Evaluate,
    /// Puts the new version into the model's registry.
    Register,
    /// Waits for the approval.
    Approve,
    /// Lets the new version take traffic, by its rollout.
    Promote,
}
