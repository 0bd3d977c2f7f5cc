//! What the catalog holds, and that it holds it at every place that asks.

use purlin_stdlib::facts::{Capacity, FabricKind, Fact, KernelModule, Provider};
use purlin_stdlib::{catalog, facts};

#[test]
fn every_table_is_in_the_order_of_its_names() {
    fn check<T: Fact>(table: &[T]) {
        assert!(!table.is_empty());
        for pair in table.windows(2) {
            assert!(pair[0].name() < pair[1].name(), "{} before {}", pair[0].name(), pair[1].name());
        }
    }
    check(purlin_stdlib::gpus());
    check(purlin_stdlib::mig_tables());
    check(purlin_stdlib::instances());
    check(purlin_stdlib::toolkits());
    check(purlin_stdlib::cuda_families());
    check(purlin_stdlib::driver_branches());
    check(purlin_stdlib::nccl_releases());
    check(purlin_stdlib::nccl_profiles());
    check(purlin_stdlib::components());
    check(purlin_stdlib::regions());
    check(purlin_stdlib::runtimes());
    check(purlin_stdlib::architectures());
}

#[test]
fn every_fact_has_a_source_and_a_date() {
    fn check<T: Fact>(table: &[T]) {
        for fact in table {
            let provenance = fact.provenance();
            assert!(!provenance.source.is_empty(), "{} has no source", fact.name());
            assert!(provenance.source.iter().all(|source| source.len() > 3), "{}", fact.name());
            assert_eq!(provenance.as_of.len(), "2026-11-20".len(), "{} has no date", fact.name());
        }
    }
    check(purlin_stdlib::gpus());
    check(purlin_stdlib::mig_tables());
    check(purlin_stdlib::instances());
    check(purlin_stdlib::toolkits());
    check(purlin_stdlib::cuda_families());
    check(purlin_stdlib::driver_branches());
    check(purlin_stdlib::nccl_releases());
    check(purlin_stdlib::nccl_profiles());
    check(purlin_stdlib::components());
    check(purlin_stdlib::regions());
    check(purlin_stdlib::runtimes());
    check(purlin_stdlib::architectures());
}

#[test]
fn every_name_that_a_fact_refers_to_is_there() {
    for instance in purlin_stdlib::instances() {
        assert!(instance.gpu.is_none_or(|gpu| purlin_stdlib::gpu(gpu).is_some()), "{}", instance.name);
    }
    for table in purlin_stdlib::mig_tables() {
        assert!(table.gpus.iter().all(|gpu| purlin_stdlib::gpu(gpu).is_some()), "{}", table.name);
    }
    for profile in purlin_stdlib::nccl_profiles() {
        let known = |name: &&str| purlin_stdlib::instance(name).is_some();
        assert!(profile.instances.iter().all(known), "{}", profile.name);
    }
    for component in purlin_stdlib::components() {
        let known = |name: &&str| purlin_stdlib::component(name).is_some();
        assert!(component.needs.iter().all(known), "{}", component.name);
    }
}

#[test]
fn every_region_with_a_price_or_an_offer_is_a_region() {
    for instance in purlin_stdlib::instances() {
        let offered = instance.regions.iter().flat_map(|list| list.iter().copied());
        for region in offered.chain(instance.rates.iter().map(|rate| rate.region)) {
            let fact = purlin_stdlib::region(region);
            assert!(fact.is_some(), "{}: {region}", instance.name);
            assert_eq!(fact.and_then(|fact| fact.provider), instance.provider, "{}: {region}", instance.name);
        }
    }
}

#[test]
fn mig_profiles_fit_their_table() {
    for table in purlin_stdlib::mig_tables() {
        for profile in table.profiles.iter() {
            let (Some(slots), Some(all)) = (profile.slots, table.memory_slots) else { continue };
            assert!(!profile.starts.is_empty(), "{} {}", table.name, profile.name);
            assert!(
                profile.starts.iter().all(|start| start + slots <= all),
                "{} {}",
                table.name,
                profile.name
            );
            assert!(profile.compute <= table.compute_slices, "{} {}", table.name, profile.name);
            assert!(profile.max <= table.max_instances, "{} {}", table.name, profile.name);
        }
    }
}

