//! Money, and money per time.

use std::cmp::Ordering;
use std::fmt;

use super::error::{likely, quoted};
use super::number::{Decimal, fixed};
use super::{Duration, QuantityKind, UnitError};

/// A currency by its ISO 4217 code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// An amount of money, in millionths of its currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Money {
    /// Millionths of the currency's unit.
    pub micros: i64,
    /// Of which currency.
    pub currency: Currency,
}

/// Money for each hour, day, month or year.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct MoneyRate {
    /// Millionths of the currency's unit, for each period.
    pub micros: i64,
    /// Of which currency.
    pub currency: Currency,
    /// For each of what.
    pub per: Per,
}

/// A period of billing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Per {
    /// An hour.
    Hour,
    /// A day of 24 hours.
    Day,
    /// A month of [`HOURS_PER_MONTH`].
    Month,
    /// A year of 8760 hours.
    Year,
}

/// The hours of a month in prices: a twelfth of 365 days, as the clouds' own calculators have it.
pub const HOURS_PER_MONTH: u32 = 730;

/// Currency codes of ISO 4217, list one, as of 2025, without funds, metals, tests and units of account. Kept by SIX
/// for ISO: six-group.com, "Data standards", "List one: currency, fund and precious metal codes".
const CURRENCIES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN \
    BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ \
    GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL \
    LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN \
    PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD \
    TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

impl Currency {
    /// The US dollar.
    pub const USD: Currency = Currency(*b"USD");
    /// The euro.
    pub const EUR: Currency = Currency(*b"EUR");

    /// A currency by its code in capitals.
    pub fn of(code: &str) -> Option<Currency> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        let (most, last) = CURRENCIES.as_bytes().as_chunks::<4>();
        let known = most.binary_search_by(|known| known[..3].cmp(&bytes[..])).is_ok() || last == bytes;
        known.then_some(Currency(bytes))
    }

    /// `USD`.
    pub fn code(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Money {
    pub(super) fn read(text: &str) -> Result<Money, UnitError> {
        let (micros, currency) = amount(QuantityKind::Money, text, text)?;
        Ok(Money { micros, currency })
    }

    /// In units of the currency.
    pub fn amount(self) -> f64 {
        self.micros as f64 / 1e6
    }

    /// The sum; `None` for two currencies, or if it does not fit.
    pub fn checked_add(self, other: Money) -> Option<Money> {
        let micros = self.micros.checked_add(other.micros)?;
        (self.currency == other.currency).then_some(Money { micros, ..self })
    }

    /// The difference; `None` for two currencies, or if it does not fit.
    pub fn checked_sub(self, other: Money) -> Option<Money> {
        let micros = self.micros.checked_sub(other.micros)?;
        (self.currency == other.currency).then_some(Money { micros, ..self })
    }

    /// So many times, if it fits.
    pub fn checked_mul(self, count: u64) -> Option<Money> {
        Some(Money { micros: self.micros.checked_mul(i64::try_from(count).ok()?)?, ..self })
    }

    /// In another currency: `rate` is how much of it one unit of this one costs. Rounded to the nearest millionth.
    pub fn convert(self, to: Currency, rate: f64) -> Option<Money> {
        Some(Money { micros: converted(self.micros, rate)?, currency: to })
    }

    /// Which is more; `None` for two currencies.
    pub fn compare(self, other: Money) -> Option<Ordering> {
        (self.currency == other.currency).then(|| self.micros.cmp(&other.micros))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_amount(f, self.micros, self.currency)
    }
}

impl MoneyRate {
    pub(super) fn read(text: &str) -> Result<MoneyRate, UnitError> {
        let Some((money, per)) = text.rsplit_once('/') else {
            return Err(without_period(text));
        };
        let Some(per) = Per::of(per) else {
            return Err(unknown_period(text, money, per));
        };
        let (micros, currency) = amount(QuantityKind::MoneyRate, money, text).map_err(|mut error| {
            error.offers.iter_mut().for_each(|offer| *offer = format!("{offer}/{}", per.word()));
            error
        })?;
        Ok(MoneyRate { micros, currency, per })
    }

    /// In units of the currency per hour.
    pub fn per_hour(self) -> f64 {
        self.micros as f64 / 1e6 / f64::from(self.per.hours())
    }

    /// In units of the currency per month.
    pub fn per_month(self) -> f64 {
        self.per_hour() * f64::from(HOURS_PER_MONTH)
    }

    /// What a month costs, rounded to the nearest millionth.
    pub fn month(self) -> Option<Money> {
        self.over(Duration(u64::from(HOURS_PER_MONTH) * 3_600_000_000))
    }

    /// What a span of time costs, rounded to the nearest millionth; `None` if it does not fit.
    pub fn over(self, time: Duration) -> Option<Money> {
        let period = i128::from(self.per.hours()) * 3_600_000_000;
        let micros = divided(i128::from(self.micros).checked_mul(i128::from(time.micros()))?, period);
        Some(Money { micros: i64::try_from(micros).ok()?, currency: self.currency })
    }

    /// The same cost per another period, rounded to the nearest millionth.
    pub fn per(self, per: Per) -> Option<MoneyRate> {
        let micros = divided(i128::from(self.micros) * i128::from(per.hours()), i128::from(self.per.hours()));
        Some(MoneyRate { micros: i64::try_from(micros).ok()?, per, ..self })
    }

    /// The sum, per the period of the first; `None` for two currencies, or if it does not fit.
    pub fn checked_add(self, other: MoneyRate) -> Option<MoneyRate> {
        let micros = self.micros.checked_add(other.per(self.per)?.micros)?;
        (self.currency == other.currency).then_some(MoneyRate { micros, ..self })
    }

    /// So many times, if it fits.
    pub fn checked_mul(self, count: u64) -> Option<MoneyRate> {
        Some(MoneyRate { micros: self.micros.checked_mul(i64::try_from(count).ok()?)?, ..self })
    }

    /// In another currency: `rate` is how much of it one unit of this one costs.
    pub fn convert(self, to: Currency, rate: f64) -> Option<MoneyRate> {
        Some(MoneyRate { micros: converted(self.micros, rate)?, currency: to, per: self.per })
    }

    /// Which is more for the same time; `None` for two currencies.
    pub fn compare(self, other: MoneyRate) -> Option<Ordering> {
        let cross = |a: MoneyRate, b: MoneyRate| i128::from(a.micros) * i128::from(b.per.hours());
        (self.currency == other.currency).then(|| cross(self, other).cmp(&cross(other, self)))
    }
}

impl fmt::Display for MoneyRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_amount(f, self.micros, self.currency)?;
        write!(f, "/{}", self.per.word())
    }
}

