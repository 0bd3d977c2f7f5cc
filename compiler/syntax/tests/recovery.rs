//! Text that KDL cannot read: one diagnostic each, a cure that mends it, and neighbours that do not notice.

use purlin_syntax::{Document, SyntaxError};

/// Names of all top-level nodes.
fn names(document: &Document) -> Vec<&'static str> {
    document
        .items()
        .iter()
        .filter_map(|item| item.tree.nodes.first())
        .map(|node| node.name.as_str())
        .collect()
}

/// Applies the cure of an error whose item begins at `start`.
fn cured(text: &str, start: u32, error: &SyntaxError) -> String {
    let (_, edits) = error.cure.as_ref().unwrap_or_else(|| panic!("no cure: {error:?}"));
    let mut edits = edits.clone();
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.lo));
    let mut out = text.to_owned();
    for (range, new) in edits {
        out.replace_range((start + range.lo) as usize..(start + range.hi) as usize, &new);
    }
    out
}

/// The broken text stands between two nodes; it must cost one error of the rule, and the cure must give `mended`.
#[track_caller]
fn check(broken: &str, rule: &str, mended: &str) {
    let text = format!("before 1 {{\n    x 2\n}}\n{broken}\nafter #true {{\n    y \"z\"\n}}\nlast\n");
    let document = Document::parse(text.clone());
    let errors: Vec<_> = document.errors().collect();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert_eq!(errors[0].1.rule, rule, "{errors:#?}");
    let start = document.items()[errors[0].0].start;
    let range = errors[0].1.range;
    assert!(range.lo <= range.hi && start + range.hi <= text.len() as u32, "{errors:#?}");
    let names = names(&document);
    assert_eq!(names.first(), Some(&"before"), "{names:?}");
    assert_eq!(names[names.len() - 2..], ["after", "last"], "{names:?}");
    let after = &document.items()[document.items().len() - 2];
    assert_eq!(after.tree.nodes.len(), 2);
    let expected = text.replacen(broken, mended, 1);
    let result = cured(&text, start, errors[0].1);
    assert_eq!(result, expected);
    let again = Document::parse(result);
    assert_eq!(again.errors().count(), 0, "{:?}", again.errors().collect::<Vec<_>>());
}

