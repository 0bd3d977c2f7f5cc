use purlin_syntax::Symbol;

use super::{reads, writes};
use crate::units::QuantityKind as K;
use crate::units::*;

#[test]
fn every_example_reads_and_is_written_back_to_the_same_value() {
    for &kind in K::ALL {
        for example in kind.examples() {
            let value = parse(kind, example).unwrap_or_else(|error| panic!("{kind:?} {example}: {error:?}"));
            assert_eq!(parse(kind, &value.to_string()), Ok(value), "{kind:?} {example} as {value}");
            assert_eq!(value.kind(), kind);
        }
        assert!(!kind.doc().is_empty() && !kind.name().is_empty());
    }
}

#[test]
fn every_example_is_written_as_it_stands_in_the_reference() {
    let other_forms = ["24000GiB", "24h", "2w", "405853388800", "13B", "62000 tokens/s", "420GB/s"];
    for &kind in K::ALL {
        for example in kind.examples().iter().filter(|example| !other_forms.contains(example)) {
            writes(kind, example, example);
        }
    }
}

#[test]
fn bytes_have_decimal_and_binary_units() {
    reads(K::Bytes, "80GiB", Bytes(80 << 30));
    reads(K::Bytes, "80GB", Bytes(80_000_000_000));
    reads(K::Bytes, "1.5GiB", Bytes(3 << 29));
    reads(K::Bytes, "80 GiB", Bytes(80 << 30));
    reads(K::Bytes, "0B", Bytes(0));
    reads(K::Bytes, "18446744073709551615B", Bytes(u64::MAX));
}

#[test]
fn a_part_of_a_byte_is_rounded() {
    reads(K::Bytes, "79.2GiB", Bytes(85_040_352_461));
    writes(K::Bytes, "79.2GiB", "79.2GiB");
}

#[test]
fn bytes_are_written_in_the_shortest_way_that_reads_back() {
    writes(K::Bytes, "1024MiB", "1GiB");
    writes(K::Bytes, "1000MB", "1GB");
    writes(K::Bytes, "2048GiB", "2TiB");
    writes(K::Bytes, "48000GiB", "48000GiB");
    writes(K::Bytes, "1025B", "1025B");
    writes(K::Bytes, "0B", "0B");
}

#[test]
fn a_bandwidth_is_in_bits_or_in_bytes() {
    reads(K::Bandwidth, "400Gbps", Bandwidth(400_000_000_000));
    reads(K::Bandwidth, "420GB/s", Bandwidth(3_360_000_000_000));
    reads(K::Bandwidth, "1GiB/s", Bandwidth(8 << 30));
    writes(K::Bandwidth, "400Gbps", "400Gbps");
    writes(K::Bandwidth, "50GB/s", "400Gbps");
    writes(K::Bandwidth, "420GB/s", "420GB/s");
    writes(K::Bandwidth, "320GB/s", "320GB/s");
    writes(K::Bandwidth, "12345678bps", "12345678bps");
}

#[test]
fn a_throughput_is_per_tib() {
    reads(K::Throughput, "500MB/s/TiB", Throughput(500_000_000));
    writes(K::Throughput, "1000MB/s/TiB", "1GB/s/TiB");
}

#[test]
fn m_is_minutes_in_a_duration() {
    reads(K::Duration, "20min", Duration(1_200_000_000));
    reads(K::Duration, "20m", Duration(1_200_000_000));
    reads(K::Duration, "1.5s", Duration(1_500_000));
    reads(K::Duration, "20ms", Duration(20_000));
    reads(K::Duration, "24h", Duration(86_400_000_000));
    reads(K::Duration, "14d", Duration(1_209_600_000_000));
    writes(K::Duration, "60ms", "60ms");
    writes(K::Duration, "90min", "90min");
    writes(K::Duration, "600s", "10min");
    writes(K::Duration, "90s", "90s");
    writes(K::Duration, "1min", "1min");
    writes(K::Duration, "3692h", "3692h");
    writes(K::Duration, "2w", "14d");
}

#[test]
fn a_period_has_months_and_days() {
    reads(K::Period, "7y", Period { months: 84, days: 0 });
    reads(K::Period, "6mo", Period { months: 6, days: 0 });
    reads(K::Period, "90d", Period { months: 0, days: 90 });
    reads(K::Period, "2w", Period { months: 0, days: 14 });
    reads(K::Period, "1y6mo2d", Period { months: 18, days: 2 });
    writes(K::Period, "12mo", "1y");
    writes(K::Period, "0d", "0d");
}

