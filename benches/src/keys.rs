//! Key strokes: from an edit to all findings, in a session that lives on.

use std::time::Instant;

use purlin_bench::generate::{Dice, File};
use purlin_core::{Change, Options, Serial, Session};

use crate::table::{Row, Table};

/// One project that is typed into, and what its rows are called and allowed.
pub(crate) struct Typed {
    /// What the time of a key stroke is called.
    pub(crate) name: &'static str,
    /// Its budget in ms.
    pub(crate) budget: f64,
    /// The same for opening the project; none: not said.
    pub(crate) open: Option<(&'static str, f64)>,
}

/// Types and takes back `edits` pieces of text at random places, comparing with a fresh compile every 1,000th time.
pub(crate) fn measure(table: &mut Table, typed_into: &Typed, mut files: Vec<File>, edits: usize) {
    let options = Options { track: true, ..Options::default() };
    let start = Instant::now();
    let mut session = Session::new(options.clone());
    session.apply(files.iter().map(set).collect(), &Serial);
    let found = session.findings().len();
    if let Some((name, budget)) = typed_into.open {
        table.say(&Row::of(name, start.elapsed().as_secs_f64() * 1e3, budget, "ms"));
    }
    let mut dice = Dice::new(11);
    let mut times: Vec<f64> = Vec::with_capacity(edits);
    let mut undo: Option<Change> = None;
    for edit in 0..edits {
        let change = undo.take().unwrap_or_else(|| typed(&files, &mut dice));
        undo = if edit % 2 == 0 { inverse(&files, &change) } else { None };
        write(&mut files, &change);
        let start = Instant::now();
        session.apply(vec![change], &Serial);
        std::hint::black_box(session.findings().len());
        times.push(start.elapsed().as_secs_f64() * 1e3);
        if edit % 1_000 == 999 {
            let mut fresh = Session::new(options.clone());
            fresh.apply(files.iter().map(set).collect(), &Serial);
            assert_eq!(
                shown(&session),
                shown(&fresh),
                "a session differs from a fresh compile after edit {edit}"
            );
        }
    }
    assert_eq!(session.findings().len(), found, "every edit was taken back");
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
    let also = format!("   p50 {:.2} p95 {:.2} max {:.1} over {edits} edits", at(0.5), at(0.95), at(1.0));
    table.say(&Row::of(typed_into.name, at(0.99), typed_into.budget, "ms").also(also));
}

fn set((path, text): &File) -> Change {
    Change::Set { path: path.clone(), text: text.clone() }
}

fn shown(session: &Session) -> Vec<String> {
    session
        .findings()
        .iter()
        .map(|finding| {
            format!(
                "{:?} {}",
                finding.diagnostic.span().and_then(|span| session.sources.position(span)),
                finding.diagnostic.message
            )
        })
        .collect()
}

fn typed(files: &[File], dice: &mut Dice) -> Change {
    const TYPED: &[&str] = &["a", "-", "1", " ", "\n", "x", "\"", "{", " max=3", "// c\n"];
    let (path, text) = dice.pick(files);
    let mut lo = dice.below(text.len() + 1);
    while !text.is_char_boundary(lo) {
        lo -= 1;
    }
    Change::Edit { path: path.clone(), lo: lo as u32, hi: lo as u32, text: (*dice.pick(TYPED)).to_owned() }
}

fn inverse(files: &[File], change: &Change) -> Option<Change> {
    let Change::Edit { path, lo, hi, text } = change else { return None };
    let (_, old) = files.iter().find(|(have, _)| have == path)?;
    let back = old.get(*lo as usize..*hi as usize)?.to_owned();
    Some(Change::Edit { path: path.clone(), lo: *lo, hi: lo + text.len() as u32, text: back })
}

fn write(files: &mut [File], change: &Change) {
    let Change::Edit { path, lo, hi, text } = change else { return };
    if let Some((_, old)) = files.iter_mut().find(|(have, _)| have == path) {
        old.replace_range(*lo as usize..*hi as usize, text);
    }
}
