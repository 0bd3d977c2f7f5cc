//! One test binary over the whole product. A module is a subject; a test is one call.

mod examples;
mod expressions;
mod hostile;
mod incremental;
mod kubernetes;
mod manifests;
mod mistakes;
mod rule_pages;
mod sharing;
mod snapshots;
mod terraform;

/// Paths and texts of an example project.
fn example_files(project: &str) -> Vec<(String, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(project);
    let world = purlin_engine::DiskWorld::open(&root).expect("an example is a project");
    let files = purlin_core::World::files(&world).expect("an example can be read");
    files
        .into_iter()
        .map(|path| {
            let text = purlin_core::World::read(&world, &path).expect("an example can be read");
            (path, text)
        })
        .collect()
}
