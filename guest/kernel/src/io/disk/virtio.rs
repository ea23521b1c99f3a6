//! Disks behind virtio (virtio 1.2, 5.2).
//!
//! The driver looks for the answer before it lets the device interrupt: a monitor that works while the processor stands
//! still has it by then, and a request costs one exit. Any other device interrupts.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::{Debug, Formatter, Result as FmtResult};

use hal::cell::KernelCell;
use hal::dma::{Block, Memory};
use hal::ioapic::Trigger;
use hal::virtio::{Device, HEAD, Queue};
use nt::NtStatus;

use super::transfer::{Disk, Done, Operation, Properties, Transfer};
use crate::io::interrupt;

/// The protocol's own sectors, whatever the disk's are.
const UNIT: u32 = 512;
/// Block devices.
const KIND: u32 = 2;

const FEATURE_READ_ONLY: u64 = 1 << 5;
const FEATURE_BLOCK_SIZE: u64 = 1 << 6;
const FEATURE_FLUSH: u64 = 1 << 9;
const FEATURE_DISCARD: u64 = 1 << 13;
const FEATURE_WRITE_ZEROES: u64 = 1 << 14;
const WANTED: u64 =
    FEATURE_READ_ONLY | FEATURE_BLOCK_SIZE | FEATURE_FLUSH | FEATURE_DISCARD | FEATURE_WRITE_ZEROES;

const CONFIG_CAPACITY: u64 = 0;
const CONFIG_BLOCK_SIZE: u64 = 20;
const CONFIG_MOST_DISCARDED: u64 = 36;
const CONFIG_MOST_ZEROED: u64 = 48;

const TYPE_IN: u32 = 0;
const TYPE_OUT: u32 = 1;
const TYPE_FLUSH: u32 = 4;
const TYPE_GET_ID: u32 = 8;
const TYPE_DISCARD: u32 = 11;
const TYPE_WRITE_ZEROES: u32 = 13;
const FLAG_UNMAP: u32 = 1;

const STATUS_OK: u8 = 0;
const STATUS_UNSUPPORTED: u8 = 2;

/// Bytes of zeros written at once to a disk that cannot clear.
const ZEROES: u32 = 64 << 10;

/// A disk.
pub struct VirtioDisk {
    device: Device,
    features: u64,
    properties: Properties,
    state: KernelCell<State>,
}

struct State {
    queue: Queue<Done>,
    /// What the queue has no room for.
    waiting: VecDeque<Transfer>,
    /// Somebody is at it, further up on this stack.
    is_busy: bool,
    /// The device is to interrupt.
    listens: bool,
}

/// All of them, for their interrupts.
static DISKS: KernelCell<Vec<Arc<VirtioDisk>>> = KernelCell::new(Vec::new());

impl Debug for VirtioDisk {
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        f.write_str("VirtioDisk")
    }
}

impl VirtioDisk {
    /// The disk whose registers are at a physical address and that interrupts by a pin of the I/O APIC; `None` when there
    /// is none that works.
    pub fn find(address: u64, line: u8) -> Option<Arc<Self>> {
        let device = Device::find(address, KIND)?;
        let features = device.negotiate(WANTED)?;
        let queue = Queue::new(device)?;
        let has = |feature| features & feature != 0;
        let sector_size = if has(FEATURE_BLOCK_SIZE) { device.config(CONFIG_BLOCK_SIZE) } else { UNIT };
        if !sector_size.is_power_of_two() || !(UNIT..=4096).contains(&sector_size) {
            return None;
        }
        let units = u64::from(sector_size / UNIT);
        let capacity =
            u64::from(device.config(CONFIG_CAPACITY)) | u64::from(device.config(CONFIG_CAPACITY + 4)) << 32;
        let mut most_cleared = if has(FEATURE_WRITE_ZEROES) {
            u64::from(device.config(CONFIG_MOST_ZEROED)) / units
        } else {
            (ZEROES / sector_size).into()
        };
        if has(FEATURE_DISCARD) {
            most_cleared = most_cleared.min(u64::from(device.config(CONFIG_MOST_DISCARDED)) / units);
        }
        let properties = Properties {
            sector_size,
            sectors: capacity / units,
            read_only: has(FEATURE_READ_ONLY),
            can_discard: has(FEATURE_DISCARD),
            most_cleared,
            most_pieces: queue.most_pieces(),
        };
        let state = State { queue, waiting: VecDeque::new(), is_busy: false, listens: false };
        let disk = Arc::new(Self { device, features, properties, state: KernelCell::new(state) });
        let number = {
            let mut disks = DISKS.lock();
            disks.push(disk.clone());
            disks.len() - 1
        };
        interrupt::connect(line, Trigger::Edge, interrupted, number);
        device.start();
        Some(disk)
    }

