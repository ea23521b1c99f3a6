//! File objects: a device or file as somebody has opened it.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use hal::cell::KernelCell;

use nt::NtStatus;
use nt::file::option;

use super::device::Device;
use super::dispatch::Opened;
use super::irp::Completion;
use super::list::Progress;
use super::pending::{self, Ticket};
use super::share::Sharing;
use crate::ke::dispatcher::{self, Signal};
use crate::ke::wait::{self, Mode};

const SEPARATOR: u16 = b'\\' as u16;

/// What ends a wait for a file that was opened with these options.
const fn wait_mode(options: u32) -> Mode {
    match options & option::SYNCHRONOUS_IO_ALERT {
        0 => Mode::User,
        _ => Mode::Alertable,
    }
}

/// An open file, folder, volume or device. It is cleaned up when its last handle is closed, or dropped if
/// there never was one.
#[derive(Debug)]
pub struct FileObject {
    device: Arc<Device>,
    /// Behind the device's name.
    name: Vec<u16>,
    number: u64,
    is_directory: bool,
    context: u64,
    resident: Option<&'static [u8]>,
    state: KernelCell<State>,
    signal: Signal,
    /// Signalled while it is not busy.
    turn: Signal,
}

#[derive(Debug)]
struct State {
    /// Until it is cleaned up.
    sharing: Option<Sharing>,
    is_open: bool,
    /// `nt::file::option`.
    options: u32,
    /// Where the next transfer of a synchronous file begins.
    position: u64,
    /// Somebody waits for a request of a file whose services wait.
    is_busy: bool,
    progress: Progress,
}

impl FileObject {
    /// A file that a driver has opened.
    pub(super) fn new(device: Arc<Device>, name: Vec<u16>, options: u32, opened: Opened) -> Arc<Self> {
        Arc::new(Self {
            device,
            name,
            number: opened.number,
            is_directory: opened.is_directory,
            context: opened.context,
            resident: opened.resident,
            state: KernelCell::new(State {
                sharing: opened.sharing,
                is_open: true,
                options,
                position: 0,
                is_busy: false,
                progress: Progress::default(),
            }),
            signal: dispatcher::unsignalled(),
            turn: dispatcher::unsignalled(),
        })
    }

    /// The device.
    pub fn device(&self) -> &Arc<Device> {
        &self.device
    }

    /// The name behind the device's: empty for the device itself, else it begins with a backslash.
    pub fn name(&self) -> &[u16] {
        &self.name
    }

    /// The device's path and the name behind it, as text.
    pub fn full_path(&self) -> String {
        let mut path = self.device.path();
        path.extend_from_slice(&self.name);
        String::from_utf16_lossy(&path)
    }

    /// The name of something in this folder.
    ///
    /// # Errors
    /// INVALID_PARAMETER for a name that is not relative.
    pub fn name_below(&self, rest: &[u16]) -> Result<Vec<u16>, NtStatus> {
        if rest.is_empty() {
            return Ok(self.name.clone());
        }
        if rest.first() == Some(&SEPARATOR) {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        let mut name = Vec::with_capacity(self.name.len() + 1 + rest.len());
        name.extend_from_slice(&self.name);
        if name.last() != Some(&SEPARATOR) {
            name.push(SEPARATOR);
        }
        name.extend_from_slice(rest);
        Ok(name)
    }

    /// `nt::file::option`, as it was opened; the modes can be set.
    pub fn options(&self) -> u32 {
        self.state.lock().options
    }

    /// Sets those of the options that can be set: FileModeInformation.
    ///
    /// # Errors
    /// INVALID_PARAMETER for others, and when it would make a synchronous file an asynchronous one or the
    /// other way round.
    pub fn set_mode(&self, mode: u32) -> Result<(), NtStatus> {
        const SETTABLE: u32 = option::WRITE_THROUGH | option::SEQUENTIAL_ONLY | option::SYNCHRONOUS;
        let mut state = self.state.lock();
        let is_synchronous = |options: u32| options & option::SYNCHRONOUS != 0;
        let wrong = mode & !SETTABLE != 0
            || mode & option::SYNCHRONOUS == option::SYNCHRONOUS
            || is_synchronous(mode) != is_synchronous(state.options);
        if wrong {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        state.options = state.options & !SETTABLE | mode;
        Ok(())
    }

    /// Where the next transfer of a synchronous file begins.
    pub fn position(&self) -> u64 {
        self.state.lock().position
    }

    /// Says where it begins. An asynchronous file has no place of its own.
    pub fn set_position(&self, position: u64) {
        let mut state = self.state.lock();
        if state.options & option::SYNCHRONOUS != 0 {
            state.position = position;
        }
    }

    /// Waits until no other thread waits for a request of this file, if its services wait.
    ///
    /// # Errors
    /// ALERTED, USER_APC (where alerts count), THREAD_IS_TERMINATING.
    pub(super) fn wait_for_turn(&self) -> Result<(), NtStatus> {
        while let Some(options) = self.busy() {
            match wait::wait_for_any(&[&self.turn], None, wait_mode(options)) {
                NtStatus::SUCCESS => {}
                status => return Err(status),
            }
        }
        Ok(())
    }

    fn busy(&self) -> Option<u32> {
        let state = self.state.lock();
        state.is_busy.then_some(state.options)
    }

    /// Waits for an answer; other threads cannot make a request meanwhile.
    pub(super) fn wait_for(&self, ticket: &Ticket) -> Completion {
        let options = {
            let mut state = self.state.lock();
            state.is_busy = true;
            state.options
        };
        dispatcher::reset(&self.turn);
        let completion = ticket.wait(wait_mode(options));
        self.state.lock().is_busy = false;
        dispatcher::signal(&self.turn);
        completion
    }

    /// How far its listing has come.
    pub(super) fn take_progress(&self) -> Progress {
        core::mem::take(&mut self.state.lock().progress)
    }

    /// The listing goes on from there.
    pub(super) fn put_progress(&self, progress: Progress) {
        let old = core::mem::replace(&mut self.state.lock().progress, progress);
        drop(old);
    }

    /// The file's number on its volume; 0 for none.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// What the driver knows it by; 0 for nothing.
    pub fn context(&self) -> u64 {
        self.context
    }

    /// Whether it is a folder.
    pub fn is_directory(&self) -> bool {
        self.is_directory
    }

    /// The contents of a file of the boot archive: in memory for ever, on a page boundary, and zero up to the
    /// end of its last page.
    pub fn archive_data(&self) -> Option<&'static [u8]> {
        self.resident
    }

    /// Signalled when a request has ended.
    pub fn signal(&self) -> &Signal {
        &self.signal
    }

    /// The last handle is gone: the driver is told, once.
    pub fn cleanup(&self) {
        let sharing = {
            let mut state = self.state.lock();
            if !core::mem::take(&mut state.is_open) {
                return;
            }
            state.sharing.take()
        };
        pending::file_closed(self);
        self.device.dispatch.cleanup(self);
        drop(sharing);
    }
}

impl Drop for FileObject {
    fn drop(&mut self) {
        self.cleanup();
    }
}
