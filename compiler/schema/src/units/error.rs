//! What is said about a text that is no quantity of the type that is wanted.

use super::number::count;
use super::{QuantityKind, read};

/// A text is not of the type that is wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnitError {
    /// What is wrong; stands alone.
    pub message: String,
    /// Whole replacement texts, without quotes, the likeliest first. Each of them reads.
    pub offers: Vec<String>,
}

impl UnitError {
    pub(super) fn new(message: impl Into<String>) -> UnitError {
        UnitError { message: message.into(), offers: Vec::new() }
    }

    pub(super) fn offering(
        message: impl Into<String>,
        offers: impl IntoIterator<Item = String>,
    ) -> UnitError {
        UnitError { message: message.into(), offers: offers.into_iter().collect() }
    }
}

/// A text in a message: between backticks, shortened, without control characters.
pub(super) fn quoted(text: &str) -> String {
    const SHOWN: usize = 48;
    let mut shown: String = text.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.len() > SHOWN && text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// Completes an error: keeps the offers that read, and says so where the text is of another type altogether.
pub(super) fn explain(kind: QuantityKind, text: &str, mut error: UnitError) -> UnitError {
    error.offers.retain(|offer| read(kind, offer).is_ok());
    if error.offers.is_empty() {
        error.offers = without_separators(text);
        error.offers.retain(|offer| read(kind, offer).is_ok());
        if !error.offers.is_empty() {
            error.message = format!("{} has a separator between its digits", quoted(text));
        }
    }
    if error.offers.is_empty() {
        let is = |other: QuantityKind| other != kind && may_be(other, text) && read(other, text).is_ok();
        let other = OTHERS.iter().copied().find(|other| is(*other));
        if let Some(other) = other {
            error.message = format!("{} is {}; {}", quoted(text), other.phrase(), wanted(kind));
        }
        // What is of another type is another thing, except that a count may have been given the wrong noun.
        if other.is_none_or(|other| is_count(other) && is_count(kind)) {
            error.offers = with_other_word(kind, text);
            error.offers.retain(|offer| read(kind, offer).is_ok());
        }
    }
    error
}

/// Whether a text ends, or holds a sign, as the texts of a type do: reading each as what it is not costs more.
pub(super) fn may_be(kind: QuantityKind, text: &str) -> bool {
    use QuantityKind as K;
    let last = text.bytes().last().unwrap_or(0);
    match kind {
        K::Duration => matches!(last, b'h' | b'n' | b's' | b'd' | b'm' | b'w'),
        K::Period => matches!(last, b'y' | b'o' | b'w' | b'd'),
        K::Bytes => last == b'B',
        K::Bandwidth => last == b's',
        K::Throughput => text.ends_with("/TiB"),
        K::MoneyRate | K::Rate | K::Cidr => text.contains('/'),
        K::Money => last.is_ascii_uppercase(),
        K::Tokens | K::Steps => last == b's',
        K::Flop => last == b'P',
        K::Date | K::Timestamp => text.contains('-'),
        K::MigProfile => text.contains('g'),
        K::Cron => text.contains(' '),
        K::Ratio => last == b'%' || last.is_ascii_digit(),
        _ => true,
    }
}

/// Whether it is a number of something that has no unit but its noun.
fn is_count(kind: QuantityKind) -> bool {
    matches!(kind, QuantityKind::Tokens | QuantityKind::Parameters | QuantityKind::Steps | QuantityKind::Flop)
}

/// The number that a text begins with, with the likely units instead of the word behind it. What money a number is of
/// cannot be guessed.
fn with_other_word(kind: QuantityKind, text: &str) -> Vec<String> {
    let Some((number, _, rest)) = count(text) else { return Vec::new() };
    let word = rest.trim();
    let is_word =
        word.starts_with(char::is_alphabetic) && word.chars().all(|c| c.is_alphabetic() || c == '-');
    // Where the word is right, the number is not.
    let number_is_wrong = read(kind, &format!("1{rest}")).is_ok();
    if number.negative
        || !is_word
        || number_is_wrong
        || matches!(kind, QuantityKind::Money | QuantityKind::MoneyRate)
    {
        return Vec::new();
    }
    likely(kind, &text[..text.len() - rest.len()])
}

/// The plain numbers that a text with a unit may mean: `8192 tokens`, `2M`, `90%`, `8,192`; the likeliest first.
pub(crate) fn plain_numbers(text: &str) -> Vec<f64> {
    if text.len() > super::LONGEST {
        return Vec::new();
    }
    let read = |text: &str| {
        let (number, factor, rest) = count(text)?;
        let unit = rest.trim();
        let number = if unit == "%" { number.shifted(-2)? } else { number };
        let is_unit = unit.is_empty() || unit == "%" || unit.starts_with(char::is_alphabetic);
        Some(number.to_f64()? * factor as f64).filter(|_| is_unit)
    };
    match read(text) {
        Some(number) => vec![number],
        None => without_separators(text).iter().filter_map(|text| read(text)).collect(),
    }
}

/// What `1,000GiB` and `1,5GiB` may mean; nothing where no separator stands between digits.
fn without_separators(text: &str) -> Vec<String> {
    let is_digit = |b: Option<&u8>| b.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    let separates = |at: usize| {
        matches!(bytes[at], b',' | b'_' | b'\'')
            && at > 0
            && is_digit(bytes.get(at - 1))
            && is_digit(bytes.get(at + 1))
    };
    let places: Vec<usize> = (0..bytes.len()).filter(|at| separates(*at)).collect();
    let Some(&last) = places.last() else { return Vec::new() };
    let kept = |(at, c): (usize, char)| (!places.contains(&at)).then_some(c);
    let without: String = text.char_indices().filter_map(kept).collect();
    if places.len() > 1 || bytes[last] != b',' {
        return vec![without];
    }
    let with_point = text.replacen(',', ".", 1);
    let digits_after = bytes[last + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
    if digits_after == 3 { vec![without, with_point] } else { vec![with_point] }
}

/// The error for a bare number where a unit is needed.
pub(super) fn bare(kind: QuantityKind, source: &str, plain: &str) -> UnitError {
    let message = match kind {
        QuantityKind::Version => format!("{} is a number; a version is text", quoted(source)),
        _ => format!("{} is a bare number; {}", quoted(source), wanted(kind)),
    };
    let mut error = UnitError::offering(message, likely(kind, plain));
    error.offers.retain(|offer| read(kind, offer).is_ok());
    error
}

/// `bytes are wanted`, `a duration is wanted`.
fn wanted(kind: QuantityKind) -> String {
    use QuantityKind as K;
    let verb = if matches!(kind, K::Bytes | K::Tokens | K::Parameters | K::Steps) { "are" } else { "is" };
    format!("{} {verb} wanted", kind.phrase())
}

/// The number with the units that are likely meant.
pub(super) fn likely(kind: QuantityKind, number: &str) -> Vec<String> {
    use QuantityKind as K;
    let units: &[&str] = match kind {
        K::Bytes => &["GiB", "GB"],
        K::Bandwidth => &["Gbps", "GB/s"],
        K::Throughput => &["MB/s/TiB"],
        K::Duration => &["s", "min", "h"],
        K::Period => &["d", "mo", "y"],
        K::Money => &[" USD", " EUR"],
        K::MoneyRate => &[" USD/h", " USD/month"],
        K::Ratio => &["%"],
        K::Rate => &["/s", "/min"],
        K::Tokens => &[" tokens"],
        K::Flop => &[" FLOP"],
        K::Steps => &[" steps"],
        K::Parameters => &[""],
        K::Extent => &[" steps", "min", " tokens"],
        K::Version => &[""],
        _ => &[],
    };
    units.iter().map(|unit| format!("{number}{unit}")).collect()
}

/// The types that a text is tried as when it is not of the type that is wanted: those whose texts cannot be mistaken.
const OTHERS: &[QuantityKind] = &[
    QuantityKind::Duration,
    QuantityKind::Bytes,
    QuantityKind::Bandwidth,
    QuantityKind::Throughput,
    QuantityKind::MoneyRate,
    QuantityKind::Money,
    QuantityKind::Rate,
    QuantityKind::Tokens,
    QuantityKind::Steps,
    QuantityKind::Flop,
    QuantityKind::Date,
    QuantityKind::Timestamp,
    QuantityKind::Cidr,
    QuantityKind::MigProfile,
    QuantityKind::Period,
    QuantityKind::Cron,
    QuantityKind::Ratio,
];
