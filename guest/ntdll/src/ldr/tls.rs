//! Static thread-local storage: for each thread an array of pointers, and what they point to, one block for each module that
//! has a TLS directory. Blocks are aligned as the heap does it, to 16 bytes.
//!
//! A module that is loaded later gets its block in the thread that loads it and in those that begin afterwards; threads
//! that were there before have none (NT before 6.0 gave it to nobody).
#![expect(unsafe_code, reason = "memory of threads and modules")]

use core::ptr::{null_mut, with_exposed_provenance, with_exposed_provenance_mut};
use core::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

use nt::NtStatus;

use super::data::Module;
use super::lock::Loader;
use super::{entries, image};
use crate::heap::ZERO_MEMORY;
use crate::heap::blocks::{RtlAllocateHeap, RtlFreeHeap};
use crate::peb::{process_heap, teb};

/// Most modules with thread-local storage.
const MAX: usize = 64;
/// `TlsIndex` of a module that has some.
const HAS_TLS: u16 = 0xFFFF;

/// The modules by their indices, [`MAX`] of them; NULL for an index that is free. On the heap, since few processes have any.
static MODULES: AtomicPtr<*mut Module> = AtomicPtr::new(null_mut());
/// Whether the first thread has its blocks.
static BEGUN: AtomicBool = AtomicBool::new(false);

fn allocate(size: u64) -> Result<u64, NtStatus> {
    // SAFETY: the process heap is there before any module is.
    match unsafe { RtlAllocateHeap(process_heap(), ZERO_MEMORY, size) } {
        0 => Err(NtStatus::NO_MEMORY),
        block => Ok(block),
    }
}

fn free(block: *mut u8) {
    // SAFETY: the block is one of the process heap, or NULL, and not used any more.
    unsafe { RtlFreeHeap(process_heap(), 0, block.expose_provenance() as u64) };
}

/// A table of [`MAX`] NULLs.
fn table<T>() -> Result<*mut *mut T, NtStatus> {
    let block = allocate(size_of::<[*mut T; MAX]>() as u64)?;
    Ok(with_exposed_provenance_mut(block as usize))
}

/// A thread's block for a module.
fn block_for(module: *mut Module) -> Result<*mut u8, NtStatus> {
    let base = entries::base_of(module);
    let tls = image::of(module)?.tls(base).map_err(|_| NtStatus::INVALID_IMAGE_FORMAT)?;
    let tls = tls.ok_or(NtStatus::INVALID_IMAGE_FORMAT)?;
    let template = u64::from(tls.template.end - tls.template.start);
    let block = allocate(template + u64::from(tls.zero_fill))?;
    let block = with_exposed_provenance_mut::<u8>(block as usize);
    let from = with_exposed_provenance::<u8>((base + u64::from(tls.template.start)) as usize);
    // SAFETY: the template lies in the image, and the block is long enough for it.
    unsafe { block.copy_from_nonoverlapping(from, template as usize) };
    Ok(block)
}

impl Loader {
    /// Gives a module an index, if it has thread-local storage, and the calling thread its block, if it has others.
    ///
    /// # Errors
    /// NO_MEMORY, INVALID_IMAGE_FORMAT.
    pub fn add_tls(&mut self, module: *mut Module) -> Result<(), NtStatus> {
        let base = entries::base_of(module);
        let Some(tls) = image::of(module)?.tls(base).map_err(|_| NtStatus::INVALID_IMAGE_FORMAT)? else {
            return Ok(());
        };
        let mut modules = MODULES.load(Ordering::Relaxed);
        if modules.is_null() {
            modules = table()?;
            MODULES.store(modules, Ordering::Relaxed);
        }
        // SAFETY: the lock is ours, and both tables have [`MAX`] elements; the variable lies in the image and can be
        // written to, as the program that is bound to it does; the TEB is the calling thread's own.
        unsafe {
            let free = (0..MAX).find(|&index| (*modules.add(index)).is_null());
            let index = free.ok_or(NtStatus::NO_MEMORY)?;
            let variable = with_exposed_provenance_mut::<u32>((base + u64::from(tls.index)) as usize);
            variable.write_unaligned(index as u32);
            *modules.add(index) = module;
            let pointers = (*teb()).thread_local_storage_pointer;
            let made = if !pointers.is_null() {
                block_for(module).map(|block| *pointers.add(index) = block)
            } else if BEGUN.load(Ordering::Relaxed) {
                self.begin_thread_tls()
            } else {
                Ok(())
            };
            if made.is_err() {
                *modules.add(index) = null_mut();
                return made;
            }
            (*module).tls_index = HAS_TLS;
        }
        Ok(())
    }

    /// Takes back a module's index, and the calling thread's block.
    pub fn remove_tls(&mut self, module: *mut Module) {
        let modules = MODULES.load(Ordering::Relaxed);
        if modules.is_null() {
            return;
        }
        // SAFETY: as for `add_tls`.
        unsafe {
            let Some(index) = (0..MAX).find(|&index| *modules.add(index) == module) else {
                return;
            };
            *modules.add(index) = null_mut();
            let pointers = (*teb()).thread_local_storage_pointer;
            if !pointers.is_null() {
                free(pointers.add(index).replace(null_mut()));
            }
        }
    }

    /// Gives the calling thread its blocks.
    ///
    /// # Errors
    /// NO_MEMORY.
    pub fn begin_thread_tls(&mut self) -> Result<(), NtStatus> {
        BEGUN.store(true, Ordering::Relaxed);
        let modules = MODULES.load(Ordering::Relaxed);
        if modules.is_null() {
            return Ok(());
        }
        let pointers = table::<u8>()?;
        // SAFETY: as for `add_tls`.
        unsafe {
            for index in 0..MAX {
                let module = *modules.add(index);
                if !module.is_null() {
                    *pointers.add(index) = block_for(module)?;
                }
            }
            (*teb()).thread_local_storage_pointer = pointers;
        }
        Ok(())
    }

    /// Frees the calling thread's blocks.
    pub fn end_thread_tls(&mut self) {
        // SAFETY: the TEB is the calling thread's own, its array has [`MAX`] elements, and the thread runs no module's
        // code any more.
        unsafe {
            let pointers = core::mem::replace(&mut (*teb()).thread_local_storage_pointer, null_mut());
            if pointers.is_null() {
                return;
            }
            for index in 0..MAX {
                free(*pointers.add(index));
            }
            free(pointers.cast());
        }
    }
}
