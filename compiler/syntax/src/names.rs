//! A small cache in front of the interner: most names of a file are repeated, and the interner takes a lock.

use std::borrow::Cow;

use crate::scalar;
use crate::symbol::Symbol;
use crate::tree::ScalarKind;

const SLOTS: usize = 1024;

/// Direct-mapped: a text has one place, and the last text wins it.
pub(crate) struct Names {
    slots: Vec<Option<(&'static str, Symbol)>>,
}

impl Names {
    pub(crate) fn new() -> Names {
        Names { slots: vec![None; SLOTS] }
    }

    /// The symbol of a written name.
    pub(crate) fn symbol(&mut self, kind: ScalarKind, source: &str) -> Symbol {
        match scalar::text(kind, source) {
            Cow::Borrowed(text) => self.intern(text),
            Cow::Owned(text) => self.intern(&text),
        }
    }

    /// [`Symbol::intern`], mostly without its lock.
    pub(crate) fn intern(&mut self, text: &str) -> Symbol {
        let slot = &mut self.slots[place(text.as_bytes())];
        if let Some((known, symbol)) = *slot
            && known == text
        {
            return symbol;
        }
        let symbol = Symbol::intern(text);
        *slot = Some((symbol.as_str(), symbol));
        symbol
    }
}

/// Mixes length, first and last bytes.
fn place(bytes: &[u8]) -> usize {
    let word = |at: usize| bytes.get(at..at + 8).and_then(|s| s.try_into().ok()).map(u64::from_le_bytes);
    let mixed = match (word(0), word(bytes.len().saturating_sub(8))) {
        (Some(first), Some(last)) => first ^ last.rotate_left(29),
        _ => bytes.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)),
    };
    let hash = (mixed ^ bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (hash >> 54) as usize % SLOTS
}
