//! Object directories of a session (spec/smss.md 5.2).

use alloc::vec::Vec;

use csrlib::descriptor;
use csrlib::object::{New, OPEN_IF};
use csrlib::security::INHERIT_ONLY;
use nt::NtStatus;
use rt::handle::Owned;
use rt::registry::Key;

/// DIRECTORY_ALL_ACCESS.
const ALL: u32 = 0xF_000F;
/// READ_CONTROL, and everything that is done in a directory.
const USE: u32 = 0x2_000F;

descriptor! {
    /// Everybody may do everything there is in it; Administrators and the system more.
    pub PUBLIC = (0, World, USE), (0, Administrators, ALL), (0, System, ALL)
}
descriptor! {
    /// `ProtectionMode` bits 0 and 1 (spec/smss.md 2.9).
    PROTECTED = (0, System, ALL), (0, Administrators, ALL), (INHERIT_ONLY, CreatorOwner, ALL)
}

/// A path of session 0, as it is in another session: `\Windows` is `\Sessions\<n>\Windows` there (3.1).
pub fn in_session(session: u32, path: impl Iterator<Item = u16>) -> Vec<u16> {
    let mut full = Vec::new();
    if session != 0 {
        full.extend_from_slice(nt::wide!(r"\Sessions\"));
        decimal(session, &mut full);
    }
    full.extend(path);
    full
}

/// Appends a number.
fn decimal(number: u32, text: &mut Vec<u16>) {
    if number >= 10 {
        decimal(number / 10, text);
    }
    text.push(u16::from(b'0') + (number % 10) as u16);
}

/// Makes `\Sessions\BNOLINKS` with the session's link, and `\Sessions\<n>` with `DosDevices`. What is not permanent stays as
/// long as csrss does, which closes none of these handles.
///
/// # Errors
/// What making them gives.
pub fn create(session: u32) -> Result<(), NtStatus> {
    let descriptor: &[u32] = if protection_mode() & 3 != 0 { &PROTECTED } else { &PUBLIC };
    let keep = |made: Result<Owned, NtStatus>| made.map(Owned::into_handle).map(drop);
    let named = |name: &[u16]| keep(New { name, attributes: OPEN_IF, descriptor }.directory());

    let links = nt::wide!(r"\Sessions\BNOLINKS");
    keep(New { name: links, attributes: OPEN_IF, descriptor: &PUBLIC }.directory())?;
    let mut link = Vec::from(links);
    link.push(u16::from(b'\\'));
    decimal(session, &mut link);
    let target = in_session(session, r"\BaseNamedObjects".encode_utf16());
    keep(New { name: &link, attributes: OPEN_IF, descriptor: &[] }.link(&target))?;

    let mut own = Vec::from(nt::wide!(r"\Sessions\"));
    decimal(session, &mut own);
    named(&own)?;
    own.extend_from_slice(nt::wide!(r"\DosDevices"));
    named(&own)
}

/// `ProtectionMode`; absent, or not a number, counts as 0 here (2.9).
fn protection_mode() -> u32 {
    let path = nt::wide!(r"\Registry\Machine\System\CurrentControlSet\Control\Session Manager");
    let value = Key::open(path).and_then(|key| key.value(nt::wide!("ProtectionMode")));
    value.ok().and_then(|value| value.data.try_into().ok()).map_or(0, u32::from_le_bytes)
}
