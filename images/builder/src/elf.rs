//! Takes out of the kernel's ELF file what is not loaded: debug information and symbols. The linker could
//! do it, but the file it writes is also the one for debuggers. The symbols become a map of their own, which
//! reports name code by: the guest does not have to carry them.

use object::{Object, ObjectSymbol, SymbolKind};

/// Size of a section header in bytes (ELF64).
const SECTION_HEADER: usize = 64;
/// `SHF_ALLOC`: the section is part of the running program.
const ALLOC: u64 = 2;
/// `SHT_NOBITS`: the section has no bytes in the file.
const NO_BITS: u64 = 8;

/// Offsets in the ELF header, and in section headers.
mod field {
    pub const SECTIONS: usize = 0x28;
    pub const SECTION_COUNT: usize = 0x3C;
    pub const NAMES_INDEX: usize = 0x3E;
    pub const TYPE: usize = 4;
    pub const FLAGS: usize = 8;
    pub const OFFSET: usize = 24;
    pub const SIZE: usize = 32;
}

/// The file without the sections that are not loaded. Everything that is loaded stays where it is, and
/// section numbers stay as they are: a section that goes leaves an empty header behind. Their names stay.
///
/// `None` when it is not a 64-bit ELF file with sections.
pub fn strip(file: &[u8]) -> Option<Vec<u8>> {
    if !file.starts_with(b"\x7FELF\x02\x01") {
        return None;
    }
    let table = number::<8>(file, field::SECTIONS)? as usize;
    let count = number::<2>(file, field::SECTION_COUNT)? as usize;
    let names_index = number::<2>(file, field::NAMES_INDEX)? as usize;
    let mut headers = file.get(table..)?.get(..count * SECTION_HEADER)?.to_vec();
    let (all, _) = headers.as_chunks_mut::<SECTION_HEADER>();

    let loaded_end = |header: &[u8; SECTION_HEADER]| {
        let bits = number::<4>(header, field::TYPE)? != NO_BITS;
        let loaded = bits && number::<8>(header, field::FLAGS)? & ALLOC != 0;
        let end = number::<8>(header, field::OFFSET)? + number::<8>(header, field::SIZE)?;
        Some(if loaded { end as usize } else { 0 })
    };
    let kept = all.iter().map(loaded_end).collect::<Option<Vec<_>>>()?.into_iter().max()?;
    let mut stripped = file.get(..kept)?.to_vec();

    for (index, header) in all.iter_mut().enumerate() {
        if number::<8>(header, field::FLAGS)? & ALLOC != 0 {
            continue;
        }
        if index != names_index {
            *header = [0; SECTION_HEADER];
        } else {
            stripped.resize(stripped.len().next_multiple_of(8), 0);
            let offset = stripped.len() as u64;
            stripped.extend_from_slice(bytes_of(file, header)?);
            put(header, field::OFFSET, offset)?;
        }
    }
    stripped.resize(stripped.len().next_multiple_of(8), 0);
    let offset = stripped.len() as u64;
    put(&mut stripped, field::SECTIONS, offset)?;
    stripped.extend_from_slice(&headers);
    Some(stripped)
}

/// The functions of an ELF file in order of address, one a line as in a `System.map`: address in hexadecimal, a
/// `t`, and the name with its path instead of the compiler's mangling.
///
/// `None` when it is not an ELF file.
pub fn symbol_map(file: &[u8]) -> Option<String> {
    let file = object::File::parse(file).ok()?;
    let code = |kind| matches!(kind, SymbolKind::Text | SymbolKind::Label | SymbolKind::Unknown);
    let mut symbols: Vec<_> = file
        .symbols()
        .filter(|symbol| symbol.is_definition() && code(symbol.kind()))
        .filter_map(|symbol| Some((symbol.address(), readable(symbol.name().ok()?))))
        .filter(|(_, name)| !name.is_empty())
        .collect();
    symbols.sort_unstable();
    symbols.dedup_by_key(|(address, _)| *address);
    let line = |(address, name): &(u64, String)| format!("{address:016x} t {name}\n");
    Some(symbols.iter().map(line).collect())
}

