use std::cmp::Ordering::{self, Equal, Greater, Less};

use crate::units::*;

fn version(text: &str) -> Version {
    Version::read(text).expect(text)
}

#[track_caller]
fn compares(left: &str, right: &str, expect: Ordering) {
    assert_eq!(version(left).compare(version(right)), expect, "{left} {right}");
    assert_eq!(version(right).compare(version(left)), expect.reverse(), "{right} {left}");
}

#[test]
fn versions_are_ordered_by_their_numbers() {
    compares("1.9", "1.10", Less);
    compares("1.34", "1.34.0", Equal);
    compares("580", "580.65.06", Less);
    compares("1.2.0-rc.1", "1.2.0", Less);
    compares("1.2.0rc2", "1.2.0-rc.1", Greater);
    compares("1.2.0-rc.1", "1.1.9", Greater);
    compares("2.9.0+cu130", "2.9.0", Greater);
    compares("2026-10-01", "2026-09-30", Greater);
    compares("1.34.1-eks-a", "1.34.1", Greater);
    compares("99999999999999999999999.1", "99999999999999999999998.2", Greater);
}

#[test]
fn a_version_knows_its_line() {
    assert!(version("580.65.06").is_a(version("580")));
    assert!(version("1.34").is_a(version("1.34.0")).eq(&false));
    assert!(!version("1.340").is_a(version("1.34")));
    assert!(version("1.34.2").at_least(version("1.34")));
    assert_eq!(
        (version("1.34.2").major(), version("1.34.2").minor(), version("580").minor()),
        (Some(1), Some(34), None)
    );
}

fn period(text: &str) -> Period {
    Period::read(text).expect(text)
}

#[test]
fn periods_compare_where_the_calendar_allows_it() {
    let compare = |left, right| period(left).compare(period(right));
    assert_eq!(compare("1y", "12mo"), Some(Equal));
    assert_eq!(compare("1mo", "30d"), None);
    assert_eq!(compare("1mo", "32d"), Some(Less));
    assert_eq!(compare("7y", "6mo"), Some(Greater));
    assert_eq!(compare("10y", "3653d"), None);
    assert_eq!(compare("10y", "3654d"), Some(Less));
    assert_eq!(compare("1y1d", "1y"), Some(Greater));
}

#[test]
fn the_bounds_of_a_period_hold_from_every_date() {
    for months in 0..=60 {
        let period = Period { months, days: 3 };
        let spans = (0..3000).filter_map(|n| {
            let start = Date::of(1893, 1, 1)?.plus_days(n * 29)?;
            // Days are held to the end of shorter months, so only starts that every month has show the true length.
            (start.civil().2 <= 28).then(|| start.plus(period).map(|end| end.days_since(start) as u64))?
        });
        let (low, high) = spans.fold((u64::MAX, 0), |(low, high), days| (low.min(days), high.max(days)));
        assert!(period.days_at_least() <= low && high <= period.days_at_most(), "{period}: {low} to {high}");
    }
}

#[test]
fn a_period_ends_on_a_day_that_exists() {
    let plus =
        |text: &str, by: &str| Date::read(text).expect(text).plus(period(by)).map(|date| date.to_string());
    assert_eq!(plus("2027-01-31", "1mo").as_deref(), Some("2027-02-28"));
    assert_eq!(plus("2024-02-29", "1y").as_deref(), Some("2025-02-28"));
    assert_eq!(plus("2026-12-15", "7y").as_deref(), Some("2033-12-15"));
    assert_eq!(plus("9999-12-31", "1d"), None);
}

#[test]
fn days_follow_one_another() {
    let mut date = Date::of(1890, 1, 1).expect("a day");
    assert_eq!(date.weekday(), 3);
    while date.civil().0 < 2110 {
        let next = date.plus_days(1).expect("the next day");
        let (year, month, day) = next.civil();
        assert!((year, month, day) > date.civil());
        assert_eq!(Date::of(year, month, day), Some(next));
        assert_eq!(next.weekday(), (date.weekday() + 1) % 7);
        date = next;
    }
}

#[test]
fn every_month_of_ten_thousand_years_has_its_days() {
    let mut first = Date::of(1, 1, 1).expect("the first day");
    for month in 0..9999 * 12 - 1 {
        let next = Date::of(month / 12 + 1, month as u32 % 12 + 1, 1).expect("a month");
        let following = Date::of((month + 1) / 12 + 1, (month + 1) as u32 % 12 + 1, 1).expect("a month");
        assert_eq!(first, next);
        let days = following.days_since(first) as u32;
        let last = first.plus_days(days - 1).expect("the last day").civil();
        assert_eq!((last.0, last.1, last.2), (first.civil().0, first.civil().1, days));
        first = following;
    }
    assert_eq!(first.plus_days(30).map(|date| date.to_string()).as_deref(), Some("9999-12-31"));
    assert_eq!(first.plus_days(31), None);
}

