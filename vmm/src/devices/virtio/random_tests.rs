//! Any driver at all: registers written in every order and width, rings and tables with anything in them, chains that are
//! nearly right. Whatever it does, nothing panics, the disk gets guest memory only, what the driver has not offered stays as
//! it was, and a reset makes the device work again.

use std::io;
use std::ops::Range;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use vm_memory::{Bytes, GuestAddress, GuestMemoryBackend as _, VolatileSlice};

use super::block::{Block, Disk, Fault, ID_LEN, Mischief, Operation};
use super::driver_tests::{AVAIL, Bench, DATA, DESC, DISK, HEAD, MEMORY, Ram, SIZE, STATUS, USED};

/// Memory that no step leads to: longer pieces begin after it.
const UNTOUCHED: Range<u64> = 0x3_0000..0x4_0000;
/// Where tables of indirect descriptors are.
const TABLE: u64 = 0xA000;

/// What a driver does.
#[derive(Clone, Debug)]
enum Step {
    /// Writes so many bytes to a place among the registers.
    Write(u64, Vec<u8>),
    /// Reads so many.
    Read(u64, usize),
    /// Writes a word to a register, as it is meant to be.
    Register(u64, u32),
    /// Writes a word to memory.
    Word(u64, u32),
    /// Fills a descriptor in the table, or in one of indirect descriptors: address, length, flags, next.
    Descriptor(u64, u16, (u64, u32, u16, u16)),
    /// Fills a request's head.
    Head(u32, u64),
    /// Puts a chain into the ring and notifies.
    Offer(u16),
    /// Says that the ring has so many more, or fewer, and notifies.
    Index(u16),
    /// Sets the device up anew with these features.
    Start(u32),
    /// Time goes by.
    Later,
}

fn addresses() -> impl Strategy<Value = u64> {
    let nearly = (select(&[HEAD, STATUS, DATA, TABLE, DESC, AVAIL, USED][..]), 0_u64..600);
    prop_oneof![
        6 => nearly.prop_map(|(base, more)| base + more),
        4 => select(&[HEAD, STATUS, DATA, TABLE][..]),
        2 => (0_u64..520).prop_map(|less| MEMORY as u64 - less),
        1 => Just(UNTOUCHED.end),
        1 => Just(u64::MAX - 5),
        1 => (MEMORY as u64..).prop_map(|address| address),
    ]
}

fn descriptors() -> impl Strategy<Value = (u64, u32, u16, u16)> {
    // Lengths end before the memory that is watched begins, or are longer than all there is.
    let lengths = prop_oneof![
        6 => select(&[0, 1, 15, 16, 20, 32, 512, 1024, 4096, 0x8000][..]),
        1 => (MEMORY as u32..).prop_map(|length| length),
    ];
    let flags = prop_oneof![8 => 0_u16..4, 1 => any::<u16>()];
    (addresses(), lengths, flags, 0..SIZE + 2)
}

fn steps() -> impl Strategy<Value = Step> {
    let words = select(&[0, 1, 2, 3, 7, 11, 15, 16, 64, 128, 0x1000, 0x3000, 0x4000, u32::MAX][..]);
    // A length or an address that leads to the memory that is watched would be the driver's own wish.
    let odd = || prop_oneof![0..0x3000_u32, MEMORY as u32..];
    let values = prop_oneof![3 => words, 1 => odd()];
    let places = (select(&[DESC, AVAIL, USED, HEAD, TABLE, DATA][..]), 0_u64..64);
    let kinds = prop_oneof![select(&[0, 1, 4, 8, 11, 13][..]), any::<u32>()];
    let sectors = prop_oneof![8 => 0_u64..66, 1 => any::<u64>()];
    prop_oneof![
        2 => (0_u64..0x1100, vec(any::<u8>(), 0..17)).prop_map(|(at, bytes)| Step::Write(at, bytes)),
        1 => (0_u64..0x1100, 0_usize..17).prop_map(|(at, len)| Step::Read(at, len)),
        4 => (0_u64..0x110 / 4, values).prop_map(|(number, value)| Step::Register(4 * number, value)),
        2 => (places, odd()).prop_map(|((base, word), value)| Step::Word(base + 4 * word, value)),
        8 => (select(&[DESC, DESC, TABLE][..]), 0..SIZE, descriptors())
            .prop_map(|(table, index, descriptor)| Step::Descriptor(table, index, descriptor)),
        3 => (kinds, sectors).prop_map(|(kind, sector)| Step::Head(kind, sector)),
        6 => (0..SIZE + 1).prop_map(Step::Offer),
        1 => prop_oneof![any::<u16>(), Just(u16::MAX), 0..SIZE + 2].prop_map(Step::Index),
        1 => any::<u32>().prop_map(|features| Step::Start(features & (1 << 9 | 1 << 13 | 1 << 14 | 1 << 28 | 1 << 29))),
        1 => Just(Step::Later),
    ]
}

/// A disk that looks where its data go.
#[derive(Debug)]
struct Watching {
    ram: Ram,
    /// Where guest memory is on the host.
    memory: Range<usize>,
}

impl Watching {
    fn look(&self, pieces: &[VolatileSlice<'_>], offset: u64) {
        let mut end = offset;
        for piece in pieces {
            let start = piece.ptr_guard().as_ptr() as usize;
            let inside = self.memory.start <= start && start + piece.len() <= self.memory.end;
            assert!(inside, "{start:#x}+{} is not guest memory", piece.len());
            end += piece.len() as u64;
        }
        assert!(end <= DISK as u64, "beyond the disk");
    }
}

impl Disk for Watching {
    fn size(&self) -> u64 {
        self.ram.size()
    }

