//! The modules: the lists, finding, making and forgetting them.
#![expect(unsafe_code, reason = "lists of raw memory, as NT publishes them")]

use core::cell::UnsafeCell;
use core::mem::offset_of;
use core::ptr::{null_mut, with_exposed_provenance_mut};

use nt::NtStatus;
use nt::types::UnicodeString;
use pe::Image;

use super::data::{Module, PebLdrData, flags};
use super::list::ListEntry;
use super::lock::Loader;
use super::text::{Text, base_name, same, units_of};
use crate::heap::blocks::{RtlAllocateHeap, RtlFreeHeap};
use crate::peb::{peb, process_heap};

struct Shared(UnsafeCell<PebLdrData>);

// SAFETY: it is changed under the loader lock only.
unsafe impl Sync for Shared {}

static DATA: Shared = Shared(UnsafeCell::new(PebLdrData {
    length: size_of::<PebLdrData>() as u32,
    initialized: 0,
    ss_handle: 0,
    in_load_order: ListEntry::UNLINKED,
    in_memory_order: ListEntry::UNLINKED,
    in_initialization_order: ListEntry::UNLINKED,
    entry_in_progress: 0,
}));

/// The lists' heads.
pub fn data() -> *mut PebLdrData {
    DATA.0.get()
}

/// Walks the list that begins at a head; `offset` is where the links are in a module.
struct Walk {
    head: *mut ListEntry,
    at: *mut ListEntry,
    offset: usize,
    backwards: bool,
}

impl Iterator for Walk {
    type Item = *mut Module;

    fn next(&mut self) -> Option<*mut Module> {
        // SAFETY: modules in the lists are sound; one that is taken out keeps its links.
        self.at = unsafe { if self.backwards { (*self.at).previous } else { (*self.at).next } };
        if self.at.is_null() || core::ptr::eq(self.at, self.head) {
            return None;
        }
        Some(self.at.wrapping_byte_sub(self.offset).cast())
    }
}

/// All modules, in the order in which they were loaded. Without the loader lock this may miss one that is just coming.
pub fn modules() -> impl Iterator<Item = *mut Module> {
    // SAFETY: only the address of the head is taken.
    let head = unsafe { &raw mut (*data()).in_load_order };
    Walk { head, at: head, offset: offset_of!(Module, in_load_order), backwards: false }
}

/// The module that an address lies in.
pub fn module_at(address: u64) -> Option<*mut Module> {
    modules().find(|&module| {
        // SAFETY: what is in the list is a module.
        let (base, size) = unsafe { ((*module).dll_base, (*module).size_of_image) };
        address.checked_sub(base).is_some_and(|offset| offset < size.into())
    })
}

impl Loader {
    /// Makes the lists, empty, and shows them in the PEB.
    pub fn begin(&mut self) {
        let data = data();
        // SAFETY: the lock is ours; nobody has seen the lists yet.
        unsafe {
            ListEntry::reset(&raw mut (*data).in_load_order);
            ListEntry::reset(&raw mut (*data).in_memory_order);
            ListEntry::reset(&raw mut (*data).in_initialization_order);
            (*peb()).ldr = data;
        }
    }

    /// DLLs in the order in which their entry points are called, or backwards.
    pub fn in_initialization_order(&self, backwards: bool) -> impl Iterator<Item = *mut Module> + use<> {
        // SAFETY: only the address of the head is taken.
        let head = unsafe { &raw mut (*data()).in_initialization_order };
        Walk { head, at: head, offset: offset_of!(Module, in_initialization_order), backwards }
    }

    /// The module that was loaded to an address.
    pub fn by_base(&self, base: u64) -> Option<*mut Module> {
        // SAFETY: what is in the list is a module.
        modules().find(|&module| unsafe { (*module).dll_base } == base)
    }

    /// The module of a name: the whole path if it has folders, else the last part.
    pub fn by_name(&self, name: &[u16]) -> Option<*mut Module> {
        let whole = base_name(name).len() != name.len();
        modules().find(|&module| {
            // SAFETY: what is in the list is a module, whose names live as long as it does.
            let (own, leaving) = unsafe {
                let own = if whole { &(*module).full_dll_name } else { &(*module).base_dll_name };
                (units_of(own), (*module).flags & flags::UNLOAD_IN_PROGRESS != 0)
            };
            !leaving && same(own, name)
        })
    }

