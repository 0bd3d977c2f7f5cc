//! Reads the facts, refuses any mistake in them, and writes them as tables that cost nothing at start.

#[path = "src/facts/mod.rs"]
#[expect(dead_code, unused_imports, unreachable_pub, reason = "the build makes facts, the crate reads them")]
mod facts;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use facts::{
    Architecture, Component, ComputeCapability, CudaFamily, DriverBranch, Fact, Gpu, Instance, MigTable,
    NcclProfile, NcclRelease, Price, Region, Runtime, Toolkit,
};
use purlin_schema::View;
use purlin_schema::decode::decode;
use purlin_schema::kinds::{facts as kinds, kind, models};
use purlin_schema::value::Record;
use purlin_syntax::{Diagnostic, Document, ItemId, Symbol};

/// A decoded block, and where it stands.
struct Block {
    name: &'static str,
    record: Record,
    file: usize,
    start: u32,
    len: u32,
}

/// The blocks of each kind, by name.
type Blocks = BTreeMap<&'static str, BTreeMap<&'static str, Block>>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(|error| error.to_string())?);
    let out = PathBuf::from(env::var("OUT_DIR").map_err(|error| error.to_string())?);
    let mut files = Vec::new();
    for folder in ["facts", "models"] {
        println!("cargo::rerun-if-changed={folder}");
        files.extend(kdl_files(&root, folder).map_err(|error| format!("{folder}: {error}"))?);
    }
    let blocks = read(&root, &files)?;
    let text = tables(&root, &files, &blocks);
    fs::write(out.join("tables.rs"), text).map_err(|error| error.to_string())
}

/// The KDL files of a folder, as paths relative to the crate, in order.
fn kdl_files(root: &Path, folder: &str) -> io::Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(root.join(folder))? {
        let name = entry?.file_name().into_string().unwrap_or_default();
        if Path::new(&name).extension().is_some_and(|extension| extension == "kdl") {
            files.push(format!("{folder}/{name}"));
        }
    }
    files.sort();
    Ok(files)
}

/// Decodes every block of every file; whatever is wrong with any of them is the error.
fn read(root: &Path, files: &[String]) -> Result<Blocks, String> {
    let (mut blocks, mut wrong) = (Blocks::new(), String::new());
    for (file, path) in files.iter().enumerate() {
        let text = fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
        let document = Document::parse(text);
        for (item, error) in document.errors() {
            complain(&mut wrong, path, &document, item, error.range.lo, &error.message);
        }
        for (index, item) in document.items().iter().enumerate() {
            let Some(node) = item.tree.root() else { continue };
            let name = item.tree.node(node).name.as_str();
            let Some(kind) = kind(name).filter(|kind| kind.fact || kind.name == "architecture") else {
                complain(&mut wrong, path, &document, index, 0, &format!("`{name}` is no kind of fact"));
                continue;
            };
            let mut findings = Vec::new();
            let text = document.item_text(index);
            let decoded = decode(kind, &item.tree, node, text, ItemId(index as u32), &mut findings);
            for finding in &findings {
                let at = finding.span().map_or(0, |span| span.lo);
                complain(&mut wrong, path, &document, index, at, &message(finding));
            }
            let Some((name, _)) = decoded.name else { continue };
            let block = Block {
                name: Symbol::as_str(name),
                record: decoded.record,
                file,
                start: item.start,
                len: item.len,
            };
            if blocks.entry(kind.name).or_default().insert(block.name, block).is_some() {
                complain(&mut wrong, path, &document, index, 0, "a second block of this name");
            }
        }
    }
    if wrong.is_empty() { Ok(blocks) } else { Err(wrong) }
}

fn complain(wrong: &mut String, path: &str, document: &Document, item: usize, at: u32, what: &str) {
    let start = document.items().get(item).map_or(0, |item| item.start);
    let position = document.lines().position(start + at);
    let _ = writeln!(wrong, "{path}:{}:{}: {what}", position.line + 1, position.column + 1);
}

fn message(finding: &Diagnostic) -> String {
    let mut text = format!("[{}] {}", finding.rule, finding.message);
    for note in &finding.notes {
        let _ = write!(text, " ({note})");
    }
    text
}

