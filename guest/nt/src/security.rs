//! Security: access masks, identifiers, lists, descriptors, privileges, tokens.
//!
//! Sources: Microsoft's `[MS-DTYP]` 2.4 (SID, ACE, ACL, SECURITY_DESCRIPTOR, SECURITY_INFORMATION), its
//! documentation of access rights and of TOKEN_INFORMATION_CLASS, and phnt's `ntseapi.h` and `ntobapi.h`.

mod access;
mod descriptor;
mod luid;
mod rights;
mod token;

pub use access::*;
pub use descriptor::*;
pub use luid::*;
pub use rights::*;
pub use token::*;

pub use crate::lpc::SecurityQualityOfService;