impl Per {
    fn of(word: &str) -> Option<Per> {
        [Per::Hour, Per::Day, Per::Month, Per::Year].into_iter().find(|per| per.word() == word)
    }

    /// `h`, `day`, `month`, `year`.
    pub const fn word(self) -> &'static str {
        match self {
            Per::Hour => "h",
            Per::Day => "day",
            Per::Month => "month",
            Per::Year => "year",
        }
    }

    /// How many hours it has.
    pub const fn hours(self) -> u32 {
        match self {
            Per::Hour => 1,
            Per::Day => 24,
            Per::Month => HOURS_PER_MONTH,
            Per::Year => 8760,
        }
    }
}

/// Millionths and currency of `98.32 USD`; `text` is the whole, for messages.
fn amount(kind: QuantityKind, money: &str, text: &str) -> Result<(i64, Currency), UnitError> {
    let Some((number, rest)) = Decimal::split(money) else {
        return Err(not_an_amount(kind, money, text));
    };
    let written = &money[..money.len() - rest.len()];
    let code = rest.strip_prefix(' ').unwrap_or(rest);
    if code.is_empty() {
        let offers = likely(QuantityKind::Money, written);
        return Err(UnitError::offering(format!("{} has no currency", quoted(text)), offers));
    }
    let Some(currency) = Currency::of(code) else {
        let offers = currency_meant(code).map(|code| format!("{written} {code}"));
        let message = format!("{} is not a currency of ISO 4217", quoted(code));
        return Err(UnitError::offering(message, offers));
    };
    if number.negative {
        return Err(UnitError::new(format!("{} is negative; {} cannot be", quoted(text), kind.phrase())));
    }
    match number.times(1_000_000).map(|(micros, exact)| (i64::try_from(micros), exact)) {
        Some((Ok(micros), true)) => Ok((micros, currency)),
        Some((_, false)) => {
            Err(UnitError::new(format!("{} is finer than a millionth of the currency", quoted(text))))
        }
        _ => Err(UnitError::new(format!("{} is too large for {}", quoted(text), kind.phrase()))),
    }
}

