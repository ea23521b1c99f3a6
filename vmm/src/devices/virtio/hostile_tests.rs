//! Drivers that break the rules: an error for them, never a panic, never an access outside guest memory.

use std::io;

use vm_memory::VolatileSlice;

use super::block::{Block, Disk, ID_LEN};
use super::driver_tests::{AVAIL, Bench, DESC, MEMORY, Ram, SIZE, USED};

fn bench() -> Bench {
    let mut bench = Bench::new(Block::new(Box::new(Ram::new()), false, [0; ID_LEN], None));
    bench.start(1 << 9);
    bench
}

/// Offers the chain at descriptor 0, whose status byte, if it has one, is at 0x9000: it must be answered, with an error.
fn refused(bench: &mut Bench, what: &str) {
    bench.put(0x9000, 0xEEu8);
    let before = bench.used();
    bench.offer(0);
    assert_eq!(bench.used(), before.wrapping_add(1), "{what}: not answered");
    assert!(matches!(bench.get::<u8>(0x9000), 1 | 0xEE), "{what}: no error");
    assert_eq!(bench.device.stats.errors, bench.device.stats.requests, "{what}");
}

#[test]
fn chains_that_make_no_sense_are_answered_with_errors() {
    let mut bench = bench();
    bench.descriptor(0, 0x8000, 16, 1, 0);
    refused(&mut bench, "a loop of one");
    bench.descriptor(0, 0x8000, 16, 1, 1);
    bench.descriptor(1, 0x9000, 1, 3, 0);
    refused(&mut bench, "a loop of two");
    bench.descriptor(1, 0x9000, 1, 3, SIZE);
    refused(&mut bench, "a link beyond the table");
    bench.descriptor(1, 0x9000, 1, 0, 0);
    refused(&mut bench, "a status that cannot be written");
    bench.descriptor(0, 0x8000, 15, 1, 1);
    bench.descriptor(1, 0x9000, 1, 2, 0);
    refused(&mut bench, "a head too short");
    bench.descriptor(0, MEMORY as u64 - 8, 16, 1, 1);
    refused(&mut bench, "a head beyond memory");
    bench.descriptor(0, u64::MAX - 3, 16, 1, 1);
    refused(&mut bench, "a head that wraps");
    bench.descriptor(0, 0x8000, 16, 1, 1);
    bench.descriptor(1, 0xFFFF_FFFF_0000, u32::MAX, 3, 2);
    bench.descriptor(2, 0x9000, 1, 2, 0);
    refused(&mut bench, "data beyond memory");
    bench.descriptor(1, 0, u32::MAX, 3, 2);
    refused(&mut bench, "data longer than memory");
    bench.descriptor(0, 0x9000, 1, 3, 1);
    bench.descriptor(1, 0x8000, 16, 0, 0);
    refused(&mut bench, "what is written before what is read");
    bench.descriptor(0, 0x9000, 0, 2, 0);
    refused(&mut bench, "nothing at all");
    bench.descriptor(0, DESC, 16 * u32::from(SIZE), 4, 0);
    refused(&mut bench, "an indirect table that is the table itself");
    bench.descriptor(0, 0x8000, 17, 4, 0);
    refused(&mut bench, "an indirect table of odd length");
}

#[test]
fn data_that_overlaps_is_done_in_order() {
    let mut bench = bench();
    bench.put(0x8000, 0u32);
    bench.put(0x8008, 3u64);
    bench.descriptor(0, 0x8000, 16, 1, 1);
    bench.descriptor(1, 0x1_0000, 512, 3, 2);
    bench.descriptor(2, 0x1_0000, 512, 3, 3);
    bench.descriptor(3, 0x9000, 1, 2, 0);
    bench.offer(0);
    assert_eq!((bench.get::<u8>(0x9000), bench.get::<u8>(0x1_0000)), (0, 4));
}

#[test]
fn a_queue_that_moves_backwards_or_too_far_stops_the_device() {
    for index in [u16::MAX, SIZE + 1, 0x8000] {
        let mut bench = bench();
        bench.put(AVAIL + 2, index);
        assert!(bench.write(0x50, 0), "the driver is told");
        assert_eq!(bench.read(0x70) & 64, 64, "DEVICE_NEEDS_RESET");
        assert_eq!(bench.read(0x60) & 2, 2);
        assert!(!bench.write(0x50, 0), "nothing more happens");
        bench.put(AVAIL + 2, 0u16);
        bench.start(0);
        assert_eq!(bench.read(0x70), 15, "a reset mends it");
    }
}

#[test]
fn heads_beyond_the_table_do_not_count() {
    let mut bench = bench();
    bench.offer(SIZE);
    bench.offer(u16::MAX);
    assert!(bench.used() <= 2);
}

#[test]
fn rings_outside_memory_stop_the_device() {
    for (register, address) in [(0x80, MEMORY as u32), (0x90, 0xFFFF_FFF0), (0xA0, MEMORY as u32 - 4)] {
        let mut bench = bench();
        bench.write(0x70, 0);
        for (register, value) in [(0x70, 3), (0x24, 1), (0x20, 1), (0x70, 11), (0x38, 16)] {
            bench.write(register, value);
        }
        for (register, address) in [(0x80, DESC), (0x90, AVAIL), (0xA0, USED)] {
            bench.write(register, address as u32);
        }
        bench.write(register, address);
        bench.write(0x44, 1);
        bench.write(0x70, 15);
        bench.put(AVAIL + 2, 1u16);
        bench.write(0x50, 0);
        assert_eq!(bench.read(0x70) & 64, 64, "{register:#x}");
    }
}

/// A disk whose contents, read to the right places, are the next request: each kibibyte has a ring with one more entry, then
/// the head of a request for the next kibibyte.
#[derive(Debug)]
struct Endless {
    reads: u64,
}

impl Disk for Endless {
    fn size(&self) -> u64 {
        1 << 30
    }

    fn read(&mut self, into: &[VolatileSlice<'_>], offset: u64) -> io::Result<()> {
        self.reads += 1;
        assert!(self.reads < 1000, "it goes on for ever");
        let number = offset / 1024;
        let mut bytes = [0; 1024];
        bytes[2..4].copy_from_slice(&(number as u16).wrapping_add(2).to_le_bytes());
        bytes[520..528].copy_from_slice(&((number + 1) * 2).to_le_bytes());
        let mut rest = &bytes[..];
        for piece in into {
            piece.copy_from(rest);
            rest = &rest[piece.len()..];
        }
        Ok(())
    }

    fn write(&mut self, _: &[VolatileSlice<'_>], _: u64) -> io::Result<()> {
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn discard(&mut self, _: u64, _: u64) -> io::Result<()> {
        Ok(())
    }

    fn write_zeroes(&mut self, _: u64, _: u64, _: bool) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn rings_that_fill_themselves_from_the_disk_come_to_an_end() {
    let mut bench = Bench::new(Block::new(Box::new(Endless { reads: 0 }), false, [0; ID_LEN], None));
    bench.start(1 << 9);
    bench.descriptor(0, 0x8000, 16, 1, 1);
    bench.descriptor(1, AVAIL, 512, 3, 2);
    bench.descriptor(2, 0x8000, 512, 3, 3);
    bench.descriptor(3, 0x9000, 1, 2, 0);
    bench.offer(0);
    assert_eq!(bench.read(0x70) & 64, 64, "DEVICE_NEEDS_RESET");
    assert_eq!(bench.device.stats.requests, u64::from(SIZE));
}
