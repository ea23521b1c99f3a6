//! `scanf` from text.
#![expect(unsafe_code, reason = "functions of the C library, by their contract on raw pointers")]

use core::ptr::with_exposed_provenance_mut;

use rtlcore::{printf, scan};

use super::print::{Arguments, variadic};
use crate::rtl::raw::{copy, terminated};

impl scan::Results for Arguments {
    fn next(&mut self) -> u64 {
        printf::Arguments::next(self)
    }

    fn number(&mut self, address: u64, value: u64, bytes: usize) {
        let value = value.to_le_bytes();
        // SAFETY: as the maker of this value said; no number has more than 8 bytes.
        unsafe {
            copy(with_exposed_provenance_mut(address as usize), value.as_ptr(), bytes.min(value.len()))
        };
    }

    fn unit(&mut self, address: u64, unit: u16, wide: bool) {
        let narrow = <u8 as rtlcore::Unit>::from_wide(unit);
        // SAFETY: as the maker of this value said.
        unsafe {
            match wide {
                true => with_exposed_provenance_mut::<u16>(address as usize).write_unaligned(unit),
                false => with_exposed_provenance_mut::<u8>(address as usize).write(narrow),
            }
        }
    }
}

/// # Safety
/// As C requires of the callers of `sscanf`.
unsafe extern "win64" fn vsscanf(text: *const u8, format: *const u8, arguments: *const u64) -> i32 {
    // SAFETY: as the caller says.
    unsafe { scan::scan(terminated(text), terminated(format), &mut Arguments::new(arguments)) }
}

/// # Safety
/// As C requires of the callers of `swscanf`.
unsafe extern "win64" fn vswscanf(text: *const u16, format: *const u16, arguments: *const u64) -> i32 {
    // SAFETY: as the caller says.
    unsafe { scan::scan(terminated(text), terminated(format), &mut Arguments::new(arguments)) }
}

variadic! {
    /// Reads from bytes.
    sscanf(text: *const u8, format: *const u8) => vsscanf, "r8", "0x18";
    /// Reads from wide characters.
    swscanf(text: *const u16, format: *const u16) => vswscanf, "r8", "0x18";
}
