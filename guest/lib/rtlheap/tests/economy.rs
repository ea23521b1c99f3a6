//! What a heap costs the system: pages written to, calls, memory that is given back.

mod common;

use common::heap;
use rtlheap::{GRANULARITY, Heap, PAGE, ResizeError};

#[test]
fn a_heap_fits_before_the_first_block_of_a_page() {
    assert!(size_of::<Heap>() < 2100);
}

#[test]
fn pages_are_first_written_when_they_are_allocated() {
    let (mut heap, mut ram) = heap(1 << 20, GRANULARITY, true);
    for _ in 0..10 {
        let block = heap.allocate(&mut ram, 100, false, 0).expect("memory");
        assert!(heap.free(&mut ram, block));
    }
    assert_eq!(ram.touched.len(), 1);
    // Fresh pages are zero already: only the header is written.
    let block = heap.allocate(&mut ram, 10 * PAGE, true, 0).expect("memory");
    assert_eq!(ram.touched.len(), 1);
    // Stale ones are cleared.
    ram.fill(block, 10 * PAGE, 0xEE);
    assert!(heap.free(&mut ram, block));
    let block = heap.allocate(&mut ram, 12 * PAGE, true, 0).expect("memory");
    assert!(ram.all(block, 12 * PAGE, 0));
    assert_eq!(ram.touched.len(), 11);
}

#[test]
fn growing_takes_few_calls_and_shrinking_gives_memory_back() {
    let (mut heap, mut ram) = heap(64 << 20, GRANULARITY, true);
    let (calls, start) = (ram.calls, ram.committed());
    let blocks: Vec<_> =
        (0..8000).map(|_| heap.allocate(&mut ram, 1000, false, 0).expect("memory")).collect();
    assert!(ram.calls - calls < 150, "{}", ram.calls - calls);
    assert!(ram.committed() < 8000 * 1024 + 4 * GRANULARITY);
    for block in blocks {
        assert!(heap.free(&mut ram, block));
    }
    assert_eq!((ram.committed(), ram.ranges()), (start, 1));
}

#[test]
fn a_segment_gives_back_its_end() {
    let size = 64 * GRANULARITY;
    let (mut heap, mut ram) = heap(2 * size, size, false);
    let block = heap.allocate(&mut ram, 60 * GRANULARITY, false, 0).expect("memory");
    assert!(heap.free(&mut ram, block));
    assert!(ram.committed() <= 5 * GRANULARITY);
    let block = heap.allocate(&mut ram, 60 * GRANULARITY, true, 0).expect("it is committed again");
    assert!(ram.all(block, 60 * GRANULARITY, 0));
}

#[test]
fn large_blocks_come_and_go_with_their_range() {
    let (mut heap, mut ram) = heap(16 << 20, GRANULARITY, true);
    heap.set_large_blocks(8 * GRANULARITY);
    let size = 20 * GRANULARITY;
    let [a, b, c] = [(); 3].map(|()| heap.allocate(&mut ram, size, true, 0).expect("memory"));
    assert_eq!(ram.ranges(), 4);
    assert_eq!(heap.reallocate(&mut ram, b, size - 1, false, false), Ok(b));
    assert_eq!(heap.reallocate(&mut ram, b, size * 2, false, true), Err(ResizeError::NoMemory));
    assert_eq!(heap.reallocate(&mut ram, b, 100, false, true), Ok(b));
    assert_eq!(heap.size(&ram, b), Some(100));
    assert!(heap.free(&mut ram, b) && !heap.free(&mut ram, b));
    let small = heap.reallocate(&mut ram, c, 100, false, false).expect("memory");
    assert_eq!(ram.ranges(), 2);
    assert!(heap.free(&mut ram, small) && heap.free(&mut ram, a));
    assert_eq!(ram.ranges(), 1);
}

/// A large block that was made short has no right to its range, unless there is no other place; zeros are due there, too.
#[test]
fn a_large_block_that_must_stay_is_zeroed_where_it_grows() {
    let (mut heap, mut ram) = heap(0x4_1000, GRANULARITY, false);
    heap.set_large_blocks(0x3_0000);
    let block = heap.allocate(&mut ram, 0x3_0000, false, 0).expect("a large block");
    ram.fill(block, 0x3_0000, 7);
    assert_eq!(heap.reallocate(&mut ram, block, 1, false, true), Ok(block));
    assert_eq!(heap.reallocate(&mut ram, block, 0xFFF1, true, false), Ok(block));
    assert!(ram.all(block, 1, 7) && ram.all(block + 1, 0xFFF0, 0));
}

#[test]
fn sizes_without_end_are_refused() {
    let (mut heap, mut ram) = heap(1 << 20, GRANULARITY, true);
    for large in [0, GRANULARITY] {
        heap.set_large_blocks(large);
        for size in [u64::MAX, u64::MAX - 15, u64::MAX - 16, 1 << 63, 1 << 40] {
            assert_eq!(heap.allocate(&mut ram, size, true, 0), None);
        }
    }
    assert_eq!(ram.ranges(), 1);
}

#[test]
fn a_header_that_was_written_over_is_found() {
    let (mut heap, mut ram) = heap(1 << 20, GRANULARITY, true);
    let [a, b] = [(); 2].map(|()| heap.allocate(&mut ram, 32, false, 0).expect("memory"));
    assert!(heap.walk(&ram, |_| ()).is_ok());
    ram.fill(a, 33, 0x41);
    assert_eq!(heap.walk(&ram, |_| ()).expect_err("damage").0, b - 16);
    assert!(!heap.is_block(&ram, b) && !heap.free(&mut ram, b));
    assert!(heap.is_block(&ram, a));
}
