//! ntdll.dll: mapped into every process, at the same address in all of them, and entered by the kernel where it
//! exports the names of `nt::dispatch`.

use alloc::sync::Arc;
use core::cell::OnceCell;

use hal::cell::KernelCell;
use nt::NtStatus;
use nt::dispatch::{ENTRIES, Entry};
use pe::{Export, Image};

use super::entries::Entries;
use crate::mm::section::{Section, image_from};
use crate::mm::space::ProcessSpace;

/// Its path in the object namespace.
const PATH: &str = r"\SystemRoot\System32\ntdll.dll";

/// The library, once it has been looked for.
struct SystemDll {
    section: Arc<Section>,
    /// Where every process has it.
    base: u64,
    /// Addresses in the order of `nt::dispatch::Entry`; 0 for what it does not export.
    entries: [u64; ENTRIES.len()],
}

static SYSTEM_DLL: KernelCell<OnceCell<Option<SystemDll>>> = KernelCell::new(OnceCell::new());

/// What a process is told of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mapped {
    /// Its base; 0 when there is none.
    pub base: u64,
    /// Addresses in the order of `nt::dispatch::Entry`; 0 for what it does not export.
    pub entries: [u64; ENTRIES.len()],
}

impl Mapped {
    /// The same for a program at that base that has dispatchers of its own, at these RVAs.
    pub fn with_own(mut self, own: &Entries, base: u64) -> Self {
        for (entry, &rva) in self.entries.iter_mut().zip(own) {
            if rva != 0 {
                *entry = base + rva;
            }
        }
        self
    }

    /// Where the kernel enters it, if it exports that.
    pub fn entry(&self, entry: Entry) -> Option<u64> {
        self.entries.get(entry as usize).copied().filter(|&address| address != 0)
    }
}

/// Maps it into a new process, if there is such a file.
///
/// # Errors
/// CONFLICTING_ADDRESSES when its place is taken; NO_MEMORY; INVALID_IMAGE_FORMAT; those of the disk that it is on.
pub fn map(space: &mut ProcessSpace) -> Result<Mapped, NtStatus> {
    if SYSTEM_DLL.lock().get().is_none() {
        let found = find()?;
        let _ = SYSTEM_DLL.lock().set(found);
    }
    let (section, mapped) = match SYSTEM_DLL.lock().get() {
        Some(Some(dll)) => (dll.section.clone(), Mapped { base: dll.base, entries: dll.entries }),
        _ => return Ok(Mapped::default()),
    };
    if space.map_section(&section)?.base != mapped.base {
        return Err(NtStatus::CONFLICTING_ADDRESSES);
    }
    Ok(mapped)
}

fn find() -> Result<Option<SystemDll>, NtStatus> {
    let file = match crate::io::resident(PATH) {
        Ok(file) => file,
        Err(NtStatus::OBJECT_NAME_NOT_FOUND | NtStatus::OBJECT_PATH_NOT_FOUND) => return Ok(None),
        Err(status) => return Err(status),
    };
    let image = Image::parse(file).map_err(|_| NtStatus::INVALID_IMAGE_FORMAT)?;
    let base = image.image_base();
    let mut entries = [0; ENTRIES.len()];
    if let Ok(Some(exports)) = image.exports() {
        for (entry, name) in entries.iter_mut().zip(ENTRIES) {
            if let Ok(Some(Export::Address(rva))) = exports.by_name(name.as_bytes()) {
                *entry = base + u64::from(rva);
            }
        }
    }
    Ok(Some(SystemDll { section: image_from(file)?, base, entries }))
}
