//! Which layers a pipeline rank holds, and how many micro-batches of them are alive at once (§3, §7).

/// How a model is cut over pipeline ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Transformer blocks, L.
    pub layers: u64,
    /// Pipeline ranks, p.
    pub pipeline: u64,
    /// Model chunks on a rank, v; 1 without interleaving.
    pub virtual_pipeline: u64,
    /// The embedding takes the place of a block in the first chunk.
    pub embedding_as_layer: bool,
    /// The loss takes the place of a block in the last chunk.
    pub loss_as_layer: bool,
}

/// What one pipeline rank holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    /// The rank, from 0.
    pub rank: u64,
    /// Blocks on it; of an uneven cut, as many as the fullest rank has.
    pub layers: f64,
    /// Blocks that it has at least, however an uneven cut is made.
    pub least_layers: f64,
    /// Whether the embedding is here.
    pub embedding: bool,
    /// Whether the output head and the loss are here.
    pub head: bool,
}

impl Layout {
    /// Slots that have to be divided over p · v chunks: blocks, and what counts as one.
    pub fn slots(&self) -> u64 {
        self.layers.saturating_add(u64::from(self.embedding_as_layer) + u64::from(self.loss_as_layer))
    }

    /// Whether every chunk gets the same count of slots.
    pub fn is_even(&self) -> bool {
        let chunks = self.pipeline.max(1).saturating_mul(self.virtual_pipeline.max(1));
        self.slots().is_multiple_of(chunks)
    }

    /// What the given rank holds.
    pub fn stage(&self, rank: u64) -> Stage {
        let p = self.pipeline.max(1);
        let (embedding, head) = (rank == 0, rank.saturating_add(1) >= p);
        let taken = u64::from(embedding && self.embedding_as_layer) + u64::from(head && self.loss_as_layer);
        let slots = self.slots();
        let most = slots.div_ceil(p).saturating_sub(taken);
        let least = (slots / p).saturating_sub(taken);
        Stage { rank, layers: most as f64, least_layers: least as f64, embedding, head }
    }

    /// The ranks of which one needs most memory: the first, the one behind it, the last. The ranks
    /// between hold what the second holds with fewer micro-batches alive.
    pub fn telling_ranks(&self) -> Vec<u64> {
        let p = self.pipeline.max(1);
        let mut ranks = vec![0, 1, p - 1];
        ranks.retain(|rank| *rank < p);
        ranks.dedup();
        ranks
    }

    /// Micro-batches' worth of a rank's layers alive at once, with the backward pass about to begin.
    ///
    /// One forward, one backward: min(m, p − rank). Interleaved, in chunks of 1/v of the rank:
    /// 2·(p − rank − 1) + (v − 1)·p + 1, which on rank 0 is 1 + (p − 1)/(p·v) times p (arXiv:2205.05198
    /// eq. 5, Megatron's schedules). `micro_batches` is m, none where unknown.
    pub fn in_flight(&self, rank: u64, micro_batches: Option<u64>) -> f64 {
        let (p, v) = (self.pipeline.max(1) as f64, self.virtual_pipeline.max(1) as f64);
        let behind = (p - 1.0 - rank as f64).max(0.0);
        let alive = if self.virtual_pipeline > 1 && self.pipeline > 1 {
            (2.0 * behind + (v - 1.0) * p + 1.0) / v
        } else {
            behind + 1.0
        };
        micro_batches.map_or(alive, |m| alive.min(m.max(1) as f64))
    }
}

/// Time lost in the pipeline over ideal time: (p − 1)/(v·m) (arXiv:2104.04473 §2.2).
pub fn bubble(pipeline: u64, virtual_pipeline: u64, micro_batches: u64) -> f64 {
    let work = virtual_pipeline.max(1) as f64 * micro_batches.max(1) as f64;
    pipeline.saturating_sub(1) as f64 / work
}

/// Time lost in the pipeline over all time: (p − 1)/(m + p − 1) without interleaving.
pub fn bubble_of_total(pipeline: u64, virtual_pipeline: u64, micro_batches: u64) -> f64 {
    let lost = bubble(pipeline, virtual_pipeline, micro_batches);
    lost / (1.0 + lost)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(layers: u64, pipeline: u64, virtual_pipeline: u64, as_layers: bool) -> Layout {
        Layout { layers, pipeline, virtual_pipeline, embedding_as_layer: as_layers, loss_as_layer: as_layers }
    }

    #[test]
    fn one_forward_one_backward_keeps_all_layers_of_the_first_rank() {
        let l = layout(96, 8, 1, false);
        assert_eq!(l.in_flight(0, None) * l.stage(0).layers, 96.0);
        assert_eq!(l.in_flight(7, None), 1.0);
    }

    #[test]
    fn interleaving_keeps_one_and_p_minus_1_over_pv_more() {
        let (p, v) = (8.0, 3.0);
        let l = layout(96, 8, 3, false);
        let expect = 96.0 * (1.0 + (p - 1.0) / (p * v));
        assert!((l.in_flight(0, None) * l.stage(0).layers - expect).abs() < 1e-9);
    }

    #[test]
    fn the_second_rank_of_the_405b_run_keeps_141_layers_alive() {
        let l = layout(126, 16, 8, true);
        assert!(l.is_even());
        assert_eq!(l.stage(1).layers, 8.0);
        assert_eq!(l.in_flight(1, Some(256)) * l.stage(1).layers, 141.0);
    }

    #[test]
    fn embedding_and_loss_take_a_layer_from_the_end_ranks() {
        let l = layout(126, 16, 8, true);
        assert_eq!((l.stage(0).layers, l.stage(15).layers), (7.0, 7.0));
        assert!(l.stage(0).embedding && l.stage(15).head && !l.stage(1).embedding && !l.stage(1).head);
    }

    #[test]
    fn fewer_micro_batches_than_ranks_keep_fewer_alive() {
        assert_eq!(layout(96, 8, 1, false).in_flight(0, Some(2)), 2.0);
    }

    #[test]
    fn the_last_interleaved_rank_keeps_29_of_32_layers() {
        // mcore-7b-tp1pp4: p = 4, v = 8 and one layer a chunk, 29 chunks of one layer on the last rank.
        let l = layout(32, 4, 8, false);
        let chunks = l.in_flight(3, None) * 8.0;
        assert!((chunks - 29.0).abs() < 1e-9);
    }

    #[test]
    fn an_uneven_cut_is_known_between_its_ends() {
        let stage = layout(126, 16, 1, false).stage(3);
        assert_eq!((stage.least_layers, stage.layers), (7.0, 8.0));
    }

    #[test]
    fn the_bubble_of_the_405b_run_is_under_one_percent() {
        let lost = bubble(16, 8, 256);
        assert!((lost - 15.0 / 256.0 / 8.0).abs() < 1e-12);
        assert!((lost - 0.007).abs() < 0.0005);
    }

    #[test]
    fn the_bubble_of_all_time_is_p_minus_1_over_m_and_p_minus_1() {
        assert!((bubble_of_total(8, 1, 32) - 7.0 / 39.0).abs() < 1e-12);
    }

    #[test]
    fn a_pipeline_of_one_has_one_telling_rank() {
        assert_eq!(layout(32, 1, 1, false).telling_ranks(), [0]);
        assert_eq!(layout(32, 2, 1, false).telling_ranks(), [0, 1]);
        assert_eq!(layout(32, 4, 1, false).telling_ranks(), [0, 1, 3]);
    }
}
