//! Types of machines, and what they cost.

use purlin_schema::units::{Bandwidth, Bytes, MoneyRate, Region as RegionName};
use purlin_schema::view::View;

use super::{Arch, Capacity, FabricKind, List, Provenance, Provider, date, keep, kinds, provenance};

/// A type of machine. `None` is unknown.
#[derive(Clone, PartialEq, Debug)]
pub struct Instance {
    /// `p5.48xlarge`.
    pub name: &'static str,
    /// The cloud that sells it.
    pub provider: Option<Provider>,
    /// Processor architecture.
    pub arch: Option<Arch>,
    /// Its accelerator; `None`: it has none.
    pub gpu: Option<&'static str>,
    /// How many whole accelerators; 0 where it has a part of one.
    pub gpu_count: u64,
    /// The part of one accelerator, where it has less than a whole one.
    pub gpu_fraction: Option<f64>,
    /// Virtual processors.
    pub vcpu: Option<u64>,
    /// Main memory.
    pub memory: Option<Bytes>,
    /// Local `NVMe` storage, all drives together.
    pub local_nvme: Option<Bytes>,
    /// Network bandwidth, front end or total.
    pub network: Option<Bandwidth>,
    /// The network between nodes for collectives.
    pub fabric: Option<Fabric>,
    /// How the fabric reaches GPU memory.
    pub gpudirect: Option<&'static str>,
    /// What keeps nodes close together.
    pub placement: Option<&'static str>,
    /// GPUs that share one `NVLink` domain.
    pub nvlink_domain: Option<u64>,
    /// Whether the guest runs NVIDIA's fabric manager.
    pub fabric_manager: Option<bool>,
    /// GKE's accelerator label.
    pub gke_accelerator: Option<&'static str>,
    /// Regions that the source lists; `None`: it lists none.
    pub regions: Option<List<&'static str>>,
    /// Whether the list of regions is the whole of it.
    pub regions_complete: bool,
    /// What it costs.
    pub rates: List<Rate>,
    /// What the numbers leave out.
    pub notes: Option<&'static str>,
    /// Where it was read, and when.
    pub provenance: Provenance,
}

/// A network between nodes for collectives.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Fabric {
    /// Its kind.
    pub kind: FabricKind,
    /// Interfaces of one instance.
    pub ports: Option<u64>,
    /// Bandwidth of one interface.
    pub bandwidth: Option<Bandwidth>,
    /// Generation as the vendor names it.
    pub generation: Option<&'static str>,
    /// Maximum transmission unit, in bytes.
    pub mtu: Option<u64>,
    /// GCP's network profile.
    pub network_profile: Option<&'static str>,
    /// The NCCL network plugin.
    pub nccl_net: Option<&'static str>,
}

/// What an instance costs in one region, for one kind of capacity.
#[derive(Clone, Copy, PartialEq, Debug)]
#[allow(clippy::struct_field_names, reason = "the rate of a rate, as the block calls it")]
pub struct Rate {
    /// Where; empty: everywhere.
    pub region: &'static str,
    /// For which kind of capacity.
    pub capacity: Capacity,
    /// What one instance costs.
    pub rate: MoneyRate,
    /// When that price was published, `2026-07-20`; empty: see the block's own date.
    pub as_of: &'static str,
    /// How it was arrived at, where it is not printed as such.
    pub basis: Option<&'static str>,
}

/// A price stated by a block of its own; stands before those of the instance.
#[derive(Clone, PartialEq, Debug)]
pub struct Price {
    /// The name of the block.
    pub name: &'static str,
    /// The instance type.
    pub instance: &'static str,
    /// What it costs.
    pub rate: Rate,
    /// Where it was read, and when.
    pub provenance: Provenance,
}

impl Instance {
    /// The fact that a block states.
    pub fn from_view(name: &'static str, view: View<'_, kinds::Instance>) -> Instance {
        let gpu = view.gpu().get();
        let regions = view.regions().get();
        Instance {
            name,
            provider: view.provider().get(),
            arch: view.arch().get(),
            gpu: gpu.and_then(|gpu| gpu.gpu().get()).map(|gpu| gpu.name.as_str()),
            gpu_count: gpu.map_or(0, |gpu| gpu.count().get().unwrap_or(1)),
            gpu_fraction: gpu.and_then(|gpu| gpu.fraction().get()),
            vcpu: view.vcpu().get(),
            memory: view.memory().get(),
            local_nvme: view.local_nvme().get(),
            network: view.network().get(),
            fabric: view.fabric().get().and_then(fabric),
            gpudirect: view.gpudirect().get().map(keep),
            placement: view.placement().get().map(keep),
            nvlink_domain: view.nvlink_domain().get(),
            fabric_manager: view.fabric_manager().get(),
            gke_accelerator: view.gke_accelerator().get().map(keep),
            regions: regions.map(|list| list.names().values().map(RegionName::as_str).collect()),
            regions_complete: regions.is_some_and(|list| list.complete().get().unwrap_or(false)),
            rates: view.price().iter().filter_map(rate).collect(),
            notes: view.notes().get().map(keep),
            provenance: provenance!(view),
        }
    }

    /// Whether it is offered in a region; `None` where the list is not the whole of it and lacks the region.
    pub fn offered_in(&self, region: &str) -> Option<bool> {
        let listed = self.regions.as_ref()?.contains(&region);
        (listed || self.regions_complete).then_some(listed)
    }

    /// Its price in a region for a kind of capacity.
    pub fn rate(&self, region: &str, capacity: Capacity) -> Option<&Rate> {
        self.rates.iter().find(|rate| rate.region == region && rate.capacity == capacity)
    }
}

fn fabric(view: View<'_, kinds::Fabric>) -> Option<Fabric> {
    Some(Fabric {
        kind: view.variant().get()?,
        ports: view.ports().get(),
        bandwidth: view.bandwidth().get(),
        generation: view.generation().get().map(keep),
        mtu: view.mtu().get(),
        network_profile: view.network_profile().get().map(keep),
        nccl_net: view.nccl_net().get().map(keep),
    })
}

fn rate(view: View<'_, kinds::PriceRow>) -> Option<Rate> {
    Some(Rate {
        region: view.region().get()?.as_str(),
        capacity: view.capacity().get()?,
        rate: view.rate().get()?,
        as_of: date(view.as_of().get()),
        basis: view.basis().get().map(keep),
    })
}

impl Price {
    /// The fact that a block states; `None` where its rate was refused.
    pub fn from_view(name: &'static str, view: View<'_, kinds::Price>) -> Option<Price> {
        let provenance = provenance!(view);
        Some(Price {
            name,
            instance: view.instance().get().map_or(name, |instance| instance.name.as_str()),
            rate: Rate {
                region: view.region().get().map_or("", RegionName::as_str),
                capacity: view.capacity().get().unwrap_or(Capacity::OnDemand),
                rate: view.rate().get()?,
                as_of: provenance.as_of,
                basis: None,
            },
            provenance,
        })
    }
}
