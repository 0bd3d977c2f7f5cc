//! Terraform reads what the examples emit: `fmt -check` and `validate` of the real program.
//!
//! Providers cannot be had here, so a small one of ours serves the providers' schemas over the plugin protocol. It
//! checks names, types, what is required and how blocks nest; values it does not know.

mod protocol;
mod provider;
mod schema;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::examples::{emitted, has, shared, skipped};

/// A folder for roots, and a provider beside it.
struct Bench {
    folder: TempDir,
    reattach: String,
}

/// None, and a line that says so, where a part is not here.
fn bench() -> Option<Bench> {
    if !has("terraform", "version") {
        skipped("terraform");
        return None;
    }
    let Some(schema) = shared("schemas/terraform/aws.json") else {
        skipped("../shared/schemas/terraform");
        return None;
    };
    // Types that the target writes and the collected schemas lack.
    let more =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../targets/src/terraform/schema/aws-6.66.0-more.json");
    let folder = TempDir::new().expect("a folder can be made");
    let reattach = provider::serve("hashicorp/aws", &[schema, more], &folder.path().join("aws.sock"));
    std::fs::write(folder.path().join("terraform.rc"), "disable_checkpoint = true\n")
        .expect("a file can be written");
    Some(Bench { folder, reattach })
}

impl Bench {
    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a file stands in a folder"))
            .expect("a folder can be made");
        std::fs::write(path, text).expect("a file can be written");
    }

    fn terraform(&self, root: &Path, arguments: &[&str]) -> Output {
        Command::new("terraform")
            .args(arguments)
            .current_dir(root)
            .env("TF_REATTACH_PROVIDERS", &self.reattach)
            .env("TF_CLI_CONFIG_FILE", self.folder.path().join("terraform.rc"))
            .env("TF_IN_AUTOMATION", "1")
            .env("CHECKPOINT_DISABLE", "1")
            .env_remove("TF_LOG")
            .output()
            .expect("terraform runs")
    }

    /// What `terraform init` and `terraform validate` say of a root; nothing where it is right.
    fn faults(&self, root: &Path) -> Vec<String> {
        let init = self.terraform(root, &["init", "-backend=false", "-input=false", "-no-color"]);
        if !init.status.success() {
            return vec![said(&init)];
        }
        let validate = self.terraform(root, &["validate", "-json"]);
        let answer: Value = match serde_json::from_slice(&validate.stdout) {
            Ok(answer) => answer,
            Err(_) => return vec![said(&validate)],
        };
        let diagnostics = answer["diagnostics"].as_array().map(Vec::as_slice).unwrap_or_default();
        assert_eq!(
            answer["valid"].as_bool(),
            Some(diagnostics.iter().all(|d| d["severity"] != "error")),
            "{answer}"
        );
        diagnostics.iter().map(|diagnostic| fault(root, diagnostic)).collect()
    }
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}: {}{}", output.status, text(&output.stdout), text(&output.stderr))
}

fn fault(root: &Path, diagnostic: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    format!(
        "{}/{}:{} {}: {} ({})",
        root.file_name().unwrap_or_default().to_string_lossy(),
        text(&diagnostic["range"]["filename"]),
        diagnostic["range"]["start"]["line"],
        text(&diagnostic["summary"]),
        text(&diagnostic["detail"]),
        text(&diagnostic["snippet"]["code"]).trim(),
    )
}

/// Emits an example, and lets Terraform judge every root of every environment: layout first, then validity.
#[track_caller]
fn check(project: &str) {
    let files = emitted(project).iter().flat_map(|environment| {
        environment.of("terraform").map(|file| {
            let path = format!("{}/{}", environment.environment, file.path);
            (path.trim_start_matches('/').to_owned(), file.text.clone())
        })
    });
    judge(project, files);
}

/// Lets Terraform judge every root among files with their paths.
#[track_caller]
pub(crate) fn judge(project: &str, files: impl IntoIterator<Item = (String, String)>) {
    let Some(bench) = bench() else { return };
    let mut roots: BTreeSet<PathBuf> = BTreeSet::new();
    for (path, text) in files.into_iter().filter(|(path, _)| path.ends_with(".tf")) {
        bench.write(&path, &text);
        roots.extend(bench.folder.path().join(&path).parent().map(Path::to_owned));
    }
    assert!(!roots.is_empty(), "{project} emits no Terraform");
    let layout = bench.terraform(bench.folder.path(), &["fmt", "-check", "-diff", "-recursive", "-no-color"]);
    assert!(layout.status.success(), "terraform fmt would change {project}:\n{}", said(&layout));
    let faults: Vec<String> = roots.iter().flat_map(|root| bench.faults(root)).collect();
    assert!(faults.is_empty(), "terraform refuses {project}:\n{}", faults.join("\n"));
}

#[test]
fn terraform_accepts_the_support_assistant() {
    check("support-assistant");
}

#[test]
fn terraform_accepts_the_pretraining_run() {
    check("pretrain-405b");
}

#[test]
fn terraform_accepts_the_credit_scoring_platform() {
    check("credit-scoring");
}

/// A root of one resource, with a fault that must be told.
#[track_caller]
fn refuses(resource: &str, expect: &str) {
    let Some(bench) = bench() else { return };
    let required = "terraform {\n  required_providers {\n    aws = { source = \"hashicorp/aws\" }\n  }\n}\n";
    bench.write("root/main.tf", &format!("{required}\n{resource}"));
    let faults = bench.faults(&bench.folder.path().join("root")).join("\n");
    assert!(faults.contains(expect), "expected `{expect}` in `{faults}`");
}

#[test]
fn an_unknown_argument_is_refused() {
    refuses("resource \"aws_kms_key\" \"k\" {\n  enable_rotation = true\n}\n", "Unsupported argument");
}

#[test]
fn a_missing_argument_is_refused() {
    refuses("resource \"aws_kms_alias\" \"k\" {\n  name = \"alias/k\"\n}\n", "Missing required argument");
}

#[test]
fn a_wrong_type_is_refused() {
    refuses(
        "resource \"aws_kms_key\" \"k\" {\n  enable_key_rotation = [\"x\"]\n}\n",
        "Incorrect attribute value type",
    );
}

#[test]
fn a_block_too_many_is_refused() {
    let block = "  placement {\n    group_name = \"g\"\n  }\n";
    refuses(
        &format!("resource \"aws_launch_template\" \"t\" {{\n{block}{block}}}\n"),
        "Too many placement blocks",
    );
}

#[test]
fn a_reference_to_nothing_is_refused() {
    refuses(
        "resource \"aws_kms_alias\" \"k\" {\n  name          = \"alias/k\"\n  target_key_id = aws_kms_key.k.id\n}\n",
        "Reference to undeclared resource",
    );
}
