//! `purlin.manifest.json`: what an output folder holds, and the graph that it was made from. Reading it back is total:
//! what is not exactly a manifest of a known format is refused.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::plan::digest::hex;
use crate::plan::snapshot::Snapshot;

/// The format that this compiler writes, and the newest that it reads.
pub const FORMAT: u32 = 2;

/// The file's name.
pub const NAME: &str = "purlin.manifest.json";

/// What a folder holds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Of this file.
    pub format: u32,
    /// Version of the compiler that wrote it.
    pub compiler: String,
    /// The platform's name.
    pub platform: String,
    /// The environment, where the project has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Files, by path.
    pub files: BTreeMap<String, FileEntry>,
    /// What is being written at this moment, by path: digests of the new texts. Empty after every finished apply.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pending: BTreeMap<String, Vec<String>>,
    /// The graph that the files were made from.
    pub resources: Snapshot,
}

/// One file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Digest of the text, in hexadecimal.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
}

/// Why a manifest cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unreadable {
    /// A later version of Purlin wrote it.
    Newer(u32),
    /// It is not what was written.
    Corrupt(String),
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unreadable::Newer(format) => {
                write!(f, "has format {format}, which a newer Purlin wrote; this one reads up to {FORMAT}")
            }
            Unreadable::Corrupt(reason) => write!(f, "is damaged: {reason}"),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Sealed<T> {
    /// Digest of the body as it is printed here.
    checksum: String,
    body: T,
}

#[derive(Deserialize)]
struct Head {
    body: HeadBody,
}

#[derive(Deserialize)]
struct HeadBody {
    format: u32,
}

impl Manifest {
    /// A manifest of this compiler's format.
    pub fn new(platform: String, environment: Option<String>) -> Manifest {
        Manifest {
            format: FORMAT,
            compiler: env!("CARGO_PKG_VERSION").to_owned(),
            platform,
            environment,
            files: BTreeMap::new(),
            pending: BTreeMap::new(),
            resources: Snapshot::new(),
        }
    }

    /// The file's text: one line a file and a resource, so that version control shows what changed.
    pub fn print(&self) -> String {
        debug_assert!(self.files.values().all(|file| !file.sha256.is_empty()), "a plan that is only shown");
        let body = self.body();
        let checksum = hex(&Sha256::digest(body.as_bytes()));
        format!("{{\"checksum\":\"{checksum}\",\n\"body\":{body}}}\n")
    }

    fn body(&self) -> String {
        let Manifest { format, compiler, platform, environment, files, pending, resources } = self;
        let mut out = format!("{{\"format\":{format},\"compiler\":{}", quoted(compiler));
        // Writing to a `String` has no error of its own.
        let _ = write!(out, ",\"platform\":{}", quoted(platform));
        if let Some(environment) = environment {
            let _ = write!(out, ",\"environment\":{}", quoted(environment));
        }
        table(&mut out, "files", files);
        if !pending.is_empty() {
            table(&mut out, "pending", pending);
        }
        table(&mut out, "resources", resources);
        out.push('}');
        out
    }

    /// Reads a manifest back.
    pub fn parse(bytes: &[u8]) -> Result<Manifest, Unreadable> {
        if let Some(manifest) = Manifest::parse_as_printed(bytes) {
            return Ok(manifest);
        }
        let head: Head =
            serde_json::from_slice(bytes).map_err(|error| Unreadable::Corrupt(error.to_string()))?;
        if head.body.format > FORMAT {
            return Err(Unreadable::Newer(head.body.format));
        }
        let sealed: Sealed<Manifest> =
            serde_json::from_slice(bytes).map_err(|error| Unreadable::Corrupt(error.to_string()))?;
        let checksum = hex(&Sha256::digest(sealed.body.body().as_bytes()));
        if checksum != sealed.checksum {
            return Err(Unreadable::Corrupt("its checksum does not belong to its content".to_owned()));
        }
        Ok(sealed.body)
    }
}

impl Manifest {
    /// The usual case, in one pass: exactly the bytes that [`Manifest::print`] writes. `None`: somebody laid it out anew,
    /// it is of another format, or it is damaged.
    fn parse_as_printed(bytes: &[u8]) -> Option<Manifest> {
        let rest = bytes.strip_prefix(b"{\"checksum\":\"")?;
        let (checksum, rest) = rest.split_at_checked(64)?;
        let body = rest.strip_prefix(b"\",\n\"body\":")?.strip_suffix(b"}\n")?;
        if hex(&Sha256::digest(body)).as_bytes() != checksum {
            return None;
        }
        let manifest: Manifest = serde_json::from_slice(body).ok()?;
        (manifest.format == FORMAT).then_some(manifest)
    }
}

fn table<T: Serialize>(out: &mut String, name: &str, entries: &BTreeMap<String, T>) {
    let _ = write!(out, ",\n\"{name}\":{{");
    for (n, (key, value)) in entries.iter().enumerate() {
        out.push_str(if n == 0 { "\n " } else { ",\n " });
        out.push_str(&quoted(key));
        out.push(':');
        // Text, numbers and maps with text keys: serializing them has no error.
        out.push_str(&serde_json::to_string(value).unwrap_or_default());
    }
    out.push('}');
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Facts, Half};

    fn manifest() -> Manifest {
        let mut manifest = Manifest::new("p".to_owned(), Some("prod".to_owned()));
        manifest.files.insert("a/b.yaml".to_owned(), FileEntry { sha256: "00".repeat(32), size: 3 });
        let facts = Facts { spec: Half::of(b"ab"), nodes: Some((1, 2)), ..Facts::default() };
        manifest.resources.insert("gpu-pool.h100".to_owned(), facts);
        manifest
    }

    fn check(text: &str, expected: &str) {
        let error = Manifest::parse(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_manifest_is_read_back_as_it_was_written() {
        assert_eq!(Manifest::parse(manifest().print().as_bytes()), Ok(manifest()));
    }

    #[test]
    fn a_newer_format_is_refused() {
        check(&manifest().print().replace("\"format\":2", "\"format\":3"), "a newer Purlin");
    }

    #[test]
    fn damage_is_refused_wherever_it_is() {
        let text = manifest().print();
        check(&text[..text.len() / 2], "damaged");
        check(&text.replace("\"size\":3", "\"size\":4"), "checksum");
        check("", "damaged");
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let read = Manifest::parse(&bytes);
            assert!(read.is_err() || read == Ok(manifest()), "byte {at}");
        }
    }
}
