//! The transport: virtio over memory-mapped registers, version 2 (virtio 1.2, 4.2.2), with one queue.
//!
//! A driver may write the registers in any order. What the order does not allow is ignored, as the specification leaves it
//! to the device; a queue whose memory makes no sense sets DEVICE_NEEDS_RESET (2.1.2).

use virtio_bindings::virtio_config::{
    VIRTIO_CONFIG_S_DRIVER_OK, VIRTIO_CONFIG_S_FAILED, VIRTIO_CONFIG_S_FEATURES_OK,
    VIRTIO_CONFIG_S_NEEDS_RESET, VIRTIO_F_VERSION_1,
};
use virtio_bindings::virtio_mmio as reg;
use virtio_bindings::virtio_ring::{VIRTIO_RING_F_EVENT_IDX, VRING_AVAIL_F_NO_INTERRUPT};
use virtio_queue::{Queue, QueueT};
use vm_memory::{Bytes, GuestAddress, GuestMemoryMmap};

/// `virt`, as every such device begins.
const MAGIC: u32 = u32::from_le_bytes(*b"virt");
/// Version of the registers' layout.
const VERSION: u32 = 2;
/// Who made it: SMVM.
const VENDOR: u32 = nt::platform::PLATFORM_ID;
/// First register of the device's own configuration.
pub const CONFIG: u64 = reg::VIRTIO_MMIO_CONFIG as u64;
/// Length of all registers.
pub const WINDOW: u64 = 0x1000;
/// Most descriptors of a queue: with those of its head and status a request of 1 MiB, whose pages are anywhere, fits twice.
pub const QUEUE_MAX: u16 = 512;
/// The registers that can be read as something else than zero. Nothing happens when they are.
pub const TOLD: [u32; 9] = [
    reg::VIRTIO_MMIO_MAGIC_VALUE,
    reg::VIRTIO_MMIO_VERSION,
    reg::VIRTIO_MMIO_DEVICE_ID,
    reg::VIRTIO_MMIO_VENDOR_ID,
    reg::VIRTIO_MMIO_DEVICE_FEATURES,
    reg::VIRTIO_MMIO_QUEUE_NUM_MAX,
    reg::VIRTIO_MMIO_QUEUE_READY,
    reg::VIRTIO_MMIO_INTERRUPT_STATUS,
    reg::VIRTIO_MMIO_STATUS,
];

/// Bits of the status register that this device sets, not the driver.
const DEVICE_STATUS: u32 = VIRTIO_CONFIG_S_NEEDS_RESET;

/// What a register write asks of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    None,
    /// There may be something in the queue.
    Notify,
    /// The driver has reset the device: what is under way is forgotten.
    Reset,
    /// An interrupt was acknowledged.
    Acknowledged,
}

/// Registers and queue.
#[derive(Debug)]
pub struct Transport {
    device_id: u32,
    device_features: u64,
    driver_features: u64,
    device_select: u32,
    driver_select: u32,
    queue_select: u32,
    status: u32,
    interrupts: u32,
    queue: Queue,
}

impl Transport {
    /// A device of that kind (virtio 1.2, 5) with these features, and those of the transport.
    pub fn new(device_id: u32, features: u64) -> Self {
        let features = features | 1 << VIRTIO_F_VERSION_1 | 1 << VIRTIO_RING_F_EVENT_IDX;
        // The size is a power of two no larger than 32768, which is all that can be wrong with it.
        let queue = Queue::new(QUEUE_MAX).unwrap_or_else(|_| unreachable!("a queue of {QUEUE_MAX}"));
        Self {
            device_id,
            device_features: features,
            driver_features: 0,
            device_select: 0,
            driver_select: 0,
            queue_select: 0,
            status: 0,
            interrupts: 0,
            queue,
        }
    }

    /// Features that both sides have.
    pub fn features(&self) -> u64 {
        self.driver_features
    }

    /// Whether the interrupt line is up.
    pub fn interrupt(&self) -> bool {
        self.interrupts != 0
    }

