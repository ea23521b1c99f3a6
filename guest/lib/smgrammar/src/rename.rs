//! Pending renames and deletes (spec/smss.md 2.6).

use alloc::vec::Vec;

use crate::multi::strings;

const AT: u16 = b'@' as u16;
const EXCLAMATION: u16 = b'!' as u16;

/// What is to be done to a file; paths are NT's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rename {
    /// It is deleted.
    Delete {
        /// The file.
        source: Vec<u16>,
    },
    /// It is renamed.
    Move {
        /// The file.
        source: Vec<u16>,
        /// Its new name.
        target: Vec<u16>,
        /// A file of that name makes way.
        replace: bool,
    },
}

impl Rename {
    /// What a pair of strings says: `@` before the source of a delete is skipped; `!` or `@` before a target lets it
    /// replace a file.
    pub fn of(source: &[u16], target: &[u16]) -> Self {
        match target {
            [] => Self::Delete { source: source.strip_prefix(&[AT]).unwrap_or(source).to_vec() },
            [EXCLAMATION | AT, target @ ..] => {
                Self::Move { source: source.to_vec(), target: target.to_vec(), replace: true }
            }
            _ => Self::Move { source: source.to_vec(), target: target.to_vec(), replace: false },
        }
    }

    /// The operations of a value's data, in stored order. A source without a target is dropped.
    pub fn all(data: &[u16]) -> Vec<Self> {
        let mut strings = strings(data);
        let mut all = Vec::new();
        while let (Some(source), Some(target)) = (strings.next(), strings.next()) {
            all.push(Self::of(source, target));
        }
        all
    }

    /// The file that it begins with.
    pub fn source(&self) -> &[u16] {
        match self {
            Self::Delete { source } | Self::Move { source, .. } => source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn all(data: &str) -> Vec<String> {
        let text = |units: &[u16]| String::from_utf16_lossy(units);
        let shown = Rename::all(&wide(data)).into_iter().map(|rename| match rename {
            Rename::Delete { source } => format!("delete {}", text(&source)),
            Rename::Move { source, target, replace } => {
                format!(
                    "{} {} to {}",
                    if replace { "replace" } else { "rename" },
                    text(&source),
                    text(&target)
                )
            }
        });
        shown.collect()
    }

    #[test]
    fn pairs_rename_replace_and_delete() {
        assert_eq!(
            all("\\??\\C:\\a\0!\\??\\C:\\b\0\\??\\C:\\c\0\0\\??\\C:\\d\0\\??\\C:\\e\0\0"),
            [r"replace \??\C:\a to \??\C:\b", r"delete \??\C:\c", r"rename \??\C:\d to \??\C:\e"]
        );
    }

    #[test]
    fn at_signs_are_skipped_where_they_mean_something() {
        assert_eq!(all("@a\0\0b\0@c\0@d\0e\0\0"), ["delete a", "replace b to c", "rename @d to e"]);
        // One is skipped, no more; and a target that is nothing but its sign is an empty name, which fails later.
        assert_eq!(all("@@a\0\0b\0!!c\0d\0!\0\0"), ["delete @a", "replace b to !c", "replace d to "]);
    }

    #[test]
    fn a_delete_at_the_end_of_the_list_counts() {
        assert_eq!(all("a\0\0\0"), ["delete a"]);
        assert_eq!(all("a\0b\0c\0\0\0"), ["rename a to b", "delete c"]);
    }

    #[test]
    fn a_source_alone_is_dropped() {
        assert_eq!(all("a\0\0"), [""; 0]);
        assert_eq!(all("a\0b\0c\0\0"), ["rename a to b"]);
        assert_eq!(all("a"), [""; 0]);
        assert_eq!(all(""), [""; 0]);
    }
}