    /// Makes a module of an image that lies mapped at `base`, and puts it into the lists by load and memory.
    ///
    /// # Errors
    /// NO_MEMORY.
    pub fn add(&mut self, image: &Image<'_>, base: u64, path: &[u16]) -> Result<*mut Module, NtStatus> {
        let size = size_of::<Module>() + 2 * path.len() + 2;
        // SAFETY: the process heap is made before the first module is.
        let block = unsafe { RtlAllocateHeap(process_heap(), 0, size as u64) };
        if block == 0 {
            return Err(NtStatus::NO_MEMORY);
        }
        let module = with_exposed_provenance_mut::<Module>(block as usize);
        let buffer = block + size_of::<Module>() as u64;
        let skip = path.len() - base_name(path).len();
        let string = |skip: usize| {
            let length = (2 * (path.len() - skip)) as u16;
            UnicodeString {
                length,
                maximum_length: length + 2,
                reserved: 0,
                buffer: buffer + 2 * skip as u64,
            }
        };
        let entry = image.entry().map_or(0, |rva| base + u64::from(rva));
        let data = data();
        // SAFETY: the block is new and long enough for the module and its path; the lists are ours.
        unsafe {
            let text = with_exposed_provenance_mut::<u16>(buffer as usize);
            text.copy_from_nonoverlapping(path.as_ptr(), path.len());
            text.add(path.len()).write(0);
            module.write(Module {
                in_load_order: ListEntry::UNLINKED,
                in_memory_order: ListEntry::UNLINKED,
                in_initialization_order: ListEntry::UNLINKED,
                dll_base: base,
                entry_point: entry,
                size_of_image: image.size_of_image(),
                full_dll_name: string(0),
                base_dll_name: string(skip),
                flags: if image.is_dll() { flags::IMAGE_DLL } else { 0 },
                load_count: 1,
                tls_index: 0,
                hash_links: ListEntry::UNLINKED,
                time_date_stamp: image.time_stamp(),
                entry_point_activation_context: 0,
                patch_information: 0,
                needs: null_mut(),
            });
            ListEntry::reset(&raw mut (*module).hash_links);
            ListEntry::insert_tail(&raw mut (*data).in_load_order, &raw mut (*module).in_load_order);
            ListEntry::insert_tail(&raw mut (*data).in_memory_order, &raw mut (*module).in_memory_order);
        }
        Ok(module)
    }

    /// Puts a module, whose needs are in the list already, at the end of the order of initialisation.
    pub fn add_to_initialization(&mut self, module: *mut Module) {
        // SAFETY: the module is sound, and the lists are ours.
        unsafe {
            let head = &raw mut (*data()).in_initialization_order;
            ListEntry::insert_tail(head, &raw mut (*module).in_initialization_order);
        }
    }

    /// Takes a module out of all lists and frees it.
    pub fn forget(&mut self, module: *mut Module) {
        // SAFETY: the module is sound, and nobody uses it any more; the lists are ours.
        unsafe {
            ListEntry::remove(&raw mut (*module).in_load_order);
            ListEntry::remove(&raw mut (*module).in_memory_order);
            ListEntry::remove(&raw mut (*module).in_initialization_order);
            let mut need = (*module).needs;
            while !need.is_null() {
                let next = (*need).next;
                RtlFreeHeap(process_heap(), 0, need.expose_provenance() as u64);
                need = next;
            }
            RtlFreeHeap(process_heap(), 0, module.expose_provenance() as u64);
        }
    }
}

/// A module's base name, for messages.
pub fn name_of(module: *mut Module) -> Text {
    let mut text = Text::new();
    // SAFETY: the module is sound. What does not fit is left out.
    let _ = text.push(unsafe { units_of(&(*module).base_dll_name) }.iter().copied());
    text
}

/// Where a module was loaded to.
pub fn base_of(module: *mut Module) -> u64 {
    // SAFETY: the module is sound.
    unsafe { (*module).dll_base }
}
