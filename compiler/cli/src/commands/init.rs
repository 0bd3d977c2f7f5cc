//! `purlin init`: a new project that compiles.

use std::path::{Path, PathBuf};

use clap::Args;
use purlin_engine::disk::ENTRY;

use super::{Failure, Outcome};
use crate::screen::Screen;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Folder of the new project; made if it is not there
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Name of the platform [default: the folder's]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

/// What a new project says. `NAME` is replaced.
const TEMPLATE: &str = include_str!("init.kdl");

pub(crate) fn run(arguments: &Arguments, screen: &Screen) -> Result<Outcome, Failure> {
    let folder = &arguments.folder;
    let failed = |error: std::io::Error| Failure(format!("{}: {error}", folder.display()));
    let here = folder == Path::new(".");
    let entry = if here { PathBuf::from(ENTRY) } else { folder.join(ENTRY) };
    if entry.exists() {
        return Err(Failure(format!("{} is there already; nothing was changed", entry.display())));
    }
    let name = match &arguments.name {
        Some(name) => name.clone(),
        None => folder_name(folder).map_err(failed)?,
    };
    if !is_name(&name) {
        return Err(Failure(format!(
            "`{name}` cannot be a platform's name: letters, digits and `-`, beginning with a letter (`--name`)"
        )));
    }
    std::fs::create_dir_all(folder).map_err(failed)?;
    std::fs::write(&entry, TEMPLATE.replace("NAME", &name)).map_err(failed)?;
    let made = entry.display().to_string();
    let next = if here { "purlin plan".to_owned() } else { format!("purlin plan {}", folder.display()) };
    Ok(Outcome::fine(format!("{} {made}\nnext: `{next}`\n", screen.green("made"))))
}

/// The folder's own name, in lower case.
fn folder_name(folder: &Path) -> std::io::Result<String> {
    let full = if folder.exists() { folder.canonicalize()? } else { folder.to_owned() };
    let name = full.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    Ok(name.replace(['_', ' ', '.'], "-"))
}

fn is_name(name: &str) -> bool {
    name.len() <= 40
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}
