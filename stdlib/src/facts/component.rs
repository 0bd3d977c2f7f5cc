//! Components of a cluster.

use purlin_schema::view::View;

use super::{List, Provenance, date, keep, kinds, pairs, provenance, texts};

/// A controller or operator at the version of the tested matrix.
#[derive(Clone, PartialEq, Debug)]
pub struct Component {
    /// `gpu-operator`.
    pub name: &'static str,
    /// `NVIDIA GPU Operator`.
    pub product: Option<&'static str>,
    /// The tested version; empty where it was refused.
    pub version: &'static str,
    /// When that version was released; empty: unknown.
    pub released: &'static str,
    /// The repository of its source.
    pub project: Option<&'static str>,
    /// Groups and versions of its kinds.
    pub apis: List<&'static str>,
    /// The Helm charts that install it, in this order.
    pub charts: List<Chart>,
    /// The namespace that its documentation installs it in.
    pub namespace: Option<&'static str>,
    /// Versions of what it brings along.
    pub ships: List<(&'static str, &'static str)>,
    /// Other components that it needs.
    pub needs: List<&'static str>,
    /// The licence, where it is not a permissive one.
    pub license: Option<&'static str>,
    /// What the values leave out.
    pub notes: Option<&'static str>,
    /// Where it was read, and when.
    pub provenance: Provenance,
}

/// A Helm chart.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Chart {
    /// Its name.
    pub name: &'static str,
    /// The repository that holds it.
    pub repository: Option<&'static str>,
    /// Its version for the tested one of the component, where it was seen.
    pub version: Option<&'static str>,
}

impl Component {
    /// The fact that a block states.
    pub fn from_view(name: &'static str, view: View<'_, kinds::Component>) -> Component {
        Component {
            name,
            product: view.product().get().map(keep),
            version: view.version().get().map_or("", |version| version.as_str()),
            released: date(view.released().get()),
            project: view.project().get().map(keep),
            apis: texts(view.apis()),
            charts: view.chart().iter().map(chart).collect(),
            namespace: view.namespace().get().map(keep),
            ships: pairs(view.ships()),
            needs: texts(view.needs()),
            license: view.license().get().map(keep),
            notes: view.notes().get().map(keep),
            provenance: provenance!(view),
        }
    }

    /// The version of something that it brings along.
    pub fn ships(&self, what: &str) -> Option<&'static str> {
        self.ships.iter().find(|(name, _)| *name == what).map(|(_, version)| *version)
    }
}

fn chart(view: View<'_, kinds::Chart>) -> Chart {
    Chart {
        name: view.name().get().map_or("", keep),
        repository: view.repository().get().map(keep),
        version: view.version().get().map(keep),
    }
}
