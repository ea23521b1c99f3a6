//! A lock between the threads of a program: ntdll's critical section, which asks the kernel only when somebody waits.
#![expect(unsafe_code, reason = "shared memory under a lock, calls ntdll")]

use core::cell::UnsafeCell;
use core::fmt;
use core::ops::{Deref, DerefMut};

use crate::ntdll::{RtlEnterCriticalSection, RtlLeaveCriticalSection};

/// RTL_CRITICAL_SECTION as it is before anybody has entered it.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct CriticalSection {
    debug_info: u64,
    lock_count: i32,
    recursion_count: i32,
    owning_thread: u64,
    lock_semaphore: u64,
    spin_count: u64,
}

/// A value that one thread at a time sees.
pub struct Mutex<T> {
    section: UnsafeCell<CriticalSection>,
    held: UnsafeCell<bool>,
    value: UnsafeCell<T>,
}

// SAFETY: the critical section lets one thread at a time at the value.
unsafe impl<T: Send> Sync for Mutex<T> {}

/// The value, as long as this lives.
pub struct Guard<'a, T>(&'a Mutex<T>);

impl<T> Mutex<T> {
    /// A value that nobody holds.
    pub const fn new(value: T) -> Self {
        let section = CriticalSection {
            debug_info: u64::MAX,
            lock_count: -1,
            recursion_count: 0,
            owning_thread: 0,
            lock_semaphore: 0,
            spin_count: 0,
        };
        Self {
            section: UnsafeCell::new(section),
            held: UnsafeCell::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// Waits until nobody else has the value.
    ///
    /// # Panics
    /// When the calling thread has it already.
    pub fn lock(&self) -> Guard<'_, T> {
        // SAFETY: the section lives as long as the lock, and is never moved while it is borrowed.
        unsafe { RtlEnterCriticalSection(self.section.get()) };
        // SAFETY: only who is in the section looks at it. Who is in twice has found it true.
        let held = unsafe { self.held.get().replace(true) };
        assert!(!held);
        Guard(self)
    }
}

impl<T> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mutex")
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: this thread holds the lock.
        unsafe { &*self.0.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: this thread holds the lock, by this guard.
        unsafe { &mut *self.0.value.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        // SAFETY: entered when the guard was made.
        unsafe {
            self.0.held.get().write(false);
            RtlLeaveCriticalSection(self.0.section.get());
        }
    }
}

impl<T> fmt::Debug for Guard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}
