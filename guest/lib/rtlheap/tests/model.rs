//! Random sequences of calls against a model that keeps each block's bytes.

mod common;

use std::collections::BTreeMap;

use common::{Ram, heap};
use proptest::prelude::*;
use rtlheap::{ALIGNMENT, GRANULARITY, Heap, ResizeError};

#[derive(Clone, Debug)]
enum Step {
    Allocate(u64, bool),
    Free(usize),
    Resize(usize, u64, bool, bool),
    FreeTwice,
    FreeWithin(usize, u64),
}

fn sizes() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 0..200_u64, 3 => 0..5000_u64, 2 => 0..100_000_u64, 1 => 190_000..600_000_u64]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        5 => (sizes(), any::<bool>()).prop_map(|(size, zero)| Step::Allocate(size, zero)),
        4 => any::<usize>().prop_map(Step::Free),
        3 => (any::<usize>(), sizes(), any::<bool>(), prop::bool::weighted(0.2))
            .prop_map(|(which, size, zero, place)| Step::Resize(which, size, zero, place)),
        1 => Just(Step::FreeTwice),
        1 => (any::<usize>(), 0..600_u64).prop_map(|(which, offset)| Step::FreeWithin(which, offset)),
    ];
    prop::collection::vec(step, 1..120)
}

struct Model {
    heap: Heap,
    ram: Ram,
    /// Size and contents of each block by address.
    blocks: BTreeMap<u64, (u64, u8)>,
    freed: Option<u64>,
    next_byte: u8,
}

impl Model {
    fn pick(&self, which: usize) -> Option<u64> {
        self.blocks.keys().nth(which % self.blocks.len().max(1)).copied()
    }

    fn hold(&mut self, address: u64, size: u64) {
        assert!(address.is_multiple_of(ALIGNMENT));
        let before = self.blocks.range(..=address).next_back().map_or(0, |(at, (size, _))| at + size);
        let after = self.blocks.range(address..).next().map_or(u64::MAX, |(&at, _)| at);
        assert!(before <= address && address + size <= after, "blocks overlap");
        self.next_byte = self.next_byte % 250 + 1;
        self.ram.fill(address, size, self.next_byte);
        self.blocks.insert(address, (size, self.next_byte));
    }

    fn step(&mut self, step: Step, can_grow: impl Fn(u64) -> bool) {
        match step {
            Step::Allocate(size, zero) => match self.heap.allocate(&mut self.ram, size, zero, 7) {
                Some(address) => {
                    assert!(!zero || self.ram.all(address, size, 0), "not zero");
                    self.hold(address, size);
                }
                None => assert!(!can_grow(size) || self.ram.left < 2 * size + GRANULARITY),
            },
            Step::Free(which) => {
                if let Some(address) = self.pick(which) {
                    assert!(self.heap.free(&mut self.ram, address));
                    self.blocks.remove(&address);
                    self.freed = Some(address);
                }
            }
            Step::Resize(which, size, zero, in_place) => {
                let Some(address) = self.pick(which) else { return };
                let (old, byte) = self.blocks[&address];
                match self.heap.reallocate(&mut self.ram, address, size, zero, in_place) {
                    Ok(moved) => {
                        assert!(!in_place || moved == address);
                        assert!(self.ram.all(moved, old.min(size), byte), "contents lost");
                        if zero && size > old {
                            assert!(self.ram.all(moved + old, size - old, 0), "not zero");
                        }
                        self.blocks.remove(&address);
                        self.hold(moved, size);
                    }
                    Err(error) => {
                        assert_eq!(error, ResizeError::NoMemory);
                        assert!(size > old, "a shorter block needs no memory");
                    }
                }
            }
            Step::FreeTwice => {
                if let Some(address) = self.freed.filter(|address| !self.blocks.contains_key(address)) {
                    assert!(!self.heap.free(&mut self.ram, address), "freed twice");
                }
            }
            Step::FreeWithin(which, offset) => {
                let Some(address) = self.pick(which).map(|address| address + offset) else { return };
                if !self.blocks.contains_key(&address) {
                    assert!(!self.heap.free(&mut self.ram, address), "freed what is no block");
                }
            }
        }
    }

    fn check(&self) {
        let mut busy = BTreeMap::new();
        let visit = |block: rtlheap::Walked| {
            if block.busy {
                busy.insert(block.address, block.size);
            }
        };
        self.heap.walk(&self.ram, visit).expect("a sound heap");
        let expected: BTreeMap<_, _> = self.blocks.iter().map(|(&at, &(size, _))| (at, size)).collect();
        assert_eq!(busy, expected);
        for (&address, &(size, byte)) in &self.blocks {
            assert_eq!(self.heap.size(&self.ram, address), Some(size));
            assert_eq!(self.heap.tag(&self.ram, address), Some(7));
            assert!(self.ram.all(address, size, byte), "somebody wrote into a block");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(100)))]

    #[test]
    fn blocks_keep_what_they_hold(
        steps in steps(),
        growable in any::<bool>(),
        limit in 0x2_0000..0x80_0000_u64,
        large in prop_oneof![Just(0), Just(0x3_0000_u64)],
    ) {
        let (mut heap, ram) = heap(limit, GRANULARITY, growable);
        heap.set_large_blocks(large);
        let mut model = Model { heap, ram, blocks: BTreeMap::new(), freed: None, next_byte: 0 };
        for step in steps {
            model.step(step, |size| growable || (large != 0 && size >= large));
            model.check();
        }
        // All of it can be had again: nothing is lost to small pieces.
        for address in std::mem::take(&mut model.blocks).into_keys() {
            prop_assert!(model.heap.free(&mut model.ram, address));
        }
        model.check();
        prop_assert_eq!(model.ram.ranges(), 1);
        prop_assert!(model.heap.allocate(&mut model.ram, GRANULARITY - 16, false, 0).is_some());
        model.heap.end(&mut model.ram);
        prop_assert_eq!(model.ram.ranges(), 1);
    }
}
