//! Regions and time zones.

use std::fmt;

use purlin_syntax::Symbol;

use super::UnitError;
use super::error::quoted;

/// A region as its cloud names it: `eu-central-1`, `europe-west4`, `westeurope`. Whether it exists, the catalog knows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Region(Symbol);

/// A time zone by its IANA name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Timezone(Symbol);

impl Region {
    pub(super) fn read(text: &str) -> Result<Region, UnitError> {
        if is_region(text) {
            return Ok(Region(Symbol::intern(text)));
        }
        let plain = text.trim().to_lowercase().replace([' ', '_'], "-");
        let message = format!("{} is not a region: small letters, digits and dashes", quoted(text));
        Err(UnitError::offering(message, [plain]))
    }

    /// As written.
    pub fn as_str(self) -> &'static str {
        self.0.as_str()
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn is_region(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.split('-').all(|part| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// The areas of the IANA time zone database.
const AREAS: [&str; 11] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Etc",
    "Europe",
    "Indian",
    "Pacific",
];

impl Timezone {
    pub(super) fn read(text: &str) -> Result<Timezone, UnitError> {
        if is_zone(text) {
            return Ok(Timezone(Symbol::intern(text)));
        }
        let capitals: Vec<String> = text.trim().replace(' ', "_").split('/').map(capitalised).collect();
        let name = capitals.join("/");
        let upper = text.trim().to_uppercase();
        let utc =
            matches!(upper.as_str(), "Z" | "UTC" | "ZULU" | "GMT" | "ETC/UTC").then(|| "UTC".to_owned());
        let message =
            format!("{} is not a time zone of the IANA database, as `Europe/Berlin` is", quoted(text));
        Err(UnitError::offering(message, utc.into_iter().chain([name])))
    }

    /// As written.
    pub fn as_str(self) -> &'static str {
        self.0.as_str()
    }
}

impl fmt::Display for Timezone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn is_zone(text: &str) -> bool {
    let Some((area, place)) = text.split_once('/') else { return text == "UTC" };
    let legal = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_uppercase())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+'))
    };
    AREAS.contains(&area) && text.len() <= 64 && place.split('/').count() <= 2 && place.split('/').all(legal)
}

/// `new_york` as `New_York`.
fn capitalised(part: &str) -> String {
    let mut start = true;
    let change = |c: char| {
        let changed = if start { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
        start = matches!(c, '_' | '-');
        changed
    };
    part.chars().map(change).collect()
}