/// The source of the tables.
fn tables(root: &Path, files: &[String], blocks: &Blocks) -> String {
    let mut out = String::from("use super::facts::*;\nuse super::lookup::{Place, Source};\n");
    let out = &mut out;
    table(out, blocks, "gpu", "GPUS", "Gpu", &["GpuVendor", "KernelModule"], |name, record| {
        Some(Gpu::from_view(name, View::<kinds::Gpu>::of(record)))
    });
    table(out, blocks, "mig-table", "MIG_TABLES", "MigTable", &[], |name, record| {
        Some(MigTable::from_view(name, View::<kinds::MigTable>::of(record)))
    });
    table(
        out,
        blocks,
        "instance",
        "INSTANCES",
        "Instance",
        &["Provider", "Arch", "FabricKind", "Capacity"],
        |name, record| Some(Instance::from_view(name, View::<kinds::Instance>::of(record))),
    );
    table(out, blocks, "price", "PRICES", "Price", &["Capacity"], |name, record| {
        Price::from_view(name, View::<kinds::Price>::of(record))
    });
    table(out, blocks, "cuda-toolkit", "TOOLKITS", "Toolkit", &[], |name, record| {
        Some(Toolkit::from_view(name, View::<kinds::CudaToolkit>::of(record)))
    });
    table(out, blocks, "cuda-family", "CUDA_FAMILIES", "CudaFamily", &[], |name, record| {
        Some(CudaFamily::from_view(name, View::<kinds::CudaFamily>::of(record)))
    });
    table(
        out,
        blocks,
        "compute-capability",
        "COMPUTE_CAPABILITIES",
        "ComputeCapability",
        &[],
        |name, record| Some(ComputeCapability::from_view(name, View::<kinds::ComputeCapability>::of(record))),
    );
    table(
        out,
        blocks,
        "driver-branch",
        "DRIVER_BRANCHES",
        "DriverBranch",
        &["DriverSupport"],
        |name, record| DriverBranch::from_view(name, View::<kinds::DriverBranch>::of(record)),
    );
    table(out, blocks, "nccl-release", "NCCL_RELEASES", "NcclRelease", &[], |name, record| {
        Some(NcclRelease::from_view(name, View::<kinds::NcclRelease>::of(record)))
    });
    table(out, blocks, "nccl-profile", "NCCL_PROFILES", "NcclProfile", &["Provider"], |name, record| {
        Some(NcclProfile::from_view(name, View::<kinds::NcclProfile>::of(record)))
    });
    table(out, blocks, "component", "COMPONENTS", "Component", &[], |name, record| {
        Some(Component::from_view(name, View::<kinds::Component>::of(record)))
    });
    table(out, blocks, "region", "REGIONS", "Region", &["Provider"], |name, record| {
        Some(Region::from_view(name, View::<kinds::CloudRegion>::of(record)))
    });
    table(out, blocks, "runtime", "RUNTIMES", "Runtime", &["Takes"], |name, record| {
        Some(Runtime::from_view(name, View::<kinds::Runtime>::of(record)))
    });
    table(
        out,
        blocks,
        "architecture",
        "ARCHITECTURES",
        "Architecture",
        &["NormKind", "Activation"],
        |name, record| Architecture::from_view(name, View::<models::Architecture>::of(record)),
    );
    index(out, blocks);
    sources(out, root, files);
    std::mem::take(out)
}

/// One table, in the order of the names; the `Debug` form of a fact is the expression that builds it.
fn table<T: Fact>(
    out: &mut String,
    blocks: &Blocks,
    kind: &str,
    constant: &str,
    ty: &str,
    choices: &[&str],
    fact: impl Fn(&'static str, &Record) -> Option<T>,
) {
    let facts: Vec<T> = blocks
        .get(kind)
        .into_iter()
        .flatten()
        .filter_map(|(name, block)| fact(name, &block.record))
        .collect();
    let module = constant.to_lowercase();
    let _ = writeln!(out, "pub use {module}::{constant};\nmod {module} {{");
    let _ = writeln!(out, "#[allow(unused_imports)] use super::*;");
    let _ =
        writeln!(out, "#[allow(unused_imports)] use purlin_schema::units::{{Bandwidth, Bytes, MoneyRate}};");
    let _ = writeln!(out, "#[allow(unused_imports)] use purlin_schema::units::{{Currency, Per::*}};");
    let _ = writeln!(out, "#[allow(dead_code)] const USD: Currency = Currency::USD;");
    let _ = writeln!(out, "#[allow(dead_code)] const EUR: Currency = Currency::EUR;");
    for choice in choices {
        let _ = writeln!(out, "#[allow(unused_imports)] use {choice}::*;");
    }
    let _ = writeln!(out, "pub static {constant}: &[{ty}] = &{facts:?};\n}}");
}

/// The names of each kind, and the place of every block, in order.
fn index(out: &mut String, blocks: &Blocks) {
    let _ = writeln!(out, "pub static NAMES: &[(&str, &[&str])] = &[");
    for (kind, blocks) in blocks {
        let _ = writeln!(out, "({kind:?}, &{:?}),", blocks.keys().collect::<Vec<_>>());
    }
    let _ = writeln!(out, "];");
    let _ = writeln!(out, "pub static PLACES: &[(&str, &str, Place)] = &[");
    for (kind, blocks) in blocks {
        for block in blocks.values() {
            let Block { name, file, start, len, .. } = block;
            let _ =
                writeln!(out, "({kind:?}, {name:?}, Place {{ file: {file}, start: {start}, len: {len} }}),");
        }
    }
    let _ = writeln!(out, "];");
}

/// The files themselves.
fn sources(out: &mut String, root: &Path, files: &[String]) {
    let _ = writeln!(out, "pub static SOURCES: &[Source] = &[");
    for path in files {
        let full = root.join(path).display().to_string();
        let _ = writeln!(out, "Source {{ path: {path:?}, text: include_str!({full:?}) }},");
    }
    let _ = writeln!(out, "];");
}