#[test]
fn moments_agree_with_known_ones() {
    let seconds = |text: &str| Timestamp::read(text).expect(text).seconds();
    assert_eq!(seconds("1970-01-01T00:00:00Z"), 0);
    assert_eq!(seconds("2001-09-09T01:46:40Z"), 1_000_000_000);
    assert_eq!(seconds("2038-01-19T03:14:08Z"), 1 << 31);
    assert_eq!(seconds("1969-12-31T23:59:59Z"), -1);
}

fn money(text: &str) -> Money {
    Money::read(text).expect(text)
}

fn money_rate(text: &str) -> MoneyRate {
    MoneyRate::read(text).expect(text)
}

#[test]
fn a_rate_of_money_over_a_time_is_money() {
    let over = |rate: &str, time: &str| {
        money_rate(rate).over(Duration::read(time).expect(time)).map(|m| m.to_string())
    };
    assert_eq!(over("98.32 USD/h", "36h").as_deref(), Some("3539.52 USD"));
    assert_eq!(over("24 USD/day", "1h").as_deref(), Some("1 USD"));
    assert_eq!(over("730 EUR/month", "30d").as_deref(), Some("720 EUR"));
    assert_eq!(over("1 USD/year", "1h").as_deref(), Some("0.000114 USD"));
    assert_eq!(over("9000000000000 USD/h", "2h"), None);
    assert_eq!(money_rate("10 USD/h").month(), Some(money("7300 USD")));
}

#[test]
fn rates_of_money_compare_for_the_same_time() {
    let compare = |left, right| money_rate(left).compare(money_rate(right));
    assert_eq!(compare("24 USD/day", "1 USD/h"), Some(Equal));
    assert_eq!(compare("180000 USD/month", "240 USD/h"), Some(Greater));
    assert_eq!(compare("1 USD/h", "1 EUR/h"), None);
    assert_ne!(money_rate("24 USD/day"), money_rate("1 USD/h"));
}

#[test]
fn money_adds_within_a_currency_and_converts_at_a_rate() {
    assert_eq!(money("1.10 USD").checked_add(money("2.20 USD")), Some(money("3.30 USD")));
    assert_eq!(money("1 USD").checked_add(money("1 EUR")), None);
    assert_eq!(money("39.33 USD").checked_mul(64), Some(money("2517.12 USD")));
    assert_eq!(money("9000000000000 USD").checked_mul(2), None);
    assert_eq!(money("1000 EUR").convert(Currency::USD, 1.09), Some(money("1090 USD")));
    assert_eq!(money("1000 EUR").convert(Currency::USD, f64::NAN), None);
    assert_eq!(
        money_rate("1 USD/h")
            .checked_add(money_rate("730 USD/month"))
            .map(|rate| rate.to_string())
            .as_deref(),
        Some("2 USD/h")
    );
}

#[test]
fn bytes_over_a_bandwidth_are_a_duration() {
    assert_eq!(Bytes(50_000_000_000).over(Bandwidth(400_000_000_000)), Some(Duration(1_000_000)));
    assert_eq!(Bytes(1).over(Bandwidth(3)), Some(Duration(2_666_667)));
    assert_eq!(Bytes(1).over(Bandwidth(0)), None);
    assert_eq!(Bytes(u64::MAX).over(Bandwidth(1)), None);
    assert_eq!(Throughput(500_000_000).of(Bytes::from_gib(24_000)), Some(Bandwidth(93_750_000_000)));
}

fn cidr(text: &str) -> Cidr {
    Cidr::read(text).expect(text)
}

#[test]
fn ranges_of_addresses_contain_and_overlap() {
    assert!(cidr("10.0.0.0/8").contains(cidr("10.40.0.0/16")));
    assert!(!cidr("10.40.0.0/16").contains(cidr("10.0.0.0/8")));
    assert!(cidr("10.40.0.0/16").overlaps(cidr("10.0.0.0/8")));
    assert!(!cidr("10.40.0.0/16").overlaps(cidr("10.41.0.0/16")));
    assert!(cidr("0.0.0.0/0").contains(cidr("255.255.255.255/32")));
    assert!(!cidr("::/0").overlaps(cidr("0.0.0.0/0")));
    assert_eq!(cidr("10.40.0.0/16").size(), 65_536);
    assert_eq!((cidr("::/0").size(), cidr("::/1").size()), (u128::MAX, 1 << 127));
}

