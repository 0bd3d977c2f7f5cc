//! Contracts of data: what its owner promises, and what it may be used for.

use purlin_derive::{Choice, Kind, Record};

use crate::kinds::parts::Freshness;
use crate::units::{Period, Ratio, Version};
use crate::view::{Any, List, Many, Text};

/// What the owner of data promises to those who use it: schema, quality, freshness, and what the data may be used for.
#[derive(Kind)]
pub struct DataContract {
    /// The contract's own version; a change that breaks consumers needs a new major one.
    #[field(required)]
    pub version: Version,
    /// Where it stands in its life. Default: active.
    #[field(default = "active")]
    pub status: ContractStatus,
    /// What the data is, in words.
    pub description: Text,
    /// Tables, topics or files, each with its fields.
    #[field(required)]
    pub schema: Many<ContractSchema>,
    /// Which changes of the schema a new version may make.
    pub compatibility: Compatibility,
    /// How late data may arrive.
    pub freshness: Freshness,
    /// How long the data is kept.
    pub retention: Period,
    /// The share of time in which the data can be read.
    pub availability: Ratio,
    /// What the data may be used for; who reads it says one of these words.
    #[field(checked)]
    pub purpose: List<Text>,
    /// Where the data must stay: `eu`, or countries by their two letters.
    pub residency: List<Text>,
    /// The license under which it is used.
    pub license: Text,
    /// The grounds on which personal data is processed (GDPR Art. 6).
    #[field(checked)]
    pub legal_basis: Many<LegalBasis>,
    /// How the data of one person is erased on request.
    pub erasure: Erasure,
    /// Others who process the data on the owner's behalf (GDPR Art. 28).
    #[field(checked)]
    pub processor: Many<Processor>,
    /// Fields that hold, or may hold, special categories of personal data (GDPR Art. 9).
    #[field(checked)]
    pub special_category: Many<SpecialCategory>,
    /// How reservations against text and data mining are honoured (EU AI Act Art. 53(1)(c)).
    #[field(checked)]
    pub tdm_opt_out: TdmOptOut,
    /// The data is made up: no person stands behind it.
    #[field(checked)]
    pub synthetic: bool,
}

/// Where a contract stands in its life.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ContractStatus {
    /// Suggested, not agreed.
    Proposed,
    /// Being written.
    Draft,
    /// In force.
    Active,
    /// In force, to be replaced: new consumers get a warning.
    Deprecated,
    /// No longer in force.
    Retired,
}

/// One table, topic or file of a contract.
#[derive(Record)]
pub struct ContractSchema {
    /// Its name in the contract.
    #[field(argument, key, required)]
    pub name: Text,
    /// Its name where it is stored. Default: its name in the contract.
    pub physical_name: Text,
    /// Its fields.
    pub field: Many<ContractField>,
    /// What must hold of it as a whole.
    pub quality: Many<QualityCheck>,
}

/// One field of a contract's schema.
#[derive(Record)]
pub struct ContractField {
    /// Its name.
    #[field(argument, key, required)]
    pub name: Text,
    /// Its type.
    #[field(argument, required)]
    pub r#type: DataType,
    /// How it relates to persons. Default: none.
    #[field(default = "none")]
    pub personal: Personal,
    /// Who may see it. Default: internal.
    #[field(default = "internal")]
    pub classification: Classification,
    /// Never empty.
    pub required: bool,
    /// It, alone or with others, tells the rows apart.
    pub primary_key: bool,
    /// Never the same twice.
    pub unique: bool,
    /// What it means, in words.
    pub description: Text,
    /// Digits in all.
    #[field(only("decimal"))]
    pub precision: u64,
    /// Digits after the point.
    #[field(only("decimal"))]
    pub scale: u64,
    /// Length of the vector.
    #[field(only("vector"))]
    pub dimensions: u64,
    /// What must hold of its values.
    pub quality: Many<QualityCheck>,
}

/// The type of a field of data.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum DataType {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// A floating-point number.
    Number,
    /// A number with exact digits: see `precision` and `scale`.
    Decimal,
    /// True or false.
    Boolean,
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// A moment.
    Timestamp,
    /// Numbers of a fixed count: see `dimensions`.
    Vector,
    /// Values in order.
    Array,
    /// Named values.
    Object,
}

/// How data relates to persons.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Personal {
    /// Not about a person.
    None,
    /// About a person who is, or can be, identified.
    Pii,
    /// Health, belief, origin and the like (GDPR Art. 9).
    SpecialCategory,
    /// About a person whom only a separately kept key identifies.
    Pseudonymous,
    /// Criminal convictions and offences (GDPR Art. 10).
    Criminal,
}

