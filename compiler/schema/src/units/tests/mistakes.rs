use super::{refuses, refuses_number};
use crate::units::QuantityKind as K;
use crate::units::*;

#[test]
fn bytes_without_a_unit_offer_both_families() {
    refuses(K::Bytes, "80", "`80` has no unit of bytes", &["80GiB", "80GB"]);
    refuses_number(K::Bytes, "80", "`80` is a bare number; bytes are wanted", &["80GiB", "80GB"]);
    refuses(K::Bytes, "80g", "`g` is not a unit of bytes", &["80GiB", "80GB"]);
    refuses(K::Bytes, "80G", "`G` is not a unit of bytes", &["80GiB", "80GB"]);
}

#[test]
fn a_unit_in_other_letters_offers_the_right_ones() {
    refuses(K::Bytes, "80gib", "`gib` is not a unit of bytes", &["80GiB"]);
    refuses(K::Bytes, "80 GIB", "`GIB` is not a unit of bytes", &["80GiB"]);
    refuses(K::Bytes, "80gb", "`gb` is not a unit of bytes", &["80GB", "80GiB"]);
    refuses(K::Bytes, "80Gi", "`Gi` is not a unit of bytes", &["80GiB"]);
    refuses(K::Bytes, "1,000GiB", "`1,000GiB` has a separator between its digits", &["1000GiB", "1.000GiB"]);
    refuses(K::Bytes, "1,5GiB", "`1,5GiB` has a separator between its digits", &["1.5GiB"]);
    refuses(
        K::Tokens,
        "1_000_000 tokens",
        "`1_000_000 tokens` is not a number of tokens",
        &["1000000 tokens"],
    );
    refuses(
        K::Money,
        "4,000 USD",
        "`4,000 USD` has a separator between its digits",
        &["4000 USD", "4.000 USD"],
    );
    refuses(K::Rate, "1,000/s", "`1,000/s` has a separator between its digits", &["1000/s", "1.000/s"]);
    refuses(K::Bytes, ".5GiB", "`.5GiB` is not bytes", &["0.5GiB"]);
    refuses(K::Bytes, "-1GiB", "`-1GiB` is negative; bytes cannot be", &[]);
}

#[test]
fn a_text_of_another_type_is_named() {
    refuses(K::Bytes, "20min", "`20min` is a duration; bytes are wanted", &[]);
    refuses(K::Duration, "80GiB", "`80GiB` is bytes; a duration is wanted", &[]);
    refuses(K::Money, "98.32 USD/h", "`98.32 USD/h` is a money rate; money is wanted", &[]);
    refuses(K::Cidr, "80GiB", "`80GiB` is bytes; an address range is wanted", &[]);
    refuses(K::Steps, "20min", "`20min` is a duration; steps are wanted", &[]);
    refuses(K::Rate, "5%", "`5%` is a ratio; a rate is wanted", &[]);
}

#[test]
fn what_does_not_fit_is_an_error() {
    refuses(K::Bytes, "16EiB", "`16EiB` is too large for bytes", &[]);
    refuses(K::Bytes, "1e300B", "`1e300B` is too large for bytes", &[]);
    refuses(K::Bytes, "0.3B", "`0.3B` is finer than the smallest unit of bytes", &[]);
    refuses(K::Duration, "0.1us", "`0.1us` is finer than the smallest unit of duration", &[]);
    refuses(K::Duration, "1e-57min", "`1e-57min` is finer than the smallest unit of duration", &[]);
    refuses(K::Money, "0.0000001 USD", "`0.0000001 USD` is finer than a millionth of the currency", &[]);
    refuses(K::Money, "1e15 USD", "`1e15 USD` is too large for money", &[]);
    refuses(K::Tokens, "1.5 tokens", "`1.5 tokens` is not a whole number of tokens", &[]);
    refuses(K::Tokens, "99999999T tokens", "`99999999T tokens` is too large for tokens", &[]);
    refuses(K::Flop, "1e309 FLOP", "`1e309 FLOP` is too large for FLOP", &[]);
    refuses(K::Period, "20000y", "`20000y` is longer than ten thousand years", &[]);
}

