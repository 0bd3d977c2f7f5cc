//! The files of a session, their items, and the one table that knows absolute positions.

use std::collections::BTreeMap;
use std::sync::Arc;

use purlin_syntax::document::Document;
use purlin_syntax::{ItemId, Span, Tree};

use crate::lower::{Lowered, What};

/// A file's number in its session.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct FileId(pub u32);

/// One file: its text, its trees, and the ids of its items in order.
#[derive(Debug)]
pub struct File {
    /// Path relative to the project's folder, with `/`.
    pub path: String,
    /// Text and trees.
    pub document: Document,
    /// One id an item, in the order of the document.
    pub items: Vec<ItemId>,
}

/// One item: where it is, and what it says.
#[derive(Debug)]
pub struct Item {
    /// Its file.
    pub file: FileId,
    /// Its place among the file's items.
    pub index: u32,
    /// What it says.
    pub lowered: Lowered,
}

/// All files and items of a session.
#[derive(Default, Debug)]
pub struct Sources {
    files: Vec<Option<File>>,
    by_path: BTreeMap<String, FileId>,
    items: Vec<Option<Item>>,
    free: Vec<ItemId>,
}

/// An absolute place.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Position<'a> {
    /// Path of the file.
    pub path: &'a str,
    /// First byte.
    pub lo: u32,
    /// One past the last byte.
    pub hi: u32,
}

/// One change to the files of a project.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// The file has this text now; it may be new.
    Set {
        /// Path relative to the project's folder.
        path: String,
        /// The whole text.
        text: String,
    },
    /// A byte range of the file is replaced.
    Edit {
        /// Path relative to the project's folder.
        path: String,
        /// First byte replaced.
        lo: u32,
        /// One past the last byte replaced.
        hi: u32,
        /// What stands there now.
        text: String,
    },
    /// The file is gone.
    Remove {
        /// Path relative to the project's folder.
        path: String,
    },
}

/// What a change did to items.
#[derive(Default, Debug)]
pub struct Moved {
    /// Items that are new, or whose text changed: to be lowered.
    pub dirty: Vec<ItemId>,
    /// What the changed and the removed items said before.
    pub before: Vec<(ItemId, Lowered)>,
}

impl Sources {
    /// Applies a change to the text, and says which items it touched. A change to an unknown file is no change.
    pub fn apply(&mut self, change: Change, moved: &mut Moved) {
        match change {
            Change::Set { path, text } => match self.by_path.get(&path) {
                Some(id) => self.replace(*id, &text, moved),
                None => self.add(path, Document::parse(text), moved),
            },
            Change::Edit { path, lo, hi, text } => {
                let Some(&id) = self.by_path.get(&path) else { return };
                let Some(file) = self.files[id.0 as usize].as_mut() else { return };
                let splice = file.document.edit(lo, hi, &text);
                self.splice(id, splice.removed, splice.inserted, moved);
            }
            Change::Remove { path } => {
                let Some(id) = self.by_path.remove(&path) else { return };
                let Some(file) = self.files[id.0 as usize].take() else { return };
                for item in file.items {
                    self.drop_item(item, moved);
                }
            }
        }
    }

    /// Takes a file that is new, parsed already.
    pub(crate) fn add(&mut self, path: String, document: Document, moved: &mut Moved) {
        let id = FileId(self.files.len() as u32);
        let count = document.items().len();
        self.by_path.insert(path.clone(), id);
        self.files.push(Some(File { path, document, items: Vec::new() }));
        self.splice(id, 0..0, 0..count, moved);
    }

    /// A whole new text: what is equal at both ends stays, so that the items there keep their ids.
    fn replace(&mut self, id: FileId, text: &str, moved: &mut Moved) {
        let Some(file) = self.files[id.0 as usize].as_mut() else { return };
        let old = file.document.text();
        if old == text {
            return;
        }
        let mut prefix = old.bytes().zip(text.bytes()).take_while(|(a, b)| a == b).count();
        while !old.is_char_boundary(prefix) || !text.is_char_boundary(prefix) {
            prefix -= 1;
        }
        let limit = old.len().min(text.len()) - prefix;
        let mut suffix =
            old.bytes().rev().zip(text.bytes().rev()).take(limit).take_while(|(a, b)| a == b).count();
        while !old.is_char_boundary(old.len() - suffix) || !text.is_char_boundary(text.len() - suffix) {
            suffix -= 1;
        }
        let (lo, hi) = (prefix as u32, (old.len() - suffix) as u32);
        let splice = file.document.edit(lo, hi, &text[prefix..text.len() - suffix]);
        self.splice(id, splice.removed, splice.inserted, moved);
    }

