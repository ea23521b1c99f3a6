//! The security reference monitor's pure part: who may do what.
//!
//! - [`Sid`], [`Acl`], [`Ace`], [`SelfRelative`]: readers over any bytes. [`AclBuf`] and [`Descriptor`] own
//!   what they are made of, and are always well formed. [`add_ace`] and its sisters edit an ACL where it lies,
//!   for the Rtl functions.
//! - [`Token`]: who acts. Changes come in two steps where the service reports the previous state: a plan
//!   ([`PrivilegeChange`]), which says how much room that needs, and its application.
//! - [`Token::check_access`]: the access check. [`Creation::assign`]: the descriptor of a new object.
//!   [`Descriptor::query`], [`Descriptor::set`]: what programs see and replace of it.
//!
//! Kernel mode is granted everything without a check; that, and passing by traverse checks with
//! SeChangeNotifyPrivilege ([`Token::has_privilege`]), is the kernel's part. So is which token counts: the
//! thread's if it impersonates, else the process's.
//!
//! # Cost
//!
//! Instructions on the host (callgrind), of a check by the system token: no DACL 34; the first ACE allows the
//! user everything asked for 80, with generic rights 99; the second ACE allows a group 368; MAXIMUM_ALLOWED
//! with two ACEs 502. By a user's token, eight ACEs: 887. `has_privilege` 8. Neither allocates. The
//! descriptor of a new object takes 279 when its DACL is given as null, 498 when it is the token's.
//!
//! Errors are `NtStatus` itself: which one it is, is what this crate knows. Not here, since no object of this
//! kernel needs them: trees of object types, audit records, integrity labels, OWNER RIGHTS (S-1-3-4).
//!
//! Sources: Microsoft, [MS-DTYP] 2.4 and 2.5.3; "ACE Inheritance Rules"; "DACL for a New Object";
//! "LocalSystem Account"; the documentation of the Nt and Rtl functions named; M. Russinovich et al.,
//! "Windows Internals", on security; the Windows 2000 Resource Kit on DACLs of new objects.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod ace;
mod acl;
mod check;
mod descriptor;
mod sid;
mod token;

pub use ace::{Ace, NewAce};
pub use acl::{
    Acl, AclBuf, FixedAcl, ace_range, acl_size, add_ace, create_acl, delete_ace, first_free_ace, fixed_size,
    insert_aces, set_ace_mask_and_flags,
};
pub use check::{Granted, Request};
pub use descriptor::{Creation, Descriptor, List, Parts, SelfRelative, access_to_query, access_to_set};
pub use sid::Sid;
pub use token::{
    Group, GroupChange, NewToken, PrivilegeChange, PrivilegeList, Privileges, QueryError, Restriction, Token,
    TokenIds, TokenKind, UserAccount, access_to_query_token, access_to_set_token,
};
