//! Sessions: a space of kernel addresses for the images of win32k, and what those have told the kernel. The processes
//! of a session keep it; it goes with the last one, with its images.

use alloc::string::String;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;

use hal::cell::KernelCell;
use hal::driver;
use hal::session_space::SessionSpace;
use hal::system_image::{LoadError, SystemImage};
use nt::NtStatus;

use super::{charge, session_paging};
use crate::exports;
use crate::ob::{Object, station};

/// A loaded image.
#[derive(Debug)]
pub(super) struct Module {
    path: String,
    pub(super) image: SystemImage,
    /// Pages that it was promised for what can be taken out of it.
    charge: u64,
}

impl Drop for Module {
    fn drop(&mut self) {
        session_paging::forget(&self.image);
        charge::ledger().give_back(self.charge);
    }
}

/// The second table of services, numbers from 0x1000 on (`KeAddSystemServiceTable`).
#[derive(Clone, Copy, Debug)]
struct Table {
    /// Addresses of its functions.
    functions: &'static [u64],
    /// Bytes of arguments that each takes.
    arguments: &'static [u8],
}

/// What win32k wants to be told (`PsEstablishWin32Callouts`): addresses of functions, 0 for none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Callouts {
    /// `(process, whether it begins)`: a process is about to have its first thread that calls win32k, or ends.
    pub process: u64,
    /// `(thread, 0 it begins, 1 it ends)`.
    pub thread: u64,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) modules: Vec<Module>,
    table: Option<Table>,
    callouts: Callouts,
    /// References that images have.
    held: Vec<Object>,
}

/// A session.
#[derive(Debug)]
pub struct Session {
    id: u32,
    space: Arc<SessionSpace>,
    pub(super) state: KernelCell<State>,
}

/// Every session that there is.
static SESSIONS: KernelCell<Vec<Weak<Session>>> = KernelCell::new(Vec::new());

/// More services than that nobody has.
const SERVICES_MAX: u32 = 0x1000;
/// KeAddSystemServiceTable's index of the second table.
const SECOND_TABLE: u32 = 1;
/// More references than that no image needs.
const HELD_MAX: usize = 0x1_0000;

impl Session {
    /// A new session, with the lowest number that no other has.
    ///
    /// # Errors
    /// NO_MEMORY.
    pub fn new() -> Result<Arc<Self>, NtStatus> {
        let space = Arc::new(SessionSpace::new().ok_or(NtStatus::NO_MEMORY)?);
        let mut sessions = SESSIONS.lock();
        let at = sessions.iter().position(|session| session.strong_count() == 0).unwrap_or(sessions.len());
        let session = Arc::new(Self { id: at as u32, space, state: KernelCell::default() });
        match sessions.get_mut(at) {
            Some(free) => *free = Arc::downgrade(&session),
            None => sessions.push(Arc::downgrade(&session)),
        }
        Ok(session)
    }