/// Offers for `$98.32` and `USD 98.32`.
fn not_an_amount(kind: QuantityKind, money: &str, text: &str) -> UnitError {
    let clean = money.replace([',', '_', '\''], "");
    let start = clean.find(|c: char| c.is_ascii_digit()).unwrap_or(clean.len());
    let (before, number) = clean.split_at(start);
    let offer = Decimal::read(number).and_then(|_| currency_meant(before.trim()));
    let offer = offer.map(|code| format!("{number} {code}"));
    UnitError::offering(format!("{} is not {}", quoted(text), kind.phrase()), offer)
}

/// The currency that a sign, a word or a code in small letters means; none where it could be several.
fn currency_meant(word: &str) -> Option<String> {
    let code = match word.to_lowercase().as_str() {
        "$" | "us$" | "dollar" | "dollars" => "USD",
        "€" | "euro" | "euros" => "EUR",
        "£" | "pound" | "pounds" => "GBP",
        "₹" => "INR",
        "chf." | "sfr" => "CHF",
        _ => &word.to_uppercase(),
    };
    Currency::of(code).map(|currency| currency.code().to_owned())
}

fn without_period(text: &str) -> UnitError {
    let money = text.replace(" per ", "/");
    if let Some((amount, per)) = money.rsplit_once('/') {
        return unknown_period(text, amount, per);
    }
    let offers = if Decimal::read(text).is_some() {
        likely(QuantityKind::MoneyRate, text)
    } else {
        vec![format!("{text}/h"), format!("{text}/month")]
    };
    UnitError::offering(format!("{} is not per hour, day, month or year", quoted(text)), offers)
}

fn unknown_period(text: &str, money: &str, per: &str) -> UnitError {
    let meant: &[&str] = match per.trim().to_lowercase().as_str() {
        "h" | "hr" | "hour" | "hours" => &["h"],
        "d" | "day" | "days" => &["day"],
        "mo" | "mon" | "month" | "months" => &["month"],
        "m" => &["month", "h"],
        "y" | "yr" | "a" | "year" | "years" => &["year"],
        _ => &[],
    };
    let message = format!("{} is not per hour, day, month or year", quoted(text));
    UnitError::offering(message, meant.iter().map(|per| format!("{}/{per}", money.trim())))
}

fn write_amount(f: &mut fmt::Formatter<'_>, micros: i64, currency: Currency) -> fmt::Result {
    let sign = if micros < 0 { "-" } else { "" };
    let mut number = fixed(u128::from(micros.unsigned_abs()), 6);
    if number.rfind('.').is_some_and(|point| point + 2 == number.len()) {
        number.push('0');
    }
    write!(f, "{sign}{number} {currency}")
}

/// The nearest whole number to a quotient; halves away from zero.
fn divided(number: i128, divisor: i128) -> i128 {
    let half = if number < 0 { -divisor / 2 } else { divisor / 2 };
    (number.saturating_add(half)) / divisor
}

fn converted(micros: i64, rate: f64) -> Option<i64> {
    let value = (micros as f64 * rate).round();
    (value.is_finite() && value.abs() < i64::MAX as f64).then_some(value as i64)
}

#[cfg(test)]
mod tests {
    use super::{CURRENCIES, Currency};

    #[test]
    fn every_currency_of_the_list_is_known() {
        let codes: Vec<&str> = CURRENCIES.split(' ').collect();
        assert!(codes.is_sorted() && codes.len() > 150, "{}", codes.len());
        for code in codes {
            assert_eq!(Currency::of(code).map(|currency| currency.to_string()).as_deref(), Some(code));
        }
    }
}
