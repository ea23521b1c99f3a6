//! The key of the user that the caller is.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use core::fmt::{self, Write};
use core::ptr::with_exposed_provenance;

use nt::security::{SECURITY_MAX_SID_SIZE, TOKEN_QUERY, token_class};
use nt::types::{Boolean, Handle, UnicodeString};
use nt::{NtStatus, wide};
use rtlcore::Cut;
use secore::Sid;

use super::root::{How, Key};
use crate::rtl::raw::{Scratch, at, copy, slice};
use crate::stubs::{NtClose, NtOpenProcessToken, NtOpenThreadToken, NtQueryInformationToken};

const USERS: &[u16] = wide!("\\Registry\\User\\");
/// What LocalSystem has for its own.
const DEFAULT: &[u16] = wide!(r".Default");
/// Units of the longest SID's text: `S-1-`, an authority of 14, 15 sub-authorities of 10 digits with a `-` each.
const SID_TEXT: usize = 4 + 14 + 15 * 11;

/// Text that becomes UTF-16.
pub struct Wide<'a, 'b>(pub &'a mut Cut<'b, u16>);

impl Write for Wide<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.encode_utf16().for_each(|unit| self.0.push(unit));
        Ok(())
    }
}

/// The SID of the thread's user, or of the process's.
fn user() -> Result<Sid, NtStatus> {
    let mut token = Handle::NULL;
    // TOKEN_USER: an address and attributes, and the SID behind them.
    let mut buffer = [0_u64; 2 + SECURITY_MAX_SID_SIZE.div_ceil(8)];
    let mut returned = 0_u32;
    // SAFETY: all of them live here; the address that the service gives lies in the buffer.
    unsafe {
        let place = at(&raw mut token);
        let thread = NtOpenThreadToken(Handle::CURRENT_THREAD, TOKEN_QUERY, Boolean(1), place);
        if !thread.is_success() {
            NtOpenProcessToken(Handle::CURRENT_PROCESS, TOKEN_QUERY, at(&raw mut token)).ok()?;
        }
        let queried = NtQueryInformationToken(
            token,
            token_class::USER,
            at((&raw mut buffer).cast::<u8>()),
            size_of_val(&buffer) as u32,
            at(&raw mut returned),
        );
        NtClose(token);
        queried.ok()?;
        Sid::parse(slice(with_exposed_provenance(buffer[0] as usize), SECURITY_MAX_SID_SIZE))
    }
}

/// `\Registry\User\` and the user's SID, or `.Default` for LocalSystem.
///
/// # Errors
/// NO_MEMORY and what the services give.
pub fn key_path() -> Result<Scratch<u16>, NtStatus> {
    let user = user()?;
    let mut room = [0; USERS.len() + SID_TEXT];
    let mut out = Cut::new(&mut room);
    out.extend(USERS);
    if user == Sid::LOCAL_SYSTEM {
        out.extend(DEFAULT);
    } else {
        // Writing to it never fails.
        let _ = write!(Wide(&mut out), "{user}");
    }
    let len = out.len();
    let mut path = Scratch::<u16>::new(len)?;
    for (slot, unit) in path.iter_mut().zip(room) {
        *slot = unit;
    }
    Ok(path)
}

/// The path of the user's key, on the heap.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlFormatCurrentUserKeyPath(path: *mut UnicodeString) -> NtStatus {
    let made = key_path().and_then(|text| {
        let buffer = crate::rtl::raw::allocate::<u16>(text.len() + 1).ok_or(NtStatus::NO_MEMORY)?;
        // SAFETY: the block has that size.
        unsafe {
            copy(buffer, text.as_ptr(), text.len());
            buffer.add(text.len()).write(0);
        }
        let length = text.len() as u16 * 2;
        let buffer = buffer.expose_provenance() as u64;
        Ok(UnicodeString { length, maximum_length: length + 2, reserved: 0, buffer })
    });
    match made {
        Ok(made) => {
            // SAFETY: as the caller says.
            unsafe { path.write(made) };
            NtStatus::SUCCESS
        }
        Err(status) => status,
    }
}

/// Opens the user's key.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlOpenCurrentUser(access: u32, key: *mut Handle) -> NtStatus {
    let opened = key_path().and_then(|path| Key::open_name(Handle::NULL, &path, access, How::Open));
    match opened {
        Ok(opened) => {
            // SAFETY: as the caller says.
            unsafe { key.write(opened.handle()) };
            core::mem::forget(opened);
            NtStatus::SUCCESS
        }
        Err(status) => status,
    }
}
