//! The budgets of Purlin: generated projects, and what is measured on them.

pub mod generate;
