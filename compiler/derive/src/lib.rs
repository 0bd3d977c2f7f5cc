//! The derives that turn a struct into the schema of a kind.
