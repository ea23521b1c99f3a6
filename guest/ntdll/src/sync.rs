//! Critical sections. Layout: RTL_CRITICAL_SECTION of winnt.h. The lock count is -1 when nobody holds it, and one more for
//! the owner, each repeated entry of his and each thread that waits; who leaves a section that others wait
//! for signals its event, which is only made then.
#![expect(unsafe_code, reason = "the caller's memory, by NT's contract on pointers")]

use core::mem::offset_of;
use core::sync::atomic::{AtomicI32, AtomicU64, Ordering};

use nt::NtStatus;
use nt::types::{Boolean, Handle, UserPtr};

use crate::peb::{peb, thread_id};
use crate::stubs::{NtClose, NtCreateEvent, NtSetEvent, NtWaitForSingleObject};
use crate::thread::raise::raise_status;

/// SYNCHRONIZE and EVENT_MODIFY_STATE.
const EVENT_ACCESS: u32 = 0x0010_0002;
/// SynchronizationEvent: it releases one thread.
const SYNCHRONIZATION_EVENT: u32 = 1;
/// `DebugInfo` of a section that is not recorded for debuggers.
const NO_DEBUG_INFO: u64 = u64::MAX;
/// The bits of a spin count that are a count.
const SPIN_MASK: u64 = 0x00FF_FFFF;

/// RTL_CRITICAL_SECTION.
#[repr(C)]
#[derive(Debug)]
pub struct CriticalSection {
    debug_info: u64,
    lock_count: AtomicI32,
    recursion_count: AtomicI32,
    owning_thread: AtomicU64,
    lock_semaphore: AtomicU64,
    spin_count: AtomicU64,
}

const _: () = {
    assert!(size_of::<CriticalSection>() == 0x28 && offset_of!(CriticalSection, lock_count) == 8);
    assert!(offset_of!(CriticalSection, owning_thread) == 0x10);
    assert!(offset_of!(CriticalSection, spin_count) == 0x20);
};

impl CriticalSection {
    /// A section that nobody holds.
    pub const fn new() -> Self {
        Self {
            debug_info: NO_DEBUG_INFO,
            lock_count: AtomicI32::new(-1),
            recursion_count: AtomicI32::new(0),
            owning_thread: AtomicU64::new(0),
            lock_semaphore: AtomicU64::new(0),
            spin_count: AtomicU64::new(0),
        }
    }

    fn take(&self) {
        self.owning_thread.store(thread_id(), Ordering::Relaxed);
        self.recursion_count.store(1, Ordering::Relaxed);
    }

    fn is_mine(&self) -> bool {
        self.owning_thread.load(Ordering::Relaxed) == thread_id()
    }

    /// Waits until the calling thread has the section.
    pub fn enter(&self) {
        if self.lock_count.load(Ordering::Relaxed) >= 0 && !self.is_mine() {
            self.spin();
        }
        if self.lock_count.fetch_add(1, Ordering::Acquire) != -1 {
            if self.is_mine() {
                self.recursion_count.fetch_add(1, Ordering::Relaxed);
                return;
            }
            self.wait();
        }
        self.take();
    }

    /// Takes the section if it can be had at once. Whether it could.
    pub fn try_enter(&self) -> bool {
        if self.lock_count.compare_exchange(-1, 0, Ordering::Acquire, Ordering::Relaxed).is_ok() {
            self.take();
            return true;
        }
        if self.is_mine() {
            self.lock_count.fetch_add(1, Ordering::Relaxed);
            self.recursion_count.fetch_add(1, Ordering::Relaxed);
            return true;
        }
        false
    }

    /// Gives up what [`Self::enter`] got. Whether it was the calling thread's.
    pub fn leave(&self) -> bool {
        if !self.is_mine() {
            return false;
        }
        if self.recursion_count.fetch_sub(1, Ordering::Relaxed) > 1 {
            self.lock_count.fetch_sub(1, Ordering::Relaxed);
            return true;
        }
        self.owning_thread.store(0, Ordering::Relaxed);
        if self.lock_count.fetch_sub(1, Ordering::Release) > 0
            && let Ok(event) = self.event()
        {
            // SAFETY: it gets no pointer.
            unsafe { NtSetEvent(event, UserPtr::new(0)) };
        }
        true
    }

    /// Another processor's thread may leave soon. With one processor it cannot.
    fn spin(&self) {
        let count = self.spin_count.load(Ordering::Relaxed) & SPIN_MASK;
        // SAFETY: the PEB lives as long as the process.
        if count == 0 || unsafe { (*peb()).number_of_processors } < 2 {
            return;
        }
        for _ in 0..count {
            if self.lock_count.load(Ordering::Relaxed) == -1 {
                return;
            }
            core::hint::spin_loop();
        }
    }

