//! Which degrees of parallelism divide what they cut (§7): every violation as data, with the legal values.

use super::pipeline::Layout;

/// The degrees of a run and the numbers that they cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    /// GPUs that the run gets.
    pub gpus: u64,
    /// Tensor-parallel degree, t.
    pub tensor: u64,
    /// Pipeline ranks, p, chunks on each, v, and how layers are laid out.
    pub layout: Layout,
    /// Context-parallel degree, c.
    pub context: u64,
    /// Expert-parallel degree, e; 1 without.
    pub expert: u64,
    /// Data-parallel degree; none where it is what the others leave over.
    pub data: Option<u64>,
    /// Query heads.
    pub heads: u64,
    /// Key and value heads.
    pub kv_heads: u64,
    /// Width of the feed-forward part.
    pub ffn: u64,
    /// Rows of the embedding.
    pub vocab: u64,
    /// Routed experts; none in a dense model.
    pub experts: Option<u64>,
    /// Tokens in a sequence.
    pub sequence: u64,
    /// Sequences in a step over all ranks.
    pub global_batch: u64,
    /// Sequences in a micro-batch.
    pub micro_batch: u64,
}

/// One number that a degree does not divide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What is cut and by what, in words.
    pub what: &'static str,
    /// The number that is cut.
    pub value: u64,
    /// The number that should divide it.
    pub divisor: u64,
    /// Values of the degree in question that would pass, ascending, at most twelve.
    pub legal: Vec<u64>,
}

/// The data-parallel degree: declared, or what t · p · c leave over; none where that is no whole number.
pub fn data_degree(d: &Division) -> Option<u64> {
    let model = model_ranks(d);
    d.data.or_else(|| (d.gpus > 0 && d.gpus.is_multiple_of(model)).then(|| d.gpus / model))
}

/// Micro-batches of a step on one pipeline: B / (b · d); none where that is no whole number.
pub fn micro_batches(d: &Division) -> Option<u64> {
    let step = d.micro_batch.max(1).checked_mul(data_degree(d)?.max(1))?;
    (d.global_batch > 0 && d.global_batch.is_multiple_of(step)).then(|| d.global_batch / step)
}

/// Every rule of §7 that the degrees break, in a fixed order.
pub fn violations(d: &Division) -> Vec<Violation> {
    let mut found = Vec::new();
    world(d, &mut found);
    tensor(d, &mut found);
    layers(d, &mut found);
    batch(d, &mut found);
    experts(d, &mut found);
    found
}

/// t · p · c · d must be the number of GPUs.
fn world(d: &Division, found: &mut Vec<Violation>) {
    let model = model_ranks(d);
    match d.data {
        None if d.gpus > 0 && !d.gpus.is_multiple_of(model) => found.push(Violation {
            what: "GPUs by tensor · pipeline · context",
            value: d.gpus,
            divisor: model,
            legal: divisors(d.gpus),
        }),
        Some(data) if model.saturating_mul(data.max(1)) != d.gpus => found.push(Violation {
            what: "GPUs as tensor · pipeline · context · data",
            value: d.gpus,
            divisor: model.saturating_mul(data.max(1)),
            legal: if d.gpus.is_multiple_of(model) { vec![d.gpus / model] } else { Vec::new() },
        }),
        _ => {}
    }
}

/// Heads, feed-forward width and vocabulary by t; key heads by t, or t by them, which repeats them.
fn tensor(d: &Division, found: &mut Vec<Violation>) {
    let t = d.tensor.max(1);
    let cuts = [("heads by tensor", d.heads), ("ffn by tensor", d.ffn), ("vocabulary by tensor", d.vocab)];
    for (what, value) in cuts {
        if !value.is_multiple_of(t) {
            found.push(Violation { what, value, divisor: t, legal: legal_tensor(d) });
        }
    }
    let repeated = d.kv_heads > 0 && t.is_multiple_of(d.kv_heads);
    if !d.kv_heads.is_multiple_of(t) && !repeated {
        let what = "kv-heads by tensor, or tensor by kv-heads";
        found.push(Violation { what, value: d.kv_heads, divisor: t, legal: legal_tensor(d) });
    }
}

/// Layers, with embedding and loss where they count as one, by p · v.
fn layers(d: &Division, found: &mut Vec<Violation>) {
    if d.layout.is_even() {
        return;
    }
    let (p, v) = (d.layout.pipeline.max(1), d.layout.virtual_pipeline.max(1));
    let slots = d.layout.slots();
    let what = if slots == d.layout.layers {
        "layers by pipeline · virtual-pipeline"
    } else {
        "layers with embedding and loss as layers by pipeline · virtual-pipeline"
    };
    found.push(Violation { what, value: slots, divisor: p.saturating_mul(v), legal: divisors(slots) });
}

