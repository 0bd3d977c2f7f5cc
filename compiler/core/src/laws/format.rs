//! Numbers as messages print them, with a rounding that never depends on the machine.

use super::interval::{GIB, Interval};

/// A size in GiB with one decimal: `32.5 GiB`.
pub fn gib(bytes: f64) -> String {
    format!("{} GiB", decimals(bytes / GIB, 1))
}

/// A range of sizes in GiB with one decimal: `19.1–33.4 GiB`, or one number where both print the same.
pub fn gib_range(bytes: Interval) -> String {
    range(bytes / GIB, 1, "GiB")
}

/// A size in the largest binary unit that keeps it at least one: `128 KiB`, `5.17 TiB`.
pub fn size(bytes: f64) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut value = bytes;
    let mut unit = 0;
    while value.abs() >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{} {}", significant(value), UNITS[unit])
}

/// A count in thousands, millions, billions or trillions, three digits: `1.80 B`, `405 B`, `512`.
pub fn count(value: f64) -> String {
    const STEPS: [(f64, &str); 4] = [(1e12, " T"), (1e9, " B"), (1e6, " M"), (1e3, " K")];
    match STEPS.iter().find(|(step, _)| value.abs() >= *step) {
        Some((step, suffix)) => format!("{}{suffix}", significant(value / step)),
        None => decimals(value, usize::from(value.fract() != 0.0)),
    }
}

/// A duration in seconds, in the unit a person would choose: `22 s`, `48 min`, `4.3 h`, `52.9 d`.
pub fn duration(seconds: f64) -> String {
    let magnitude = seconds.abs();
    if magnitude < 1.0 {
        format!("{} ms", decimals(seconds * 1e3, usize::from(magnitude < 0.01)))
    } else if magnitude < 600.0 {
        format!("{} s", decimals(seconds, usize::from(magnitude < 10.0)))
    } else if magnitude < 10_800.0 {
        format!("{} min", decimals(seconds / 60.0, 0))
    } else if magnitude < 259_200.0 {
        format!("{} h", decimals(seconds / 3600.0, 1))
    } else {
        format!("{} d", decimals(seconds / 86_400.0, 1))
    }
}

/// A fraction as a percentage: `2.0%`, `38%` from ten on.
pub fn percent(fraction: f64) -> String {
    let value = fraction * 100.0;
    format!("{}%", decimals(value, usize::from(value.abs() < 9.95)))
}

/// An integer with thousands separated: `8,030,261,248`.
pub fn integer(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Two ends with an en dash between them and the unit once; one number where both print the same.
pub fn range(value: Interval, places: usize, unit: &str) -> String {
    let (low, high) = (decimals(value.low, places), decimals(value.high, places));
    if low == high { format!("{low} {unit}") } else { format!("{low}–{high} {unit}") }
}

/// A number with a fixed count of decimals; never `-0`, and a word where it is no finite number.
pub fn decimals(value: f64, places: usize) -> String {
    if value.is_nan() {
        return "unknown".to_owned();
    }
    if value.is_infinite() {
        return "unbounded".to_owned();
    }
    let text = format!("{value:.places$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|byte| byte == b'0' || byte == b'.') => rest.to_owned(),
        _ => text,
    }
}

/// Three significant digits: `1.80`, `16.1`, `405`.
fn significant(value: f64) -> String {
    let magnitude = value.abs();
    let places = if magnitude == 0.0 || magnitude >= 99.95 { 0 } else { 1 + usize::from(magnitude < 9.995) };
    decimals(value, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        assert_eq!(text, expect);
    }

    #[test]
    fn sizes_in_gib_have_one_decimal() {
        check(&gib(34_896_609_280.0), "32.5 GiB");
        check(&gib_range(Interval::new(19.05, 33.39) * GIB), "19.1–33.4 GiB");
        check(&gib_range(Interval::exactly(4.0 * GIB)), "4.0 GiB");
    }

    #[test]
    fn sizes_choose_their_unit() {
        check(&size(131_072.0), "128 KiB");
        check(&size(5.17 * 1024.0 * GIB), "5.17 TiB");
        check(&size(0.0), "0 B");
    }

    #[test]
    fn counts_have_three_digits() {
        check(&count(1.8e9), "1.80 B");
        check(&count(405_853_388_800.0), "406 B");
        check(&count(16_060.0), "16.1 K");
        check(&count(512.0), "512");
    }

    #[test]
    fn durations_choose_their_unit() {
        check(&duration(0.0385), "38 ms");
        check(&duration(0.0025), "2.5 ms");
        check(&duration(94.4), "94 s");
        check(&duration(2878.0), "48 min");
        check(&duration(4.3 * 3600.0), "4.3 h");
        check(&duration(52.9 * 86_400.0), "52.9 d");
    }

    #[test]
    fn percentages_below_ten_keep_a_decimal() {
        check(&percent(0.0197), "2.0%");
        check(&percent(0.38), "38%");
    }

    #[test]
    fn integers_are_grouped_by_three() {
        check(&integer(8_030_261_248), "8,030,261,248");
        check(&integer(512), "512");
    }

    #[test]
    fn what_is_no_number_says_so() {
        check(&gib(f64::NAN), "unknown GiB");
        check(&decimals(-0.01, 1), "0.0");
    }
}
