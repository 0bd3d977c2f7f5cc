//! What the terminal can show: colour, width; and the line that says that something takes long.

use std::io::{IsTerminal as _, Write as _};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The width of everything that is not shown on a terminal.
const WIDTH: usize = 80;

/// How output is painted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    /// Whether colour may be used on stdout.
    pub(crate) colour: bool,
    /// Columns, at least 40.
    pub(crate) width: usize,
}

impl Screen {
    /// Colour only on a terminal that wants it; its width.
    pub(crate) fn of_terminal() -> Screen {
        let colour = std::io::stdout().is_terminal() && wants_colour();
        let width = terminal_size::terminal_size().map_or(WIDTH, |(width, _)| usize::from(width.0));
        Screen { colour, width: width.clamp(40, 120) }
    }

    /// The same for stderr.
    pub(crate) fn on_stderr(self) -> Screen {
        Screen { colour: std::io::stderr().is_terminal() && wants_colour(), ..self }
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Errors, what is deleted.
    pub(crate) fn red(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    /// Warnings, what changes.
    pub(crate) fn yellow(self, text: &str) -> String {
        self.paint("33", text)
    }

    /// What is new, what is right.
    pub(crate) fn green(self, text: &str) -> String {
        self.paint("32", text)
    }

    /// Headings.
    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    /// What may be passed over.
    pub(crate) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }
}

/// <https://no-color.org>: any value that is not empty.
fn wants_colour() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Shows a line on stderr while something runs for more than a second, and takes it away at the end.
pub(crate) struct Progress {
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Begins; does nothing where stderr is no terminal.
    pub(crate) fn begin(what: &'static str) -> Progress {
        if !std::io::stderr().is_terminal() {
            return Progress { running: None };
        }
        let (done, wait) = mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            let begun = Instant::now();
            let mut shown = false;
            while wait.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
                shown = true;
                eprint!("\r{what} … {} s", begun.elapsed().as_secs());
                let _ = std::io::stderr().flush();
            }
            if shown {
                eprint!("\r\u{1b}[K");
            }
        });
        Progress { running: Some((done, thread)) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, thread)) = self.running.take() {
            drop(done);
            let _ = thread.join();
        }
    }
}
