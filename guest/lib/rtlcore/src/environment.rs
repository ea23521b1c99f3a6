//! Environment blocks: `NAME=value` strings one after the other, each with a NUL, and a NUL after the last.
//!
//! A name may begin with `=` (`=C:` has the current directory of a drive) and has none otherwise. Names differ
//! whatever their case; new ones go where they keep the block in order.

use core::ops::Range;

use nt::{NtStatus, upcase};

use crate::Cut;
use crate::compare::{compare, equal};

const EQUALS: u16 = b'=' as u16;
const PERCENT: u16 = b'%' as u16;

/// One variable of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable<'a> {
    /// Its name.
    pub name: &'a [u16],
    /// Its value.
    pub value: &'a [u16],
    /// Where it is in the block, with its NUL.
    pub place: Range<usize>,
}

/// The variables of a block, in order. What is no variable (a string without `=`) has an empty value.
pub fn variables(block: &[u16]) -> impl Iterator<Item = Variable<'_>> {
    let mut start = 0;
    core::iter::from_fn(move || {
        let rest = block.get(start..)?;
        let len = rest.iter().position(|&unit| unit == 0).unwrap_or(rest.len());
        let text = rest.get(..len).filter(|text| !text.is_empty())?;
        let split = 1 + text.get(1..)?.iter().position(|&unit| unit == EQUALS).unwrap_or(len - 1);
        let (name, value) = text.split_at_checked(split)?;
        let place = start..start + len + 1;
        start = place.end;
        Some(Variable { name, value: value.get(1..).unwrap_or_default(), place })
    })
}

/// The variable of that name, in any case.
pub fn find<'a>(block: &'a [u16], name: &[u16]) -> Option<Variable<'a>> {
    variables(block).find(|variable| equal(variable.name, name, upcase))
}

/// A change to a block: units `at..at + removed` make way for `inserted` units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    at: usize,
    removed: usize,
    inserted: usize,
    /// Whether the name is among what is inserted: a variable keeps the name that it has.
    named: bool,
}

