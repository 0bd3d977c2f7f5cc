//! Interned text: a name as four bytes that compare in one instruction.
//!
//! Symbols are for names (kinds, fields, resources, keys). Their numbers depend on the order in which threads met
//! them, so nothing may ever be ordered by them: compare [`Symbol::as_str`].

use std::fmt;
use std::sync::{LazyLock, Mutex, OnceLock};

use rustc_hash::FxHashMap;

/// An interned name. Equal text, equal symbol; lives as long as the process.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Symbol(u32);

const SHARDS: usize = 16;
/// Chunk `n` holds `FIRST_CHUNK << n` names, so that a name never moves and reading takes no lock.
const FIRST_CHUNK: usize = 1024;
const CHUNKS: usize = 22;

#[derive(Default)]
struct Shard {
    by_text: FxHashMap<&'static str, u32>,
    len: usize,
}

/// Names that stand once they are written.
type Chunk = Box<[OnceLock<&'static str>]>;

struct Interner {
    shards: [Mutex<Shard>; SHARDS],
    names: [[OnceLock<Chunk>; CHUNKS]; SHARDS],
}

static INTERNER: LazyLock<Interner> = LazyLock::new(|| Interner {
    shards: std::array::from_fn(|_| Mutex::default()),
    names: std::array::from_fn(|_| std::array::from_fn(|_| OnceLock::new())),
});

impl Symbol {
    /// The symbol of a text.
    pub fn intern(text: &str) -> Symbol {
        let shard_index = shard_of(text);
        let mut shard =
            INTERNER.shards[shard_index].lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(&index) = shard.by_text.get(text) {
            return Symbol(index);
        }
        let slot = shard.len;
        shard.len += 1;
        let kept: &'static str = Box::leak(text.into());
        let (chunk, offset) = place(slot);
        let names = INTERNER.names[shard_index][chunk]
            .get_or_init(|| (0..FIRST_CHUNK << chunk).map(|_| OnceLock::new()).collect());
        names[offset].get_or_init(|| kept);
        let index = (slot * SHARDS + shard_index) as u32;
        shard.by_text.insert(kept, index);
        Symbol(index)
    }

    /// The text of the symbol.
    pub fn as_str(self) -> &'static str {
        let (chunk, offset) = place(self.0 as usize / SHARDS);
        INTERNER.names[self.0 as usize % SHARDS][chunk]
            .get()
            .and_then(|names| names[offset].get())
            .copied()
            .unwrap_or_default()
    }
}

fn shard_of(text: &str) -> usize {
    let bytes = text.as_bytes();
    let last = bytes.last().copied().unwrap_or(0);
    let middle = bytes.get(bytes.len() / 2).copied().unwrap_or(0);
    (usize::from(last) * 31 + usize::from(middle) + bytes.len()) % SHARDS
}

/// Chunk and offset of the `slot`-th name of a shard.
fn place(slot: usize) -> (usize, usize) {
    let n = slot / FIRST_CHUNK + 1;
    let chunk = (usize::BITS - 1 - n.leading_zeros()) as usize;
    (chunk, slot - FIRST_CHUNK * ((1 << chunk) - 1))
}

impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_gives_back_its_text() {
        let symbols: Vec<_> = (0..20_000).map(|n| Symbol::intern(&format!("name-{n}"))).collect();
        for (n, symbol) in symbols.iter().enumerate() {
            assert_eq!(symbol.as_str(), format!("name-{n}"));
            assert_eq!(*symbol, Symbol::intern(&format!("name-{n}")));
        }
        assert_eq!(Symbol::intern("").as_str(), "");
    }
}
