//! Takes debug information out of the kernel's ELF file and leaves its symbols, which reports of
//! hangs name code by. The linker could do it, but the file it writes is also the one for debuggers.

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

/// The file without its `.debug_*` sections. Everything that is loaded stays where it is, and
/// section numbers stay as they are: a section that goes leaves an empty header behind.
///
/// `None` when it is not a 64-bit ELF file with sections.
pub fn strip_debug_info(file: &[u8]) -> Option<Vec<u8>> {
    if !file.starts_with(b"\x7FELF\x02\x01") {
        return None;
    }
    let table = number::<8>(file, field::SECTIONS)? as usize;
    let count = number::<2>(file, field::SECTION_COUNT)? as usize;
    let names_index = number::<2>(file, field::NAMES_INDEX)? as usize;
    let mut headers = file.get(table..)?.get(..count * SECTION_HEADER)?.to_vec();
    let (all, _) = headers.as_chunks_mut::<SECTION_HEADER>();

    let names = bytes_of(file, all.get(names_index)?)?;
    let loaded_end = |header: &[u8; SECTION_HEADER]| {
        let bits = number::<4>(header, field::TYPE)? != NO_BITS;
        let loaded = bits && number::<8>(header, field::FLAGS)? & ALLOC != 0;
        let end = number::<8>(header, field::OFFSET)? + number::<8>(header, field::SIZE)?;
        Some(if loaded { end as usize } else { 0 })
    };
    let kept = all.iter().map(loaded_end).collect::<Option<Vec<_>>>()?.into_iter().max()?;
    let mut stripped = file.get(..kept)?.to_vec();

    for header in all.iter_mut() {
        if number::<8>(header, field::FLAGS)? & ALLOC != 0 {
            continue;
        }
        let name = names.get(number::<4>(header, 0)? as usize..)?;
        if name.starts_with(b".debug_") {
            *header = [0; SECTION_HEADER];
        } else if !(bytes_of(file, header)?.is_empty()) {
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
    use object::{Object, ObjectSection, ObjectSymbol};

    use super::strip_debug_info;

    #[test]
    fn debug_information_goes_and_the_rest_stays() {
        // This test's own program: an ELF file with everything that a linker writes.
        let path = std::env::current_exe().expect("a path");
        let file = std::fs::read(path).expect("readable");
        let stripped = strip_debug_info(&file).expect("an ELF file");
        assert!(stripped.len() < file.len());
        let before = object::File::parse(&*file).expect("good");
        let after = object::File::parse(&*stripped).expect("still good");
        let segments = |file: &object::File<'_>| format!("{:?}", file.segments().collect::<Vec<_>>());
        assert_eq!(segments(&before), segments(&after));
        let symbols = |file: &object::File<'_>| -> Vec<_> {
            let symbol = |s: object::Symbol<'_, '_>| (s.name().map(str::to_owned), s.address());
            file.symbols().map(symbol).collect()
        };
        assert!(!symbols(&after).is_empty() && symbols(&before) == symbols(&after));
        for section in before.sections() {
            let name = section.name().expect("a name");
            let other = after.section_by_name(name);
            // Debuggers' scripts are loaded along, and stay.
            let debug = name.starts_with(".debug_") && name != ".debug_gdb_scripts";
            if debug {
                assert!(other.is_none(), "{name}");
            } else {
                let other = other.and_then(|other| other.data().ok());
                assert!(other == section.data().ok(), "{name}");
            }
        }
    }

    #[test]
    fn other_files_are_refused() {
        assert!(strip_debug_info(b"").is_none());
        assert!(strip_debug_info(b"MZ").is_none());
        assert!(strip_debug_info(b"\x7FELF\x02\x01\x01\0\0").is_none());
    }
}