    fn splice(
        &mut self,
        id: FileId,
        removed: std::ops::Range<usize>,
        inserted: std::ops::Range<usize>,
        moved: &mut Moved,
    ) {
        let Some(file) = self.files[id.0 as usize].as_mut() else { return };
        let old: Vec<ItemId> = file.items[removed.clone()].to_vec();
        let kept = old.len().min(inserted.len());
        let mut fresh = old[..kept].to_vec();
        for item in &old[kept..] {
            self.drop_item(*item, moved);
        }
        for item in &fresh {
            if let Some(item_state) = self.items[item.0 as usize].as_mut() {
                let before = std::mem::replace(&mut item_state.lowered, Lowered::nothing());
                moved.before.push((*item, before));
            }
        }
        while fresh.len() < inserted.len() {
            let item = self.free.pop().unwrap_or_else(|| {
                self.items.push(None);
                ItemId(self.items.len() as u32 - 1)
            });
            self.items[item.0 as usize] = Some(Item { file: id, index: 0, lowered: Lowered::nothing() });
            fresh.push(item);
        }
        moved.dirty.extend(&fresh);
        let Some(file) = self.files[id.0 as usize].as_mut() else { return };
        let from = removed.start;
        let same_count = removed.len() == fresh.len();
        let until = if same_count { from + fresh.len() } else { usize::MAX };
        file.items.splice(removed, fresh);
        for (index, item) in file.items.iter().enumerate().skip(from).take(until - from) {
            if let Some(item) = self.items[item.0 as usize].as_mut() {
                item.index = index as u32;
            }
        }
    }

    fn drop_item(&mut self, id: ItemId, moved: &mut Moved) {
        if let Some(item) = self.items[id.0 as usize].take() {
            moved.before.push((id, item.lowered));
            moved.dirty.retain(|dirty| *dirty != id);
            self.free.push(id);
        }
    }

    /// An item's state.
    pub fn item(&self, id: ItemId) -> Option<&Item> {
        self.items.get(id.0 as usize)?.as_ref()
    }

    pub(crate) fn set_lowered(&mut self, id: ItemId, lowered: Lowered) {
        if let Some(item) = self.items[id.0 as usize].as_mut() {
            item.lowered = lowered;
        }
    }

    /// Takes the tree out of an item, which says nothing any more: for a session that is not going to be edited.
    pub(crate) fn take_tree(&mut self, id: ItemId) -> Option<Arc<Tree>> {
        let item = self.items.get(id.0 as usize)?.as_ref()?;
        self.files.get_mut(item.file.0 as usize)?.as_mut()?.document.take_tree(item.index as usize)
    }

    /// All items, with their ids, in no order.
    pub fn items(&self) -> impl Iterator<Item = (ItemId, &Item)> {
        self.items.iter().enumerate().filter_map(|(id, item)| Some((ItemId(id as u32), item.as_ref()?)))
    }

    /// A file.
    pub fn file(&self, id: FileId) -> Option<&File> {
        self.files.get(id.0 as usize)?.as_ref()
    }

    /// All files, by path.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.by_path.values().filter_map(|id| self.file(*id))
    }

    /// A file by its path.
    pub fn by_path(&self, path: &str) -> Option<&File> {
        self.file(*self.by_path.get(path)?)
    }

    /// The tree and the text of an item.
    pub fn text(&self, id: ItemId) -> Option<(&purlin_syntax::Tree, &str)> {
        let item = self.item(id)?;
        let document = &self.file(item.file)?.document;
        Some((&document.items()[item.index as usize].tree, document.item_text(item.index as usize)))
    }

    /// Where a span is, absolutely. `None` when its item is gone.
    pub fn position(&self, span: Span) -> Option<Position<'_>> {
        let item = self.item(span.item)?;
        let file = self.file(item.file)?;
        let start = file.document.items()[item.index as usize].start;
        Some(Position { path: &file.path, lo: start + span.lo, hi: start + span.hi })
    }

    /// The same by number of the file.
    pub(crate) fn place(&self, span: Span) -> Option<(FileId, u32, u32)> {
        let item = self.item(span.item)?;
        let start = self.file(item.file)?.document.items()[item.index as usize].start;
        Some((item.file, start + span.lo, start + span.hi))
    }

    /// The rank of every file by its path, from 1; what has no file comes first.
    pub(crate) fn ranks(&self) -> Vec<u32> {
        let mut ranks = vec![0; self.files.len()];
        for (rank, file) in self.by_path.values().enumerate() {
            ranks[file.0 as usize] = rank as u32 + 1;
        }
        ranks
    }

    /// The text that a span covers.
    pub fn source(&self, span: Span) -> Option<&str> {
        let position = self.position(span)?;
        let file = self.by_path(position.path)?;
        file.document.text().get(position.lo as usize..position.hi as usize)
    }

    /// The item that holds a byte of a file, if one does.
    pub fn item_at(&self, path: &str, offset: u32) -> Option<ItemId> {
        let file = self.by_path(path)?;
        let items = file.document.items();
        let index = items.partition_point(|item| item.start <= offset).checked_sub(1)?;
        (offset <= items[index].start + items[index].len).then(|| file.items[index])
    }

    /// The order of items in the project: by path, then by place. What is "first" never depends on ids.
    pub fn order(&self, id: ItemId) -> (&str, u32) {
        self.item(id)
            .and_then(|item| Some((self.file(item.file)?.path.as_str(), item.index)))
            .unwrap_or(("", u32::MAX))
    }
}

impl Lowered {
    fn nothing() -> Lowered {
        Lowered { what: What::Nothing, diagnostics: Vec::new() }
    }
}
