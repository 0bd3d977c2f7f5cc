//! Purlin.
fn main() {}
