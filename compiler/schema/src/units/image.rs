//! References to container images.

use std::fmt;

use purlin_syntax::Symbol;

use super::UnitError;
use super::digest::{Digest, is_sha256};
use super::error::quoted;

/// A container image: `registry/repository:tag@sha256:…`; tag and digest may be missing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ImageRef(Symbol);

struct Parts<'a> {
    name: &'a str,
    tag: Option<&'a str>,
    digest: Option<&'a str>,
}

impl ImageRef {
    pub(super) fn read(text: &str) -> Result<ImageRef, UnitError> {
        match wrong(text) {
            None => Ok(ImageRef(Symbol::intern(text))),
            Some(what) => {
                Err(UnitError::offering(format!("{} is not an image: {what}", quoted(text)), offer(text)))
            }
        }
    }

    /// As written.
    pub fn as_str(self) -> &'static str {
        self.0.as_str()
    }

    /// The registry's host, where it is said: `ghcr.io`.
    pub fn registry(self) -> Option<&'static str> {
        let (host, _) = split(self.as_str()).name.split_once('/')?;
        is_host(host).then_some(host)
    }

    /// The repository, without the registry: `acme/tune`.
    pub fn repository(self) -> &'static str {
        let name = split(self.as_str()).name;
        match name.split_once('/') {
            Some((host, rest)) if is_host(host) => rest,
            _ => name,
        }
    }

    /// Registry and repository: what stands before tag and digest.
    pub fn name(self) -> &'static str {
        split(self.as_str()).name
    }

    /// The tag, where it is said.
    pub fn tag(self) -> Option<&'static str> {
        split(self.as_str()).tag
    }

    /// The digest, where it is said.
    pub fn digest(self) -> Option<Digest> {
        split(self.as_str()).digest.and_then(|digest| Digest::read(digest).ok())
    }

    /// The same image held to a digest, which takes the place of one that it has.
    #[must_use]
    pub fn pinned(self, digest: Digest) -> ImageRef {
        let parts = split(self.as_str());
        let tag = parts.tag.map(|tag| format!(":{tag}")).unwrap_or_default();
        ImageRef(Symbol::intern(&format!("{}{tag}@{digest}", parts.name)))
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn split(text: &str) -> Parts<'_> {
    let (rest, digest) = text.split_once('@').map_or((text, None), |(rest, digest)| (rest, Some(digest)));
    let path = rest.rfind('/').map_or(0, |slash| slash + 1);
    let (name, tag) = match rest[path..].find(':') {
        Some(colon) => (&rest[..path + colon], Some(&rest[path + colon + 1..])),
        None => (rest, None),
    };
    Parts { name, tag, digest }
}

/// The first component is a host if it has a dot or a port, or is `localhost`.
fn is_host(component: &str) -> bool {
    component.contains(['.', ':']) || component == "localhost"
}

/// What is wrong with an image, in the distribution specification's terms.
fn wrong(text: &str) -> Option<&'static str> {
    let Parts { name, tag, digest } = split(text);
    let (host, path) = match name.split_once('/') {
        Some((host, path)) if is_host(host) => (Some(host), path),
        _ => (None, name),
    };
    if host.is_some_and(|host| !is_legal_host(host)) {
        Some("the registry is not a host name")
    } else if name.len() > 255 {
        Some("its name has more than 255 characters")
    } else if path.is_empty() || !path.split('/').all(is_component) {
        Some("a repository has small letters, digits, and single separators between them")
    } else if tag.is_some_and(|tag| !is_tag(tag)) {
        Some("a tag has at most 128 letters, digits, dots, dashes and underscores")
    } else if digest.is_some_and(|digest| !digest.strip_prefix("sha256:").is_some_and(is_sha256)) {
        Some("a digest is `sha256:` and 64 hexadecimal digits in small letters")
    } else {
        None
    }
}

fn is_legal_host(host: &str) -> bool {
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    name.split('.').all(label) && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

/// Small letters and digits, with `.`, `_`, `__` or dashes between them.
fn is_component(component: &str) -> bool {
    let mut separator = String::new();
    let mut after_letter = false;
    for c in component.chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            let legal = separator.is_empty()
                || separator == "."
                || separator == "_"
                || separator == "__"
                || separator.bytes().all(|b| b == b'-');
            if !legal || (!separator.is_empty() && !after_letter) {
                return false;
            }
            separator.clear();
            after_letter = true;
        } else if matches!(c, '.' | '_' | '-') {
            separator.push(c);
        } else {
            return false;
        }
    }
    after_letter && separator.is_empty()
}

fn is_tag(tag: &str) -> bool {
    tag.len() <= 128
        && tag.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && tag.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

/// The text without a scheme, or with the repository in small letters.
fn offer(text: &str) -> Option<String> {
    let plain = text.trim();
    let plain = ["https://", "http://", "docker://", "oci://"]
        .iter()
        .find_map(|scheme| plain.strip_prefix(scheme))
        .unwrap_or(plain);
    let name = split(plain).name;
    let lower = format!("{}{}", name.to_lowercase(), &plain[name.len()..]);
    [plain.to_owned(), lower].into_iter().find(|offer| wrong(offer).is_none())
}
