//! Making `\SmApiPort`.

use nt::NtStatus;
use nt::lpc::PORT_ALL_ACCESS;
use nt::sm::{SbConnectionInfo, SbMessage, SmMessage};
use rt::lpc::Port;

/// The port's name.
pub const NAME: &[u16] = nt::wide!(r"\SmApiPort");
/// How many SB messages its pool holds (spec/smss.md 1.3 step 1).
const POOL: usize = 32;

/// A self-relative SECURITY_DESCRIPTOR: SYSTEM and the administrators may do everything, nobody else anything.
const DESCRIPTOR: [u32; 18] = [
    // Revision 1; SE_SELF_RELATIVE, SE_DACL_PRESENT; no owner, group and SACL; the DACL is behind the head.
    0x8004_0001,
    0,
    0,
    0,
    20,
    // ACL: revision 2, its bytes; two entries.
    52 << 16 | 2,
    2,
    // ACCESS_ALLOWED_ACE for S-1-5-18.
    20 << 16,
    PORT_ALL_ACCESS,
    0x0101,
    0x0500_0000,
    18,
    // ACCESS_ALLOWED_ACE for S-1-5-32-544.
    24 << 16,
    PORT_ALL_ACCESS,
    0x0201,
    0x0500_0000,
    32,
    544,
];

/// Makes the port.
///
/// # Errors
/// What `NtCreatePort` says.
pub fn create() -> Result<Port<SmMessage>, NtStatus> {
    let pool = POOL * size_of::<SbMessage>() / size_of::<SmMessage>();
    Port::create(NAME, &DESCRIPTOR, size_of::<SbConnectionInfo>(), pool)
}
