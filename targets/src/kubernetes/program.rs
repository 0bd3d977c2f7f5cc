//! What the program of a workload is told: its command, and the files that it reads, as the target `run` writes them.

use purlin_core::compose::fingerprint;
use purlin_core::emit::tape::Map;
use purlin_core::{Resource, ResourceId};

use super::files::Files;
use super::object::{Identity, kind};
use super::pods::{Command, Mount, Source};
use super::site::Site;
use crate::run::{self, RunFile};

/// The annotation that changes with a program's files, so that its pods are replaced.
const CHANGES: &str = "purlin.dev/run";

/// The most words that a `TrainJob` takes as arguments.
const MOST_WORDS: usize = 128;

/// A program's command and files.
#[derive(Default)]
pub(super) struct Told {
    command: Vec<String>,
    args: Vec<String>,
    files: Vec<RunFile>,
}

impl Told {
    /// What the target `run` says of a training job or an endpoint.
    pub(super) fn of(site: &Site<'_>, id: ResourceId) -> Told {
        let (mut command, files) = run::told(site.sound, id);
        let first_flag = command.iter().position(|word| word.starts_with('-')).unwrap_or(command.len());
        let mut args = command.split_off(first_flag);
        if args.len() > MOST_WORDS {
            args = joined(args);
        }
        Told { command, args, files }
    }

    /// A program whose image starts nothing by itself.
    pub(super) fn or_command(mut self, program: &str, argument: String) -> Told {
        if self.command.is_empty() {
            (self.command, self.args) = (vec![program.to_owned()], vec![argument]);
        }
        self
    }

    /// How its container is started: as the image says, where nothing else is told.
    pub(super) fn command(&self) -> Command<'_> {
        if self.command.is_empty() && self.args.is_empty() {
            Command::Image
        } else {
            Command::Full(&self.command, &self.args)
        }
    }

    /// Its files in its container.
    pub(super) fn mount(&self, name: &str) -> Option<Mount> {
        (!self.files.is_empty()).then(|| Mount {
            name: "run".to_owned(),
            path: run::MOUNT.to_owned(),
            from: Source::ConfigMap(
                config_name(name),
                self.files.iter().map(|file| (key(&file.path), file.path.clone())).collect(),
            ),
        })
    }

    /// The object that holds its files.
    pub(super) fn write(&self, files: &mut Files<'_>, resource: &Resource, identity: &Identity<'_>) {
        if self.files.is_empty() {
            return;
        }
        let name = config_name(identity.name);
        files.object(Some(resource), |t| {
            kind(t, "v1", "ConfigMap");
            Identity { name: &name, ..*identity }.metadata(t);
            t.pairs("data", self.files.iter().map(|file| (key(&file.path), &file.text)));
        });
    }

    /// Changes with its files: in the annotations of its pods.
    pub(super) fn write_annotation(&self, t: &mut Map<'_>) {
        if !self.files.is_empty() {
            let texts: Vec<&str> = self.files.iter().map(|file| file.text.as_str()).collect();
            t.set(CHANGES, fingerprint(&texts.join("\0")));
        }
    }
}

/// Names hold at most 53 bytes: there is room for this.
fn config_name(name: &str) -> String {
    format!("{name}-run")
}

/// A path as the key of a `ConfigMap`, which has no folders.
fn key(path: &str) -> String {
    path.replace('/', ".")
}

/// Flags joined with their one value: `--lr 0.1` becomes `--lr=0.1`.
fn joined(words: Vec<String>) -> Vec<String> {
    let mut joined: Vec<String> = Vec::with_capacity(words.len());
    let mut values = 0;
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        let is_flag = word.starts_with("--");
        values = if is_flag { 0 } else { values + 1 };
        let alone = values == 1 && words.peek().is_none_or(|next| next.starts_with("--"));
        match joined.last_mut() {
            Some(flag) if alone && flag.starts_with("--") && !flag.contains('=') => {
                flag.push('=');
                flag.push_str(&word);
            }
            _ => joined.push(word),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::joined;

    fn check(words: &str, expect: &str) {
        assert_eq!(joined(words.split(' ').map(str::to_owned).collect()).join(" "), expect);
    }

    #[test]
    fn a_flag_takes_its_one_value() {
        check("--lr 0.1 --bf16 --betas 0.9 0.95 --seed 1", "--lr=0.1 --bf16 --betas 0.9 0.95 --seed=1");
        check("train.py --a=b c --d", "train.py --a=b c --d");
    }
}
