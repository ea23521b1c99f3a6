//! The path parse: from a name to an object, or to the place where one can be put.

use core::fmt;

use crate::attributes::Attributes;
use crate::entries::Entry;
use crate::error::ObError;
use crate::name::{Component, SEPARATOR, component};
use crate::namespace::{MAX_NAME, Namespace};
use crate::object::{Body, Content, Object};
use crate::rest::Rest;

/// How many links a name may lead through.
pub const MAX_REPARSES: u32 = 32;

/// The prefix that stands for the caller's DOS devices.
const DOS_PREFIX: [u16; 3] = [SEPARATOR, b'?' as u16, b'?' as u16];

/// Whether the caller may look names up in a directory; asked for every directory on the way, if it is there.
pub struct Traverse<'a, T: Body>(pub &'a dyn Fn(&Object<T>) -> bool);

impl<T: Body> Clone for Traverse<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Body> Copy for Traverse<'_, T> {}

impl<T: Body> fmt::Debug for Traverse<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Traverse")
    }
}

/// A name as a caller gives it: OBJECT_ATTRIBUTES and what of the caller matters.
#[derive(Debug)]
pub struct Query<'a, T: Body> {
    /// The name.
    pub name: &'a [u16],
    /// What the name is relative to, if there is a RootDirectory.
    pub root: Option<&'a Object<T>>,
    /// The attributes.
    pub attributes: Attributes,
    /// The type asked for. A link at the end of the name is followed unless links are asked for (or OPENLINK).
    pub kind: Option<T::Kind>,
    /// The directory that `\??` is to the caller; without one it is [`Namespace::dos_devices`].
    pub dos_devices: Option<&'a Object<T>>,
    /// The traverse check. Nothing for callers who go through every directory (SeChangeNotifyPrivilege).
    pub traverse: Option<Traverse<'a, T>>,
}

impl<T: Body> Clone for Query<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Body> Copy for Query<'_, T> {}

impl<'a, T: Body> Query<'a, T> {
    /// An absolute name, any type, any case.
    pub fn new(name: &'a [u16]) -> Self {
        let attributes = Attributes::CASE_INSENSITIVE;
        Self { name, root: None, attributes, kind: None, dos_devices: None, traverse: None }
    }
}

/// Where a name leads.
#[derive(Debug)]
pub enum Opened<'a, T: Body> {
    /// To an object of the type asked for.
    Object(&'a Object<T>),
    /// To or through an object that parses names itself.
    Delegate {
        /// That object.
        object: &'a Object<T>,
        /// What is left of the name.
        rest: Rest<'a>,
    },
}

