//! Values without parts, as a tape holds them.

use std::fmt::{Arguments, Display, Write};

use purlin_syntax::Symbol;

/// What a value without parts is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LeafKind {
    /// Text, as it is meant: each printer quotes and escapes it.
    Str,
    /// A whole number in decimal.
    Int,
    /// Any other number: with a point, and `e-7` or `e+21` where it is very small or large; or `inf`, `-inf`, `nan`.
    Float,
    /// `true` or `false`.
    Bool,
    /// Nothing, said explicitly.
    Null,
    /// An expression of HCL, printed as it is. The other formats know none and print its text as a string.
    Expr,
}

/// A value that a tape holds in one token.
pub trait Leaf {
    /// What it is.
    fn kind(&self) -> LeafKind;
    /// Appends its text, in the form that [`LeafKind`] says.
    fn write(&self, text: &mut String);
}

/// Nothing, said explicitly.
#[derive(Clone, Copy, Debug)]
pub struct Null;

/// An expression of HCL, formatted as `terraform fmt` would: `Expr("aws_vpc.main.id")`.
#[derive(Clone, Copy, Debug)]
pub struct Expr<T>(pub T);

macro_rules! leaves {
    ($($type:ty => $kind:ident, $self:ident, $text:ident, $write:block)*) => {
        $(impl Leaf for $type {
            fn kind(&self) -> LeafKind {
                LeafKind::$kind
            }
            fn write(&$self, $text: &mut String) {
                $write
            }
        })*
    };
}

leaves! {
    str => Str, self, text, { text.push_str(self) }
    String => Str, self, text, { text.push_str(self) }
    Symbol => Str, self, text, { text.push_str(self.as_str()) }
    Arguments<'_> => Str, self, text, { push(text, self) }
    bool => Bool, self, text, { text.push_str(if *self { "true" } else { "false" }) }
    i32 => Int, self, text, { push(text, self) }
    i64 => Int, self, text, { push(text, self) }
    u16 => Int, self, text, { push(text, self) }
    u32 => Int, self, text, { push(text, self) }
    u64 => Int, self, text, { push(text, self) }
    usize => Int, self, text, { push(text, self) }
    f64 => Float, self, text, { push_float(text, *self) }
    Null => Null, self, _text, {}
}

impl<T: Leaf + ?Sized> Leaf for &T {
    fn kind(&self) -> LeafKind {
        (**self).kind()
    }
    fn write(&self, text: &mut String) {
        (**self).write(text);
    }
}

impl<T: Leaf + ?Sized> Leaf for std::sync::Arc<T> {
    fn kind(&self) -> LeafKind {
        (**self).kind()
    }
    fn write(&self, text: &mut String) {
        (**self).write(text);
    }
}

impl<T: Display> Leaf for Expr<T> {
    fn kind(&self) -> LeafKind {
        LeafKind::Expr
    }
    fn write(&self, text: &mut String) {
        push(text, &self.0);
    }
}

fn push(text: &mut String, value: &(impl Display + ?Sized)) {
    // Writing to a `String` has no error of its own.
    let _ = write!(text, "{value}");
}

/// The shortest text that gives the number back and that JSON, TOML, HCL and YAML 1.1 all read as a number that is
/// not whole: `1.0`, `0.9`, `1.0e-7`, `2.5e+21`.
fn push_float(text: &mut String, value: f64) {
    if !value.is_finite() {
        text.push_str(if value.is_nan() {
            "nan"
        } else if value > 0.0 {
            "inf"
        } else {
            "-inf"
        });
        return;
    }
    let start = text.len();
    let _ = write!(text, "{value:?}");
    let Some(exponent) = text[start..].find('e').map(|at| start + at) else { return };
    if !text[exponent + 1..].starts_with('-') {
        text.insert(exponent + 1, '+');
    }
    if !text[start..exponent].contains('.') {
        text.insert_str(exponent, ".0");
    }
}
