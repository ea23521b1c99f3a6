//! Listings of folders.

use nt::NtStatus;
use nt::file::class;
use nt::types::Handle;

use crate::checks::verdict;
use crate::files::expect;
use crate::io::{self, READ};
use crate::reg::{is_text, u32_at};

/// Class, where the length of the name is, where the name is, least buffer.
const CLASSES: [(u32, usize, usize, usize); 6] = [
    (class::DIRECTORY, 60, 64, 72),
    (class::FULL_DIRECTORY, 60, 68, 72),
    (class::BOTH_DIRECTORY, 60, 94, 96),
    (class::NAMES, 8, 12, 16),
    (class::ID_BOTH_DIRECTORY, 60, 104, 112),
    (class::ID_FULL_DIRECTORY, 60, 80, 88),
];

fn open(path: &str) -> Handle {
    io::open(Handle::NULL, path, READ).unwrap_or(Handle::NULL)
}

/// How often a name is in a listing, and how many names there are.
fn count(buffer: &[u8], (_, length, name, _): (u32, usize, usize, usize), wanted: &str) -> (usize, usize) {
    let (mut at, mut found, mut all) = (0, 0, 0);
    loop {
        let entry = &buffer[at..];
        let len = u32_at(entry, length) as usize;
        let is_it = is_text(&entry[name..name + len], wanted);
        (found, all) = (found + usize::from(is_it), all + 1);
        match u32_at(entry, 0) as usize {
            0 => return (found, all),
            next => at += next,
        }
    }
}

/// Every class, patterns, ends, buffers that are too small.
pub fn listings() {
    use NtStatus as S;
    let mut buffer = [0; 2048];
    for layout in CLASSES {
        let folder = open(r"\??\C:\Windows\System32");
        let (status, block) = io::list(folder, layout.0, &mut buffer, false, None, false);
        let (found, all) = count(&buffer, layout, "probe.exe");
        verdict("list", status == S::SUCCESS && block.information > 0 && found == 1 && all >= 4, "not there");
        expect("list-end", io::list(folder, layout.0, &mut buffer, false, None, false).0, S::NO_MORE_FILES);
        let (status, _) = io::list(folder, layout.0, &mut buffer, true, None, true);
        verdict("restart", status == S::SUCCESS && count(&buffer, layout, ".") == (1, 1), "not the first");
        let (_, _) = io::list(folder, layout.0, &mut buffer, true, None, false);
        verdict("second", count(&buffer, layout, "..") == (1, 1), "not the second");
        let short = &mut [0; 128][..layout.3 - 1];
        expect("short", io::list(folder, layout.0, short, false, None, false).0, S::INFO_LENGTH_MISMATCH);
        rt::close(folder);
    }
    let names = CLASSES[3];
    for (pattern, expected) in [
        ("probe.exe", 1),
        ("PROBE.EXE", 1),
        ("*.exe", 1),
        ("pro?e.e*", 1),
        ("<\"exe", 1),
        ("probe>>>.exe", 1),
        ("*", 1),
        ("probe", 0),
        ("?.exe", 0),
        ("*.syx", 0),
    ] {
        let folder = open(r"\SystemRoot\System32");
        buffer.fill(0);
        let (status, _) = io::list(folder, names.0, &mut buffer, false, Some(pattern), false);
        match expected {
            0 => expect(pattern, status, S::NO_SUCH_FILE),
            _ => {
                verdict(pattern, status == S::SUCCESS && count(&buffer, names, "probe.exe").0 == 1, "missing")
            }
        }
        // The first pattern counts, whatever comes later.
        let (later, _) = io::list(folder, names.0, &mut buffer, false, Some("*"), true);
        expect("later", later, if expected == 0 { S::NO_MORE_FILES } else { S::SUCCESS });
        rt::close(folder);
    }
    let folder = open(r"\SystemRoot\System32");
    let (status, block) = io::list(folder, names.0, &mut buffer[..16], false, Some("probe.exe"), false);
    let cut = status == S::BUFFER_OVERFLOW && block.information == 16;
    verdict("cut", cut && u32_at(&buffer, 8) == 18, "no overflow");
    expect(
        "no-class",
        io::list(folder, class::BASIC, &mut buffer, false, None, false).0,
        S::INVALID_INFO_CLASS,
    );
    rt::close(folder);
    let root = open(r"\??\C:\");
    let (_, _) = io::list(root, names.0, &mut buffer, false, None, false);
    verdict("root", count(&buffer, names, "Windows").0 == 1, "no Windows");
    verdict("root-dots", count(&buffer, names, ".").0 == 0, "the root has dots");
    rt::close(root);
}
