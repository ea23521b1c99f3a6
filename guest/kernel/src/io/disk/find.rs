//! Finding the disks that the command line announces, and giving their volumes names and letters.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use hal::cell::KernelCell;
use nt::file::{characteristic, device};
use nt::{NtStatus, wide};

use super::raw::RawDevice;
use super::transfer::Disk;
use super::virtio::VirtioDisk;
use super::volume::Volume;
use crate::io::device::{Device, Driver};
use crate::ob::namespace;

/// What the command line says.
static ANNOUNCED: KernelCell<Announced> =
    KernelCell::new(Announced { devices: Vec::new(), letters: Vec::new() });

struct Announced {
    /// Physical addresses and lines.
    devices: Vec<(u64, u8)>,
    /// Letters of the devices, upper case; 0 for none.
    letters: Vec<u8>,
}

/// A device, as in `4K@0xd0000000:16`. What is malformed is no device.
pub fn announce(device: &str) {
    let parse = || {
        let (_, place) = device.split_once('@')?;
        let (base, line) = place.split_once(':')?;
        let line = line.split(':').next()?;
        Some((number(base)?, u8::try_from(number(line)?).ok().filter(|&line| line < hal::ioapic::LINES)?))
    };
    ANNOUNCED.lock().devices.extend(parse());
}

/// The letters of the devices, as in `d,e`.
pub fn announce_letters(letters: &str) {
    let letter = |word: &str| match word.as_bytes() {
        [letter] if letter.is_ascii_alphabetic() => letter.to_ascii_uppercase(),
        _ => 0,
    };
    ANNOUNCED.lock().letters = letters.split(',').map(letter).collect();
}

/// A number, decimal or `0x…`.
fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Makes the objects of all disks and volumes. It reads from the disks, and so waits.
///
/// # Errors
/// What the object manager says.
pub fn init() -> Result<(), NtStatus> {
    let (devices, letters) = {
        let mut announced = ANNOUNCED.lock();
        (core::mem::take(&mut announced.devices), core::mem::take(&mut announced.letters))
    };
    if devices.is_empty() {
        return Ok(());
    }
    let driver = Driver::publish(wide!(r"\Driver\Disk"), "Disk", false)?;
    let mut disks = 0;
    let mut volumes = 0;
    for (number, (address, line)) in devices.into_iter().enumerate() {
        let Some(disk) = VirtioDisk::find(address, line) else { continue };
        let letter = letters.get(number).copied().filter(|&letter| letter != 0);
        add_disk(&driver, disk, disks, &mut volumes, letter)?;
        disks += 1;
    }
    Ok(())
}

/// Makes the objects of a disk and its volumes.
fn add_disk(
    driver: &Arc<Driver>,
    disk: Arc<dyn Disk>,
    number: u32,
    volumes: &mut u32,
    letter: Option<u8>,
) -> Result<(), NtStatus> {
    let sectors = disk.properties().sectors;
    let directory = format!(r"\Device\Harddisk{number}");
    namespace::create_directory(&utf16(&directory))?;
    let whole = Arc::new(Volume {
        disk: disk.clone(),
        first: 0,
        sectors,
        disk_number: number,
        partition: 0,
        kind: 0,
    });
    publish(driver, whole, &format!(r"{directory}\DR{number}"))?;
    link(&format!(r"\??\PhysicalDrive{number}"), &format!(r"{directory}\DR{number}"))?;

    *volumes += 1;
    let path = format!(r"\Device\HarddiskVolume{volumes}");
    publish(
        driver,
        Arc::new(Volume { disk, first: 0, sectors, disk_number: number, partition: 0, kind: 0 }),
        &path,
    )?;
    if let Some(letter) = letter {
        link(&format!(r"\??\{}:", char::from(letter)), &path)?;
    }
    Ok(())
}

fn publish(driver: &Arc<Driver>, volume: Arc<Volume>, path: &str) -> Result<(), NtStatus> {
    let characteristics = match volume.properties().read_only {
        true => characteristic::READ_ONLY_DEVICE,
        false => 0,
    };
    let raw = RawDevice::new(volume);
    Device::new(driver, device::DISK, characteristics, alloc::boxed::Box::new(raw)).publish(&utf16(path))
}

fn link(path: &str, target: &str) -> Result<(), NtStatus> {
    namespace::create_link(&utf16(path), &utf16(target))
}

fn utf16(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}