#[test]
fn a_range_is_divided_into_parts() {
    let part = |text: &str, prefix, index| cidr(text).part(prefix, index).map(|range| range.to_string());
    assert_eq!(part("10.40.0.0/16", 18, 3).as_deref(), Some("10.40.192.0/18"));
    assert_eq!(part("10.40.0.0/16", 18, 4), None);
    assert_eq!(part("10.40.0.0/16", 8, 0), None);
    assert_eq!(part("10.40.0.0/16", 33, 0), None);
    assert_eq!(part("0.0.0.0/0", 32, u32::MAX).as_deref(), Some("255.255.255.255/32"));
    assert_eq!(part("fd00::/48", 64, 1).as_deref(), Some("fd00:0:0:1::/64"));
    assert_eq!(part("::/0", 0, 0).as_deref(), Some("::/0"));
}

#[track_caller]
fn fires(cron: &str, after: &str, expect: Option<&str>) {
    let times = Cron::read(cron).expect(cron).times();
    let next = times.next_after(Timestamp::read(after).expect(after)).map(|moment| moment.to_string());
    assert_eq!(next.as_deref(), expect, "{cron} after {after}");
}

#[test]
fn a_schedule_fires_when_all_its_fields_say_so() {
    fires("0 2 * * *", "2026-11-21T01:59:59Z", Some("2026-11-21T02:00:00Z"));
    fires("0 2 * * *", "2026-11-21T02:00:00Z", Some("2026-11-22T02:00:00Z"));
    fires("*/15 8-18 * * 1-5", "2026-11-20T18:50:00Z", Some("2026-11-23T08:00:00Z"));
    fires("0 3 * * 7", "2026-11-21T00:00:00Z", Some("2026-11-22T03:00:00Z"));
    fires("0 0 13 * fri", "2026-11-14T00:00:00Z", Some("2026-11-20T00:00:00Z"));
    fires("0 0 29 2 *", "2096-03-01T00:00:00Z", Some("2104-02-29T00:00:00Z"));
    fires("0 0 1 jan *", "2026-11-21T00:00:00Z", Some("2027-01-01T00:00:00Z"));
    fires("59 23 31 12 *", "9999-12-31T23:59:00Z", None);
    assert_eq!(Cron::read("0 */6 * * *").expect("cron").times().per_day(), 4);
}

#[test]
fn an_image_gives_its_parts() {
    let hex = "a".repeat(64);
    let image = ImageRef::read(&format!("localhost:5000/acme/tune:1@sha256:{hex}")).expect("an image");
    assert_eq!(
        (image.registry(), image.repository(), image.name(), image.tag(), image.digest().map(Digest::hex)),
        (Some("localhost:5000"), "acme/tune", "localhost:5000/acme/tune", Some("1"), Some(hex.as_str()))
    );
    let plain = ImageRef::read("acme/tune").expect("an image");
    assert_eq!(
        (plain.registry(), plain.repository(), plain.tag(), plain.digest()),
        (None, "acme/tune", None, None)
    );
    let pinned = plain.pinned(Digest::read(&hex).expect("a digest"));
    assert_eq!(pinned.to_string(), format!("acme/tune@sha256:{hex}"));
}

#[test]
fn measures_compare_within_a_dimension() {
    let measure = |text: &str| Measure::read(text).expect(text);
    let compare = |left, right| measure(left).compare(measure(right));
    assert_eq!(compare("0.72", "72%"), Some(Equal));
    assert_eq!(compare("1.5s", "1500ms"), Some(Equal));
    assert_eq!(compare("1.5s", "1"), None);
    assert_eq!(compare("120 tokens/min", "2 tokens/s"), Some(Equal));
    assert_eq!(compare("120 tokens/min", "2/s"), None);
    assert_eq!(compare("250 tokens", "2K tokens"), Some(Less));
    assert_eq!(compare("250 tokens", "250 steps"), None);
}

#[test]
fn accessors_say_their_unit() {
    assert!((Bytes::from_gib(80).gib() - 80.0).abs() < 1e-12);
    assert!((Duration::from_seconds(90).minutes() - 1.5).abs() < 1e-12);
    assert!((Rate::read("120/min").expect("a rate").per_second() - 2.0).abs() < 1e-12);
    assert!((money_rate("24 USD/day").per_hour() - 1.0).abs() < 1e-12);
    assert_eq!(Duration(1).whole_seconds(), 1);
}
