//! Positions. A span is relative to its item, so that a key stroke elsewhere in the file moves nothing.

/// A top-level node of a file, the unit of reuse; its id survives edits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ItemId(pub u32);

/// Half-open byte range within one item (or, in this crate, within whatever text the function was given).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Range {
    /// First byte.
    pub lo: u32,
    /// One past the last byte.
    pub hi: u32,
}

impl Range {
    /// The range from `lo` to `hi`.
    pub const fn new(lo: u32, hi: u32) -> Self {
        Range { lo, hi }
    }

    /// The smallest range that holds both.
    #[must_use]
    pub fn to(self, other: Range) -> Range {
        Range { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }

    /// The text of the range.
    pub fn of(self, text: &str) -> &str {
        &text[self.lo as usize..self.hi as usize]
    }
}

/// A byte range relative to the start of an item. The table of item starts is the only absolute position there is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Span {
    /// The item.
    pub item: ItemId,
    /// First byte, counted from the item's first byte.
    pub lo: u32,
    /// One past the last byte.
    pub hi: u32,
}

impl Span {
    /// A range of an item.
    pub fn new(item: ItemId, range: Range) -> Span {
        Span { item, lo: range.lo, hi: range.hi }
    }

    /// The range within the item.
    pub fn range(self) -> Range {
        Range { lo: self.lo, hi: self.hi }
    }
}
