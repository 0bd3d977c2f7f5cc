//! Names: which items declare an address.

use purlin_schema::KindSchema;
use purlin_syntax::{ItemId, Symbol};
use rustc_hash::FxHashMap;

use crate::graph::ResourceId;

/// Every address that was ever declared in a session, and who declares it now.
#[derive(Default, Debug)]
pub struct Names {
    ids: FxHashMap<(&'static str, Symbol), ResourceId>,
    addresses: Vec<Address>,
}

/// One address.
#[derive(Debug)]
pub struct Address {
    /// The kind.
    pub kind: &'static KindSchema,
    /// The name.
    pub name: Symbol,
    /// The items that declare it, outside environments. More than one is an error.
    pub items: Vec<ItemId>,
}

impl Names {
    /// The number of an address, made when it is new.
    pub fn id(&mut self, kind: &'static KindSchema, name: Symbol) -> ResourceId {
        *self.ids.entry((kind.name, name)).or_insert_with(|| {
            self.addresses.push(Address { kind, name, items: Vec::new() });
            ResourceId(self.addresses.len() as u32 - 1)
        })
    }

    /// The number of an address, if it was ever declared.
    pub fn find(&self, kind: &str, name: Symbol) -> Option<ResourceId> {
        let kind = purlin_schema::kinds::kind(kind)?;
        self.ids.get(&(kind.name, name)).copied()
    }

    /// The address of a number.
    pub fn address(&self, id: ResourceId) -> &Address {
        &self.addresses[id.0 as usize]
    }

    /// Notes that an item declares an address.
    pub fn declare(&mut self, id: ResourceId, item: ItemId) {
        self.addresses[id.0 as usize].items.push(item);
    }

    /// Notes that an item no longer declares an address.
    pub fn retract(&mut self, id: ResourceId, item: ItemId) {
        self.addresses[id.0 as usize].items.retain(|have| *have != item);
    }

    /// Number of addresses ever declared.
    pub fn len(&self) -> usize {
        self.addresses.len()
    }

    /// Whether nothing was ever declared.
    pub fn is_empty(&self) -> bool {
        self.addresses.is_empty()
    }
}
