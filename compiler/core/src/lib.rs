//! The compiler's core: session, lowering, graph, rules, plan and report data. No disk, network, clock or printing.

pub mod emit;
pub mod laws;
