//! Comparing and searching.

use nt::upcase;

use crate::Unit;

/// How two texts differ at the first unit that differs after `fold`, otherwise in length: negative, zero or positive.
/// `strcmp` and `RtlCompareUnicodeString` alike.
pub fn compare<U: Unit>(a: &[U], b: &[U], fold: impl Fn(U) -> U) -> i32 {
    for (&a, &b) in a.iter().zip(b) {
        let (a, b): (u32, u32) = (fold(a).into(), fold(b).into());
        if a != b {
            return a as i32 - b as i32;
        }
    }
    a.len() as i32 - b.len() as i32
}

/// Whether two texts are the same after `fold`.
pub fn equal<U: Unit>(a: &[U], b: &[U], fold: impl Fn(U) -> U) -> bool {
    a.len() == b.len() && starts_with(b, a, fold)
}

/// Whether `text` begins with `prefix`, after `fold`.
pub fn starts_with<U: Unit>(text: &[U], prefix: &[U], fold: impl Fn(U) -> U) -> bool {
    text.len() >= prefix.len() && text.iter().zip(prefix).all(|(&a, &b)| a == b || fold(a) == fold(b))
}

/// Where `part` begins in `text` for the first time.
pub fn find<U: Unit>(text: &[U], part: &[U]) -> Option<usize> {
    if part.is_empty() {
        return Some(0);
    }
    text.windows(part.len()).position(|window| window == part)
}

/// Number of units at the beginning that are in `set`, or that are not in it.
pub fn span<U: Unit>(text: &[U], set: &[U], in_set: bool) -> usize {
    text.iter().position(|unit| set.contains(unit) != in_set).unwrap_or(text.len())
}

/// Flags of [`find_any`], which are those of `RtlFindCharInUnicodeString`.
pub mod find_flags {
    /// From the end.
    pub const FROM_END: u32 = 1;
    /// A unit that is *not* in the set.
    pub const COMPLEMENT: u32 = 2;
    /// In either case.
    pub const IGNORE_CASE: u32 = 4;
}

/// `RtlFindCharInUnicodeString`: the position, in bytes, after the first unit of the set, or before the last one
/// when the search goes from the end. `None`: there is none.
pub fn find_any(text: &[u16], set: &[u16], flags: u32) -> Option<u16> {
    let fold = |unit: u16| if flags & find_flags::IGNORE_CASE != 0 { upcase(unit) } else { unit };
    let wanted = |unit: &u16| {
        let found = set.iter().any(|&other| fold(other) == fold(*unit));
        found != (flags & find_flags::COMPLEMENT != 0)
    };
    let units = if flags & find_flags::FROM_END != 0 {
        text.iter().rposition(wanted)?
    } else {
        text.iter().position(wanted)? + 1
    };
    u16::try_from(units * 2).ok()
}

/// `RtlHashUnicodeString` with the algorithm x65599, which is also the default one.
pub fn hash(text: &[u16], ignore_case: bool) -> u32 {
    text.iter().fold(0, |hash: u32, &unit| {
        let unit = if ignore_case { upcase(unit) } else { unit };
        hash.wrapping_mul(65599).wrapping_add(unit.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn compared(a: &str, b: &str, fold: fn(u16) -> u16) -> i32 {
        compare(&wide(a), &wide(b), fold).signum()
    }

    #[test]
    fn order_is_that_of_units_then_of_length() {
        assert_eq!(compared("", "", upcase), 0);
        assert_eq!(compared("straße", "STRAßE", upcase), 0);
        assert_eq!(compared("straße", "STRAßE", |unit| unit), 1);
        assert_eq!(compared("abc", "abcd", upcase), -1);
        assert_eq!(compared("b", "abcd", upcase), 1);
        assert_eq!(compared("a_", "aZ", upcase), 1, "compared as capitals, `_` is after `Z`");
        assert_eq!(compared("a_", "aZ", u16::ascii_lower), -1, "and before `z`");
        assert!(compare(b"\xFF", b"a", |unit| unit) > 0, "bytes are unsigned");
        assert!(equal(b"\xE4x", b"\xC4X", u8::upper), "ä in the code page");
    }

    #[test]
    fn prefixes() {
        assert!(starts_with(b"SystemRoot", b"systemr", u8::upper));
        assert!(starts_with(b"x", b"", u8::upper));
        assert!(!starts_with(b"sys", b"system", u8::upper));
        assert!(!starts_with(b"system", b"SYSTEN", u8::upper));
    }

    #[test]
    fn parts_and_spans() {
        assert_eq!(find(b"abcabd", b"abd"), Some(3));
        assert_eq!(find(b"abc", b""), Some(0));
        assert_eq!(find(b"ab", b"abc"), None);
        assert_eq!(span(b"  \tx ", b" \t", true), 3);
        assert_eq!(span(b"name=value", b"=;", false), 4);
        assert_eq!(span(b"aaa", b"a", true), 3);
    }

    #[test]
    fn any_of_a_set() {
        let at = |text, set, flags| find_any(&wide(text), &wide(set), flags);
        // A path's file name and extension are found this way.
        assert_eq!(at(r"C:\dir\file.txt", r"\/", 1), Some(12));
        assert_eq!(at(r"C:\dir\file.txt", ":", 0), Some(4));
        assert_eq!(at("   x", " ", 2), Some(8));
        assert_eq!(at("x   ", " ", 3), Some(0));
        assert_eq!(at("abc", "B", 0), None);
        assert_eq!(at("abc", "B", 4), Some(4));
        assert_eq!((at("", "x", 2), at("abc", "", 0), at("abc", "", 2)), (None, None, Some(2)));
    }

    #[test]
    fn hashes_ignore_case_when_asked() {
        assert_eq!(hash(&wide("ab"), false), 97 * 65599 + 98);
        assert_eq!(hash(&wide("Größe"), true), hash(&wide("gRÖßE"), true));
        assert_ne!(hash(&wide("a"), false), hash(&wide("A"), false));
    }
}
