use std::fmt::Write as _;

use crate::world::MemoryWorld;
use crate::{Options, Serial, compile};

/// Rule, message and notes of every finding about variables.
#[track_caller]
fn check(text: &str, expect: &[&str]) {
    let session = compile(&MemoryWorld::of(text), Options::default(), &Serial).expect("a world in memory");
    let found: Vec<String> = session
        .findings()
        .iter()
        .filter(|finding| {
            let rule = finding.diagnostic.rule;
            rule.starts_with("language.") || rule == "reference.unknown-variable"
        })
        .map(|finding| {
            let diagnostic = &finding.diagnostic;
            [&[diagnostic.message.clone()][..], &diagnostic.notes].concat().join(" | ")
        })
        .collect();
    assert_eq!(found, expect, "{text}");
}

#[test]
fn a_variable_may_be_made_of_others_in_any_order() {
    check("let a \"${b}-${c}\"\nlet b \"${c}\"\nlet c x\nteam ops { contact \"${a}@acme.example\" }\n", &[]);
}

#[test]
fn a_circle_is_told_once_with_its_path() {
    let circle = "`a` is defined by itself | `a` → `b` → `c` → `a`";
    check("let a \"${b}\"\nlet b \"x${c}\"\nlet c \"${a}\"\nlet d \"${a}${b}\"\n", &[circle]);
    check("let a $a\n", &["`a` is defined by itself | `a` → `a`"]);
    check("let d $a\nlet a $a\nlet e $d\n", &["`a` is defined by itself | `a` → `a`"]);
}

#[test]
fn two_circles_are_two_mistakes() {
    let text = "let a $b\nlet b $a\nlet c $d\nlet d $c\n";
    check(
        text,
        &["`a` is defined by itself | `a` → `b` → `a`", "`c` is defined by itself | `c` → `d` → `c`"],
    );
}

#[test]
fn a_long_circle_is_not_written_out() {
    let mut text = String::new();
    for n in 0..100 {
        let _ = writeln!(text, "let a{n} $a{}", (n + 1) % 100);
    }
    let path = "`a0` → `a1` → `a2` → `a3` → `a4` → `a5` → `a6` → `a7` → … → `a0`";
    check(&text, &[&format!("`a0` is defined by itself | {path}")]);
}

#[test]
fn what_is_made_of_a_name_that_nobody_declares_is_told_once() {
    check("let a \"${nope}\"\nlet b \"${a}\"\nlet c $b\n", &["no `param` or `let` is named `nope`"]);
}

#[test]
fn two_dollars_are_a_literal_one() {
    check("let a \"$${b} ${c}\"\nlet c 1\n", &[]);
    check("let a \"x ${b\"\nlet b 1\n", &["`${` is not closed by `}`"]);
}

#[test]
fn a_long_chain_in_reverse_is_settled_at_once() {
    let mut text = String::new();
    for n in (0..20_000).rev() {
        let _ = writeln!(text, "let v{} \"${{v{n}}}\"", n + 1);
    }
    text.push_str("let v0 end\n");
    check(&text, &[]);
}
