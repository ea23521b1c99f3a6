//! A handle that was closed.

use crate::object::{Body, Object};

/// What a closed handle stood for. If it [`needs_settling`](Self::needs_settling), its object goes to
/// [`crate::Namespace::settle`]; if it [`is_last`](Self::is_last), the type's own clean-up is due
/// (a port is closed, a file gets its clean-up request).
#[must_use = "the last handle may take the object's name with it"]
#[derive(Debug)]
pub struct Closed<T: Body> {
    object: Object<T>,
    is_last: bool,
}

impl<T: Body> Closed<T> {
    pub(crate) fn new(object: Object<T>) -> Self {
        let is_last = object.drop_handle();
        Self { object, is_last }
    }

    /// Whether no handle is left.
    #[inline]
    pub fn is_last(&self) -> bool {
        self.is_last
    }

    /// Whether a name may have to go.
    #[inline]
    pub fn needs_settling(&self) -> bool {
        self.is_last && self.object.is_named() && !self.object.is_permanent()
    }

    /// The object.
    pub fn object(&self) -> &Object<T> {
        &self.object
    }

    /// The object.
    pub fn into_object(self) -> Object<T> {
        self.object
    }
}
