//! Tables for the declarations that are no resources: parameters, names, environments, tests, users' own kinds.
//!
//! Their heads (`change`, `add`, `remove`) and what depends on other declarations is read by the compiler itself.

use purlin_derive::Record;

use crate::kinds::organisation::Level;
use crate::units::{Cron, Date, Timezone};
use crate::view::{Any, AnyKind, List, Many, Ref, Text};

/// A value that every environment, or every use of a template, sets for itself.
#[derive(Record)]
pub struct Param {
    /// By what name it is used: `$name`.
    #[field(argument, required)]
    pub name: Text,
    /// What it may hold: a type such as `string` or `duration`, or a kind whose resources it names.
    #[field(required)]
    pub r#type: Text,
    /// The type of a list's elements, or the kind that a reference names.
    pub of: Text,
    /// The value where nothing else is said. Without it every environment must set one.
    pub default: Any,
    /// The least that is accepted.
    pub min: Any,
    /// The most that is accepted.
    pub max: Any,
    /// Whether it must be set. An absent optional parameter makes the field that it feeds absent. Default: true.
    pub required: bool,
    /// The words that a `choice` admits.
    pub choices: List<Text>,
    /// What it is for.
    pub doc: Text,
}

/// A name for a value, never redefined.
#[derive(Record)]
pub struct Let {
    /// By what name it is used: `$name`.
    #[field(argument, required)]
    pub name: Text,
    /// The value, where it is a scalar.
    #[field(argument)]
    pub value: Any,
    /// `list`, where it holds items.
    pub r#type: Text,
}

/// One variant of the platform, compiled by itself: values of parameters, changes, and the rules of applying it.
#[derive(Record)]
pub struct Environment {
    /// Its name, as `only` and `--env` say it.
    #[field(argument, required)]
    pub name: Text,
    /// What this environment is for.
    pub doc: Text,
    /// Applying needs an approval on record.
    #[field(checked)]
    pub protected: bool,
    /// When it may be applied. Outside of its windows an apply is refused.
    #[field(checked)]
    pub window: Many<Window>,
    /// When it may not be applied at all.
    #[field(checked)]
    pub freeze: Many<Freeze>,
    /// The values of parameters.
    pub set: Many<Set>,
}

/// A time that comes again and again, in which changes may be applied.
#[derive(Record)]
pub struct Window {
    /// When it opens.
    #[field(key, required)]
    pub from: Cron,
    /// When it closes.
    #[field(required)]
    pub to: Cron,
    /// The time zone of both. Default: UTC.
    #[field(default = "UTC")]
    pub timezone: Timezone,
}

/// A span of days in which nothing may be applied.
#[derive(Record)]
pub struct Freeze {
    /// The first day.
    #[field(key, required)]
    pub from: Date,
    /// The last day.
    #[field(required)]
    pub until: Date,
    /// Why nothing may change.
    pub reason: Text,
}

/// The value of a parameter in an environment.
#[derive(Record)]
pub struct Set {
    /// The parameter.
    #[field(argument, key)]
    pub param: Text,
    /// The value; several where the parameter is a list.
    #[field(arguments)]
    pub value: List<Any>,
}

/// A claim about the project that must hold: changes to apply in thought, and what is then expected.
#[derive(Record)]
pub struct Test {
    /// What it claims, as a sentence.
    #[field(argument, required)]
    pub name: Text,
    /// The environments in which it runs. Default: every one.
    pub r#in: List<Text>,
}

/// One thing that a test expects. Several may be expected at once, so that the compiler reads them one by one.
#[derive(Record)]
pub struct TestExpect {
    /// `pass` (no finding at error level), or a predicate that must hold.
    #[field(argument)]
    pub that: Any,
    /// The rule that must find an error.
    pub error: Text,
    /// The rule that must find a warning.
    pub warn: Text,
    /// The resource on which it must find it.
    pub of: Ref<AnyKind>,
}

/// A kind of the users' own: its fields and what must hold of them.
#[derive(Record)]
pub struct UserKind {
    /// The word that begins its declarations.
    #[field(argument, required)]
    pub name: Text,
    /// What it is.
    pub doc: Text,
    /// The list of all of them in expressions. Default: the name and an `s`.
    pub plural: Text,
    /// Its fields.
    pub field: Many<UserField>,
    /// What must hold of every resource of the kind.
    pub check: Many<UserCheck>,
}

/// A field of a kind of the users' own.
#[derive(Record)]
pub struct UserField {
    /// Its name.
    #[field(argument, key)]
    pub name: Text,
    /// Its type: one of the types of parameters.
    #[field(argument, required)]
    pub r#type: Text,
    /// Whether a resource without it is an error. Default: false.
    pub required: bool,
    /// The kinds that a reference admits, or the type of a list's elements.
    pub of: List<Text>,
    /// The words that a choice admits.
    pub choices: List<Text>,
    /// The value where nothing else is said.
    pub default: Any,
    /// The least that is accepted.
    pub min: Any,
    /// The most that is accepted.
    pub max: Any,
    /// What it means.
    pub doc: Text,
}

/// A predicate that must hold of every resource of a kind.
#[derive(Record)]
pub struct UserCheck {
    /// The predicate; `self` is the resource.
    #[field(argument, key)]
    pub predicate: Any,
    /// What is said where it does not hold.
    pub message: Text,
    /// How grave that is. Default: error.
    #[field(default = "error")]
    pub level: Level,
}
