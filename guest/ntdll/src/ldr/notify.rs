//! Telling modules that the process or a thread begins or ends.
#![expect(unsafe_code, reason = "calls into modules")]

use core::ptr::with_exposed_provenance;

use nt::NtStatus;

use super::data::{Module, flags};
use super::lock::Loader;
use super::{entries, image, report};

/// DLL_PROCESS_DETACH.
pub const PROCESS_DETACH: u32 = 0;
/// DLL_PROCESS_ATTACH.
pub const PROCESS_ATTACH: u32 = 1;
/// DLL_THREAD_ATTACH.
pub const THREAD_ATTACH: u32 = 2;
/// DLL_THREAD_DETACH.
pub const THREAD_DETACH: u32 = 3;

/// The entry point of a DLL.
type EntryPoint = unsafe extern "win64" fn(base: u64, reason: u32, context: u64) -> u8;
/// A TLS callback.
type Callback = unsafe extern "win64" fn(base: u64, reason: u32, context: u64);

/// Calls a module's TLS callbacks.
pub fn call_tls(module: *mut Module, reason: u32, context: u64) {
    let base = entries::base_of(module);
    let Ok(image) = image::of(module) else {
        return;
    };
    let Ok(Some(tls)) = image.tls(base) else {
        return;
    };
    for rva in image.tls_callbacks(&tls, base).flatten() {
        let address = with_exposed_provenance::<()>((base + u64::from(rva)) as usize);
        // SAFETY: the module says that this is a function of this type.
        unsafe { core::mem::transmute::<*const (), Callback>(address)(base, reason, context) };
    }
}

/// Calls a module's TLS callbacks and, if it is a DLL, its entry point. What that answers.
pub fn tell(module: *mut Module, reason: u32, context: u64) -> bool {
    call_tls(module, reason, context);
    // SAFETY: the module is sound.
    let (entry, is_dll) = unsafe { ((*module).entry_point, (*module).flags & flags::IMAGE_DLL != 0) };
    if entry == 0 || !is_dll {
        return true;
    }
    let address = with_exposed_provenance::<()>(entry as usize);
    // SAFETY: the module says that this is a function of this type.
    unsafe {
        core::mem::transmute::<*const (), EntryPoint>(address)(entries::base_of(module), reason, context) != 0
    }
}

impl Loader {
    /// Tells each DLL that has not been told yet that it is in the process now. `context` is not 0 while the process
    /// begins.
    ///
    /// # Errors
    /// DLL_INIT_FAILED when one answers that it could not begin.
    pub fn initialise(&mut self, context: u64) -> Result<(), NtStatus> {
        let new = |&module: &*mut Module| {
            // SAFETY: the module is sound.
            unsafe { (*module).flags & (flags::ENTRY_PROCESSED | flags::UNLOAD_IN_PROGRESS) == 0 }
        };
        // Entry points may load modules themselves, so the search begins anew after each.
        while let Some(module) = self.in_initialization_order(false).find(new) {
            // SAFETY: the module is sound.
            unsafe { (*module).flags |= flags::ENTRY_PROCESSED | flags::PROCESS_ATTACH_CALLED };
            if !tell(module, PROCESS_ATTACH, context) {
                report::initialisation(module);
                return Err(NtStatus::DLL_INIT_FAILED);
            }
        }
        Ok(())
    }

    /// Tells each DLL, unless it does not want to hear of it, that the calling thread begins or ends.
    pub fn tell_of_thread(&mut self, reason: u32) {
        for module in self.in_initialization_order(reason == THREAD_DETACH) {
            // SAFETY: the module is sound.
            let flags = unsafe { (*module).flags };
            let wanted = flags & (flags::PROCESS_ATTACH_CALLED | flags::DONT_CALL_FOR_THREADS);
            if wanted == flags::PROCESS_ATTACH_CALLED {
                tell(module, reason, 0);
            }
        }
        if let Some(program) = entries::modules().next() {
            call_tls(program, reason, 0);
        }
    }

    /// Tells each DLL, the last one first, that the process ends.
    pub fn tell_of_end(&mut self) {
        for module in self.in_initialization_order(true) {
            // SAFETY: the module is sound.
            let flags = unsafe { (*module).flags };
            if flags & flags::PROCESS_ATTACH_CALLED != 0 {
                tell(module, PROCESS_DETACH, 1);
            }
        }
        if let Some(program) = entries::modules().next() {
            call_tls(program, PROCESS_DETACH, 1);
        }
    }
}
