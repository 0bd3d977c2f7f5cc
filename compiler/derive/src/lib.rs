//! The derives that turn a struct into the schema of a kind, of a record, or of a closed set of words.
//!
//! A struct is only a description: it is never constructed. Its doc comments become the text of the reference, its
//! fields the rows of a static table, and each field a typed accessor on `View<'_, Struct>`. The derives serve the
//! crate `purlin-schema` alone, whose modules the generated code names by `crate::`.

mod attributes;
mod choice;
mod record;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// A kind: its table, the universal fields first, and its accessors.
///
/// On the struct: `#[kind(name = "gpu-pool", plural = "gpu-pools", existing("vpc"), fact, later, unnamed)]`; name and
/// plural are made from the struct's name where they are not said. On a field: see [`derive_record`].
#[proc_macro_derive(Kind, attributes(kind, field))]
pub fn derive_kind(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    record::kind(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// A record inside a kind: its table and its accessors.
///
/// On a field: `#[field(required, argument | arguments, key | key = 2, default = "…", checked, only("variant", …),
/// name = "…")]`. On the struct: `#[record(name = "…")]`.
#[proc_macro_derive(Record, attributes(record, field))]
pub fn derive_record(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    record::record(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// A closed set of words, for an enum without data.
///
/// A word is the variant's name in kebab-case, or `#[choice("word")]`. On the enum: `#[choice(name = "…")]`.
#[proc_macro_derive(Choice, attributes(choice))]
pub fn derive_choice(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    choice::choice(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
