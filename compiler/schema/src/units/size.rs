//! Memory, bandwidth, throughput.

use std::fmt;
use std::sync::LazyLock;

use super::number::{Unit, read_units, shortest};
use super::{Duration, QuantityKind, UnitError};

const KIB: u128 = 1 << 10;
const MIB: u128 = 1 << 20;
const GIB: u128 = 1 << 30;
const TIB: u128 = 1 << 40;

/// An amount of memory or storage in bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Bytes(pub u64);

/// Data per second, in bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Bandwidth(pub u64);

/// Bytes per second for each TiB of storage.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Throughput(pub u64);

const BYTES: &[Unit] = &[
    ("GiB", GIB),
    ("MiB", MIB),
    ("TiB", TIB),
    ("KiB", KIB),
    ("PiB", 1 << 50),
    ("EiB", 1 << 60),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("TB", 1_000_000_000_000),
    ("kB", 1_000),
    ("PB", 1_000_000_000_000_000),
    ("EB", 1_000_000_000_000_000_000),
    ("B", 1),
];

const BYTE_ALIASES: &[(&str, &[&str])] = &[
    ("k", &["KiB", "kB"]),
    ("kb", &["kB", "KiB"]),
    ("m", &["MiB", "MB"]),
    ("mb", &["MB", "MiB"]),
    ("g", &["GiB", "GB"]),
    ("gb", &["GB", "GiB"]),
    ("t", &["TiB", "TB"]),
    ("tb", &["TB", "TiB"]),
    ("p", &["PiB", "PB"]),
    ("ki", &["KiB"]),
    ("mi", &["MiB"]),
    ("gi", &["GiB"]),
    ("ti", &["TiB"]),
    ("pi", &["PiB"]),
    ("byte", &["B"]),
    ("bytes", &["B"]),
    ("gigabyte", &["GB", "GiB"]),
    ("gigabytes", &["GB", "GiB"]),
    ("gibibytes", &["GiB"]),
    ("terabytes", &["TB", "TiB"]),
];

impl Bytes {
    pub(super) fn read(text: &str) -> Result<Bytes, UnitError> {
        read_units(QuantityKind::Bytes, text, BYTES, BYTE_ALIASES).map(Bytes)
    }

    /// So many GiB.
    pub const fn from_gib(gib: u32) -> Bytes {
        Bytes((gib as u64) << 30)
    }

    /// In bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// In GiB.
    pub fn gib(self) -> f64 {
        self.0 as f64 / GIB as f64
    }

    /// In TiB.
    pub fn tib(self) -> f64 {
        self.0 as f64 / TIB as f64
    }

    /// In GB, thousands of millions of bytes.
    pub fn gb(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// The sum, if it fits.
    pub fn checked_add(self, other: Bytes) -> Option<Bytes> {
        self.0.checked_add(other.0).map(Bytes)
    }

    /// The difference, if it is not negative.
    pub fn checked_sub(self, other: Bytes) -> Option<Bytes> {
        self.0.checked_sub(other.0).map(Bytes)
    }

    /// So many times, if it fits.
    pub fn checked_mul(self, count: u64) -> Option<Bytes> {
        self.0.checked_mul(count).map(Bytes)
    }

    /// How long it takes to move at a bandwidth, rounded up to the microsecond; `None` at no bandwidth.
    pub fn over(self, bandwidth: Bandwidth) -> Option<Duration> {
        let bit_micros = u128::from(self.0) * 8 * 1_000_000;
        let micros =
            bit_micros.checked_add(u128::from(bandwidth.0).checked_sub(1)?)? / u128::from(bandwidth.0);
        u64::try_from(micros).ok().map(Duration)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shortest(self.0, BYTES))
    }
}

const BITS_PER_SECOND: &[Unit] =
    &[("Gbps", 1_000_000_000), ("Mbps", 1_000_000), ("Tbps", 1_000_000_000_000), ("kbps", 1_000), ("bps", 1)];

const BYTES_PER_SECOND: &[Unit] = &[
    ("GB/s", 8_000_000_000),
    ("MB/s", 8_000_000),
    ("TB/s", 8_000_000_000_000),
    ("kB/s", 8_000),
    ("B/s", 8),
    ("GiB/s", 8 * GIB),
    ("MiB/s", 8 * MIB),
    ("TiB/s", 8 * TIB),
    ("KiB/s", 8 * KIB),
];

/// All units of bandwidth, those of bits first.
static BANDWIDTHS: LazyLock<Vec<Unit>> = LazyLock::new(|| [BITS_PER_SECOND, BYTES_PER_SECOND].concat());

