//! `cargo run --release -p purlin-bench`: every budget as a ratio of what was measured to what is allowed.
//!
//! Whole processes are measured as a user runs them (`purlin` beside this program, built in release); key strokes and
//! throughput in this process. Machines differ: read the ratios, and compare with the floor of the same run.

mod doors;
mod expressions;
mod floor;
mod keys;
mod process;
mod table;

use std::path::{Path, PathBuf};
use std::time::Instant;

use purlin_bench::generate::{self, File, Size};
use purlin_core::lower::{Lowered, lower};
use purlin_syntax::document::Document;
use purlin_syntax::{Item, ItemId, Tree};
use table::{Row, Table};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["floor", path] => floor::run(Path::new(path)),
        ["generate", "services", count, folder] => {
            write(Path::new(folder), &generate::services(count.parse().unwrap_or(100)));
        }
        ["generate", "platform", folder] => write(Path::new(folder), &generate::platform(Size::PLATFORM)),
        ["generate", "lines", count, folder] => {
            write(Path::new(folder), &generate::platform(Size::of_lines(count.parse().unwrap_or(1000))));
        }
        ["expressions"] => expressions::measure(&mut Table::default()),
        ["--quick"] => measure(true),
        [] => measure(false),
        _ => {
            eprintln!(
                "purlin-bench [--quick] | expressions | generate services N DIR | generate lines N DIR | generate platform DIR"
            );
            std::process::exit(1);
        }
    }
}

/// Everything. `quick` leaves out the largest sizes and most of the key strokes.
fn measure(quick: bool) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let purlin = beside("purlin");
    let mut table = Table::default();
    let sizes: &[(usize, f64, f64)] =
        &[(100, 6.0, 0.0), (1_000, 15.0, 12.0), (10_000, 100.0, 40.0), (100_000, 1_000.0, 300.0)];
    for (count, milliseconds, mebibytes) in &sizes[..if quick { 3 } else { 4 }] {
        let root = folder.path().join(format!("services-{count}"));
        write(&root, &generate::services(*count));
        let entry = root.join("purlin.kdl");
        table.say(&process::row(
            &format!("floor: parse and print, {count} services"),
            0.0,
            0.0,
            &beside("purlin-bench"),
            &["floor", text(&entry)],
        ));
        let arguments = ["plan", text(&root), "--format", "short"];
        table.say(&process::row(
            &format!("compile {count} services"),
            *milliseconds,
            *mebibytes,
            &purlin,
            &arguments,
        ));
    }
    let rich = folder.path().join("rich");
    let files = generate::platform(Size::of_lines(100_000));
    let lines: usize = files.iter().map(|(_, text)| text.lines().count()).sum();
    write(&rich, &files);
    table.say(&process::row(
        &format!("check, {lines} rich lines"),
        60.0,
        0.0,
        &purlin,
        &["check", text(&rich)],
    ));
    table.say(&process::row(
        "compile of the same",
        150.0,
        0.0,
        &purlin,
        &["plan", text(&rich), "--format", "short"],
    ));
    let platform = folder.path().join("platform");
    write(&platform, &generate::platform(Size::PLATFORM));
    table.say(&process::row(
        "check of the platform benchmark",
        250.0,
        150.0,
        &purlin,
        &["check", text(&platform), "--format", "short"],
    ));
    let small = folder.path().join("small");
    write(&small, &generate::services(1));
    table.say(&process::row("cold check of a small project", 6.0, 0.0, &purlin, &["check", text(&small)]));
    findings(&mut table, folder.path(), &purlin);
    in_process(&mut table, &files);
    expressions::measure(&mut table);
    typed(&mut table, files.clone(), if quick { 2_000 } else { 100_000 });
    doors::server(&mut table, &purlin, &rich, &files);
    doors::diff(&mut table, &purlin, &rich, &files);
    doors::unchanged(&mut table, &purlin, &folder.path().join("services-10000"));
    hostile(&mut table, folder.path(), &purlin);
    let binary = std::fs::metadata(&purlin).map_or(0.0, |file| file.len() as f64 / 1e6);
    table.say(&Row::of("binary", binary, 40.0, "MB"));
}

/// Key strokes in a large project, and in one file of 2,000 lines.
fn typed(table: &mut Table, files: Vec<File>, edits: usize) {
    let large = keys::Typed {
        name: "key stroke, 100,000-line project, p99",
        budget: 10.0,
        open: Some(("cold open of 100,000 lines", 150.0)),
    };
    keys::measure(table, &large, files, edits);
    let one: String = generate::platform(Size::of_lines(2_000)).into_iter().map(|(_, text)| text).collect();
    let small = keys::Typed { name: "key stroke, one 2,000-line file, p99", budget: 3.0, open: None };
    keys::measure(table, &small, vec![("purlin.kdl".to_owned(), one)], 2_000);
}

