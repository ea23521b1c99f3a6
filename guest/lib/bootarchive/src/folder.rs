//! Folders: an archive has none of its own, but the paths of its files imply them. The entries are in order of
//! folded path, so what is in a folder lies together.

use core::cmp::Ordering;

use crate::fold;
use crate::read::{Archive, File, Found};

/// A file or folder in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Child<'a> {
    /// Its name as it was stored, without a backslash.
    pub name: &'a [u8],
    /// The file; nothing for a folder.
    pub file: Option<File<'a>>,
    /// Where the listing goes on.
    pub next: usize,
}

impl<'a> Archive<'a> {
    /// Position of the first entry in a folder, named without a backslash at its end (the root is the empty
    /// path); `None` when no path goes through it. ASCII letters match in either case.
    pub fn folder(&self, folder: &[u8]) -> Option<usize> {
        match self.look_up(folder)? {
            Found::Folder(position) => Some(position),
            Found::File(_) => None,
        }
    }

    /// The same by searching all entries, whatever the index says.
    pub(crate) fn first_below(&self, folder: &[u8]) -> Option<usize> {
        let position = self.partition_point(|path| order(path, folder) == Ordering::Less);
        below(self.file_at(position)?.path_bytes(), folder).map(|_| position)
    }

    /// What is in a folder at a position of [`Self::folder`], or of [`Child::next`]; `None` behind the last.
    pub fn child(&self, folder: &[u8], position: usize) -> Option<Child<'a>> {
        let file = self.file_at(position)?;
        let rest = below(file.path_bytes(), folder)?;
        let Some(end) = rest.iter().position(|&byte| byte == b'\\') else {
            return Some(Child { name: rest, file: Some(file), next: position + 1 });
        };
        let name = rest.get(..end)?;
        let through = file.path_bytes().get(..folder.len() + 1 + end)?;
        // At least one further, whatever a damaged archive says.
        let next = self
            .partition_point(|path| order(path, through) == Ordering::Less || below(path, through).is_some());
        Some(Child { name, file: None, next: next.max(position + 1) })
    }
}

/// What of a path lies behind a folder and a backslash.
pub(crate) fn below<'p>(path: &'p [u8], folder: &[u8]) -> Option<&'p [u8]> {
    let (start, rest) = path.split_at_checked(folder.len())?;
    match rest {
        [b'\\', behind @ ..] if fold::same(start, folder) => Some(behind),
        _ => None,
    }
}

/// How a path and what is below a folder are ordered: `Less` for paths before all of that.
fn order(path: &[u8], folder: &[u8]) -> Ordering {
    let folded = |bytes: &[u8]| bytes.first().map(u8::to_ascii_lowercase);
    let common = fold::common(path, folder);
    let (path, folder) = (path.get(common..).unwrap_or_default(), folder.get(common..).unwrap_or_default());
    match (folded(path), folded(folder)) {
        (Some(a), None) => a.cmp(&b'\\'),
        (None, None) => Ordering::Less,
        (a, b) => a.cmp(&b),
    }
}
