//! Tokens as the kernel holds them.

use alloc::sync::Arc;
use core::ops::Deref;
use core::sync::atomic::{AtomicBool, Ordering};

use hal::cell::KernelCell;
use nt::NtStatus;
use nt::security::Luid;
use secore::{Token, TokenKind};

use super::luid;
use crate::ob::{Body, Object, Security};

/// Number of the system's token: the last that no caller is given.
const SYSTEM_TOKEN: Luid = Luid::new(Luid::FIRST.number() - 1);

static SYSTEM: Token = Token::system(SYSTEM_TOKEN);

/// A token as it is at a moment; it does not change any more.
#[derive(Clone, Debug)]
pub enum TokenRef {
    /// The system's, which the compiler has made.
    System,
    /// Any other.
    Shared(Arc<Token>),
}

impl Deref for TokenRef {
    type Target = Token;

    #[inline]
    fn deref(&self) -> &Token {
        match self {
            Self::System => &SYSTEM,
            Self::Shared(token) => token,
        }
    }
}

impl From<Token> for TokenRef {
    fn from(token: Token) -> Self {
        Self::Shared(Arc::new(token))
    }
}

/// The body of a token object.
#[derive(Debug)]
pub struct TokenObject {
    token: KernelCell<TokenRef>,
    /// A process has it.
    in_use: AtomicBool,
}

impl TokenObject {
    /// The token as it is now.
    pub fn now(&self) -> TokenRef {
        self.token.lock().clone()
    }

    /// Notes that it becomes a process's. Returns whether it was free for that.
    pub fn take_for_process(&self) -> bool {
        !self.in_use.swap(true, Ordering::Relaxed)
    }

    /// Changes the token. Whoever holds it as it was does not see that.
    ///
    /// # Errors
    /// What `change` says; nothing has changed then, if it sees to that itself.
    pub fn change<R>(&self, change: impl FnOnce(&mut Token, Luid) -> R) -> R {
        let mut token = self.now();
        let mut copy = Token::clone(&token);
        let result = change(&mut copy, luid::allocate());
        token = copy.into();
        // What was there is dropped behind the guard.
        core::mem::swap(&mut *self.token.lock(), &mut token);
        result
    }
}

/// A new token object without name; `security` says who may open it.
pub fn object(token: TokenRef, security: Security) -> Object {
    let body = TokenObject { token: KernelCell::new(token), in_use: AtomicBool::new(false) };
    Object::new(Body::Token(body), obns::Attributes::NONE, security)
}

/// The token of a token object.
///
/// # Errors
/// OBJECT_TYPE_MISMATCH.
pub fn of_object(object: &Object) -> Result<&TokenObject, NtStatus> {
    match object.body() {
        Some(Body::Token(token)) => Ok(token),
        _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
    }
}

/// A process's token. It becomes an object when it is opened.
#[derive(Clone, Debug)]
pub enum PrimaryToken {
    /// As it was when the process was made; nobody has opened it since.
    Inherited(TokenRef),
    /// An object of its own.
    Object(Object),
}

impl PrimaryToken {
    /// The token as it is now.
    pub fn now(&self) -> TokenRef {
        match self {
            Self::Inherited(token) => token.clone(),
            Self::Object(object) => of_object(object).map_or(TokenRef::System, TokenObject::now),
        }
    }

    /// What a child of the process begins with: a copy, which goes its own way.
    pub fn for_child(&self) -> Self {
        Self::Inherited(self.now())
    }

    /// The token's object. The first that asks makes it.
    ///
    /// # Errors
    /// What copying the token gives.
    pub fn object(&mut self) -> Result<Object, NtStatus> {
        let token = match self {
            Self::Object(object) => return Ok(object.clone()),
            Self::Inherited(token) => token,
        };
        let own: TokenRef = token.duplicate(luid::allocate(), TokenKind::Primary, false)?.into();
        let object = object(own.clone(), Security::of_creator(own));
        of_object(&object)?.take_for_process();
        *self = Self::Object(object.clone());
        Ok(object)
    }
}
