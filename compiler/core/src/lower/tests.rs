use purlin_syntax::{Document, ItemId};

use super::lower;

const POOL: &str = r#"gpu-pool h100 cluster=main {
    doc "Eight H100 a node"
    instance p5.48xlarge
    nodes min=2 max=64 {
        spare 1
    }
    capacity on-demand zone=us-east-1a
    labels { tier "1"; team ml }
    driver "580"
}
"#;

/// Rules of all that is said of a text's items, each by itself.
fn said(text: &str) -> Vec<&'static str> {
    let document = Document::parse(text.to_owned());
    let items = document.items().iter().enumerate();
    items
        .flat_map(|(n, item)| lower(&item.tree, document.item_text(n), ItemId(n as u32)).diagnostics)
        .map(|diagnostic| diagnostic.rule)
        .collect()
}

/// Typed behind every line of a pool, and on a line of its own before it, each fragment costs one diagnostic in all.
#[track_caller]
fn check(fragments: &[&str]) {
    assert_eq!(said(POOL), [""; 0]);
    for fragment in fragments {
        for (at, _) in POOL.match_indices('\n') {
            let (before, after) = POOL.split_at(at);
            let line = before.rsplit('\n').next().unwrap_or(before);
            let indent = line.len() - line.trim_start().len() + if line.ends_with('{') { 4 } else { 0 };
            let own_line = format!("{before}\n{}{fragment}{after}", " ".repeat(indent));
            for text in [format!("{before} {fragment}{after}"), own_line] {
                let said = said(&text);
                assert_eq!(said.len(), 1, "{said:?} of\n{text}");
                assert!(said[0].starts_with("syntax."), "{said:?} of\n{text}");
            }
        }
    }
}

#[test]
fn half_typed_text_costs_one_diagnostic_of_all_stages() {
    check(&["(", "(expr", "(expr)\"", "( {", "\"half", "\"", "#\"", "\"\"\"half", "} }", "{ {"]);
}

#[test]
fn a_header_that_is_not_finished_is_one_mistake() {
    for header in ["gpu-pool ( {", "gpu-pool (expr {", "gpu-pool \" {", "gpu-pool #\" {", "gpu-pool /* {"] {
        let text = POOL.replacen("gpu-pool h100 cluster=main {", header, 1);
        assert_eq!(said(&text).len(), 1, "{:?} of\n{text}", said(&text));
    }
}
