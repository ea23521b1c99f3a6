//! Full paths: made absolute, `.` and `..` resolved, slashes turned.
//!
//! The parts are gone through from the end, where `..` is seen before what it takes away. So a path is measured and
//! then written in its place, and nothing is written twice.

use core::iter;

use super::{BACKSLASH, DOT, Kind, SPACE, device_name, is_separator, kind};

/// Where relative paths begin.
#[derive(Clone, Copy)]
pub struct Directories<'a, D> {
    /// The current directory, `C:\dir\` or `\\server\share\dir`.
    pub current: &'a [u16],
    /// The current directory of another drive, which the variable `=X:` has: called with the drive's letter.
    pub of_drive: D,
}

/// A full path that is yet to be written.
#[derive(Clone, Copy)]
pub struct Full<'a> {
    /// What nothing takes away: `C:`, `\\server\share`, `\\.`.
    root: &'a [u16],
    /// A separator follows the root even if nothing else does.
    rooted: bool,
    /// Parts of the current directory.
    base: &'a [u16],
    /// Parts of the name but the last.
    head: &'a [u16],
    /// The last part.
    last: &'a [u16],
    /// It is the name of a device.
    device: bool,
    /// The path ends with a separator.
    trailing: bool,
    len: usize,
}

const DEVICES: &[u16] = &[BACKSLASH, BACKSLASH, DOT];

/// Splits a path behind its root. The rest is empty or begins with a separator.
fn split_root(path: &[u16]) -> (&[u16], &[u16]) {
    let len = match kind(path) {
        Kind::DriveAbsolute | Kind::DriveRelative => 2,
        Kind::LocalDevice | Kind::RootLocalDevice => 3,
        Kind::Unc => {
            let part = |from: usize| {
                let rest = path.get(from..).unwrap_or_default();
                from + rest.iter().position(is_separator).unwrap_or(rest.len())
            };
            let server = part(2);
            let share = part(server + 1);
            if share > server + 1 { share.min(path.len()) } else { server }
        }
        Kind::Rooted | Kind::Relative => 0,
    };
    path.split_at_checked(len).unwrap_or((path, &[]))
}

/// Without blanks and dots at its end.
fn trimmed(part: &[u16]) -> &[u16] {
    let len = part.iter().rposition(|unit| !matches!(*unit, DOT | SPACE)).map_or(0, |at| at + 1);
    part.get(..len).unwrap_or_default()
}

impl<'a> Full<'a> {
    /// The full path of a name. `None`: the name is empty, or blank.
    pub fn new<D>(name: &'a [u16], directories: Directories<'a, D>) -> Option<Self>
    where
        D: Fn(u16) -> Option<&'a [u16]>,
    {
        if name.iter().all(|&unit| unit == SPACE) {
            return None;
        }
        if let Some(device) = device_name(name) {
            let last = name.get(device.start..device.start + device.len)?;
            return Some(Self::measured(DEVICES, &[], &[], last, true, false));
        }
        let (root, base, rest) = match kind(name) {
            Kind::Unc | Kind::DriveAbsolute | Kind::LocalDevice | Kind::RootLocalDevice => {
                let (root, rest) = split_root(name);
                (root, &[][..], rest)
            }
            Kind::Rooted => (split_root(directories.current).0, &[][..], name),
            Kind::Relative => {
                let (root, base) = split_root(directories.current);
                (root, base, name)
            }
            Kind::DriveRelative => {
                let (drive, rest) = name.split_at_checked(2)?;
                let letter = *drive.first()?;
                let same =
                    |path: &&[u16]| path.first().is_some_and(|&unit| nt::upcase(unit) == nt::upcase(letter));
                let current =
                    Some(directories.current).filter(|path| path.get(1) == drive.get(1)).filter(same);
                let directory = current.or_else(|| (directories.of_drive)(letter));
                let (root, base) = directory.map_or((drive, &[][..]), split_root);
                (root, base, rest)
            }
        };
        // A drive without a folder, `C:`, is the drive's current directory.
        let named = !rest.is_empty();
        let split = rest.iter().rposition(is_separator).map_or(0, |at| at + 1);
        let (head, last) = rest.split_at_checked(split)?;
        Some(Self::measured(root, base, head, last, false, named && last.is_empty()))
    }

    fn measured(
        root: &'a [u16],
        base: &'a [u16],
        head: &'a [u16],
        last: &'a [u16],
        device: bool,
        ends: bool,
    ) -> Self {
        let rooted = kind(root) != Kind::Unc;
        let mut full = Self { root, rooted, base, head, last, device, trailing: ends, len: 0 };
        // A part that dots and blanks are all of leaves the separator before it.
        full.trailing |= full.resolved().next().is_some_and(|part| trimmed(part).is_empty());
        let parts: usize = full.parts().map(|part| part.len() + 1).sum();
        full.len = root.len() + parts + usize::from(full.trailing || (rooted && parts == 0));
        // A root that ends with a separator needs no other one.
        if full.trailing && parts == 0 && !rooted && root.last().is_some_and(is_separator) {
            full.len -= 1;
            full.trailing = false;
        }
        full
    }

    /// The parts that are left, from the end.
    fn resolved(&self) -> impl Iterator<Item = &'a [u16]> + use<'a> {
        let folders =
            self.head.rsplit(is_separator).chain(self.base.rsplit(is_separator)).map(|part| match part {
                // Of a folder's name one dot at the end is dropped, if it is the only one.
                [name @ .., before, DOT] if *before != DOT => part.get(..name.len() + 1).unwrap_or_default(),
                _ => part,
            });
        let mut taken_away = 0_usize;
        iter::once(self.last).chain(folders).filter(move |part| match part {
            [] | [DOT] => false,
            [DOT, DOT] => {
                taken_away += 1;
                false
            }
            _ if taken_away > 0 => {
                taken_away -= 1;
                false
            }
            _ => true,
        })
    }

    /// The same, without blanks and dots at the end of the path.
    fn parts(&self) -> impl Iterator<Item = &'a [u16]> + use<'a> {
        let ends = self.trailing && self.last.is_empty();
        let parts = self.resolved().enumerate();
        parts
            .map(move |(at, part)| if at == 0 && !ends { trimmed(part) } else { part })
            .filter(|part| !part.is_empty())
    }

    /// Its length in units, without a NUL.
    #[expect(clippy::len_without_is_empty, reason = "it never is")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// The kind of its root.
    pub(super) fn kind(&self) -> Kind {
        kind(self.root)
    }

    /// Where the last part begins, if it is a file's or folder's and no separator follows it.
    pub fn file_part(&self) -> Option<usize> {
        let last = self.parts().next().filter(|_| !self.trailing && !self.device)?;
        Some(self.len - last.len())
    }

    /// Writes it to the beginning of `buffer`, which has room for [`Full::len`] units.
    pub fn write(&self, buffer: &mut [u16]) {
        let mut end = self.len;
        let mut put = |units: &[u16]| {
            let start = end.saturating_sub(units.len());
            if let Some(place) = buffer.get_mut(start..end)
                && place.len() == units.len()
            {
                place.copy_from_slice(units);
            }
            end = start;
        };
        if self.trailing {
            put(&[BACKSLASH]);
        }
        let mut any = self.trailing;
        for part in self.parts() {
            put(part);
            put(&[BACKSLASH]);
            any = true;
        }
        if self.rooted && !any {
            put(&[BACKSLASH]);
        }
        put(self.root);
        if let Some(root) = buffer.get_mut(..self.root.len()) {
            root.iter_mut().filter(|unit| is_separator(unit)).for_each(|unit| *unit = BACKSLASH);
        }
    }
}
