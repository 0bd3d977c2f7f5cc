//! Everything that a rule may ask beside the graph: the caller's word, never the machine's.

use purlin_schema::units::Date;

/// What the caller asks for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Compile this environment alone.
    pub environment: Option<String>,
    /// The day that verdicts are given for. The compiler has no clock; without a day, rules on dates stay silent.
    pub as_of: Option<Date>,
    /// The session lives on: note what every answer rests on, so that an edit redoes no more than it must.
    pub track: bool,
}