    fn wait(&self) {
        let event = match self.event() {
            Ok(event) => event,
            // It cannot be waited for, and the caller takes it for granted that he has it.
            Err(status) => raise_status(status),
        };
        // SAFETY: the PEB lives as long as the process.
        let timeout = unsafe { (*peb()).critical_section_timeout };
        let place = match timeout {
            0 => UserPtr::new(0),
            _ => UserPtr::new((&raw const timeout).expose_provenance() as u64),
        };
        // SAFETY: the time-out lives through the call.
        match unsafe { NtWaitForSingleObject(event, Boolean(0), place) } {
            NtStatus::TIMEOUT => raise_status(NtStatus::POSSIBLE_DEADLOCK),
            status if !status.is_success() => raise_status(status),
            _ => {}
        }
    }

    /// The section's event, made when it is first needed.
    fn event(&self) -> Result<Handle, NtStatus> {
        let known = self.lock_semaphore.load(Ordering::Acquire);
        if known != 0 {
            return Ok(Handle(known));
        }
        let mut event = Handle::NULL;
        let place = UserPtr::new((&raw mut event).expose_provenance() as u64);
        // SAFETY: the handle's place lives through the call.
        let status =
            unsafe { NtCreateEvent(place, EVENT_ACCESS, UserPtr::new(0), SYNCHRONIZATION_EVENT, Boolean(0)) };
        status.ok()?;
        match self.lock_semaphore.compare_exchange(0, event.0, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => Ok(event),
            Err(other) => {
                // SAFETY: it takes no pointers, and nobody else has this handle.
                unsafe { NtClose(event) };
                Ok(Handle(other))
            }
        }
    }
}

/// Prepares a critical section.
///
/// # Safety
/// `section` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlInitializeCriticalSection(section: *mut CriticalSection) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { section.write(CriticalSection::new()) };
    NtStatus::SUCCESS
}

/// Prepares a critical section whose threads spin before they wait.
///
/// # Safety
/// `section` can be written to.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlInitializeCriticalSectionAndSpinCount(
    section: *mut CriticalSection,
    count: u32,
) -> NtStatus {
    let spin_count = AtomicU64::new(u64::from(count) & SPIN_MASK);
    // SAFETY: as the caller says.
    unsafe { section.write(CriticalSection { spin_count, ..CriticalSection::new() }) };
    NtStatus::SUCCESS
}

/// Sets how often threads look before they wait; tells what it was.
///
/// # Safety
/// `section` was prepared.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlSetCriticalSectionSpinCount(section: *const CriticalSection, count: u32) -> u32 {
    // SAFETY: as the caller says.
    let section = unsafe { &*section };
    section.spin_count.swap(u64::from(count) & SPIN_MASK, Ordering::Relaxed) as u32
}

/// Waits until the calling thread has the section.
///
/// # Safety
/// `section` was prepared.
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlEnterCriticalSection(section: *const CriticalSection) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { &*section }.enter();
    NtStatus::SUCCESS
}

/// Takes the section if it can be had at once. Whether it could.
///
/// # Safety
/// `section` was prepared.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlTryEnterCriticalSection(section: *const CriticalSection) -> u32 {
    // SAFETY: as the caller says.
    unsafe { &*section }.try_enter().into()
}

/// Gives the section up. RESOURCE_NOT_OWNED when the calling thread does not have it.
///
/// # Safety
/// `section` was prepared.
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlLeaveCriticalSection(section: *const CriticalSection) -> NtStatus {
    // SAFETY: as the caller says.
    if unsafe { &*section }.leave() { NtStatus::SUCCESS } else { NtStatus::RESOURCE_NOT_OWNED }
}

/// Drops a section that nobody holds or waits for.
///
/// # Safety
/// `section` was prepared; it is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlDeleteCriticalSection(section: *mut CriticalSection) -> NtStatus {
    // SAFETY: as the caller says.
    let event = unsafe { &*section }.lock_semaphore.load(Ordering::Relaxed);
    // SAFETY: as above; the event is the section's own.
    unsafe {
        section.write_bytes(0, 1);
        if event == 0 { NtStatus::SUCCESS } else { NtClose(Handle(event)) }
    }
}

/// Whether somebody has the section.
///
/// # Safety
/// `section` was prepared.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlIsCriticalSectionLocked(section: *const CriticalSection) -> u32 {
    // SAFETY: as the caller says.
    (unsafe { &*section }.recursion_count.load(Ordering::Relaxed) != 0).into()
}

/// Whether the calling thread has the section.
///
/// # Safety
/// `section` was prepared.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlIsCriticalSectionLockedByThread(section: *const CriticalSection) -> u32 {
    // SAFETY: as the caller says.
    unsafe { &*section }.is_mine().into()
}
