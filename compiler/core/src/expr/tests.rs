//! Expressions by themselves: values, units, mistakes.

use purlin_schema::kinds;
use purlin_schema::units::Date;

use super::{Reach, Scope, compile, show};
use crate::check::testing::session;
use crate::variables::Variables;
use crate::world::MemoryWorld;
use crate::{Options, Serial, compile as compile_project};

/// Asserts what an expression without a graph comes to.
#[track_caller]
fn value(text: &str, expect: &str) {
    assert_eq!(said(text), expect, "{text}");
}

/// The value or the fault of an expression without a graph.
fn said(text: &str) -> String {
    let variables = Variables::default();
    let scope = Scope { subject: None, variables: &variables, reach: Reach::Graph };
    match compile(text, &scope).and_then(|program| show(&program, None, None)) {
        Ok(shown) => shown,
        Err(fault) => {
            let place = &text[fault.lo as usize..fault.hi as usize];
            let offers = if fault.offers.is_empty() {
                String::new()
            } else {
                format!(" → {}", fault.offers.join(", "))
            };
            format!("{} at `{place}`: {}{offers}", fault.rule, fault.message)
        }
    }
}

#[test]
fn the_page_says_what_is_so() {
    let page = super::page();
    let rows =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix("` |")?.split_once("` | `"));
    let rows: Vec<(&str, &str)> = rows.collect();
    assert!(rows.len() > 15, "the page has lost its examples: {rows:?}");
    for (text, expect) in rows {
        value(text, expect);
    }
}

const PROJECT: &str = r#"
    platform shop { owner ml }
    team ml { contact "ml@shop.example" }
    team data { contact "data@shop.example" }
    model seed { format safetensors }
    training-job tune { owner ml; model seed; seed 7; steps 100; labels { tier gold; cost-centre "42" } }
    training-job other { owner data; model seed; steps 300 }
"#;

/// Asserts what an expression about `training-job.tune` comes to.
#[track_caller]
fn of_job(text: &str, expect: &str) {
    let session = session(&MemoryWorld::of(PROJECT));
    let graph = session.graph(None).unwrap_or_else(|| panic!("no graph"));
    let variables = Variables::default();
    let kind = kinds::kind("training-job");
    let scope = Scope { subject: kind, variables: &variables, reach: Reach::Graph };
    let id = graph.lookup("training-job.tune").map(|resource| resource.id);
    let ask = session.ask(graph);
    let found = match compile(text, &scope).and_then(|program| show(&program, Some(&ask), id)) {
        Ok(shown) => shown,
        Err(fault) => {
            let place = &text[fault.lo as usize..fault.hi as usize];
            let offers = if fault.offers.is_empty() {
                String::new()
            } else {
                format!(" → {}", fault.offers.join(", "))
            };
            format!("{} at `{place}`: {}{offers}", fault.rule, fault.message)
        }
    };
    assert_eq!(found, expect, "{text}");
}

#[test]
fn numbers_are_calculated_as_in_cel() {
    value("1 + 2 * 3 - 4 / 2", "5");
    value("(1 + 2) * -3", "-9");
    value("7 / 2", "3");
    value("-7 / 2", "-3");
    value("7 % 3", "1");
    value("7.0 / 2.0", "3.5");
    value("1 + 0.5", "1.5");
    value("10-3", "7");
    value("0x10", "16");
}

#[test]
fn texts_lists_and_maps_have_their_functions() {
    value("'abc'.contains('b') && 'abc'.startsWith('a') && 'abc'.endsWith('c')", "true");
    value("'training-7'.matches('^[a-z]+-[0-9]+$')", "true");
    value("size('grün') + size([1, 2])", "6");
    value("'a' + \"b\"", "\"ab\"");
    value("2 in [1, 2, 3]", "true");
    value("'x' in {'x': 1}", "true");
    value("{'x': [1, 2]}.x[1]", "2");
    value("[1, 2, 3].map(x, x * x).filter(x, x > 1)", "[4, 9]");
    value("[1, 2, 3].map(x, x > 1, x * 10)", "[20, 30]");
    value("[1, 2, 3].all(x, x > 0) && [1, 2].exists(x, x == 2) && [1, 2].exists_one(x, x < 2)", "true");
    value("[[1, 2], [3]].map(l, l.sum())", "[3, 3]");
    value("min(3, 1, 2) + max([4, 5])", "6");
    value("1 < 2 ? 'yes' : 'no'", "\"yes\"");
    value("string(8) + 's'", "\"8s\"");
}

