//! Nothing but tests: see `src/main.rs`.
