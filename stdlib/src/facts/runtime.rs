//! Programs that train and serve, and their options.

use purlin_schema::view::View;

use super::{List, Provenance, Takes, keep, kinds, provenance};

/// The options of a program at one version.
#[derive(Clone, PartialEq, Debug)]
pub struct Runtime {
    /// `vllm`.
    pub name: &'static str,
    /// `vLLM`.
    pub product: Option<&'static str>,
    /// The version whose options these are.
    pub version: &'static str,
    /// Its options, by name.
    pub options: List<RuntimeOption>,
    /// Where it was read, and when.
    pub provenance: Provenance,
}

/// An option of a program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RuntimeOption {
    /// As it is written: `--max-model-len`, `training.seq_len`.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// The version that it was first seen in; empty: the oldest that was read.
    pub since: &'static str,
}

impl Runtime {
    /// The fact that a block states.
    pub fn from_view(name: &'static str, view: View<'_, kinds::Runtime>) -> Runtime {
        let option = |option: View<'_, kinds::RuntimeOption>| {
            Some(RuntimeOption {
                name: keep(option.name().get()?),
                takes: option.takes().get()?,
                since: option.since().get().map_or("", |version| version.as_str()),
            })
        };
        let mut options: Vec<RuntimeOption> = view.option().iter().filter_map(option).collect();
        options.sort_unstable_by_key(|option| option.name);
        Runtime {
            name,
            product: view.product().get().map(keep),
            version: view.version().get().map_or("", |version| version.as_str()),
            options: options.into_iter().collect(),
            provenance: provenance!(view),
        }
    }

    /// The option of a name, as it is written in the list.
    pub fn option(&self, name: &str) -> Option<&RuntimeOption> {
        let found = self.options.binary_search_by(|option| option.name.cmp(name)).ok()?;
        self.options.get(found)
    }

    /// The option that a word of a command names: without its value, in the list's spelling, a switch by its opposite.
    pub fn named(&self, word: &str) -> Option<&RuntimeOption> {
        let flag = word.split('=').next().unwrap_or(word);
        let found = |flag: &str| {
            let (section, last) = flag.rsplit_once('.').map_or(("", flag), |(section, last)| (section, last));
            self.option(flag).or_else(|| {
                let positive = last.strip_prefix("no-").or_else(|| last.strip_prefix("no_"));
                let positive = match (positive, last.strip_prefix("--no-")) {
                    (Some(name), _) if !section.is_empty() => format!("{section}.{name}"),
                    (_, Some(name)) if section.is_empty() => format!("--{name}"),
                    _ => return None,
                };
                self.option(&positive).filter(|option| matches!(option.takes, Takes::Switch | Takes::Bool))
            })
        };
        let bare = flag.trim_start_matches('-');
        // Fields of a configuration file are flags, too (`--training.steps`); a value that is JSON has flags inside
        // (`--compilation-config.mode`).
        found(flag)
            .or_else(|| found(&flag.replace('_', "-")))
            .or_else(|| found(bare))
            .or_else(|| found(&bare.replace('-', "_")))
            .or_else(|| {
                let (json, _) = flag.split_once('.')?;
                found(&json.replace('_', "-")).filter(|option| option.takes == Takes::Word)
            })
    }
}
