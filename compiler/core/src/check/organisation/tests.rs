//! Tries the rules on the organisation on their pages and on the examples.

use crate::check::testing::{check, check_example, check_page};

#[test]
fn the_page_of_owner_required_holds() {
    check_page(&super::owner_required::RULE);
}

#[test]
fn the_page_of_waiver_expired_holds() {
    check_page(&super::waiver_expired::RULE);
}

#[test]
fn the_page_of_unused_holds() {
    check_page(&super::unused::RULE);
}

#[test]
fn the_examples_are_in_order() {
    for name in ["support-assistant", "pretrain-405b", "credit-scoring"] {
        for rule in super::RULES {
            check_example(rule.id, name, &[], &[]);
        }
    }
}

const WAIVER: &str = r#"
    platform shop { owner ml }
    team ml { contact "ml@shop.example" }
    model seed { format safetensors }
    training-job tune { model seed }
    waiver later { rule reliability.job-budget; applies-to training-job.tune; owner ml; until "2027-01-31"; reason "a trial" }
"#;

#[test]
fn a_waiver_in_force_is_in_order() {
    check("organisation.waiver-expired", WAIVER, &[]);
}

#[test]
fn a_waiver_that_ends_soon_is_announced() {
    check(
        "organisation.waiver-expired",
        &WAIVER.replace("2027-01-31", "2026-11-30"),
        &["warning waiver.later: waiver.later ends on 2026-11-30"],
    );
}

#[test]
fn a_waiver_of_no_rule_is_refused() {
    check(
        "organisation.waiver-expired",
        &WAIVER
            .replace("reliability.training-time", "reliability.trainin-time")
            .replace("job-budget", "job-budgt"),
        &["there is no such rule"],
    );
}

#[test]
fn who_is_only_governed_is_unused() {
    check(
        "organisation.unused",
        &format!(
            "{WAIVER}\nmodel spare {{ format safetensors }}\npolicy p {{ framework gdpr; applies-to model.spare }}"
        ),
        &["warning model.spare: nothing uses model.spare"],
    );
}

#[test]
fn a_bare_name_of_any_kind_is_never_a_fact() {
    let spec = format!(
        "{WAIVER}\narchitecture tune {{ layers 2; hidden 64; heads 4; vocab 1000 }}\npolicy p {{ framework gdpr; applies-to tune }}"
    );
    check("organisation.waiver-expired", &spec, &[]);
}
