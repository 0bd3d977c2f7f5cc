//! Floating-point work, utilisation and how long training takes (§6).

use super::interval::Interval;

/// Seconds in a day.
pub const DAY: f64 = 86_400.0;

/// FLOP a token in training: 6P for the matrices and 12·L·w·s for attention, half of it where causal.
/// `width` is that of all heads together, P counts the parameters that a token passes (§6, `PaLM`).
pub fn training_flop_per_token(parameters: f64, layers: f64, width: f64, sequence: f64, causal: bool) -> f64 {
    6.0 * parameters + 12.0 * layers * width * sequence * if causal { 0.5 } else { 1.0 }
}

/// FLOP a token in a forward pass: 2P and a third of training's attention (§6, MPT's convention).
pub fn forward_flop_per_token(parameters: f64, layers: f64, width: f64, sequence: f64, causal: bool) -> f64 {
    training_flop_per_token(parameters, layers, width, sequence, causal) / 3.0
}

/// FLOP of training in all, as regulation counts them: 6 · P · tokens (§6).
pub fn total_training_flop(parameters: f64, tokens: f64) -> f64 {
    6.0 * parameters * tokens
}

/// What one iteration of a GPT makes again in the backward pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Nothing.
    Nothing,
    /// Attention scores.
    Selective,
    /// The whole forward pass.
    Full,
}

/// FLOP of one iteration of a GPT with 4h feed-forward parts, by the closed forms of arXiv:2104.04473
/// eq. 3 and arXiv:2205.05198 eq. 7–9: B sequences of s tokens, L layers of width h, V words.
pub fn iteration_flop(batch: f64, sequence: f64, layers: f64, hidden: f64, vocab: f64, again: Again) -> f64 {
    let base = batch * layers * sequence * hidden * hidden;
    let (attention, logits) = (sequence / hidden, vocab / (layers * hidden));
    match again {
        Again::Nothing => 72.0 * base * (1.0 + attention / 6.0 + logits / 12.0),
        Again::Selective => 72.0 * base * (1.0 + attention / 3.0 + logits / 12.0),
        Again::Full => 96.0 * base * (1.0 + attention / 6.0 + logits / 16.0),
    }
}

/// Tokens a second of a run: GPUs · peak FLOP/s · utilisation / FLOP a token (§6).
pub fn tokens_per_second(flop_per_token: f64, gpus: f64, peak_flops: f64, utilization: Interval) -> Interval {
    utilization * (gpus * peak_flops / flop_per_token)
}

/// Model FLOP utilisation of a measured rate (§6).
pub fn utilization(tokens_per_second: f64, flop_per_token: f64, gpus: f64, peak_flops: f64) -> f64 {
    tokens_per_second * flop_per_token / (gpus * peak_flops)
}

/// Hardware over model utilisation with attention scores made again: 1 + s/(6h) (§6).
pub fn hardware_over_model(sequence: f64, hidden: f64) -> f64 {
    1.0 + sequence / (6.0 * hidden)
}

/// Seconds that a number of tokens takes at a range of rates.
pub fn seconds(tokens: f64, tokens_per_second: Interval) -> Interval {
    tokens_per_second.divides(tokens)
}

/// Seconds with full recomputation: 8 · T · P / (n · X), X the achieved FLOP/s of a GPU (§6).
pub fn training_seconds(tokens: f64, parameters: f64, gpus: f64, achieved_flops: f64) -> f64 {
    8.0 * tokens * parameters / (gpus * achieved_flops)
}

/// Achieved TFLOP/s of a GPU as BLOOM's log computes it: P · 8 · s · B / (seconds · GPUs), with full
/// recomputation (§6).
pub fn achieved_tflops(parameters: f64, sequence: f64, batch: f64, step_seconds: f64, gpus: f64) -> f64 {
    8.0 * parameters * sequence * batch / (step_seconds * gpus) / 1e12
}

