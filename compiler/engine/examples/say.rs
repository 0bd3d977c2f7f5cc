//! Prints the findings of a project: a look at the compiler without the command line.
fn main() {
    let path = std::env::args().nth(1).unwrap_or_default();
    let world = purlin_engine::DiskWorld::open(std::path::Path::new(&path)).expect("a project");
    let start = std::time::Instant::now();
    let session = purlin_core::compile(&world, purlin_core::Options::default(), &purlin_core::Serial)
        .expect("readable");
    println!("{:?}", start.elapsed());
    for finding in session.findings() {
        let at = finding.diagnostic.span().and_then(|span| session.sources.position(span));
        let place = at.map(|at| {
            let line =
                session.sources.by_path(at.path).map_or(0, |file| file.document.lines().position(at.lo).line);
            format!("{}:{}", at.path, line + 1)
        });
        println!(
            "{} {:?} {:?} {} {:?}",
            finding.diagnostic.rule,
            place,
            finding.environments,
            finding.diagnostic.message,
            finding.diagnostic.notes
        );
    }
    for state in session.environments() {
        println!("{:?} {}", state.name(), state.graph.len());
    }
}
