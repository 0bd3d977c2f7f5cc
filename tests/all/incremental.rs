//! Incremental = batch: after any edits, a session says what a fresh compile says.

use purlin_bench::generate::{self, Dice, File};
use purlin_core::{Change, Options, Serial, Session};

/// Edits a project at random, and compares the session with a fresh compile after every `every`-th edit.
fn check(files: Vec<File>, edits: usize, every: usize, seed: u64) {
    check_with(files, edits, every, seed, edit_something);
}

/// The same with edits of another sort.
fn check_with(
    mut files: Vec<File>,
    edits: usize,
    every: usize,
    seed: u64,
    edit_something: fn(&mut [File], &mut Dice) -> Vec<Change>,
) {
    let options = Options { track: true, ..Options::default() };
    let mut session = Session::new(options.clone());
    session.apply(files.iter().map(set).collect(), &Serial);
    let mut dice = Dice::new(seed);
    for edit in 0..edits {
        let changes = edit_something(&mut files, &mut dice);
        session.apply(changes, &Serial);
        if edit % every == every - 1 {
            let mut fresh = Session::new(options.clone());
            fresh.apply(files.iter().map(set).collect(), &Serial);
            assert_eq!(shown(&session), shown(&fresh), "after edit {edit} of seed {seed}");
        }
    }
}

fn set((path, text): &File) -> Change {
    Change::Set { path: path.clone(), text: text.clone() }
}

/// Everything that a user can see of a session: findings with absolute places, and resources with their edges.
fn shown(session: &Session) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for finding in session.findings() {
        let _ = writeln!(
            out,
            "{} {:?} {}",
            finding.diagnostic.rule, finding.diagnostic.level, finding.diagnostic.message
        );
        for label in &finding.diagnostic.labels {
            let _ = writeln!(out, "  {:?} {}", session.sources.position(label.span), label.text);
        }
        let _ =
            writeln!(out, "  {:?} {:?} {:?}", finding.environments, finding.waived, finding.diagnostic.notes);
    }
    for state in session.environments() {
        let _ = writeln!(out, "environment {:?}", state.name());
        for resource in state.graph.sorted() {
            let _ =
                writeln!(out, "{} {:?}", resource.address(), session.sources.position(resource.name_span));
            for slot in resource.record.slots() {
                let field = resource.record.schema.fields[slot.field as usize].name;
                let shape = resource.record.schema.fields[slot.field as usize].shape;
                let _ = writeln!(
                    out,
                    "  {field} {} {:?}",
                    purlin_schema::print::print_value(&slot.value, shape),
                    session.sources.position(slot.span)
                );
            }
            let mut edges: Vec<String> = state
                .graph
                .edges(resource.id)
                .iter()
                .filter_map(|edge| Some(format!("{} {}", edge.relation, state.graph.get(edge.to)?.address())))
                .collect();
            edges.sort_unstable();
            let _ = writeln!(out, "  -> {}", edges.join(", "));
        }
    }
    out
}

