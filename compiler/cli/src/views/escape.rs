//! Text that somebody else wrote, made safe to show: control, bidirectional and zero-width characters become visible.

use std::borrow::Cow;

/// Whether a character could change how the text around it is shown, or hide.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// A message: line ends and tabs stay, all else that hides is written as `\u{…}`.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    escaped(text, |c| is_hidden(c) && c != '\n' && c != '\t')
}

/// One line: line ends and tabs are escaped too.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    escaped(text, is_hidden)
}

fn escaped(text: &str, hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        push(&mut out, c, hidden(c));
    }
    Cow::Owned(out)
}

/// Appends a character, visible in any case.
pub(crate) fn push(out: &mut String, c: char, hidden: bool) {
    if hidden {
        out.extend(c.escape_unicode());
    } else {
        out.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(shown(text), expected);
    }

    #[test]
    fn what_hides_is_shown() {
        check("plain ünïcode 模型", "plain ünïcode 模型");
        check("a\u{202e}b", "a\\u{202e}b");
        check("a\u{1b}[31mb", "a\\u{1b}[31mb");
        check("a\u{200b}b\u{feff}", "a\\u{200b}b\\u{feff}");
        check("a\nb\tc", "a\nb\tc");
        assert_eq!(line("a\nb"), "a\\u{a}b");
    }
}
