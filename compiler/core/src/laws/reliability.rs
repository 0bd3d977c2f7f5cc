//! Checkpoints, failures and what both cost (§9, §10).

/// Bytes per parameter of a full training checkpoint: bf16 weights, fp32 master, two moments (§9).
pub const FULL_CHECKPOINT: f64 = 14.0;
/// Bytes per parameter of a checkpoint of bf16 weights alone (§9).
pub const WEIGHTS_CHECKPOINT: f64 = 2.0;

/// Bytes of a checkpoint.
pub fn checkpoint_bytes(parameters: f64, bytes_per_parameter: f64) -> f64 {
    parameters * bytes_per_parameter
}

/// Bytes that checkpoints take on disk: those kept and the one being written.
pub fn checkpoint_space(checkpoint_bytes: f64, kept: f64) -> f64 {
    (kept + 1.0) * checkpoint_bytes
}

/// Seconds to write `bytes` at a rate in bytes a second.
pub fn write_seconds(bytes: f64, bytes_per_second: f64) -> f64 {
    bytes / bytes_per_second
}

/// Bytes a second of storage that sells `rate` for every TiB of its size, which vendors count as
/// 1024 GiB; `size` in bytes.
pub fn provisioned_rate(size: f64, rate_per_tib: f64) -> f64 {
    size / (1024.0 * super::interval::GIB) * rate_per_tib
}

/// Seconds between failures of one node from a count per 1000 node-days (§10: 6.5 on Meta's RSC-1).
pub fn node_mtbf(failures_per_1000_node_days: f64) -> f64 {
    1000.0 * super::time::DAY / failures_per_1000_node_days
}

/// Seconds between failures of one node from failures a GPU-hour (§10: 1.97e-5 in Llama 3's training).
pub fn node_mtbf_from_gpu_hours(failures_per_gpu_hour: f64, gpus_a_node: f64) -> f64 {
    3600.0 / (failures_per_gpu_hour * gpus_a_node)
}

/// Seconds between failures of a job on `nodes` nodes, any of which stops it: MTBF / nodes (§10).
pub fn job_mtbf(node_mtbf: f64, nodes: f64) -> f64 {
    node_mtbf / nodes
}

/// Failures to expect in a run.
pub fn expected_failures(run_seconds: f64, job_mtbf: f64) -> f64 {
    run_seconds / job_mtbf
}

/// Young's best interval between checkpoints in seconds: sqrt(2 · δ · M), δ the seconds that a save
/// blocks the run, M the job's mean time between failures (§10).
pub fn young(blocked: f64, job_mtbf: f64) -> f64 {
    (2.0 * blocked * job_mtbf).sqrt()
}

/// The same with the time to restart: sqrt(2 · (M + R) · δ) (§10, arXiv:2410.18124).
pub fn daly(blocked: f64, job_mtbf: f64, restart: f64) -> f64 {
    young(blocked, job_mtbf + restart)
}

/// What a checkpoint interval loses, as fractions of all time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Waste {
    /// Saving: δ / T.
    pub saving: f64,
    /// Work lost at failures: T / 2 / M.
    pub lost: f64,
    /// Restarting: R / M.
    pub restarting: f64,
}

impl Waste {
    /// All three together.
    pub fn total(self) -> f64 {
        self.saving + self.lost + self.restarting
    }

    /// GPU-hours lost in a run of the given length.
    pub fn gpu_hours(self, run_seconds: f64, gpus: f64) -> f64 {
        self.total() * run_seconds / 3600.0 * gpus
    }
}

/// The waste of an interval T: δ/T + (T/2 + R)/M, all in seconds; goodput is 1 − waste (§10).
pub fn waste(interval: f64, blocked: f64, job_mtbf: f64, restart: f64) -> Waste {
    Waste { saving: blocked / interval, lost: interval / 2.0 / job_mtbf, restarting: restart / job_mtbf }
}

/// Restarts to allow for in a run on `nodes` nodes: the expected failures, rounded up.
pub fn restarts_within(run_seconds: f64, node_mtbf: f64, nodes: f64) -> u64 {
    expected_failures(run_seconds, job_mtbf(node_mtbf, nodes)).ceil() as u64
}

#[cfg(test)]
mod tests {
    use super::super::interval::GIB;
    use super::super::time::DAY;
    use super::*;

    const HOUR: f64 = 3600.0;
    const TIB: f64 = 1024.0 * GIB;

    #[track_caller]
    fn check(value: f64, expect: f64, tolerance: f64) {
        assert!((value - expect).abs() <= tolerance, "{value} is not {expect}");
    }

    #[test]
    fn blooms_checkpoints_have_their_reported_sizes() {
        check(checkpoint_bytes(176.2e9, FULL_CHECKPOINT) / TIB, 2.24, 0.005);
        check(checkpoint_bytes(176.2e9, WEIGHTS_CHECKPOINT) / GIB, 328.0, 0.5);
    }