    /// Every session that there is.
    pub(super) fn all() -> Vec<Arc<Self>> {
        SESSIONS.lock().iter().filter_map(Weak::upgrade).collect()
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Its space, for page tables.
    pub fn space(&self) -> Arc<SessionSpace> {
        self.space.clone()
    }

    /// Loads an image into the session, which must be the caller's, and calls its entry point with a NULL driver
    /// object and registry path, as NT does for win32k. An image whose entry fails is unloaded again.
    ///
    /// # Errors
    /// IMAGE_ALREADY_LOADED, INVALID_IMAGE_FORMAT, IMAGE_CHECKSUM_MISMATCH, DRIVER_ENTRYPOINT_NOT_FOUND,
    /// DRIVER_ORDINAL_NOT_FOUND, DRIVER_UNABLE_TO_LOAD, NO_MEMORY, COMMITMENT_LIMIT, and what the entry returns.
    pub fn load(&self, path: &str, file: &'static [u8]) -> Result<(), NtStatus> {
        if self.state.lock().modules.iter().any(|module| module.path.eq_ignore_ascii_case(path)) {
            return Err(NtStatus::IMAGE_ALREADY_LOADED);
        }
        let parsed = pe::Image::parse(file).map_err(|_| NtStatus::INVALID_IMAGE_FORMAT)?;
        if parsed.subsystem() != pe::SUBSYSTEM_NATIVE {
            return Err(NtStatus::INVALID_IMAGE_FORMAT);
        }
        if parsed.checksum_matches() == Some(false) {
            return Err(NtStatus::IMAGE_CHECKSUM_MISMATCH);
        }
        let image = SystemImage::load(&self.space, file, export).map_err(status)?;
        let entry = image.entry();
        let charge = image.pageable().len() as u64;
        charge::ledger().charge(charge)?;
        self.state.lock().modules.push(Module { path: path.into(), image, charge });
        let Some(entry) = entry else { return Ok(()) };
        let result = NtStatus(driver::call(entry, &[0; driver::MAX_ARGUMENTS]) as u32);
        if result.is_success() {
            return Ok(());
        }
        // Nothing of what it has told the kernel may be used any more.
        let failed = {
            let mut state = self.state.lock();
            state.table = None;
            state.callouts = Callouts::default();
            (state.modules.pop(), core::mem::take(&mut state.held))
        };
        drop(failed);
        Err(result)
    }

    /// Path, first address and size of every image in it, in the order in which they were loaded.
    pub fn modules(&self) -> Vec<(String, u64, u64)> {
        let state = self.state.lock();
        let modules = state.modules.iter();
        modules.map(|module| (module.path.clone(), module.image.base(), module.image.size())).collect()
    }

    /// Adds a table of services: addresses of functions, and the bytes of arguments that each takes. There is
    /// room for one.
    pub fn add_table(&self, base: u64, limit: u32, arguments: u64, index: u32) -> bool {
        let mut state = self.state.lock();
        let nowhere = base == 0 || arguments == 0 || !base.is_multiple_of(8);
        if index != SECOND_TABLE || limit > SERVICES_MAX || state.table.is_some() || nowhere {
            return false;
        }
        let limit = limit as usize;
        state.table =
            Some(Table { functions: driver::words(base, limit), arguments: driver::bytes(arguments, limit) });
        true
    }

    /// Address of a service of the second table, and the bytes of arguments that it takes.
    pub fn service(&self, index: u32) -> Option<(u64, u8)> {
        let table = self.state.lock().table?;
        let index = index as usize;
        Some((*table.functions.get(index)?, *table.arguments.get(index)?))
    }

    /// Whom to tell of processes and threads.
    pub fn callouts(&self) -> Callouts {
        self.state.lock().callouts
    }

    /// From now on these are told.
    pub fn establish(&self, callouts: Callouts) {
        self.state.lock().callouts = callouts;
    }

    /// An image has a reference to an object from now on. Returns the address that it knows the object by.
    ///
    /// # Errors
    /// OBJECT_TYPE_MISMATCH for a type that has none, INSUFFICIENT_RESOURCES.
    pub fn hold(&self, object: Object) -> Result<u64, NtStatus> {
        let address = station::address(&object).ok_or(NtStatus::OBJECT_TYPE_MISMATCH)?;
        let mut state = self.state.lock();
        if state.held.len() >= HELD_MAX || state.held.try_reserve(1).is_err() {
            return Err(NtStatus::INSUFFICIENT_RESOURCES);
        }
        state.held.push(object);
        Ok(address)
    }

    /// The object that an image has a reference to.
    pub fn held(&self, address: u64) -> Option<Object> {
        let state = self.state.lock();
        state.held.iter().find(|object| station::address(object) == Some(address)).cloned()
    }

    /// An image has one reference less. Returns whether it had one.
    pub fn release(&self, address: u64) -> bool {
        let found = {
            let mut state = self.state.lock();
            let at = state.held.iter().position(|object| station::address(object) == Some(address));
            at.map(|at| state.held.swap_remove(at))
        };
        found.is_some()
    }
}

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
