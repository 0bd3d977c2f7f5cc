//! Ranges of addresses.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use purlin_syntax::Symbol;

use super::UnitError;
use super::error::quoted;

/// A range of IPv4 or IPv6 addresses, kept as its canonical text: 17 bytes of numbers would make every value larger.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Cidr(Symbol);

/// The first address, and how many leading bits all addresses share.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Range {
    address: IpAddr,
    prefix: u8,
}

impl Cidr {
    pub(super) fn read(text: &str) -> Result<Cidr, UnitError> {
        let Some((address, prefix)) = text.split_once('/') else {
            return Err(without_prefix(text));
        };
        let Ok(address) = address.parse::<IpAddr>() else {
            return Err(UnitError::new(format!("{} is not an IP address", quoted(address))));
        };
        let written = !prefix.is_empty()
            && prefix.bytes().all(|b| b.is_ascii_digit())
            && (prefix == "0" || !prefix.starts_with('0'));
        let Some(prefix) = prefix.parse::<u8>().ok().filter(|prefix| written && *prefix <= bits(address))
        else {
            let message =
                format!("the prefix of {} is not a number from 0 to {}", quoted(text), bits(address));
            return Err(UnitError::new(message));
        };
        let range = Range { address: first(address, prefix), prefix };
        if range.address == address {
            return Ok(range.keep());
        }
        let message = format!("{} is not the first address of its range", quoted(text));
        Err(UnitError::offering(message, [range.to_string()]))
    }

    /// As it is written, IPv6 in its shortest form.
    pub fn as_str(self) -> &'static str {
        self.0.as_str()
    }

    /// The first address.
    pub fn address(self) -> IpAddr {
        self.range().address
    }

    /// How many leading bits are shared: 16 of `10.40.0.0/16`.
    pub fn prefix(self) -> u8 {
        self.range().prefix
    }

    /// Whether it is a range of IPv6.
    pub fn is_ipv6(self) -> bool {
        self.address().is_ipv6()
    }

    /// How many addresses it has; all of IPv6 is given as one less.
    pub fn size(self) -> u128 {
        let Range { address, prefix } = self.range();
        1u128.checked_shl(u32::from(bits(address) - prefix)).unwrap_or(u128::MAX)
    }

    /// Whether all of the other range lies in this one.
    pub fn contains(self, other: Cidr) -> bool {
        self.prefix() <= other.prefix() && self.contains_address(other.address())
    }

    /// Whether the address lies in this range.
    pub fn contains_address(self, address: IpAddr) -> bool {
        let range = self.range();
        range.address.is_ipv6() == address.is_ipv6() && first(address, range.prefix) == range.address
    }

    /// Whether the two ranges have an address in common.
    pub fn overlaps(self, other: Cidr) -> bool {
        self.contains(other) || other.contains(self)
    }

    /// The `index`-th of the ranges of a longer prefix that it is made of; `None` beyond the last.
    pub fn part(self, prefix: u8, index: u32) -> Option<Cidr> {
        let range = self.range();
        let more = u32::from(prefix.checked_sub(range.prefix)?);
        if prefix > bits(range.address) || (more < 32 && index >> more > 0) {
            return None;
        }
        let shift = u32::from(bits(range.address) - prefix);
        let offset = if index == 0 { 0 } else { u128::from(index).checked_shl(shift)? };
        let address = match range.address {
            IpAddr::V4(address) => IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() | offset as u32)),
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() | offset)),
        };
        Some(Range { address, prefix }.keep())
    }

    fn range(self) -> Range {
        // Only ranges are kept, so the default is never met.
        let parsed = self.as_str().split_once('/').and_then(|(address, prefix)| {
            Some(Range { address: address.parse().ok()?, prefix: prefix.parse().ok()? })
        });
        parsed.unwrap_or(Range { address: IpAddr::V4(Ipv4Addr::UNSPECIFIED), prefix: 32 })
    }
}

impl Range {
    fn keep(self) -> Cidr {
        Cidr(Symbol::intern(&self.to_string()))
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

const fn bits(address: IpAddr) -> u8 {
    if address.is_ipv6() { 128 } else { 32 }
}

/// The address with all bits behind the prefix cleared.
fn first(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask))
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
    }
}

fn without_prefix(text: &str) -> UnitError {
    let Ok(address) = text.parse::<IpAddr>() else {
        return UnitError::new(format!("{} is not an address range", quoted(text)));
    };
    let all = bits(address);
    let prefixes: &[u8] = if address.is_ipv6() { &[48, 64, 128] } else { &[16, 24, 32] };
    let fitting = prefixes.iter().filter(|prefix| **prefix == all || first(address, **prefix) == address);
    UnitError::offering(
        format!("{} is one address; an address range has a prefix", quoted(text)),
        fitting.map(|prefix| format!("{address}/{prefix}")),
    )
}
