//! What stands in the attributes: of a struct, of a field, and doc comments as text.

use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitInt, LitStr, Meta, Result, Token};

/// `#[kind(…)]` or `#[record(…)]`.
#[derive(Default)]
pub(crate) struct StructAttributes {
    pub(crate) name: Option<String>,
    pub(crate) plural: Option<String>,
    pub(crate) existing: Vec<LitStr>,
    pub(crate) fact: bool,
    pub(crate) later: bool,
    pub(crate) unnamed: bool,
}

impl StructAttributes {
    pub(crate) fn read(attributes: &[Attribute], which: &str) -> Result<StructAttributes> {
        let mut read = StructAttributes::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(which)) {
            attribute.parse_nested_meta(|meta| read.one(&meta, which == "kind"))?;
        }
        Ok(read)
    }

    fn one(&mut self, meta: &ParseNestedMeta<'_>, kind: bool) -> Result<()> {
        match word(meta).as_str() {
            "name" => self.name = Some(text(meta)?),
            "plural" if kind => self.plural = Some(text(meta)?),
            "existing" if kind => self.existing = texts(meta)?,
            "fact" if kind => self.fact = true,
            "later" if kind => self.later = true,
            "unnamed" if kind => self.unnamed = true,
            _ if kind => {
                return Err(meta.error("a kind knows name, plural, existing, fact, later and unnamed"));
            }
            _ => return Err(meta.error("a record knows name")),
        }
        Ok(())
    }
}

/// `#[field(…)]`.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools)] // each is one word of the attribute
pub(crate) struct FieldAttributes {
    pub(crate) name: Option<String>,
    pub(crate) default: String,
    pub(crate) only: Vec<LitStr>,
    pub(crate) required: bool,
    pub(crate) argument: bool,
    pub(crate) arguments: bool,
    pub(crate) checked: bool,
    pub(crate) key: u8,
}

impl FieldAttributes {
    pub(crate) fn read(attributes: &[Attribute]) -> Result<FieldAttributes> {
        let mut read = FieldAttributes::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("field")) {
            attribute.parse_nested_meta(|meta| read.one(&meta))?;
        }
        Ok(read)
    }

    fn one(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        match word(meta).as_str() {
            "name" => self.name = Some(text(meta)?),
            "default" => self.default = text(meta)?,
            "only" => self.only = texts(meta)?,
            "required" => self.required = true,
            "argument" => self.argument = true,
            "arguments" => self.arguments = true,
            "checked" => self.checked = true,
            "key" => self.key = key(meta)?,
            _ => {
                return Err(meta.error(
                    "a field knows required, argument, arguments, key, default, checked, only and name",
                ));
            }
        }
        Ok(())
    }
}

/// The doc comment as one line of text.
pub(crate) fn doc(attributes: &[Attribute]) -> String {
    let lines: Vec<String> = doc_attributes(attributes)
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) => match &pair.value {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value().trim().to_owned()),
                _ => None,
            },
            _ => None,
        })
        .collect();
    lines.join(" ").trim().to_owned()
}

pub(crate) fn doc_attributes(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("doc"))
}

/// `max_batched_tokens`, `r#type` or `GpuPool` as the language writes it.
pub(crate) fn kebab(ident: &Ident) -> String {
    let mut name = String::new();
    for (n, character) in ident.unraw().to_string().trim_end_matches('_').chars().enumerate() {
        match character {
            '_' => name.push('-'),
            upper if upper.is_uppercase() => {
                if n > 0 {
                    name.push('-');
                }
                name.extend(upper.to_lowercase());
            }
            other => name.push(other),
        }
    }
    name
}

fn word(meta: &ParseNestedMeta<'_>) -> String {
    meta.path.get_ident().map(Ident::to_string).unwrap_or_default()
}

fn text(meta: &ParseNestedMeta<'_>) -> Result<String> {
    Ok(meta.value()?.parse::<LitStr>()?.value())
}

fn texts(meta: &ParseNestedMeta<'_>) -> Result<Vec<LitStr>> {
    let inner;
    syn::parenthesized!(inner in meta.input);
    let texts = inner.parse_terminated(<LitStr as syn::parse::Parse>::parse, Token![,])?;
    Ok(texts.into_iter().collect())
}

/// `key` alone is the first key.
fn key(meta: &ParseNestedMeta<'_>) -> Result<u8> {
    if !meta.input.peek(Token![=]) {
        return Ok(1);
    }
    let number = meta.value()?.parse::<LitInt>()?;
    match number.base10_parse()? {
        key @ (1 | 2) => Ok(key),
        _ => Err(syn::Error::new(number.span(), "a key is 1 or 2")),
    }
}
