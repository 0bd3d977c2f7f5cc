//! Prints how fast a file (or a generated one of 3.6 MB) is read.

use std::time::{Duration, Instant};

use purlin_syntax::Document;

/// Timed runs of each kind; the median counts.
const RUNS: usize = 15;

fn main() {
    let text = std::env::args().nth(1).map_or_else(generated, |path| std::fs::read_to_string(path).unwrap());
    let mb = text.len() as f64 / 1e6;
    println!("{} bytes, {} lines", text.len(), text.lines().count());
    let copies = std::cell::RefCell::new(vec![text.clone(); RUNS]);
    let kept = std::cell::RefCell::new(Vec::new());
    report("parse", mb, || {
        let copy = copies.borrow_mut().pop().unwrap_or_default();
        kept.borrow_mut().push(Document::parse(copy));
    });
    drop(kept);
    report("format", mb, || {
        let _ = std::hint::black_box(purlin_syntax::format(&text));
    });
    let mut document = Document::parse(text);
    let trees = document.items().iter().map(|item| &item.tree);
    let nodes: usize = trees.clone().map(|tree| tree.nodes.len()).sum();
    let entries: usize = trees.map(|tree| tree.entries.len()).sum();
    let heap = nodes * size_of::<purlin_syntax::Node>() + entries * size_of::<purlin_syntax::Entry>();
    println!(
        "{} items, {nodes} nodes, {entries} entries, {:.2} bytes of tree per byte",
        document.items().len(),
        heap as f64 / mb / 1e6
    );
    println!("{} errors", document.errors().count());
    let middle = document.items()[document.items().len() / 2].start;
    let at = middle + document.items()[document.items().len() / 2].len;
    let mut on = false;
    report("key stroke in the middle", mb, || {
        on = !on;
        if on {
            document.edit(at, at, "x")
        } else {
            document.edit(at, at + 1, "")
        };
    });
}

fn report(what: &str, mb: f64, mut run: impl FnMut()) {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort();
    let median = times[times.len() / 2];
    println!("{what}: {:.3} ms, {:.0} MB/s", median.as_secs_f64() * 1e3, mb / median.as_secs_f64());
}

fn generated() -> String {
    let mut text = String::new();
    for n in 0..7_700 {
        text.push_str(&format!(
            "// Service {n} of the platform.\nserving service-{n} cluster=train {{\n    doc \"Answers questions of team {n}\\n\"\n    \
             model llama-8b quantised=#true\n    replicas min=1 max={} target=0.75\n    labels {{ team \"t-{n}\"; cost-centre CC-{n} }}\n    \
             /* sized by hand */ memory \"80GiB\" reserve=(expr)\"nodes * 8\"\n    env {{\n        TOKEN #\"raw \"{n}\" text\"#\n        \
             LEVEL 0x{n:x}\n    }}\n    /- debug #true\n    latency p99=\"{n}ms\" // measured\n}}\n",
            n % 9 + 1
        ));
    }
    text
}
