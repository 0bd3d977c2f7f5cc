//! `#[derive(Kind)]` and `#[derive(Record)]`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields, Ident, Result};

use crate::attributes::{FieldAttributes, StructAttributes, doc, doc_attributes, kebab};

/// The fields of every kind, in the order of `kinds::universal::Universal`.
const UNIVERSAL: [&str; 9] =
    ["doc", "owner", "labels", "only", "when", "shared", "moved-from", "existing", "patch"];
/// What decides whether a record exists; every record knows them, after its own fields.
const CONDITIONS: [&str; 2] = ["only", "when"];
/// Methods that every view has: a field of that name gets an accessor with an underscore.
const TAKEN: [&str; 5] = ["of", "saying", "record", "span", "field"];

/// One field, read.
struct Column {
    name: String,
    row: TokenStream,
    accessor: Accessor,
}

/// What an accessor is made from.
struct Accessor {
    ident: Ident,
    ty: syn::Type,
    docs: Vec<syn::Attribute>,
}

pub(crate) fn kind(input: &DeriveInput) -> Result<TokenStream> {
    let attributes = StructAttributes::read(&input.attrs, "kind")?;
    let columns = columns(input)?;
    let ident = &input.ident;
    let name = attributes.name.unwrap_or_else(|| kebab(ident));
    let plural = attributes.plural.unwrap_or_else(|| format!("{name}s"));
    let text = doc(&input.attrs);
    let (fact, later, unnamed) = (attributes.fact, attributes.later, attributes.unnamed);
    let existing = attributes.existing;

    // A universal field that the struct declares again keeps its place and its accessor: only its doc and its
    // attributes change.
    let rows = (0..UNIVERSAL.len()).map(|n| {
        let declared = columns.iter().find(|column| column.name == UNIVERSAL[n]);
        declared.map_or_else(|| quote! { crate::kinds::universal::FIELDS[#n] }, |column| column.row.clone())
    });
    let own: Vec<&Column> =
        columns.iter().filter(|column| !UNIVERSAL.contains(&column.name.as_str())).collect();
    let rows = rows.chain(own.iter().map(|column| column.row.clone()));
    let accessors = accessors(&own, UNIVERSAL.len());
    Ok(quote! {
        const _: () = {
            static RECORD: crate::schema::RecordSchema = crate::schema::RecordSchema {
                name: #name,
                doc: #text,
                fields: &[#(#rows),*],
            };
            static KIND: crate::schema::KindSchema = crate::schema::KindSchema {
                name: #name,
                plural: #plural,
                doc: #text,
                record: &RECORD,
                fact: #fact,
                later: #later,
                unnamed: #unnamed,
                existing: &[#(#existing),*],
            };
            #[automatically_derived]
            impl crate::view::RecordType for #ident {
                const SCHEMA: &'static crate::schema::RecordSchema = &RECORD;
            }
            #[automatically_derived]
            impl crate::view::KindType for #ident {
                const NAME: &'static str = #name;
                const KIND: &'static crate::schema::KindSchema = &KIND;
            }
            #[automatically_derived]
            impl<'a> crate::view::View<'a, #ident> { #(#accessors)* }
        };
    })
}

pub(crate) fn record(input: &DeriveInput) -> Result<TokenStream> {
    let attributes = StructAttributes::read(&input.attrs, "record")?;
    let columns = columns(input)?;
    let ident = &input.ident;
    let name = attributes.name.unwrap_or_else(|| kebab(ident));
    let text = doc(&input.attrs);
    let own: Vec<&Column> = columns.iter().collect();
    let conditions = (0..CONDITIONS.len())
        .filter(|&n| columns.iter().all(|column| column.name != CONDITIONS[n]))
        .map(|n| quote! { crate::kinds::universal::CONDITIONS[#n] });
    let rows = columns.iter().map(|column| column.row.clone()).chain(conditions);
    let accessors = accessors(&own, 0);
    Ok(quote! {
        const _: () = {
            static RECORD: crate::schema::RecordSchema = crate::schema::RecordSchema {
                name: #name,
                doc: #text,
                fields: &[#(#rows),*],
            };
            #[automatically_derived]
            impl crate::view::RecordType for #ident {
                const SCHEMA: &'static crate::schema::RecordSchema = &RECORD;
            }
            #[automatically_derived]
            impl crate::view::FieldType for #ident {
                const SHAPE: crate::schema::Shape = crate::schema::Shape::Record(&RECORD);
                type Out<'a> = crate::field::Field<crate::view::View<'a, #ident>>;
                fn read(slot: Option<&crate::value::Slot>, says: bool) -> Self::Out<'_> {
                    crate::view::record::<#ident>(slot, says)
                }
            }
            #[automatically_derived]
            impl<'a> crate::view::View<'a, #ident> { #(#accessors)* }
        };
    })
}

fn accessors(columns: &[&Column], first: usize) -> Vec<TokenStream> {
    let one = |(n, column): (usize, &&Column)| {
        let Accessor { ident, ty, docs } = &column.accessor;
        let index = (first + n) as u16;
        quote! {
            #(#docs)*
            pub fn #ident(self) -> <#ty as crate::view::FieldType>::Out<'a> {
                self.field::<#ty>(#index)
            }
        }
    };
    columns.iter().enumerate().map(one).collect()
}

fn columns(input: &DeriveInput) -> Result<Vec<Column>> {
    let Data::Struct(data) = &input.data else {
        return Err(syn::Error::new(input.ident.span(), "a kind and a record are structs with named fields"));
    };
    let fields = match &data.fields {
        Fields::Named(fields) => fields.named.iter().collect(),
        Fields::Unit => Vec::new(),
        Fields::Unnamed(_) => {
            return Err(syn::Error::new(input.ident.span(), "the fields of a kind and a record have names"));
        }
    };
    if let Some(generics) = input.generics.params.first() {
        return Err(syn::Error::new_spanned(generics, "a kind and a record have no parameters"));
    }
    let mut columns: Vec<Column> = Vec::with_capacity(fields.len());
    for field in fields {
        let column = column(field)?;
        if columns.iter().any(|other| other.name == column.name) {
            let message = format!("the name `{}` is taken by a field above", column.name);
            return Err(syn::Error::new(
                field.ident.as_ref().map_or_else(Span::call_site, Ident::span),
                message,
            ));
        }
        columns.push(column);
    }
    Ok(columns)
}

fn column(field: &syn::Field) -> Result<Column> {
    let Some(ident) = &field.ident else {
        return Err(syn::Error::new_spanned(field, "a field has a name"));
    };
    let read = FieldAttributes::read(&field.attrs)?;
    if read.argument && read.arguments {
        return Err(syn::Error::new(ident.span(), "a field is one argument or all remaining ones, not both"));
    }
    let name = read.name.unwrap_or_else(|| kebab(ident));
    let (text, ty) = (doc(&field.attrs), &field.ty);
    if text.is_empty() {
        return Err(syn::Error::new(ident.span(), "a field needs a doc comment: it is what users read"));
    }
    let place = match (read.argument, read.arguments) {
        (true, _) => quote!(Argument),
        (_, true) => quote!(Arguments),
        _ => quote!(Field),
    };
    let (key, required, default, checked, only) =
        (read.key, read.required, read.default, read.checked, read.only);
    let row = quote! {
        crate::schema::FieldSchema {
            name: #name,
            doc: #text,
            shape: <#ty as crate::view::FieldType>::SHAPE,
            place: crate::schema::Place::#place,
            key: #key,
            required: #required,
            default: #default,
            checked: #checked,
            only: &[#(#only),*],
        }
    };
    let taken = TAKEN.contains(&ident.unraw().to_string().as_str());
    let accessor = Accessor {
        ident: if taken { format_ident!("{ident}_") } else { ident.clone() },
        ty: ty.clone(),
        docs: doc_attributes(&field.attrs).cloned().collect(),
    };
    Ok(Column { name, row, accessor })
}