#[test]
fn quantities_keep_their_units() {
    value("80GiB * 8", "640GiB");
    value("0.5 * 80GiB + 1GiB", "41GiB");
    value("640GiB / 80GiB", "8.0");
    value("20min + 1h", "80min");
    value("20min < 1h", "true");
    value("'20min' < 1h", "true");
    value("98.32 USD/h * 10h", "983.20 USD");
    value("400Gbps * 2s", "100GB");
    value("100GB / 400Gbps", "2s");
    value("90% * 80GiB", "72GiB");
    value("300B tokens + 1B tokens", "301B tokens");
    value(
        "2026-11-21 + 10d > 2026-11-30",
        "type.expression at `2026-11-21 + 10d`: `2026-11-21` is a date and `10d` is a duration: they cannot be added",
    );
    value("2026-11-21 < 2026-12-01", "true");
    value("10d > 1w", "true");
    value("99.9% >= 0.999", "true");
    value("7 % 3 == 1", "true");
}

#[test]
fn a_mistake_names_both_units_and_its_place() {
    value(
        "80GiB + 20min",
        "type.expression at `80GiB + 20min`: `80GiB` is bytes and `20min` is a duration: they cannot be added",
    );
    value("80GiB < 8", "type.unit at `8`: `8` is a bare number; bytes are wanted → 8GiB, 8GB");
    value("80GiB < '8s'", "type.unit at `'8s'`: `8s` is a duration; bytes are wanted");
    value("1 + 'a'", "type.expression at `1 + 'a'`: `1` is a number and `'a'` is text: they cannot be added");
    value("80Gib", "type.unit at `80Gib`: `80Gib` is no quantity → 80GiB");
    value("1 +", "language.expression at ``: an expression ends too early");
    value("1 2", "language.expression at `2`: an expression cannot go on with `2`");
    value(
        "a & b",
        "language.expression at `&`: `&` means nothing in an expression (`&&` joins two conditions)",
    );
    value("1 / 0", "type.expression at `1 / 0`: 1 is divided by zero");
    value("10GiB - 20GiB", "type.expression at `10GiB - 20GiB`: 10GiB less 20GiB is below zero");
    value("1 USD + 1 EUR", "type.expression at `1 USD + 1 EUR`: 1 USD and 1 EUR cannot be added");
    value("!5", "type.expression at `5`: `5` is a number; a condition is wanted here");
    value(
        "[1].exists(x)",
        "language.expression at `[1].exists(x)`: `exists` takes a name and an expression: `exists(x, …)`",
    );
    value(
        "'a'.startWith('a')",
        "reference.unknown-in-expression at `'a'.startWith('a')`: there is no function `startWith`",
    );
}

#[test]
fn fields_rows_and_neighbours_are_read() {
    of_job("self.steps * 2", "200");
    of_job("has(self.seed) && self.seed == 7", "true");
    of_job("self.labels.tier + '/' + self.labels['cost-centre']", "\"gold/42\"");
    of_job("self.owner == team.ml && self.owner == 'ml' && self.owner != team.data", "true");
    of_job("training-jobs.filter(j, j.steps > 200).map(j, j.owner.contact)", "[\"data@shop.example\"]");
    of_job("training-jobs.map(j, j.steps).sum()", "400");
    of_job("training-job.other.steps > self.steps", "true");
    of_job("training-job['other'].steps", "300");
    of_job("has(training-job.other.seed)", "false");
    of_job("training-job.other.seed > 3", "false");
    of_job("self.model == 'seed'", "true");
    of_job("team.ml in teams && size(teams) == 2", "true");
    of_job("teams.exists(t, t.contact.matches('^data@'))", "true");
}