#[test]
fn an_eight_gpu_instance_answers_what_rules_ask() {
    let p5 = purlin_stdlib::instance("p5.48xlarge").expect("in the catalog");
    assert_eq!((p5.gpu, p5.gpu_count, p5.vcpu), (Some("h100-sxm5-80gb"), 8, Some(192)));
    assert_eq!((p5.provider, p5.nvlink_domain), (Some(Provider::Aws), Some(8)));
    let fabric = p5.fabric.expect("it has one");
    assert_eq!((fabric.kind, fabric.ports), (FabricKind::Efa, Some(32)));
    let rate = purlin_stdlib::price("p5.48xlarge", "us-east-1", Capacity::OnDemand).expect("it is priced");
    assert_eq!((rate.rate.to_string().as_str(), rate.as_of), ("55.04 USD/h", "2026-07-20"));
    assert_eq!(
        purlin_stdlib::nccl_profile(p5.name).and_then(|profile| profile.resource),
        Some("vpc.amazonaws.com/efa")
    );
}

#[test]
fn a_region_outside_an_incomplete_list_is_unknown() {
    let p5 = purlin_stdlib::instance("p5.48xlarge").expect("in the catalog");
    assert_eq!((p5.offered_in("us-east-1"), p5.offered_in("eu-central-1")), (Some(true), None));
    let a3 = purlin_stdlib::instance("a3-highgpu-8g").expect("in the catalog");
    assert_eq!((a3.offered_in("us-central1"), a3.offered_in("europe-west6")), (Some(true), Some(false)));
}

#[test]
fn a_price_that_is_not_known_is_none() {
    assert_eq!(purlin_stdlib::price("p5.48xlarge", "us-east-1", Capacity::Spot), None);
    assert_eq!(purlin_stdlib::price("p5.48xlarge", "eu-central-1", Capacity::OnDemand), None);
    assert_eq!(purlin_stdlib::price("no-such", "us-east-1", Capacity::OnDemand), None);
}

#[test]
fn a_gpu_knows_its_memory_and_its_mig_table() {
    let h100 = purlin_stdlib::gpu("h100-sxm5-80gb").expect("in the catalog");
    assert_eq!(h100.usable.map(|bytes| bytes.0), Some(81_559 << 20));
    assert_eq!(h100.driver.and_then(|driver| driver.kernel_module), Some(KernelModule::Either));
    let profile = purlin_stdlib::mig_table(h100.name).and_then(|table| table.profile("3g.40gb"));
    assert_eq!(profile.map(|profile| (profile.slots, profile.starts.to_vec())), Some((Some(4), vec![0, 4])));
    assert_eq!(purlin_stdlib::mig_table("t4"), None);
}

#[test]
fn a_toolkit_is_found_by_any_way_of_writing_its_version() {
    let driver = |version| purlin_stdlib::toolkit(version).and_then(|toolkit| toolkit.driver);
    assert_eq!(driver("13.0"), Some("580.65.06"));
    assert_eq!(driver("13.0.0"), Some("580.65.06"));
    assert_eq!(driver("13.0.1"), Some("580.82.07"));
    assert_eq!(driver("10.0"), Some("410.48"));
    assert_eq!(driver("99.0"), None);
}

#[test]
fn drivers_and_families_are_found_by_number() {
    assert_eq!(purlin_stdlib::cuda_family(13).and_then(|family| family.driver_branch), Some(580));
    assert_eq!(purlin_stdlib::driver_branch(580).and_then(|branch| branch.end_of_life), Some("2028-06"));
    assert_eq!(purlin_stdlib::driver_branch(1), None);
    let hopper = purlin_stdlib::compute_capability("9.0").and_then(|fact| fact.cuda);
    assert_eq!(hopper.map(|range| (range.first, range.ongoing)), Some((Some("11.8"), true)));
}

