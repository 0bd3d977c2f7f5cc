//! Regions of the clouds.

use purlin_schema::view::View;

use super::{Provenance, Provider, keep, kinds, provenance};

/// A region of a cloud, and the country whose law its data is under.
#[derive(Clone, PartialEq, Debug)]
pub struct Region {
    /// `eu-central-1`.
    pub name: &'static str,
    /// The cloud.
    pub provider: Option<Provider>,
    /// The country, two letters.
    pub country: Option<&'static str>,
    /// The place as the cloud names it.
    pub place: Option<&'static str>,
    /// Whether the country is in the European Union.
    pub eu: Option<bool>,
    /// Where it was read, and when.
    pub provenance: Provenance,
}

impl Region {
    /// The fact that a block states.
    pub fn from_view(name: &'static str, view: View<'_, kinds::CloudRegion>) -> Region {
        Region {
            name,
            provider: view.provider().get(),
            country: view.country().get().map(keep),
            place: view.place().get().map(keep),
            eu: view.eu().get(),
            provenance: provenance!(view),
        }
    }
}
