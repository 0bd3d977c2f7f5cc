//! How NCCL runs on the clouds' instances.

use purlin_schema::units::Bytes;
use purlin_schema::view::View;

use super::{List, Provenance, Provider, keep, kinds, pairs, provenance, texts};

/// Variables, names and values.
pub type Variables = List<(&'static str, &'static str)>;

/// What the network plugin sets by itself on some instance types, and what a job and a node set.
#[derive(Clone, PartialEq, Debug)]
pub struct NcclProfile {
    /// Its name.
    pub name: &'static str,
    /// The cloud.
    pub provider: Option<Provider>,
    /// The instance types.
    pub instances: List<&'static str>,
    /// The network plugin.
    pub plugin: Option<&'static str>,
    /// The plugin's topology file.
    pub topology_file: Option<&'static str>,
    /// Latency that the plugin assumes, in microseconds.
    pub latency_us: Option<f64>,
    /// Whether the plugin insists on GPU-direct RDMA.
    pub gpudirect_required: Option<bool>,
    /// The plugin's default protocol.
    pub protocol: Option<&'static str>,
    /// Variables that the plugin sets by itself.
    pub sets: Variables,
    /// Variables in the node's `/etc/nccl.conf`.
    pub conf: Variables,
    /// Variables that a job sets.
    pub env: Variables,
    /// A script that sets variables, sourced before the job starts.
    pub env_script: Option<&'static str>,
    /// Variables that must stay unset.
    pub unset: List<&'static str>,
    /// The Kubernetes resource of one interface.
    pub resource: Option<&'static str>,
    /// Huge pages of 2 MiB that a pod asks for.
    pub hugepages: Option<Bytes>,
    /// Maximum transmission unit, in bytes.
    pub mtu: Option<u64>,
    /// Kernel modules that a node loads.
    pub modules: List<&'static str>,
    /// Kernel parameters of a node.
    pub sysctl: Variables,
    /// Resource limits of a node's processes.
    pub limits: Variables,
    /// What the values leave out.
    pub notes: Option<&'static str>,
    /// Where it was read, and when.
    pub provenance: Provenance,
}

impl NcclProfile {
    /// The fact that a block states.
    pub fn from_view(name: &'static str, view: View<'_, kinds::NcclProfile>) -> NcclProfile {
        NcclProfile {
            name,
            provider: view.provider().get(),
            instances: view.instances().values().map(|instance| instance.name.as_str()).collect(),
            plugin: view.plugin().get().map(keep),
            topology_file: view.topology_file().get().map(keep),
            latency_us: view.latency_us().get(),
            gpudirect_required: view.gpudirect_required().get(),
            protocol: view.protocol().get().map(keep),
            sets: pairs(view.sets()),
            conf: pairs(view.conf()),
            env: pairs(view.env()),
            env_script: view.env_script().get().map(keep),
            unset: texts(view.unset()),
            resource: view.resource().get().map(keep),
            hugepages: view.hugepages().get(),
            mtu: view.mtu().get(),
            modules: texts(view.modules()),
            sysctl: pairs(view.sysctl()),
            limits: pairs(view.limits()),
            notes: view.notes().get().map(keep),
            provenance: provenance!(view),
        }
    }
}
