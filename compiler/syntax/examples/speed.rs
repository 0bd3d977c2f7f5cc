//! Prints how fast a file (or a generated one of 3.6 MB) is read.

use std::fmt::Write;
use std::time::{Duration, Instant};

use purlin_syntax::Document;

fn main() {
    let text = std::env::args().nth(1).map_or_else(generated, |path| std::fs::read_to_string(path).unwrap());
    // Timed runs of each kind; the median counts.
    let runs = std::env::args().nth(2).and_then(|runs| runs.parse().ok()).unwrap_or(15);
    let mb = text.len() as f64 / 1e6;
    println!("{} bytes, {} lines", text.len(), text.lines().count());
    let copies = std::cell::RefCell::new(vec![text.clone(); runs]);
    let kept = std::cell::RefCell::new(Vec::new());
    report("parse", mb, runs, || {
        let copy = copies.borrow_mut().pop().unwrap_or_default();
        kept.borrow_mut().push(Document::parse(copy));
    });
    drop(kept);
    report("format", mb, runs, || {
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
    report("key stroke in the middle", mb, runs, || {
        on = !on;
        if on {
            document.edit(at, at, "x")
        } else {
            document.edit(at, at + 1, "")
        };
    });
}

/// Median of the elapsed times, and the mean of the time on a processor (which a busy machine does not lengthen).
fn report(what: &str, mb: f64, runs: usize, mut run: impl FnMut()) {
    let before = on_processor();
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    let spent = on_processor().zip(before).map(|(after, before)| (after - before) / runs as f64);
    times.sort();
    let median = times[times.len() / 2].as_secs_f64();
    let spent = spent.unwrap_or(median);
    println!(
        "{what}: {:.3} ms elapsed, {:.3} ms on a processor, {:.0} MB/s",
        median * 1e3,
        spent * 1e3,
        mb / spent
    );
}

/// Seconds that this process has run so far, where the system says so.
fn on_processor() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    text.split_whitespace().next()?.parse::<f64>().ok().map(|nanoseconds| nanoseconds / 1e9)
}

fn generated() -> String {
    let mut text = String::new();
    for n in 0..7_700 {
        let _ = write!(
            text,
            "// Service {n} of the platform.\nserving service-{n} cluster=train {{\n    doc \"Answers questions of team {n}\\n\"\n    \
             model llama-8b quantised=#true\n    replicas min=1 max={} target=0.75\n    labels {{ team \"t-{n}\"; cost-centre CC-{n} }}\n    \
             /* sized by hand */ memory \"80GiB\" reserve=(expr)\"nodes * 8\"\n    env {{\n        TOKEN #\"raw \"{n}\" text\"#\n        \
             LEVEL 0x{n:x}\n    }}\n    /- debug #true\n    latency p99=\"{n}ms\" // measured\n}}\n",
            n % 9 + 1
        );
    }
    text
}
