//! Interned text: a name as four bytes that compare in one instruction.
//!
//! Symbols are for names (kinds, fields, resources, keys). Their numbers depend on the order in which threads met
//! them, so nothing may ever be ordered by them: compare [`Symbol::as_str`].

use std::cell::Cell;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{LazyLock, Mutex, OnceLock};

use rustc_hash::FxHashMap;

/// An interned name. Equal text, equal symbol; lives as long as the process.
///
/// Numbers begin at 1, so that an optional symbol takes no more space.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Symbol(NonZeroU32);

const SHARDS: usize = 16;
/// Chunk `n` holds `FIRST_CHUNK << n` names, so that a name never moves and reading takes no lock.
const FIRST_CHUNK: usize = 64;
const CHUNKS: usize = 26;

#[derive(Default)]
struct Shard {
    by_text: FxHashMap<&'static str, Symbol>,
    len: usize,
    /// Room for texts that is not used yet.
    room: &'static mut [u8],
}

/// Bytes that a shard asks of the allocator at once.
const ROOM: usize = 4096;

impl Shard {
    /// A copy of a text that stands for ever.
    fn keep(&mut self, text: &str) -> &'static str {
        if text.len() > ROOM / 8 {
            return Box::leak(text.into());
        }
        if self.room.len() < text.len() {
            self.room = vec![0; ROOM].leak();
        }
        let (kept, room) = std::mem::take(&mut self.room).split_at_mut(text.len());
        self.room = room;
        kept.copy_from_slice(text.as_bytes());
        std::str::from_utf8(kept).unwrap_or_default()
    }
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

/// Names that a thread has met lately: most names of a file are repeated, and the interner takes a lock.
const RECENT: usize = 1024;

thread_local! {
    /// A text has one place, and the last text wins it.
    static RECENTLY: [Cell<Option<(&'static str, Symbol)>>; RECENT] = const { [const { Cell::new(None) }; RECENT] };
}

impl Symbol {
    /// The symbol of a text.
    #[inline]
    pub fn intern(text: &str) -> Symbol {
        RECENTLY.with(|recently| {
            let slot = &recently[recent_place(text.as_bytes())];
            match slot.get() {
                Some((known, symbol)) if known == text => symbol,
                _ => {
                    let (kept, symbol) = intern_shared(text);
                    slot.set(Some((kept, symbol)));
                    symbol
                }
            }
        })
    }

    /// The text of the symbol.
    pub fn as_str(self) -> &'static str {
        let index = self.0.get() as usize - 1;
        let (chunk, offset) = place(index / SHARDS);
        INTERNER.names[index % SHARDS][chunk]
            .get()
            .and_then(|names| names[offset].get())
            .copied()
            .unwrap_or_default()
    }
}

/// The interner's own copy of the text, and its symbol.
#[cold]
fn intern_shared(text: &str) -> (&'static str, Symbol) {
    let shard_index = shard_of(text);
    let mut shard = INTERNER.shards[shard_index].lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some((kept, &symbol)) = shard.by_text.get_key_value(text) {
        return (kept, symbol);
    }
    let slot = shard.len;
    shard.len += 1;
    let kept = shard.keep(text);
    let (chunk, offset) = place(slot);
    let names = INTERNER.names[shard_index][chunk]
        .get_or_init(|| (0..FIRST_CHUNK << chunk).map(|_| OnceLock::new()).collect());
    names[offset].get_or_init(|| kept);
    let symbol = Symbol(NonZeroU32::MIN.saturating_add((slot * SHARDS + shard_index) as u32));
    shard.by_text.insert(kept, symbol);
    (kept, symbol)
}

/// Mixes length, first and last bytes.
#[inline]
fn recent_place(bytes: &[u8]) -> usize {
    let word = |at: usize| bytes.get(at..at + 8).and_then(|s| s.try_into().ok()).map(u64::from_le_bytes);
    let half = |at: usize| bytes.get(at..at + 4).and_then(|s| s.try_into().ok()).map(u32::from_le_bytes);
    let end = bytes.len();
    let mixed = match end {
        8.. => word(0).unwrap_or(0) ^ word(end - 8).unwrap_or(0).rotate_left(29),
        4.. => u64::from(half(0).unwrap_or(0)) ^ u64::from(half(end - 4).unwrap_or(0)).rotate_left(29),
        _ => bytes.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)),
    };
    let hash = (mixed ^ end as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (hash >> 54) as usize % RECENT
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
