//! Security descriptors of what the session manager makes (spec/smss.md 1.3 step 1).

use alloc::vec::Vec;

use nt::NtStatus;
use nt::security::{GENERIC_ALL, GENERIC_EXECUTE, GENERIC_READ, GENERIC_WRITE, ace_flags, control};
use secore::{AclBuf, NewAce, Sid};

/// Bytes of a SECURITY_DESCRIPTOR_RELATIVE.
const HEADER: u32 = 20;
const READ: u32 = GENERIC_READ | GENERIC_EXECUTE;
const WRITE: u32 = GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE;
const HEIRS: u8 = ace_flags::OBJECT_INHERIT | ace_flags::CONTAINER_INHERIT | ace_flags::INHERIT_ONLY;

/// Descriptors in self-relative form.
#[derive(Clone, Debug)]
pub struct Descriptors {
    /// Most objects: everybody may look.
    pub primary: Vec<u8>,
    /// The same for links in `\??`, whose DACL counts as one by default.
    pub link: Vec<u8>,
    /// `\Windows`, `\RPC Control`: everybody may make objects there.
    pub liberal: Vec<u8>,
    /// `\KnownDlls`: everybody may run what is in it.
    pub known_dlls: Vec<u8>,
}

/// An ACE of a fixed list: SID, rights, flags.
type Entry = (Sid, u32, u8);

impl Descriptors {
    /// Those of a protection mode: without bit 0 everybody may do everything to primary and liberal objects.
    ///
    /// # Errors
    /// None that the lists here can give.
    pub fn new(protected: bool) -> Result<Self, NtStatus> {
        let admins = (Sid::ADMINISTRATORS, GENERIC_ALL, 0);
        let owner = (Sid::CREATOR_OWNER, GENERIC_ALL, HEIRS);
        let open = |rights| [(Sid::WORLD, rights, 0), (Sid::RESTRICTED, rights, 0), admins, owner];
        let base = |rights| if protected { relative(Some(&open(rights))) } else { relative(None) };
        let primary = base(READ)?;
        let mut link = primary.clone();
        // The control field is the third byte and the fourth.
        if let Some(flags) = link.get_mut(2) {
            *flags |= control::DACL_DEFAULTED as u8;
        }
        Ok(Self {
            primary,
            link,
            liberal: base(WRITE)?,
            known_dlls: relative(Some(&[
                (Sid::WORLD, GENERIC_EXECUTE, 0),
                (Sid::RESTRICTED, GENERIC_EXECUTE, 0),
                (Sid::WORLD, WRITE, HEIRS),
                (Sid::RESTRICTED, WRITE, HEIRS),
                admins,
            ]))?,
        })
    }
}

/// A descriptor with nothing but a DACL; without entries a null one, which allows everything.
fn relative(entries: Option<&[Entry]>) -> Result<Vec<u8>, NtStatus> {
    let mut acl = AclBuf::new();
    for (sid, mask, flags) in entries.unwrap_or_default() {
        acl.push(NewAce { flags: *flags, ..NewAce::allow(*mask, sid) })?;
    }
    let flags = u32::from(control::SELF_RELATIVE | control::DACL_PRESENT);
    let dacl = if entries.is_some() { HEADER } else { 0 };
    let mut bytes = Vec::with_capacity(HEADER as usize + acl.as_bytes().len());
    for word in [1 | flags << 16, 0, 0, 0, dacl] {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    if entries.is_some() {
        bytes.extend_from_slice(acl.as_bytes());
    }
    Ok(bytes)
}
