//! Full paths and NT names, from tables and in all combinations.

use proptest::prelude::*;
use rtlcore::path::{Directories, Full, NtPath};

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// A path that was written, and where its last part begins.
type Written = Option<(String, Option<usize>)>;

fn finish(len: usize, file_part: Option<usize>, write: impl FnOnce(&mut [u16])) -> Written {
    let mut buffer = vec![0xFFFF; len + 1];
    write(&mut buffer);
    assert_eq!(buffer.pop(), Some(0xFFFF), "no more than it said");
    assert!(!buffer.contains(&0xFFFF), "no less than it said");
    Some((String::from_utf16(&buffer).expect("text"), file_part))
}

fn full(name: &str, current: &str) -> Written {
    let (name, current, other) = (wide(name), wide(current), wide(r"D:\other"));
    let of_drive = |letter: u16| (letter == u16::from(b'd')).then_some(other.as_slice());
    let full = Full::new(&name, Directories { current: &current, of_drive })?;
    finish(full.len(), full.file_part(), |buffer| full.write(buffer))
}

fn nt(name: &str) -> Written {
    let (name, current) = (wide(name), wide(r"C:\dir\"));
    let path = NtPath::new(&name, Directories { current: &current, of_drive: |_| None })?;
    finish(path.len(), path.file_part(), |buffer| path.write(buffer))
}

#[test]
fn full_paths() {
    let cases = [
        // Absolute, and parts that go away.
        ("C:/x/y", r"C:\x\y", Some(5)),
        (r"C:\", r"C:\", None),
        (r"C:\x\", r"C:\x\", None),
        (r"C:\\x///y\", r"C:\x\y\", None),
        (r"C:\.", r"C:\", None),
        (r"C:\..\..\x", r"C:\x", Some(3)),
        (r"C:\x\..", r"C:\", None),
        (r"C:\x\y\..", r"C:\x", Some(3)),
        (r"C:\x\y\..\", r"C:\x\", None),
        (r"C:\x\.\y\..\..\z", r"C:\z", Some(3)),
        // Blanks and dots at the end.
        ("C:/x. .", r"C:\x", Some(3)),
        ("C:/x/ . ", r"C:\x\", None),
        ("C:/x/.. ", r"C:\x\", None),
        ("C:/x./y", r"C:\x\y", Some(5)),
        ("C:/x../y", r"C:\x..\y", Some(7)),
        ("C:/x ./y", r"C:\x \y", Some(6)),
        // From the current directory.
        ("x", r"C:\dir\sub\x", Some(11)),
        (".", r"C:\dir\sub", Some(7)),
        ("..", r"C:\dir", Some(3)),
        ("./", r"C:\dir\sub\", None),
        ("...", r"C:\dir\sub\", None),
        ("../../..", r"C:\", None),
        (r"\x", r"C:\x", Some(3)),
        (r"\??\x", r"C:\??\x", Some(6)),
        ("c:x", r"C:\dir\sub\x", Some(11)),
        ("c:", r"C:\dir\sub", Some(7)),
        ("d:x", r"D:\other\x", Some(9)),
        ("d:", r"D:\other", Some(3)),
        ("e:x", r"e:\x", Some(3)),
        ("?:", r"?:\", None),
        // Servers and devices.
        ("//server", r"\\server", None),
        ("//server/", r"\\server\", None),
        (r"\\server\share", r"\\server\share", None),
        (r"\\server\share\", r"\\server\share\", None),
        (r"\\server\share\..\x", r"\\server\share\x", Some(15)),
        (r"\\", r"\\", None),
        ("//.", r"\\.\", None),
        ("//./x/..", r"\\.\", None),
        ("//?/x/y", r"\\?\x\y", Some(6)),
        (r"C:\x\nul.txt", r"\\.\nul", None),
        ("com1:", r"\\.\com1", None),
    ];
    for (name, expected, file_part) in cases {
        for current in [r"C:\dir\sub\", r"C:\dir\sub"] {
            assert_eq!(full(name, current), Some((expected.into(), file_part)), "{name}");
        }
    }
    for (name, expected) in
        [(r"\x", r"\\server\share\x"), ("x", r"\\server\share\dir\x"), ("../..", r"\\server\share")]
    {
        assert_eq!(
            full(name, r"\\server\share\dir\").map(|path| path.0).as_deref(),
            Some(expected),
            "{name}"
        );
    }
    assert_eq!((full("", r"C:\"), full("  ", r"C:\")), (None, None));
}

#[test]
fn nt_names() {
    let cases = [
        ("C:/x.", r"\??\C:\x", Some(7)),
        ("x", r"\??\C:\dir\x", Some(11)),
        (r"D:\", r"\??\D:\", None),
        ("aux", r"\??\aux", None),
        (r"\\server\share\x", r"\??\UNC\server\share\x", Some(21)),
        ("//", r"\??\UNC\", None),
        ("//./PhysicalDrive0", r"\??\PhysicalDrive0", Some(4)),
        ("//./", r"\??\", None),
        ("//.", r"\??\", None),
        (r"\\?", r"\??\", None),
        ("//?/x/../y", r"\??\y", Some(4)),
        (r"\\?\x\..\y. ", r"\??\x\..\y. ", Some(9)),
        (r"\\?\C:/x", r"\??\C:/x", Some(4)),
        (r"\??\C:\x", r"\??\C:\x", Some(7)),
        (r"\??\", r"\??\", None),
        (r"\??", r"\??\C:\??", Some(7)),
    ];
    for (name, expected, file_part) in cases {
        assert_eq!(nt(name), Some((expected.into(), file_part)), "{name}");
    }
    assert_eq!(nt(""), None);
}

/// The plain way: a list of parts, from the beginning.
fn plainly(path: &str) -> String {
    let (drive, rest) = path.split_at(2);
    let parts: Vec<&str> = rest.split(['\\', '/']).skip(1).collect();
    let (last, folders) = parts.split_last().expect("there is one");
    let mut kept: Vec<&str> = Vec::new();
    for part in folders
        .iter()
        .map(|part| match part.strip_suffix('.') {
            Some(name) if !name.is_empty() && !name.ends_with('.') => name,
            _ => *part,
        })
        .chain([*last])
    {
        match part {
            "" | "." => {}
            ".." => drop(kept.pop()),
            _ => kept.push(part),
        }
    }
    let mut trailing = last.is_empty();
    if !trailing && let Some(end) = kept.pop() {
        let end = end.trim_end_matches([' ', '.']);
        trailing = end.is_empty();
        kept.extend(Some(end).filter(|end| !end.is_empty()));
    }
    let end = if kept.is_empty() || !trailing { "" } else { "\\" };
    format!("{drive}\\{}{end}", kept.join("\\"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(256)))]

    #[test]
    fn parts_are_resolved_as_in_the_plain_way(path in "[CD]:[\\\\/]([xy. ]{0,3}[\\\\/]){0,5}[xy. ]{0,3}") {
        prop_assert_eq!(full(&path, r"C:\dir").map(|path| path.0), Some(plainly(&path)));
    }

    #[test]
    fn a_full_path_is_its_own(path in "[a-z:\\\\/. ?]{1,12}", current in r"C:(\\[a-z]{1,3}){0,3}\\?") {
        if let Some((once, _)) = full(&path, &current) {
            let device = once.starts_with(r"\\.\");
            prop_assert!(device || full(&once, &current).map(|path| path.0) == Some(once.clone()), "{}", once);
        }
    }

    #[test]
    fn any_text_is_borne(name: Vec<u16>, current: Vec<u16>, other: Vec<u16>) {
        let directories = Directories { current: current.as_slice(), of_drive: |_| Some(other.as_slice()) };
        if let Some(path) = Full::new(&name, directories) {
            let mut buffer = vec![0; path.len()];
            path.write(&mut buffer);
            prop_assert!(path.file_part().is_none_or(|at| at <= path.len()));
        }
        if let Some(path) = NtPath::new(&name, directories) {
            let mut buffer = vec![0; path.len()];
            path.write(&mut buffer);
            prop_assert!(path.file_part().is_none_or(|at| at <= path.len()));
        }
    }
}
