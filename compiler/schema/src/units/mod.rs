//! Quantities: numbers with a unit, and the small typed texts (versions, addresses, dates) that specs hold.
//!
//! Every quantity is a newtype that knows its units. [`parse`] reads what stands in quotes, [`parse_number`] judges a
//! bare number; both answer a mistake with what is wrong and with whole replacement texts. `Display` writes what a user
//! would write, and reads back as the same value.
//!
//! Equality of a quantity is what decides whether anything has to be computed anew, so it is strict: `"24 USD/day"` is
//! not equal to `"1 USD/h"`. Where the same amount can be written in several ways, `compare` compares the amounts.

mod count;
mod cron;
mod date;
mod digest;
mod error;
mod image;
mod measure;
mod mig;
mod money;
mod network;
mod number;
mod rate;
mod ratio;
mod region;
mod size;
mod time;
mod version;

use std::borrow::Cow;
use std::fmt;

use purlin_syntax::Span;

use crate::field::Field;
use crate::schema::{Shape, Type};
use crate::value::{Slot, Value};
use crate::view::{FieldType, Scalar, scalar, scalar_fields};

pub use count::{Flop, Parameters, Steps, Tokens};
pub use cron::{Cron, CronTimes};
pub use date::{Date, Timestamp};
pub use digest::Digest;
pub use error::UnitError;
pub(crate) use error::plain_numbers;
pub use image::ImageRef;
pub use measure::{Extent, Measure};
pub use mig::{MigAttribute, MigProfile};
pub use money::{Currency, HOURS_PER_MONTH, Money, MoneyRate, Per};
pub use network::Cidr;
pub use rate::{Rate, RatePer};
pub use ratio::Ratio;
pub use region::{Region, Timezone};
pub use size::{Bandwidth, Bytes, Throughput};
pub use time::{Duration, Period};
pub use version::Version;

/// Declares [`Quantity`], [`QuantityKind`] and what each type needs to be that of a field.
macro_rules! quantities {
    ($( $(#[doc = $doc:literal])+ $name:ident $word:literal $phrase:literal [$($example:literal),+]; )*) => {
        /// A value of any of the types of this module.
        #[derive(Clone, Copy, PartialEq, Debug)]
        pub enum Quantity { $( $(#[doc = $doc])+ $name($name), )* }

        /// Which type of quantity.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum QuantityKind { $( $(#[doc = $doc])+ $name, )* }

        impl QuantityKind {
            /// Every kind, in the order of the reference.
            pub const ALL: &'static [QuantityKind] = &[$(QuantityKind::$name),*];

            /// The kind of a name: `bytes`, `money-rate`.
            pub fn of_name(name: &str) -> Option<QuantityKind> {
                QuantityKind::ALL.iter().copied().find(|kind| kind.name() == name)
            }

            /// `bytes`: the type's name in params and in the reference.
            pub fn name(self) -> &'static str {
                match self { $( QuantityKind::$name => $word, )* }
            }

            /// What it is, in a sentence or two.
            pub fn doc(self) -> &'static str {
                match self { $( QuantityKind::$name => concat!($($doc),+).trim_ascii(), )* }
            }

            /// Texts that are of this type, the most typical one first.
            pub fn examples(self) -> &'static [&'static str] {
                match self { $( QuantityKind::$name => &[$($example),+], )* }
            }

            /// `bytes`, `a duration`: as it stands in a message.
            pub fn phrase(self) -> &'static str {
                match self { $( QuantityKind::$name => $phrase, )* }
            }
        }

        impl Quantity {
            /// Its type.
            pub fn kind(self) -> QuantityKind {
                match self { $( Quantity::$name(_) => QuantityKind::$name, )* }
            }
        }

        impl fmt::Display for Quantity {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $( Quantity::$name(value) => value.fmt(f), )* }
            }
        }

        $(
            impl From<$name> for Quantity {
                fn from(value: $name) -> Quantity {
                    Quantity::$name(value)
                }
            }

            impl Scalar for $name {
                const TYPE: Type = Type::Quantity(QuantityKind::$name);
                type Out<'a> = $name;
                fn scalar(value: &Value, _: Span) -> Option<$name> {
                    if let Value::Quantity(Quantity::$name(value)) = value { Some(*value) } else { None }
                }
            }

            scalar_fields!($name);
        )*

        fn read(kind: QuantityKind, text: &str) -> Result<Quantity, UnitError> {
            match kind { $( QuantityKind::$name => $name::read(text).map(Quantity::$name), )* }
        }
    };
}

