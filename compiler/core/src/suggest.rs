//! The nearest of the names that exist: for *did you mean*.

/// The candidate with the smallest edit distance, if it is near enough to be meant.
pub fn nearest<'a>(wanted: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = wanted.len().div_ceil(3).clamp(1, 3);
    candidates
        .filter(|candidate| candidate.len().abs_diff(wanted.len()) <= limit)
        .map(|candidate| (distance(wanted, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Edit distance in bytes, a transposition counting one.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut best = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    fn check(wanted: &str, candidates: &[&str], expected: Option<&str>) {
        assert_eq!(nearest(wanted, candidates.iter().copied()), expected);
    }

    #[test]
    fn a_slip_of_the_finger_is_recognised() {
        check("h10", &["h100", "l40s"], Some("h100"));
        check("genreal", &["general", "gpu"], Some("general"));
    }

    #[test]
    fn another_word_is_not_offered() {
        check("tickets", &["h100", "l40s"], None);
    }
}
