//! The kind that was meant by a word that is none: by its spelling, or by its meaning.

use purlin_syntax::{Diagnostic, Span};

use super::{KINDS, kind};
use crate::closest::closest;

/// The words that begin a declaration and are no kinds.
pub const WORDS: &[&str] =
    &["param", "let", "template", "use", "for-each", "import", "environment", "test", "kind"];

/// What the things are called elsewhere.
const MEANINGS: &[(&str, &str)] = &[
    ("node-pool", "gpu-pool"),
    ("nodepool", "gpu-pool"),
    ("node-group", "gpu-pool"),
    ("gpus", "gpu-pool"),
    ("pool", "gpu-pool"),
    ("nodes", "cpu-pool"),
    ("cpus", "cpu-pool"),
    ("tpu", "tpu-pool"),
    ("tpus", "tpu-pool"),
    ("vpc", "network"),
    ("vnet", "network"),
    ("subnet", "network"),
    ("provider", "cloud"),
    ("account", "cloud"),
    ("project", "platform"),
    ("organisation", "platform"),
    ("organization", "platform"),
    ("group", "team"),
    ("k8s", "cluster"),
    ("kubernetes", "cluster"),
    ("eks", "cluster"),
    ("gke", "cluster"),
    ("aks", "cluster"),
    ("slurm", "cluster"),
    ("kms", "key"),
    ("kms-key", "key"),
    ("bucket", "storage"),
    ("volume", "storage"),
    ("filesystem", "storage"),
    ("file-system", "storage"),
    ("kafka", "broker"),
    ("topic", "stream"),
    ("table", "dataset"),
    ("data", "dataset"),
    ("contract", "data-contract"),
    ("schema", "data-contract"),
    ("etl", "pipeline"),
    ("job", "training-job"),
    ("training", "training-job"),
    ("train", "training-job"),
    ("finetune", "training-job"),
    ("fine-tune", "training-job"),
    ("eval", "evaluation"),
    ("benchmark", "evaluation"),
    ("lora", "adapter"),
    ("experiment", "tracking"),
    ("mlflow", "tracking"),
    ("endpoint", "serving"),
    ("inference", "serving"),
    ("inference-service", "serving"),
    ("deployment", "serving"),
    ("service", "serving"),
    ("batch", "batch-inference"),
    ("alert", "monitor"),
    ("monitoring", "monitor"),
    ("drift", "monitor"),
    ("ingress", "gateway"),
    ("vector-database", "vector-store"),
    ("redis", "database"),
    ("mcp", "tool"),
    ("mcp-server", "tool"),
    ("rule", "policy"),
    ("exception", "waiver"),
    ("document", "evidence"),
    ("variable", "param"),
    ("parameter", "param"),
    ("input", "param"),
    ("const", "let"),
    ("local", "let"),
    ("locals", "let"),
    ("module", "template"),
    ("foreach", "for-each"),
    ("for", "for-each"),
    ("include", "import"),
    ("env", "environment"),
    ("workspace", "environment"),
    ("stage", "environment"),
    ("assert", "test"),
];

/// The kind, or the word of the language, that was probably meant; `own` are the kinds that the project declares.
pub fn meant_kind<'n>(name: &str, own: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let other = name.replace('_', "-").to_lowercase();
    let known = |word: &&'static str| kind(word).is_some() || WORDS.contains(word);
    let meaning = MEANINGS.iter().find(|(word, _)| *word == other).map(|(_, meant)| *meant).filter(known);
    let singular = || KINDS.iter().find(|kind| kind.plural == other).map(|kind| kind.name);
    meaning.or_else(singular).or_else(|| {
        let kinds = KINDS.iter().map(|kind| kind.name);
        closest(&other, kinds.chain(WORDS.iter().copied()).chain(own))
    })
}

/// What is said of a declaration whose first word is no kind.
pub fn unknown_kind<'n>(name: &str, span: Span, own: impl IntoIterator<Item = &'n str>) -> Diagnostic {
    let shown: String = name.chars().take(48).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let diagnostic = Diagnostic::error("type.unknown-kind", format!("`{shown}` is no kind"), span);
    match meant_kind(name, own) {
        Some(meant) => diagnostic.because(format!("`{meant}` was probably meant")).cure(
            format!("write `{meant}`"),
            span,
            meant,
        ),
        None => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use super::{MEANINGS, WORDS, meant_kind};
    use crate::kinds::kind;

    fn check(word: &str, meant: Option<&str>) {
        assert_eq!(meant_kind(word, ["runbook"]), meant, "of {word}");
    }

    #[test]
    fn a_kind_is_meant_by_spelling_or_by_meaning() {
        check("gpu-pol", Some("gpu-pool"));
        check("endpoint", Some("serving"));
        check("training_job", Some("training-job"));
        check("evaluations", Some("evaluation"));
        check("runbok", Some("runbook"));
        check("enviroment", Some("environment"));
        check("zzzzzzzz", None);
    }

    #[test]
    fn every_meaning_is_a_kind_or_a_word_and_no_kind_is_explained_away() {
        for (word, meant) in MEANINGS {
            assert!(kind(meant).is_some() || WORDS.contains(meant), "{meant}");
            assert!(kind(word).is_none(), "{word} is a kind itself");
        }
    }
}