macro_rules! cases {
    ($($name:ident: $broken:expr, $rule:expr, $mended:expr;)*) => {
        $(#[test] fn $name() { check($broken, $rule, $mended); })*
    };
}

cases! {
    a_mig_profile_is_quoted: "slice profile=1g.10gb", "syntax.quote", r#"slice profile="1g.10gb""#;
    a_size_is_quoted: "memory 80GiB", "syntax.quote", r#"memory "80GiB""#;
    a_version_is_quoted: "driver 2.1.0", "syntax.quote", r#"driver "2.1.0""#;
    a_network_is_quoted: "range 10.0.0.0/16", "syntax.quote", r#"range "10.0.0.0/16""#;
    an_image_is_quoted: "image ghcr.io/a/b:1 pull=always", "syntax.quote", r#"image "ghcr.io/a/b:1" pull=always"#;
    a_path_is_quoted: "mount /data/in", "syntax.quote", r#"mount "/data/in""#;
    a_fraction_without_a_digit_is_quoted: "share .5", "syntax.quote", r#"share ".5""#;
    a_bare_true_gets_its_sign: "flag true", "syntax.quote", "flag #true";
    a_bare_false_gets_its_sign: "flag on=false", "syntax.quote", "flag on=#false";
    a_bare_null_gets_its_sign: "flag null", "syntax.quote", "flag #null";
    a_bare_inf_gets_its_sign: "flag inf", "syntax.quote", "flag #inf";
    a_bare_minus_inf_gets_its_sign: "flag -inf", "syntax.quote", "flag #-inf";
    a_bare_nan_gets_its_sign: "flag nan", "syntax.quote", "flag #nan";
    a_list_with_commas_is_quoted: "ports 8,16,32", "syntax.quote", r#"ports "8,16,32""#;
    a_raw_string_of_kdl_1_loses_its_letter: r##"re r#"a"b"#"##, "syntax.quote", r##"re #"a"b"#"##;
    a_raw_string_of_kdl_1_without_signs_gets_them: r#"re r"a\d""#, "syntax.quote", r##"re #"a\d"#"##;
    a_word_with_brackets_is_quoted: "at a[0]", "syntax.quote", r#"at "a[0]""#;
    a_call_is_quoted: "at f(x)", "syntax.quote", r#"at "f(x)""#;
    a_value_with_an_equals_sign_is_quoted: "args x=a=b", "syntax.quote", r#"args x="a=b""#;
    an_unknown_keyword_is_quoted: "colour #fff", "syntax.quote", r##"colour "#fff""##;
    a_node_name_with_a_digit_is_quoted: "1g.10gb { x 1 }", "syntax.quote", r#""1g.10gb" { x 1 }"#;
    a_node_named_true_is_quoted: "true 1", "syntax.quote", r#""true" 1"#;
    a_property_named_by_a_number_is_quoted: "a 8=x", "syntax.quote", r#"a "8"=x"#;
    a_backslash_in_a_word_is_quoted: r"path C:\data", "syntax.quote", r#"path "C:\\data""#;
    interpolation_before_another_value_is_quoted:
        "nodes max=${x} min=1", "syntax.interpolation-unquoted", r#"nodes max="${x}" min=1"#;
    an_escape_that_kdl_lacks_is_doubled: r#"re "\d+\w""#, "syntax.escape", r#"re "\\d+\\w""#;
    a_code_point_too_large_is_doubled: r#"c "\u{110000}""#, "syntax.escape", r#"c "\\u{110000}""#;
    a_string_without_an_end_is_closed: "doc \"half a tho", "syntax.unclosed-string", "doc \"half a tho\"";
    a_string_in_a_block_is_closed_on_its_line:
        "a {\n    doc \"half\n    b 1\n}", "syntax.unclosed-string", "a {\n    doc \"half\"\n    b 1\n}";
    a_string_in_a_line_block_leaves_its_brace:
        "secret s { key \"half }", "syntax.unclosed-string", "secret s { key \"half\" }";
    a_raw_string_without_an_end_is_closed: "doc #\"half", "syntax.unclosed-string", "doc #\"half\"#";
    a_quote_behind_a_word_is_text: "size 10\"", "syntax.quote", r#"size "10\"""#;
    a_multi_line_string_without_an_end_is_closed:
        "a {\n    doc \"\"\"\n        one\n        two\n    b 1\n}", "syntax.unclosed-string",
        "a {\n    doc \"\"\"\n        one\n        two\n        \"\"\"\n    b 1\n}";
    three_quotes_on_one_line_become_one: r#"doc """text""""#, "syntax.multi-line-string", r#"doc "text""#;
    a_line_left_of_the_closing_quotes_is_indented:
        "doc \"\"\"\n    one\n  two\n    \"\"\"", "syntax.multi-line-string",
        "doc \"\"\"\n    one\n    two\n    \"\"\"";
    a_comment_without_an_end_is_closed: "a 1 /* why", "syntax.unclosed-comment", "a 1 /* why */";
    strings_side_by_side_are_parted: r#"a "x""y""#, "syntax.missing-space", r#"a "x" "y""#;
    a_unit_behind_a_string_is_parted: r#"a "10"GiB"#, "syntax.missing-space", r#"a "10" GiB"#;
    a_node_behind_a_block_is_parted: "a { b 1 } c 2", "syntax.after-block", "a { b 1 }; c 2";
    a_child_set_with_an_equals_sign_is_an_argument: "a {\n    min=1\n}", "syntax.equals-after-name", "a {\n    min 1\n}";
    an_annotation_before_a_name_moves: "a (u8)x=1", "syntax.annotation", "a x=(u8)1";
    an_empty_annotation_goes: "a ()1", "syntax.annotation", "a 1";
    a_slashdash_before_nothing_goes: "a 1 /-;", "syntax.slashdash", "a 1 ;";
    a_semicolon_of_its_own_goes: "a 1;;", "syntax.empty-node", "a 1;";
    a_stray_brace_goes: "a { b 1 }\n}", "syntax.stray-brace", "a { b 1 }\n";
    a_forgotten_opening_brace_is_added: "pool a\n    b 1\n    c 2 { d 3 }\n}", "syntax.missing-brace",
        "pool a {\n    b 1\n    c 2 { d 3 }\n}";
    a_forgotten_closing_brace_is_added: "a {\n    b 1\n    c 2", "syntax.unclosed-block", "a {\n    b 1\n    c 2\n}";
    a_forgotten_brace_inside_is_added: "a {\n    b {\n        c 1\n    d 2\n}", "syntax.unclosed-block",
        "a {\n    b {\n        c 1\n    }\n    d 2\n}";
    a_forgotten_brace_before_an_outer_one_is_added: "a {\n    b {\n        c 1\n}", "syntax.unclosed-block",
        "a {\n    b {\n        c 1\n    }\n}";
    two_forgotten_braces_on_a_line_are_one_mistake: "a { b { c 1", "syntax.unclosed-block", "a { b { c 1 } }";
    an_open_block_with_nothing_in_it_is_closed: "a {", "syntax.unclosed-block", "a { }";
    a_control_character_goes: "a \u{7}b", "syntax.code-point", "a b";
    a_direction_mark_in_a_comment_goes: "// a\u{202e}b", "syntax.code-point", "// ab";
}

/// Half-typed text that no edit can complete: one error, and the neighbours stay.
#[track_caller]
fn check_incomplete(broken: &str, rule: &str) {
    let text = format!("before 1\n{broken}\nafter #true\n");
    let document = Document::parse(text);
    let errors: Vec<_> = document.errors().collect();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert_eq!(errors[0].1.rule, rule, "{errors:#?}");
    let names = names(&document);
    assert_eq!((names[0], names[names.len() - 1]), ("before", "after"), "{names:?}");
}

#[test]
fn a_property_without_a_value_is_one_error() {
    check_incomplete("nodes min=", "syntax.missing-value");
}

#[test]
fn a_property_without_a_value_before_the_next_one_is_one_error() {
    check_incomplete("nodes min= max=4", "syntax.missing-value");
}

#[test]
fn a_property_without_a_value_before_a_block_is_one_error() {
    check_incomplete("nodes min= {\n    x 1\n}", "syntax.missing-value");
}

#[test]
fn an_annotation_without_a_value_is_one_error() {
    check_incomplete("a (u8)", "syntax.missing-value");
}

#[test]
fn an_annotation_half_typed_is_one_error() {
    check_incomplete("a (u8 1", "syntax.annotation");
}

#[test]
fn a_block_without_a_name_is_one_error() {
    check_incomplete("{ a 1; b 2 }", "syntax.node-name");
}

#[test]
fn a_second_block_is_one_error() {
    check_incomplete("a { b 1 } { c 2 }", "syntax.second-block");
}

#[test]
fn a_slashdash_before_a_value_is_one_error() {
    check_incomplete("a x=/-1", "syntax.missing-value");
}

#[test]
fn a_second_block_leaves_the_first_ones_entries_in_place() {
    let document = Document::parse("e { y p } { z q }\n".to_owned());
    let tree = &document.items()[0].tree;
    let entries = |node: &purlin_syntax::Node| (node.entries.1 - node.entries.0) as usize;
    assert_eq!(tree.nodes.iter().map(entries).sum::<usize>(), tree.entries.len(), "{tree:#?}");
    assert!(tree.nodes.iter().all(|node| node.entries.1 as usize <= tree.entries.len()), "{tree:#?}");
}