#[test]
fn a_name_that_means_nothing_is_told_with_the_nearest() {
    of_job(
        "self.stepz > 3",
        "reference.unknown-in-expression at `stepz`: a training-job has no field `stepz` → steps",
    );
    of_job(
        "steps > 3",
        "reference.unknown-in-expression at `steps`: `steps` means nothing here → self.steps",
    );
    of_job(
        "training-job > 3",
        "reference.unknown-in-expression at `training-job`: `training-job` is a kind: one of them is `training-job.NAME`, all of them are `training-jobs` → training-jobs",
    );
    of_job(
        "self.memory.totl.high < 3GiB",
        "reference.unknown-in-expression at `totl`: `self.memory` has no `totl` → total",
    );
    of_job(
        "self.memory.total < 3GiB",
        "type.expression at `self.memory.total < 3GiB`: `self.memory.total` is an interval of bytes and `3GiB` is bytes: they cannot be compared",
    );
    of_job("cost.year.high < 3 USD", "reference.unknown-in-expression at `year`: `cost` has no `year`");
    of_job(
        "self.data.exists(d, d.nam == 'x')",
        "reference.unknown-in-expression at `nam`: a data-use has no field `nam`",
    );
}

#[test]
fn depth_length_and_fuel_are_bounded() {
    let deep = |text: String| {
        let told = said(&text);
        assert!(told.starts_with("language.expression"), "{}", told.chars().take(200).collect::<String>());
    };
    deep(format!("{}1{}", "(".repeat(5_000), ")".repeat(5_000)));
    deep("!".repeat(15_000));
    deep(format!("1{}", " + 1".repeat(3_000)));
    deep("[".repeat(10_000));
    deep(format!("'{}'", "a".repeat(20_000)));
    let list = format!("[{}]", vec!["1"; 300].join(","));
    deep(format!("{list}.all(a, {list}.all(b, {list}.all(c, a + b + c > 0)))"));
}

/// Whatever stands in an expression is answered: by a value or by a fault at a place within the text.
#[test]
fn whatever_is_typed_is_answered() {
    const WORDS: &[&str] = &[
        "self",
        ".",
        "steps",
        "owner",
        "labels",
        "training-jobs",
        "training-job",
        "tune",
        "team",
        "ml",
        "cost",
        "month",
        "memory",
        "total",
        "high",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "?",
        "&&",
        "||",
        "!",
        "==",
        "<",
        ">=",
        "in",
        "+",
        "-",
        "*",
        "/",
        "%",
        "1",
        "2.5",
        "80GiB",
        "20min",
        "99.9%",
        "98.32 USD/h",
        "300B tokens",
        "2026-11-21",
        "1.2.3",
        "'a'",
        "\"é\"",
        "'",
        "x",
        "y",
        "has(",
        ".map(x,",
        ".exists(x,",
        ".size()",
        ".matches('a')",
        "min(",
        "sum(",
        "$",
        "$x",
        "\\",
        "é",
        "\u{2028}",
        "true",
        "null",
        " ",
        "\n",
        "0x",
        "1e400",
        "9223372036854775807",
        "r'",
        "environment.name",
    ];
    let session = session(&MemoryWorld::of(PROJECT));
    let graph = session.graph(None).unwrap_or_else(|| panic!("no graph"));
    let (ask, id) = (session.ask(graph), graph.lookup("training-job.tune").map(|resource| resource.id));
    let variables = Variables::default();
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut values = 0;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..=state % 9 {
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            text.push_str(WORDS[(state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % WORDS.len()]);
        }
        let scope =
            Scope { subject: kinds::kind("training-job"), variables: &variables, reach: Reach::Graph };
        match compile(&text, &scope).and_then(|program| show(&program, Some(&ask), id)) {
            Ok(_) => values += 1,
            Err(fault) => {
                assert!(text.get(fault.lo as usize..fault.hi as usize).is_some(), "{text}: {fault:?}");
            }
        }
    }
    assert!(values > 200, "only {values} have a value: nothing is tried");
}

