//! Who asks: the token that counts for the current thread.

use nt::NtStatus;
use nt::security::{DIRECTORY_TRAVERSE, privilege};
use obns::Traverse;

use super::token::{TokenRef, of_object};
use crate::ke::sched;
use crate::ob::{Body, Object, Security, access};
use crate::ps::Thread;

/// The token of the caller: the thread's if it impersonates, else its process's. Nothing when it is the kernel that
/// asks, in a thread of its own or before there are threads: it may do everything.
pub fn effective() -> Option<TokenRef> {
    sched::with_current(of_thread).flatten()
}

/// The same for any thread.
pub fn of_thread(thread: &Thread) -> Option<TokenRef> {
    if !thread.has_user_mode() {
        return None;
    }
    let impersonation = thread.attributes().lock().impersonation.clone();
    if let Some(token) = impersonation {
        return of_object(&token).ok().map(|token| token.now());
    }
    Some(thread.process().attributes().lock().token.now())
}

/// The security of a new object to which nothing else gives one.
pub fn default_security() -> Security {
    Security::of_creator(effective().unwrap_or(TokenRef::System))
}

/// Whether the current thread acts as somebody else.
#[inline]
pub fn is_impersonating() -> bool {
    sched::with_current(|thread| thread.attributes().lock().impersonation.is_some()).unwrap_or(false)
}

/// Whether the caller has a privilege, and it is enabled; [`privilege`].
pub fn has(number: u32) -> bool {
    effective().is_none_or(|token| token.has_privilege(number))
}

/// That the caller has a privilege, and it is enabled; [`privilege`].
///
/// # Errors
/// PRIVILEGE_NOT_HELD.
pub fn require(number: u32) -> Result<(), NtStatus> {
    if has(number) { Ok(()) } else { Err(NtStatus::PRIVILEGE_NOT_HELD) }
}

/// The check of directories on the way to a name: nothing for who goes through all of them. That does not depend on
/// how far an impersonation goes.
pub fn traverse() -> Option<Traverse<'static, Body>> {
    let passes = |token: TokenRef| token.privileges().is_enabled(privilege::CHANGE_NOTIFY);
    if effective().is_none_or(passes) { None } else { Some(Traverse(&may_traverse)) }
}

fn may_traverse(directory: &Object) -> bool {
    access::check(directory, DIRECTORY_TRAVERSE).is_ok()
}
