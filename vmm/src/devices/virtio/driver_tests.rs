//! The device as a driver that keeps the rules finds it, and the driver that the tests with hostile ones use.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use vm_memory::{Bytes, GuestAddress, GuestMemoryMmap, VolatileSlice};

use super::block::{Block, Disk, Fault, ID_LEN, Mischief, Operation};

pub const MEMORY: usize = 1 << 20;
pub const DESC: u64 = 0x1000;
pub const AVAIL: u64 = 0x3000;
pub const USED: u64 = 0x4000;
pub const SIZE: u16 = 16;
pub const HEAD: u64 = 0x8000;
pub const STATUS: u64 = 0x9000;
pub const DATA: u64 = 0x1_0000;
/// Bytes of the disk.
pub const DISK: usize = 64 * 512;

/// A disk in memory, with what was done to it.
#[derive(Clone, Debug, Default)]
pub struct Ram(pub Arc<Mutex<(Vec<u8>, Vec<&'static str>)>>);

impl Ram {
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(((0..DISK).map(|n| (n / 512) as u8).collect(), Vec::new()))))
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.lock().expect("unpoisoned").0.clone()
    }
}

impl Disk for Ram {
    fn size(&self) -> u64 {
        DISK as u64
    }

    fn read(&mut self, into: &[VolatileSlice<'_>], offset: u64) -> io::Result<()> {
        let mut at = offset as usize;
        let inner = self.0.lock().expect("unpoisoned");
        for piece in into {
            piece.copy_from(&inner.0[at..at + piece.len()]);
            at += piece.len();
        }
        Ok(())
    }

    fn write(&mut self, from: &[VolatileSlice<'_>], offset: u64) -> io::Result<()> {
        let mut at = offset as usize;
        let mut inner = self.0.lock().expect("unpoisoned");
        for piece in from {
            let end = at + piece.len();
            piece.copy_to(&mut inner.0[at..end]);
            at = end;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().expect("unpoisoned").1.push("flush");
        Ok(())
    }

    fn discard(&mut self, offset: u64, len: u64) -> io::Result<()> {
        assert!(offset + len <= DISK as u64, "beyond the disk");
        self.0.lock().expect("unpoisoned").1.push("discard");
        Ok(())
    }

    fn write_zeroes(&mut self, offset: u64, len: u64, _: bool) -> io::Result<()> {
        let (start, end) = (offset as usize, (offset + len) as usize);
        self.0.lock().expect("unpoisoned").0[start..end].fill(0);
        Ok(())
    }
}

/// The same fault every time.
#[derive(Debug)]
struct Always(Fault);

impl Mischief for Always {
    fn next(&mut self, _: Operation) -> Option<Fault> {
        Some(self.0)
    }
}

/// A device, its memory, and a driver's view of the queue.
pub struct Bench {
    pub device: Block,
    pub memory: GuestMemoryMmap,
    next: u16,
}

impl Bench {
    pub fn new(device: Block) -> Self {
        let memory = GuestMemoryMmap::from_ranges(&[(GuestAddress(0), MEMORY)]).expect("memory");
        Self { device, memory, next: 0 }
    }

    fn with(read_only: bool, mischief: Option<Box<dyn Mischief>>) -> (Self, Ram) {
        let disk = Ram::new();
        let mut id = [0; ID_LEN];
        id[..4].copy_from_slice(b"disk");
        let mut bench = Self::new(Block::new(Box::new(disk.clone()), read_only, id, mischief));
        bench.start(1 << 9);
        (bench, disk)
    }

    pub fn write(&mut self, register: u64, value: u32) -> bool {
        self.device.write(register, &value.to_le_bytes(), &self.memory)
    }

    pub fn read(&mut self, register: u64) -> u32 {
        let mut data = [0; 4];
        self.device.read(register, &mut data);
        u32::from_le_bytes(data)
    }

    /// Sets the device up as the specification wants it (3.1.1).
    pub fn start(&mut self, features: u32) {
        self.write(0x70, 0);
        self.write(0x70, 1);
        self.write(0x70, 3);
        for (half, value) in [(0, features), (1, 1)] {
            self.write(0x24, half);
            self.write(0x20, value);
        }
        self.write(0x70, 11);
        assert_eq!(self.read(0x70), 11, "features are refused");
        self.write(0x30, 0);
        self.write(0x38, SIZE.into());
        for (register, address) in [(0x80, DESC), (0x90, AVAIL), (0xA0, USED)] {
            self.write(register, address as u32);
            self.write(register + 4, 0);
        }
        self.write(0x44, 1);
        self.write(0x70, 15);
    }

    /// Resets the device and empties the rings.
    pub fn fresh(&mut self) {
        self.write(0x70, 0);
        self.next = 0;
        self.put(AVAIL, [0_u16; 2]);
        self.put(USED, [0_u16; 2]);
    }

    pub fn put<T: vm_memory::ByteValued>(&self, address: u64, value: T) {
        self.memory.write_obj(value, GuestAddress(address)).expect("memory");
    }

    pub fn get<T: vm_memory::ByteValued>(&self, address: u64) -> T {
        self.memory.read_obj(GuestAddress(address)).expect("memory")
    }

    pub fn descriptor(&self, index: u16, address: u64, len: u32, flags: u16, next: u16) {
        let place = DESC + 16 * u64::from(index);
        self.put(place, address);
        self.put(place + 8, len);
        self.put(place + 12, flags);
        self.put(place + 14, next);
    }

    /// Offers the chain that begins at a descriptor, and says whether the device interrupts.
    pub fn offer(&mut self, head: u16) -> bool {
        self.put(AVAIL + 4 + 2 * u64::from(self.next % SIZE), head);
        self.next = self.next.wrapping_add(1);
        self.put(AVAIL + 2, self.next);
        self.write(0x50, 0)
    }

    pub fn used(&self) -> u16 {
        self.get(USED + 2)
    }

    /// A request with one piece of data: its status, and how many bytes the device says it has written.
    pub fn request(&mut self, kind: u32, sector: u64, len: u32, to_driver: bool) -> (u8, u32) {
        self.put(HEAD, kind);
        self.put(HEAD + 8, sector);
        self.put(STATUS, 0xEEu8);
        self.descriptor(0, HEAD, 16, 1, 1);
        self.descriptor(1, DATA, len, if to_driver { 3 } else { 1 }, 2);
        self.descriptor(2, STATUS, 1, 2, 0);
        let element = USED + 4 + 8 * u64::from(self.used() % SIZE);
        self.offer(0);
        (self.get(STATUS), self.get(element + 4))
    }
}

#[test]
fn registers_say_what_the_device_is() {
    let (mut bench, _) = Bench::with(false, None);
    assert_eq!(bench.read(0), u32::from_le_bytes(*b"virt"));
    assert_eq!((bench.read(4), bench.read(8)), (2, 2));
    assert_eq!(bench.read(0x34), 512);
    assert_eq!(bench.read(0x100), 64, "sectors");
    assert!(bench.read(0x10C) >= 256, "1 MiB of pages that lie anywhere is one request");
    let mut byte = [0xFF; 1];
    bench.device.read(0x100, &mut byte);
    assert_eq!(byte, [64]);
    let mut odd = [0xFF; 3];
    bench.device.read(0, &mut odd);
    assert_eq!(odd, [0; 3], "registers are read whole");
    bench.write(0x30, 1);
    assert_eq!(bench.read(0x34), 0, "there is one queue");
}

#[test]
fn sectors_go_both_ways_and_nothing_beyond_the_disk() {
    let (mut bench, disk) = Bench::with(false, None);
    assert_eq!(bench.request(0, 5, 1024, true), (0, 1025));
    assert_eq!((bench.get::<u8>(DATA), bench.get::<u8>(DATA + 512)), (5, 6));
    bench.put(DATA, 0xABu8);
    assert_eq!(bench.request(1, 7, 512, false), (0, 1));
    assert_eq!(disk.bytes()[7 * 512], 0xAB);
    for (sector, len) in
        [(64, 512), (63, 1024), (u64::MAX, 512), (1 << 55, 512), (0, 100), (0, DISK as u32 + 512)]
    {
        assert_eq!(bench.request(0, sector, len, true).0, 1, "{sector} {len}");
        assert_eq!(bench.request(1, sector, len, false).0, 1, "{sector} {len}");
    }
    assert_eq!(bench.request(77, 0, 512, true).0, 2, "unknown requests are unsupported");
    assert_eq!(bench.request(8, 0, 20, true), (0, 21));
    assert_eq!(bench.get::<u32>(DATA).to_le_bytes(), *b"disk");
    assert_eq!(bench.request(8, 0, 19, true).0, 1);
    assert_eq!(bench.device.stats.requests, 17);
}

#[test]
fn discards_and_zeroes_are_checked_range_by_range() {
    let (mut bench, disk) = Bench::with(false, None);
    let mut range = |sector: u64, count: u32, flags: u32, kind: u32| {
        bench.put(DATA, sector);
        bench.put(DATA + 8, count);
        bench.put(DATA + 12, flags);
        bench.request(kind, 0, 16, false).0
    };
    assert_eq!(range(3, 2, 0, 13), 0);
    assert_eq!(range(5, 1, 1, 13), 0);
    assert_eq!(range(1, 1, 0, 11), 0);
    assert_eq!(range(1, 1, 1, 11), 2, "a discard has no flags");
    assert_eq!(range(1, 1, 2, 13), 2);
    assert_eq!(range(64, 1, 0, 11), 1);
    assert_eq!(range(u64::MAX, 1, 0, 13), 1);
    assert_eq!(range(0, u32::MAX, 0, 13), 1);
    assert_eq!(bench.request(13, 0, 17, false).0, 1);
    let bytes = disk.bytes();
    assert!(bytes[3 * 512..6 * 512].iter().all(|&byte| byte == 0) && bytes[6 * 512] == 6);
}

#[test]
fn a_read_only_disk_refuses_every_change() {
    let (mut bench, disk) = Bench::with(true, None);
    bench.put(DATA + 8, 1u32);
    for (kind, len) in [(1, 512), (11, 16), (13, 16)] {
        assert_eq!(bench.request(kind, 0, len, false).0, 1, "{kind}");
    }
    assert_eq!(bench.request(0, 9, 512, true).0, 0);
    assert!(disk.0.lock().expect("unpoisoned").1.is_empty());
}

#[test]
fn a_driver_that_does_not_flush_has_its_writes_flushed() {
    let (mut bench, disk) = Bench::with(false, None);
    bench.request(1, 0, 512, false);
    assert!(disk.0.lock().expect("unpoisoned").1.is_empty());
    bench.request(4, 0, 0, false);
    assert_eq!(disk.0.lock().expect("unpoisoned").1, ["flush"]);
    bench.fresh();
    bench.start(0);
    bench.request(1, 0, 512, false);
    assert_eq!(disk.0.lock().expect("unpoisoned").1, ["flush", "flush"]);
}

#[test]
fn interrupts_come_unless_the_driver_says_no() {
    let (mut bench, _) = Bench::with(false, None);
    bench.put(AVAIL, 1u16);
    bench.request(0, 0, 512, true);
    assert!(!bench.device.interrupt());
    bench.put(AVAIL, 0u16);
    bench.request(0, 0, 512, true);
    assert!(bench.device.interrupt());
    assert_eq!(bench.read(0x60), 1);
    bench.write(0x64, 1);
    assert!(!bench.device.interrupt());
}

#[test]
fn faults_are_what_they_are_called() {
    let (mut bench, disk) = Bench::with(false, Some(Box::new(Always(Fault::Error))));
    assert_eq!(bench.request(1, 0, 512, false).0, 1);
    assert_eq!(disk.bytes(), Ram::new().bytes());
    let (mut bench, disk) = Bench::with(false, Some(Box::new(Always(Fault::Torn))));
    assert_eq!(bench.request(1, 1, 2048, false).0, 1);
    assert_eq!(disk.bytes()[512..5 * 512].iter().filter(|&&byte| byte == 0).count(), 1024);
    let (mut bench, _) = Bench::with(false, Some(Box::new(Always(Fault::Slow(Duration::from_secs(9))))));
    bench.request(0, 1, 512, true);
    let now = Instant::now();
    assert_eq!(bench.used(), 0);
    assert!(!bench.device.answer_late(&bench.memory, now) && bench.device.next_due() > Some(now));
    assert!(bench.device.answer_late(&bench.memory, now + Duration::from_secs(10)));
    assert_eq!((bench.used(), bench.get::<u8>(STATUS)), (1, 0));
}