    #[test]
    fn the_tuning_checkpoints_fit_their_disk() {
        let one = checkpoint_bytes(8_030_261_248.0, FULL_CHECKPOINT);
        check(one / 1e9, 112.4, 0.05);
        check(one / GIB, 104.7, 0.05);
        check(checkpoint_space(one, 3.0) / GIB, 419.0, 0.5);
        let seconds = write_seconds(one, provisioned_rate(1200.0 * GIB, 1e9));
        assert!((94.0..=96.5).contains(&seconds), "{seconds}");
    }

    #[test]
    fn the_405b_checkpoint_takes_four_minutes() {
        let one = checkpoint_bytes(405_853_388_800.0, FULL_CHECKPOINT);
        check(one / TIB, 5.17, 0.005);
        let rate = provisioned_rate(48_000.0 * GIB, 500e6);
        check(rate / 1e9, 23.4, 0.05);
        check(write_seconds(one, rate), 242.0, 1.0);
        let milestone = checkpoint_bytes(405_853_388_800.0, WEIGHTS_CHECKPOINT);
        check(milestone / TIB, 0.74, 0.005);
    }

    #[test]
    fn metas_failure_rate_gives_3692_hours_a_node() {
        check(node_mtbf(6.5) / HOUR, 3692.0, 0.5);
        check(job_mtbf(node_mtbf(6.5), 64.0) / HOUR, 57.7, 0.05);
        check(job_mtbf(node_mtbf(6.5), 2.0) / HOUR, 1846.0, 0.5);
    }

    #[test]
    fn llama_3s_failures_give_3_hours_on_16384_gpus() {
        let mtbf = 54.0 * DAY / 419.0;
        check(mtbf / HOUR, 3.09, 0.005);
        check(HOUR / (mtbf * 16_384.0), 1.97e-5, 0.005e-5);
        check(job_mtbf(node_mtbf_from_gpu_hours(1.97e-5, 8.0), 64.0) / HOUR, 99.0, 0.5);
    }

    #[test]
    fn the_counts_of_llama_3s_failures_add_up() {
        let counts = [148, 72, 54, 35, 32, 19, 17, 7, 7, 6, 6, 3, 3, 2, 2, 2, 2, 2];
        assert_eq!(counts.iter().sum::<i32>(), 419);
    }

    #[test]
    fn fifty_days_on_64_nodes_see_21_failures() {
        check(expected_failures(50.0 * DAY, job_mtbf(node_mtbf(6.5), 64.0)), 20.8, 0.05);
        assert_eq!(restarts_within(50.0 * DAY, node_mtbf(6.5), 64.0), 21);
    }

    #[test]
    fn the_papers_intervals_are_reproduced() {
        // M = 6000 s, R = 600 s, δ = 10 s, a step of 15 s: 363 s or 24 steps; δ = 120 s, M = 6 h: 38 min.
        check(daly(10.0, 6000.0, 600.0), 363.0, 0.5);
        check((daly(10.0, 6000.0, 600.0) / 15.0).round(), 24.0, 0.0);
        check(young(120.0, 6.0 * HOUR), 2277.0, 0.5);
        check(young(120.0, 6.0 * HOUR) / 60.0, 38.0, 0.5);
    }

    #[test]
    fn the_405b_run_saves_every_48_minutes_at_best() {
        let mtbf = job_mtbf(node_mtbf(6.5), 64.0);
        check(young(20.0, mtbf) / 60.0, 48.0, 0.5);
        check(young(242.0, mtbf) / 60.0, 167.0, 0.5);
        let waste = waste(45.0 * 60.0, 20.0, mtbf, 1200.0);
        check(waste.saving, 0.0074, 0.00005);
        check(waste.lost + waste.restarting, 0.0123, 0.00005);
        check(waste.total(), 0.020, 0.0005);
    }

    #[test]
    fn synchronous_saves_of_the_405b_run_waste_five_percent() {
        let mtbf = job_mtbf(node_mtbf(6.5), 64.0);
        let waste = waste(young(242.0, mtbf), 242.0, mtbf, 1200.0);
        check(waste.saving + waste.lost, 0.048, 0.0005);
        check(waste.restarting, 0.006, 0.0005);
    }

    #[test]
    fn tuning_is_shorter_than_its_best_interval() {
        check(young(94.0, job_mtbf(node_mtbf(6.5), 2.0)) / HOUR, 9.8, 0.05);
        check(waste(HOUR, 94.0, job_mtbf(node_mtbf(6.5), 2.0), 0.0).saving, 0.026, 0.0005);
    }

    #[test]
    fn the_best_interval_wastes_least() {
        let (blocked, mtbf) = (20.0, 200_000.0);
        let best = young(blocked, mtbf);
        let at = |interval| waste(interval, blocked, mtbf, 0.0).total();
        assert!(at(best) < at(best * 1.1) && at(best) < at(best / 1.1));
    }

    #[test]
    fn waste_is_told_in_gpu_hours() {
        let waste = waste(1000.0, 10.0, 100_000.0, 0.0);
        check(waste.gpu_hours(100.0 * HOUR, 8.0), 0.015 * 800.0, 1e-9);
    }
}
