//! Arithmetic with units: one table says what comes of two types, and one function does it.

use std::rc::Rc;

use purlin_schema::units::{
    Bandwidth, Bytes, Duration, Flop, Money, MoneyRate, Parameters, Per, Period, Quantity, QuantityKind,
    Rate, Ratio, Steps, Throughput, Tokens,
};

use super::tree::Operator;
use super::types::Ty;
use super::value::Val;

/// The most bytes of a text, and the most elements of a list, that an expression makes.
const LARGEST: usize = 1 << 16;

/// The type of `left operator right`; `None` where the two do not go together.
pub(super) fn result(operator: Operator, left: &Ty, right: &Ty) -> Option<Ty> {
    use Operator as O;
    if left.is_open() || right.is_open() {
        let never =
            |ty: &Ty| matches!(ty, Ty::Group(_) | Ty::Range(_) | Ty::Record(_) | Ty::Resource(_) | Ty::Bool);
        return (!never(left) && !never(right)).then_some(Ty::Any);
    }
    match (operator, left, right) {
        (O::Add, a, b) if a.is_text() && b.is_text() => Some(Ty::Text),
        (O::Add, Ty::List(a), Ty::List(b)) => Some(Ty::List(Box::new((**a).clone().joined((**b).clone())))),
        (O::Add | O::Subtract | O::Multiply | O::Divide | O::Remainder, Ty::Int, Ty::Int) => Some(Ty::Int),
        (_, Ty::Amount(a), Ty::Amount(b)) => of_two(operator, *a, *b),
        (O::Multiply, a, Ty::Amount(kind)) if a.is_number() && scales(*kind) => Some(Ty::Amount(*kind)),
        (O::Multiply | O::Divide, Ty::Amount(kind), b) if b.is_number() && scales(*kind) => {
            Some(Ty::Amount(*kind))
        }
        (O::Add | O::Subtract | O::Multiply | O::Divide, a, b) if a.is_number() && b.is_number() => {
            Some(Ty::Number)
        }
        _ => None,
    }
}

fn of_two(operator: Operator, a: QuantityKind, b: QuantityKind) -> Option<Ty> {
    use Operator as O;
    use QuantityKind as K;
    let amount = match (operator, a, b) {
        (O::Add | O::Subtract, a, b) if a == b && (scales(a) || a == K::Period) => a,
        (O::Add, K::Date, K::Period) => K::Date,
        (O::Add, K::Timestamp, K::Duration) => K::Timestamp,
        (O::Subtract, K::Date, K::Date) | (O::Subtract, K::Timestamp, K::Timestamp) => K::Duration,
        (O::Multiply, K::Ratio, b) if scales(b) => b,
        (O::Multiply, a, K::Ratio) if scales(a) => a,
        (O::Multiply, K::Parameters, b) | (O::Multiply, b, K::Parameters) if scales(b) => b,
        (O::Multiply, K::Bandwidth, K::Duration) | (O::Multiply, K::Duration, K::Bandwidth) => K::Bytes,
        (O::Multiply, K::MoneyRate, K::Duration) | (O::Multiply, K::Duration, K::MoneyRate) => K::Money,
        (O::Divide, K::Bytes, K::Duration) => K::Bandwidth,
        (O::Divide, K::Bytes, K::Bandwidth) => K::Duration,
        (O::Divide, K::Money, K::Duration) => K::MoneyRate,
        (O::Divide, K::Ratio, K::Ratio) => return Some(Ty::Number),
        (O::Divide, a, b) if a == b && scales(a) => return Some(Ty::Number),
        (O::Divide, a, K::Ratio | K::Parameters) if scales(a) => a,
        (O::Remainder, a, b) if a == b && scales(a) && a != K::Ratio && a != K::Flop => a,
        _ => return None,
    };
    Some(Ty::Amount(amount))
}

/// Whether there is twice as much of it.
fn scales(kind: QuantityKind) -> bool {
    use QuantityKind as K;
    matches!(
        kind,
        K::Bytes
            | K::Bandwidth
            | K::Throughput
            | K::Duration
            | K::Money
            | K::MoneyRate
            | K::Ratio
            | K::Rate
            | K::Tokens
            | K::Parameters
            | K::Flop
            | K::Steps
    )
}

