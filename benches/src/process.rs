//! A whole process: wall time and peak memory, the best of several runs.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use crate::table::Row;

const ROUNDS: usize = 5;

/// Runs a program several times; `milliseconds` and `mebibytes` are its budgets, 0 for none.
pub(crate) fn row(name: &str, milliseconds: f64, mebibytes: f64, program: &Path, arguments: &[&str]) -> Row {
    let (wall, peak) = best(program, arguments);
    let memory = if mebibytes > 0.0 {
        format!("   {peak:.0} of {mebibytes} MiB{}", if peak > mebibytes { " over" } else { "" })
    } else {
        format!("   {peak:.0} MiB")
    };
    Row::of(name, wall * 1e3, milliseconds, "ms").also(if peak.is_finite() { memory } else { String::new() })
}

/// The shortest time in seconds, and the lowest peak in MiB, of several runs.
pub(crate) fn best(program: &Path, arguments: &[&str]) -> (f64, f64) {
    let wall = (0..ROUNDS).map(|_| time(program, arguments)).fold(f64::INFINITY, f64::min);
    let peak = (0..2).map(|_| peak(program, arguments)).fold(f64::INFINITY, f64::min);
    (wall, peak)
}

/// Seconds from start to end, undisturbed.
fn time(program: &Path, arguments: &[&str]) -> f64 {
    let start = Instant::now();
    let _ = spawn(program, arguments).wait();
    start.elapsed().as_secs_f64()
}

fn spawn(program: &Path, arguments: &[&str]) -> Child {
    let child = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    child.unwrap_or_else(|error| {
        eprintln!(
            "{} cannot be run ({error}): build it with `cargo build --release -p purlin`",
            program.display()
        );
        std::process::exit(1);
    })
}

/// MiB at the peak, as the system last told it: asking disturbs, so that time is taken in runs of its own.
fn peak(program: &Path, arguments: &[&str]) -> f64 {
    let mut child = spawn(program, arguments);
    let status = format!("/proc/{}/status", child.id());
    let mut peak = f64::INFINITY;
    loop {
        if let Some(memory) = high_water(&status) {
            peak = memory;
        }
        match child.try_wait() {
            Ok(None) => std::thread::sleep(std::time::Duration::from_micros(200)),
            Ok(Some(_)) | Err(_) => return peak,
        }
    }
}

/// MiB that a process holds now.
pub(crate) fn held(process: u32) -> Option<f64> {
    memory(&format!("/proc/{process}/status"), "VmRSS:")
}

fn high_water(status: &str) -> Option<f64> {
    memory(status, "VmHWM:")
}

/// A line of a process's status, in MiB.
fn memory(status: &str, what: &str) -> Option<f64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with(what))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
}

/// Seconds that this process has run so far, where the system says so: a busy machine does not lengthen them.
pub(crate) fn on_processor() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    text.split_whitespace().next()?.parse::<f64>().ok().map(|nanoseconds| nanoseconds / 1e9)
}
