//! Cures as code actions.

use std::collections::HashMap;
use std::path::Path;

use lsp_types::{CodeAction, CodeActionKind, Range, TextEdit, Uri, WorkspaceEdit};
use purlin_core::Session;
use purlin_syntax::Cure;

use crate::convert::{to_location, to_offset};

/// The cures of every finding that touches a range. Searched cures are searched now.
pub(crate) fn cures(session: &Session, root: &Path, path: &str, range: Range) -> Vec<CodeAction> {
    let (Some(lo), Some(hi)) = (to_offset(session, path, range.start), to_offset(session, path, range.end))
    else {
        return Vec::new();
    };
    let mut actions: Vec<CodeAction> = Vec::new();
    for finding in session.findings() {
        let Some(at) = finding.diagnostic.span().and_then(|span| session.sources.position(span)) else {
            continue;
        };
        if at.path != path || at.hi < lo || hi < at.lo {
            continue;
        }
        for cure in finding.cures(session) {
            if let Some(action) = action(session, root, &cure)
                && !actions.contains(&action)
            {
                actions.push(action);
            }
        }
    }
    actions
}

#[expect(clippy::mutable_key_type, reason = "the protocol's type for edits by address")]
fn action(session: &Session, root: &Path, cure: &Cure) -> Option<CodeAction> {
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for edit in &cure.edits {
        let place = to_location(session, root, edit.span)?;
        changes
            .entry(place.uri)
            .or_default()
            .push(TextEdit { range: place.range, new_text: edit.text.clone() });
    }
    Some(CodeAction {
        title: cure.title.clone(),
        kind: Some(CodeActionKind::QUICKFIX),
        edit: Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }),
        ..CodeAction::default()
    })
}
