//! The word that was meant: by edit distance.

/// Words beyond this length are not compared: nobody declares such names, and the comparison is quadratic.
const LONGEST: usize = 48;

/// The candidate that is nearest to `word`, if it is near enough to have been meant; the first of equals.
pub fn closest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    search(word, candidates, |_, _| false)
}

/// [`closest`] among candidates in no order: the first of equals by the alphabet.
pub fn closest_of_unsorted<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    search(word, candidates, |other, best| other < best)
}

/// The nearest candidate; `better` says whether one at the same distance as the best is to be taken instead.
fn search<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
    better: impl Fn(&str, &str) -> bool,
) -> Option<&'c str> {
    let used = ascii_used(word);
    let (word, length) = letters(word)?;
    let word = &word[..length];
    let mut best: Option<&str> = None;
    let mut least = (length / 3).max(1);
    for candidate in candidates {
        if candidate.is_empty() || candidate.len() > 4 * LONGEST {
            continue;
        }
        // A letter that only one of the two has costs an edit, and so does each letter more than the other has.
        if let (Some(used), Some(other)) = (used, ascii_used(candidate)) {
            let alone = (used & !other).count_ones().max((other & !used).count_ones()) as usize;
            if alone > least || candidate.len().abs_diff(length) > least {
                continue;
            }
        }
        let Some((letters, length)) = letters(candidate) else { continue };
        let Some(distance) = distance(word, &letters[..length], least) else { continue };
        if distance < least || best.is_none_or(|best| better(candidate, best)) {
            (best, least) = (Some(candidate), distance);
        }
    }
    best
}

/// The characters of a word and how many they are; none where the word is too long.
fn letters(word: &str) -> Option<([char; LONGEST], usize)> {
    let mut letters = ['\0'; LONGEST];
    let mut length = 0;
    for c in word.chars() {
        *letters.get_mut(length)? = c;
        length += 1;
    }
    Some((letters, length))
}

/// A bit for each letter that a word has, some sharing one; none where not all is ASCII.
fn ascii_used(word: &str) -> Option<u64> {
    word.is_ascii().then(|| word.bytes().fold(0, |used, byte| used | 1 << (byte % 64)))
}

/// Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other, if `limit` is
/// enough of them.
fn distance(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut rows = [[0_u8; LONGEST + 1]; 3];
    let [before, above, row] = &mut rows;
    let (mut before, mut above, mut row) = (before, above, row);
    for (cost, column) in above.iter_mut().zip(0..) {
        *cost = column;
    }
    for i in 1..=a.len() {
        row[0] = i as u8;
        let mut nearest = row[0];
        for j in 1..=b.len() {
            let replaced = above[j - 1] + u8::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row[j] = least;
            nearest = nearest.min(least);
        }
        // A swap reaches back two rows, and costs one.
        if usize::from(nearest) > limit + 1 {
            return None;
        }
        (before, above, row) = (above, row, before);
    }
    Some(usize::from(above[b.len()])).filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::{closest, closest_of_unsorted};

    #[test]
    fn a_slip_of_the_fingers_is_understood() {
        let words = ["nodes", "capacity", "cluster", "min", "max"];
        assert_eq!(closest("capcity", words), Some("capacity"));
        assert_eq!(closest("ndoes", words), Some("nodes"));
        assert_eq!(closest("mix", words), Some("min"));
        assert_eq!(closest("frobnicate", words), None);
        assert_eq!(closest("", words), None);
    }

    #[test]
    fn the_first_of_equals_is_taken_or_the_first_by_the_alphabet() {
        assert_eq!(closest("pool-1", ["pool-3", "pool-2"]), Some("pool-3"));
        assert_eq!(closest_of_unsorted("pool-1", ["pool-3", "pool-2"]), Some("pool-2"));
        assert_eq!(closest_of_unsorted("pool-1", ["pool-22", "pool", "pool-9"]), Some("pool-9"));
        assert_eq!(closest("gr\u{f6}\u{df}e", ["gr\u{f6}sse", "gr\u{f6}\u{df}"]), Some("gr\u{f6}\u{df}"));
    }
}
