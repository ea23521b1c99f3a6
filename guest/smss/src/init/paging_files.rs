//! Step 9: paging files (spec/smss.md 2.4). Whatever becomes of them, the boot goes on.

use alloc::string::String;
use alloc::vec::Vec;

use nt::file::{access, characteristic, device, option, share};
use nt::{NtStatus, events, wide};
use rt::handle::Owned;
use rt::objects::Name;
use rt::{file, system};
use smgrammar::paging::{self, Memory, System, Volume};

use super::{Init, skipped};

/// Media that no paging file is put on.
const UNFIT: u32 = characteristic::REMOVABLE_MEDIA
    | characteristic::READ_ONLY_DEVICE
    | characteristic::FLOPPY_DISKETTE
    | characteristic::REMOTE_DEVICE;
/// The drive letter that is looked at first: A and B are diskettes.
const FIRST: u32 = 2;

/// Makes the files of all lines.
pub fn all(init: &Init) {
    let lines = init.settings.paging_files.entries().iter().map(|entry| entry.name.as_slice());
    if lines.len() == 0 {
        // An empty list says that none is wanted.
        return;
    }
    let lines = paging::usable(lines, |line, status| skipped(&String::from_utf16_lossy(line), status));
    let information = system::basic_information().ok();
    let ram = information.map(|basic| u64::from(basic.number_of_physical_pages) * u64::from(basic.page_size));
    let memory = Memory { ram, pae: rt::own::has_pae() };
    paging::make(&lines, memory, &volumes(), &mut Guest);
}

/// The volumes that paging files can be on, by letter.
fn volumes() -> Vec<Volume> {
    let map = system::drive_letters().unwrap_or_default();
    let letters = (FIRST..26).filter(|letter| map >> letter & 1 != 0);
    letters.filter_map(|letter| volume(u16::from(b'A') + letter as u16)).collect()
}

/// A volume, if it is a fixed disk that can be written to.
fn volume(letter: u16) -> Option<Volume> {
    let mut path = wide!(r"\??\?:\").to_vec();
    *path.get_mut(4)? = letter;
    let options = option::DIRECTORY_FILE | option::OPEN_FOR_FREE_SPACE_QUERY;
    let root = file::open(&Name::new(&path), access::READ_DATA, share::ALL, options).ok()?;
    let on = file::volume_device(&root).ok()?;
    let is_disk = matches!(on.device_type, device::DISK | device::VIRTUAL_DISK);
    if !is_disk || on.characteristics & UNFIT != 0 {
        return None;
    }
    let size = file::volume_size(&root).ok()?;
    let cluster = u64::from(size.sectors_per_unit) * u64::from(size.bytes_per_sector);
    let free = (size.available_units as u64).saturating_mul(cluster);
    Some(Volume { letter, free })
}

/// The system that the session manager runs on.
struct Guest;

fn open(path: &[u16], access: u32) -> Result<Owned, NtStatus> {
    file::open(&Name::new(path), access, share::ALL, option::NON_DIRECTORY_FILE)
}

impl System for Guest {
    fn allocated(&mut self, path: &[u16]) -> u64 {
        let file = open(path, access::READ_ATTRIBUTES).and_then(|file| file::standard_information(&file));
        file.map_or(0, |information| information.allocation_size.max(0) as u64)
    }

    fn create(&mut self, path: &[u16], min: u64, max: u64) -> Result<(), NtStatus> {
        rt::trace(events::SMSS_PAGING_FILE, b'I', [min, max], &String::from_utf16_lossy(path));
        system::create_paging_file(path, min, max)
    }

    fn delete(&mut self, path: &[u16]) {
        if let Ok(file) = open(path, access::DELETE) {
            let _ = file::delete(&file);
        }
    }

    fn failed(&mut self, path: &[u16], status: NtStatus) {
        skipped(&String::from_utf16_lossy(path), status);
    }
}