#[test]
fn bandwidths_are_told_apart_by_their_letters() {
    refuses(K::Bandwidth, "400", "`400` has no unit of bandwidth", &["400Gbps", "400GB/s"]);
    refuses(K::Bandwidth, "400gbps", "`gbps` is not a unit of bandwidth", &["400Gbps", "400GB/s"]);
    refuses(K::Bandwidth, "400Gbit/s", "`Gbit/s` is not a unit of bandwidth", &["400Gbps"]);
    refuses(K::Throughput, "500MB/s", "`MB/s` is not a unit of throughput", &["500MB/s/TiB"]);
}

#[test]
fn durations_in_words_offer_units() {
    refuses(K::Duration, "20", "`20` has no unit of duration", &["20s", "20min", "20h"]);
    refuses(K::Duration, "20 minutes", "`minutes` is not a unit of duration", &["20min"]);
    refuses(K::Duration, "20H", "`H` is not a unit of duration", &["20h"]);
    refuses(K::Duration, "1h30min", "`1h30min` has several units; a duration has one", &["90min"]);
    refuses(
        K::Duration,
        "6mo",
        "`6mo` has no fixed length: months and years are periods, and a duration is wanted",
        &["184d"],
    );
    refuses(K::Period, "7", "`7` has no unit of period", &["7d", "7mo", "7y"]);
    refuses(K::Period, "7 years", "`years` is not a unit of period", &["7y"]);
    refuses(K::Period, "1.5y", "`1.5y` has a part of a year; a period has whole months", &["18mo"]);
    refuses(K::Period, "72h", "`72h` is a duration; a period has whole days", &["3d"]);
}

#[test]
fn money_needs_a_currency_of_the_list() {
    refuses(K::Money, "4000", "`4000` has no currency", &["4000 USD", "4000 EUR"]);
    refuses(K::Money, "$4,000", "`$4,000` is not money", &["4000 USD"]);
    refuses(K::Money, "4000 usd", "`usd` is not a currency of ISO 4217", &["4000 USD"]);
    refuses(K::Money, "4000 ABC", "`ABC` is not a currency of ISO 4217", &[]);
    refuses(K::Money, "EUR 12.5", "`EUR 12.5` is not money", &["12.5 EUR"]);
    refuses(
        K::MoneyRate,
        "98.32 USD",
        "`98.32 USD` is not per hour, day, month or year",
        &["98.32 USD/h", "98.32 USD/month"],
    );
    refuses(K::MoneyRate, "9 EUR/mo", "`9 EUR/mo` is not per hour, day, month or year", &["9 EUR/month"]);
    refuses(
        K::MoneyRate,
        "9 EUR per hour",
        "`9 EUR per hour` is not per hour, day, month or year",
        &["9 EUR/h"],
    );
    refuses(K::MoneyRate, "9 €/h", "`€` is not a currency of ISO 4217", &["9 EUR/h"]);
}

#[test]
fn a_ratio_beyond_one_is_a_percentage() {
    refuses(
        K::Ratio,
        "99.9",
        "`99.9` is more than the whole; beyond 1 a ratio is written as a percentage",
        &["99.9%", "9990%"],
    );
    refuses(K::Ratio, "99,9%", "`99,9%` is not a ratio", &["99.9%"]);
    refuses(K::Ratio, "5 percent", "`5 percent` is not a ratio", &["5%"]);
}