/// What setting a variable does to a block, or taking it away when there is no value. The block ends with its last
/// NUL.
///
/// # Errors
/// INVALID_PARAMETER: there can be no variable of that name.
pub fn plan(block: &[u16], name: &[u16], value: Option<&[u16]>) -> Result<Change, NtStatus> {
    if name.get(1..).is_none_or(|rest| rest.contains(&EQUALS)) || name.contains(&0) {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let inserted = value.map_or(0, |value| name.len() + value.len() + 2);
    let mut at = 0;
    for variable in variables(block) {
        match compare(variable.name, name, upcase) {
            0 => {
                // Beyond the end there is nothing to take away, not even a NUL that was missing.
                let end = variable.place.end.min(block.len());
                let at = variable.place.start;
                let keep = at + variable.name.len() + 1;
                return Ok(match value {
                    Some(value) if end - at == keep - at + variable.value.len() + 1 => Change {
                        at: keep,
                        removed: variable.value.len(),
                        inserted: value.len(),
                        named: false,
                    },
                    _ => Change { at, removed: end - at, inserted, named: true },
                });
            }
            // A block that somebody else made may not be in order: after the last one that comes before.
            ..0 => at = variable.place.end.min(block.len()),
            _ => {}
        }
    }
    Ok(Change { at, removed: 0, inserted, named: true })
}

impl Change {
    /// Units of a block of `len` units after the change.
    pub fn len_after(self, len: usize) -> usize {
        len.saturating_sub(self.removed) + self.inserted
    }

    /// Makes the change in a buffer whose first `len` units are the block. `false`, and nothing is done, if the
    /// buffer is too small.
    pub fn apply(self, buffer: &mut [u16], len: usize, name: &[u16], value: Option<&[u16]>) -> bool {
        let tail = self.at + self.removed..len;
        let fits = self.len_after(len) <= buffer.len() && len <= buffer.len() && tail.start <= tail.end;
        if fits {
            buffer.copy_within(tail, self.at + self.inserted);
            let place = buffer.get_mut(self.at..self.at + self.inserted).unwrap_or_default();
            let (name, equals): (&[u16], &[u16]) = if self.named { (name, &[EQUALS]) } else { (&[], &[]) };
            // The NUL is beyond the place of a value alone.
            let text = name.iter().chain(equals).chain(value.unwrap_or_default()).chain(&[0]);
            for (slot, &unit) in place.iter_mut().zip(text) {
                *slot = unit;
            }
        }
        fits
    }
}

/// Replaces each `%NAME%` by what `lookup` says, and leaves alone what it does not know.
pub fn expand<'a>(text: &[u16], lookup: impl Fn(&[u16]) -> Option<&'a [u16]>, out: &mut Cut<'_, u16>) {
    let mut rest = text;
    while let Some(start) = rest.iter().position(|&unit| unit == PERCENT) {
        let (before, from) = rest.split_at(start);
        out.extend(before);
        let after = from.get(1..).unwrap_or_default();
        let Some(len) = after.iter().position(|&unit| unit == PERCENT) else {
            out.extend(from);
            return;
        };
        let (name, end) = after.split_at(len);
        if let Some(value) = lookup(name) {
            out.extend(value);
            rest = end.get(1..).unwrap_or_default();
        } else {
            // The second `%` may be the beginning of another name.
            out.push(PERCENT);
            out.extend(name);
            rest = end;
        }
    }
    out.extend(rest);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn wide(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn text(units: &[u16]) -> String {
        String::from_utf16(units).unwrap()
    }

    const KERNEL: &str = "Path=C:\\Windows\\System32\0SystemDrive=C:\0SystemRoot=C:\\Windows\0\0";

    /// Sets a variable as the wrapper does.
    fn set(block: &mut Vec<u16>, name: &str, value: Option<&str>) -> Result<(), NtStatus> {
        let (name, value) = (wide(name), value.map(wide));
        let change = plan(block, &name, value.as_deref())?;
        let (before, after) = (block.len(), change.len_after(block.len()));
        let mut buffer = block.clone();
        buffer.resize(before.max(after), 0xAAAA);
        assert!(change.apply(&mut buffer, before, &name, value.as_deref()));
        buffer.truncate(after);
        *block = buffer;
        Ok(())
    }

    fn get(block: &[u16], name: &str) -> Option<String> {
        find(block, &wide(name)).map(|variable| text(variable.value))
    }

    #[test]
    fn variables_are_found_in_any_case() {
        let block = wide("=C:=C:\\dir\0a=\0Ab=x=y\0strange\0\0b=beyond the end\0\0");
        assert_eq!(get(&block, "=c:").as_deref(), Some("C:\\dir"));
        assert_eq!(get(&block, "A").as_deref(), Some(""));
        assert_eq!(get(&block, "aB").as_deref(), Some("x=y"));
        assert_eq!(get(&block, "STRANGE").as_deref(), Some(""));
        for name in ["", "=", "a=", "ab=x", "b", "abc"] {
            assert_eq!(get(&block, name), None, "{name}");
        }
    }

    #[test]
    fn setting_keeps_the_block_in_order() {
        let mut block = wide(KERNEL);
        set(&mut block, "ComSpec", Some("cmd")).unwrap();
        set(&mut block, "windir", Some("C:\\Windows")).unwrap();
        set(&mut block, "PATHEXT", Some(".EXE")).unwrap();
        set(&mut block, "PATH", Some("C:\\")).unwrap();
        set(&mut block, "systemdrive", None).unwrap();
        set(&mut block, "none", None).unwrap();
        let expected = "ComSpec=cmd\0Path=C:\\\0PATHEXT=.EXE\0SystemRoot=C:\\Windows\0windir=C:\\Windows\0\0";
        assert_eq!(text(&block), expected);
    }

    #[test]
    fn an_empty_block_is_one_or_two_nuls() {
        for nuls in 1..=2 {
            let mut block = vec![0; nuls];
            set(&mut block, "a", Some("b")).unwrap();
            assert_eq!(text(&block[..5]), "a=b\0\0");
            set(&mut block, "A", None).unwrap();
            assert_eq!(block, vec![0; nuls]);
        }
    }

    #[test]
    fn some_names_cannot_be() {
        for name in ["", "a=b", "==", "a\0b"] {
            assert_eq!(plan(&wide(KERNEL), &wide(name), None), Err(NtStatus::INVALID_PARAMETER), "{name:?}");
        }
        for name in ["=", "=C:"] {
            assert!(plan(&wide(KERNEL), &wide(name), Some(&[])).is_ok(), "{name}");
        }
    }

    #[test]
    fn nothing_is_done_in_a_small_buffer() {
        let mut buffer = wide("a=b\0\0");
        let change = plan(&buffer, &wide("c"), Some(&wide("d"))).unwrap();
        assert!(!change.apply(&mut buffer, 5, &wide("c"), Some(&wide("d"))));
        assert_eq!(text(&buffer), "a=b\0\0");
    }

    fn expanded(source: &str) -> String {
        let block = wide("=x=3\0a=1\0ab=2\0empty=\0\0");
        let mut buffer = [0; 64];
        let mut out = Cut::new(&mut buffer);
        expand(&wide(source), |name| find(&block, name).map(|variable| variable.value), &mut out);
        let len = out.len();
        text(&buffer[..len])
    }

    #[test]
    fn names_between_percent_signs_are_replaced() {
        let cases = [
            ("", ""),
            ("plain", "plain"),
            ("%A%", "1"),
            ("[%a%%ab%]", "[12]"),
            ("x%=x%y", "x3y"),
            ("%empty%", ""),
            ("%none%", "%none%"),
            ("%none%a%", "%none1"),
            ("100%", "100%"),
            ("%a", "%a"),
            ("%%", "%%"),
            ("%%a%", "%1"),
        ];
        for (source, result) in cases {
            assert_eq!(expanded(source), result, "{source}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(effort::times(256)))]

        #[test]
        fn agrees_with_a_map(changes in proptest::collection::vec(("[=a-dA-D]{1,2}", proptest::option::of("[x=%]{0,3}")), 0..40)) {
            let mut block = vec![0, 0];
            let mut model: BTreeMap<String, String> = BTreeMap::new();
            for (name, value) in changes {
                let result = set(&mut block, &name, value.as_deref());
                prop_assert_eq!(result.is_err(), name[1..].contains('='));
                if result.is_ok() {
                    match value {
                        Some(value) => model.insert(name.to_uppercase(), value),
                        None => model.remove(&name.to_uppercase()),
                    };
                }
                let found: Vec<_> = variables(&block)
                    .map(|variable| (text(variable.name).to_uppercase(), text(variable.value)))
                    .collect();
                prop_assert_eq!(found, model.clone().into_iter().collect::<Vec<_>>());
                prop_assert!(block.ends_with(&[0, 0]) || model.is_empty());
            }
        }

        #[test]
        fn any_block_is_borne(block in proptest::collection::vec(prop_oneof![Just(0), Just(EQUALS), Just(0x61), any::<u16>()], 0..30), name: Vec<u16>) {
            for value in [None, Some(&[1_u16, 2][..])] {
                if let Ok(change) = plan(&block, &name, value) {
                    let mut buffer = block.clone();
                    buffer.resize(block.len().max(change.len_after(block.len())), 0);
                    prop_assert!(change.apply(&mut buffer, block.len(), &name, value));
                }
            }
            let mut out = Cut::new(&mut []);
            expand(&block, |name| find(&block, name).map(|variable| variable.value), &mut out);
        }
    }
}