#[test]
fn a_version_is_compared_as_one() {
    value("1.10.0 > 1.9.2", "true");
}

#[test]
fn a_predicate_of_an_empty_project_compiles_against_every_kind() {
    for kind in kinds::KINDS {
        let variables = Variables::default();
        let scope = Scope { subject: Some(kind), variables: &variables, reach: Reach::Graph };
        for field in kind.record.fields {
            if kind.fact {
                continue;
            }
            let text = format!("has(self.{})", field.name);
            assert!(compile(&text, &scope).is_ok(), "{} {text}", kind.name);
        }
    }
}

#[test]
fn computed_values_take_no_field_away() {
    for row in super::COMPUTED {
        for kind in row.kinds {
            let fields = kinds::kind(kind).map(|kind| kind.record.field(row.group).is_some());
            assert_eq!(fields, Some(false), "{kind}.{}", row.group);
        }
    }
}

/// Asserts the findings of a project: `rule: message`, sorted by place.
#[track_caller]
fn findings(spec: &str, expect: &[&str]) {
    let options = Options { as_of: Date::of(2026, 11, 21), ..Options::default() };
    let session =
        compile_project(&MemoryWorld::of(spec), options, &Serial).unwrap_or_else(|error| panic!("{error}"));
    let found: Vec<String> = session
        .findings()
        .iter()
        .filter(|finding| finding.is_error())
        .map(|finding| format!("{}: {}", finding.diagnostic.rule, finding.diagnostic.message))
        .collect();
    assert_eq!(found, expect);
}

/// Asserts the value of a field in an environment, as a user would write it.
#[track_caller]
fn field(spec: &str, environment: Option<&str>, address: &str, field: &str, expect: &str) {
    let session = session(&MemoryWorld::of(spec));
    let told: Vec<String> =
        session.findings().iter().map(|finding| finding.diagnostic.message.clone()).collect();
    let graph = session.graph(environment).unwrap_or_else(|| panic!("no graph"));
    let resource = graph.lookup(address).unwrap_or_else(|| panic!("no {address}; {told:#?}"));
    let slot = resource.record.named(field).unwrap_or_else(|| panic!("no {field}; {told:#?}"));
    let shape = resource.record.schema.field(field).map(|field| field.shape);
    let shown = shape.map(|shape| purlin_schema::print::print_value(&slot.value, shape));
    assert_eq!(shown.as_deref(), Some(expect), "{told:#?}");
}

const FIELDS: &str = r#"
    param nodes type=integer default=3
    param tier type=string default="basic"
    param size type=bytes default="80GiB"
    let steps (expr)"nodes * 100"
    let twice (expr)"$steps * 2"
    let names "a" "b-${tier}" (expr)"'c' + string(nodes)"
    platform shop { owner ml }
    team ml { contact "ml@shop.example" }
    model seed { format safetensors }
    training-job base { model seed; steps (expr)"twice + 1" }
    training-job tune { model seed; steps (expr)"training-job.base.steps * 2"; labels { all (expr)"string(self.steps)"; list (expr)"$names" } }
    training-job sum { model seed; steps (expr)"training-jobs.filter(j, j.owner == team.ml).map(j, j.steps).sum() + 1" }
    training-job mine { model seed; owner ml; steps 5 }
    training-job premium { model seed; when (expr)"tier == 'premium'"; steps 1 }
    environment prod { set nodes 5; set tier premium; change training-job.mine { steps (expr)"$nodes + 2" } }
    environment test { set nodes (expr)"1 + 1" }
"#;

