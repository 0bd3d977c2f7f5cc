//! Sets of instances on an A100 with 40 GB, whose table NVIDIA's guide and go-nvml agree on.

use super::*;

const ONES: &[(u64, u64)] = &[(0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1)];

const A100: [Profile<'static>; 7] = [
    Profile { name: "1g.5gb", slices: 1, placements: ONES, max: 7, media: false },
    Profile { name: "1g.5gb+me", slices: 1, placements: ONES, max: 1, media: true },
    Profile {
        name: "1g.10gb",
        slices: 1,
        placements: &[(0, 2), (2, 2), (4, 2), (6, 2)],
        max: 4,
        media: false,
    },
    Profile { name: "2g.10gb", slices: 2, placements: &[(0, 2), (2, 2), (4, 2)], max: 3, media: false },
    Profile { name: "3g.20gb", slices: 3, placements: &[(0, 4), (4, 4)], max: 2, media: false },
    Profile { name: "4g.20gb", slices: 4, placements: &[(0, 4)], max: 1, media: false },
    Profile { name: "7g.40gb", slices: 7, placements: &[(0, 8)], max: 1, media: false },
];

fn index(name: &str) -> usize {
    A100.iter().position(|profile| profile.name == name).unwrap()
}

fn packed(wanted: &[(&str, u64)]) -> Packing {
    let wanted: Vec<_> = wanted.iter().map(|(name, count)| (index(name), *count)).collect();
    pack(8, 7, &A100, &wanted)
}

