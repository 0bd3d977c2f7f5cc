//! What decoding asks of a schema again and again, found once a schema: fields by symbol, and those that are demanded.

use std::cell::Cell;
use std::hash::BuildHasher as _;
use std::sync::{LazyLock, PoisonError, RwLock};

use purlin_syntax::Symbol;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::schema::{Place, RecordSchema};

/// A schema, ready for look-ups.
pub(super) struct Table {
    /// The schema's fields by name.
    fields: FxHashMap<Symbol, u16>,
    /// The fields that arguments fill, in order.
    pub(super) arguments: Box<[u16]>,
    /// The fields whose absence may be an error.
    pub(super) required: Box<[u16]>,
    /// The fields that tell rows apart, first and second.
    pub(super) keys: [Option<u16>; 2],
    /// The field whose word says which variant a record is.
    pub(super) variant: Option<u16>,
    /// The field that says that somebody else owns the resource.
    pub(super) existing: Option<u16>,
    /// Whether any field belongs to some variants alone.
    pub(super) varies: bool,
}

/// Tables of schemas by the schemas' addresses: these live as long as the process, and so do the tables.
static TABLES: LazyLock<RwLock<FxHashMap<usize, &'static Table>>> = LazyLock::new(RwLock::default);

/// So many tables are found again without a lock.
const RECENT: usize = 256;

thread_local! {
    static RECENTLY: [Cell<Option<(usize, &'static Table)>>; RECENT] = const { [const { Cell::new(None) }; RECENT] };
}

/// The table of a schema.
pub(super) fn table(schema: &'static RecordSchema) -> &'static Table {
    let address = std::ptr::from_ref(schema).addr();
    let slot = FxBuildHasher.hash_one(address) as usize % RECENT;
    RECENTLY.with(|recently| match recently[slot].get() {
        Some((known, table)) if known == address => table,
        _ => {
            let table = shared(schema, address);
            recently[slot].set(Some((address, table)));
            table
        }
    })
}

fn shared(schema: &'static RecordSchema, address: usize) -> &'static Table {
    if let Some(table) = TABLES.read().unwrap_or_else(PoisonError::into_inner).get(&address) {
        return table;
    }
    let mut tables = TABLES.write().unwrap_or_else(PoisonError::into_inner);
    tables.entry(address).or_insert_with(|| Box::leak(Box::new(Table::of(schema))))
}

impl Table {
    fn of(schema: &'static RecordSchema) -> Table {
        let fields = || (0_u16..).zip(schema.fields);
        let index = |name: &str| schema.field_index(name);
        Table {
            fields: fields().map(|(n, field)| (Symbol::intern(field.name), n)).collect(),
            arguments: fields().filter(|(_, field)| field.place != Place::Field).map(|(n, _)| n).collect(),
            required: fields().filter(|(_, field)| field.required).map(|(n, _)| n).collect(),
            keys: [1, 2].map(|key| fields().find(|(_, field)| field.key == key).map(|(n, _)| n)),
            variant: index("variant").or_else(|| index("type")),
            existing: index("existing"),
            varies: schema.fields.iter().any(|field| !field.only.is_empty()),
        }
    }

    /// The index of a field by its name.
    pub(super) fn field(&self, name: Symbol) -> Option<u16> {
        self.fields.get(&name).copied()
    }
}
