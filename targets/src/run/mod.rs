//! The target `run`: each framework's own configuration, from the fields that the rules read.
//!
//! | program | what is written |
//! |---|---|
//! | torchtitan | `torchtitan.toml` and the command |
//! | Megatron-Core | the command with all of its flags |
//! | vLLM | the command with all of its flags |
//! | Triton | `config.pbtxt` of the model |
//! | `XGBoost` | `xgboost.json` |
//! | custom | nothing: the manifest carries the command as it stands |
//!
//! A program is told in its own words, and only in words that its version is known to have. What it has no word for is
//! a loss.

mod command;
mod megatron;
mod steps;
mod torchtitan;
mod triton;
mod vllm;
mod work;
mod xgboost;

#[cfg(test)]
mod tests;

use purlin_core::emit::{Format, Loss, Part, Sink, Sound, Tape, Target};
use purlin_core::{Resource, ResourceId};
use purlin_schema::kinds::serving::{Serving, ServingProgram};
use purlin_schema::kinds::training::{TrainingFramework, TrainingJob};

use crate::print::print;
use work::Work;

pub(crate) use command::quote;

/// Where containers find the files of [`told`].
pub const MOUNT: &str = "/etc/purlin/run";

/// Where the weights of a model are put for an endpoint's container.
pub const WEIGHTS: &str = "/mnt/models";

/// One file of a program's configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunFile {
    /// Its name, relative to [`MOUNT`] in a container and to `run/<address>/` in the output.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// Configurations of training jobs and endpoints.
pub struct Run;

impl Target for Run {
    fn name(&self) -> &'static str {
        "run"
    }

    fn emit(&self, sound: &Sound<'_>, sink: &mut dyn Sink) {
        // Nothing that runs is shared.
        if sound.part == Part::Shared {
            return;
        }
        for resource in resources(sound) {
            let Some(mut config) = config(sound, resource) else { continue };
            config.losses.drain(..).for_each(|loss| sink.loss(loss));
            if config.own {
                // A command of one's own stands in the manifest, word by word; a file beside it would say it again.
                continue;
            }
            let folder = format!("run/{}", resource.address());
            for (path, content) in &config.files {
                match content {
                    Content::Tape(format, tape) => {
                        sink.file(&format!("{folder}/{path}"), *format);
                        sink.document(Some(resource.id), tape);
                    }
                    Content::Text(text) => {
                        sink.file(&format!("{folder}/{path}"), Format::Text);
                        sink.text(Some(resource.id), text);
                    }
                }
            }
            if !config.argv.is_empty() {
                sink.file(&format!("{folder}/launch.sh"), Format::Text);
                sink.text(Some(resource.id), &command::script(&resource.address(), &config.argv));
            }
        }
    }
}

/// What the program of a training job or an endpoint is told: its whole command, its program first (empty: the image's own
/// is right), and the files that it reads.
pub fn told(sound: &Sound<'_>, id: ResourceId) -> (Vec<String>, Vec<RunFile>) {
    let config = sound.graph().get(id).and_then(|resource| config(sound, resource)).unwrap_or_default();
    let files = config.files.into_iter();
    (config.argv, files.map(|(path, content)| RunFile { path, text: content.print() }).collect())
}

/// What one program is told.
#[derive(Default)]
struct Config {
    files: Vec<(String, Content)>,
    /// Program and arguments; empty: the image's own.
    argv: Vec<String>,
    /// Whether the command is the user's own.
    own: bool,
    losses: Vec<Loss>,
}

enum Content {
    Tape(Format, Tape),
    Text(String),
}

impl Content {
    fn print(self) -> String {
        match self {
            Content::Text(text) => text,
            Content::Tape(format, tape) => {
                let mut text = String::new();
                print(format, &tape, &mut text);
                text
            }
        }
    }
}

/// Training jobs and endpoints, by name.
fn resources<'a>(sound: &Sound<'a>) -> Vec<&'a Resource> {
    let of = |kind: &str| sound.graph().of_kind(kind);
    of("training-job").into_iter().chain(of("serving")).collect()
}

fn config(sound: &Sound<'_>, resource: &Resource) -> Option<Config> {
    match resource.kind.name {
        "training-job" => {
            let work = Work::<TrainingJob>::of(sound, resource)?;
            let run = work.said.run().get()?;
            Some(match run.variant().get()? {
                TrainingFramework::Torchtitan => torchtitan::write(work),
                TrainingFramework::MegatronCore => megatron::write(work),
                TrainingFramework::Xgboost => xgboost::training(work),
                TrainingFramework::Custom => command::custom(run.command(), run.arg()),
                other => work.unwritten(other),
            })
        }
        "serving" => {
            let work = Work::<Serving>::of(sound, resource)?;
            let run = work.said.run().get()?;
            Some(match run.variant().get()? {
                ServingProgram::Vllm => vllm::write(work),
                ServingProgram::Triton => triton::write(work),
                ServingProgram::Custom => command::custom(run.command(), run.arg()),
                // Their servers read everything out of the model.
                ServingProgram::Xgboost | ServingProgram::Mlserver => Config::default(),
                other => work.unwritten(other),
            })
        }
        _ => None,
    }
}
