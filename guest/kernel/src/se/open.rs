//! `NtOpenProcessToken` and `NtOpenThreadToken`.

use nt::NtStatus;
use nt::security::{ImpersonationLevel, PROCESS_QUERY_INFORMATION, THREAD_QUERY_INFORMATION};
use nt::types::{Boolean, Handle, UserPtr};
use obns::Attributes;
use secore::TokenKind;

use super::token::of_object;
use crate::ke::sched;
use crate::ke::service::NtResult;
use crate::ob::{access, handle};

/// `NtOpenProcessToken`.
pub fn process_token(process: Handle, desired: u32, token: UserPtr<Handle>) -> NtResult {
    let process = handle::process(process, PROCESS_QUERY_INFORMATION)?;
    let object = process.attributes().lock().token.object()?;
    let granted = access::check(&object, desired)?;
    handle::give(token, object, granted, Attributes::NONE)?;
    Ok(NtStatus::SUCCESS)
}

/// `NtOpenThreadToken`: NO_TOKEN when the thread acts as itself; CANT_OPEN_ANONYMOUS when nobody is to know as whom
/// it acts. `as_self`: the access check is that of the caller's process, as whom its thread does not act now.
pub fn thread_token(thread: Handle, desired: u32, as_self: Boolean, token: UserPtr<Handle>) -> NtResult {
    let thread = handle::thread(thread, THREAD_QUERY_INFORMATION)?;
    let object = thread.attributes().lock().impersonation.clone().ok_or(NtStatus::NO_TOKEN)?;
    if of_object(&object)?.now().kind() == TokenKind::Impersonation(ImpersonationLevel::Anonymous) {
        return Err(NtStatus::CANT_OPEN_ANONYMOUS);
    }
    let granted = match as_self.0 {
        0 => access::check(&object, desired)?,
        _ => {
            let own = sched::current().process().attributes().lock().token.now();
            access::check_as(&own, &object, desired)?
        }
    };
    handle::give(token, object, granted, Attributes::NONE)?;
    Ok(NtStatus::SUCCESS)
}
