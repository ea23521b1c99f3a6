//! Unloading modules that nobody keeps any more.
#![expect(unsafe_code, reason = "modules are raw memory, as NT publishes them")]

use super::data::{Module, PINNED, flags};
use super::entries::modules;
use super::lock::Loader;
use super::{map, notify};

impl Loader {
    /// One user of a module less. If he was the last, the module is told, and goes with all that only it has kept.
    pub fn release(&mut self, module: *mut Module) {
        if !self.give_up(module) {
            return;
        }
        // Entry points may load and unload modules themselves, so the search begins anew after each.
        while let Some(leaving) = self.in_initialization_order(true).find(|&module| is_to_be_told(module)) {
            // SAFETY: the module is sound.
            unsafe { (*leaving).flags &= !flags::PROCESS_ATTACH_CALLED };
            notify::tell(leaving, notify::PROCESS_DETACH, 0);
        }
        while let Some(leaving) = modules().find(|&module| is_leaving(module)) {
            self.drop_module(leaving);
        }
    }

    /// Forgets a module that has not been told anything yet.
    pub fn discard(&mut self, module: *mut Module) {
        // SAFETY: the module is sound, and was loaded by one user, who gives it up.
        unsafe { (*module).load_count = 1 };
        self.release(module);
    }

    /// One user less. Whether he was the last; then the module is marked, and so are those that only it has kept.
    fn give_up(&mut self, module: *mut Module) -> bool {
        // SAFETY: modules are sound, and so are the lists of what they keep.
        unsafe {
            if (*module).load_count == PINNED || (*module).flags & flags::UNLOAD_IN_PROGRESS != 0 {
                return false;
            }
            (*module).load_count = (*module).load_count.saturating_sub(1);
            if (*module).load_count != 0 {
                return false;
            }
            (*module).flags |= flags::UNLOAD_IN_PROGRESS;
            let mut need = (*module).needs;
            while !need.is_null() {
                self.give_up((*need).module);
                need = (*need).next;
            }
        }
        true
    }

    fn drop_module(&mut self, module: *mut Module) {
        let base = super::entries::base_of(module);
        self.remove_tls(module);
        self.forget(module);
        // SAFETY: the module is in no list any more, and nobody keeps it.
        unsafe { map::unmap(base) };
    }
}

fn is_leaving(module: *mut Module) -> bool {
    // SAFETY: the module is sound.
    unsafe { (*module).flags & flags::UNLOAD_IN_PROGRESS != 0 }
}

fn is_to_be_told(module: *mut Module) -> bool {
    // SAFETY: the module is sound.
    is_leaving(module) && unsafe { (*module).flags & flags::PROCESS_ATTACH_CALLED != 0 }
}
