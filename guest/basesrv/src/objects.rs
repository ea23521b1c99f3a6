//! `\BaseNamedObjects` and what is in it from the beginning (spec/smss.md 5.2).

use alloc::vec::Vec;

use csrlib::descriptor;
use csrlib::object::{New, OPEN_IF, PERMANENT};
use nt::NtStatus;

/// DIRECTORY_QUERY, TRAVERSE, CREATE_OBJECT, CREATE_SUBDIRECTORY and READ_CONTROL.
const USE: u32 = 0x2_000F;
/// DIRECTORY_TRAVERSE.
const TRAVERSE: u32 = 2;
/// DIRECTORY_ALL_ACCESS.
const ALL: u32 = 0xF_000F;

descriptor! {
    /// The directory of the names.
    NAMES = (0, World, USE), (0, System, ALL), (0, Restricted, TRAVERSE)
}
descriptor! {
    /// The directory for restricted tokens.
    RESTRICTED = (0, World, USE), (0, System, ALL), (0, Restricted, USE)
}

/// Makes the session's directory: its name. Handles of what is not permanent are never closed.
///
/// # Errors
/// What making it gives.
pub fn create(session: u32, luid_device_maps: bool) -> Result<Vec<u16>, NtStatus> {
    let mut name = Vec::new();
    if session != 0 {
        name.extend_from_slice(nt::wide!(r"\Sessions\"));
        let mut digits = Vec::new();
        let mut rest = session;
        while rest != 0 {
            digits.push(u16::from(b'0') + (rest % 10) as u16);
            rest /= 10;
        }
        name.extend(digits.iter().rev());
    }
    name.extend_from_slice(nt::wide!(r"\BaseNamedObjects"));
    drop(New { name: &name, attributes: PERMANENT | OPEN_IF, descriptor: &NAMES }.directory()?);
    if !luid_device_maps {
        let links: [(&[u16], &[u16]); 3] = [
            (nt::wide!(r"\Global"), nt::wide!(r"\BaseNamedObjects")),
            (nt::wide!(r"\Local"), &name),
            (nt::wide!(r"\Session"), nt::wide!(r"\Sessions\BNOLINKS")),
        ];
        for (link, target) in links {
            let link = [&name, link].concat();
            New { name: &link, attributes: OPEN_IF, descriptor: &[] }.link(target)?.into_handle();
        }
        let restricted = [&name, nt::wide!(r"\Restricted") as &[u16]].concat();
        New { name: &restricted, attributes: OPEN_IF, descriptor: &RESTRICTED }.directory()?.into_handle();
    }
    Ok(name)
}