const BANDWIDTH_ALIASES: &[(&str, &[&str])] = &[
    ("g", &["Gbps", "GB/s"]),
    ("m", &["Mbps", "MB/s"]),
    ("t", &["Tbps", "TB/s"]),
    ("gb", &["GB/s", "Gbps"]),
    ("mb", &["MB/s", "Mbps"]),
    ("tb", &["TB/s", "Tbps"]),
    ("gib", &["GiB/s"]),
    ("mib", &["MiB/s"]),
    ("gbit", &["Gbps"]),
    ("mbit", &["Mbps"]),
    ("gbe", &["Gbps"]),
    ("gbit/s", &["Gbps"]),
    ("mbit/s", &["Mbps"]),
    ("tbit/s", &["Tbps"]),
    ("kbit/s", &["kbps"]),
    ("bit/s", &["bps"]),
    ("gb/s", &["GB/s", "Gbps"]),
    ("mb/s", &["MB/s", "Mbps"]),
    ("tb/s", &["TB/s", "Tbps"]),
    ("gbps", &["Gbps", "GB/s"]),
    ("mbps", &["Mbps", "MB/s"]),
    ("tbps", &["Tbps", "TB/s"]),
];

impl Bandwidth {
    pub(super) fn read(text: &str) -> Result<Bandwidth, UnitError> {
        read_units(QuantityKind::Bandwidth, text, &BANDWIDTHS, BANDWIDTH_ALIASES).map(Bandwidth)
    }

    /// In bits per second.
    pub const fn bits_per_second(self) -> u64 {
        self.0
    }

    /// In bytes per second.
    pub fn bytes_per_second(self) -> f64 {
        self.0 as f64 / 8.0
    }

    /// In gigabits per second.
    pub fn gbps(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// In gigabytes per second.
    pub fn gb_per_second(self) -> f64 {
        self.0 as f64 / 8e9
    }

    /// So many times, if it fits.
    pub fn checked_mul(self, count: u64) -> Option<Bandwidth> {
        self.0.checked_mul(count).map(Bandwidth)
    }
}

/// In bits where that is a small whole number, then in bytes where that is one, else in whatever is shortest.
impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let small = |units: &[Unit]| {
            let fits = |factor: u128| u128::from(self.0) % factor == 0 && u128::from(self.0) / factor < 1000;
            let (name, factor) = units.iter().copied().find(|(_, factor)| fits(*factor))?;
            (self.0 > 0).then(|| format!("{}{name}", u128::from(self.0) / factor))
        };
        let text = small(BITS_PER_SECOND)
            .or_else(|| small(BYTES_PER_SECOND))
            .unwrap_or_else(|| shortest(self.0, &BANDWIDTHS));
        f.write_str(&text)
    }
}

const THROUGHPUT: &[Unit] = &[
    ("MB/s/TiB", 1_000_000),
    ("GB/s/TiB", 1_000_000_000),
    ("kB/s/TiB", 1_000),
    ("B/s/TiB", 1),
    ("MiB/s/TiB", MIB),
    ("GiB/s/TiB", GIB),
];

const THROUGHPUT_ALIASES: &[(&str, &[&str])] = &[
    ("mb/s", &["MB/s/TiB"]),
    ("gb/s", &["GB/s/TiB"]),
    ("mib/s", &["MiB/s/TiB"]),
    ("mbps", &["MB/s/TiB"]),
    ("mb/s/tb", &["MB/s/TiB"]),
    ("mbps/tib", &["MB/s/TiB"]),
    ("mb", &["MB/s/TiB"]),
];

impl Throughput {
    pub(super) fn read(text: &str) -> Result<Throughput, UnitError> {
        read_units(QuantityKind::Throughput, text, THROUGHPUT, THROUGHPUT_ALIASES).map(Throughput)
    }

    /// In bytes per second for each TiB.
    pub const fn bytes_per_second_per_tib(self) -> u64 {
        self.0
    }

    /// In MB per second for each TiB.
    pub fn mb_per_second_per_tib(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// What a storage of the given size gives in all, rounded down to the bit.
    pub fn of(self, size: Bytes) -> Option<Bandwidth> {
        let bits = u128::from(self.0).checked_mul(u128::from(size.0))?.checked_mul(8)? / TIB;
        u64::try_from(bits).ok().map(Bandwidth)
    }
}

impl fmt::Display for Throughput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shortest(self.0, THROUGHPUT))
    }
}
