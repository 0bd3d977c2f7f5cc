use purlin_schema::kinds::data::Stream;
use purlin_schema::kinds::organisation::Team;

use crate::emit::{Artifact, Format, Loss, Receiver, Sink, Sound, Tape, Target, emit};
use crate::{MemoryWorld, Options, Serial, compile};

/// A target that says what its function reads.
struct Says(fn(&Sound<'_>, &mut dyn Sink));

impl Target for Says {
    fn name(&self) -> &'static str {
        "says"
    }

    fn emit(&self, sound: &Sound<'_>, sink: &mut dyn Sink) {
        (self.0)(sound, sink);
    }
}

struct Nowhere;

impl Receiver for Nowhere {
    fn file(&mut self, _: &Artifact<'_>) {}
}

fn print(_: Format, _: &Tape, _: &mut String) {}

/// The losses of all environments, one emitted after the other.
#[track_caller]
fn check(spec: &str, says: fn(&Sound<'_>, &mut dyn Sink), expect: &[&str]) {
    let session = compile(&MemoryWorld::of(spec), Options::default(), &Serial).unwrap();
    let mut found = Vec::new();
    for (index, state) in session.environments().iter().enumerate() {
        let emission = emit(&session, index, &[], &[&Says(says)], print, &mut Nowhere).unwrap();
        for Loss { address, field, reason } in emission.losses {
            let name = state.name().map_or("", |name| name.as_str());
            found.push(format!("{name} {address} {field}: {reason}"));
        }
    }
    assert_eq!(found, expect);
}

const TEAM: &str = "team ml { contact \"ml@acme.example\"; namespace ml }";

fn contact(sound: &Sound<'_>) {
    for (_, team) in sound.all::<Team>() {
        let _ = team.contact();
    }
}

#[test]
fn what_one_environment_says_is_lost_in_another_that_does_not() {
    check(
        &format!("{TEAM}; environment a; environment b; environment c"),
        |sound, _| {
            contact(sound);
            if sound.graph().environment.is_some_and(|name| name.as_str() == "a") {
                for (_, team) in sound.all::<Team>() {
                    let _ = team.namespace();
                }
            }
        },
        &["b team.ml namespace: ", "c team.ml namespace: "],
    );
}

#[test]
fn a_field_with_a_stated_reason_is_listed_once() {
    let told = |sound: &Sound<'_>, sink: &mut dyn Sink| {
        contact(sound);
        for _ in 0..2 {
            sink.loss(Loss {
                address: "team.ml".to_owned(),
                field: "namespace".to_owned(),
                reason: "none here".to_owned(),
            });
        }
    };
    check(TEAM, told, &[" team.ml namespace: none here"]);
}

#[test]
fn a_resource_of_which_nothing_is_said_is_one_line() {
    check(TEAM, |_, _| (), &[" team.ml : nothing of it is in any output"]);
}

#[test]
fn a_reason_for_a_whole_resource_covers_its_fields() {
    let told = |_: &Sound<'_>, sink: &mut dyn Sink| {
        let reason = "not here".to_owned();
        sink.loss(Loss { address: "team.ml".to_owned(), field: String::new(), reason });
    };
    check(TEAM, told, &[" team.ml : not here"]);
}

#[test]
fn the_key_of_a_row_is_no_loss_of_its_own() {
    const STREAM: &str = "stream s { topic t; producer crm rate=\"1/s\" peak=\"2/s\" }";
    let rate = |sound: &Sound<'_>, _: &mut dyn Sink| {
        for (_, stream) in sound.all::<Stream>() {
            stream.topic().get().map(|topic| topic.name());
            for producer in stream.producer().iter() {
                let _ = producer.rate();
            }
        }
    };
    check(STREAM, rate, &[" stream.s producer[crm].peak: "]);
    let rows = |sound: &Sound<'_>, _: &mut dyn Sink| {
        for (_, stream) in sound.all::<Stream>() {
            stream.topic().get().map(|topic| topic.name());
            stream.producer();
        }
    };
    check(STREAM, rows, &[" stream.s producer[crm]: "]);
}

#[test]
fn what_exists_elsewhere_is_described_and_not_asked_for() {
    check("key k { existing id=\"abc\"; rotation \"1y\" }", |_, _| (), &[]);
}