#[test]
fn money_is_exact_to_the_millionth() {
    reads(K::Money, "4000 USD", Money { micros: 4_000_000_000, currency: Currency::USD });
    reads(K::Money, "0.000001 EUR", Money { micros: 1, currency: Currency::EUR });
    writes(K::Money, "0.40 USD", "0.40 USD");
    writes(K::Money, "98.325 USD", "98.325 USD");
    writes(K::MoneyRate, "98.32 USD/h", "98.32 USD/h");
    writes(K::MoneyRate, "120000.00 EUR/year", "120000 EUR/year");
}

#[test]
fn a_ratio_is_a_percentage_or_a_number_up_to_one() {
    reads(K::Ratio, "99.9%", Ratio(0.999));
    reads(K::Ratio, "0.999", Ratio(0.999));
    reads(K::Ratio, "-5%", Ratio(-0.05));
    reads(K::Ratio, "150%", Ratio(1.5));
    reads(K::Ratio, "33 %", Ratio(0.33));
    writes(K::Ratio, "0.7%", "0.7%");
    writes(K::Ratio, "0.29", "29%");
    writes(K::Ratio, "-0.005", "-0.5%");
    writes(K::Ratio, "0%", "0%");
    writes(K::Ratio, "100%", "100%");
    writes(K::Ratio, "1000%", "1000%");
}

#[test]
fn a_rate_counts_per_time() {
    reads(K::Rate, "200/s", Rate::of(200_000_000, RatePer::Second, ""));
    reads(K::Rate, "0.5/s", Rate::of(500_000, RatePer::Second, ""));
    reads(K::Rate, "2M tokens/min", Rate::of(2_000_000_000_000, RatePer::Minute, "tokens"));
    reads(K::Rate, "62000 tokens/s", Rate::of(62_000_000_000, RatePer::Second, "tokens"));
    writes(K::Rate, "62000 tokens/s", "62K tokens/s");
    writes(K::Rate, "1.5/s", "1.5/s");
    writes(K::Rate, "200/h", "200/h");
}

#[test]
fn counts_have_scales_of_a_thousand() {
    reads(K::Tokens, "300B tokens", Tokens(300_000_000_000));
    reads(K::Tokens, "1.8B tokens", Tokens(1_800_000_000));
    reads(K::Tokens, "2200 tokens", Tokens(2200));
    reads(K::Parameters, "405853388800", Parameters(405_853_388_800));
    reads(K::Parameters, "13B", Parameters(13_000_000_000));
    reads(K::Parameters, "8.03B parameters", Parameters(8_030_000_000));
    reads(K::Steps, "500 steps", Steps(500));
    reads(K::Flop, "1e25 FLOP", Flop(1e25));
    writes(K::Flop, "6.8e23 FLOP", "6.8e23 FLOP");
    writes(K::Tokens, "60K tokens", "60K tokens");
    writes(K::Steps, "5000 steps", "5000 steps");
    writes(K::Tokens, "2200 tokens", "2200 tokens");
}

#[test]
fn an_extent_is_in_steps_tokens_or_time() {
    reads(K::Extent, "200 steps", Extent::Steps(Steps(200)));
    reads(K::Extent, "2B tokens", Extent::Tokens(Tokens(2_000_000_000)));
    reads(K::Extent, "20min", Extent::Duration(Duration(1_200_000_000)));
}

#[test]
fn a_measure_is_of_what_its_unit_says() {
    reads(K::Measure, "0.72", Measure::Number(0.72));
    reads(K::Measure, "-0.5", Measure::Number(-0.5));
    reads(K::Measure, "1%", Measure::Ratio(Ratio(0.01)));
    reads(K::Measure, "1.5s", Measure::Duration(Duration(1_500_000)));
    reads(K::Measure, "5/s", Measure::Rate(Rate::of(5_000_000, RatePer::Second, "")));
    reads(K::Measure, "0.40 USD", Measure::Money(Money { micros: 400_000, currency: Currency::USD }));
    reads(K::Measure, "250 tokens", Measure::Count(250, Symbol::intern("tokens")));
    writes(K::Measure, "1e-9", "1e-9");
    writes(K::Measure, "1e30", "1e30");
}

