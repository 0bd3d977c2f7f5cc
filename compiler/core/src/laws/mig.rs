//! Packing MIG instances into a GPU by placements, not by sums.
//!
//! Every instance takes one of its profile's placements, a range of memory slots as `nvidia-smi mig
//! -lgipp` lists them. A set is legal where one placement for each can be chosen so that the ranges are
//! disjoint, no profile exceeds its count, compute slices suffice and one instance at most carries the
//! media engines.

/// One profile of a GPU, as its vendor lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile<'a> {
    /// The name: `3g.40gb`.
    pub name: &'a str,
    /// Compute slices that an instance takes.
    pub slices: u64,
    /// Ranges of memory slots that an instance may take, as (start, size).
    pub placements: &'a [(u64, u64)],
    /// Instances of this profile that a GPU holds at most.
    pub max: u64,
    /// Whether an instance carries the media engines (`+me`), which only one may.
    pub media: bool,
}

/// Where one instance goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Index of its profile.
    pub profile: usize,
    /// First memory slot.
    pub start: u64,
    /// Memory slots.
    pub size: u64,
}

/// The outcome of packing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packing {
    /// All instances have a place.
    Fits {
        /// The places, in the order in which to create the instances: the largest first.
        placements: Vec<Placement>,
        /// Memory slots that stay free and that no further instance of any profile can use.
        stranded: Vec<u64>,
    },
    /// No choice of placements holds them all.
    DoesNotFit(Why),
    /// The search was given up: the table is larger than any vendor's.
    Undecided,
}

/// Why a set of instances does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// A wanted index that is no profile of this GPU.
    NoProfile(usize),
    /// More instances of a profile than a GPU holds.
    Count {
        /// Index of the profile.
        profile: usize,
        /// Instances wanted.
        wanted: u64,
        /// Instances that a GPU holds at most.
        max: u64,
    },
    /// More than one instance with media engines; how many are wanted.
    Media(u64),
    /// More compute slices than the GPU has.
    Compute {
        /// Slices wanted.
        wanted: u64,
        /// Slices of the GPU.
        available: u64,
    },
    /// More memory slots than the GPU has.
    Memory {
        /// Slots wanted, counting each profile's smallest placement.
        wanted: u64,
        /// Slots of the GPU.
        available: u64,
    },
    /// The sums suffice and the placements still collide.
    Placement {
        /// Places of as many instances as were found to fit together.
        placed: Vec<Placement>,
        /// Profiles of the instances that found no place.
        missing: Vec<usize>,
        /// Memory slots that stay free beside the placed instances.
        free: Vec<u64>,
    },
}

/// Steps after which a search is given up; the vendors' tables need a few hundred.
const BUDGET: usize = 200_000;

/// Packs `wanted`, pairs of profile index and count, into one GPU; exact for the vendors' tables.
///
/// Of several packings it chooses the one that strands the fewest memory slots, then the first in the
/// order of the table, so the answer never depends on anything but the input.
pub fn pack(
    memory_slots: u64,
    compute_slices: u64,
    profiles: &[Profile<'_>],
    wanted: &[(usize, u64)],
) -> Packing {
    if let Some(why) = refuse_by_sums(memory_slots, compute_slices, profiles, wanted) {
        return Packing::DoesNotFit(why);
    }
    if memory_slots > 64 {
        return Packing::Undecided;
    }
    Search::new(memory_slots, compute_slices, profiles, wanted).run()
}

/// What counts alone already refuse; past this, no more instances are wanted than there are slots.
fn refuse_by_sums(
    memory_slots: u64,
    compute_slices: u64,
    profiles: &[Profile<'_>],
    wanted: &[(usize, u64)],
) -> Option<Why> {
    let (mut compute, mut memory, mut media) = (0_u64, 0_u64, 0_u64);
    for (index, _) in wanted {
        let Some(profile) = profiles.get(*index) else { return Some(Why::NoProfile(*index)) };
        let count = wanted.iter().filter(|(other, _)| other == index).map(|(_, count)| *count);
        let count = count.fold(0, u64::saturating_add);
        if count > profile.max {
            return Some(Why::Count { profile: *index, wanted: count, max: profile.max });
        }
    }
    for (index, count) in wanted {
        let profile = &profiles[*index];
        let smallest = profile.placements.iter().map(|(_, size)| (*size).max(1)).min().unwrap_or(1);
        compute = compute.saturating_add(profile.slices.saturating_mul(*count));
        memory = memory.saturating_add(smallest.saturating_mul(*count));
        media = media.saturating_add(if profile.media { *count } else { 0 });
    }
    if media > 1 {
        Some(Why::Media(media))
    } else if compute > compute_slices {
        Some(Why::Compute { wanted: compute, available: compute_slices })
    } else if memory > memory_slots {
        Some(Why::Memory { wanted: memory, available: memory_slots })
    } else {
        None
    }
}

/// A depth-first search over placements with an explicit stack; slots are bits.
struct Search<'a> {
    slots: u64,
    spare_compute: u64,
    profiles: &'a [Profile<'a>],
    /// Profile of every instance, the largest first, equal ones side by side.
    instances: Vec<usize>,
    /// For every profile, its usable placements and the slots they take.
    masks: Vec<Vec<(Placement, u64)>>,
}

