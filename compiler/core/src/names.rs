//! Names: which items declare an address, and which addresses share a name.

use purlin_schema::KindSchema;
use purlin_syntax::{ItemId, Symbol};
use rustc_hash::FxHashMap;

use crate::graph::ResourceId;

/// Every address that was ever declared in a session, and who declares it now. All environments share it.
#[derive(Clone, Default, Debug)]
pub struct Names {
    /// The newest address of a name; the others follow by [`Address::next`].
    by_name: FxHashMap<Symbol, ResourceId>,
    addresses: Vec<Address>,
}

/// One address.
#[derive(Clone, Debug)]
pub struct Address {
    /// The kind.
    pub kind: &'static KindSchema,
    /// The name.
    pub name: Symbol,
    /// The item that declares it, outside environments.
    item: Option<ItemId>,
    /// Further ones: errors.
    again: Vec<ItemId>,
    /// Another address of the same name.
    next: Option<ResourceId>,
}

impl Address {
    /// The items that declare it, outside environments, in no order. More than one is an error.
    pub fn items(&self) -> impl Iterator<Item = ItemId> {
        self.item.into_iter().chain(self.again.iter().copied())
    }
}

impl Names {
    /// The number of an address, made when it is new.
    pub fn id(&mut self, kind: &'static KindSchema, name: Symbol) -> ResourceId {
        if let Some(known) = self.of(name).find(|id| std::ptr::eq(self.address(*id).kind, kind)) {
            return known;
        }
        let id = ResourceId(self.addresses.len() as u32);
        let next = self.by_name.insert(name, id);
        self.addresses.push(Address { kind, name, item: None, again: Vec::new(), next });
        id
    }

    /// Every address of a name that was ever declared, in no order.
    pub fn of(&self, name: Symbol) -> impl Iterator<Item = ResourceId> {
        let first = self.by_name.get(&name).copied();
        std::iter::successors(first, |id| self.address(*id).next)
    }

    /// The number of an address, if it was ever declared.
    pub fn find(&self, kind: &str, name: Symbol) -> Option<ResourceId> {
        self.of(name).find(|id| self.address(*id).kind.name == kind)
    }

    /// The address of a number.
    pub fn address(&self, id: ResourceId) -> &Address {
        &self.addresses[id.0 as usize]
    }

    /// Notes that an item declares an address.
    pub fn declare(&mut self, id: ResourceId, item: ItemId) {
        let address = &mut self.addresses[id.0 as usize];
        match address.item {
            None => address.item = Some(item),
            Some(_) => address.again.push(item),
        }
    }

    /// Notes that an item no longer declares an address.
    pub fn retract(&mut self, id: ResourceId, item: ItemId) {
        let address = &mut self.addresses[id.0 as usize];
        if address.item == Some(item) {
            address.item = address.again.pop();
        } else {
            address.again.retain(|have| *have != item);
        }
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