#[test]
fn rates_and_counts_offer_what_is_meant() {
    refuses(K::Rate, "200", "`200` is not per second, minute, hour or day", &["200/s", "200/min"]);
    refuses(K::Rate, "200 rps", "`200 rps` is not a rate: it is written as a count per time", &["200/s"]);
    refuses(K::Rate, "2m tokens/min", "`2m tokens/min` is not a count of something", &["2M tokens/min"]);
    refuses(K::Rate, "5/sec", "`5/sec` is not per second, minute, hour or day", &["5/s"]);
    refuses(K::Tokens, "300b tokens", "`300b tokens` is not a number of tokens", &["300B tokens"]);
    refuses(K::Tokens, "280 B tokens", "`280 B tokens` is not a number of tokens", &["280B tokens"]);
    refuses(K::Tokens, "300B", "`300B` has no unit of tokens", &["300B tokens"]);
    refuses_number(K::Tokens, "300", "`300` is a bare number; tokens are wanted", &["300 tokens"]);
    refuses_number(K::Steps, "500", "`500` is a bare number; steps are wanted", &["500 steps"]);
    refuses(K::Flop, "1e25 FLOPs", "`FLOPs` is not the unit FLOP", &["1e25 FLOP"]);
    refuses(
        K::Extent,
        "200",
        "`200` has no unit: an extent is in steps, in tokens, or in time",
        &["200 steps", "200min", "200 tokens"],
    );
    refuses(
        K::Measure,
        "20 seconds",
        "`20 seconds` is no number, ratio, duration, rate, count or amount of money",
        &["20s"],
    );
}

#[test]
fn a_bare_version_is_offered_as_written() {
    refuses_number(K::Version, "1.30", "`1.30` is a number; a version is text", &["1.30"]);
    refuses(K::Version, "v1.34", "`v1.34` is not a version", &["1.34"]);
    refuses(K::Version, ">=1.2", "`>=1.2` is not a version", &["1.2"]);
    refuses(K::Version, "20min", "`20min` is a duration; a version is wanted", &[]);
    refuses(K::Version, "latest", "`latest` is not a version", &[]);
    refuses(K::Version, "1..2", "`1..2` is not a version", &[]);
}

#[test]
fn names_of_machines_are_mended() {
    refuses(K::MigProfile, "1G.10GB", "`1G.10GB` is not a MIG profile", &["1g.10gb"]);
    refuses(K::MigProfile, "mig-1g.10gb", "`mig-1g.10gb` is not a MIG profile", &["1g.10gb"]);
    refuses(K::MigProfile, "1g10gb", "`1g10gb` is not a MIG profile", &["1g.10gb"]);
    refuses(K::MigProfile, "4c.3g.40gb", "`4c.3g.40gb` is not a MIG profile", &[]);
    refuses(
        K::Region,
        "EU Central 1",
        "`EU Central 1` is not a region: small letters, digits and dashes",
        &["eu-central-1"],
    );
    let zone =
        |text: &str| format!("`{text}` is not a time zone of the IANA database, as `Europe/Berlin` is");
    refuses(K::Timezone, "europe/berlin", &zone("europe/berlin"), &["Europe/Berlin"]);
    refuses(K::Timezone, "America/new york", &zone("America/new york"), &["America/New_York"]);
    refuses(K::Timezone, "Z", &zone("Z"), &["UTC"]);
    refuses(K::Timezone, "CEST", &zone("CEST"), &[]);
}

#[test]
fn an_address_range_begins_at_its_first_address() {
    refuses(K::Cidr, "10.0.0.5/16", "`10.0.0.5/16` is not the first address of its range", &["10.0.0.0/16"]);
    refuses(
        K::Cidr,
        "10.40.0.0",
        "`10.40.0.0` is one address; an address range has a prefix",
        &["10.40.0.0/16", "10.40.0.0/24", "10.40.0.0/32"],
    );
    refuses(K::Cidr, "10.0.0.0/33", "the prefix of `10.0.0.0/33` is not a number from 0 to 32", &[]);
    refuses(K::Cidr, "10.0.0/8", "`10.0.0` is not an IP address", &[]);
}

#[test]
fn a_digest_has_64_digits_in_small_letters() {
    refuses(K::Digest, "sha256:abc", "`sha256:abc` has 3 hexadecimal digits; a SHA-256 has 64", &[]);
    let upper = "A".repeat(64);
    let message = format!("`sha256:{}…` is not a SHA-256", "A".repeat(41));
    refuses(K::Digest, &format!("sha256:{upper}"), &message, &[&format!("sha256:{}", "a".repeat(64))]);
}

