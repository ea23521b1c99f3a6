//! Global state of the kernel: borrowed for a moment, never across a switch.

use core::cell::{Cell, UnsafeCell};
use core::ops::{Deref, DerefMut};

/// A `RefCell` for statics: one processor, interrupts off, so borrowing is all the locking there is.
///
/// A second borrow while one is held is a bug of the kernel and panics (a bugcheck).
pub struct KernelCell<T> {
    borrowed: Cell<bool>,
    value: UnsafeCell<T>,
}

// SAFETY: there is one processor and no code runs between two switches but the current one, so no
// two threads of execution are ever inside `lock` together.
unsafe impl<T: Send> Sync for KernelCell<T> {}

impl<T> KernelCell<T> {
    /// A cell with its first value.
    pub const fn new(value: T) -> Self {
        Self { borrowed: Cell::new(false), value: UnsafeCell::new(value) }
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }

    /// Borrows the value until the guard is dropped. Never hold the guard across a switch, a wait or
    /// an access to user memory.
    ///
    /// # Panics
    /// When it is borrowed already.
    #[inline]
    #[track_caller]
    pub fn lock(&self) -> Guard<'_, T> {
        assert!(!self.borrowed.replace(true), "kernel cell borrowed twice");
        Guard { cell: self }
    }
}

impl<T: Default> Default for KernelCell<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

/// The borrow of a [`KernelCell`].
pub struct Guard<'a, T> {
    cell: &'a KernelCell<T>,
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: `borrowed` is set for as long as this guard lives, so no other reference exists.
        unsafe { &*self.cell.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`.
        unsafe { &mut *self.cell.value.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.cell.borrowed.set(false);
    }
}

impl<T> core::fmt::Debug for KernelCell<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("KernelCell")
    }
}
