//! One printer per format, over tapes.
//!
//! Every printer appends to a text, so that a file is made of many tapes without a copy. On demand it also tells the
//! origin of every line; when nobody asks, that costs nothing.

mod escape;
mod trace;

pub mod hcl;
pub mod json;
pub mod toml;
pub mod yaml;

#[cfg(test)]
mod fields;
#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the real readers of what is printed are other programs")]
pub(crate) mod testing;

use purlin_core::emit::Format;
use purlin_core::emit::tape::Tape;
use purlin_syntax::Span;

use trace::{Marks, Trace};

/// Appends the documents of a tape to a file's text. JSON and TOML files hold one document: start from an empty text.
pub fn print(format: Format, tape: &Tape, out: &mut String) {
    write(format, tape, out, &mut ());
}

/// The same, and appends the origin of every line that it wrote: `lines[n]` belongs to line `n + 1` of `out`.
pub fn print_traced(format: Format, tape: &Tape, out: &mut String, lines: &mut Vec<Option<Span>>) {
    let start = out.len();
    let mut marks = Marks::default();
    write(format, tape, out, &mut marks);
    marks.resolve(tape, out, start, lines);
}

fn write(format: Format, tape: &Tape, out: &mut String, trace: &mut impl Trace) {
    match format {
        Format::Yaml => yaml::write(tape, out, trace),
        Format::Hcl => hcl::write(tape, out, trace),
        Format::Json => json::write_pretty(tape, out, trace),
        Format::Toml => toml::write(tape, out, trace),
        Format::Text => tape.tokens().iter().for_each(|token| out.push_str(tape.text(*token))),
    }
}
