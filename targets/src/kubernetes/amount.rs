//! Amounts as Kubernetes writes them: quantities, resource names, durations.

use std::fmt;

use purlin_core::emit::tape::Map;
use purlin_schema::units::{Bytes, Duration, MigProfile};

/// CPU cores: `2`, `500m`.
pub(super) struct Cores(pub(super) f64);

impl fmt::Display for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milli = (self.0 * 1000.0).round() as u64;
        if milli.is_multiple_of(1000) { write!(f, "{}", milli / 1000) } else { write!(f, "{milli}m") }
    }
}

/// Memory or storage: `8Gi`, `512Mi`, bytes where neither is exact.
pub(super) struct Memory(pub(super) Bytes);

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0.0;
        match bytes {
            0 => f.write_str("0"),
            _ if bytes.is_multiple_of(1 << 30) => write!(f, "{}Gi", bytes >> 30),
            _ if bytes.is_multiple_of(1 << 20) => write!(f, "{}Mi", bytes >> 20),
            _ => write!(f, "{bytes}"),
        }
    }
}

/// A duration as Go and Prometheus read it: `1h`, `30m`, `90s`, `1500ms`.
pub(super) struct Time(pub(super) Duration);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = self.0.milliseconds().round() as u64;
        match milliseconds {
            0 => f.write_str("0s"),
            _ if milliseconds.is_multiple_of(3_600_000) => write!(f, "{}h", milliseconds / 3_600_000),
            _ if milliseconds.is_multiple_of(60_000) => write!(f, "{}m", milliseconds / 60_000),
            _ if milliseconds.is_multiple_of(1000) => write!(f, "{}s", milliseconds / 1000),
            _ => write!(f, "{milliseconds}ms"),
        }
    }
}

/// What NVIDIA's device plugin counts slices of a profile as.
pub(super) fn mig_resource(profile: MigProfile) -> String {
    format!("nvidia.com/mig-{}", profile.to_string().replace('+', "."))
}

/// The interfaces of AWS's Elastic Fabric Adapter.
pub(super) const EFA: &str = "vpc.amazonaws.com/efa";

/// Huge pages of 2 MiB.
pub(super) const HUGE_PAGES: &str = "hugepages-2Mi";

/// What one pod takes.
#[derive(Clone, Default, Debug)]
pub(super) struct Amount {
    pub(super) cpu: Option<f64>,
    pub(super) memory: Option<Bytes>,
    /// Accelerators, or slices of them.
    pub(super) devices: Option<(String, u64)>,
    /// Interfaces of the fabric between nodes.
    pub(super) efa: Option<u64>,
    /// Huge pages of 2 MiB, which that fabric's library keeps its buffers in.
    pub(super) huge_pages: Option<Bytes>,
}

impl Amount {
    /// `resources` of a container. Memory and devices have limits, CPU has none: an idle core may be used.
    pub(super) fn write(&self, t: &mut Map<'_>, key: &str) {
        t.map(key, |t| {
            t.map("requests", |t| {
                if let Some(cpu) = self.cpu {
                    t.set("cpu", format_args!("{}", Cores(cpu)));
                }
                self.write_limits(t);
            })
            .unless_empty();
            t.map("limits", |t| self.write_limits(t)).unless_empty();
        })
        .unless_empty();
    }

    fn write_limits(&self, t: &mut Map<'_>) {
        if let Some(memory) = self.memory {
            t.set("memory", format_args!("{}", Memory(memory)));
        }
        if let Some((name, count)) = &self.devices {
            t.set(name, format_args!("{count}"));
        }
        if let Some(efa) = self.efa {
            t.set(EFA, format_args!("{efa}"));
        }
        if let Some(pages) = self.huge_pages {
            t.set(HUGE_PAGES, format_args!("{}", Memory(pages)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(made: &impl fmt::Display, expect: &str) {
        assert_eq!(made.to_string(), expect);
    }

    #[test]
    fn amounts_are_written_in_the_largest_exact_unit() {
        check(&Cores(0.5), "500m");
        check(&Cores(60.0), "60");
        check(&Memory(Bytes(512 << 20)), "512Mi");
        check(&Memory(Bytes(48_000 << 30)), "48000Gi");
        check(&Memory(Bytes(80_000_000_000)), "80000000000");
    }
}
