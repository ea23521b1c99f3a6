//! Images that run in the kernel: who is loaded, and their entry.

use alloc::string::String;
use alloc::vec::Vec;

use hal::cell::KernelCell;
use hal::driver;
use hal::system_image::{LoadError, SystemImage};
use nt::NtStatus;

use crate::exports;

/// A loaded image.
#[derive(Debug)]
struct Module {
    path: String,
    image: SystemImage,
}

static MODULES: KernelCell<Vec<Module>> = KernelCell::new(Vec::new());

fn status(error: LoadError) -> NtStatus {
    match error {
        LoadError::Format => NtStatus::INVALID_IMAGE_FORMAT,
        LoadError::NoMemory => NtStatus::NO_MEMORY,
        LoadError::Name => NtStatus::DRIVER_ENTRYPOINT_NOT_FOUND,
        LoadError::Ordinal => NtStatus::DRIVER_ORDINAL_NOT_FOUND,
        LoadError::Module => NtStatus::DRIVER_UNABLE_TO_LOAD,
    }
}

fn export(module: &[u8], name: &[u8]) -> Result<u64, LoadError> {
    if !exports::is_module(module) {
        return Err(LoadError::Module);
    }
    exports::find(name).ok_or(LoadError::Name)
}

/// Loads an image and calls its entry point with a NULL driver object and registry path, as NT does for win32k. An
/// image whose entry fails is unloaded again.
///
/// # Errors
/// IMAGE_ALREADY_LOADED, INVALID_IMAGE_FORMAT, DRIVER_ENTRYPOINT_NOT_FOUND, DRIVER_ORDINAL_NOT_FOUND,
/// DRIVER_UNABLE_TO_LOAD, NO_MEMORY, and what the entry returns.
pub fn load(path: &str, file: &'static [u8]) -> Result<(), NtStatus> {
    if MODULES.lock().iter().any(|module| module.path.eq_ignore_ascii_case(path)) {
        return Err(NtStatus::IMAGE_ALREADY_LOADED);
    }
    let parsed = pe::Image::parse(file).map_err(|_| NtStatus::INVALID_IMAGE_FORMAT)?;
    if parsed.subsystem() != pe::SUBSYSTEM_NATIVE || parsed.checksum_matches() == Some(false) {
        return Err(NtStatus::INVALID_IMAGE_FORMAT);
    }
    let image = SystemImage::load(file, export).map_err(status)?;
    let entry = image.entry();
    MODULES.lock().push(Module { path: path.into(), image });
    let Some(entry) = entry else { return Ok(()) };
    let result = NtStatus(driver::call(entry, &[0; driver::MAX_ARGUMENTS]) as u32);
    if !result.is_success() {
        let failed = MODULES.lock().pop();
        drop(failed);
        return Err(result);
    }
    Ok(())
}

/// Path, first address and size of every loaded image, in the order in which they were loaded.
pub fn modules() -> Vec<(String, u64, u64)> {
    let modules = MODULES.lock();
    modules.iter().map(|module| (module.path.clone(), module.image.base(), module.image.size())).collect()
}
