//! Digests as a manifest holds them.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::emit::Sha;

/// The first half of a SHA-256, which is enough to tell versions of one resource apart; 32 digits where it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Half([u8; 16]);

impl Half {
    /// Of bytes.
    pub fn of(bytes: &[u8]) -> Half {
        Half::of_sha(&Sha256::digest(bytes).into())
    }

    /// Of a whole digest.
    pub fn of_sha(sha: &Sha) -> Half {
        let mut half = [0; 16];
        half.copy_from_slice(&sha[..16]);
        Half(half)
    }
}

impl Serialize for Half {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut digits = [0; 32];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(self.0) {
            pair.copy_from_slice(&digits_of(byte));
        }
        serializer.serialize_str(std::str::from_utf8(&digits).unwrap_or_default())
    }
}

impl<'de> Deserialize<'de> for Half {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Half, D::Error> {
        struct Digits;
        impl Visitor<'_> for Digits {
            type Value = Half;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("32 hexadecimal digits")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Half, E> {
                read(text).map(Half).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(Digits)
    }
}

fn read(text: &str) -> Option<[u8; 16]> {
    let digits: &[u8; 32] = text.as_bytes().try_into().ok()?;
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

/// Capitals are no digits: what is written is read back as it was, and nothing else is.
fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

fn digits_of(byte: u8) -> [u8; 2] {
    [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 0xf)]]
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| digits_of(*byte)).map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_is_read_back_as_it_was_written() {
        let half = Half::of(b"a");
        let text = serde_json::to_string(&half).unwrap();
        assert_eq!(text, format!("\"{}\"", &hex(&Sha256::digest(b"a"))[..32]));
        assert_eq!(serde_json::from_str::<Half>(&text).unwrap(), half);
    }

    #[test]
    fn what_is_no_half_is_refused() {
        for text in ["", "00", &"0".repeat(33), &"A".repeat(32), &"g".repeat(32), &"é".repeat(16)] {
            assert!(serde_json::from_str::<Half>(&format!("\"{text}\"")).is_err(), "{text}");
        }
    }
}
