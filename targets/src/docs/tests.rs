use std::collections::BTreeMap;

use purlin_core::emit::collect::{self, Artifact, Receiver};
use purlin_core::{MemoryWorld, Options, Serial, compile};

use super::*;
use crate::print::print;

const PROJECT: &str = r#"platform acme { organisation acme; currency USD }
team desk { contact "desk@acme.example" }
data-contract tickets {
    version "2.1.0"
    owner desk
    description "Tickets of customers"
    schema tickets physical-name="desk.tickets" {
        field id string { required; primary-key }
        field price decimal precision=12 scale=2 { quality range min=0 max=1000 }
        field text string personal=pii { quality length max=2000 }
        field state string { quality valid-values { values open closed } }
        field embedding vector dimensions=1024
        quality row-count per=day min=10 max=20
        quality sql name=late query="select count(*) from {table}" max=49
    }
    freshness max-lag="2min"
    retention "3y"
    availability "99.95%"
    purpose support
    legal-basis contract article="6(1)(b)" for=support
    residency eu
    erasure key=id within="30d"
}
dataset clean { contract tickets; version "2026-11-16" }
model base { from huggingface="BAAI/bge-m3" revision="5617a9f61b028005a4858fdac845db406aefb181"; architecture bge-m3; license mit }
training-job tune {
    team desk
    model base
    run custom { command ./train }
    data clean { exclude { fields text } }
}
model assistant {
    from tune
    owner desk
    intended-use "Drafts | for *agents*"
    out-of-scope "Refunds"
}
evaluation gate {
    of model.assistant
    metric auc min=0.78
    fairness sex { metric approval-rate min-ratio=0.8 }
}
ai-system help { includes model.assistant; intended-purpose "Help agents"; risk limited }"#;

#[derive(Default)]
struct Kept(BTreeMap<String, String>);

impl Receiver for Kept {
    fn file(&mut self, file: &Artifact<'_>) {
        self.0.insert(file.path.to_owned(), file.text.to_owned());
    }
}

#[track_caller]
fn check(path: &str, expect: &[&str]) {
    let session = compile(&MemoryWorld::of(PROJECT), Options::default(), &Serial).unwrap();
    let mut kept = Kept::default();
    assert!(collect::emit(&session, 0, &[], &[&Docs], print, &mut kept).is_some());
    let Some(text) = kept.0.get(path) else { panic!("no {path}: {:?}", kept.0.keys()) };
    for line in expect {
        assert!(text.contains(line), "`{line}` is not in\n{text}");
    }
}

#[test]
fn a_contract_says_what_it_is() {
    let expect = ["apiVersion: v3.1.0", "kind: DataContract", "id: data-contract.tickets", "status: active"];
    check("data/contracts/tickets.yaml", &expect);
}

#[test]
fn a_contract_says_the_bounds_of_its_fields() {
    let expect = ["maximum: 1000.0", "maxLength: 2000", "physicalType: decimal(12,2)", "maxItems: 1024"];
    check("data/contracts/tickets.yaml", &expect);
}

#[test]
fn a_contract_says_its_checks() {
    let expect = ["metric: invalidValues", "metric: rowCount", "query: select count(*) from ${table}"];
    check("data/contracts/tickets.yaml", &expect);
}

#[test]
fn a_contract_says_what_it_promises() {
    let expect =
        ["property: latency\n    value: 2\n    unit: min", "value: 3\n    unit: \"y\"", "value: 99.95"];
    check("data/contracts/tickets.yaml", &expect);
}

#[test]
fn a_card_says_use_as_text() {
    check("governance/model-cards/assistant.md", &["Drafts \\| for \\*agents\\*", "- Refunds"]);
}

#[test]
fn a_card_says_what_the_model_was_made_from() {
    let expect =
        ["| clean | 2026-11-16 | all | tickets 2.1.0 | pii | text |", "| Owner | desk, desk@acme.example |"];
    check("governance/model-cards/assistant.md", &expect);
}

#[test]
fn a_card_says_what_the_model_is_held_against() {
    let expect = [
        "| gate | auc | at least 0.78 |",
        "| gate | approval-rate by sex | lowest at least",
        "| help | Help agents | limited |",
    ];
    check("governance/model-cards/assistant.md", &expect);
}

#[test]
fn a_card_says_where_nothing_is_stated() {
    check("governance/model-cards/base.md", &["## Intended use\n\nNot stated.", "| License | mit |"]);
}
