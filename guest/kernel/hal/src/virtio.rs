//! Virtio devices in memory-mapped registers, version 2, and their queues (virtio 1.2, 2.7 and 4.2).

use alloc::vec::Vec;
use core::sync::atomic::{AtomicU16, Ordering, compiler_fence};

use crate::dma::{Block, Memory};
use crate::phys::{self, Registers};

const MAGIC: u32 = u32::from_le_bytes(*b"virt");
const VERSION: u32 = 2;

const REG_MAGIC: u64 = 0x00;
const REG_VERSION: u64 = 0x04;
const REG_DEVICE_ID: u64 = 0x08;
const REG_DEVICE_FEATURES: u64 = 0x10;
const REG_DEVICE_FEATURES_SEL: u64 = 0x14;
const REG_DRIVER_FEATURES: u64 = 0x20;
const REG_DRIVER_FEATURES_SEL: u64 = 0x24;
const REG_QUEUE_SEL: u64 = 0x30;
const REG_QUEUE_NUM_MAX: u64 = 0x34;
const REG_QUEUE_NUM: u64 = 0x38;
const REG_QUEUE_READY: u64 = 0x44;
const REG_QUEUE_NOTIFY: u64 = 0x50;
const REG_INTERRUPT_ACK: u64 = 0x64;
const REG_STATUS: u64 = 0x70;
const REG_QUEUE_DESC: u64 = 0x80;
const REG_QUEUE_AVAIL: u64 = 0x90;
const REG_QUEUE_USED: u64 = 0xA0;
const REG_CONFIG: u64 = 0x100;

const STATUS_ACKNOWLEDGE: u32 = 1;
const STATUS_DRIVER: u32 = 2;
const STATUS_DRIVER_OK: u32 = 4;
const STATUS_FEATURES_OK: u32 = 8;
const STATUS_FAILED: u32 = 128;

/// VIRTIO_F_VERSION_1.
const FEATURE_VERSION_1: u64 = 1 << 32;

/// A device.
#[derive(Clone, Copy, Debug)]
pub struct Device {
    registers: Registers,
}

impl Device {
    /// The device whose registers are at that physical address, if there is one of that kind (virtio 1.2, 5) and version.
    /// `None` also for an address where none can be.
    pub fn find(address: u64, kind: u32) -> Option<Self> {
        if !address.is_multiple_of(4) || !(1 << 30..phys::LIMIT).contains(&address) {
            return None;
        }
        let registers = Registers::map(address);
        let is_it = registers.read(REG_MAGIC) == MAGIC
            && registers.read(REG_VERSION) == VERSION
            && registers.read(REG_DEVICE_ID) == kind;
        is_it.then_some(Self { registers })
    }

