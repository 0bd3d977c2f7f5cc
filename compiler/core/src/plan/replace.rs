//! Which resources a provider makes again: read off the changed arguments of Terraform's blocks.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::emit::Emission;
use crate::emit::paths::FieldChange;
use crate::graph::{Graph, ResourceId};
use crate::plan::files::FilePlan;

/// Whether a change of an argument makes a new resource: `forces("aws_eks_node_group", "instance_types[0]")`.
pub type Forces = fn(&str, &str) -> bool;

/// Address → reasons: `aws_eks_node_group.gpu_pool_h100: instance_types`.
pub fn reasons(
    files: &FilePlan,
    emission: &Emission,
    graph: &Graph,
    forces: Forces,
) -> BTreeMap<String, Vec<String>> {
    let mut reasons: BTreeMap<String, Vec<String>> = BTreeMap::new();
    if files.diffs.is_empty() {
        return reasons;
    }
    let made: FxHashMap<(&str, &str), ResourceId> =
        emission.blocks.iter().map(|block| ((&*block.folder, block.name.as_str()), block.from)).collect();
    for diff in &files.diffs {
        let is_terraform = diff.path.rsplit_once('.').is_some_and(|(_, ending)| ending == "tf");
        let Some((folder, _)) = diff.path.rsplit_once('/').filter(|_| is_terraform) else { continue };
        for ((kind, name), changes) in blocks(&diff.fields) {
            // A block that is wholly new, or wholly gone, is not made again.
            let stays = changes.iter().any(|(_, change)| change.before.is_some())
                && changes.iter().any(|(_, change)| change.after.is_some());
            let from = made.get(&(folder, &*format!("{kind}.{name}"))).and_then(|id| graph.get(*id));
            let Some(resource) = from.filter(|_| stays) else { continue };
            for (argument, _) in changes.iter().filter(|(argument, _)| forces(kind, argument)) {
                let argument = argument.split(['[', '#']).next().unwrap_or(argument);
                let reason = format!("{kind}.{name}: {argument}");
                let list = reasons.entry(resource.address()).or_default();
                if !list.contains(&reason) {
                    list.push(reason);
                }
            }
        }
    }
    reasons
}

type Blocks<'a> = BTreeMap<(&'a str, &'a str), Vec<(&'a str, &'a FieldChange)>>;

/// Changes by the block that they are in: `resource.TYPE.NAME.ARGUMENT…`.
fn blocks(fields: &[FieldChange]) -> Blocks<'_> {
    let mut blocks = Blocks::new();
    for change in fields {
        let Some(rest) = change.path.strip_prefix("resource.") else { continue };
        let mut parts = rest.splitn(3, '.');
        if let (Some(kind), Some(name), Some(argument)) = (parts.next(), parts.next(), parts.next()) {
            blocks.entry((kind, name)).or_default().push((argument, change));
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::Format;
    use crate::emit::paths::diff_fields;

    fn check(old: &str, new: &str, expected: &[&str]) {
        let fields = diff_fields(old, new, Format::Hcl);
        let forces = |kind: &str, path: &str| kind == "aws_x" && path.starts_with("zone");
        let found: Vec<String> = blocks(&fields)
            .into_iter()
            .flat_map(|((kind, name), changes)| {
                changes
                    .into_iter()
                    .filter(move |(path, _)| forces(kind, path))
                    .map(move |(path, _)| format!("{name} {path}"))
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn changed_arguments_are_found_in_their_blocks() {
        let block = |zone: &str, size: u8| {
            format!("resource \"aws_x\" \"a\" {{\n  zone = \"{zone}\"\n  size = {size}\n}}\n")
        };
        check(&block("a", 1), &block("b", 1), &["a zone"]);
        check(&block("a", 1), &block("a", 2), &[]);
    }
}
