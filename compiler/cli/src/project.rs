//! Opening and compiling the project that a command is about.

use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use purlin_core::{Options, Session, compile};
use purlin_engine::DiskWorld;
use purlin_schema::units::{Date, Timestamp};

use crate::commands::Failure;
use crate::executor::Threads;
use crate::screen::Progress;

/// Which project, and for which day.
#[derive(Args, Clone, Debug)]
pub(crate) struct ProjectArgs {
    /// Folder of the project, or its `purlin.kdl`
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) options: OptionArgs,
}

/// What is compiled, and for which day.
#[derive(Args, Clone, Debug)]
pub(crate) struct OptionArgs {
    /// Compile this environment alone
    #[arg(long = "env", value_name = "NAME")]
    pub(crate) environment: Option<String>,
    /// The day that verdicts on dates are given for [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(crate) as_of: Option<Date>,
}

impl OptionArgs {
    /// Options of a compilation; today where no day was given.
    pub(crate) fn options(&self) -> Options {
        Options { environment: self.environment.clone(), as_of: self.as_of.or_else(today), track: false }
    }
}

/// A compiled project, where it is, and when.
pub(crate) struct Project {
    /// Its folder.
    pub(crate) world: DiskWorld,
    /// What became of it. Never taken apart: the process ends with it, and its memory goes back at once.
    pub(crate) session: ManuallyDrop<Session>,
}

impl Project {
    /// Reads and compiles a project.
    pub(crate) fn compile(args: &ProjectArgs) -> Result<Project, Failure> {
        Project::compile_in(&args.path, args.options.options())
    }

    /// The same with options at hand.
    pub(crate) fn compile_in(path: &Path, options: Options) -> Result<Project, Failure> {
        let _progress = Progress::begin("compiling");
        let world = DiskWorld::open(&folder(path))?;
        let session = compile(&world, options, &Threads)?;
        let project = Project { world, session: ManuallyDrop::new(session) };
        project.has_environment()?;
        Ok(project)
    }

    /// `--env` names an environment that there is.
    fn has_environment(&self) -> Result<(), Failure> {
        let Some(wanted) = &self.session.options.environment else { return Ok(()) };
        let has = self
            .session
            .environments()
            .iter()
            .any(|state| state.name().is_some_and(|name| name.as_str() == wanted));
        if has { Ok(()) } else { Err(Failure(format!("the project declares no environment `{wanted}`"))) }
    }
}

/// The folder of a project that is named by its folder or by its entry file.
fn folder(path: &Path) -> PathBuf {
    let is_entry = path.file_name().is_some_and(|name| name == purlin_engine::disk::ENTRY);
    match path.parent() {
        Some(parent) if is_entry && path.is_file() && parent.as_os_str().is_empty() => PathBuf::from("."),
        Some(parent) if is_entry && path.is_file() => parent.to_owned(),
        _ => path.to_owned(),
    }
}

/// Today in UTC. The compiler itself has no clock.
fn today() -> Option<Date> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    Timestamp::of(i64::try_from(seconds).ok()?).map(Timestamp::date)
}

/// Reads a day of the calendar.
pub(crate) fn day(text: &str) -> Result<Date, String> {
    let wrong = || format!("`{text}` is no day: write year, month and day, such as 2026-11-21");
    let mut parts = text.split('-').map(|part| part.parse::<u32>().map_err(|_| wrong()));
    let mut next = || parts.next().unwrap_or_else(|| Err(wrong()));
    let (year, month, day) = (next()?, next()?, next()?);
    if parts.next().is_some() {
        return Err(wrong());
    }
    i32::try_from(year).ok().and_then(|year| Date::of(year, month, day)).ok_or_else(wrong)
}