/// Global batch by b · d; the sequence by 2c; with interleaving micro-batches by p.
fn batch(d: &Division, found: &mut Vec<Violation>) {
    if let Some(data) = data_degree(d) {
        let step = d.micro_batch.max(1).saturating_mul(data.max(1));
        if d.global_batch > 0 && !d.global_batch.is_multiple_of(step) {
            let mut legal = divisors(d.global_batch);
            legal.retain(|micro| d.global_batch.is_multiple_of(micro.saturating_mul(data.max(1))));
            let what = "global batch by micro-batch · data";
            found.push(Violation { what, value: d.global_batch, divisor: step, legal });
        }
    }
    let c = d.context.max(1);
    if c > 1 && !d.sequence.is_multiple_of(c.saturating_mul(2)) {
        let mut legal = vec![1];
        legal.extend(powers_of_two().filter(|c| *c > 1 && d.sequence.is_multiple_of(2 * c)));
        found.push(Violation {
            what: "sequence by 2 · context",
            value: d.sequence,
            divisor: c.saturating_mul(2),
            legal: twelve(legal),
        });
    }
    let p = d.layout.pipeline.max(1);
    let Some(m) = micro_batches(d).filter(|_| d.layout.virtual_pipeline > 1 && p > 1) else { return };
    if !m.is_multiple_of(p) {
        let what = "micro-batches by pipeline, as interleaving asks";
        found.push(Violation { what, value: m, divisor: p, legal: divisors(m) });
    }
}

/// Experts by e, and e inside the ranks that hold the same layers: context · data · tensor.
fn experts(d: &Division, found: &mut Vec<Violation>) {
    let e = d.expert.max(1);
    if e == 1 {
        return;
    }
    let count = d.experts.unwrap_or(0);
    if count == 0 || !count.is_multiple_of(e) {
        let what = "experts by expert parallelism";
        found.push(Violation { what, value: count, divisor: e, legal: divisors(count) });
    }
    let Some(data) = data_degree(d) else { return };
    let group = data.max(1).saturating_mul(d.context.max(1)).saturating_mul(d.tensor.max(1));
    if !group.is_multiple_of(e) {
        let mut legal = divisors(group);
        legal.retain(|e| count.is_multiple_of(*e));
        found.push(Violation {
            what: "tensor · context · data by expert parallelism",
            value: group,
            divisor: e,
            legal,
        });
    }
}

/// t · p · c: ranks that hold one copy of the model.
fn model_ranks(d: &Division) -> u64 {
    d.tensor.max(1).saturating_mul(d.layout.pipeline.max(1)).saturating_mul(d.context.max(1))
}

/// Tensor degrees up to 64 that divide heads, width and vocabulary and suit the key heads.
fn legal_tensor(d: &Division) -> Vec<u64> {
    let suits = |t: &u64| {
        let cuts = [d.heads, d.ffn, d.vocab].iter().all(|value| value.is_multiple_of(*t));
        cuts && (d.kv_heads.is_multiple_of(*t) || (d.kv_heads > 0 && t.is_multiple_of(d.kv_heads)))
    };
    twelve((1..=64).filter(suits).collect())
}

/// Divisors up to 4096 that a person might choose: at most twelve, the largest ones.
fn divisors(value: u64) -> Vec<u64> {
    if value == 0 {
        return Vec::new();
    }
    twelve((1..=value.min(4096)).filter(|candidate| value.is_multiple_of(*candidate)).collect())
}

fn powers_of_two() -> impl Iterator<Item = u64> {
    (0..=12).map(|power| 1_u64 << power)
}

