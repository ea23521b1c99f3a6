//! Finding the disks that the command line announces, and giving their volumes names and letters.

use alloc::boxed::Box;
use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use hal::cell::KernelCell;
use nt::file::{characteristic, device};
use nt::{NtStatus, wide};
use partition::{Kind, Partition, Style};

use super::letters::{self, Candidate};
use super::raw::RawDevice;
use super::table;
use super::transfer::Disk;
use super::virtio::VirtioDisk;
use super::volume::Volume;
use crate::io::device::{Device, Driver};
use crate::ob::namespace;

/// The drive that the system is on.
pub(super) const SYSTEM_LETTER: u8 = b'C';
/// Where it is there.
const SYSTEM_FOLDER: &str = r"\Windows";

/// What the command line says.
static ANNOUNCED: KernelCell<Announced> =
    KernelCell::new(Announced { devices: Vec::new(), letters: Vec::new(), has_system: false });

struct Announced {
    /// Physical addresses and lines.
    devices: Vec<(u64, u8)>,
    /// Letters of the devices, upper case; 0 for none.
    letters: Vec<u8>,
    /// One of them is that of the system's drive.
    has_system: bool,
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
    let letters: Vec<u8> = letters.split(',').map(letter).collect();
    let mut announced = ANNOUNCED.lock();
    announced.has_system = letters.contains(&SYSTEM_LETTER);
    announced.letters = letters;
}

/// Whether the system is on a disk: the command line has one for drive C:.
pub fn has_system() -> bool {
    ANNOUNCED.lock().has_system
}

/// A number, decimal or `0x…`.
fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Why the disks cannot be used.
#[derive(Clone, Copy, Debug)]
pub enum Unready {
    /// The disk that the system is on is not there (NO_SUCH_DEVICE), or cannot be read.
    System(NtStatus),
    /// What the object manager says of their names.
    Names(NtStatus),
}

impl From<NtStatus> for Unready {
    fn from(status: NtStatus) -> Self {
        Self::Names(status)
    }
}

/// Makes the objects of all disks and volumes. It reads from the disks, and so waits.
///
/// # Errors
/// See [`Unready`].
pub fn init() -> Result<(), Unready> {
    let (devices, letters, is_system) = {
        let mut announced = ANNOUNCED.lock();
        let letters = core::mem::take(&mut announced.letters);
        (core::mem::take(&mut announced.devices), letters, announced.has_system)
    };
    if devices.is_empty() && !is_system {
        return Ok(());
    }
    let driver = Driver::publish(wide!(r"\Driver\Disk"), "Disk", false)?;
    let mut finder =
        Finder { driver, volumes: 0, candidates: Vec::new(), system: Err(NtStatus::NO_SUCH_DEVICE) };
    let mut disks = 0;
    for (number, (address, line)) in devices.into_iter().enumerate() {
        let Some(disk) = VirtioDisk::find(address, line) else { continue };
        let letter = letters.get(number).copied().filter(|&letter| letter != 0);
        finder.add_disk(disk, disks, letter)?;
        disks += 1;
    }
    if is_system {
        finder.system.map_err(Unready::System)?;
    }
    Ok(letters::assign(finder.candidates, is_system)?)
}

/// What has been found so far.
struct Finder {
    driver: Arc<Driver>,
    volumes: u32,
    candidates: Vec<Candidate>,
    /// Whether the volume that the system is on is among them.
    system: Result<(), NtStatus>,
}

impl Finder {
    /// Makes the objects of a disk and its volumes. The command line's letter is its first volume's.
    fn add_disk(&mut self, disk: Arc<dyn Disk>, number: u32, mut letter: Option<u8>) -> Result<(), NtStatus> {
        let sectors = disk.properties().sectors;
        let directory = format!(r"\Device\Harddisk{number}");
        let arc = format!(r"\ArcName\multi(0)disk(0)rdisk({number})");
        let name = format!(r"{directory}\DR{number}");
        namespace::create_directory(&utf16(&directory))?;
        let whole = Arc::new(Volume { disk, first: 0, sectors, disk_number: number, partition: 0, kind: 0 });
        // A disk that cannot be read has no partitions, but it is there.
        let layout = table::read(&whole);
        if letter == Some(SYSTEM_LETTER)
            && let Err(status) = layout
        {
            self.system = Err(status);
        }
        self.publish(whole.clone(), &name)?;
        for other in [format!(r"\??\PhysicalDrive{number}"), format!(r"{directory}\Partition0"), arc.clone()]
        {
            link(&other, &utf16(&name))?;
        }
        let Ok(layout) = layout else { return Ok(()) };
        let bare = Partition { number: 1, first: 0, sectors, kind: Kind::Mbr { kind: 0, active: false } };
        let partitions = match layout.style {
            Style::Bare => core::slice::from_ref(&bare),
            _ => &layout.partitions[..],
        };
        for partition in partitions {
            self.volumes += 1;
            let path = format!(r"\Device\HarddiskVolume{}", self.volumes);
            let is_bare = layout.style == Style::Bare;
            let volume = Volume {
                disk: whole.disk.clone(),
                first: partition.first,
                sectors: partition.sectors,
                disk_number: number,
                partition: if is_bare { 0 } else { partition.number },
                kind: match partition.kind {
                    Kind::Mbr { kind, .. } => kind,
                    Kind::Gpt { .. } => 0,
                },
            };
            self.publish(Arc::new(volume), &path)?;
            let path = utf16(&path);
            link(&format!(r"{directory}\Partition{}", partition.number), &path)?;
            let arc_path = format!("{arc}partition({})", partition.number);
            link(&arc_path, &path)?;
            if letter == Some(SYSTEM_LETTER) {
                link(r"\SystemRoot", &utf16(&(arc_path + SYSTEM_FOLDER)))?;
                self.system = Ok(());
            }
            let id = match layout.style {
                Style::Bare => whole.serial().ok().and_then(|serial| letters::device_id(&serial)),
                style => letters::unique_id(style, partition, whole.sector_size()),
            };
            self.candidates.push(Candidate { path, wanted: letter.take(), id });
        }
        Ok(())
    }

    fn publish(&self, volume: Arc<Volume>, path: &str) -> Result<(), NtStatus> {
        let characteristics = match volume.properties().read_only {
            true => characteristic::READ_ONLY_DEVICE,
            false => 0,
        };
        let raw = Box::new(RawDevice::new(volume));
        Device::new(&self.driver, device::DISK, characteristics, raw).publish(&utf16(path))
    }
}

/// Makes a symbolic link.
///
/// # Errors
/// What the object manager says.
pub(super) fn link(path: &str, target: &[u16]) -> Result<(), NtStatus> {
    namespace::create_link(&utf16(path), target)
}

/// Text as the kernel has it.
pub(super) fn utf16(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}