/// `left operator right`, or why there is no such value.
pub(super) fn apply<'a>(operator: Operator, left: &Val<'a>, right: &Val<'a>) -> Result<Val<'a>, String> {
    match (left, right) {
        (Val::Unknown, _) | (_, Val::Unknown) => return Ok(Val::Unknown),
        (Val::Absent, _) | (_, Val::Absent) => return Ok(Val::Absent),
        (Val::Int(a), Val::Int(b)) => return whole(operator, *a, *b).map(Val::Int),
        (Val::Quantity(a), Val::Quantity(b)) => {
            if let Some(result) = two(operator, *a, *b)? {
                return Ok(result);
            }
        }
        (Val::Quantity(a), b) => {
            if let Some(factor) = b.number()
                && !matches!(a, Quantity::Ratio(_) | Quantity::Parameters(_))
            {
                return one(operator, *a, factor);
            }
        }
        (a, Val::Quantity(b)) => {
            if let (Some(factor), Operator::Multiply) = (a.number(), operator)
                && !matches!(b, Quantity::Ratio(_) | Quantity::Parameters(_))
            {
                return one(operator, *b, factor);
            }
        }
        (Val::List(a), Val::List(b)) if operator == Operator::Add => {
            if a.len() + b.len() > LARGEST {
                return Err(format!("a list of more than {LARGEST} elements"));
            }
            return Ok(Val::List(a.iter().chain(b.iter()).cloned().collect()));
        }
        _ => {}
    }
    if let (Some(a), Some(b)) = (left.number(), right.number()) {
        return number(operator, a, b).map(Val::Number);
    }
    if let (Operator::Add, Some(a), Some(b)) = (operator, left.text(), right.text()) {
        if a.len() + b.len() > LARGEST {
            return Err(format!("a text of more than {LARGEST} bytes"));
        }
        return Ok(Val::Made(Rc::from(format!("{a}{b}"))));
    }
    Err(format!("{} and {} cannot be {}", left.phrase(), right.phrase(), operator.done()))
}

fn whole(operator: Operator, a: i64, b: i64) -> Result<i64, String> {
    let result = match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply => a.checked_mul(b),
        Operator::Divide | Operator::Remainder if b == 0 => return Err(format!("{a} is divided by zero")),
        Operator::Divide => a.checked_div(b),
        _ => a.checked_rem(b),
    };
    result.ok_or_else(|| format!("{a} and {b} {} are beyond 64 bits", operator.done()))
}

fn number(operator: Operator, a: f64, b: f64) -> Result<f64, String> {
    let result = match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide if b == 0.0 => return Err(format!("{a} is divided by zero")),
        Operator::Divide => a / b,
        _ => return Err("a number with a fraction has no remainder".to_owned()),
    };
    if result.is_finite() {
        Ok(result)
    } else {
        Err(format!("{a} and {b} {} have no finite value", operator.done()))
    }
}

/// A quantity and a number.
fn one<'a>(operator: Operator, a: Quantity, factor: f64) -> Result<Val<'a>, String> {
    if !scales(a.kind()) || !matches!(operator, Operator::Multiply | Operator::Divide) {
        return Err(format!("{} and a number cannot be {}", a.kind().phrase(), operator.done()));
    }
    if operator == Operator::Divide && factor == 0.0 {
        return Err(format!("{a} is divided by zero"));
    }
    if let Quantity::Flop(flop) = a {
        return number(operator, flop.0, factor).and_then(flops);
    }
    let Some(amount) = amount(a) else { return Err(format!("{a} cannot be {}", operator.done())) };
    // Whole factors stay exact; others are rounded to the smallest unit.
    let exact = factor.fract() == 0.0 && factor.abs() < 9e15;
    let result = match operator {
        Operator::Multiply if exact => amount.checked_mul(factor as i128),
        Operator::Multiply => rounded(amount as f64 * factor),
        _ if exact => Some(divided(amount, factor as i128)),
        _ => rounded(amount as f64 / factor),
    };
    made(a, result)
}

fn rounded(value: f64) -> Option<i128> {
    (value.abs() < 1e30).then(|| value.round() as i128)
}

/// To the nearest.
fn divided(a: i128, b: i128) -> i128 {
    let (quotient, remainder) = (a / b, a % b);
    let up = remainder.unsigned_abs() * 2 >= b.unsigned_abs();
    quotient + if up { a.signum() * b.signum() } else { 0 }
}

