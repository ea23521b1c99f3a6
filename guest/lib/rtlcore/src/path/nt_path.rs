//! From DOS paths to names in the object namespace.

use super::{BACKSLASH, Directories, Full, Kind, kind};
use crate::compare::starts_with;

/// `\??\`.
const PREFIX: [u16; 4] = [BACKSLASH, b'?' as u16, b'?' as u16, BACKSLASH];
/// `\??\UNC\`.
const UNC: [u16; 8] =
    [BACKSLASH, b'?' as u16, b'?' as u16, BACKSLASH, b'U' as u16, b'N' as u16, b'C' as u16, BACKSLASH];
/// `\\?\`.
const VERBATIM: [u16; 4] = [BACKSLASH, BACKSLASH, b'?' as u16, BACKSLASH];

/// The NT name of a file that is yet to be written: `RtlDosPathNameToNtPathName_U`.
#[derive(Clone, Copy)]
pub enum NtPath<'a> {
    /// What comes after the prefix stands in the name as it is.
    Verbatim(&'a [u16]),
    /// A full path of a drive or device, and how many units of it the prefix replaces.
    Local(Full<'a>, usize),
    /// A full path of a server.
    Unc(Full<'a>),
}

impl<'a> NtPath<'a> {
    /// The NT name of a DOS path. A path that begins with `\\?\` or `\??\` is taken as it is.
    ///
    /// `None`: there is none, as the path is empty or blank.
    pub fn new<D>(name: &'a [u16], directories: Directories<'a, D>) -> Option<Self>
    where
        D: Fn(u16) -> Option<&'a [u16]>,
    {
        if starts_with(name, &VERBATIM, |unit| unit) || starts_with(name, &PREFIX, |unit| unit) {
            return Some(Self::Verbatim(name.get(4..)?));
        }
        if kind(name) == Kind::RootLocalDevice {
            return Some(Self::Verbatim(&[]));
        }
        let full = Full::new(name, directories)?;
        Some(match full.kind() {
            Kind::Unc => Self::Unc(full),
            Kind::LocalDevice | Kind::RootLocalDevice => Self::Local(full, PREFIX.len()),
            _ => Self::Local(full, 0),
        })
    }

    /// Its length in units, without a NUL.
    #[expect(clippy::len_without_is_empty, reason = "it never is")]
    pub fn len(&self) -> usize {
        match self {
            Self::Verbatim(rest) => PREFIX.len() + rest.len(),
            Self::Local(full, replaced) => PREFIX.len() + full.len() - replaced.min(&full.len()),
            Self::Unc(full) => UNC.len() - 2 + full.len(),
        }
    }

    /// Where the last part begins, if no separator follows it.
    pub fn file_part(&self) -> Option<usize> {
        match self {
            Self::Verbatim(rest) => {
                let last = rest.rsplit(|&unit| unit == BACKSLASH).next().filter(|last| !last.is_empty())?;
                Some(self.len() - last.len())
            }
            Self::Local(full, replaced) => full.file_part().map(|at| PREFIX.len() + at - replaced.min(&at)),
            Self::Unc(full) => full.file_part().map(|at| UNC.len() - 2 + at),
        }
    }

    /// Writes it to the beginning of `buffer`, which has room for [`NtPath::len`] units.
    pub fn write(&self, buffer: &mut [u16]) {
        let (prefix, full): (&[u16], _) = match self {
            Self::Verbatim(rest) => {
                if let Some(place) = buffer.get_mut(PREFIX.len()..self.len()) {
                    place.copy_from_slice(rest);
                }
                (&PREFIX, None)
            }
            Self::Local(full, replaced) => {
                (&PREFIX, Some((full, PREFIX.len() - replaced.min(&PREFIX.len()))))
            }
            Self::Unc(full) => (&UNC, Some((full, UNC.len() - 2))),
        };
        if let Some((full, at)) = full {
            full.write(buffer.get_mut(at..).unwrap_or_default());
        }
        // Last, because it lies over what it replaces.
        if let Some(place) = buffer.get_mut(..prefix.len()) {
            place.copy_from_slice(prefix);
        }
    }
}
