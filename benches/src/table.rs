//! The table that is printed, a row as soon as it is measured.

/// One measurement against its budget.
pub(crate) struct Row {
    name: String,
    value: f64,
    budget: f64,
    unit: &'static str,
    /// More is better.
    rate: bool,
    also: String,
}

impl Row {
    /// Something of which less is better.
    pub(crate) fn of(name: &str, value: f64, budget: f64, unit: &'static str) -> Row {
        Row { name: name.to_owned(), value, budget, unit, rate: false, also: String::new() }
    }

    /// Something of which more is better.
    pub(crate) fn rate(name: &str, value: f64, budget: f64, unit: &'static str) -> Row {
        Row { rate: true, ..Row::of(name, value, budget, unit) }
    }

    /// Adds a remark.
    pub(crate) fn also(mut self, text: String) -> Row {
        self.also = text;
        self
    }
}

/// Prints rows.
#[derive(Default)]
pub(crate) struct Table {
    begun: bool,
}

impl Table {
    /// Prints a row, and the head before the first.
    pub(crate) fn say(&mut self, row: &Row) {
        if !self.begun {
            println!("{:<44} {:>12} {:>12} {:>7}", "what", "measured", "budget", "ratio");
            self.begun = true;
        }
        let ratio = if row.rate { row.budget / row.value } else { row.value / row.budget };
        let measured = format!("{:.1} {}", row.value, row.unit);
        if row.budget > 0.0 {
            let budget = format!("{} {}", row.budget, row.unit);
            let verdict = if ratio > 1.0 { " over" } else { "" };
            println!("{:<44} {measured:>12} {budget:>12} {ratio:>7.2}{verdict}{}", row.name, row.also);
        } else {
            println!("{:<44} {measured:>12} {:>12} {:>7}{}", row.name, "", "", row.also);
        }
    }
}
