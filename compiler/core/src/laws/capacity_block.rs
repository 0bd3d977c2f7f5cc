//! What AWS sells as a capacity block: legal sizes, durations and start dates (AWS's public pages on
//! EC2 Capacity Blocks for ML).

/// Instances of one block.
pub const SIZES: [u64; 7] = [1, 2, 4, 8, 16, 32, 64];
/// The longest block in days.
pub const LONGEST_DAYS: u64 = 182;
/// How many days ahead a block may start: eight weeks.
pub const DAYS_AHEAD: u64 = 56;
/// Minutes before the end from which instances are taken away.
pub const EMPTIED_BEFORE_END_MINUTES: u64 = 30;

/// Whether a block may last this many days: 1 to 14, or a multiple of 7 up to 182.
pub fn is_legal_duration(days: u64) -> bool {
    (1..=14).contains(&days) || (days.is_multiple_of(7) && (1..=LONGEST_DAYS).contains(&days))
}

/// The shortest legal duration that covers a number of days; none beyond the longest.
pub fn covering_duration(days: u64) -> Option<u64> {
    let days = days.max(1);
    let covering = if days <= 14 { days } else { days.div_ceil(7).saturating_mul(7) };
    (covering <= LONGEST_DAYS).then_some(covering)
}

/// Blocks that together hold exactly this many instances, the largest first; none beyond 64 blocks.
pub fn blocks_for(instances: u64) -> Option<Vec<u64>> {
    let mut left = instances;
    let mut blocks = Vec::new();
    for size in SIZES.iter().rev() {
        while left >= *size && blocks.len() < 64 {
            blocks.push(*size);
            left -= size;
        }
    }
    (left == 0).then_some(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_six_instances_are_two_blocks() {
        assert_eq!(blocks_for(66), Some(vec![64, 2]));
        assert_eq!(blocks_for(3), Some(vec![2, 1]));
        assert_eq!(blocks_for(0), Some(Vec::new()));
        assert_eq!(blocks_for(u64::MAX), None);
    }

    #[test]
    fn blocks_last_days_or_whole_weeks() {
        let legal: Vec<u64> = (0..=30).filter(|days| is_legal_duration(*days)).collect();
        assert_eq!(legal, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 21, 28]);
        assert!(is_legal_duration(182) && !is_legal_duration(189));
    }

    #[test]
    fn a_run_of_54_days_is_covered_by_56() {
        assert_eq!(covering_duration(54), Some(56));
        assert_eq!(covering_duration(9), Some(9));
        assert_eq!(covering_duration(183), None);
    }
}
