//! SIDs, access control lists and security descriptors, byte by byte.

use nt::security::{
    ACL_REVISION, SECURITY_DESCRIPTOR_REVISION, SID_HEADER, SID_REVISION, SecurityDescriptor, ace_type,
    control,
};

use crate::reg::from;

/// A SID of at most six sub-authorities.
#[derive(Clone, Copy)]
pub struct Sid {
    bytes: [u8; 32],
    len: usize,
}

/// The SID of a small authority.
pub const fn sid(authority: u8, subs: &[u32]) -> Sid {
    let mut bytes = [0; 32];
    (bytes[0], bytes[1], bytes[7]) = (SID_REVISION, subs.len() as u8, authority);
    let mut index = 0;
    while index < subs.len() {
        let at = SID_HEADER + 4 * index;
        let sub = subs[index].to_le_bytes();
        (bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]) = (sub[0], sub[1], sub[2], sub[3]);
        index += 1;
    }
    Sid { bytes, len: SID_HEADER + 4 * subs.len() }
}

pub const WORLD: Sid = sid(1, &[0]);
pub const CREATOR_OWNER: Sid = sid(3, &[0]);
pub const AUTHENTICATED: Sid = sid(5, &[11]);
pub const SYSTEM: Sid = sid(5, &[18]);
pub const ADMINISTRATORS: Sid = sid(5, &[32, 544]);
pub const USERS: Sid = sid(5, &[32, 545]);
/// An ordinary user.
pub const USER: Sid = sid(5, &[21, 1, 2, 3, 1001]);
/// Another one.
pub const STRANGER: Sid = sid(5, &[21, 1, 2, 3, 1002]);

impl Sid {
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    pub fn address(&self) -> u64 {
        from::<_, ()>(&self.bytes).address
    }
}

/// An access control entry of mask and SID.
#[derive(Clone, Copy)]
pub struct Ace {
    kind: u8,
    flags: u8,
    mask: u32,
    sid: Sid,
}

pub const fn allow(mask: u32, sid: Sid) -> Ace {
    Ace { kind: ace_type::ACCESS_ALLOWED, flags: 0, mask, sid }
}

pub const fn deny(mask: u32, sid: Sid) -> Ace {
    Ace { kind: ace_type::ACCESS_DENIED, flags: 0, mask, sid }
}

impl Ace {
    pub const fn with(self, flags: u8) -> Self {
        Self { flags, ..self }
    }
}

/// Bytes that grow.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub struct Bytes {
    pub bytes: [u8; 512],
    pub len: usize,
}

impl Bytes {
    const EMPTY: Self = Self { bytes: [0; 512], len: 0 };

    fn push(&mut self, bytes: &[u8]) {
        self.bytes[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    pub fn address(&self) -> u64 {
        from::<_, ()>(&self.bytes).address
    }
}

/// An access control list.
pub fn acl(aces: &[Ace]) -> Bytes {
    let mut list = Bytes::EMPTY;
    list.push(&[ACL_REVISION, 0, 0, 0, aces.len() as u8, 0, 0, 0]);
    for ace in aces {
        list.push(&[ace.kind, ace.flags]);
        list.push(&((8 + ace.sid.len) as u16).to_le_bytes());
        list.push(&ace.mask.to_le_bytes());
        list.push(ace.sid.bytes());
    }
    let size = (list.len as u16).to_le_bytes();
    list.put(2, &size);
    list
}

/// A DACL, as a descriptor has it.
#[derive(Clone, Copy)]
pub enum Dacl<'a> {
    Absent,
    Null,
    Of(&'a [Ace]),
}

/// A self-relative descriptor.
pub fn relative(owner: Option<&Sid>, group: Option<&Sid>, dacl: Dacl<'_>) -> Bytes {
    let mut made = Bytes::EMPTY;
    made.push(&[SECURITY_DESCRIPTOR_REVISION, 0]);
    let present = if matches!(dacl, Dacl::Absent) { 0 } else { control::DACL_PRESENT };
    made.push(&(control::SELF_RELATIVE | present).to_le_bytes());
    made.push(&[0; 16]);
    let mut part = |field: usize, bytes: &[u8]| {
        let at = (made.len as u32).to_le_bytes();
        made.put(field, &at);
        made.push(bytes);
    };
    owner.into_iter().for_each(|sid| part(4, sid.bytes()));
    group.into_iter().for_each(|sid| part(8, sid.bytes()));
    if let Dacl::Of(aces) = dacl {
        part(16, acl(aces).as_bytes());
    }
    made
}

/// A descriptor of nothing but a DACL.
pub fn protected(aces: &[Ace]) -> Bytes {
    relative(None, None, Dacl::Of(aces))
}

/// An absolute descriptor; what it points to must live as long as it is used.
pub fn absolute(owner: &Sid, group: &Sid, dacl: &Bytes) -> SecurityDescriptor {
    SecurityDescriptor {
        revision: SECURITY_DESCRIPTOR_REVISION,
        control: control::DACL_PRESENT,
        owner: owner.address(),
        group: group.address(),
        dacl: dacl.address(),
        ..SecurityDescriptor::default()
    }
}

/// A number in what the kernel told.
pub fn number(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// Whether a pointer in what the kernel told leads to these bytes, which are behind it.
pub fn leads_to(told: &[u8], pointer_at: usize, expected: &[u8]) -> bool {
    let base = from::<_, ()>(told).address;
    let Some(pointer) = told.get(pointer_at..).and_then(<[u8]>::first_chunk) else { return false };
    let offset = u64::from_le_bytes(*pointer).wrapping_sub(base) as usize;
    told.get(offset..).is_some_and(|rest| rest.starts_with(expected))
}

/// A DACL of a self-relative descriptor that the kernel told: its count of ACEs, and type, flags, mask and SID of one.
pub fn ace_of(told: &[u8], index: usize) -> Option<(u8, u8, u32, &[u8])> {
    let dacl = number(told, 16) as usize;
    let count = number(told, dacl + 4) as usize & 0xFFFF;
    let mut at = dacl + 8;
    for position in 0..count {
        let size = number(told, at) as usize >> 16;
        let ace = told.get(at..at + size)?;
        if position == index {
            return Some((ace[0], ace[1], number(ace, 4), &ace[8..]));
        }
        at += size;
    }
    None
}