/// Two quantities; `None` where they are to be taken as numbers.
fn two<'a>(operator: Operator, a: Quantity, b: Quantity) -> Result<Option<Val<'a>>, String> {
    use Operator as O;
    use Quantity as Q;
    let refused = || format!("{} and {} cannot be {}", a.kind().phrase(), b.kind().phrase(), operator.done());
    let too_large = || format!("{a} and {b} {} do not fit", operator.done());
    let value = |quantity: Option<Quantity>| quantity.map(Val::Quantity).map(Some).ok_or_else(too_large);
    match (operator, a, b) {
        (O::Add | O::Subtract, Q::Ratio(a), Q::Ratio(b)) => {
            Ok(Some(Val::Quantity(Q::Ratio(Ratio(number(operator, a.0, b.0)?)))))
        }
        (_, Q::Ratio(_), Q::Ratio(_) | Q::Parameters(_)) | (_, Q::Parameters(_), Q::Ratio(_)) => Ok(None),
        (O::Multiply, Q::Ratio(Ratio(factor)), b) => one(operator, b, factor).map(Some),
        (O::Multiply | O::Divide, a, Q::Ratio(Ratio(factor))) => one(operator, a, factor).map(Some),
        (O::Multiply, Q::Parameters(Parameters(count)), b) => one(operator, b, count as f64).map(Some),
        (O::Multiply, a, Q::Parameters(Parameters(count))) => one(operator, a, count as f64).map(Some),
        (O::Add | O::Subtract, Q::Flop(a), Q::Flop(b)) => {
            number(operator, a.0, b.0).and_then(flops).map(Some)
        }
        (O::Divide, Q::Flop(a), Q::Flop(b)) => Ok(Some(Val::Number(number(operator, a.0, b.0)?))),
        (O::Add, Q::Period(a), Q::Period(b)) => value(sum(a, b).map(Q::Period)),
        (O::Add, Q::Date(a), Q::Period(b)) => value(a.plus(b).map(Q::Date)),
        (O::Add, Q::Timestamp(a), Q::Duration(b)) => value(a.plus(b).map(Q::Timestamp)),
        (O::Subtract, Q::Date(a), Q::Date(b)) => {
            let days = u64::try_from(a.days_since(b)).map_err(|_| format!("{a} is before {b}"))?;
            Ok(Some(Val::Quantity(Q::Duration(Duration(days * 86_400_000_000)))))
        }
        (O::Subtract, Q::Timestamp(a), Q::Timestamp(b)) => {
            let time = a.since(b).ok_or_else(|| format!("{a} is before {b}"))?;
            Ok(Some(Val::Quantity(Q::Duration(time))))
        }
        (O::Multiply, Q::Bandwidth(rate), Q::Duration(time))
        | (O::Multiply, Q::Duration(time), Q::Bandwidth(rate)) => {
            let bytes =
                i128::from(rate.0).checked_mul(i128::from(time.0)).map(|bits| divided(bits, 8_000_000));
            made(Q::Bytes(Bytes(0)), bytes).map(Some)
        }
        (O::Multiply, Q::MoneyRate(rate), Q::Duration(time))
        | (O::Multiply, Q::Duration(time), Q::MoneyRate(rate)) => value(rate.over(time).map(Q::Money)),
        (O::Divide, Q::Bytes(bytes), Q::Duration(time)) if time.0 > 0 => made(
            Q::Bandwidth(Bandwidth(0)),
            Some(divided(i128::from(bytes.0) * 8_000_000, i128::from(time.0))),
        )
        .map(Some),
        (O::Divide, Q::Bytes(bytes), Q::Bandwidth(rate)) if rate.0 > 0 => {
            value(bytes.over(rate).map(Q::Duration))
        }
        (O::Divide, Q::Money(money), Q::Duration(time)) if time.0 > 0 => {
            let micros = divided(i128::from(money.micros) * 3_600_000_000, i128::from(time.0));
            made(
                Q::MoneyRate(MoneyRate { micros: 0, currency: money.currency, per: Per::Hour }),
                Some(micros),
            )
            .map(Some)
        }
        (O::Divide, _, Q::Duration(Duration(0)) | Q::Bandwidth(Bandwidth(0))) => {
            Err(format!("{a} is divided by zero"))
        }
        _ if a.kind() == b.kind() && scales(a.kind()) => alike(operator, a, b).map(Some),
        _ => Err(refused()),
    }
}

/// Two amounts of one type.
fn alike<'a>(operator: Operator, a: Quantity, b: Quantity) -> Result<Val<'a>, String> {
    let refused = || format!("{a} and {b} cannot be {}", operator.done());
    let b = match (a, b) {
        (Quantity::Money(a), Quantity::Money(b)) if a.currency != b.currency => return Err(refused()),
        (Quantity::MoneyRate(a), Quantity::MoneyRate(b)) if a.currency != b.currency => return Err(refused()),
        (Quantity::MoneyRate(a), Quantity::MoneyRate(b)) => match b.per(a.per) {
            Some(b) => Quantity::MoneyRate(b),
            None => return Err(refused()),
        },
        (Quantity::Rate(a), Quantity::Rate(b)) => {
            if a.what() != b.what() {
                return Err(refused());
            }
            let scale = u64::from(a.per.seconds()).checked_mul(b.micros).ok_or_else(refused)?;
            Quantity::Rate(Rate::of(scale / u64::from(b.per.seconds()), a.per, a.what().unwrap_or("")))
        }
        (_, b) => b,
    };
    let (Some(first), Some(second)) = (amount(a), amount(b)) else { return Err(refused()) };
    match operator {
        Operator::Add => made(a, first.checked_add(second)),
        Operator::Subtract if first < second && !matches!(a, Quantity::Money(_) | Quantity::MoneyRate(_)) => {
            Err(format!("{a} less {b} is below zero"))
        }
        Operator::Subtract => made(a, first.checked_sub(second)),
        Operator::Divide | Operator::Remainder if second == 0 => Err(format!("{a} is divided by zero")),
        Operator::Divide => Ok(Val::Number(first as f64 / second as f64)),
        Operator::Remainder => made(a, first.checked_rem(second)),
        _ => Err(refused()),
    }
}