#[test]
fn the_place_of_a_fact_is_its_block() {
    let place = purlin_stdlib::place("gpu", "h100-sxm5-80gb").expect("it has one");
    let source = &purlin_stdlib::sources()[place.file as usize];
    assert_eq!(source.path, "facts/gpus.kdl");
    let block = &source.text[place.start as usize..][..place.len as usize];
    assert!(block.starts_with("gpu h100-sxm5-80gb {") && block.ends_with('}'), "{block}");
    assert!(purlin_stdlib::knows("architecture", "llama-3.1-8b"));
    assert!(!purlin_stdlib::knows("gpu", "llama-3.1-8b"));
}

#[test]
fn names_are_sorted_and_those_of_the_table() {
    let gpus: Vec<&str> = purlin_stdlib::gpus().iter().map(|gpu| gpu.name).collect();
    assert_eq!(purlin_stdlib::names("gpu"), gpus);
    assert!(purlin_stdlib::names("no-such-kind").is_empty());
}

#[test]
fn a_filter_keeps_the_rows_that_have_all_its_words() {
    let rows = catalog::gpus("H100 sxm").rows;
    assert_eq!(rows.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), ["h100-sxm5-80gb"]);
    assert_eq!(catalog::gpus("").rows.len(), purlin_stdlib::gpus().len());
    assert!(catalog::instances("azure h100").rows.len() > 3);
    assert!(catalog::models("no such model").rows.is_empty());
}

#[test]
fn every_row_has_a_cell_for_every_column() {
    for table in [catalog::gpus(""), catalog::instances(""), catalog::models("")] {
        assert!(table.rows.iter().all(|row| row.len() == table.columns.len()));
    }
}

#[test]
fn components_of_the_examples_are_in_the_tested_matrix() {
    let version = |name| purlin_stdlib::component(name).map(|component| component.version);
    assert_eq!(version("kueue"), Some("0.19.2"));
    assert_eq!(version("gpu-operator"), Some("26.7.0"));
    let kserve = purlin_stdlib::component("kserve").expect("in the matrix");
    assert_eq!(
        kserve.charts.iter().map(|chart| chart.name).collect::<Vec<_>>(),
        ["kserve-crd", "kserve-resources"]
    );
    let driver = purlin_stdlib::component("gpu-operator").and_then(|operator| operator.ships("driver"));
    assert_eq!(driver, Some("595.91.07"));
}

#[test]
fn a_list_is_written_as_the_expression_that_builds_it() {
    let list: facts::List<u64> = [1, 2].into_iter().collect();
    assert_eq!(format!("{list:?}"), "List(&[1, 2])");
}

#[test]
fn every_file_is_laid_out_as_the_formatter_does() {
    for source in purlin_stdlib::sources() {
        let laid_out = purlin_syntax::format::format(source.text).expect("it is KDL");
        let differs = source.text.lines().zip(laid_out.lines()).position(|(have, want)| have != want);
        assert_eq!(differs.map(|line| line + 1), None, "{}", source.path);
        assert!(source.text == laid_out, "{}", source.path);
    }
}

/// The first block of a text, decoded as a project's own would be, without any finding.
fn own_block(text: &str) -> purlin_schema::decode::Decoded {
    let document = purlin_syntax::Document::parse(text.to_owned());
    assert_eq!(document.errors().count(), 0, "{text}");
    let tree = &document.items()[0].tree;
    let node = tree.root().expect("it has a node");
    let kind = purlin_schema::kinds::kind(tree.node(node).name.as_str()).expect("it is a kind");
    let mut findings = Vec::new();
    let item = purlin_syntax::ItemId(0);
    let decoded = purlin_schema::decode::decode(kind, tree, node, document.item_text(0), item, &mut findings);
    assert!(findings.is_empty(), "{findings:?}");
    decoded
}

