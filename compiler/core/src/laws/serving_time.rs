//! Bounds on how fast a model answers, and how many replicas a rate needs (§5).

use super::interval::Interval;

/// Seconds for one decoded token of a batch: every weight and every cached key and value is read once,
/// (weights + KV) / bandwidth (§5). `efficiency` is the share of the bandwidth that is reached, 1 for a bound.
pub fn decode_seconds(weight_bytes: f64, kv_bytes: f64, bandwidth: f64, efficiency: f64) -> f64 {
    (weight_bytes + kv_bytes) / (bandwidth * efficiency)
}

/// Seconds until the first token of a prompt: 2 · P · tokens over the FLOP/s that are reached (§5).
pub fn prefill_seconds(parameters: f64, prompt_tokens: f64, peak_flops: f64, efficiency: f64) -> f64 {
    2.0 * parameters * prompt_tokens / (peak_flops * efficiency)
}

/// GPU-seconds that one request takes of a replica: its prefill, and its share of the decode steps that
/// `concurrency` requests make together.
pub fn request_seconds(prefill: f64, output_tokens: f64, decode: f64, concurrency: f64) -> f64 {
    prefill + output_tokens * decode / concurrency.max(1.0)
}

/// Seconds that one request waits for its last token once it runs.
pub fn latency_seconds(prefill: f64, output_tokens: f64, decode: f64) -> f64 {
    prefill + output_tokens * decode
}

/// Replicas for a rate of requests a second at a target load below one; a fraction, to be rounded up.
pub fn replicas(rate: f64, request_seconds: f64, load: f64) -> f64 {
    rate * request_seconds / load
}

/// Tokens a second of one replica over whole requests, prompts included.
pub fn replica_tokens_per_second(request_seconds: f64, tokens_a_request: f64) -> f64 {
    tokens_a_request / request_seconds
}

/// Decode seconds over a range of cached bytes at a range of efficiencies, best and worst.
pub fn decode_range(weight_bytes: f64, kv_bytes: Interval, bandwidth: f64, efficiency: Interval) -> Interval {
    Interval {
        low: decode_seconds(weight_bytes, kv_bytes.low, bandwidth, efficiency.high),
        high: decode_seconds(weight_bytes, kv_bytes.high, bandwidth, efficiency.low),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: f64, expect: f64, tolerance: f64) {
        assert!((value - expect).abs() <= tolerance, "{value} is not {expect}");
    }

    const P: f64 = 8_030_261_248.0;
    const L40S_BANDWIDTH: f64 = 864e9;
    const L40S_FLOPS: f64 = 362e12;

    #[test]
    fn one_token_of_the_drafts_takes_35_to_55_ms() {
        let kv = Interval::new(16.0 * 2450.0 * 131_072.0, 16.0 * 8192.0 * 131_072.0);
        let bound = decode_range(2.0 * P, kv, L40S_BANDWIDTH, Interval::exactly(1.0));
        check(bound.low * 1e3, 24.5, 0.1);
        check(bound.high * 1e3, 38.5, 0.1);
        let usual = decode_range(2.0 * P, kv, L40S_BANDWIDTH, Interval::exactly(0.7));
        check(usual.low * 1e3, 35.0, 0.5);
        check(usual.high * 1e3, 55.0, 0.5);
    }

    #[test]
    fn the_first_token_of_the_drafts_takes_a_fifth_of_a_second() {
        check(prefill_seconds(P, 2200.0, L40S_FLOPS, 0.45), 0.22, 0.005);
        check(prefill_seconds(P, 8192.0, L40S_FLOPS, 0.45), 0.81, 0.005);
    }

    #[test]
    fn a_replica_answers_1_3_requests_a_second() {
        let request = request_seconds(0.22, 250.0, 0.035, 16.0);
        check(request, 0.76, 0.01);
        check(1.0 / request, 1.3, 0.05);
        check(replicas(1.5, request, 1.0), 1.2, 0.1);
        check(replicas(4.0, request, 1.0), 3.1, 0.1);
        check(replicas(4.0, request, 0.7), 4.4, 0.1);
        check(6.0 * 60.0 * replica_tokens_per_second(1.0 / 1.3, 2450.0) / 1e6, 1.15, 0.005);
    }

    #[test]
    fn a_request_waits_for_all_its_tokens() {
        check(latency_seconds(0.22, 250.0, 0.035), 8.97, 1e-9);
    }
}