/// Who may see data.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Classification {
    /// Everybody.
    Public,
    /// Everybody inside.
    Internal,
    /// Those who need it.
    Confidential,
    /// Named persons.
    Restricted,
}

/// Something that must hold of data.
#[derive(Record)]
pub struct QualityCheck {
    /// What is checked.
    #[field(argument, key, required)]
    pub variant: QualityKind,
    /// A name, where several checks of one sort stand together.
    #[field(key = 2)]
    pub name: Text,
    /// The values that may occur.
    #[field(only("valid-values", "accepted-values"))]
    pub values: List<Any>,
    /// At least: a value, a length, or a number of rows.
    pub min: f64,
    /// At most: a value, a length, or a number of rows.
    pub max: f64,
    /// A query that returns one number, which must lie within the bounds; `{table}` stands for the table.
    #[field(only("sql"))]
    pub query: Text,
    /// The span over which rows are counted. Default: the whole table.
    #[field(only("row-count"))]
    pub per: CountSpan,
}

/// What a check of quality looks at.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum QualityKind {
    /// Values lie between `min` and `max`.
    Range,
    /// Texts are between `min` and `max` characters long.
    Length,
    /// Only the listed values occur.
    ValidValues,
    /// Only the listed values occur; the same as `valid-values`.
    AcceptedValues,
    /// A query's number lies between `min` and `max`.
    Sql,
    /// The number of rows lies between `min` and `max`.
    RowCount,
}

/// The span over which rows are counted.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum CountSpan {
    /// Each hour.
    Hour,
    /// Each day.
    Day,
    /// Each week.
    Week,
    /// Each month.
    Month,
}

/// Which changes a new version of a schema may make.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Compatibility {
    /// Any.
    None,
    /// Readers of the new version can read data of the last one.
    Backward,
    /// Readers of the new version can read data of every earlier one.
    BackwardTransitive,
    /// Readers of the last version can read data of the new one.
    Forward,
    /// Readers of every earlier version can read data of the new one.
    ForwardTransitive,
    /// Backward and forward with the last version.
    Full,
    /// Backward and forward with every earlier version.
    FullTransitive,
}

/// A ground on which personal data is processed.
#[derive(Record)]
pub struct LegalBasis {
    /// The ground.
    #[field(argument, key, required)]
    pub basis: LegalGround,
    /// The purpose that it covers. Default: all of the contract's.
    #[field(key = 2)]
    pub r#for: Text,
    /// The article, as lawyers cite it: `6(1)(b)`.
    pub article: Text,
    /// Where the assessment or the consent is filed.
    pub reference: Text,
}

/// The grounds of GDPR Art. 6(1).
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum LegalGround {
    /// (a) The person has agreed.
    Consent,
    /// (b) A contract with the person needs it.
    Contract,
    /// (c) A law demands it.
    LegalObligation,
    /// (d) A life depends on it.
    VitalInterests,
    /// (e) A task in the public interest needs it.
    PublicTask,
    /// (f) An interest that outweighs the person's.
    LegitimateInterests,
}

/// How the data of one person is erased.
#[derive(Record)]
pub struct Erasure {
    /// The field by which the person's rows are found.
    #[field(required)]
    pub key: Text,
    /// How soon after the request.
    pub within: Period,
}

/// Somebody who processes data on the owner's behalf.
#[derive(Record)]
pub struct Processor {
    /// The company.
    #[field(argument, key, required)]
    pub name: Text,
    /// Where it processes: two letters of ISO 3166-1.
    pub country: Text,
    /// Where the agreement is filed.
    pub agreement: Text,
}

/// A field with special categories of personal data.
#[derive(Record)]
pub struct SpecialCategory {
    /// The field.
    #[field(argument, key, required)]
    pub field: Text,
    /// What permits processing it.
    #[field(required)]
    pub condition: SpecialCondition,
}

/// The conditions of GDPR Art. 9(2).
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum SpecialCondition {
    /// None: the data is not wanted, and has to be removed before use.
    None,
    /// (a) The person has explicitly agreed.
    ExplicitConsent,
    /// (b) Law of employment and social security.
    Employment,
    /// (c) A life depends on it.
    VitalInterests,
    /// (d) A non-profit body about its members.
    NonProfitBody,
    /// (e) The person has made it public.
    MadePublic,
    /// (f) Legal claims.
    LegalClaims,
    /// (g) A substantial public interest.
    PublicInterest,
    /// (h) Health care.
    HealthCare,
    /// (i) Public health.
    PublicHealth,
    /// (j) Archives, research and statistics.
    Research,
}

/// How reservations against text and data mining are honoured.
#[derive(Record)]
pub struct TdmOptOut {
    /// The signals that were obeyed when the data was collected: `robots.txt tdmrep`.
    #[field(required)]
    pub honoured: Text,
}
