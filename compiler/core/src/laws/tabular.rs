//! Boosted trees on a table: memory to load and train, and how long rounds take.
//!
//! The sizes follow from what a histogram trainer holds; the rates are orders of magnitude, not measured.

use super::interval::Interval;

/// Bytes of a table of 4-byte numbers.
pub fn frame_bytes(rows: f64, columns: f64) -> f64 {
    4.0 * rows * columns
}

/// Bytes of the quantile matrix: one byte a cell up to 256 bins, two beyond.
pub fn quantile_bytes(rows: f64, columns: f64, bins: f64) -> f64 {
    rows * columns * if bins <= 256.0 { 1.0 } else { 2.0 }
}

/// Bytes of first and second derivatives, 8 a row.
pub fn gradient_bytes(rows: f64) -> f64 {
    8.0 * rows
}

/// Bytes that training needs on the host: two copies of the table while it loads and the quantile
/// matrix, up to twice that.
pub fn training_bytes(rows: f64, columns: f64, bins: f64) -> Interval {
    let need = 2.0 * frame_bytes(rows, columns) + quantile_bytes(rows, columns, bins) + gradient_bytes(rows);
    Interval::new(need, 2.0 * need)
}

/// Bytes of an ensemble of trees of a depth: at most 2^(depth + 1) − 1 nodes of 40 bytes each.
pub fn ensemble_bytes(trees: f64, depth: u32) -> f64 {
    trees * ((1_u64 << (depth.min(61) + 1)) as f64 - 1.0) * 40.0
}

/// Seconds of one round: every cell of every level updates a histogram.
pub fn round_seconds(rows: f64, columns: f64, depth: f64, cores: f64, updates_a_core: f64) -> f64 {
    rows * columns * depth / (cores * updates_a_core)
}

#[cfg(test)]
mod tests {
    use super::super::interval::GIB;
    use super::*;

    const ROWS: f64 = 2.4e6;
    const COLUMNS: f64 = 1042.0;

    #[track_caller]
    fn check(value: f64, expect: f64, tolerance: f64) {
        assert!((value - expect).abs() <= tolerance, "{value} is not {expect}");
    }

    #[test]
    fn the_scorecards_table_takes_10_gb() {
        check(frame_bytes(ROWS, COLUMNS) / 1e9, 10.0, 0.05);
        check(frame_bytes(ROWS, COLUMNS) / GIB, 9.32, 0.005);
        check(quantile_bytes(ROWS, COLUMNS, 256.0) / GIB, 2.33, 0.005);
        check(gradient_bytes(ROWS) / GIB, 0.02, 0.005);
    }

    #[test]
    fn training_it_takes_21_to_42_gib() {
        let need = training_bytes(ROWS, COLUMNS, 256.0) / GIB;
        check(need.low, 21.0, 0.05);
        check(need.high, 42.0, 0.05);
    }

    #[test]
    fn nine_hundred_trees_are_small() {
        check(ensemble_bytes(900.0, 5) / 1e6, 2.3, 0.05);
        check(frame_bytes(1000.0, COLUMNS) / 1e6, 4.2, 0.05);
    }

    #[test]
    fn nine_hundred_rounds_take_six_minutes() {
        let round = round_seconds(ROWS, COLUMNS, 5.0, 60.0, 5e8);
        check(round, 0.4, 0.02);
        check(900.0 * round / 60.0, 6.0, 0.3);
    }

    #[test]
    fn absurd_depths_stay_finite() {
        assert!(ensemble_bytes(1.0, u32::MAX).is_finite());
    }
}
