//! Loading modules, and who keeps them.
#![expect(unsafe_code, reason = "modules are raw memory, as NT publishes them")]

use core::ptr::with_exposed_provenance_mut;

use nt::NtStatus;
use pe::Image;

use super::data::{Module, Need, PINNED, flags};
use super::lock::Loader;
use super::search::{self, Path};
use super::text::Text;
use super::{image, map, relocate};
use crate::heap::blocks::RtlAllocateHeap;
use crate::peb::process_heap;

impl Loader {
    /// Loads the module of a name that was completed, or counts one more user of it.
    ///
    /// # Errors
    /// DLL_NOT_FOUND, and what mapping, relocating and binding give.
    pub fn load(&mut self, name: &Text, path: &Path<'_>) -> Result<*mut Module, NtStatus> {
        if let Some(module) = self.by_name(name.units()) {
            reference(module);
            return Ok(module);
        }
        let found = search::find(name, path)?;
        let view = map::map_image(&found.section)?;
        drop(found.section);
        let added = (|| {
            // SAFETY: the image was just mapped there.
            let image = unsafe { image::mapped(view.base) }?;
            Ok((self.add(&image, view.base, found.path.units())?, image))
        })();
        let (module, image) = added.inspect_err(|_| {
            // SAFETY: nobody else knows of the view.
            unsafe { map::unmap(view.base) };
        })?;
        if let Err(status) = self.prepare(module, &image, view.moved, path) {
            self.discard(module);
            return Err(status);
        }
        Ok(module)
    }

    /// Makes a mapped image ready to run, except for its entry point.
    fn prepare(
        &mut self,
        module: *mut Module,
        image: &Image<'_>,
        moved: bool,
        path: &Path<'_>,
    ) -> Result<(), NtStatus> {
        if moved {
            // SAFETY: the module is sound.
            unsafe { (*module).flags |= flags::IMAGE_NOT_AT_BASE };
            relocate::relocate(image, super::entries::base_of(module))?;
        }
        // A program that is loaded like a DLL is data: nothing in it runs.
        if image.is_dll() {
            self.bind(module, image, path)?;
            self.add_tls(module)?;
            self.add_to_initialization(module);
        }
        Ok(())
    }

    /// Loads a module because another one needs it, and lets that one keep it.
    ///
    /// # Errors
    /// As for [`Self::load`].
    pub fn need(&mut self, user: *mut Module, name: &Text, path: &Path<'_>) -> Result<*mut Module, NtStatus> {
        let module = self.load(name, path)?;
        // SAFETY: modules are sound, and so are the lists of what they keep.
        unsafe {
            let mut need = (*user).needs;
            while !need.is_null() && (*need).module != module {
                need = (*need).next;
            }
            let kept = !need.is_null() || module == user;
            if (*module).load_count == PINNED {
                return Ok(module);
            }
            if kept {
                // Once is enough.
                (*module).load_count -= 1;
                return Ok(module);
            }
            let block = RtlAllocateHeap(process_heap(), 0, size_of::<Need>() as u64);
            if block == 0 {
                self.release(module);
                return Err(NtStatus::NO_MEMORY);
            }
            let need = with_exposed_provenance_mut::<Need>(block as usize);
            need.write(Need { next: (*user).needs, module });
            (*user).needs = need;
        }
        Ok(module)
    }

    /// Keeps every module that there is for ever.
    pub fn pin_all(&mut self) {
        for module in super::entries::modules() {
            // SAFETY: what is in the list is a module.
            unsafe {
                (*module).load_count = PINNED;
                (*module).flags |= flags::STATIC_LINK;
            }
        }
    }
}

fn reference(module: *mut Module) {
    // SAFETY: the module is sound.
    unsafe {
        // As many users as that are not told from for ever.
        (*module).load_count = (*module).load_count.saturating_add(1);
    }
}