impl<'a> Search<'a> {
    fn new(
        memory_slots: u64,
        compute_slices: u64,
        profiles: &'a [Profile<'a>],
        wanted: &[(usize, u64)],
    ) -> Self {
        let slots = if memory_slots == 64 { u64::MAX } else { (1 << memory_slots) - 1 };
        let masks: Vec<Vec<_>> =
            profiles.iter().enumerate().map(|(index, profile)| masks(index, profile, memory_slots)).collect();
        let mut instances: Vec<usize> =
            wanted.iter().flat_map(|(index, count)| (0..*count).map(|_| *index)).collect();
        let largest = |index: usize| masks[index].iter().map(|(place, _)| place.size).max().unwrap_or(0);
        instances.sort_by_key(|index| (std::cmp::Reverse(largest(*index)), *index));
        let used: u64 = instances.iter().map(|index| profiles[*index].slices).sum();
        Self { slots, spare_compute: compute_slices.saturating_sub(used), profiles, instances, masks }
    }

    fn run(&self) -> Packing {
        let mut chosen: Vec<usize> = Vec::new();
        let (mut taken, mut next) = (0_u64, 0_usize);
        let mut best: Option<(usize, Vec<usize>)> = None;
        let mut deepest: Vec<usize> = Vec::new();
        for _ in 0..BUDGET {
            let depth = chosen.len();
            if depth == self.instances.len() {
                let stranded = self.stranded(taken).len();
                if best.as_ref().is_none_or(|(least, _)| stranded < *least) {
                    best = Some((stranded, chosen.clone()));
                }
            } else if let Some(choice) = self.free_choice(depth, next, taken) {
                taken |= self.masks[self.instances[depth]][choice].1;
                chosen.push(choice);
                next = if self.instances.get(depth + 1) == Some(&self.instances[depth]) {
                    choice + 1
                } else {
                    0
                };
                if chosen.len() > deepest.len() {
                    deepest.clone_from(&chosen);
                }
                continue;
            }
            let Some(last) = chosen.pop() else { return self.answer(best, &deepest) };
            taken &= !self.masks[self.instances[chosen.len()]][last].1;
            next = last + 1;
        }
        best.map_or(Packing::Undecided, |found| self.answer(Some(found), &deepest))
    }

    fn free_choice(&self, depth: usize, from: usize, taken: u64) -> Option<usize> {
        let masks = &self.masks[self.instances[depth]];
        (from..masks.len()).find(|choice| masks[*choice].1 & taken == 0)
    }

    fn answer(&self, best: Option<(usize, Vec<usize>)>, deepest: &[usize]) -> Packing {
        let Some((_, chosen)) = best else { return Packing::DoesNotFit(self.collision(deepest)) };
        let placements = self.places(&chosen);
        Packing::Fits { stranded: self.stranded(occupied(&placements)), placements }
    }

    fn places(&self, chosen: &[usize]) -> Vec<Placement> {
        chosen.iter().zip(&self.instances).map(|(choice, index)| self.masks[*index][*choice].0).collect()
    }

    /// The longest start of the list that fits, and whatever else still finds a place beside it.
    fn collision(&self, deepest: &[usize]) -> Why {
        let mut placed = self.places(deepest);
        let mut missing = Vec::new();
        for index in &self.instances[deepest.len()..] {
            let taken = occupied(&placed);
            match self.masks[*index].iter().find(|(_, mask)| mask & taken == 0) {
                Some((place, _)) => placed.push(*place),
                None => missing.push(*index),
            }
        }
        let free = bits(self.slots & !occupied(&placed));
        Why::Placement { placed, missing, free }
    }

    /// Free slots that no further instance can take, given the compute slices and counts left.
    fn stranded(&self, taken: u64) -> Vec<u64> {
        let mut usable = 0;
        for (index, profile) in self.profiles.iter().enumerate() {
            let held = self.instances.iter().filter(|other| **other == index).count() as u64;
            let media_taken = self.instances.iter().any(|other| self.profiles[*other].media);
            if profile.slices > self.spare_compute || held >= profile.max || (profile.media && media_taken) {
                continue;
            }
            for (_, mask) in &self.masks[index] {
                usable |= if mask & taken == 0 { *mask } else { 0 };
            }
        }
        bits(self.slots & !taken & !usable)
    }
}

/// A profile's placements that lie on the GPU and take at least one slot, with their bits.
fn masks(index: usize, profile: &Profile<'_>, memory_slots: u64) -> Vec<(Placement, u64)> {
    let on_gpu =
        |start: u64, size: u64| size > 0 && start.checked_add(size).is_some_and(|end| end <= memory_slots);
    profile
        .placements
        .iter()
        .filter(|(start, size)| on_gpu(*start, *size))
        .map(|(start, size)| (Placement { profile: index, start: *start, size: *size }, mask(*start, *size)))
        .collect()
}

fn mask(start: u64, size: u64) -> u64 {
    let ones = if size >= 64 { u64::MAX } else { (1 << size) - 1 };
    ones << start
}

fn occupied(placements: &[Placement]) -> u64 {
    placements.iter().fold(0, |taken, place| taken | mask(place.start, place.size))
}

fn bits(mask: u64) -> Vec<u64> {
    (0..64).filter(|bit| mask >> bit & 1 == 1).collect()
}

#[cfg(test)]
mod tests;