    /// Resets the device and agrees on features: those that the device has of `wanted`. `None` when it does not agree.
    pub fn negotiate(self, wanted: u64) -> Option<u64> {
        self.registers.write(REG_STATUS, 0);
        self.registers.write(REG_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
        let mut offered = 0;
        for half in 0..2 {
            self.registers.write(REG_DEVICE_FEATURES_SEL, half);
            offered |= u64::from(self.registers.read(REG_DEVICE_FEATURES)) << (32 * half);
        }
        let features = offered & (wanted | FEATURE_VERSION_1);
        for half in 0..2 {
            self.registers.write(REG_DRIVER_FEATURES_SEL, half);
            self.registers.write(REG_DRIVER_FEATURES, (features >> (32 * half)) as u32);
        }
        let status = STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK;
        self.registers.write(REG_STATUS, status);
        let agreed = features & FEATURE_VERSION_1 != 0 && self.registers.read(REG_STATUS) == status;
        if !agreed {
            self.registers.write(REG_STATUS, STATUS_FAILED);
        }
        agreed.then_some(features)
    }

    /// The device may work from now on.
    pub fn start(self) {
        let status = STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK;
        self.registers.write(REG_STATUS, status);
    }

    /// Reads 32 bits of the device's configuration, 4-aligned.
    pub fn config(self, offset: u64) -> u32 {
        self.registers.read(REG_CONFIG + (offset & !3))
    }

    /// Takes the device's interrupt back.
    pub fn acknowledge(self) {
        self.registers.write(REG_INTERRUPT_ACK, 3);
    }

    fn write_address(self, register: u64, address: u64) {
        self.registers.write(register, address as u32);
        self.registers.write(register + 4, (address >> 32) as u32);
    }
}

/// Descriptors of a queue: with them all of the queue is two pages.
const SIZE: u16 = 128;
/// Bytes that the device reads of every request, before its data.
pub const HEAD: usize = 32;

// Where what is in the queue's two pages.
const DESCRIPTORS: u64 = 0;
const AVAIL: u64 = 16 * SIZE as u64;
const USED: u64 = (AVAIL + 6 + 2 * SIZE as u64).next_multiple_of(4);
const STATUSES: u64 = USED + 6 + 8 * SIZE as u64;
const HEADS: u64 = phys::PAGE as u64;
const LEN: usize = 2 * phys::PAGE;
const _: () = assert!(STATUSES + SIZE as u64 <= HEADS && HEADS as usize + HEAD * SIZE as usize <= LEN);

const DESC_NEXT: u16 = 1;
const DESC_WRITE: u16 = 2;
const AVAIL_NO_INTERRUPT: u16 = 1;

/// A request that the device has.
#[derive(Debug)]
struct InFlight<T> {
    memory: Memory,
    token: T,
    last: u16,
    descriptors: u16,
}

/// A request that the device has answered.
#[derive(Debug)]
pub struct Answer<T> {
    /// Its memory.
    pub memory: Memory,
    /// What it was given.
    pub token: T,
    /// The byte that the device has written last.
    pub status: u8,
}

/// The first queue of a device. Every request is a head that the device reads, data, and a byte of status that it writes.
#[derive(Debug)]
pub struct Queue<T> {
    device: Device,
    block: Block,
    size: u16,
    /// The first free descriptor; they are linked by their `next`.
    free: u16,
    free_count: u16,
    next_avail: u16,
    next_used: u16,
    in_flight: Vec<Option<InFlight<T>>>,
    outstanding: u16,
}

impl<T> Queue<T> {
    /// Sets the queue up, between [`Device::negotiate`] and [`Device::start`]. `None` when the device has none, or without
    /// memory.
    pub fn new(device: Device) -> Option<Self> {
        device.registers.write(REG_QUEUE_SEL, 0);
        let most = device.registers.read(REG_QUEUE_NUM_MAX).min(SIZE.into()) as u16;
        // A power of two, and room for a request with some data.
        let size = 1 << most.checked_ilog2().filter(|&log| log >= 2)?;
        let block = Block::zeroed(LEN)?;
        let mut in_flight = Vec::new();
        in_flight.resize_with(size.into(), || None);
        let queue = Self {
            device,
            block,
            size,
            free: 0,
            free_count: size,
            next_avail: 0,
            next_used: 0,
            in_flight,
            outstanding: 0,
        };
        for number in 0..size {
            queue.write(DESCRIPTORS + 16 * u64::from(number) + 14, number + 1);
        }
        queue.quiet();
        let base = queue.block.address();
        device.registers.write(REG_QUEUE_NUM, size.into());
        device.write_address(REG_QUEUE_DESC, base + DESCRIPTORS);
        device.write_address(REG_QUEUE_AVAIL, base + AVAIL);
        device.write_address(REG_QUEUE_USED, base + USED);
        device.registers.write(REG_QUEUE_READY, 1);
        Some(queue)
    }

    fn read<N: Number>(&self, offset: u64) -> N {
        assert!(offset as usize + size_of::<N>() <= LEN, "beyond the queue");
        // SAFETY: the place lies in the queue's own frames, aligned by the layout above; the device may write to it at
        // any time, hence the volatile access, and any bytes are a number.
        unsafe { phys::pointer::<N>(self.block.address() + offset).read_volatile() }
    }

    fn write<N: Number>(&self, offset: u64, value: N) {
        assert!(offset as usize + size_of::<N>() <= LEN, "beyond the queue");
        // SAFETY: as in `read`.
        unsafe { phys::pointer::<N>(self.block.address() + offset).write_volatile(value) };
    }

    fn avail_flags(&self) -> &AtomicU16 {
        // SAFETY: the place lies in the queue's own frames, aligned, for as long as the queue lives; it is accessed as an
        // atomic number only.
        unsafe { &*phys::pointer::<AtomicU16>(self.block.address() + AVAIL) }
    }

