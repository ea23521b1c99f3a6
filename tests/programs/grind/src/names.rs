//! Names of objects: those that there are, those that this program makes, and impossible ones.

use crate::arena::{Arena, Slot};
use crate::pool;
use crate::random::Random;

/// Names of any kind.
const OBJECTS: &[&str] = &[
    r"\",
    r"\??",
    r"\??\C:",
    r"\DosDevices",
    r"\DosDevices\C:",
    r"\KnownDlls",
    r"\KnownDlls\ntdll.dll",
    r"\BaseNamedObjects",
    r"\Device",
    r"\ObjectTypes",
    r"\ObjectTypes\Event",
    r"\SystemRoot",
    r"\GLOBAL??",
    r"\g0",
    r"\g1",
    r"\g2",
    r"\g3",
    r"\g0\g1",
    r"\g0\g1\g2",
    r"\BaseNamedObjects\g0",
    r"\BaseNamedObjects\g1",
    r"\Windows\WindowStations",
    r"\Windows\WindowStations\g0",
    r"\Windows\WindowStations\g1",
    r"\Windows\WindowStations\g0\g1",
    r"\Windows\WindowStations\g1\g0",
    "g0",
    "g1",
    "g2",
    "g3",
    r"g0\g1",
    "",
];
/// Names of keys.
const KEYS: &[&str] = &[
    r"\Registry",
    r"\Registry\Machine",
    r"\REGISTRY\MACHINE\SYSTEM",
    r"\Registry\Machine\SOFTWARE",
    r"\Registry\User",
    r"\Registry\Machine\SYSTEM\CurrentControlSet\Control\Session Manager",
    r"\Registry\Machine\SYSTEM\CurrentControlSet\Services",
    r"\Registry\Machine\SYSTEM\Select",
    r"\Registry\Machine\SYSTEM\g0",
    r"\Registry\Machine\SYSTEM\g0\g1",
    r"\Registry\Machine\HARDWARE",
    r"\Registry\Machine\SYSTEM\CurrentControlSet\Control\Session Manager\Environment",
    r"Control\Session Manager",
    "g0",
    "g1",
    "g2",
    r"g0\g1",
    r"g1\g2\g0",
    "",
];
/// Names of files and devices.
const FILES: &[&str] = &[
    r"\SystemRoot\System32\ntdll.dll",
    r"\??\C:\Windows\System32\ntdll.dll",
    r"\??\C:\Windows\System32\grind.exe",
    r"\SystemRoot",
    r"\SystemRoot\System32",
    r"\??\C:\",
    r"\??\C:",
    r"\??\C:\Windows\System32\config\SYSTEM",
    r"\Device\Null",
    r"\??\NUL",
    r"\Device\NamedPipe\g0",
    r"\Device\Serial0",
    r"\??\COM1",
    r"\??\C:\g0",
    r"\??\C:\Windows\..\Windows",
    r"\??\PIPE\g0",
    r"System32\ntdll.dll",
    "ntdll.dll",
    "g0",
    r"g0\g1",
    "",
];
/// Names of values and other words that services look for.
const WORDS: &[&str] = &[
    "g0",
    "g1",
    "g2",
    "",
    "Default",
    "BootExecute",
    "ObjectDirectories",
    "Path",
    "ComSpec",
    "*",
    "*.dll",
    "n?dll.*",
    "PendingFileRenameOperations",
];
/// Units that names are made of at random.
const UNITS: [u16; 12] = [0x5C, 0x2F, 0x2E, 0x20, 0x3A, 0x2A, 0x61, 0x41, 0, 0xD800, 0xFFFF, 0x131];

/// What a name is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// An object of a kind of [`pool`].
    Object(Option<usize>),
    /// A string by itself.
    Word,
}

/// A UNICODE_STRING with a name, well-formed or damaged.
pub fn string(random: &mut Random, arena: &mut Arena, what: Use) -> Slot {
    let string = arena.take(16);
    let text = text(random, arena, what);
    let (length, buffer) = text;
    let (length, maximum, buffer) = match random.below(40) {
        0 => (length | 1, length, buffer),
        1 => (length, 0, buffer),
        2 => (0xFFFE, 0xFFFF, buffer),
        3 => (length, length + 2, random.any() & 0xFFFF_FFFF),
        4 => (length, length, 0),
        5 => (0, 0, 0),
        6 => (length, length + 2, buffer + 1),
        _ => (length, length + 2, buffer),
    };
    string.put(0, length & 0xFFFF | (maximum & 0xFFFF) << 16);
    string.put(1, buffer);
    string
}

/// Text: its bytes and its address.
fn text(random: &mut Random, arena: &mut Arena, what: Use) -> (u64, u64) {
    if random.one_in(12) {
        return noise(random, arena);
    }
    let names = match what {
        Use::Word => WORDS,
        Use::Object(kind) => match kind.map_or("", pool::kind_name) {
            _ if random.one_in(6) => OBJECTS,
            "key" => KEYS,
            "file" => FILES,
            _ => OBJECTS,
        },
    };
    let name = random.pick(names).unwrap_or("");
    let slot = arena.take(2 * name.len().max(1));
    for (word, chunk) in name.as_bytes().chunks(4).enumerate() {
        let unit = |(at, &byte): (usize, &u8)| u64::from(byte) << (16 * at);
        slot.put(word, chunk.iter().enumerate().map(unit).sum());
    }
    (2 * name.len() as u64, slot.address())
}

fn noise(random: &mut Random, arena: &mut Arena) -> (u64, u64) {
    let units = if random.one_in(20) { 1000 } else { random.below(40) };
    let slot = arena.take(2 * units.max(1) as usize);
    for word in 0..slot.words() {
        let mut value = 0;
        for _ in 0..4 {
            value = value << 16 | u64::from(UNITS[random.below(UNITS.len() as u64) as usize]);
        }
        slot.put(word, value);
    }
    (2 * units, slot.address())
}