/// Steps that come nearest to a number of tokens at `batch` sequences a step; at least one.
pub fn steps(tokens: f64, batch: f64, sequence: f64) -> f64 {
    (tokens / (batch * sequence)).round().max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: f64, expect: f64, tolerance: f64) {
        assert!((value - expect).abs() <= tolerance, "{value} is not {expect}");
    }

    const LLAMA_8B: f64 = 8_030_261_248.0;
    const LLAMA_405B: f64 = 405_853_388_800.0;
    const H100: f64 = 989e12;

    #[test]
    fn a_175b_model_takes_34_days_on_1024_gpus() {
        check(training_seconds(300e9, 175e9, 1024.0, 140e12) / DAY, 34.0, 0.5);
    }

    #[test]
    fn a_trillion_parameters_take_84_days_on_3072_gpus() {
        check(training_seconds(450e9, 1e12, 3072.0, 163e12) / DAY, 84.0, 1.0);
    }

    #[test]
    fn tuning_llama_8b_costs_5_46e10_flop_a_token() {
        let flop = training_flop_per_token(LLAMA_8B, 32.0, 4096.0, 8192.0, true);
        check(flop, 5.46e10, 0.005e10);
        let hours =
            |mfu| seconds(1.8e9, tokens_per_second(flop, 16.0, H100, Interval::exactly(mfu))).low / 3600.0;
        check(hours(0.40), 4.3, 0.05);
        check(hours(0.30), 5.8, 0.05);
        check(steps(1.8e9, 256.0, 8192.0), 858.0, 0.0);
    }

    #[test]
    fn staging_takes_a_quarter_of_an_hour() {
        let flop = training_flop_per_token(LLAMA_8B, 32.0, 4096.0, 8192.0, true);
        let rate = tokens_per_second(flop, 8.0, H100, Interval::new(0.30, 0.40));
        let minutes = seconds(50e6, rate) / 60.0;
        check(minutes.low, 14.0, 0.5);
        check(minutes.high, 19.0, 0.5);
        check(steps(50e6, 256.0, 8192.0), 24.0, 0.0);
    }

    #[test]
    fn the_405b_run_takes_39_to_49_days() {
        let flop = training_flop_per_token(LLAMA_405B, 126.0, 16_384.0, 8192.0, true);
        check(flop, 2.537e12, 0.001e12);
        let rate = tokens_per_second(flop, 512.0, H100, Interval::new(0.33, 0.42));
        check(rate.low / 1e3, 65.9, 0.05);
        check(rate.high / 1e3, 83.8, 0.05);
        let days = seconds(280e9, rate) / DAY;
        check(days.high, 49.2, 0.05);
        check(days.low, 38.7, 0.05);
        check(days.high / 0.93, 52.9, 0.05);
        check(steps(280e9, 512.0, 8192.0), 66_757.0, 0.0);
    }

    #[test]
    fn fifteen_trillion_tokens_take_2071_days() {
        let flop = training_flop_per_token(LLAMA_405B, 126.0, 16_384.0, 8192.0, true);
        let rate = tokens_per_second(flop, 512.0, H100, Interval::exactly(0.42));
        check(seconds(15e12, rate).low / DAY, 2071.0, 1.0);
    }

    #[test]
    fn phase_1_stays_below_the_threshold_of_systemic_risk() {
        check(total_training_flop(LLAMA_405B, 280e9), 6.8e23, 0.05e23);
    }

    #[test]
    fn the_closed_forms_agree_with_six_and_eight_p() {
        // GPT-3: P = 12·L·h²; without attention and logits the forms are 6P and 8P a token.
        let (l, h) = (96.0, 12_288.0);
        let p = 12.0 * l * h * h;
        let tokens = 1536.0 * 2048.0;
        let rest = 2048.0 / h / 6.0;
        check(
            iteration_flop(1536.0, 2048.0, l, h, 0.0, Again::Nothing) / (6.0 * p * tokens),
            1.0 + rest,
            1e-9,
        );
        check(iteration_flop(1536.0, 2048.0, l, h, 0.0, Again::Full) / (8.0 * p * tokens), 1.0 + rest, 1e-9);
        let ratio = iteration_flop(1536.0, 2048.0, l, h, 0.0, Again::Selective)
            / iteration_flop(1536.0, 2048.0, l, h, 0.0, Again::Nothing);
        check(ratio, hardware_over_model(2048.0, h), 0.001);
    }

    #[test]
    fn the_closed_form_counts_attention_as_the_sum_does() {
        // 72·B·s·L·h²·s/(6h) = 12·L·h·s a token: the sum's attention without the causal half.
        let (l, h, s) = (96.0, 12_288.0, 2048.0);
        let closed = iteration_flop(1.0, s, l, h, 0.0, Again::Nothing) / s;
        check(closed / training_flop_per_token(12.0 * l * h * h, l, h, s, false), 1.0, 1e-12);
    }

    #[test]
    fn utilisation_inverts_the_rate() {
        let rate = tokens_per_second(5.46e10, 16.0, H100, Interval::exactly(0.38)).low;
        check(utilization(rate, 5.46e10, 16.0, H100), 0.38, 1e-12);
    }

    #[test]
    fn a_forward_pass_is_a_third_of_training() {
        check(forward_flop_per_token(1e9, 0.0, 0.0, 0.0, true), 2e9, 1e-3);
    }

    #[test]
    fn achieved_flops_count_the_recomputed_pass() {
        // 8 · P · tokens of a step over its seconds and GPUs.
        check(achieved_tflops(1e9, 1000.0, 125.0, 10.0, 10.0), 10.0, 1e-9);
        // BLOOM's final layout: 150 TFLOP/s at 104.5 s a step on 384 GPUs, as its log rounds it.
        check(achieved_tflops(176.2e9, 2048.0, 2048.0, 104.5, 384.0) / 150.05, 1.0, 0.03);
    }
}