/// Compares the places as `profile@start:size` and the stranded slots.
#[track_caller]
fn check(wanted: &[(&str, u64)], places: &str, stranded: &[u64]) {
    match packed(wanted) {
        Packing::Fits { placements, stranded: left } => {
            assert_eq!((print(&placements).as_str(), left.as_slice()), (places, stranded));
        }
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check_refused(wanted: &[(&str, u64)], expect: &Why) {
    match packed(wanted) {
        Packing::DoesNotFit(why) => assert_eq!(&why, expect),
        other => panic!("{other:?}"),
    }
}

fn print(placements: &[Placement]) -> String {
    let each = placements.iter().map(|p| format!("{}@{}:{}", A100[p.profile].name, p.start, p.size));
    each.collect::<Vec<_>>().join(" ")
}

#[test]
fn seven_small_instances_leave_the_eighth_slot() {
    let places = "1g.5gb@0:1 1g.5gb@1:1 1g.5gb@2:1 1g.5gb@3:1 1g.5gb@4:1 1g.5gb@5:1 1g.5gb@6:1";
    check(&[("1g.5gb", 7)], places, &[7]);
}

#[test]
fn two_3g_instances_take_all_memory() {
    check(&[("3g.20gb", 2)], "3g.20gb@0:4 3g.20gb@4:4", &[]);
}

#[test]
fn a_3g_instance_moves_up_so_that_four_small_ones_fit() {
    // At 0:4 only the starts 4, 5 and 6 are left for 1g; at 4:4 the starts 0 to 3.
    let places = "3g.20gb@4:4 1g.5gb@0:1 1g.5gb@1:1 1g.5gb@2:1 1g.5gb@3:1";
    check(&[("3g.20gb", 1), ("1g.5gb", 4)], places, &[]);
}

#[test]
fn the_order_in_which_a_spec_lists_them_changes_nothing() {
    assert_eq!(
        packed(&[("1g.5gb", 4), ("3g.20gb", 1)]),
        packed(&[("1g.5gb", 2), ("3g.20gb", 1), ("1g.5gb", 2)])
    );
}

#[test]
fn four_and_three_share_a_gpu() {
    check(&[("4g.20gb", 1), ("3g.20gb", 1)], "3g.20gb@4:4 4g.20gb@0:4", &[]);
}

#[test]
fn placements_collide_although_the_sums_suffice() {
    // 3 + 2 + 2 = 7 slices and 4 + 2 + 2 = 8 slots: fits. With 3g, 3g: 6 slices, no slot for a 1g.
    check(&[("3g.20gb", 1), ("2g.10gb", 2)], "3g.20gb@4:4 2g.10gb@0:2 2g.10gb@2:2", &[]);
    check_refused(&[("3g.20gb", 2), ("1g.5gb", 1)], &Why::Memory { wanted: 9, available: 8 });
}

#[test]
fn a_collision_names_what_found_no_place() {
    // 4g needs 0:4, two 2g then find only 4:2, since 6:2 is no placement of 2g; 8 slices are refused first,
    // so the GPU here is given an eighth slice to look at the placements alone.
    let wanted = [(index("4g.20gb"), 1), (index("2g.10gb"), 2)];
    let why = Why::Placement {
        placed: vec![
            Placement { profile: index("4g.20gb"), start: 0, size: 4 },
            Placement { profile: index("2g.10gb"), start: 4, size: 2 },
        ],
        missing: vec![index("2g.10gb")],
        free: vec![6, 7],
    };
    assert_eq!(pack(8, 8, &A100, &wanted), Packing::DoesNotFit(why));
}

#[test]
fn compute_slices_run_out_before_memory() {
    check_refused(&[("4g.20gb", 1), ("2g.10gb", 2)], &Why::Compute { wanted: 8, available: 7 });
}

#[test]
fn a_profile_has_a_count_of_its_own() {
    let profile = index("4g.20gb");
    check_refused(&[("4g.20gb", 2)], &Why::Count { profile, wanted: 2, max: 1 });
    check_refused(&[("4g.20gb", 1), ("4g.20gb", 1)], &Why::Count { profile, wanted: 2, max: 1 });
}

#[test]
fn one_instance_carries_the_media_engines() {
    let mut table = A100.to_vec();
    table[index("2g.10gb")].media = true;
    let wanted = [(index("1g.5gb+me"), 1), (index("2g.10gb"), 1)];
    assert_eq!(pack(8, 7, &table, &wanted), Packing::DoesNotFit(Why::Media(2)));
}

#[test]
fn two_slot_instances_use_the_slot_that_one_slot_ones_cannot() {
    let places = "1g.10gb@0:2 1g.10gb@2:2 1g.10gb@4:2 1g.10gb@6:2";
    check(&[("1g.10gb", 4)], places, &[]);
    check(
        &[("1g.10gb", 1), ("1g.5gb", 6)],
        "1g.10gb@6:2 1g.5gb@0:1 1g.5gb@1:1 1g.5gb@2:1 1g.5gb@3:1 1g.5gb@4:1 1g.5gb@5:1",
        &[],
    );
}

#[test]
fn nothing_wanted_fits_and_strands_nothing() {
    check(&[], "", &[]);
}

#[test]
fn a_whole_gpu_leaves_no_room() {
    check(&[("7g.40gb", 1)], "7g.40gb@0:8", &[]);
    check_refused(&[("7g.40gb", 1), ("1g.5gb", 1)], &Why::Compute { wanted: 8, available: 7 });
}

#[test]
fn absurd_tables_are_answered_at_once() {
    let places: Vec<(u64, u64)> = (0..64).map(|start| (start, 1)).collect();
    let profile = |slices| Profile { name: "x", slices, placements: &places, max: u64::MAX, media: false };
    let table = [profile(0), profile(0)];
    assert!(matches!(pack(64, 0, &table, &[(0, 32), (1, 32)]), Packing::Fits { .. }));
    assert_eq!(pack(u64::MAX, 0, &table, &[(0, 1)]), Packing::Undecided);
    assert_eq!(pack(8, 7, &A100, &[(99, 1)]), Packing::DoesNotFit(Why::NoProfile(99)));
    let many = Packing::DoesNotFit(Why::Compute { wanted: u64::MAX, available: 7 });
    assert_eq!(pack(8, 7, &[profile(1)], &[(0, u64::MAX)]), many);
    let odd = [(5, u64::MAX), (u64::MAX, 1), (0, 0)];
    let profile = Profile { name: "x", slices: 1, placements: &odd, max: 7, media: false };
    assert!(matches!(pack(8, 7, &[profile], &[(0, 1)]), Packing::DoesNotFit(Why::Placement { .. })));
}