/// One random edit: characters typed and deleted, lines moved within and between files, words swapped, blocks broken
/// and mended, files removed and brought back.
fn edit_something(files: &mut [File], dice: &mut Dice) -> Vec<Change> {
    let which = dice.below(files.len());
    match dice.below(12) {
        0 => move_lines(files, dice),
        1 => {
            let (path, text) = &mut files[which];
            let broken = text.replacen('}', "", 1);
            *text = broken;
            vec![Change::Set { path: path.clone(), text: text.clone() }]
        }
        2 | 3 => rename(files, which, dice),
        4 => splice(files, which, dice, |_, _| String::new()),
        5 => splice(files, which, dice, |line, dice| {
            format!("{line}{}", dice.pick(&["\n", " }", " {", "\"", " // x", ";"]))
        }),
        6 => splice(files, which, dice, |line, _| format!("{line}\n{line}")),
        _ => type_something(files, which, dice),
    }
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn type_something(files: &mut [File], which: usize, dice: &mut Dice) -> Vec<Change> {
    const TYPED: &[&str] = &[
        "a",
        "-",
        "1",
        " ",
        "\n",
        "\"",
        "{",
        "}",
        "h100",
        " max=3",
        "\n    doc \"x\"\n",
        "/* c */",
        "gpu-pool x {}\n",
        "team t2 { contact a }\n",
        "$x",
        "é",
    ];
    let (path, text) = &mut files[which];
    let lo = floor(text, dice.below(text.len() + 1));
    let hi = floor(text, (lo + dice.below(4)).min(text.len())).max(lo);
    let new = *dice.pick(TYPED);
    text.replace_range(lo..hi, new);
    vec![Change::Edit { path: path.clone(), lo: lo as u32, hi: hi as u32, text: new.to_owned() }]
}

/// Replaces one line by what `change` makes of it.
fn splice(
    files: &mut [File],
    which: usize,
    dice: &mut Dice,
    change: impl Fn(&str, &mut Dice) -> String,
) -> Vec<Change> {
    let (path, text) = &mut files[which];
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    if lines.is_empty() {
        return Vec::new();
    }
    let line = dice.below(lines.len());
    let lo: usize = lines[..line].iter().map(|line| line.len()).sum();
    let hi = lo + lines[line].trim_end_matches('\n').len();
    let new = change(&text[lo..hi], dice);
    text.replace_range(lo..hi, &new);
    vec![Change::Edit { path: path.clone(), lo: lo as u32, hi: hi as u32, text: new }]
}

/// Renames one word of a file wherever it stands in it: declarations move away from their readers, or back to them.
fn rename(files: &mut [File], which: usize, dice: &mut Dice) -> Vec<Change> {
    const PAIRS: &[(&str, &str)] = &[
        ("h100-0", "h100-x"),
        ("h100-x", "h100-0"),
        ("records-1 ", "records-z "),
        ("records-z ", "records-1 "),
        ("ops", "opz"),
        ("opz", "ops"),
        ("general", "generic"),
        ("generic", "general"),
        ("gpu-pool", "gpu-pol"),
        ("gpu-pol ", "gpu-pool "),
    ];
    let (from, to) = *dice.pick(PAIRS);
    let (path, text) = &mut files[which];
    *text = text.replace(from, to);
    vec![Change::Set { path: path.clone(), text: text.clone() }]
}

/// Moves a run of lines from one file to the end of another.
fn move_lines(files: &mut [File], dice: &mut Dice) -> Vec<Change> {
    let (from, to) = (dice.below(files.len()), dice.below(files.len()));
    if from == to {
        return Vec::new();
    }
    let lines: Vec<String> = files[from].1.split_inclusive('\n').map(str::to_owned).collect();
    if lines.is_empty() {
        return Vec::new();
    }
    let first = dice.below(lines.len());
    let last = (first + 1 + dice.below(40)).min(lines.len());
    files[to].1.push_str(&lines[first..last].concat());
    files[from].1 = [&lines[..first], &lines[last..]].concat().concat();
    vec![set(&files[from]), set(&files[to])]
}

/// A small platform of every generated kind.
fn small(environments: usize) -> Vec<File> {
    generate::platform(generate::Size {
        pools: 3,
        jobs: 8,
        datasets: 24,
        endpoints: 8,
        environments,
        findings: 5,
    })
}

#[test]
fn a_session_says_what_a_fresh_compile_says() {
    for seed in 1..=12 {
        check(small(0), 60, 1, seed);
    }
}

#[test]
fn a_session_with_environments_says_what_a_fresh_compile_says() {
    for seed in 1..=6 {
        check(small(2), 60, 1, seed);
    }
}

#[test]
fn a_two_thousand_line_project_says_what_a_fresh_compile_says() {
    let size =
        generate::Size { pools: 8, jobs: 22, datasets: 60, endpoints: 22, environments: 1, findings: 10 };
    check(generate::platform(size), 150, 1, 99);
}

#[test]
fn the_examples_say_what_a_fresh_compile_says() {
    for project in ["support-assistant", "pretrain-405b", "credit-scoring"] {
        check(crate::example_files(project), 100, 1, 7);
    }
}

/// A project whose fields read one another, in two environments.
const COMPUTED: &str = r#"
param nodes type=integer default=3
param tier type=string default=basic
let steps (expr)"nodes * 100"
platform shop { owner ml }
team ml { contact "ml@shop.example" }
team data { contact "data@shop.example" }
model seed { format safetensors }
training-job base { model seed; steps (expr)"steps + 1" }
training-job tune { model seed; steps (expr)"training-job.base.steps * 2"; labels { all (expr)"string(self.steps)" } }
training-job sum { model seed; steps (expr)"training-jobs.filter(j, j.owner == team.ml).map(j, j.steps).sum() + 1" }
training-job mine { model seed; owner ml; steps 5 }
training-job theirs { model seed; owner data; steps (expr)"self.owner.contact.size()" }
training-job via { model seed; owner ml; steps (expr)"size(self.model.labels) + size(teams)" }
training-job late { model seed; when (expr)"tier == 'premium'"; owner ml; steps (expr)"training-job.mine.steps" }
policy house {
    require (expr)"self.steps <= nodes * 300" kind=training-job message="too long"
    require (expr)"training-jobs.exists(j, j.owner == self)" kind=team message="has no work"
}
environment prod { set nodes 5; set tier premium; change training-job.mine { steps (expr)"$nodes + 2" } }
environment test { set nodes (expr)"1 + 1"; remove team.data }
"#;

/// Swaps what expressions read: values, names, owners, whole lines.
fn edit_what_is_read(files: &mut [File], dice: &mut Dice) -> Vec<Change> {
    const PAIRS: &[(&str, &str)] = &[
        ("steps 5", "steps 9"),
        ("steps 9", "steps 5"),
        ("nodes 5", "nodes 6"),
        ("nodes 6", "nodes 5"),
        ("default=3", "default=4"),
        ("default=4", "default=3"),
        ("job base {", "job bas {"),
        ("job bas {", "job base {"),
        ("(expr)\"steps + 1\"", "(expr)\"training-job.tune.steps + 1\""),
        ("(expr)\"training-job.tune.steps + 1\"", "(expr)\"steps + 1\""),
        ("owner data", "owner ml"),
        ("mine { model seed; owner ml", "mine { model seed; owner data"),
        ("mine { model seed; owner data", "mine { model seed; owner ml"),
        ("team data", "team dat"),
        ("team dat ", "team data "),
        ("premium'", "basic'"),
        ("basic'", "premium'"),
        ("data@shop", "dataset@shop"),
        ("nodes * 100", "nodes * $nodes"),
        ("nodes * $nodes", "nodes * 100GiB"),
        ("nodes * 100GiB", "nodes * 100"),
        ("model seed {", "model seed { labels { a 1 };"),
        ("{ labels { a 1 };", "{"),
    ];
    if dice.below(8) == 0 {
        return edit_something(files, dice);
    }
    let (path, text) = &mut files[0];
    let able: Vec<&(&str, &str)> = PAIRS.iter().filter(|(from, _)| text.contains(from)).collect();
    if able.is_empty() {
        return Vec::new();
    }
    let (from, to) = **dice.pick(&able);
    *text = text.replacen(from, to, 1);
    vec![Change::Set { path: path.clone(), text: text.clone() }]
}

#[test]
fn a_session_with_expressions_says_what_a_fresh_compile_says() {
    for seed in 1..=12 {
        check_with(vec![("purlin.kdl".to_owned(), COMPUTED.to_owned())], 80, 1, seed, edit_what_is_read);
    }
}