#[test]
fn a_project_states_a_gpu_of_its_own() {
    let text = r#"gpu bench { memory "80GB"; usable "79.2GiB"; compute-capability "9.0"; source "measured"; as-of "2026-11-01" }"#;
    let block = own_block(text);
    let gpu = facts::Gpu::from_view("bench", purlin_schema::View::of(&block.record));
    assert_eq!(gpu.fit_memory().map(|bytes| (bytes.gib() * 10.0).round()), Some(792.0));
    assert_eq!((gpu.compute_capability, gpu.tflops.bf16, gpu.mig), (Some("9.0"), None, None));
    assert_eq!((gpu.provenance.as_of, gpu.provenance.source[0]), ("2026-11-01", "measured"));
}

#[test]
fn a_project_states_an_instance_of_its_own() {
    let text = r#"instance house.h100x8 { gpu h100-sxm5-80gb count=8; vcpu 192; memory "2048GiB"; arch amd64; fabric infiniband ports=8 bandwidth="400Gbps"; source "inventory"; as-of "2026-11-01" }"#;
    let block = own_block(text);
    let instance = facts::Instance::from_view("house.h100x8", purlin_schema::View::of(&block.record));
    assert_eq!((instance.gpu, instance.gpu_count, instance.provider), (Some("h100-sxm5-80gb"), 8, None));
    assert_eq!(
        instance.fabric.map(|fabric| (fabric.kind, fabric.ports)),
        Some((FabricKind::Infiniband, Some(8)))
    );
    assert_eq!((instance.regions, instance.offered_in("eu-central-1")), (None, None));
}

#[test]
fn a_project_states_a_price_of_its_own() {
    let text = r#"price p5.48xlarge { region us-east-1; capacity capacity-block; rate "39.33 USD/h"; source "offer"; as-of "2026-11-18" }"#;
    let block = own_block(text);
    let price = facts::Price::from_view("p5.48xlarge", purlin_schema::View::of(&block.record))
        .expect("it has a rate");
    assert_eq!(
        (price.instance, price.rate.region, price.rate.capacity),
        ("p5.48xlarge", "us-east-1", Capacity::CapacityBlock)
    );
    assert_eq!((price.rate.rate.to_string().as_str(), price.rate.as_of), ("39.33 USD/h", "2026-11-18"));
}

#[test]
fn a_project_states_an_architecture_of_its_own() {
    let text = "architecture house-13b { parameters 13015864320; layers 40; hidden 5120; ffn 13824 gated=#true; heads 40; kv-heads 8; vocab 128256; context 8192 }";
    let block = own_block(text);
    let shape = facts::Architecture::from_view("house-13b", purlin_schema::View::of(&block.record))
        .expect("it has all");
    assert_eq!((shape.head_dim, shape.norm.per_layer, shape.norm.last), (128, 2, true));
    assert_eq!((shape.causal, shape.output_layer, shape.tied), (true, true, false));
}

#[test]
fn an_option_is_found_as_its_program_reads_it() {
    fn check(runtime: &str, word: &str, expect: Option<&str>) {
        let runtime = purlin_stdlib::runtime(runtime).expect("in the catalog");
        assert_eq!(runtime.named(word).map(|option| option.name), expect, "{word}");
    }
    check("vllm", "--max-model-len", Some("--max-model-len"));
    check("vllm", "--max_model_len=8192", Some("--max-model-len"));
    check("vllm", "--no-enable-prefix-caching", Some("--enable-prefix-caching"));
    check("vllm", "--compilation-config.mode", Some("--compilation-config"));
    check("vllm", "--max-model-length", None);
    check("vllm", "--no-dtype", None);
    check("torchtitan", "--training.seq_len", Some("training.seq_len"));
    check("torchtitan", "--training.seq-len", Some("training.seq_len"));
    check("torchtitan", "--compile.no-enable", Some("compile.enable"));
    check("torchtitan", "--training.sequence", None);
    check("megatron-core", "--bf16", Some("--bf16"));
    check("megatron-core", "--no-bf16", None);
}
