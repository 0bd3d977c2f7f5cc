//! The one decoder: from a node and a kind's table to a record.
