//! Patterns of file names: `*` and `?`, and the three characters that Win32 makes of the patterns of DOS.
//! Source: Microsoft's documentation of `FsRtlIsNameInExpression`.
//!
//! | character | matches |
//! |---|---|
//! | `*` | any units |
//! | `?` | one unit |
//! | `<` (DOS_STAR) | any units before the last dot of the name, or before its end when no dot is left |
//! | `>` (DOS_QM) | one unit; nothing before a dot and at the end |
//! | `"` (DOS_DOT) | a dot; nothing at the end |

use alloc::vec;

use nt::upcase;

const STAR: u16 = b'*' as u16;
const QUESTION: u16 = b'?' as u16;
const DOS_STAR: u16 = b'<' as u16;
const DOS_QUESTION: u16 = b'>' as u16;
const DOS_DOT: u16 = b'"' as u16;
const DOT: u16 = b'.' as u16;

/// Whether a pattern is more than a name.
pub fn has_wildcards(pattern: &[u16]) -> bool {
    pattern.iter().any(|unit| matches!(*unit, STAR | QUESTION | DOS_STAR | DOS_QUESTION | DOS_DOT))
}

/// Whether a pattern means a name; case does not matter.
pub fn matches(pattern: &[u16], name: &[u16]) -> bool {
    if pattern == [STAR] {
        return true;
    }
    // Places in the pattern that the name so far may have led to: `now[n]` is before its n-th unit.
    let mut now = vec![false; pattern.len() + 1];
    let mut next = now.clone();
    now[0] = true;
    let last_dot = name.iter().rposition(|&unit| unit == DOT);
    for (at, &unit) in name.iter().enumerate() {
        let is_dot = unit == DOT;
        // Steps that take nothing lead forwards only, so one pass in order finds them all.
        for (place, &wanted) in pattern.iter().enumerate() {
            if !now[place] {
                continue;
            }
            let (stays, skips, takes) = match wanted {
                STAR => (true, true, false),
                DOS_STAR => (!is_dot || last_dot != Some(at), true, false),
                DOS_QUESTION => (false, is_dot, !is_dot),
                DOS_DOT => (false, false, is_dot),
                QUESTION => (false, false, true),
                wanted => (false, false, wanted == unit || upcase(wanted) == upcase(unit)),
            };
            next[place] |= stays;
            now[place + 1] |= skips;
            next[place + 1] |= takes;
        }
        core::mem::swap(&mut now, &mut next);
        next.fill(false);
    }
    let end = pattern.iter().rposition(|unit| !matches!(*unit, STAR | DOS_STAR | DOS_QUESTION | DOS_DOT));
    now.iter().skip(end.map_or(0, |end| end + 1)).any(|&possible| possible)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn found(pattern: &str, name: &str) -> bool {
        matches(&units(pattern), &units(name))
    }

    #[test]
    fn patterns_mean_what_the_documentation_says() {
        for (pattern, name) in [
            ("*", ""),
            ("*", "smss.exe"),
            ("*.EXE", "smss.exe"),
            ("s*s.e?e", "smss.exe"),
            ("SMSS.EXE", "smss.exe"),
            ("ÄÖ*", "äö"),
            ("?", "a"),
            ("a*b*c", "aXbYbZc"),
            // As Win32 passes on: `*.` is `<`, `?` is `>`, `.` before a wildcard is `"`.
            ("<", "no-dot"),
            ("<\"exe", "a.b.exe"),
            ("<.", "a."),
            ("smss\"*", "smss"),
            ("smss\"*", "smss.exe"),
            (">>>>>>>>.exe", "smss.exe"),
            (">>>", "ab"),
            (">>>\">>>", "ab.c"),
            ("a>", "a"),
        ] {
            assert!(found(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("", "a"),
            ("a", ""),
            ("?", ""),
            ("?", "ab"),
            ("*.exe", "smss.ex"),
            ("*.exe", "exe"),
            ("<.", "a.b"),
            ("<", "a.b"),
            (">>", "abc"),
            (">", "."),
            ("\"", "a"),
            ("a\"b", "ab"),
            ("smss", "smss.exe"),
        ] {
            assert!(!found(pattern, name), "{pattern} {name}");
        }
        assert!(has_wildcards(&units("a*")) && has_wildcards(&units("<")) && !has_wildcards(&units("a.b")));
    }

    /// By the definition, with all choices tried.
    fn defined(pattern: &[u16], name: &[u16]) -> bool {
        let Some((&first, rest)) = pattern.split_first() else { return name.is_empty() };
        let one = |takes: bool| takes && name.split_first().is_some_and(|(_, name)| defined(rest, name));
        let none = |skips: bool| skips && defined(rest, name);
        let stay = |stays: bool| stays && name.split_first().is_some_and(|(_, name)| defined(pattern, name));
        let dot = name.first() == Some(&DOT);
        match first {
            STAR => none(true) || stay(true),
            DOS_STAR => none(true) || stay(!dot || name[1..].contains(&DOT)),
            DOS_QUESTION => none(dot || name.is_empty()) || one(!dot),
            DOS_DOT => none(name.is_empty()) || one(dot),
            QUESTION => one(true),
            wanted => one(name.first().is_some_and(|&unit| upcase(unit) == upcase(wanted))),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(effort::times(256)))]

        #[test]
        fn one_pass_finds_what_trying_all_choices_finds(
            pattern in "[*?<>\"ab.]{0,8}", name in "[AB.]{0,8}"
        ) {
            let (pattern, name) = (units(&pattern), units(&name));
            prop_assert_eq!(matches(&pattern, &name), defined(&pattern, &name));
        }
    }
}
