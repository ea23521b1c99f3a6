//! The history of a DOS device: the targets of its link, the newest first, each ended by a NUL (spec/smss.md 5.3).

use alloc::vec::Vec;

/// The targets of a history; those behind an empty one do not count.
fn targets(history: &[u16]) -> impl Iterator<Item = &[u16]> {
    history.split(|&unit| unit == 0).take_while(|target| !target.is_empty())
}

fn join<'a>(targets: impl Iterator<Item = &'a [u16]>) -> Vec<u16> {
    let mut history = Vec::new();
    for target in targets {
        history.extend_from_slice(target);
        history.push(0);
    }
    history
}

/// The history with a new target in front.
pub fn push(history: &[u16], target: &[u16]) -> Vec<u16> {
    join(core::iter::once(target).chain(targets(history)))
}

/// The history without the newest target, or without the newest one that is, in any case, the given one (`exact`) or begins with
/// it. `None` when there is no such target.
pub fn remove(history: &[u16], target: Option<&[u16]>, exact: bool) -> Option<Vec<u16>> {
    let meant = |own: &[u16]| match target {
        Some(target) if exact => same(own, target),
        Some(target) => own.get(..target.len()).is_some_and(|start| same(start, target)),
        None => true,
    };
    let gone = targets(history).position(meant)?;
    Some(join(targets(history).enumerate().filter(|&(n, _)| n != gone).map(|(_, target)| target)))
}

fn same(a: &[u16], b: &[u16]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(&a, &b)| nt::upcase(a) == nt::upcase(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[test]
    fn the_newest_target_is_in_front() {
        assert_eq!(push(&[], &units(r"\A")), units("\\A\0"));
        assert_eq!(push(&units(r"\A"), &units(r"\B")), units("\\B\0\\A\0"));
        assert_eq!(push(&units("\\B\0\\A\0"), &units(r"\C")), units("\\C\0\\B\0\\A\0"));
    }

    #[test]
    fn without_a_target_the_newest_one_goes() {
        let history = units("\\B\0\\A\0");
        assert_eq!(remove(&history, None, false), Some(units("\\A\0")));
        assert_eq!(remove(&units("\\A\0"), None, true), Some(Vec::new()));
        assert_eq!(remove(&[], None, false), None);
    }

    #[test]
    fn a_target_is_meant_by_its_start_or_by_all_of_it() {
        let history = units("\\Device\\One\0\\Device\\Two\0\\Device\\Two\\x\0");
        let rest = |text: &str| Some(units(text));
        assert_eq!(
            remove(&history, Some(&units(r"\device\t")), false),
            rest("\\Device\\One\0\\Device\\Two\\x\0")
        );
        assert_eq!(remove(&history, Some(&units(r"\device\t")), true), None);
        assert_eq!(
            remove(&history, Some(&units(r"\DEVICE\TWO\X")), true),
            rest("\\Device\\One\0\\Device\\Two\0")
        );
        assert_eq!(remove(&history, Some(&units(r"\Device\Three")), false), None);
    }
}