#[test]
fn an_expression_in_a_field_becomes_its_value() {
    findings(FIELDS, &[]);
    field(FIELDS, Some("test"), "training-job.base", "steps", "401");
    field(FIELDS, Some("test"), "training-job.tune", "steps", "802");
    field(FIELDS, Some("test"), "training-job.tune", "labels", "{ all \"802\"; list a b-basic c2 }");
    field(FIELDS, Some("test"), "training-job.sum", "steps", "6");
    field(FIELDS, Some("prod"), "training-job.base", "steps", "1001");
    field(FIELDS, Some("prod"), "training-job.mine", "steps", "7");
    field(FIELDS, Some("prod"), "training-job.sum", "steps", "8");
}

#[test]
fn what_decides_that_something_exists_reads_variables() {
    field(FIELDS, Some("prod"), "training-job.premium", "steps", "1");
    let session = session(&MemoryWorld::of(FIELDS));
    let graph = session.graph(Some("test"));
    assert!(graph.is_some_and(|graph| graph.lookup("training-job.premium").is_none()));
}

#[test]
fn a_record_whose_condition_does_not_hold_is_left_out() {
    let spec = r#"
        param tier type=string default=basic
        platform shop { owner ml }
        team ml { contact "ml@shop.example" }
        model seed { format safetensors }
        training-job a {
            model seed; steps 5
            checkpoint { every "20min"; when (expr)"tier == 'premium'" }
            data corpus { when (expr)"tier == 'basic'" }
            data other { when (expr)"tier == 'premium'" }
        }
        dataset corpus {}
        environment prod { set tier premium }
        environment test { set tier basic }
    "#;
    let keys = |environment| {
        let session = session(&MemoryWorld::of(spec));
        let graph = session.graph(Some(environment)).unwrap_or_else(|| panic!("no {environment}"));
        let job = graph.lookup("training-job.a").unwrap_or_else(|| panic!("no job"));
        let fields = job.record.slots().iter().map(|slot| job.record.schema.fields[slot.field as usize].name);
        fields.collect::<Vec<_>>().join(" ")
    };
    assert!(keys("prod").contains("checkpoint"), "{}", keys("prod"));
    assert!(!keys("test").contains("checkpoint"), "{}", keys("test"));
    field(spec, Some("test"), "training-job.a", "data", "corpus when=#true");
    field(spec, Some("prod"), "training-job.a", "data", "other when=#true");
}

#[test]
fn a_cycle_of_fields_shows_its_path_once() {
    let spec = r#"
        platform shop { owner ml }
        team ml { contact "ml@shop.example" }
        model seed { format safetensors }
        training-job a { model seed; steps (expr)"training-job.b.steps + 1" }
        training-job b { model seed; steps (expr)"training-job.c.steps + 1" }
        training-job c { model seed; steps (expr)"training-job.a.steps + 1" }
        training-job d { model seed; steps (expr)"training-job.a.steps + 1" }
        let x (expr)"y + 1"
        let y (expr)"x + 1"
    "#;
    findings(
        spec,
        &[
            "language.cycle: `training-job.a.steps` is defined by itself",
            "language.cycle: `x` is defined by itself",
        ],
    );
}

#[test]
fn a_field_of_another_type_is_refused() {
    let spec = r#"
        platform shop { owner ml }
        team ml { contact "ml@shop.example" }
        model seed { format safetensors }
        training-job a { model seed; steps (expr)"20min * 2" }
        training-job b { model seed; steps (expr)"2.5 * 1.0" }
        training-job c { model seed; deadline (expr)"80GiB" }
        training-job d { model seed; steps (expr)"training-job.nobody.steps" }
        training-job e { model seed; steps (expr)"self.seed" }
        training-job f { model seed; steps (expr)"80GiB + 20min" }
        training-job g { model seed; steps (expr)"self.memory.total.high / 1GiB" }
    "#;
    findings(
        spec,
        &[
            "type.expression: `steps` is a number; its expression gives a duration (40min)",
            "type.wrong-type: `steps` is a whole number that is not negative, not `2.5`",
            "type.expression: `deadline` is a duration; its expression gives bytes (80GiB)",
            "reference.unknown: no training-job is named `nobody`",
            "language.expression: the expression of `steps` has no value: what it reads is not said",
            "type.expression: `80GiB` is bytes and `20min` is a duration: they cannot be added",
            "language.expression: `memory` is computed from the finished graph; a field cannot rest on it",
        ],
    );
}

