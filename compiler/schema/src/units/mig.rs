//! Slices of a GPU (multi-instance GPU).

use std::fmt;

use super::UnitError;
use super::error::quoted;

/// A slice of a GPU: `1g.10gb`, `1g.10gb+me`, `1c.3g.40gb`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MigProfile {
    /// Compute slices of a compute instance inside the GPU instance; none: all of them.
    pub compute: Option<u8>,
    /// Compute slices of the GPU instance.
    pub slices: u8,
    /// Memory as the name says it, in the GB of NVIDIA's names; the usable amount stands in the catalog.
    pub memory_gb: u16,
    /// Media engines and graphics.
    pub attribute: Option<MigAttribute>,
}

/// What a slice has beside compute and memory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MigAttribute {
    /// Media engines.
    Media,
    /// All media engines.
    AllMedia,
    /// Graphics.
    Graphics,
    /// No media engines.
    NoMedia,
}

const ATTRIBUTES: [(&str, MigAttribute); 4] = [
    ("+me.all", MigAttribute::AllMedia),
    ("+me", MigAttribute::Media),
    ("+gfx", MigAttribute::Graphics),
    ("-me", MigAttribute::NoMedia),
];

impl MigProfile {
    pub(super) fn read(text: &str) -> Result<MigProfile, UnitError> {
        parts(text).ok_or_else(|| not_a_profile(text))
    }
}

fn parts(text: &str) -> Option<MigProfile> {
    let attribute = ATTRIBUTES.iter().find(|(suffix, _)| text.ends_with(suffix));
    let name = attribute.map_or(text, |(suffix, _)| &text[..text.len() - suffix.len()]);
    let (slices, memory) = name.rsplit_once("g.")?;
    let (compute, slices) = match slices.split_once("c.") {
        Some((compute, slices)) => (Some(u8::try_from(number(compute)?).ok()?), slices),
        None => (None, slices),
    };
    let slices = u8::try_from(number(slices)?).ok()?;
    let memory_gb = number(memory.strip_suffix("gb")?)?;
    let plausible = slices <= 8 && compute.is_none_or(|compute| compute <= slices);
    plausible.then_some(MigProfile { compute, slices, memory_gb, attribute: attribute.map(|(_, a)| *a) })
}

/// A number above zero without zeros in front, so that a profile is written in one way.
fn number(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    if digits { text.parse().ok() } else { None }
}

/// Offers for `1G.10GB`, `mig-1g.10gb`, `1g.10`, `1g10gb`.
fn not_a_profile(text: &str) -> UnitError {
    let lower = text.trim().to_lowercase().replace([' ', '_'], "");
    let name = lower.trim_start_matches("nvidia.com/").trim_start_matches("mig-");
    let dotted = if name.contains("g.") { name.to_owned() } else { name.replacen('g', "g.", 1) };
    let offers = [name.to_owned(), dotted.clone(), format!("{dotted}gb"), format!("{dotted}b")];
    let offer = offers.into_iter().find(|offer| parts(offer).is_some());
    UnitError::offering(format!("{} is not a MIG profile", quoted(text)), offer)
}

impl fmt::Display for MigProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(compute) = self.compute {
            write!(f, "{compute}c.")?;
        }
        write!(f, "{}g.{}gb", self.slices, self.memory_gb)?;
        let suffix = ATTRIBUTES.iter().find(|(_, attribute)| Some(*attribute) == self.attribute);
        f.write_str(suffix.map_or("", |(suffix, _)| suffix))
    }
}
