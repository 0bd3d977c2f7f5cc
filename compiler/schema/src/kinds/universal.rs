//! The fields that every kind has.
