//! What every view of a plan shows: the same parts, counted and named once.

use std::collections::BTreeMap;

use purlin_core::check::{self, Run};
use purlin_core::plan::Facts;
use purlin_core::{Finding, Graph, Resource};
use purlin_schema::View;
use purlin_schema::kinds::organisation::{Cloud, Provider};
use purlin_syntax::Level;

use crate::planning::Planned;
use crate::review::Review;

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

/// What a section has that the same section of another environment has not.
pub(crate) struct Difference<'a> {
    /// Rows with other numbers or names, or that the other has not.
    pub(crate) rows: Vec<&'a Row>,
    /// Kinds that only the other has.
    pub(crate) without: Vec<&'a str>,
}

impl Difference<'_> {
    /// Whether both are the same.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.without.is_empty()
    }
}

/// How a section differs from another environment's; nothing where telling it is not shorter than the section. Names
/// that differ by the environments' names (this one's, the other's) are the same.
pub(crate) fn difference<'a>(
    section: &'a Section,
    other: &'a Section,
    (name, first): (&str, &str),
) -> Option<Difference<'a>> {
    let bare = |row: &Row, name: &str| -> Vec<String> {
        row.names.iter().map(|text| text.replace(name, "\u{0}")).collect()
    };
    let same = |row: &Row, have: &Row| {
        row.kind == have.kind && row.count == have.count && bare(row, name) == bare(have, first)
    };
    let rows: Vec<&Row> =
        section.rows.iter().filter(|row| !other.rows.iter().any(|have| same(row, have))).collect();
    let gone = other.rows.iter().filter(|have| section.rows.iter().all(|row| row.kind != have.kind));
    let without: Vec<&str> = gone.map(|row| row.kind.as_str()).collect();
    (rows.len() + without.len() <= section.rows.len() / 2).then_some(Difference { rows, without })
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
pub(crate) struct Checks<'a> {
    /// Findings of the environment.
    here: Vec<&'a Finding>,
    /// Rules that check.
    pub(crate) built: usize,
    /// Rules that are declared and not built yet.
    pub(crate) later: usize,
}

impl<'a> Checks<'a> {
    /// Findings of a level that nobody waived.
    pub(crate) fn of(&self, level: Level) -> Vec<&'a Finding> {
        let stands = |found: &&&Finding| found.waived.is_none() && found.diagnostic.level == level;
        self.here.iter().filter(stands).copied().collect()
    }

    /// How many there are of a level that nobody waived.
    pub(crate) fn standing(&self, level: Level) -> usize {
        self.of(level).len()
    }

    /// Waiver and day → rule → findings: `waiver.one-zone until 2027-06-30`.
    pub(crate) fn waived(&self) -> BTreeMap<&'a str, BTreeMap<&'static str, usize>> {
        let mut waived: BTreeMap<&str, BTreeMap<&'static str, usize>> = BTreeMap::new();
        for found in &self.here {
            if let Some(waiver) = &found.waived {
                *waived.entry(waiver).or_default().entry(found.diagnostic.rule).or_default() += 1;
            }
        }
        waived
    }
}

/// Findings of one environment.
pub(crate) fn checks<'a>(planned: &Planned, findings: &'a [Finding]) -> Checks<'a> {
    let later = check::rules().iter().filter(|rule| matches!(rule.run, Run::NotYet)).count();
    Checks {
        here: findings.iter().filter(|finding| is_in(finding, planned)).collect(),
        built: check::rules().len() - later,
        later,
    }
}

/// What a finding says, with the address that it is about.
pub(crate) fn told(finding: &Finding, graph: &Graph) -> String {
    let message = &finding.diagnostic.message;
    match finding.subject.and_then(|id| graph.get(id)).map(Resource::address) {
        Some(address) if !message.contains(&address) => format!("{address}: {message}"),
        _ => message.clone(),
    }
}

/// Where a change comes from: `from serving.kdl:12`, `after gpu-pool.h100, pools.kdl:3`.
pub(crate) fn said(review: &Review) -> Option<String> {
    match &review.place {
        Some(place) => Some(format!("from {place}")),
        None if review.through.is_empty() => None,
        None => Some(format!("after {}", review.through.join("; "))),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows as `kind name name`.
    fn section(rows: &[&str]) -> Section {
        let row = |line: &&str| {
            let mut words = line.split(' ').map(str::to_owned);
            let kind = words.next().unwrap();
            let names: Vec<String> = words.collect();
            Row { kind, count: names.len(), names }
        };
        Section { title: String::new(), areas: Vec::new(), rows: rows.iter().map(row).collect() }
    }

    fn check(staging: &[&str], prod: &[&str], expected: Option<&str>) {
        let (staging, prod) = (section(staging), section(prod));
        let told = difference(&staging, &prod, ("staging", "prod")).map(|difference| {
            let kinds: Vec<&str> = difference.rows.iter().map(|row| row.kind.as_str()).collect();
            format!("but {} without {}", kinds.join(" "), difference.without.join(" "))
        });
        assert_eq!(told.as_deref(), expected);
    }

    #[test]
    fn a_section_is_told_by_its_difference_where_that_is_shorter() {
        check(&["a x-staging", "b y"], &["a x-prod", "b y"], Some("but  without "));
        check(&["a x", "b y z"], &["a x", "b y"], Some("but b without "));
        check(&["a x", "b y"], &["a x", "b y", "c z"], Some("but  without c"));
        check(&["a x", "b y"], &["a w", "b z"], None);
    }
}