    /// Whether the driver has started the device, and nothing has gone wrong since.
    pub fn is_running(&self) -> bool {
        let wanted = VIRTIO_CONFIG_S_DRIVER_OK | VIRTIO_CONFIG_S_FEATURES_OK;
        let stopped = VIRTIO_CONFIG_S_NEEDS_RESET | VIRTIO_CONFIG_S_FAILED;
        self.status & (wanted | stopped) == wanted && self.queue.ready()
    }

    /// Reads a register below [`CONFIG`].
    pub fn read(&self, offset: u64) -> u32 {
        let first_queue = self.queue_select == 0;
        match offset as u32 {
            reg::VIRTIO_MMIO_MAGIC_VALUE => MAGIC,
            reg::VIRTIO_MMIO_VERSION => VERSION,
            reg::VIRTIO_MMIO_DEVICE_ID => self.device_id,
            reg::VIRTIO_MMIO_VENDOR_ID => VENDOR,
            reg::VIRTIO_MMIO_DEVICE_FEATURES => match self.device_select {
                0 => self.device_features as u32,
                1 => (self.device_features >> 32) as u32,
                _ => 0,
            },
            reg::VIRTIO_MMIO_QUEUE_NUM_MAX if first_queue => QUEUE_MAX.into(),
            reg::VIRTIO_MMIO_QUEUE_READY if first_queue => self.queue.ready().into(),
            reg::VIRTIO_MMIO_INTERRUPT_STATUS => self.interrupts,
            reg::VIRTIO_MMIO_STATUS => self.status,
            _ => 0,
        }
    }

    /// Writes a register below [`CONFIG`].
    pub fn write(&mut self, offset: u64, value: u32) -> Action {
        match offset as u32 {
            reg::VIRTIO_MMIO_DEVICE_FEATURES_SEL => self.device_select = value,
            reg::VIRTIO_MMIO_DRIVER_FEATURES_SEL => self.driver_select = value,
            reg::VIRTIO_MMIO_DRIVER_FEATURES => self.choose_features(value),
            reg::VIRTIO_MMIO_QUEUE_SEL => self.queue_select = value,
            reg::VIRTIO_MMIO_QUEUE_NOTIFY if value == 0 && self.is_running() => return Action::Notify,
            reg::VIRTIO_MMIO_INTERRUPT_ACK => {
                self.interrupts &= !value;
                return Action::Acknowledged;
            }
            reg::VIRTIO_MMIO_STATUS => return self.set_status(value),
            _ if self.queue_select == 0 => self.write_queue(offset as u32, value),
            _ => {}
        }
        Action::None
    }

    fn choose_features(&mut self, value: u32) {
        if self.status & VIRTIO_CONFIG_S_FEATURES_OK != 0 {
            return;
        }
        let (mask, value) = match self.driver_select {
            0 => (0xFFFF_FFFF, u64::from(value)),
            1 => (0xFFFF_FFFF << 32, u64::from(value) << 32),
            _ => return,
        };
        self.driver_features = self.driver_features & !mask | value;
    }

    fn set_status(&mut self, value: u32) -> Action {
        if value == 0 {
            *self = Self::new(self.device_id, self.device_features);
            return Action::Reset;
        }
        let mut new = value & !DEVICE_STATUS | self.status & DEVICE_STATUS;
        let features_ok = VIRTIO_CONFIG_S_FEATURES_OK;
        let acceptable = self.driver_features & !self.device_features == 0
            && self.driver_features & 1 << VIRTIO_F_VERSION_1 != 0;
        if new & features_ok != 0 && self.status & features_ok == 0 {
            if acceptable {
                self.queue.set_event_idx(self.driver_features & 1 << VIRTIO_RING_F_EVENT_IDX != 0);
            } else {
                new &= !features_ok;
            }
        }
        self.status = new;
        Action::None
    }