quantities! {
    /// An amount of memory or storage, with a decimal (`GB`) or a binary (`GiB`) unit.
    Bytes "bytes" "bytes" ["80GiB", "80GB", "512MiB", "24000GiB", "2TiB"];
    /// Data per second, in bits (`Gbps`) or in bytes (`GB/s`).
    Bandwidth "bandwidth" "a bandwidth" ["400Gbps", "420GB/s"];
    /// Bytes per second for each TiB of storage.
    Throughput "throughput" "a throughput" ["500MB/s/TiB"];
    /// A span of time of fixed length; `m` and `min` are minutes.
    Duration "duration" "a duration" ["20min", "1.5s", "24h", "14d", "20ms"];
    /// A span of the calendar: years, months, weeks and days, from whatever date it is counted.
    Period "period" "a period" ["7y", "6mo", "90d", "2w"];
    /// An amount of money with its ISO 4217 currency.
    Money "money" "money" ["4000 USD", "0.40 EUR"];
    /// Money per hour, day, month or year.
    MoneyRate "money-rate" "a money rate" ["98.32 USD/h", "180000 USD/month"];
    /// A part of a whole: a percentage, or a number such as 0.999.
    Ratio "ratio" "a ratio" ["99.9%", "5%"];
    /// A count per second, minute, hour or day, of requests or of what is named.
    Rate "rate" "a rate" ["200/s", "2M tokens/min", "62000 tokens/s", "200/h"];
    /// A number of tokens; `K` `M` `B` `T` are powers of a thousand.
    Tokens "tokens" "tokens" ["300B tokens", "2200 tokens"];
    /// A number of parameters; `K` `M` `B` `T` are powers of a thousand.
    Parameters "parameters" "parameters" ["405853388800", "13B"];
    /// An amount of computation in floating-point operations.
    Flop "flops" "FLOP" ["1e25 FLOP"];
    /// A number of training steps.
    Steps "steps" "steps" ["500 steps"];
    /// How far: steps, tokens, or time.
    Extent "extent" "an extent" ["200 steps", "2B tokens", "20min"];
    /// The bound of a metric: a number, a ratio, a duration, a rate, money, or a count.
    Measure "measure" "a measure" ["0.72", "1%", "1.5s", "62000 tokens/s", "0.40 USD", "250 tokens"];
    /// A version: numbers with dots, and a suffix where there is one.
    Version "version" "a version" ["1.34", "2.1.0", "580"];
    /// A slice of a GPU by NVIDIA's name for it.
    MigProfile "mig-profile" "a MIG profile" ["1g.10gb", "3g.40gb", "1g.10gb+me", "1c.3g.40gb"];
    /// A range of IPv4 or IPv6 addresses.
    Cidr "cidr" "an address range" ["10.40.0.0/16", "fd00::/48"];
    /// The SHA-256 of a content.
    Digest "digest" "a digest" ["sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"];
    /// Times that recur: minute, hour, day of the month, month, day of the week.
    Cron "cron" "a cron schedule" ["0 2 * * *", "0 8 * * 1-5"];
    /// A region as its cloud names it.
    Region "region" "a region" ["eu-central-1", "europe-west4"];
    /// A container image.
    ImageRef "image" "an image" ["ghcr.io/acme/tune:2026-11-16"];
    /// A day of the calendar.
    Date "date" "a date" ["2027-01-31"];
    /// A moment, to the second, with its offset from UTC.
    Timestamp "timestamp" "a timestamp" ["2027-01-11T11:30:00Z"];
    /// A time zone by its IANA name.
    Timezone "timezone" "a time zone" ["Europe/Berlin", "UTC"];
}

const _: () = assert!(size_of::<Quantity>() <= 24, "values are many: a quantity stays small");

/// The longest text that any quantity has; what is longer is refused before it is looked at.
const LONGEST: usize = 512;

/// Reads a text as a quantity of the given type.
pub fn parse(kind: QuantityKind, text: &str) -> Result<Quantity, UnitError> {
    if text.len() > LONGEST {
        return Err(UnitError::new(format!("{} is too long for {}", error::quoted(text), kind.phrase())));
    }
    read(kind, text).map_err(|error| error::explain(kind, text, error))
}

/// Reads a bare number, as it stands in the source, where a quantity is wanted.
///
/// Only ratios, measures and parameters can be bare; elsewhere a unit (or quotes) is needed, and the error offers some.
pub fn parse_number(kind: QuantityKind, source: &str) -> Result<Quantity, UnitError> {
    if source.len() > LONGEST {
        return Err(UnitError::new(format!("{} is too long for {}", error::quoted(source), kind.phrase())));
    }
    let plain =
        if source.contains('_') { Cow::Owned(source.replace('_', "")) } else { Cow::Borrowed(source) };
    match kind {
        QuantityKind::Ratio | QuantityKind::Measure | QuantityKind::Parameters => read(kind, &plain),
        _ => Err(error::bare(kind, source, &plain)),
    }
}

#[cfg(test)]
mod tests;
