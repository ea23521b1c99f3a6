//! Descriptors of what the kernel itself names: everybody may look, the system and Administrators may do
//! everything. The compiler makes them.
//! Source: M. Russinovich et al., "Windows Internals", on the object namespace; `accesschk -o` and WinObj show them.

use nt::security::{
    DIRECTORY_ALL_ACCESS, DIRECTORY_QUERY, DIRECTORY_TRAVERSE, FILE_ALL_ACCESS, FILE_GENERIC_EXECUTE,
    FILE_GENERIC_READ, FILE_GENERIC_WRITE, READ_CONTROL, SYMBOLIC_LINK_ALL_ACCESS, SYMBOLIC_LINK_QUERY,
};
use secore::{AclBuf, Descriptor, FixedAcl, List, Sid, fixed_size};

use crate::ob::body::Kind;

macro_rules! public {
    ($($(#[$doc:meta])* $name:ident: world $world:expr, all $all:expr;)*) => {
        $($(#[$doc])* static $name: Descriptor = {
            // The system's comes first: it is what most checks at boot look for.
            const ACES: &[(u32, Sid)] =
                &[($all, Sid::LOCAL_SYSTEM), ($all, Sid::ADMINISTRATORS), ($world, Sid::WORLD)];
            static DACL: FixedAcl<{ fixed_size(ACES) }> = FixedAcl::allow(ACES);
            Descriptor {
                control: 0,
                sbz1: 0,
                owner: Some(Sid::ADMINISTRATORS),
                group: Some(Sid::LOCAL_SYSTEM),
                dacl: List::Acl(AclBuf::fixed(&DACL)),
                sacl: List::Absent,
            }
        };)*
    };
}

public! {
    /// Of directories.
    DIRECTORY: world READ_CONTROL | DIRECTORY_QUERY | DIRECTORY_TRAVERSE, all DIRECTORY_ALL_ACCESS;
    /// Of symbolic links.
    LINK: world READ_CONTROL | SYMBOLIC_LINK_QUERY, all SYMBOLIC_LINK_ALL_ACCESS;
    /// Of devices: what they let be done with them, everybody may do.
    DEVICE: world FILE_GENERIC_READ | FILE_GENERIC_WRITE | FILE_GENERIC_EXECUTE, all FILE_ALL_ACCESS;
}

/// The descriptor of an object of the kernel's own.
pub const fn public(kind: Kind) -> &'static Descriptor {
    match kind {
        Kind::Directory => &DIRECTORY,
        Kind::SymbolicLink => &LINK,
        _ => &DEVICE,
    }
}
