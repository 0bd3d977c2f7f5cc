//! Counting things in words.

/// `1 file`, `3 files`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    let number_text = grouped(number as u64);
    if number == 1 { format!("1 {thing}") } else { format!("{number_text} {}", plural(thing)) }
}

/// `12,345`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn plural(thing: &str) -> String {
    match thing.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{thing}s"),
    }
}

/// A text of at most so many columns; what is cut is marked.
pub(crate) fn fit(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(number: usize, thing: &str, expected: &str) {
        assert_eq!(count(number, thing), expected);
    }

    #[test]
    fn numbers_agree_with_their_nouns() {
        check(1, "file", "1 file");
        check(0, "file", "0 files");
        check(12_345, "policy", "12,345 policies");
        check(2, "day", "2 days");
    }
}