/// The path in a mangled Rust name (the legacy scheme): `_ZN4core3fmt5write17h0123456789abcdefE` is `core::fmt::write`.
fn readable(name: &str) -> String {
    let Some(mut rest) = name.strip_prefix("_ZN").and_then(|rest| rest.strip_suffix('E')) else {
        return name.to_owned();
    };
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
        let part = rest[..digits].parse().ok().and_then(|len: usize| rest[digits..].get(..len));
        let Some(part) = part else {
            return name.to_owned();
        };
        parts.push(part);
        rest = &rest[digits + part.len()..];
    }
    if parts.last().is_some_and(|last| last.len() == 17 && last.starts_with('h')) {
        parts.pop();
    }
    parts.join("::").replace("..", "::").replace("$LT$", "<").replace("$GT$", ">").replace("$u20$", " ")
}

/// The little-endian number of `N` bytes at an offset.
fn number<const N: usize>(bytes: &[u8], offset: usize) -> Option<u64> {
    let bytes = bytes.get(offset..)?.first_chunk::<N>()?;
    Some(bytes.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}

/// Writes a little-endian number at an offset.
fn put(bytes: &mut [u8], offset: usize, number: u64) -> Option<()> {
    *bytes.get_mut(offset..)?.first_chunk_mut()? = number.to_le_bytes();
    Some(())
}

/// A section's bytes; none for one that has none in the file.
fn bytes_of<'a>(file: &'a [u8], header: &[u8; SECTION_HEADER]) -> Option<&'a [u8]> {
    if matches!(number::<4>(header, field::TYPE)?, 0 | NO_BITS) {
        return Some(&[]);
    }
    let size = number::<8>(header, field::SIZE)? as usize;
    file.get(number::<8>(header, field::OFFSET)? as usize..)?.get(..size)
}

#[cfg(test)]
mod tests {
    use object::{Object, ObjectSection, SectionFlags};

    use super::{ALLOC, readable, strip, symbol_map};

    #[test]
    fn what_is_loaded_stays_and_the_rest_goes() {
        // This test's own program: an ELF file with everything that a linker writes.
        let path = std::env::current_exe().expect("a path");
        let file = std::fs::read(path).expect("readable");
        let stripped = strip(&file).expect("an ELF file");
        assert!(stripped.len() < file.len());
        let before = object::File::parse(&*file).expect("good");
        let after = object::File::parse(&*stripped).expect("still good");
        let segments = |file: &object::File<'_>| format!("{:?}", file.segments().collect::<Vec<_>>());
        assert_eq!(segments(&before), segments(&after));
        assert!(before.symbols().next().is_some() && after.symbols().next().is_none());
        for section in before.sections() {
            let SectionFlags::Elf { sh_flags, .. } = section.flags() else { panic!("not ELF") };
            let name = section.name().expect("a name");
            let other = after.section_by_name(name);
            if sh_flags.0 & ALLOC != 0 {
                assert!(other.and_then(|other| other.data().ok()) == section.data().ok(), "{name}");
            } else if !name.is_empty() && name != ".shstrtab" {
                assert!(other.is_none(), "{name}");
            }
        }
    }

    #[test]
    fn the_map_has_this_test() {
        let path = std::env::current_exe().expect("a path");
        let map = symbol_map(&std::fs::read(path).expect("readable")).expect("an ELF file");
        let address =
            |line: &str| u64::from_str_radix(line.split(' ').next().unwrap_or(""), 16).expect("a number");
        assert!(map.lines().map(address).is_sorted());
        assert!(map.contains("the_map_has_this_test"));
    }

    #[test]
    fn legacy_names_become_paths() {
        assert_eq!(readable("_ZN4core3fmt5write17h0123456789abcdefE"), "core::fmt::write");
        assert_eq!(readable("KiPageFault"), "KiPageFault");
        assert_eq!(readable("_ZN99xE"), "_ZN99xE");
        assert_eq!(readable("_ZNE"), "");
    }

    #[test]
    fn other_files_are_refused() {
        assert!(strip(b"").is_none());
        assert!(strip(b"MZ").is_none());
        assert!(strip(b"\x7FELF\x02\x01\x01\0\0").is_none());
    }
}
