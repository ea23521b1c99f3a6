//! The one namespace: opening and creating by name.

use alloc::vec::Vec;

use hal::cell::{Guard, KernelCell};
use nt::types::{Handle, UserPtr};
use nt::{NtStatus, wide};
use obns::{Attributes, Created, Namespace, ObError, Opened, Query};
use zerocopy::IntoBytes;

use super::access;
use super::body::{Body, Kind, Object, Security};
use super::capture::Captured;
use super::handle;
use crate::mm::user;
use crate::se;

static NAMESPACE: KernelCell<Option<Namespace<Body>>> = KernelCell::new(None);

/// The namespace, borrowed. Never across user memory, a wait, or anything that may open a name.
pub struct Names(Guard<'static, Option<Namespace<Body>>>);

impl core::ops::Deref for Names {
    type Target = Namespace<Body>;
    fn deref(&self) -> &Namespace<Body> {
        self.0.as_ref().expect("the namespace is made in phase 0")
    }
}

impl core::ops::DerefMut for Names {
    fn deref_mut(&mut self) -> &mut Namespace<Body> {
        self.0.as_mut().expect("the namespace is made in phase 0")
    }
}

/// Borrows the namespace.
#[track_caller]
pub fn names() -> Names {
    Names(NAMESPACE.lock())
}

/// Makes the namespace with what the kernel itself puts there (spec/smss.md 1.0 K4, K5).
///
/// # Errors
/// INSUFFICIENT_RESOURCES.
pub fn init() -> Result<(), NtStatus> {
    let mut namespace = Namespace::new(public(Kind::Directory));
    namespace.create_dos_devices(public)?;
    *NAMESPACE.lock() = Some(namespace);
    for directory in [wide!(r"\Device"), wide!(r"\ArcName")] {
        create_directory(directory)?;
    }
    Ok(())
}

/// The security of what the kernel itself names.
fn public(kind: Kind) -> Security {
    Security::fixed(se::public(kind))
}

/// Makes a permanent directory of the kernel's own.
///
/// # Errors
/// What `obns` says.
pub fn create_directory(path: &[u16]) -> Result<(), NtStatus> {
    let directory = names().new_directory(Attributes::PERMANENT, public(Kind::Directory));
    create_permanent(path, &directory)
}

/// Makes a permanent symbolic link of the kernel's own.
///
/// # Errors
/// What `obns` says.
pub fn create_link(path: &[u16], target: &[u16]) -> Result<(), NtStatus> {
    create_permanent(path, &Object::new_link(target, Attributes::PERMANENT, public(Kind::SymbolicLink)))
}

/// Gives a permanent object of the kernel's own its name.
///
/// # Errors
/// What `obns` says.
pub fn create_permanent(path: &[u16], object: &Object) -> Result<(), NtStatus> {
    names().create(&Query::new(path), object, |_| Ok::<_, ObError>(()))?;
    Ok(())
}

/// Takes an object's name away if nothing keeps it any more.
pub fn settle(object: &Object) {
    names().settle(object);
}

/// What a name led to: an object, or one that parses the rest of the name itself.
pub enum Found {
    /// The object.
    Object(Object),
    /// An object of a type with names of its own, and what is left of the name: empty or with a leading `\`
    /// (relative to a handle of such an object, without).
    Delegate(Object, Vec<u16>),
}

/// Finds what a captured name means.
///
/// # Errors
/// What `obns` says.
pub fn find(captured: &Captured, kind: Option<Kind>) -> Result<Found, NtStatus> {
    let names = names();
    match names.open(&captured.query(kind))? {
        Opened::Object(object) => Ok(Found::Object(object.clone())),
        Opened::Delegate { object, rest } => Ok(Found::Delegate(object.clone(), rest.to_vec())),
    }
}

/// Opens an object by name and gives the caller a handle: what every `NtOpen…` of a type without names of
/// its own does.
///
/// # Errors
/// Those of the capture and the look-up; OBJECT_TYPE_MISMATCH for what lies behind a device or key;
/// ACCESS_DENIED.
pub fn open_by_name(
    to: UserPtr<Handle>,
    desired: u32,
    attributes: UserPtr<nt::types::ObjectAttributes>,
    kind: Kind,
) -> Result<(), NtStatus> {
    let captured = Captured::to_open(attributes)?;
    match find(&captured, Some(kind))? {
        Found::Object(object) => {
            let granted = access::check(&object, desired)?;
            handle::give(to, object, granted, captured.attributes)
        }
        Found::Delegate(..) => Err(NtStatus::OBJECT_TYPE_MISMATCH),
    }
}

/// Gives a new object its name, if it has one, and the caller a handle: what every `NtCreate…` of such a
/// type does. OBJECT_NAME_EXISTS when OBJ_OPENIF has opened the one that was there.
///
/// # Errors
/// Those of the look-up; OBJECT_NAME_COLLISION; ACCESS_DENIED.
pub fn create_named(
    to: UserPtr<Handle>,
    desired: u32,
    captured: &Captured,
    object: Object,
) -> Result<NtStatus, NtStatus> {
    let (handle, status) = create_handle(desired, captured, object)?;
    let written = user::write(to.address, handle.as_bytes());
    if written.is_err() {
        let _ = handle::close(handle);
    }
    written.map(|()| status)
}

/// The same for who writes the handle itself.
///
/// # Errors
/// As [`create_named`].
pub fn create_handle(
    desired: u32,
    captured: &Captured,
    object: Object,
) -> Result<(Handle, NtStatus), NtStatus> {
    let mut granted = 0;
    let created = match captured.has_name() {
        false => {
            let security;
            (granted, security) = access::for_new(object.kind(), captured, None, desired)?;
            object.security().replace(security);
            Created::New
        }
        true => {
            let query = captured.query(Some(object.kind()));
            names().create(&query, &object, |directory| {
                let (kind, security);
                kind = object.kind();
                access::check_creation(directory, kind)?;
                (granted, security) = access::for_new(kind, captured, Some(directory), desired)?;
                object.security().replace(security);
                Ok::<_, NtStatus>(())
            })?
        }
    };
    match created {
        Created::New => Ok((handle::insert(object, granted, captured.attributes)?, NtStatus::SUCCESS)),
        Created::Exists(existing) => {
            let granted = access::check(&existing, desired)?;
            Ok((handle::insert(existing, granted, captured.attributes)?, NtStatus::OBJECT_NAME_EXISTS))
        }
    }
}