/// Parsing, lowering and laying out, without the disk.
fn in_process(table: &mut Table, files: &[File]) {
    let text: String = files.iter().map(|(_, text)| text.as_str()).collect();
    let per_100k = 1e3 * 100_000.0 / text.lines().count() as f64;
    let (mut wall, mut spent) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..9 {
        let copy = text.clone();
        let (start, before) = (Instant::now(), process::on_processor());
        let document = Document::parse(copy);
        wall = wall.min(start.elapsed().as_secs_f64());
        let after = process::on_processor();
        spent = spent.min(after.zip(before).map_or(f64::INFINITY, |(after, before)| after - before));
        drop(document);
    }
    let rate = |seconds: f64| text.len() as f64 / 1e6 / seconds;
    let also =
        if spent.is_finite() { format!("   {:.0} MB/s on a processor", rate(spent)) } else { String::new() };
    table.say(&Row::rate("parse to a lossless tree", rate(wall), 150.0, "MB/s").also(also));
    let document = Document::parse(text.clone());
    let per_byte = held(&document) as f64 / text.len() as f64;
    table.say(&Row::of("what it holds, per byte of source", per_byte, 8.0, "bytes"));
    let seconds = best(5, || {
        std::hint::black_box(lowered(&document));
    });
    table.say(&Row::of("lower on one core, 100,000 lines", seconds * per_100k, 0.0, "ms"));
    let seconds = best(5, || {
        let _ = std::hint::black_box(purlin_syntax::format::format(&text));
    });
    table.say(&Row::of("fmt, 100,000 lines", seconds * per_100k, 60.0, "ms"));
}

/// Bytes that a document holds: text, line table, items and their trees.
fn held(document: &Document) -> usize {
    let tree = |item: &Item| {
        size_of::<Item>()
            + size_of::<Tree>()
            + size_of_val(&*item.tree.nodes)
            + size_of_val(&*item.tree.entries)
            + size_of_val(&*item.tree.errors)
    };
    let lines = document.lines().count() as usize * size_of::<u32>();
    document.text().len() + lines + document.items().iter().map(tree).sum::<usize>()
}

fn lowered(document: &Document) -> Vec<Lowered> {
    let items = document.items().iter().enumerate();
    items.map(|(n, item)| lower(&item.tree, document.item_text(n), ItemId(n as u32))).collect()
}

/// What printing a thousand findings costs: the check of mistakes less the check of the same without them.
fn findings(table: &mut Table, folder: &Path, purlin: &Path) {
    let seconds = [true, false].map(|broken| {
        let root = folder.join(format!("storages-{broken}"));
        write(&root, &generate::storages(1_000, broken));
        process::best(purlin, &["check", text(&root)]).0
    });
    let over = (seconds[0] - seconds[1]) * 1e3;
    table.say(&Row::of("1,000 findings found and printed", over, 20.0, "ms"));
}

fn hostile(table: &mut Table, folder: &Path, purlin: &Path) {
    let many = |line: &dyn Fn(usize) -> String| (0..100_000).map(line).collect::<String>();
    let cases: [(&str, String); 8] = [
        ("96-byte slashdash bomb", "a /-{\n".repeat(16)),
        ("100,000 levels", "a {".repeat(100_000)),
        ("10 MB of {", "{".repeat(10_000_000)),
        ("10 MB in one string", format!("a \"{}", "x".repeat(10_000_000))),
        ("100,000 errors", "a =\n".repeat(100_000)),
        ("100,000 unknown kinds", many(&|n| format!("gpu-pol p{n}\n"))),
        ("100,000 unknown fields", many(&|n| format!("secret s{n} {{ stoer x{n} }}\n"))),
        ("100,000 wrong units", many(&|n| format!("storage s{n} {{ size \"80 gigs\" }}\n"))),
    ];
    for (n, (name, text)) in cases.into_iter().enumerate() {
        let root = folder.join(format!("hostile-{n}"));
        write(&root, &[("purlin.kdl".to_owned(), text)]);
        let arguments = ["check", root.to_str().unwrap_or_default(), "--format", "short"];
        table.say(&process::row(&format!("hostile: {name}"), 1_000.0, 0.0, purlin, &arguments));
    }
}

/// The shortest of several runs, in seconds.
fn best(rounds: usize, mut work: impl FnMut()) -> f64 {
    (0..rounds)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min)
}

fn write(root: &Path, files: &[File]) {
    for (path, text) in files {
        let full = root.join(path);
        if let Some(folder) = full.parent() {
            std::fs::create_dir_all(folder).expect("a folder for the project");
        }
        std::fs::write(full, text).expect("a file of the project");
    }
}

/// A program built into the same folder as this one.
fn beside(name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("this program has a path");
    own.with_file_name(name)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}
