use purlin_syntax::Symbol;

use crate::units::*;

/// A small generator (xorshift): the same values in every run.
struct Generator(u64);

impl Generator {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Numbers of every size, round ones often.
    fn number(&mut self) -> u64 {
        let shift = self.below(64);
        let value = self.next() >> shift;
        match self.below(4) {
            0 => value,
            1 => value.saturating_mul(1_000_000_000),
            2 => (value >> 30) << 30,
            _ => self.below(1000).saturating_mul(10u64.pow(self.below(17) as u32)),
        }
    }
}

#[track_caller]
fn comes_back(value: impl Into<Quantity>) {
    let value = value.into();
    let text = value.to_string();
    assert_eq!(parse(value.kind(), &text), Ok(value), "{text}");
}

#[test]
fn what_is_written_reads_back_as_the_same_value() {
    let mut random = Generator(0x9e37_79b9_7f4a_7c15);
    let currencies = [Currency::USD, Currency::EUR];
    let words = ["", "tokens", "requests"];
    let pers = [RatePer::Second, RatePer::Minute, RatePer::Hour, RatePer::Day];
    let billing = [Per::Hour, Per::Day, Per::Month, Per::Year];
    for _ in 0..5000 {
        comes_back(Bytes(random.number()));
        comes_back(Bandwidth(random.number()));
        comes_back(Throughput(random.number()));
        comes_back(Duration(random.number()));
        comes_back(Tokens(random.number()));
        comes_back(Parameters(random.number()));
        comes_back(Steps(random.number()));
        comes_back(Extent::Tokens(Tokens(random.number())));
        comes_back(Measure::Duration(Duration(random.number())));
        comes_back(Measure::Count(random.number(), Symbol::intern("tokens")));
        comes_back(Flop(random.number() as f64 * 1e7));
        comes_back(Ratio(random.below(10_000_000) as f64 / 1e6));
        comes_back(Ratio(-(random.below(1_000_000_007) as f64) / 1_000_000_007.0));
        comes_back(Measure::Number(f64::from_bits(random.next() & 0x7fdf_ffff_ffff_ffff)));
        comes_back(Period { months: random.below(120_000) as u32, days: random.below(4000) as u32 });
        let (micros, which) = ((random.number() >> 1).cast_signed(), random.below(12) as usize);
        let currency = currencies[which % 2];
        comes_back(Money { micros, currency });
        comes_back(MoneyRate { micros, currency, per: billing[which % 4] });
        comes_back(Rate::of(random.number(), pers[which % 4], words[which % 3]));
        let moment = Timestamp::of(random.below(300_000_000_000).cast_signed() - 60_000_000_000);
        comes_back(moment.expect("years 68 to 9577"));
        comes_back(moment.expect("years 68 to 9577").date());
    }
}

#[test]
fn a_text_of_random_letters_is_no_panic_and_every_offer_reads() {
    let mut random = Generator(0x2545_f491_4f6c_dd1d);
    let letters: Vec<char> =
        "0123456789..--++//::  @,_*?%$€eEgGiIbBsSmMhdywTZ@USDtokensFLOP\u{0}é".chars().collect();
    for _ in 0..1000 {
        let length = random.below(16);
        let text: String =
            (0..length).map(|_| letters[random.below(letters.len() as u64) as usize]).collect();
        for &kind in QuantityKind::ALL {
            match parse(kind, &text) {
                Ok(value) => assert_eq!(parse(kind, &value.to_string()), Ok(value), "{kind:?} {text:?}"),
                Err(error) => {
                    assert!(error.offers.iter().all(|offer| parse(kind, offer).is_ok()), "{text:?}");
                }
            }
        }
    }
}