#[test]
fn a_cron_schedule_has_five_fields_in_range() {
    refuses(K::Cron, "@daily", "`@daily` is a shorthand; a cron schedule has five fields", &["0 0 * * *"]);
    refuses(
        K::Cron,
        "0 0 2 * * ?",
        "`0 0 2 * * ?` has six fields; a cron schedule has five, without seconds",
        &["0 2 * * *"],
    );
    refuses(K::Cron, "0 2 * *", "`0 2 * *` has 4 of the five fields of a cron schedule", &[]);
    refuses(K::Cron, "0 24 * * *", "`24` is no hour from 0 to 23, in `0 24 * * *`", &[]);
    refuses(K::Cron, "0 0 ? * 1", "`?` is no day of the month from 1 to 31, in `0 0 ? * 1`", &["0 0 * * 1"]);
    refuses(
        K::Cron,
        "0 0 * * fri-sun",
        "`fri-sun` of its day of the week runs backwards, in `0 0 * * fri-sun`",
        &["0 0 * * fri-7"],
    );
    refuses(K::Cron, "*/0 * * * *", "`*/0` is not a step of its minute, in `*/0 * * * *`", &[]);
    refuses(K::Cron, "0 0 31 2 *", "`0 0 31 2 *` never comes: no such month has that day", &[]);
}

#[test]
fn an_image_is_a_reference_of_the_registry_not_an_address() {
    refuses(
        K::ImageRef,
        "https://ghcr.io/acme/tune:1",
        "`https://ghcr.io/acme/tune:1` is not an image: the registry is not a host name",
        &["ghcr.io/acme/tune:1"],
    );
    refuses(
        K::ImageRef,
        "ghcr.io/Acme/Tune:V1",
        "`ghcr.io/Acme/Tune:V1` is not an image: a repository has small letters, digits, and single separators between them",
        &["ghcr.io/acme/tune:V1"],
    );
    refuses(
        K::ImageRef,
        "a:b c",
        "`a:b c` is not an image: a tag has at most 128 letters, digits, dots, dashes and underscores",
        &[],
    );
}

#[test]
fn days_in_other_orders_are_turned_round() {
    refuses(K::Date, "2027-02-30", "`2027-02-30` is not a day of the calendar", &["2027-02-28"]);
    refuses(K::Date, "2027/1/5", "`2027/1/5` is not a date of the form `2027-01-31`", &["2027-01-05"]);
    refuses(K::Date, "31.01.2027", "`31.01.2027` is not a date of the form `2027-01-31`", &["2027-01-31"]);
    refuses(
        K::Date,
        "01/02/2027",
        "`01/02/2027` is not a date of the form `2027-01-31`",
        &["2027-01-02", "2027-02-01"],
    );
    refuses(
        K::Date,
        "2027-01-11T11:30:00Z",
        "`2027-01-11T11:30:00Z` is a timestamp; a date is wanted",
        &["2027-01-11"],
    );
}

#[test]
fn a_timestamp_needs_an_offset() {
    refuses(
        K::Timestamp,
        "2027-01-11T11:30:00",
        "`2027-01-11T11:30:00` has no offset from UTC",
        &["2027-01-11T11:30:00Z"],
    );
    let form = |text: &str| format!("`{text}` is not a timestamp of the form `2027-01-11T11:30:00Z`");
    for text in ["2027-01-11 11:30 UTC", "2027-01-11T11:30Z", "2027-01-11 11:30:00.250z", "2027-01-11t11:30"]
    {
        refuses(K::Timestamp, text, &form(text), &["2027-01-11T11:30:00Z"]);
    }
    refuses(
        K::Timestamp,
        "2027-01-11",
        "`2027-01-11` is a date; a timestamp is wanted",
        &["2027-01-11T00:00:00Z"],
    );
    refuses(K::Timestamp, "2027-01-11T24:00:00Z", &form("2027-01-11T24:00:00Z"), &[]);
    refuses(K::Timestamp, "2027-01-11T11:30:00é00", &form("2027-01-11T11:30:00é00"), &[]);
}

