//! Findings, as the editor shows them.

use std::collections::BTreeMap;
use std::path::Path;

use lsp_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, NumberOrString, Position, Range,
};
use purlin_core::{Finding, Session};
use purlin_syntax::Level;

use crate::convert::{to_location, to_range};

/// Every file's findings; files without any are absent.
pub(crate) fn by_file(session: &Session, root: &Path) -> BTreeMap<String, Vec<Diagnostic>> {
    let mut files: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
    for finding in session.findings().iter().filter(|finding| finding.waived.is_none()) {
        let position = finding.diagnostic.span().and_then(|span| session.sources.position(span));
        // A finding about the project as a whole stands at the top of its entry.
        let (path, range) = match position {
            Some(at) => match to_range(session, at.path, at.lo, at.hi) {
                Some(range) => (at.path.to_owned(), range),
                None => continue,
            },
            None => ("purlin.kdl".to_owned(), Range::new(Position::new(0, 0), Position::new(0, 0))),
        };
        files.entry(path).or_default().push(shown(session, root, finding, range));
    }
    files
}

fn shown(session: &Session, root: &Path, finding: &Finding, range: Range) -> Diagnostic {
    let diagnostic = &finding.diagnostic;
    let related: Vec<DiagnosticRelatedInformation> = diagnostic
        .labels
        .iter()
        .skip(1)
        .filter_map(|label| {
            Some(DiagnosticRelatedInformation {
                location: to_location(session, root, label.span)?,
                message: label.text.clone(),
            })
        })
        .collect();
    Diagnostic {
        range,
        severity: Some(match diagnostic.level {
            Level::Error => DiagnosticSeverity::ERROR,
            Level::Warning => DiagnosticSeverity::WARNING,
            Level::Note => DiagnosticSeverity::INFORMATION,
        }),
        code: Some(NumberOrString::String(diagnostic.rule.to_owned())),
        source: Some("purlin".to_owned()),
        message: message(finding),
        related_information: (!related.is_empty()).then_some(related),
        ..Diagnostic::default()
    }
}

/// Message, what the place itself says, arithmetic, and the environments if it is not all of them.
fn message(finding: &Finding) -> String {
    let diagnostic = &finding.diagnostic;
    let mut text = diagnostic.message.clone();
    if !finding.environments.is_empty() {
        let names: Vec<&str> = finding.environments.iter().map(|name| name.as_str()).collect();
        text.push_str(&format!(" (in {})", names.join(", ")));
    }
    let label = diagnostic.labels.first().map(|label| label.text.as_str()).filter(|text| !text.is_empty());
    for line in label.into_iter().chain(diagnostic.notes.iter().map(String::as_str)) {
        text.push('\n');
        text.push_str(line);
    }
    text
}
