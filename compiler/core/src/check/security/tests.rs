//! Tries the rules on security on their pages and on the examples.

use crate::check::testing::{check, check_example, check_page};

fn env(value: &str, expect: &[&str]) {
    let spec = format!(
        r#"
        platform shop {{ owner ml }}
        team ml {{ contact "ml@shop.example" }}
        model seed {{ format safetensors }}
        training-job tune {{ model seed; env {value} }}
        "#
    );
    check("security.secret-in-spec", &spec, expect);
}

#[test]
fn the_page_of_secret_in_spec_holds() {
    check_page(&super::secret_in_spec::RULE);
}

#[test]
fn the_page_of_image_pinned_holds() {
    check_page(&super::image_pinned::RULE);
}

#[test]
fn the_examples_hold_no_secrets_and_pin_their_images() {
    for name in ["support-assistant", "pretrain-405b", "credit-scoring"] {
        for rule in super::RULES {
            check_example(rule.id, name, &[], &[]);
        }
    }
}

#[test]
fn a_password_in_an_address_is_found() {
    env(
        r#"DATABASE_URL="postgres://app:s3cr3t@db.shop.example/app""#,
        &["error training-job.tune: training-job.tune holds a password in an address"],
    );
}

#[test]
fn a_random_value_under_a_telling_name_is_found() {
    env(r#"DB_PASSWORD="q8Zr1vXk0TtYw5LmN2bJc7Ah""#, &["a random value under the name of a secret"]);
}

#[test]
fn an_ordinary_value_under_a_telling_name_is_not() {
    env(r#"HF_TOKEN_PATH="/var/run/secrets/hf" TOKENIZER="llama" MAX_TOKEN="8192""#, &[]);
}

#[test]
fn a_placeholder_of_a_known_form_is_not() {
    env(r#"EXAMPLE="ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]);
}

#[test]
fn a_secret_is_never_repeated() {
    let world = crate::MemoryWorld::of(
        "model seed { format safetensors }\ntraining-job tune { model seed; env KEY=\"AKIAZ7Q2XN4PLM8RTV6B\" }",
    );
    let findings = crate::check::testing::session(&world).findings();
    let texts: Vec<String> = findings.iter().map(|finding| format!("{:?}", finding.diagnostic)).collect();
    assert!(texts.iter().any(|text| text.contains("an access key of AWS")), "{texts:?}");
    assert!(!texts.iter().any(|text| text.contains("AKIAZ7Q2XN4PLM8RTV6B")), "{texts:?}");
}