#[test]
fn a_version_keeps_its_text() {
    for text in
        ["1.34", "580", "0.19.2", "2026-10-01", "1.2.0-rc.1", "3.5.1+cu130", "26.08", "1.30", "2.9.0a1"]
    {
        writes(K::Version, text, text);
    }
}

#[test]
fn a_mig_profile_has_slices_memory_and_attributes() {
    let plain = MigProfile { compute: None, slices: 3, memory_gb: 40, attribute: None };
    reads(K::MigProfile, "3g.40gb", plain);
    reads(K::MigProfile, "1c.3g.40gb", MigProfile { compute: Some(1), ..plain });
    for text in ["1g.10gb+me", "1g.24gb+me.all", "2g.48gb+gfx", "1g.24gb-me", "7g.278gb"] {
        writes(K::MigProfile, text, text);
    }
}

#[test]
fn an_address_range_is_written_in_its_shortest_form() {
    writes(K::Cidr, "10.40.0.0/16", "10.40.0.0/16");
    writes(K::Cidr, "0.0.0.0/0", "0.0.0.0/0");
    writes(K::Cidr, "FD00:0:0::/48", "fd00::/48");
    writes(K::Cidr, "::/0", "::/0");
    writes(K::Cidr, "::1/128", "::1/128");
}

#[test]
fn a_digest_may_lack_its_algorithm() {
    let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    writes(K::Digest, hex, &format!("sha256:{hex}"));
}

#[test]
fn a_cron_schedule_keeps_its_text() {
    for text in [
        "0 2 * * *",
        "*/15 * * * *",
        "0 8 * * 1-5",
        "0 0 1 jan MON",
        "0 3 * * 7",
        "5,35 0-6/2 1-15 */3 sat,sun",
    ] {
        writes(K::Cron, text, text);
    }
}

#[test]
fn an_image_may_have_a_registry_a_tag_and_a_digest() {
    let digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for text in [
        "ghcr.io/acme/tune:2026-11-16",
        "localhost:5000/a/b_c/d__e/f---g",
        "redis",
        "redis:8.2",
        "222222222222.dkr.ecr.eu-central-1.amazonaws.com/scorecard",
        &format!("ghcr.io/acme/eval@{digest}"),
        &format!("ghcr.io/acme/eval:1@{digest}"),
    ] {
        writes(K::ImageRef, text, text);
    }
}

#[test]
fn a_date_is_a_day_of_the_calendar() {
    reads(K::Date, "1970-01-01", Timestamp::of(0).expect("the epoch").date());
    for text in ["2027-01-31", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31", "1969-12-31"] {
        writes(K::Date, text, text);
    }
}

#[test]
fn a_timestamp_is_written_in_utc() {
    writes(K::Timestamp, "2027-01-11T11:30:00Z", "2027-01-11T11:30:00Z");
    writes(K::Timestamp, "2027-01-11T11:30:00+01:00", "2027-01-11T10:30:00Z");
    writes(K::Timestamp, "2026-12-31T23:30:00-05:30", "2027-01-01T05:00:00Z");
    writes(K::Timestamp, "2027-01-11T11:30:00.000Z", "2027-01-11T11:30:00Z");
}

#[test]
fn regions_and_time_zones_are_names() {
    for text in ["eu-central-1", "europe-west4", "westeurope", "us-gov-west-1", "berlin-1"] {
        writes(K::Region, text, text);
    }
    for text in
        ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+1", "America/Port-au-Prince"]
    {
        writes(K::Timezone, text, text);
    }
}

#[test]
fn only_ratios_measures_and_parameters_can_be_bare() {
    assert_eq!(parse_number(K::Ratio, "0.9"), Ok(Ratio(0.9).into()));
    assert_eq!(parse_number(K::Measure, "49"), Ok(Measure::Number(49.0).into()));
    assert_eq!(parse_number(K::Parameters, "13_015_864_320"), Ok(Parameters(13_015_864_320).into()));
    let bare = |kind: &&K| parse_number(**kind, "1").is_ok();
    assert_eq!(K::ALL.iter().filter(bare).collect::<Vec<_>>(), [&K::Ratio, &K::Parameters, &K::Measure]);
}
