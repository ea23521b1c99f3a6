//! Objects: what NT keeps in an object's header, and a body.

use alloc::boxed::Box;
use alloc::sync::{Arc, Weak};
use core::fmt;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use crate::attributes::Attributes;
use crate::error::ObError;

/// What the kernel makes objects of, besides directories and symbolic links.
pub trait Body {
    /// The types of objects.
    type Kind: Copy + Eq + fmt::Debug;
    /// What every object has for the access check; the kernel puts a lock in it if it is to change.
    type Security: Default;
    /// The type of directories.
    const DIRECTORY: Self::Kind;
    /// The type of symbolic links.
    const SYMBOLIC_LINK: Self::Kind;
    /// The type of this object.
    fn kind(&self) -> Self::Kind;
    /// Whether names behind this object are its own business (devices, keys).
    fn parses(&self) -> bool;
}

/// A reference to an object; cloning it counts one more.
pub struct Object<T: Body>(Arc<Inner<T>>);

pub(crate) struct Inner<T: Body> {
    pub(crate) content: Content<T>,
    handles: AtomicU32,
    attributes: AtomicU32,
    /// The process that holds it exclusively; 0 for none.
    owner: AtomicU32,
    /// Number of its entry in the namespace plus one; 0 for none.
    entry: AtomicU32,
    security: T::Security,
}

pub(crate) enum Content<T> {
    /// Number of the directory's slot, which is in use as long as this is.
    Directory(u32),
    /// Where it leads, and behind that, from the NUL at that unit on, where it led before.
    Link(Box<[u16]>, usize),
    Body(T),
}

impl<T: Body> Object<T> {
    /// An object without name and handles. Of the attributes PERMANENT and EXCLUSIVE are kept.
    pub fn new(body: T, attributes: Attributes, security: T::Security) -> Self {
        Self::with(Content::Body(body), attributes, security)
    }

    /// A symbolic link without name and handles. An empty target stands for the root.
    pub fn new_link(target: &[u16], attributes: Attributes, security: T::Security) -> Self {
        Self::with(Content::Link(target.into(), target.len()), attributes, security)
    }

    /// A symbolic link that leads to the first `length` units of a text. What follows them is kept for who asks.
    pub fn new_link_with_history(
        text: &[u16],
        length: usize,
        attributes: Attributes,
        security: T::Security,
    ) -> Self {
        Self::with(Content::Link(text.into(), length.min(text.len())), attributes, security)
    }

    pub(crate) fn with(content: Content<T>, attributes: Attributes, security: T::Security) -> Self {
        let attributes = attributes.only(Attributes::PERMANENT | Attributes::EXCLUSIVE);
        Self(Arc::new(Inner {
            content,
            handles: AtomicU32::new(0),
            attributes: AtomicU32::new(attributes.0),
            owner: AtomicU32::new(0),
            entry: AtomicU32::new(0),
            security,
        }))
    }

    /// The type.
    #[inline]
    pub fn kind(&self) -> T::Kind {
        match &self.0.content {
            Content::Directory(_) => T::DIRECTORY,
            Content::Link(..) => T::SYMBOLIC_LINK,
            Content::Body(body) => body.kind(),
        }
    }

    /// The body; nothing for directories and links.
    #[inline]
    pub fn body(&self) -> Option<&T> {
        if let Content::Body(body) = &self.0.content { Some(body) } else { None }
    }

    /// Where a symbolic link leads.
    pub fn link_target(&self) -> Option<&[u16]> {
        if let Content::Link(text, length) = &self.0.content { text.get(..*length) } else { None }
    }

    /// Where a symbolic link leads, and what its maker put behind that.
    pub fn link_history(&self) -> Option<&[u16]> {
        if let Content::Link(text, _) = &self.0.content { Some(text) } else { None }
    }

    /// What the access check needs.
    pub fn security(&self) -> &T::Security {
        &self.0.security
    }

