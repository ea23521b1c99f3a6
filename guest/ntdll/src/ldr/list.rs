//! LIST_ENTRY: lists that go round through their head.
#![expect(unsafe_code, reason = "lists of raw memory, as NT publishes them")]

/// LIST_ENTRY.
#[repr(C)]
#[derive(Debug)]
pub struct ListEntry {
    /// The next one; the head after the last.
    pub next: *mut Self,
    /// The one before; the head before the first.
    pub previous: *mut Self,
}

impl ListEntry {
    /// An entry that is in no list.
    pub const UNLINKED: Self = Self { next: core::ptr::null_mut(), previous: core::ptr::null_mut() };

    /// Makes an entry, or a head, that is alone.
    ///
    /// # Safety
    /// `this` can be written to.
    pub unsafe fn reset(this: *mut Self) {
        // SAFETY: as the caller says.
        unsafe { this.write(Self { next: this, previous: this }) };
    }

    /// Puts an entry at the end of the list of `head`. Who reads along without the lock sees it all or not at all.
    ///
    /// # Safety
    /// `head` is that of a sound list; `entry` is in none.
    pub unsafe fn insert_tail(head: *mut Self, entry: *mut Self) {
        // SAFETY: as the caller says.
        unsafe {
            let last = (*head).previous;
            entry.write(Self { next: head, previous: last });
            core::sync::atomic::compiler_fence(core::sync::atomic::Ordering::Release);
            (*last).next = entry;
            (*head).previous = entry;
        }
    }

    /// Takes an entry out of its list. One that is in none stays so.
    ///
    /// # Safety
    /// `entry` is in a sound list or in none.
    pub unsafe fn remove(entry: *mut Self) {
        // SAFETY: as the caller says.
        unsafe {
            let Self { next, previous } = entry.read();
            if !next.is_null() {
                (*previous).next = next;
                (*next).previous = previous;
                // Its own links stay for who is just reading it.
            }
        }
    }
}
