//! What every view of a plan shows: the same parts, counted and named once.

use std::collections::BTreeMap;

use purlin_core::check::{self, Run};
use purlin_core::plan::Facts;
use purlin_core::{Finding, Graph};
use purlin_schema::View;
use purlin_schema::kinds::organisation::{Cloud, Provider};
use purlin_syntax::Level;

use crate::planning::Planned;

/// A place and what is created there.
pub(crate) struct Section {
    /// `On AWS`, `On Kubernetes`, `On GPU nodes`, `Files`.
    pub(crate) title: String,
    /// The folders below the output folder.
    pub(crate) areas: Vec<String>,
    /// What, how many, and the names of the first.
    pub(crate) rows: Vec<Row>,
}

/// Objects (or files) of one kind.
pub(crate) struct Row {
    pub(crate) kind: String,
    pub(crate) count: usize,
    pub(crate) names: Vec<String>,
}

/// What is created where.
pub(crate) fn sections(planned: &Planned, graph: &Graph) -> Vec<Section> {
    let mut sections: BTreeMap<(u8, String), Section> = BTreeMap::new();
    let mut add = |rank: u8, title: String, area: &str, row: Row| {
        let section = sections.entry((rank, title.clone())).or_insert_with(|| Section {
            title,
            areas: Vec::new(),
            rows: Vec::new(),
        });
        if !section.areas.iter().any(|have| have == area) {
            section.areas.push(area.to_owned());
        }
        match section.rows.iter_mut().find(|have| have.kind == row.kind) {
            Some(have) => {
                have.count += row.count;
                have.names.extend(row.names);
            }
            None => section.rows.push(row),
        }
    };
    let groups = planned.emission.objects.iter();
    let objects =
        groups.flat_map(|(area, kinds)| kinds.iter().map(move |(kind, objects)| (area, kind, objects)));
    for (area, kind, objects) in objects {
        let row = Row { kind: kind.clone(), count: objects.count, names: objects.names.clone() };
        match area.split('/').next() {
            Some("terraform") => add(0, format!("On {}", cloud(area, graph)), area, row),
            Some("kubernetes") => add(1, "On Kubernetes".to_owned(), area, row),
            _ => {}
        }
    }
    for (folder, names) in folders(planned) {
        let row = Row { kind: folder.clone(), count: names.len(), names };
        match folder.split('/').next() {
            Some("terraform" | "kubernetes") => {}
            Some("node") => add(2, "On the nodes".to_owned(), &folder, row),
            _ => add(3, "Files".to_owned(), &folder, row),
        }
    }
    let mut sections: Vec<Section> = sections.into_values().collect();
    for section in &mut sections {
        section.rows.sort_by(|a, b| b.count.cmp(&a.count).then(a.kind.cmp(&b.kind)));
    }
    sections
}

/// File names by the first two folders of their paths.
fn folders(planned: &Planned) -> BTreeMap<String, Vec<String>> {
    let mut folders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in planned.files.files.keys() {
        let mut ends = path.match_indices('/').map(|(at, _)| at);
        let end = ends.next().map_or(0, |first| ends.next().unwrap_or(first));
        let folder = path[..end].to_owned();
        folders.entry(folder).or_default().push(path[end..].trim_start_matches('/').to_owned());
    }
    folders
}

/// The provider of the cloud that an area of Terraform is named after.
fn cloud(area: &str, graph: &Graph) -> String {
    let name = area.trim_start_matches("terraform/");
    let clouds = graph.of_kind("cloud");
    let named =
        |have: &str| name == have || name.strip_prefix(have).is_some_and(|rest| rest.starts_with('-'));
    let found = clouds.iter().find(|cloud| named(cloud.name.as_str())).or(clouds.first());
    let provider = found.and_then(|cloud| View::<Cloud>::of(&cloud.record).provider().get());
    match provider {
        Some(Provider::Aws) => "AWS".to_owned(),
        Some(Provider::Gcp) => "Google Cloud".to_owned(),
        Some(Provider::Azure) => "Azure".to_owned(),
        _ => name.to_owned(),
    }
}

/// Resources of the spec by kind, the most frequent first.
pub(crate) fn kinds(graph: &Graph) -> Vec<(&'static str, &'static str, usize)> {
    let mut kinds: BTreeMap<&str, (&'static str, &'static str, usize)> = BTreeMap::new();
    for resource in graph.sorted() {
        kinds.entry(resource.kind.name).or_insert((resource.kind.name, resource.kind.plural, 0)).2 += 1;
    }
    let mut kinds: Vec<_> = kinds.into_values().collect();
    kinds.sort_by(|a, b| b.2.cmp(&a.2).then(a.0.cmp(b.0)));
    kinds
}

/// What takes memory of GPUs, with what is known of it.
pub(crate) fn fitted(planned: &Planned) -> Vec<(&str, &Facts)> {
    planned
        .now()
        .iter()
        .filter(|(_, facts)| facts.fit.is_some() || facts.unfit.is_some())
        .map(|(address, facts)| (address.as_str(), facts))
        .collect()
}

/// What costs money, with what is known of it.
pub(crate) fn paid(planned: &Planned) -> Vec<(&str, &Facts)> {
    let is_paid = |address: &str, facts: &Facts| {
        let kind = address.split('.').next().unwrap_or_default();
        kind.ends_with("-pool") || kind == "storage" && !facts.existing
    };
    planned
        .now()
        .iter()
        .filter(|(address, facts)| facts.monthly.is_some() || is_paid(address, facts))
        .map(|(address, facts)| (address.as_str(), facts))
        .collect()
}

/// Which checks stand.
pub(crate) struct Checks {
    pub(crate) warnings: usize,
    pub(crate) notes: usize,
    pub(crate) waived: usize,
    pub(crate) built: usize,
    pub(crate) later: usize,
}

/// Findings of one environment, counted.
pub(crate) fn checks(planned: &Planned, findings: &[Finding]) -> Checks {
    let here: Vec<&Finding> = findings.iter().filter(|finding| is_in(finding, planned)).collect();
    let standing = |level: Level| {
        here.iter().filter(|found| found.waived.is_none() && found.diagnostic.level == level).count()
    };
    let later = check::rules().iter().filter(|rule| matches!(rule.run, Run::NotYet)).count();
    Checks {
        warnings: standing(Level::Warning),
        notes: standing(Level::Note),
        waived: here.iter().filter(|found| found.waived.is_some()).count(),
        built: check::rules().len() - later,
        later,
    }
}

/// Whether a finding is one of a plan's environment.
pub(crate) fn is_in(finding: &Finding, planned: &Planned) -> bool {
    finding.environments.is_empty()
        || finding.environments.iter().any(|name| Some(name.as_str()) == planned.environment.as_deref())
}

/// Fields that reach no output, by resource.
pub(crate) fn losses(planned: &Planned) -> BTreeMap<&str, Vec<(&str, &str)>> {
    let mut by_address: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for loss in &planned.emission.losses {
        by_address.entry(&loss.address).or_default().push((&loss.field, &loss.reason));
    }
    by_address
}
