//! How far a server may act as a client that has connected to it.

use nt::NtStatus;
use nt::security::{ImpersonationLevel, SecurityQualityOfService};
use secore::TokenKind;

use super::impersonate::as_client;
use super::make;
use super::subject::{effective, of_thread};
use super::token::TokenRef;
use crate::ps::Thread;

/// What a client gives to a server with its connection.
#[derive(Clone, Debug)]
pub struct ClientContext {
    level: ImpersonationLevel,
    effective_only: bool,
    /// The client at the moment of connecting (static tracking); nothing for the client as it is at the time
    /// (dynamic tracking).
    token: Option<TokenRef>,
}

impl ClientContext {
    /// From what the current thread gives.
    ///
    /// # Errors
    /// BAD_IMPERSONATION_LEVEL: no such level, or a higher one than the thread itself may act at.
    pub fn of_current(quality: &SecurityQualityOfService) -> Result<Self, NtStatus> {
        let level = make::level_of(quality)?;
        let token = effective().unwrap_or(TokenRef::System);
        if let TokenKind::Impersonation(own) = token.kind()
            && own < level
        {
            return Err(NtStatus::BAD_IMPERSONATION_LEVEL);
        }
        let is_dynamic = quality.context_tracking_mode != 0;
        let token = if is_dynamic { None } else { Some(token) };
        Ok(Self { level, effective_only: quality.effective_only != 0, token })
    }

    /// Lets a thread act as the client, whose thread is `client`.
    ///
    /// # Errors
    /// BAD_IMPERSONATION_LEVEL: the client may not act so far as whom it acts now.
    pub fn impersonate(&self, server: &Thread, client: &Thread) -> Result<(), NtStatus> {
        let token = match &self.token {
            Some(token) => token.clone(),
            None => of_thread(client).unwrap_or(TokenRef::System),
        };
        as_client(server, &token, self.level, self.effective_only)
    }
}