/// Where a walk ends.
pub(crate) enum Place<'a, T: Body> {
    Object(&'a Object<T>),
    Delegate(&'a Object<T>),
    /// Only the last component is missing.
    Vacant {
        directory: u32,
        name: &'a [u16],
        hash: u64,
    },
}

impl<T: Body> Namespace<T> {
    /// Finds an object by name. Nothing is counted and nothing allocated; whoever keeps the object clones the reference.
    ///
    /// # Errors
    /// NameInvalid, NameNotFound, PathNotFound, PathSyntaxBad, TypeMismatch, NameTooLong, InvalidHandle (the
    /// root is neither a directory nor parses names), AccessDenied (the traverse check). More than
    /// [`MAX_REPARSES`] links are NameNotFound, as in NT.
    pub fn open<'a>(&'a self, query: &Query<'a, T>) -> Result<Opened<'a, T>, ObError> {
        let mut rest = Rest::new(query.name);
        match self.walk(query, &mut rest, false)? {
            Place::Object(object) => match query.kind {
                Some(kind) if kind != object.kind() => Err(ObError::TypeMismatch),
                _ => Ok(Opened::Object(object)),
            },
            Place::Delegate(object) => Ok(Opened::Delegate { object, rest }),
            Place::Vacant { .. } => Err(ObError::NameNotFound),
        }
    }

    /// Goes to where the rest, which is the query's name, leads, and leaves in it what is left.
    pub(crate) fn walk<'a>(
        &'a self,
        query: &Query<'a, T>,
        rest: &mut Rest<'a>,
        inserting: bool,
    ) -> Result<Place<'a, T>, ObError> {
        if query.name.len() > MAX_NAME {
            return Err(ObError::NameInvalid);
        }
        let mut start = match query.root {
            None => self.start_absolute(rest, query)?,
            Some(root) => start_relative(root, query.name)?,
        };
        let mut reparses = 0;
        loop {
            let directory = match start {
                Start::In(directory) => directory,
                Start::At(place) => return Ok(place),
            };
            let target = match self.descend(directory, rest, query, inserting)? {
                Step::End(place) => return Ok(place),
                Step::Link(target) => target,
            };
            reparses += 1;
            if reparses > MAX_REPARSES {
                return Err(ObError::NameNotFound);
            }
            rest.prepend(target);
            if rest.len() > MAX_NAME {
                return Err(ObError::NameTooLong);
            }
            start = self.start_absolute(rest, query).map_err(|_| ObError::NameNotFound)?;
        }
    }

    /// Walks through directories up to something else.
    #[inline]
    fn descend<'a>(
        &'a self,
        mut directory: u32,
        rest: &mut Rest<'a>,
        query: &Query<'a, T>,
        inserting: bool,
    ) -> Result<Step<'a, T>, ObError> {
        let ignore_case = query.attributes.has(Attributes::CASE_INSENSITIVE);
        let mut text = rest.current();
        loop {
            if let Some(traverse) = query.traverse {
                self.check_traverse(directory, traverse)?;
            }
            if let [SEPARATOR, behind @ ..] = text {
                text = behind;
            }
            let Component { len, hash } = component(text);
            let Some((name, behind)) = text.split_at_checked(len).filter(|_| len != 0) else {
                return Err(ObError::NameInvalid);
            };
            text = if behind.is_empty() { rest.next_piece() } else { behind };
            let is_last = text.is_empty();
            let Some(entry) = self.find(directory, name, hash, ignore_case, !inserting) else {
                return match is_last {
                    true => Ok(Step::End(Place::Vacant { directory, name, hash })),
                    false => Err(ObError::PathNotFound),
                };
            };
            let step = match entry.object.content() {
                Content::Directory(number) if !is_last => {
                    directory = *number;
                    continue;
                }
                Content::Link(text, length) if !(is_last && wants_link(query)) => {
                    Step::Link(text.get(..*length).unwrap_or(text))
                }
                Content::Body(body) if !inserting && body.parses() => {
                    Step::End(Place::Delegate(&entry.object))
                }
                _ if is_last => Step::End(Place::Object(&entry.object)),
                _ => return Err(ObError::TypeMismatch),
            };
            rest.set_current(text);
            return Ok(step);
        }
    }

    #[cold]
    fn check_traverse(&self, directory: u32, traverse: Traverse<'_, T>) -> Result<(), ObError> {
        let directory = self.directories.get(directory).and_then(|slot| slot.owner());
        match directory {
            Some(directory) if (traverse.0)(&directory) => Ok(()),
            Some(_) => Err(ObError::AccessDenied),
            None => Err(ObError::PathNotFound),
        }
    }

    #[inline]
    fn find(
        &self,
        directory: u32,
        name: &[u16],
        hash: u64,
        ignore_case: bool,
        shadow: bool,
    ) -> Option<&Entry<T>> {
        self.entries.find(directory, name, hash, ignore_case).or_else(|| {
            let shadow = self.directories.get(directory)?.shadow.as_ref().filter(|_| shadow)?;
            let Content::Directory(number) = shadow.content() else { return None };
            self.entries.find(*number, name, hash, ignore_case)
        })
    }

    /// Where an absolute name begins: in the root, or in the DOS devices.
    fn start_absolute<'a>(
        &'a self,
        rest: &mut Rest<'a>,
        query: &Query<'a, T>,
    ) -> Result<Start<'a, T>, ObError> {
        let name = rest.current();
        if name.first() != Some(&SEPARATOR) {
            return Err(ObError::PathSyntaxBad);
        }
        if name.len() == 1 && rest.len() == 1 {
            return Ok(Start::At(Place::Object(&self.root)));
        }
        if name.get(..3) == Some(&DOS_PREFIX)
            && name.get(3).is_none_or(|&unit| unit == SEPARATOR)
            && let Some(devices) = query.dos_devices.or(self.dos_devices.as_ref())
            && let Content::Directory(number) = devices.content()
        {
            rest.skip(3);
            return Ok(if rest.is_empty() { Start::At(Place::Object(devices)) } else { Start::In(*number) });
        }
        match self.root.content() {
            Content::Directory(number) => Ok(Start::In(*number)),
            _ => Err(ObError::PathNotFound),
        }
    }
}

/// Where a walk begins.
enum Start<'a, T: Body> {
    In(u32),
    At(Place<'a, T>),
}

/// How a walk through directories ends.
enum Step<'a, T: Body> {
    End(Place<'a, T>),
    Link(&'a [u16]),
}

fn start_relative<'a, T: Body>(root: &'a Object<T>, name: &[u16]) -> Result<Start<'a, T>, ObError> {
    match root.content() {
        Content::Directory(_) if name.is_empty() => Ok(Start::At(Place::Object(root))),
        Content::Directory(_) if name.first() == Some(&SEPARATOR) => Err(ObError::PathSyntaxBad),
        Content::Directory(number) => Ok(Start::In(*number)),
        Content::Body(body) if body.parses() => Ok(Start::At(Place::Delegate(root))),
        _ => Err(ObError::InvalidHandle),
    }
}

fn wants_link<T: Body>(query: &Query<'_, T>) -> bool {
    match query.kind {
        Some(kind) => kind == T::SYMBOLIC_LINK,
        None => query.attributes.has(Attributes::OPENLINK),
    }
}
