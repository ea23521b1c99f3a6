//! What an object has for the access check, and the services that tell and change it.

use alloc::sync::Arc;

use hal::cell::KernelCell;
use nt::NtStatus;
use nt::security::GenericMapping;
use secore::{AclBuf, Creation, Descriptor};

use super::body::{Kind, Object};
use crate::se::TokenRef;

/// An object's security descriptor, in the form that costs least.
#[derive(Debug, Default)]
pub struct Security(KernelCell<Slot>);

#[derive(Debug, Default)]
enum Slot {
    /// None: everybody may do everything.
    #[default]
    Open,
    /// One that the compiler has made.
    Fixed(&'static Descriptor),
    /// What the creator's token gave at the time of the creation. It is made when somebody looks.
    OfCreator(TokenRef),
    /// Any other.
    Own(Arc<Descriptor>),
}

impl Security {
    /// A descriptor that the compiler has made.
    pub const fn fixed(descriptor: &'static Descriptor) -> Self {
        Self(KernelCell::new(Slot::Fixed(descriptor)))
    }

    /// What a token gives to objects when nothing else gives them a descriptor.
    pub const fn of_creator(token: TokenRef) -> Self {
        Self(KernelCell::new(Slot::OfCreator(token)))
    }

    /// A descriptor.
    pub const fn own(descriptor: Arc<Descriptor>) -> Self {
        Self(KernelCell::new(Slot::Own(descriptor)))
    }

    /// Puts another one in its place.
    pub fn replace(&self, other: Self) {
        let mut slot = other.0.into_inner();
        // What was there is dropped behind the guard.
        core::mem::swap(&mut *self.0.lock(), &mut slot);
    }

    /// Whether there is none.
    #[inline]
    pub fn is_open(&self) -> bool {
        matches!(*self.0.lock(), Slot::Open)
    }

    /// Looks at the descriptor; nothing if there is none.
    pub fn with<R>(&self, kind: Kind, look: impl FnOnce(Option<&Descriptor>) -> R) -> R {
        let mut slot = self.0.lock();
        if let Slot::OfCreator(token) = &*slot {
            *slot = Slot::Own(Arc::new(default_of(token, kind.info().mapping)));
        }
        match &*slot {
            Slot::Fixed(descriptor) => look(Some(descriptor)),
            Slot::Own(descriptor) => look(Some(descriptor)),
            Slot::Open | Slot::OfCreator(_) => look(None),
        }
    }

    /// The descriptor of a new object: the explicit one, what it inherits from the directory, or what its
    /// creator's token gives.
    ///
    /// # Errors
    /// Those of [`Creation::assign`].
    pub fn assign(
        kind: Kind,
        token: TokenRef,
        explicit: Option<&Descriptor>,
        directory: Option<&Object>,
    ) -> Result<Self, NtStatus> {
        let assign = |parent: Option<&Descriptor>| {
            if explicit.is_none() && !parent.is_some_and(Descriptor::is_inherited) {
                return Ok(Self::of_creator(token.clone()));
            }
            let creation = Creation {
                explicit,
                parent,
                is_container: matches!(kind, Kind::Directory | Kind::Key),
                token: &token,
                mapping: kind.info().mapping,
            };
            creation.assign().map(|descriptor| Self::own(Arc::new(descriptor)))
        };
        match directory {
            Some(directory) => directory.security().with(directory.kind(), assign),
            None => assign(None),
        }
    }
}

fn default_of(token: &TokenRef, mapping: &GenericMapping) -> Descriptor {
    let creation = Creation { explicit: None, parent: None, is_container: false, token, mapping };
    // With nothing explicit and nothing inherited there is nothing to refuse; if there were, nobody gets in.
    creation.assign().unwrap_or_else(|_| Descriptor::with_dacl(AclBuf::new()))
}
