//! `\Registry\Machine\HARDWARE`: what the machine is. The keys are in the kernel image; what they say is found out
//! when somebody first looks.

use alloc::vec::Vec;

use hal::cpu::{self, Identity};
use nt::NtStatus;
use nt::registry::value_type;
use regf::{KeyId, RegType};

use super::hive::edit_status;
use super::key::{MEMORY, Place};
use super::template;
use super::tree::{Tree, registry};
use crate::ke::clock;

/// Where the key is.
pub const PLACE: Place = Place { hive: MEMORY, id: template::HARDWARE };

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
    is_described: bool,
    /// Devices that drivers have found.
    devices: Vec<(DeviceMap, &'static [u16], &'static [u16])>,
}

impl Hardware {
    /// Nobody has looked, nothing is known.
    pub const fn new() -> Self {
        Self { is_described: false, devices: Vec::new() }
    }
}

/// Adds a device, `\Device\Serial0`, and the name that programs call it by, `COM1`, to a map.
///
/// # Errors
/// INSUFFICIENT_RESOURCES.
pub fn add_device(map: DeviceMap, device: &'static [u16], name: &'static [u16]) -> Result<(), NtStatus> {
    let mut tree = registry();
    if tree.hardware.is_described {
        return tree.map_device(map, device, name);
    }
    tree.hardware.devices.push((map, device, name));
    Ok(())
}

impl Tree {
    /// Fills the keys in, if they are not.
    ///
    /// # Errors
    /// INSUFFICIENT_RESOURCES.
    #[cold]
    pub fn describe_hardware(&mut self) -> Result<(), NtStatus> {
        if self.hardware.is_described {
            return Ok(());
        }
        let identity = cpu::identity();
        self.set_text(template::PROCESSOR, "Identifier", &identifier(&identity))?;
        let end = |text: &[u8]| text.iter().position(|&byte| byte == 0).unwrap_or(text.len());
        let brand = &identity.brand[..end(&identity.brand)];
        self.set_text(template::PROCESSOR, "ProcessorNameString", brand)?;
        self.set_text(template::PROCESSOR, "VendorIdentifier", &identity.vendor)?;
        let megahertz = (clock::counter_frequency() / 1_000_000) as u32;
        for (name, number) in [("~MHz", megahertz), ("FeatureSet", features(identity.features))] {
            let keys = self.edit(MEMORY, 0)?;
            let data = number.to_le_bytes();
            keys.set_value(template::PROCESSOR, name, RegType::DWORD, &data).map_err(edit_status)?;
        }
        for (map, device, name) in core::mem::take(&mut self.hardware.devices) {
            self.map_device(map, device, name)?;
        }
        self.hardware.is_described = true;
        Ok(())
    }

    /// Sets a value to ASCII text.
    fn set_text(&mut self, key: KeyId, name: &str, text: &[u8]) -> Result<(), NtStatus> {
        let mut data = Vec::with_capacity(2 * text.len() + 2);
        text.iter().for_each(|&byte| data.extend_from_slice(&[byte, 0]));
        data.extend_from_slice(&[0, 0]);
        let kind = RegType(value_type::SZ);
        self.edit(MEMORY, data.len())?.set_value(key, name, kind, &data).map_err(edit_status)
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
