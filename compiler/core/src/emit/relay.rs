//! Hands what targets write to another thread, which prints it while they go on: in batches, in order, through memory that
//! is used again.

use std::sync::mpsc::{self, Receiver, Sender, SyncSender};

use crate::emit::tape::Tape;
use crate::emit::{Format, Loss, Sink};
use crate::executor::Executor;
use crate::graph::ResourceId;

/// What a target said to its sink.
enum Event {
    File(String, Format),
    Document(Option<ResourceId>, Tape),
    Text(Option<ResourceId>, String),
}

type Batch = Vec<Event>;

/// So many tokens and bytes of text make a batch: a few dozen documents.
const WORTH: usize = 48 << 10;
/// So many batches may wait: memory stays bounded, whoever is faster.
const WAITING: usize = 8;

/// Writes into `sink` on a second thread what `write` says on this one; on this one alone where there is no other.
/// Losses are told on this thread.
pub(crate) fn beside(
    executor: &dyn Executor,
    sink: &mut (dyn Sink + Send),
    losses: &mut Vec<Loss>,
    write: &mut dyn FnMut(&mut dyn Sink),
) {
    let (batches, coming) = mpsc::sync_channel(WAITING);
    let (used, again) = mpsc::channel();
    let mut relay = Some(Relay { batches, again, batch: Batch::new(), worth: 0, tapes: Vec::new(), losses });
    let (mut ends, printer) = (Some((coming, used)), &mut *sink);
    let ran = executor.pair(
        &mut || {
            if let Some(mut relay) = relay.take() {
                write(&mut relay);
                relay.flush();
            }
        },
        &mut move || {
            if let Some((coming, used)) = ends.take() {
                print(&coming, &used, printer);
            }
        },
    );
    if !ran && let Some(relay) = relay {
        write(&mut Told { sink, losses: relay.losses });
    }
}

/// Takes batches until there are no more, and gives their memory back.
fn print(coming: &Receiver<Batch>, used: &Sender<Batch>, sink: &mut dyn Sink) {
    while let Ok(batch) = coming.recv() {
        for event in &batch {
            match event {
                Event::File(path, format) => sink.file(path, *format),
                Event::Document(from, tape) => sink.document(*from, tape),
                Event::Text(from, text) => sink.text(*from, text),
            }
        }
        // Nobody waits for it at the end.
        let _ = used.send(batch);
    }
}

/// The sink on the side of the targets.
struct Relay<'l> {
    batches: SyncSender<Batch>,
    again: Receiver<Batch>,
    batch: Batch,
    worth: usize,
    /// Tapes to write on again.
    tapes: Vec<Tape>,
    losses: &'l mut Vec<Loss>,
}

impl Relay<'_> {
    fn push(&mut self, event: Event, worth: usize) {
        self.batch.push(event);
        self.worth += worth;
        if self.worth >= WORTH {
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.worth = 0;
        let mut next = self.again.try_recv().unwrap_or_default();
        self.tapes.extend(next.drain(..).filter_map(|event| match event {
            Event::Document(_, tape) => Some(tape),
            Event::File(..) | Event::Text(..) => None,
        }));
        // The other side is gone only where it panicked, and that ends this one, too.
        let _ = self.batches.send(std::mem::replace(&mut self.batch, next));
    }
}

impl Sink for Relay<'_> {
    fn file(&mut self, path: &str, format: Format) {
        self.push(Event::File(path.to_owned(), format), path.len());
    }

    fn document(&mut self, from: Option<ResourceId>, tape: &Tape) {
        let mut copy = self.tapes.pop().unwrap_or_default();
        copy.copy_from(tape);
        self.push(Event::Document(from, copy), tape.weight());
    }

    fn text(&mut self, from: Option<ResourceId>, text: &str) {
        self.push(Event::Text(from, text.to_owned()), text.len());
    }

    fn loss(&mut self, loss: Loss) {
        self.losses.push(loss);
    }
}

/// The sink itself, with losses beside it.
struct Told<'s> {
    sink: &'s mut dyn Sink,
    losses: &'s mut Vec<Loss>,
}

impl Sink for Told<'_> {
    fn file(&mut self, path: &str, format: Format) {
        self.sink.file(path, format);
    }

    fn document(&mut self, from: Option<ResourceId>, tape: &Tape) {
        self.sink.document(from, tape);
    }

    fn text(&mut self, from: Option<ResourceId>, text: &str) {
        self.sink.text(from, text);
    }

    fn loss(&mut self, loss: Loss) {
        self.losses.push(loss);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::executor::Serial;

    /// Two threads of the standard library.
    struct Two;

    impl Executor for Two {
        fn run(&self, count: usize, work: &(dyn Fn(usize) + Sync)) {
            Serial.run(count, work);
        }

        fn width(&self) -> usize {
            2
        }

        fn pair(&self, here: &mut dyn FnMut(), there: &mut (dyn FnMut() + Send)) -> bool {
            std::thread::scope(|scope| {
                scope.spawn(there);
                here();
            });
            true
        }
    }

    #[derive(Default)]
    struct Heard(Vec<String>);

    impl Sink for Heard {
        fn file(&mut self, path: &str, _: Format) {
            self.0.push(path.to_owned());
        }

        fn document(&mut self, from: Option<ResourceId>, tape: &Tape) {
            let text: Vec<&str> = tape.tokens().iter().map(|token| tape.text(*token)).collect();
            self.0.push(format!("{from:?} {}", text.join(" ")));
        }

        fn text(&mut self, from: Option<ResourceId>, text: &str) {
            self.0.push(format!("{from:?} {text}"));
        }

        fn loss(&mut self, _: Loss) {}
    }

    fn heard(executor: &dyn Executor) -> (Vec<String>, usize) {
        let (mut heard, mut losses) = (Heard::default(), Vec::new());
        beside(executor, &mut heard, &mut losses, &mut |sink| {
            let mut tape = Tape::default();
            for number in 0..5_000_u32 {
                if number % 1000 == 0 {
                    sink.file(&number.to_string(), Format::Yaml);
                }
                tape.clear();
                tape.map(|t| {
                    t.set("number", number);
                });
                sink.document(Some(ResourceId(number)), &tape);
                sink.text(None, "text");
                sink.loss(Loss { address: number.to_string(), field: String::new(), reason: String::new() });
            }
        });
        (heard.0, losses.len())
    }

    #[test]
    fn a_second_thread_hears_what_one_alone_hears() {
        let alone = heard(&Serial);
        assert_eq!(alone.0.len(), 5 + 2 * 5_000);
        assert_eq!(heard(&Two), alone);
    }
}
