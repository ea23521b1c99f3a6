//! Security descriptors as they lie in memory, self-relative, made by the compiler: no service is asked for them.

/// An access-allowed ACE: its flags, who, what.
#[derive(Clone, Copy, Debug)]
pub struct Ace {
    /// Inheritance.
    pub flags: u8,
    /// Who.
    pub sid: Sid,
    /// What.
    pub mask: u32,
}

/// Whom the ACEs here know.
#[derive(Clone, Copy, Debug)]
pub enum Sid {
    /// `S-1-1-0`.
    World,
    /// `S-1-3-0`.
    CreatorOwner,
    /// `S-1-5-18`.
    System,
    /// `S-1-5-12`.
    Restricted,
    /// `S-1-5-32-544`.
    Administrators,
}

/// OBJECT_INHERIT_ACE, CONTAINER_INHERIT_ACE, INHERIT_ONLY_ACE.
pub const INHERIT_ONLY: u8 = 0xB;

impl Sid {
    /// The authority and the sub-authorities.
    const fn parts(self) -> (u8, &'static [u32]) {
        match self {
            Self::World => (1, &[0]),
            Self::CreatorOwner => (3, &[0]),
            Self::System => (5, &[18]),
            Self::Restricted => (5, &[12]),
            Self::Administrators => (5, &[32, 544]),
        }
    }
}

/// 32-bit words of a descriptor with these ACEs.
pub const fn words(aces: &[Ace]) -> usize {
    let (mut words, mut n) = (5 + 2, 0);
    while n < aces.len() {
        words += 4 + aces[n].sid.parts().1.len();
        n += 1;
    }
    words
}

/// A descriptor with nothing but a discretionary list of these ACEs. `WORDS` is what [`words`] says.
pub const fn descriptor<const WORDS: usize>(aces: &[Ace]) -> [u32; WORDS] {
    assert!(WORDS == words(aces));
    /// SE_SELF_RELATIVE and SE_DACL_PRESENT, above revision 1.
    const HEAD: u32 = 1 | 0x8004 << 16;
    let mut out = [0; WORDS];
    out[0] = HEAD;
    // Where the list is, in bytes.
    out[4] = 20;
    // ACL: revision 2, size; count.
    out[5] = 2 | (((WORDS - 5) * 4) as u32) << 16;
    out[6] = aces.len() as u32;
    let (mut at, mut n) = (7, 0);
    while n < aces.len() {
        let (authority, parts) = aces[n].sid.parts();
        let size = 4 * (4 + parts.len()) as u32;
        out[at] = (aces[n].flags as u32) << 8 | size << 16;
        out[at + 1] = aces[n].mask;
        out[at + 2] = 1 | (parts.len() as u32) << 8;
        out[at + 3] = (authority as u32) << 24;
        let mut part = 0;
        while part < parts.len() {
            out[at + 4 + part] = parts[part];
            part += 1;
        }
        at += 4 + parts.len();
        n += 1;
    }
    out
}

/// A constant descriptor.
#[macro_export]
macro_rules! descriptor {
    ($(#[$doc:meta])* $visibility:vis $name:ident = $(($flags:expr, $sid:ident, $mask:expr)),* $(,)?) => {
        $(#[$doc])*
        $visibility static $name: [u32; $crate::security::words(&[$($crate::security::Ace {
            flags: $flags, sid: $crate::security::Sid::$sid, mask: $mask,
        }),*])] = $crate::security::descriptor(&[$($crate::security::Ace {
            flags: $flags, sid: $crate::security::Sid::$sid, mask: $mask,
        }),*]);
    };
}
