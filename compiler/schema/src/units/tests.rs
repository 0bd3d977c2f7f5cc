//! Tables of texts: one call each.

use super::*;

mod amounts;
mod generated;
mod mistakes;
mod reading;

#[track_caller]
fn reads(kind: QuantityKind, text: &str, value: impl Into<Quantity>) {
    assert_eq!(parse(kind, text), Ok(value.into()), "{text}");
}

/// Reads a text and writes it as the other.
#[track_caller]
fn writes(kind: QuantityKind, text: &str, expect: &str) {
    let value = parse(kind, text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    assert_eq!(value.to_string(), expect, "{text}");
    assert_eq!(parse(kind, expect), Ok(value), "{text} written as {expect}");
}

#[track_caller]
fn refuses(kind: QuantityKind, text: &str, message: &str, offers: &[&str]) {
    let error = parse(kind, text).expect_err(text);
    assert_eq!(
        (error.message.as_str(), error.offers.as_slice()),
        (message, &to_strings(offers)[..]),
        "{text}"
    );
}

#[track_caller]
fn refuses_number(kind: QuantityKind, source: &str, message: &str, offers: &[&str]) {
    let error = parse_number(kind, source).expect_err(source);
    assert_eq!(
        (error.message.as_str(), error.offers.as_slice()),
        (message, &to_strings(offers)[..]),
        "{source}"
    );
}

fn to_strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
