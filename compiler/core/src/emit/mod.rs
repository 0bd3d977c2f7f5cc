//! What a target writes: tapes, the formats they are printed in, and the fields of a printed text.

pub mod tape;