fn flops<'a>(value: f64) -> Result<Val<'a>, String> {
    if value < 0.0 {
        Err("FLOP cannot be negative".to_owned())
    } else {
        Ok(Val::Quantity(Quantity::Flop(Flop(value))))
    }
}

fn sum(a: Period, b: Period) -> Option<Period> {
    Some(Period { months: a.months.checked_add(b.months)?, days: a.days.checked_add(b.days)? })
}

/// How many of the smallest unit.
fn amount(quantity: Quantity) -> Option<i128> {
    Some(match quantity {
        Quantity::Bytes(value) => value.0.into(),
        Quantity::Bandwidth(value) => value.0.into(),
        Quantity::Throughput(value) => value.0.into(),
        Quantity::Duration(value) => value.0.into(),
        Quantity::Money(value) => value.micros.into(),
        Quantity::MoneyRate(value) => value.micros.into(),
        Quantity::Rate(value) => value.micros.into(),
        Quantity::Tokens(value) => value.0.into(),
        Quantity::Parameters(value) => value.0.into(),
        Quantity::Steps(value) => value.0.into(),
        _ => return None,
    })
}

/// So many of the smallest unit, of the type (currency, period) of another.
fn made<'a>(like: Quantity, amount: Option<i128>) -> Result<Val<'a>, String> {
    let kind = like.kind();
    let amount = amount.ok_or_else(|| format!("the result does not fit into {}", kind.phrase()))?;
    let count = u64::try_from(amount).map_err(|_| match amount {
        ..0 => format!("the result is below zero; {} cannot be", kind.phrase()),
        _ => format!("the result is too large for {}", kind.phrase()),
    });
    let micros = i64::try_from(amount).map_err(|_| format!("the result is too large for {}", kind.phrase()));
    Ok(Val::Quantity(match like {
        Quantity::Bytes(_) => Quantity::Bytes(Bytes(count?)),
        Quantity::Bandwidth(_) => Quantity::Bandwidth(Bandwidth(count?)),
        Quantity::Throughput(_) => Quantity::Throughput(Throughput(count?)),
        Quantity::Duration(_) => Quantity::Duration(Duration(count?)),
        Quantity::Money(money) => Quantity::Money(Money { micros: micros?, ..money }),
        Quantity::MoneyRate(rate) => Quantity::MoneyRate(MoneyRate { micros: micros?, ..rate }),
        Quantity::Rate(rate) => Quantity::Rate(Rate::of(count?, rate.per, rate.what().unwrap_or(""))),
        Quantity::Tokens(_) => Quantity::Tokens(Tokens(count?)),
        Quantity::Parameters(_) => Quantity::Parameters(Parameters(count?)),
        Quantity::Steps(_) => Quantity::Steps(Steps(count?)),
        other => return Err(format!("{} cannot be calculated with", other.kind().phrase())),
    }))
}

/// `-value`.
pub(super) fn negate<'a>(value: &Val<'a>) -> Result<Val<'a>, String> {
    match value {
        Val::Unknown => Ok(Val::Unknown),
        Val::Absent => Ok(Val::Absent),
        Val::Int(value) => {
            value.checked_neg().map(Val::Int).ok_or_else(|| format!("-{value} is beyond 64 bits"))
        }
        Val::Number(value) => Ok(Val::Number(-value)),
        Val::Quantity(Quantity::Ratio(ratio)) => Ok(Val::Quantity(Quantity::Ratio(Ratio(-ratio.0)))),
        Val::Quantity(Quantity::Money(money)) => {
            let micros = money.micros.checked_neg().ok_or("the result is too large for money")?;
            Ok(Val::Quantity(Quantity::Money(Money { micros, ..*money })))
        }
        other => Err(format!("{} has no negative", other.phrase())),
    }
}
