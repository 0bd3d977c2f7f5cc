//! What a command's answer looks like. Every view is a function from data to text.

pub(crate) mod diagnostics;
pub(crate) mod drawing;
pub(crate) mod escape;
pub(crate) mod json;
pub(crate) mod plan_json;
pub(crate) mod plan_markdown;
pub(crate) mod plan_parts;
pub(crate) mod plan_text;
pub(crate) mod source;
pub(crate) mod words;