    /// The queue is set up between FEATURES_OK and DRIVER_OK, and while it is not ready.
    fn write_queue(&mut self, register: u32, value: u32) {
        let phase = VIRTIO_CONFIG_S_FEATURES_OK | VIRTIO_CONFIG_S_DRIVER_OK;
        if self.status & phase != VIRTIO_CONFIG_S_FEATURES_OK {
            return;
        }
        if register == reg::VIRTIO_MMIO_QUEUE_READY {
            self.queue.set_ready(value & 1 != 0);
            return;
        }
        if self.queue.ready() {
            return;
        }
        match register {
            // What is no power of two, or too large, the queue refuses.
            reg::VIRTIO_MMIO_QUEUE_NUM => {
                self.queue.set_size(u16::try_from(value).unwrap_or(0));
            }
            reg::VIRTIO_MMIO_QUEUE_DESC_LOW => self.queue.set_desc_table_address(Some(value), None),
            reg::VIRTIO_MMIO_QUEUE_DESC_HIGH => self.queue.set_desc_table_address(None, Some(value)),
            reg::VIRTIO_MMIO_QUEUE_AVAIL_LOW => self.queue.set_avail_ring_address(Some(value), None),
            reg::VIRTIO_MMIO_QUEUE_AVAIL_HIGH => self.queue.set_avail_ring_address(None, Some(value)),
            reg::VIRTIO_MMIO_QUEUE_USED_LOW => self.queue.set_used_ring_address(Some(value), None),
            reg::VIRTIO_MMIO_QUEUE_USED_HIGH => self.queue.set_used_ring_address(None, Some(value)),
            _ => {}
        }
    }

    /// Takes the next chain of descriptors. A queue that makes no sense gives none and stops the device.
    pub fn pop<'m>(
        &mut self,
        memory: &'m GuestMemoryMmap,
    ) -> Option<virtio_queue::DescriptorChain<&'m GuestMemoryMmap>> {
        if !self.is_running() {
            return None;
        }
        if !self.queue.is_valid(memory) {
            self.fail();
            return None;
        }
        match virtio_queue::QueueOwnedT::iter(&mut self.queue, memory) {
            Ok(mut chains) => chains.next(),
            Err(_) => {
                self.fail();
                None
            }
        }
    }

    /// Whether more has come while the queue was worked on; if not, the driver will notify again.
    pub fn has_more(&mut self, memory: &GuestMemoryMmap) -> bool {
        self.is_running() && self.queue.enable_notification(memory).unwrap_or(false)
    }

    /// Gives a chain back, `written` bytes of which the device has written.
    pub fn push(&mut self, memory: &GuestMemoryMmap, head: u16, written: u32) {
        if self.queue.add_used(memory, head, written).is_err() {
            self.fail();
        }
    }

    /// Raises the interrupt for what was given back, if the driver wants one. Says whether it did.
    pub fn interrupt_if_wanted(&mut self, memory: &GuestMemoryMmap) -> bool {
        let wanted = self.queue.needs_notification(memory).unwrap_or(true) && !self.is_suppressed(memory);
        if wanted {
            self.interrupts |= reg::VIRTIO_MMIO_INT_VRING;
        }
        wanted
    }

    /// A driver without EVENT_IDX says in the ring's flags that it wants no interrupts (2.7.7).
    fn is_suppressed(&self, memory: &GuestMemoryMmap) -> bool {
        !self.queue.event_idx_enabled()
            && memory
                .read_obj::<u16>(GuestAddress(self.queue.avail_ring()))
                .is_ok_and(|flags| u32::from(u16::from_le(flags)) & VRING_AVAIL_F_NO_INTERRUPT != 0)
    }

    /// How many chains of descriptors there can be at once.
    pub fn queue_size(&self) -> u16 {
        self.queue.size()
    }

    /// The driver has done something that the device cannot go on from.
    pub fn fail(&mut self) {
        self.status |= VIRTIO_CONFIG_S_NEEDS_RESET;
        self.interrupts |= reg::VIRTIO_MMIO_INT_CONFIG;
    }

    /// Whether the device waits for a reset.
    pub fn has_failed(&self) -> bool {
        self.status & VIRTIO_CONFIG_S_NEEDS_RESET != 0
    }
}