    fn read(&mut self, into: &[VolatileSlice<'_>], offset: u64) -> io::Result<()> {
        self.look(into, offset);
        self.ram.read(into, offset)
    }

    fn write(&mut self, from: &[VolatileSlice<'_>], offset: u64) -> io::Result<()> {
        self.look(from, offset);
        self.ram.write(from, offset)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.ram.flush()
    }

    fn discard(&mut self, offset: u64, len: u64) -> io::Result<()> {
        self.ram.discard(offset, len)
    }

    fn write_zeroes(&mut self, offset: u64, len: u64, unmap: bool) -> io::Result<()> {
        self.ram.write_zeroes(offset, len, unmap)
    }
}

/// Every third request goes wrong in one way or another.
#[derive(Debug)]
struct Sometimes(usize);

impl Mischief for Sometimes {
    fn next(&mut self, _: Operation) -> Option<Fault> {
        self.0 += 1;
        let faults = [Fault::Slow(Duration::from_secs(1)), Fault::Torn, Fault::Error];
        (self.0.is_multiple_of(3)).then(|| faults[self.0 / 3 % 3])
    }
}

fn bench(read_only: bool, faulty: bool) -> Bench {
    let mischief = || Box::new(Sometimes(0)) as Box<dyn Mischief>;
    let empty = Block::new(Box::new(Ram::new()), true, [0; ID_LEN], None);
    let mut bench = Bench::new(empty);
    let whole = bench.memory.get_slice(GuestAddress(0), MEMORY).expect("memory");
    let start = whole.ptr_guard().as_ptr() as usize;
    let disk = Watching { ram: Ram::new(), memory: start..start + MEMORY };
    bench.device = Block::new(Box::new(disk), read_only, *b"serial number of 20 ", faulty.then(mischief));
    let watched = vec![0x5A; (UNTOUCHED.end - UNTOUCHED.start) as usize];
    bench.memory.write_slice(&watched, GuestAddress(UNTOUCHED.start)).expect("memory");
    bench
}

fn act(bench: &mut Bench, step: Step) {
    match step {
        Step::Write(at, bytes) => drop(bench.device.write(at, &bytes, &bench.memory)),
        Step::Read(at, len) => bench.device.read(at, &mut vec![0xEE; len]),
        Step::Register(at, value) => drop(bench.write(at, value)),
        Step::Word(at, value) => bench.put(at, value),
        Step::Descriptor(table, index, (address, len, flags, next)) => {
            let at = table + 16 * u64::from(index);
            bench.put(at, address);
            bench.put(at + 8, len);
            bench.put(at + 12, flags);
            bench.put(at + 14, next);
        }
        Step::Head(kind, sector) => {
            bench.put(HEAD, kind);
            bench.put(HEAD + 8, sector);
        }
        Step::Offer(head) => drop(bench.offer(head)),
        Step::Index(index) => {
            bench.put(AVAIL + 2, index);
            bench.write(0x50, 0);
        }
        Step::Start(features) => {
            bench.fresh();
            let offered = bench.read(0x10);
            bench.start(features & offered);
        }
        Step::Later => {
            bench.device.answer_late(&bench.memory, Instant::now() + Duration::from_secs(2));
        }
    }
}

/// Registers and configuration as the device keeps them for the guest to read.
fn shown(bench: &Bench) -> Vec<u32> {
    let mut words = vec![0; 0x140 / 4];
    bench.device.show_configuration(|offset, value| words[offset / 4] = value);
    bench.device.show(|offset, value| words[offset / 4] = value);
    words
}

/// The same as it answers.
fn registers(bench: &mut Bench) -> Vec<u32> {
    (0..0x140).step_by(4).map(|register| bench.read(register)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(400)))]

    #[test]
    fn a_driver_may_do_anything(
        steps in vec(steps(), 1..120), started in any::<bool>(), read_only in any::<bool>(), faulty in any::<bool>(),
    ) {
        let mut bench = bench(read_only, faulty);
        if started {
            bench.start(1 << 9 | if read_only { 0 } else { 1 << 13 | 1 << 14 });
        }
        for step in steps {
            act(&mut bench, step);
            prop_assert!(bench.device.stats.errors <= bench.device.stats.requests);
            prop_assert_eq!(shown(&bench), registers(&mut bench), "what the guest reads without asking the device");
        }
        let mut watched = vec![0; (UNTOUCHED.end - UNTOUCHED.start) as usize];
        bench.memory.read_slice(&mut watched, GuestAddress(UNTOUCHED.start)).expect("memory");
        prop_assert!(watched.iter().all(|&byte| byte == 0x5A), "memory that nobody offered was written");
        // A driver that keeps the rules finds a device that works. Some requests go wrong by plan.
        bench.fresh();
        bench.start(1 << 9);
        let mut good = 0;
        for _ in 0..3 {
            bench.request(0, 5, 512, true);
            bench.device.answer_late(&bench.memory, Instant::now() + Duration::from_secs(2));
            good += usize::from(bench.get::<u8>(STATUS) == 0);
        }
        prop_assert!(good >= 2, "it does not work any more");
        prop_assert_eq!(bench.used(), 3);
    }
}