    /// The device need not interrupt.
    pub fn quiet(&self) {
        self.avail_flags().store(AVAIL_NO_INTERRUPT, Ordering::Relaxed);
    }

    /// The device is to interrupt when it has answered something. What it has answered before that it may not have: look
    /// once more.
    pub fn listen(&self) {
        // An exchange, which is a barrier: the look at the used ring must come after.
        self.avail_flags().swap(0, Ordering::SeqCst);
    }

    /// Most pieces of memory of a request.
    pub fn most_pieces(&self) -> usize {
        usize::from(self.size) - 2
    }

    /// How many requests the device has.
    pub fn outstanding(&self) -> u16 {
        self.outstanding
    }

    /// Puts a request into the queue; [`Self::notify`] tells the device. `head` has `head_len` bytes that count; the
    /// device writes to the memory if `to_memory` says so, else it reads from it.
    ///
    /// # Errors
    /// Memory and token, when there is no room now (or ever: see [`Self::most_pieces`]).
    pub fn submit(
        &mut self,
        head: &[u8; HEAD],
        head_len: usize,
        memory: Memory,
        to_memory: bool,
        token: T,
    ) -> Result<(), (Memory, T)> {
        let needed = memory.most_pieces() + 2;
        if needed > usize::from(self.free_count) {
            return Err((memory, token));
        }
        let base = self.block.address();
        let first = self.free;
        let place = HEADS + u64::from(first) * HEAD as u64;
        for (word, at) in head.chunks_exact(8).zip((place..).step_by(8)) {
            self.write(at, u64::from_le_bytes(word.try_into().unwrap_or_default()));
        }
        let mut next = self.describe(first, base + place, head_len.min(HEAD) as u32, DESC_NEXT);
        let mut used = 1;
        let flags = DESC_NEXT | if to_memory { DESC_WRITE } else { 0 };
        memory.pieces(|address, len| {
            next = self.describe(next, address, len, flags);
            used += 1;
        });
        let last = next;
        let status = STATUSES + u64::from(first);
        self.write(status, 0xFFu8);
        self.free = self.describe(last, base + status, 1, DESC_WRITE);
        used += 1;
        self.free_count -= used;
        self.in_flight[usize::from(first)] = Some(InFlight { memory, token, last, descriptors: used });
        self.outstanding += 1;
        self.write(AVAIL + 4 + 2 * u64::from(self.next_avail % self.size), first);
        self.next_avail = self.next_avail.wrapping_add(1);
        // The processor keeps the order of its stores; the compiler has to as well.
        compiler_fence(Ordering::Release);
        self.write(AVAIL + 2, self.next_avail);
        Ok(())
    }

    /// Fills a descriptor, which keeps its link. Returns the next one.
    fn describe(&self, number: u16, address: u64, len: u32, flags: u16) -> u16 {
        let place = DESCRIPTORS + 16 * u64::from(number);
        self.write(place, address);
        self.write(place + 8, len);
        self.write(place + 12, flags);
        self.read(place + 14)
    }

    /// Tells the device that there is something in the queue.
    pub fn notify(&self) {
        self.device.registers.write(REG_QUEUE_NOTIFY, 0);
    }

    /// Takes an answer, if there is one.
    pub fn take(&mut self) -> Option<Answer<T>> {
        loop {
            if self.read::<u16>(USED + 2) == self.next_used {
                return None;
            }
            compiler_fence(Ordering::Acquire);
            let element = USED + 4 + 8 * u64::from(self.next_used % self.size);
            let first = self.read::<u32>(element);
            self.next_used = self.next_used.wrapping_add(1);
            // A device that answers what it was not asked is passed over.
            let Some(request) = self.in_flight.get_mut(first as usize).and_then(Option::take) else {
                continue;
            };
            let first = first as u16;
            let InFlight { memory, token, last, descriptors } = request;
            self.write(DESCRIPTORS + 16 * u64::from(last) + 14, self.free);
            self.free = first;
            self.free_count += descriptors;
            self.outstanding -= 1;
            let status = self.read(STATUSES + u64::from(first));
            return Some(Answer { memory, token, status });
        }
    }
}

/// Numbers in the queue.
trait Number: Copy {}
impl Number for u8 {}
impl Number for u16 {}
impl Number for u32 {}
impl Number for u64 {}
