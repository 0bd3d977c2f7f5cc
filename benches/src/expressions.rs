//! A typical predicate, compiled once, asked again and again.

use std::hint::black_box;
use std::time::Instant;

use purlin_core::expr::{self, Reach};
use purlin_core::{MemoryWorld, Options, Serial, compile};

use crate::table::{Row, Table};

const PROJECT: &str = r#"
platform shop { owner ml }
team ml { contact "ml@shop.example" }
model seed { format safetensors }
training-job tune { owner ml; model seed; seed 7; steps 100; labels { tier gold } }
"#;

/// One comparison with arithmetic, one reference, one map, one `has`.
const TYPICAL: &str =
    "has(self.seed) && self.steps * 2 <= 1000 && self.labels.tier == 'gold' && self.owner == team.ml";

pub(crate) fn measure(table: &mut Table) {
    const TIMES: u32 = 100_000;
    let session =
        compile(&MemoryWorld::of(PROJECT), Options::default(), &Serial).expect("a project in memory");
    let graph = session.graph(None).expect("one graph");
    let job = graph.lookup("training-job.tune").expect("a job");
    let start = Instant::now();
    let program = graph.expressions().program(TYPICAL, Some(job.kind), Reach::Graph);
    let compiled = start.elapsed().as_secs_f64() * 1e6;
    let program = program.as_ref().as_ref().expect("a predicate");
    let ask = session.ask(graph);
    let mut best = f64::INFINITY;
    for _ in 0..20 {
        let start = Instant::now();
        for _ in 0..TIMES {
            let truth = expr::truth(black_box(program), &ask, Some(job.id));
            assert!(black_box(truth) == Ok(expr::Truth::True), "the predicate holds");
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e6 / f64::from(TIMES));
    }
    let row = Row::of("a typical expression", best, 1.0, "µs");
    table.say(&row.also(format!("   compiled in {compiled:.0} µs")));
}
