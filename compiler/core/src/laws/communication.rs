//! Bytes and seconds of collective communication (§8, nccl-tests' `PERFORMANCE.md`).

/// A collective operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collective {
    /// Every rank gets the sum.
    AllReduce,
    /// Every rank gets its part of the sum.
    ReduceScatter,
    /// Every rank gets all parts.
    AllGather,
    /// Every rank sends a part to every other.
    AllToAll,
    /// One rank sends to all, or all to one.
    Rooted,
}

/// Bus bandwidth over algorithm bandwidth for n ranks: 2(n − 1)/n, (n − 1)/n or 1 (§8).
pub fn bus_factor(collective: Collective, ranks: f64) -> f64 {
    let others = (ranks - 1.0).max(0.0) / ranks.max(1.0);
    match collective {
        Collective::AllReduce => 2.0 * others,
        Collective::ReduceScatter | Collective::AllGather | Collective::AllToAll => others,
        Collective::Rooted => 1.0,
    }
}

/// Seconds of a collective over `bytes` at a bus bandwidth in bytes a second: S / B · f (§8).
pub fn seconds(collective: Collective, bytes: f64, ranks: f64, bus_bandwidth: f64) -> f64 {
    bytes / bus_bandwidth * bus_factor(collective, ranks)
}

/// Elements that tensor parallelism sends for one layer and micro-batch: 8·b·s·h·(t − 1)/t, four
/// all-reduces, the same as pairs of reduce-scatter and all-gather (§8, arXiv:2104.04473 §3.2).
pub fn tensor_elements(tokens: f64, hidden: f64, tensor: f64) -> f64 {
    4.0 * bus_factor(Collective::AllReduce, tensor) * tokens * hidden
}

/// Bytes that data parallelism sends in a step: 2·(d − 1)/d of the gradients (§8).
pub fn gradient_bytes(gradient_bytes: f64, data: f64) -> f64 {
    bus_factor(Collective::AllReduce, data) * gradient_bytes
}

/// Elements that sharded data parallelism sends in a step for Ψ parameters: 2Ψ with weights whole, 3Ψ
/// with weights divided too (§8, arXiv:1910.02054 §7).
pub fn sharded_elements(parameters: f64, weights_divided: bool) -> f64 {
    if weights_divided { 3.0 * parameters } else { 2.0 * parameters }
}

/// Elements over a pipeline boundary for one micro-batch: b·s·h, divided by t where they are sent in
/// parts, times v with interleaving (§7).
pub fn boundary_elements(tokens: f64, hidden: f64, parts: f64, virtual_pipeline: f64) -> f64 {
    tokens * hidden / parts * virtual_pipeline
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: f64, expect: f64) {
        assert!((value / expect - 1.0).abs() < 1e-12, "{value} is not {expect}");
    }

    #[test]
    fn every_collective_has_its_factor() {
        check(bus_factor(Collective::AllReduce, 8.0), 1.75);
        check(bus_factor(Collective::ReduceScatter, 8.0), 0.875);
        check(bus_factor(Collective::AllGather, 8.0), 0.875);
        check(bus_factor(Collective::AllToAll, 4.0), 0.75);
        check(bus_factor(Collective::Rooted, 8.0), 1.0);
        assert_eq!(bus_factor(Collective::AllReduce, 1.0), 0.0);
    }

    #[test]
    fn an_all_reduce_takes_its_size_over_the_bus() {
        check(seconds(Collective::AllReduce, 1e9, 8.0, 450e9), 1.75 / 450.0);
    }

    #[test]
    fn an_all_reduce_is_a_reduce_scatter_and_an_all_gather() {
        let parts = bus_factor(Collective::ReduceScatter, 16.0) + bus_factor(Collective::AllGather, 16.0);
        check(bus_factor(Collective::AllReduce, 16.0), parts);
    }

    #[test]
    fn tensor_parallelism_sends_eight_activations_a_layer() {
        check(tensor_elements(2048.0, 12_288.0, 8.0), 8.0 * 2048.0 * 12_288.0 * 7.0 / 8.0);
    }

    #[test]
    fn dividing_weights_costs_half_as_much_again() {
        check(sharded_elements(1e9, true) / sharded_elements(1e9, false), 1.5);
        check(gradient_bytes(2e9, 2.0), 2e9);
    }

    #[test]
    fn interleaving_sends_more_and_scattering_less() {
        check(boundary_elements(2048.0, 4096.0, 8.0, 4.0), 2048.0 * 4096.0 / 2.0);
    }
}