    /// Tells the device what waits and callers what is answered, until there is nothing of either.
    fn work(&self) {
        if core::mem::replace(&mut self.state.lock().is_busy, true) {
            // Whoever is at it goes on.
            return;
        }
        loop {
            let mut state = self.state.lock();
            state.feed(self.features, self.properties.sector_size / UNIT);
            let answer = match state.queue.take() {
                None => {
                    state.settle();
                    // What has been answered before the device was told to interrupt it does not interrupt for.
                    state.queue.take()
                }
                answer => answer,
            };
            let Some(answer) = answer else {
                state.is_busy = false;
                return;
            };
            drop(state);
            let result = match answer.status {
                STATUS_OK => Ok(()),
                STATUS_UNSUPPORTED => Err(NtStatus::INVALID_DEVICE_REQUEST),
                _ => Err(NtStatus::IO_DEVICE_ERROR),
            };
            (answer.token)(result, answer.memory);
        }
    }
}

impl State {
    /// Moves to the queue what it has room for.
    fn feed(&mut self, features: u64, units: u32) {
        let mut any = false;
        while let Some(transfer) = self.waiting.pop_front() {
            let Transfer { operation, sector, count, memory, done } = transfer;
            let (head, len) = head(operation, sector, count, u64::from(units), features);
            let to_memory = matches!(operation, Operation::Read | Operation::Identify);
            match self.queue.submit(&head, len, memory, to_memory, done) {
                Ok(()) => any = true,
                Err((memory, done)) => {
                    self.waiting.push_front(Transfer { operation, sector, count, memory, done });
                    break;
                }
            }
        }
        if any {
            self.queue.notify();
        }
    }

    /// The device interrupts while it has something.
    fn settle(&mut self) {
        let listens = self.queue.outstanding() > 0;
        if listens != self.listens {
            if listens {
                self.queue.listen()
            } else {
                self.queue.quiet()
            }
            self.listens = listens;
        }
    }
}

/// `struct virtio_blk_req`, with the range of a discard behind it, and how many bytes of it count.
fn head(operation: Operation, sector: u64, count: u64, units: u64, features: u64) -> ([u8; HEAD], usize) {
    let mut head = [0; HEAD];
    let (kind, range_flags) = match operation {
        Operation::Read => (TYPE_IN, None),
        Operation::Write => (TYPE_OUT, None),
        Operation::Flush => (TYPE_FLUSH, None),
        Operation::Identify => (TYPE_GET_ID, None),
        Operation::Discard => (TYPE_DISCARD, Some(0)),
        Operation::WriteZeroes => {
            (TYPE_WRITE_ZEROES, Some(if features & FEATURE_DISCARD != 0 { FLAG_UNMAP } else { 0 }))
        }
    };
    head[..4].copy_from_slice(&kind.to_le_bytes());
    let sector = (sector * units).to_le_bytes();
    match range_flags {
        None if matches!(operation, Operation::Flush | Operation::Identify) => (head, 16),
        None => {
            head[8..16].copy_from_slice(&sector);
            (head, 16)
        }
        Some(flags) => {
            head[16..24].copy_from_slice(&sector);
            head[24..28].copy_from_slice(&((count * units) as u32).to_le_bytes());
            head[28..].copy_from_slice(&u32::to_le_bytes(flags));
            (head, 32)
        }
    }
}

fn interrupted(number: usize) {
    let disk = DISKS.lock().get(number).cloned();
    if let Some(disk) = disk {
        disk.device.acknowledge();
        disk.work();
    }
}

impl Disk for VirtioDisk {
    fn properties(&self) -> &Properties {
        &self.properties
    }

    fn start(&self, mut transfer: Transfer) {
        let has = |feature| self.features & feature != 0;
        match transfer.operation {
            // A device without a cache that could be flushed; one that keeps what nobody needs.
            Operation::Flush if !has(FEATURE_FLUSH) => return (transfer.done)(Ok(()), transfer.memory),
            Operation::Discard if !has(FEATURE_DISCARD) => return (transfer.done)(Ok(()), transfer.memory),
            Operation::WriteZeroes if !has(FEATURE_WRITE_ZEROES) => {
                let len = transfer.count as usize * self.properties.sector_size as usize;
                let Some(block) = Block::zeroed(len) else {
                    return (transfer.done)(Err(NtStatus::INSUFFICIENT_RESOURCES), transfer.memory);
                };
                transfer.operation = Operation::Write;
                transfer.memory = Memory::Block(block, len);
            }
            _ => {}
        }
        if transfer.memory.most_pieces() > self.properties.most_pieces {
            return (transfer.done)(Err(NtStatus::INVALID_PARAMETER), transfer.memory);
        }
        self.state.lock().waiting.push_back(transfer);
        self.work();
    }
}