/// The last twelve of an ascending list.
fn twelve(mut values: Vec<u64>) -> Vec<u64> {
    values.split_off(values.len().saturating_sub(12))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The 405B example: tensor 8, pipeline 16 · 8, context 2, data 2 on 512 GPUs.
    fn phase_1() -> Division {
        Division {
            gpus: 512,
            tensor: 8,
            layout: Layout {
                layers: 126,
                pipeline: 16,
                virtual_pipeline: 8,
                embedding_as_layer: true,
                loss_as_layer: true,
            },
            context: 2,
            expert: 1,
            data: None,
            heads: 128,
            kv_heads: 8,
            ffn: 53_248,
            vocab: 128_256,
            experts: None,
            sequence: 8192,
            global_batch: 512,
            micro_batch: 1,
        }
    }

    fn plain(layers: u64, pipeline: u64) -> Layout {
        Layout { layers, pipeline, virtual_pipeline: 1, embedding_as_layer: false, loss_as_layer: false }
    }

    /// Compares what is violated, as (what, value, divisor).
    #[track_caller]
    fn check(d: &Division, expect: &[(&str, u64, u64)]) {
        let found = violations(d);
        let found: Vec<_> = found.iter().map(|v| (v.what, v.value, v.divisor)).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn the_405b_run_divides() {
        check(&phase_1(), &[]);
        assert_eq!(data_degree(&phase_1()), Some(2));
        assert_eq!(micro_batches(&phase_1()), Some(256));
    }

    #[test]
    fn llama_3s_own_worlds_divide() {
        // 8·1·16·64 = 8192 and 8·16·16·8 = 16384 GPUs (§7).
        let worlds = [(8192, 1, 64), (16_384, 16, 8)];
        for (gpus, context, data) in worlds {
            let d = Division { gpus, context, data: Some(data), ..phase_1() };
            assert!(violations(&d).iter().all(|v| !v.what.starts_with("GPUs")));
        }
    }

    #[test]
    fn layers_alone_do_not_divide_by_128_chunks() {
        let layout = Layout { embedding_as_layer: false, loss_as_layer: false, ..phase_1().layout };
        let d = Division { layout, ..phase_1() };
        check(&d, &[("layers by pipeline · virtual-pipeline", 126, 128)]);
        assert_eq!(violations(&d)[0].legal, [1, 2, 3, 6, 7, 9, 14, 18, 21, 42, 63, 126]);
    }

    #[test]
    fn a_world_that_leaves_a_rest_is_named() {
        let d = Division { gpus: 500, ..phase_1() };
        check(&d, &[("GPUs by tensor · pipeline · context", 500, 256)]);
    }

    #[test]
    fn a_declared_data_degree_must_complete_the_world() {
        let d = Division { data: Some(4), ..phase_1() };
        check(&d, &[("GPUs as tensor · pipeline · context · data", 512, 1024)]);
        assert_eq!(violations(&d)[0].legal, [2]);
    }

    #[test]
    fn a_tensor_degree_of_three_cuts_nothing_evenly() {
        let d = Division { gpus: 3, tensor: 3, layout: plain(126, 1), context: 1, ..phase_1() };
        let expect = [
            ("heads by tensor", 128, 3),
            ("ffn by tensor", 53_248, 3),
            ("kv-heads by tensor, or tensor by kv-heads", 8, 3),
        ];
        check(&d, &expect);
        assert_eq!(violations(&d)[0].legal, [1, 2, 4, 8, 16, 32, 64]);
    }

    #[test]
    fn key_heads_may_be_repeated() {
        let d = Division { gpus: 32, tensor: 16, layout: plain(126, 1), ..phase_1() };
        check(&d, &[]);
    }

    #[test]
    fn the_global_batch_must_divide() {
        let d = Division { global_batch: 511, ..phase_1() };
        check(&d, &[("global batch by micro-batch · data", 511, 2)]);
    }

    #[test]
    fn interleaving_asks_whole_groups_of_micro_batches() {
        let d = Division { global_batch: 40, ..phase_1() };
        check(&d, &[("micro-batches by pipeline, as interleaving asks", 20, 16)]);
    }

    #[test]
    fn a_sequence_is_cut_in_two_halves_for_every_context_rank() {
        let d = Division { sequence: 8190, ..phase_1() };
        check(&d, &[("sequence by 2 · context", 8190, 4)]);
        assert_eq!(violations(&d)[0].legal, [1]);
    }

    #[test]
    fn experts_divide_over_their_group() {
        let d = Division { expert: 3, experts: Some(8), ..phase_1() };
        let expect = [
            ("experts by expert parallelism", 8, 3),
            ("tensor · context · data by expert parallelism", 32, 3),
        ];
        check(&d, &expect);
    }

    #[test]
    fn a_dense_model_has_no_experts_to_divide() {
        check(&Division { expert: 2, ..phase_1() }, &[("experts by expert parallelism", 0, 2)]);
    }

    #[test]
    fn absurd_degrees_neither_panic_nor_hang() {
        let all = u64::MAX;
        let d = Division {
            gpus: all,
            tensor: all,
            context: all,
            expert: all,
            data: Some(all),
            sequence: all,
            global_batch: all,
            micro_batch: all,
            experts: Some(all),
            ..phase_1()
        };
        assert!(!violations(&d).is_empty());
        assert!(!violations(&Division { gpus: 0, ..phase_1() }).iter().any(|v| v.divisor == 0));
    }
}