#[test]
fn a_hostile_text_is_an_error_for_every_type() {
    let digits = "9".repeat(10_000_000);
    let texts = [
        digits.as_str(),
        &digits[..500],
        "",
        " ",
        "-",
        "1e+",
        ".",
        "1.",
        "\u{0}",
        "٣GiB",
        "８0GiB",
        "80\u{200b}GiB",
        "é",
        "1é",
        "€",
        "日本語日本語日本語日本",
        "2027-01-é1",
        "////",
        "@",
        "@@",
        ":",
        "1e99999999999999999999 GiB",
        "\u{202e}80GiB",
    ];
    for &kind in K::ALL {
        for text in texts {
            assert!(parse(kind, text).is_err(), "{kind:?} reads {text:.40?}");
            assert!(parse_number(kind, text).is_err(), "{kind:?} reads {text:.40?} as a number");
        }
    }
}

#[test]
fn every_offer_reads_and_no_message_speaks_to_anybody() {
    let texts = [
        "80",
        "80g",
        "20 minutes",
        "$5",
        "99.9",
        "10.0.0.1",
        "v1",
        "@weekly",
        "2027/1/5",
        "EU",
        "1h30m",
        "A/B:c",
    ];
    for &kind in K::ALL {
        for text in texts {
            let errors = [parse(kind, text).err(), parse_number(kind, text).err()];
            for error in errors.into_iter().flatten() {
                assert!(!error.message.contains("you"), "{}", error.message);
                for offer in error.offers {
                    assert!(parse(kind, &offer).is_ok(), "{kind:?} {text} offers {offer}");
                }
            }
        }
    }
}

#[test]
fn a_number_with_another_word_offers_the_likely_units() {
    refuses(K::Bytes, "80 gigs", "`gigs` is not a unit of bytes", &["80GiB", "80GB"]);
    refuses(K::Bandwidth, "400 Gigabit", "`Gigabit` is not a unit of bandwidth", &["400Gbps", "400GB/s"]);
    refuses(K::Duration, "20 ticks", "`ticks` is not a unit of duration", &["20s", "20min", "20h"]);
    refuses(K::Period, "7 moons", "`moons` is not a unit of period", &["7d", "7mo", "7y"]);
    refuses(
        K::Rate,
        "200 hits",
        "`200 hits` is not per second, minute, hour or day",
        &["200 hits/s", "200 hits/min"],
    );
    refuses(K::Tokens, "8192 words", "`8192 words` is not a number of tokens", &["8192 tokens"]);
    refuses(K::Tokens, "8192 steps", "`8192 steps` is steps; tokens are wanted", &["8192 tokens"]);
    refuses(K::Steps, "2B tokens", "`2B tokens` is tokens; steps are wanted", &["2B steps"]);
    refuses(K::Parameters, "8B weights", "`8B weights` is not a number of parameters", &["8B"]);
    refuses(K::Parameters, "8B tokens", "`8B tokens` is tokens; parameters are wanted", &["8B"]);
    refuses(K::Flop, "1e25 operations", "`1e25 operations` is not a number of FLOP", &["1e25 FLOP"]);
    refuses(
        K::Extent,
        "200 rounds",
        "`rounds` is not a unit of duration",
        &["200 steps", "200min", "200 tokens"],
    );
    refuses(K::Ratio, "5 parts", "`5 parts` is not a ratio", &["5%"]);
    refuses(K::Version, "580 series", "`580 series` is not a version", &["580"]);
    refuses(K::Bytes, "-80 gigs", "`-80 gigs` is negative; bytes cannot be", &[]);
}

#[test]
fn no_text_of_a_type_is_passed_over_as_another() {
    for &kind in K::ALL {
        for example in kind.examples() {
            assert!(crate::units::error::may_be(kind, example), "{kind:?} {example}");
        }
    }
}
