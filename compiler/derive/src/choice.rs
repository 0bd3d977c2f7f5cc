//! `#[derive(Choice)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Fields, LitStr, Result, Variant};

use crate::attributes::{doc, kebab};

pub(crate) fn choice(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(syn::Error::new(input.ident.span(), "a choice is an enum"));
    };
    let ident = &input.ident;
    let name = enum_name(&input.attrs)?.unwrap_or_else(|| kebab(ident));
    let variants: Vec<_> = data.variants.iter().collect();
    let words: Vec<String> = variants.iter().map(|variant| word(variant)).collect::<Result<_>>()?;
    for (n, word) in words.iter().enumerate() {
        if words[..n].contains(word) {
            return Err(syn::Error::new(variants[n].ident.span(), format!("`{word}` is a choice already")));
        }
    }
    let Some(first) = variants.first().map(|variant| &variant.ident) else {
        return Err(syn::Error::new(ident.span(), "a choice needs at least one word"));
    };
    let docs = variants.iter().map(|variant| doc(&variant.attrs));
    let idents: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    let indices: Vec<u16> = (0..variants.len() as u16).collect();
    Ok(quote! {
        const _: () = {
            static CHOICES: crate::schema::ChoiceSchema = crate::schema::ChoiceSchema {
                name: #name,
                choices: &[#((#words, #docs)),*],
            };
            #[automatically_derived]
            impl crate::view::ChoiceType for #ident {
                const SCHEMA: &'static crate::schema::ChoiceSchema = &CHOICES;
                fn from_index(index: u16) -> Self {
                    match index {
                        #(#indices => #ident::#idents,)*
                        _ => #ident::#first,
                    }
                }
                fn word(self) -> &'static str {
                    match self { #(#ident::#idents => #words),* }
                }
            }
            #[automatically_derived]
            impl crate::view::Scalar for #ident {
                const TYPE: crate::schema::Type = crate::schema::Type::Choice(&CHOICES);
                type Out<'a> = #ident;
                fn scalar(value: &crate::value::Value, _: purlin_syntax::Span) -> Option<#ident> {
                    match value {
                        crate::value::Value::Choice(index) => {
                            Some(<#ident as crate::view::ChoiceType>::from_index(*index))
                        }
                        _ => None,
                    }
                }
            }
            #[automatically_derived]
            impl crate::view::FieldType for #ident {
                const SHAPE: crate::schema::Shape =
                    crate::schema::Shape::One(<#ident as crate::view::Scalar>::TYPE);
                type Out<'a> = crate::field::Field<#ident>;
                fn read(slot: Option<&crate::value::Slot>, _: bool) -> crate::field::Field<#ident> {
                    crate::view::scalar::<#ident>(slot)
                }
            }
        };
    })
}

fn enum_name(attributes: &[Attribute]) -> Result<Option<String>> {
    let mut name = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("choice")) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("name") {
                return Err(meta.error("a choice knows name"));
            }
            name = Some(meta.value()?.parse::<LitStr>()?.value());
            Ok(())
        })?;
    }
    Ok(name)
}

/// The word of a variant: `#[choice("word")]`, or its name.
fn word(variant: &Variant) -> Result<String> {
    if !matches!(variant.fields, Fields::Unit) {
        return Err(syn::Error::new(variant.ident.span(), "a choice holds no data"));
    }
    match variant.attrs.iter().find(|attribute| attribute.path().is_ident("choice")) {
        Some(attribute) => Ok(attribute.parse_args::<LitStr>()?.value()),
        None => Ok(kebab(&variant.ident)),
    }
}
