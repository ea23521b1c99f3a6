//! `\Registry\Machine\HARDWARE`: what the machine is. The keys are in the kernel image, and values with room for what
//! they say, which is found out when somebody first looks: at the processor, at the maps of devices.

use alloc::vec::Vec;

use hal::cpu::{self, Identity};
use nt::NtStatus;
use nt::registry::value_type;
use regf::{KeyId, RegType, ValueId};

use super::edit::now;
use super::hive::edit_status;
use super::key::MEMORY;
use super::template;
use super::tree::{Tree, registry};
use crate::ke::clock;

/// Longest text that is filled in, in bytes of UTF-16 with the NUL.
const TEXT_MAX: usize = 2 * 49;

/// Maps from devices to the names that programs call them by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceMap {
    /// `DEVICEMAP\SERIALCOMM`.
    Serial,
    /// `DEVICEMAP\PARALLEL PORTS`.
    Parallel,
}

/// What is known before somebody looks.
#[derive(Debug)]
pub struct Hardware {
    is_processor_described: bool,
    are_devices_mapped: bool,
    /// Devices that drivers have found.
    devices: Vec<(DeviceMap, &'static [u16], &'static [u16])>,
}

impl Hardware {
    /// Nobody has looked, nothing is known.
    pub const fn new() -> Self {
        Self { is_processor_described: false, are_devices_mapped: false, devices: Vec::new() }
    }
}

/// Adds a device, `\Device\Serial0`, and the name that programs call it by, `COM1`, to a map.
///
/// # Errors
/// INSUFFICIENT_RESOURCES.
pub fn add_device(map: DeviceMap, device: &'static [u16], name: &'static [u16]) -> Result<(), NtStatus> {
    let mut tree = registry();
    if tree.hardware.are_devices_mapped {
        return tree.map_device(map, device, name);
    }
    tree.hardware.devices.push((map, device, name));
    Ok(())
}

impl Tree {
    /// A key of the memory hive is looked at for the first time: if it says what the machine is, its values are filled in.
    ///
    /// # Errors
    /// INSUFFICIENT_RESOURCES.
    pub fn describe(&mut self, key: KeyId) -> Result<(), NtStatus> {
        match key {
            template::PROCESSOR => self.describe_processor(),
            template::DEVICE_MAP => self.map_devices(),
            _ => Ok(()),
        }
    }

    #[cold]
    fn describe_processor(&mut self) -> Result<(), NtStatus> {
        if core::mem::replace(&mut self.hardware.is_processor_described, true) {
            return Ok(());
        }
        let identity = cpu::identity();
        let end = |text: &[u8]| text.iter().position(|&byte| byte == 0).unwrap_or(text.len());
        let brand = &identity.brand[..end(&identity.brand)];
        let megahertz = (clock::counter_frequency() / 1_000_000) as u32;
        self.fill_text(template::IDENTIFIER, &identifier(&identity))?;
        self.fill_text(template::PROCESSOR_NAME, brand)?;
        self.fill_text(template::VENDOR, &identity.vendor)?;
        let keys = self.edit(MEMORY, 0)?;
        keys.fill_value(template::MEGAHERTZ, &megahertz.to_le_bytes()).map_err(edit_status)?;
        let features = features(identity.features);
        keys.fill_value(template::FEATURE_SET, &features.to_le_bytes()).map_err(edit_status)?;
        keys.set_last_written(template::PROCESSOR, now()).map_err(edit_status)
    }

    #[cold]
    fn map_devices(&mut self) -> Result<(), NtStatus> {
        self.hardware.are_devices_mapped = true;
        for (map, device, name) in core::mem::take(&mut self.hardware.devices) {
            self.map_device(map, device, name)?;
        }
        Ok(())
    }

    /// Fills a value in with ASCII text.
    fn fill_text(&mut self, value: ValueId, text: &[u8]) -> Result<(), NtStatus> {
        let mut data = [0; TEXT_MAX];
        for (to, &byte) in data.as_chunks_mut::<2>().0.iter_mut().zip(text) {
            to[0] = byte;
        }
        let len = (2 * text.len() + 2).min(TEXT_MAX);
        let data = data.get(..len).unwrap_or_default();
        self.edit(MEMORY, 0)?.fill_value(value, data).map_err(edit_status)
    }

    fn map_device(&mut self, map: DeviceMap, device: &[u16], name: &[u16]) -> Result<(), NtStatus> {
        let key = match map {
            DeviceMap::Serial => template::SERIAL_COMM,
            DeviceMap::Parallel => template::PARALLEL_PORTS,
        };
        let data: Vec<u8> = name.iter().chain(&[0]).flat_map(|unit| unit.to_le_bytes()).collect();
        let kind = RegType(value_type::SZ);
        self.edit(MEMORY, data.len())?.set_value(key, device, kind, &data).map_err(edit_status)
    }
}

/// `AMD64 Family 15 Model 5 Stepping 8`, as Windows Server 2003 for x64 has it; Intel's processors are called EM64T there.
fn identifier(identity: &Identity) -> Vec<u8> {
    let mut text = Vec::with_capacity(40);
    let architecture: &[u8] = if &identity.vendor == b"GenuineIntel" { b"EM64T" } else { b"AMD64" };
    text.extend_from_slice(architecture);
    for (word, number) in [
        (&b" Family "[..], identity.family),
        (b" Model ", identity.model),
        (b" Stepping ", identity.stepping),
    ] {
        text.extend_from_slice(word);
        let digits = [number / 100 % 10, number / 10 % 10, number % 10];
        let skipped = digits[..2].iter().take_while(|&&digit| digit == 0).count();
        text.extend(digits[skipped..].iter().map(|&digit| b'0' + digit as u8));
    }
    text
}

/// The kernel's feature bits (`KF_*`, phnt), from those of CPUID leaf 1.
fn features(cpuid: u32) -> u32 {
    /// Time stamp counter, page size extension and CR4, CMOV, global pages, MTRRs, CMPXCHG8B, MMX, PAT, FXSAVE, SSE, SSE2.
    const BITS: [(u32, u32); 11] = [
        (4, 0x2),
        (3, 0x24),
        (15, 0x8),
        (13, 0x10),
        (12, 0x40),
        (8, 0x80),
        (23, 0x100),
        (16, 0x400),
        (24, 0x800),
        (25, 0x2000),
        (26, 0x1_0000),
    ];
    /// SYSCALL and no-execute pages, without which this kernel does not run.
    const ALWAYS: u32 = 0x2000_1000;
    BITS.iter().filter(|(bit, _)| cpuid & 1 << bit != 0).fold(ALWAYS, |all, (_, flag)| all | flag)
}