#[test]
fn a_predicate_reads_params_and_what_is_computed() {
    let spec = r#"
        param most type=integer default=200
        platform shop { owner ml }
        team ml { contact "ml@shop.example" }
        model seed { format safetensors }
        training-job a { model seed; steps 100 }
        training-job b { model seed; steps 300 }
        policy house {
            require (expr)"self.steps <= most" kind=training-job message="too long"
            require (expr)"size(training-jobs) < 10 && !has(self.deadline)" kind=training-job
            require (expr)"team.mll == team.ml" kind=model
            require (expr)"self.format" kind=model
        }
    "#;
    findings(
        spec,
        &[
            "compliance.require: training-job.b: too long",
            "reference.unknown: no team is named `mll`",
            "type.expression: a predicate is true or false; this one is a choice",
        ],
    );
}

/// The place of a mistake is in the source, past quotes, escapes and indentation.
#[test]
fn a_mistake_is_shown_where_it_stands() {
    for (text, shown) in [
        ("(expr)\"self.steps > nowhere\"", "nowhere"),
        ("(expr)\"self.steps > \\u{31}0 && \\\"a\\\" == nowhere\"", "nowhere"),
        ("(expr)#\"self.steps > 1 && \"a\" == nowhere\"#", "nowhere"),
        (
            "(expr)\"\"\"\n            self.steps > 1 &&\n            nowhere == 'é'\n            \"\"\"",
            "nowhere",
        ),
    ] {
        let spec = format!(
            "platform shop {{ owner ml }}\nteam ml {{ contact a }}\npolicy house {{ require {text} kind=training-job }}"
        );
        let session = session(&MemoryWorld::of(&spec));
        let findings = session.findings();
        let span = findings.iter().find(|finding| finding.diagnostic.rule.contains("expression"));
        let span =
            span.and_then(|finding| finding.diagnostic.span()).unwrap_or_else(|| panic!("{findings:#?}"));
        let (_, source) = session.sources.text(span.item).unwrap_or_else(|| panic!("no source"));
        assert_eq!(&source[span.lo as usize..span.hi as usize], shown, "{text}");
    }
}

/// Asserts what an expression about a whole example comes to.
#[track_caller]
fn of_example(name: &str, text: &str, expect: &str) {
    let session = session(&crate::query::testing::example(name, &[]));
    let graph = &session.environments().last().unwrap_or_else(|| panic!("no environment")).graph;
    let program = graph.expressions().program(text, None, Reach::Graph);
    let program = program.as_ref().as_ref().unwrap_or_else(|fault| panic!("{fault:?}"));
    let shown = show(program, Some(&session.ask(graph)), None);
    assert_eq!(shown.as_deref(), Ok(expect), "{text}");
}

#[test]
fn computed_values_are_those_of_the_plan() {
    of_example("credit-scoring", "serving.embed.memory.total.high <= 4.2GiB", "true");
    of_example("credit-scoring", "serving.embed.memory.total.low <= serving.embed.memory.total.high", "true");
    of_example("credit-scoring", "serving.embed.memory.verdict", "\"fits\"");
    of_example("credit-scoring", "cost.month.low <= cost.month.high", "true");
    of_example("pretrain-405b", "gpu-pools.map(p, p.demand.max)", "[528]");
    of_example("pretrain-405b", "gpu-pools.all(p, p.cost.month.high > 1000 USD)", "true");
    of_example(
        "pretrain-405b",
        "training-jobs.exists(j, j.cost.run.high / j.time.run.high > 1 USD/h)",
        "true",
    );
    of_example("pretrain-405b", "training-jobs.exists(j, j.memory.capacity.high > 70GiB)", "true");
}
