//! `when`: whether a resource, or a record inside one, exists.

use std::sync::Arc;

use purlin_schema::value::{Formula, Row};
use purlin_schema::{Record, Slot, Value};
use purlin_syntax::Diagnostic;

use super::fault::TYPE;
use super::{Expressions, Reach, Ty, constant};

/// The record without the records in it whose `when` does not hold; none where its own does not. A mistake is told, and
/// what it stands on is there.
pub(crate) fn settle(
    record: &Arc<Record>,
    expressions: &Expressions,
    out: &mut Vec<Diagnostic>,
) -> Option<Arc<Record>> {
    if !asks(record) {
        return Some(record.clone());
    }
    let mut slots = Vec::with_capacity(record.slots().len());
    for slot in record.slots() {
        let name = record.schema.fields[slot.field as usize].name;
        let value = match &slot.value {
            Value::Expression(formula) if name == "when" => {
                if !holds(formula, expressions, out) {
                    return None;
                }
                Value::Bool(true)
            }
            Value::Bool(false) if name == "when" => return None,
            Value::Record(inner) => match settle(inner, expressions, out) {
                Some(inner) => Value::Record(inner),
                None => continue,
            },
            Value::Many(rows) => {
                let row =
                    |row: &Row| Some(Row { key: row.key, record: settle(&row.record, expressions, out)? });
                let kept: Vec<Row> = rows.iter().filter_map(row).collect();
                if kept.is_empty() {
                    continue;
                }
                Value::Many(kept.into())
            }
            other => other.clone(),
        };
        slots.push(Slot { field: slot.field, span: slot.span, value });
    }
    Some(Arc::new(Record::new(record.schema, record.span, slots)))
}

/// Whether there is a `when` in it at all. Records nest no deeper than their tables.
fn asks(record: &Record) -> bool {
    record.slots().iter().any(|slot| match &slot.value {
        Value::Expression(_) | Value::Bool(false) => record.schema.fields[slot.field as usize].name == "when",
        Value::Record(inner) => asks(inner),
        Value::Many(rows) => rows.iter().any(|row| asks(&row.record)),
        _ => false,
    })
}

fn holds(formula: &Arc<Formula>, expressions: &Expressions, out: &mut Vec<Diagnostic>) -> bool {
    let program = expressions.program(&formula.text, None, Reach::Variables);
    let value = match &*program {
        Ok(program) if !matches!(program.result(), Ty::Bool | Ty::Any) => {
            let message =
                format!("`when` is a condition; its expression gives {}", program.result().phrase());
            out.push(Diagnostic::error(TYPE, message, formula.span));
            return true;
        }
        Ok(program) => constant(program),
        Err(fault) => Err(fault.clone()),
    };
    match value {
        Ok(Some(Value::Bool(holds))) => holds,
        // An absent param is no reason to leave anything out, and a wrong one is told where it is declared.
        Ok(_) => true,
        Err(fault) => {
            out.push(fault.diagnostic(formula));
            true
        }
    }
}
