//! Nothing but tests: see `all/main.rs`.