    /// How many handles there are (HandleCount).
    #[inline]
    pub fn handle_count(&self) -> u32 {
        self.0.handles.load(Relaxed)
    }

    /// How many references there are, handles and name included (PointerCount).
    pub fn reference_count(&self) -> usize {
        Arc::strong_count(&self.0)
    }

    /// Whether it keeps its name without handles.
    pub fn is_permanent(&self) -> bool {
        self.attributes().has(Attributes::PERMANENT)
    }

    /// PERMANENT and EXCLUSIVE, as far as they are set.
    pub fn attributes(&self) -> Attributes {
        Attributes(self.0.attributes.load(Relaxed))
    }

    /// Whether it is in the namespace.
    pub fn is_named(&self) -> bool {
        self.0.entry.load(Relaxed) != 0
    }

    /// A number that tells objects apart while they live.
    pub fn address(&self) -> u64 {
        Arc::as_ptr(&self.0).addr() as u64
    }

    /// Whether both refer to one object.
    #[inline]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    #[inline]
    pub(crate) fn content(&self) -> &Content<T> {
        &self.0.content
    }

    pub(crate) fn downgrade(&self) -> Weak<Inner<T>> {
        Arc::downgrade(&self.0)
    }

    pub(crate) fn upgrade(weak: &Weak<Inner<T>>) -> Option<Self> {
        weak.upgrade().map(Self)
    }

    pub(crate) fn entry(&self) -> Option<u32> {
        self.0.entry.load(Relaxed).checked_sub(1)
    }

    pub(crate) fn set_entry(&self, entry: Option<u32>) {
        self.0.entry.store(entry.map_or(0, |entry| entry + 1), Relaxed);
    }

    pub(crate) fn set_permanent(&self, permanent: bool) {
        let others = self.attributes().0 & !Attributes::PERMANENT.0;
        let bit = if permanent { Attributes::PERMANENT.0 } else { 0 };
        self.0.attributes.store(others | bit, Relaxed);
    }

    /// Counts a handle of a process, if the rules about exclusive objects allow it.
    pub(crate) fn add_handle(&self, process: u32, attributes: Attributes) -> Result<(), ObError> {
        let wants = attributes.has(Attributes::EXCLUSIVE);
        if wants || self.attributes().has(Attributes::EXCLUSIVE) {
            self.check_exclusive(process, wants, attributes)?;
        }
        self.0.handles.fetch_add(1, Relaxed);
        Ok(())
    }

    #[cold]
    fn check_exclusive(&self, process: u32, wants: bool, attributes: Attributes) -> Result<(), ObError> {
        let owner = self.0.owner.load(Relaxed);
        if !wants {
            return if owner == 0 { Ok(()) } else { Err(ObError::AccessDenied) };
        }
        if attributes.has(Attributes::INHERIT) || !self.attributes().has(Attributes::EXCLUSIVE) {
            return Err(ObError::InvalidParameter);
        }
        if owner != process && (owner != 0 || self.handle_count() != 0) {
            return Err(ObError::AccessDenied);
        }
        self.0.owner.store(process, Relaxed);
        Ok(())
    }

    /// Whether a process holds it exclusively.
    pub(crate) fn is_owned(&self) -> bool {
        self.0.owner.load(Relaxed) != 0
    }

    /// Counts a handle less. Returns whether it was the last.
    pub(crate) fn drop_handle(&self) -> bool {
        let is_last = self.0.handles.fetch_sub(1, Relaxed) == 1;
        if is_last {
            self.0.owner.store(0, Relaxed);
        }
        is_last
    }
}

impl<T: Body> Clone for Object<T> {
    #[inline]
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Body> fmt::Debug for Object<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object")
            .field("kind", &self.kind())
            .field("handles", &self.handle_count())
            .field("references", &self.reference_count())
            .field("attributes", &self.attributes())
            .finish_non_exhaustive()
    }
}
