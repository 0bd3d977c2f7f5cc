//! One pool on its way into files: what the spec says, and what the catalog knows.

use std::sync::Arc;

use purlin_core::Resource;
use purlin_core::emit::Sound;
use purlin_core::query::placement::{self, Pool};
use purlin_schema::View;
use purlin_schema::kinds::infrastructure::Cluster;
use purlin_schema::kinds::organisation::Provider;
use purlin_schema::kinds::pools::GpuPool;
use purlin_schema::units::Version;
use purlin_stdlib::facts::NcclProfile;

/// A pool of GPUs.
pub(super) struct Node<'a> {
    pub(super) sound: &'a Sound<'a>,
    pub(super) resource: &'a Resource,
    /// Reading says: for what is written.
    pub(super) said: View<'a, GpuPool>,
    /// Reading does not say.
    pub(super) read: View<'a, GpuPool>,
    /// What the catalog knows of it.
    pub(super) pool: Arc<Pool>,
    pub(super) nccl: Option<&'static NcclProfile>,
    /// Whether the GPU operator runs in its cluster.
    pub(super) operator: bool,
}

impl<'a> Node<'a> {
    pub(super) fn of(
        sound: &'a Sound<'a>,
        resource: &'a Resource,
        said: View<'a, GpuPool>,
    ) -> Option<Node<'a>> {
        let read = View::<GpuPool>::of(&resource.record);
        if !read.existing().is_empty() {
            return None;
        }
        let pool = placement::pool(&sound.ask, resource.id).ok()?;
        let nccl = purlin_stdlib::nccl_profile(pool.instance_name.as_str());
        let cluster = sound.ask.get::<Cluster>(read.cluster()).ok().map(|(_, cluster)| cluster);
        let components = cluster.map_or(&[][..], |cluster| cluster.components());
        let operator = components.iter().any(|entry| entry.key.as_str() == "gpu-operator");
        Some(Node { sound, resource, said, read, pool, nccl, operator })
    }

    /// Whether the nodes' image brings driver, container toolkit and fabric manager.
    pub(super) fn image_brings_driver(&self) -> bool {
        matches!(self.pool.provider, Some(Provider::Aws | Provider::Gcp | Provider::Azure))
    }

    /// Whether the nodes are set up by cloud-init.
    pub(super) fn takes_cloud_init(&self) -> bool {
        matches!(self.pool.provider, Some(Provider::Aws | Provider::OnPremises) | None)
    }

    /// Whether nodes refuse work until they are verified: their driver is there before Kubernetes is. Slices are not:
    /// they are cut from inside of the cluster.
    pub(super) fn verifies_before_join(&self) -> bool {
        let health = self.read.health().get();
        self.image_brings_driver()
            && self.read.mig().is_absent()
            && health.is_some_and(|health| !health.before_join().is_absent())
    }

    /// The major version of CUDA that images on the pool may need.
    pub(super) fn cuda(&self) -> Option<u64> {
        self.read.cuda().get().and_then(Version::major)
    }
}
