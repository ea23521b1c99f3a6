use super::*;

/// A 64-bit file with a PVH note, our own note, and one segment; the numbers are its layout.
fn file() -> Vec<u8> {
    let mut file = vec![0; 0x200];
    file[..7].copy_from_slice(b"\x7FELF\x02\x01\x01");
    put(&mut file, 18, &62u16.to_le_bytes());
    put(&mut file, 32, &64u64.to_le_bytes());
    put(&mut file, 54, &56u16.to_le_bytes());
    put(&mut file, 56, &2u16.to_le_bytes());
    header(&mut file, 0, PT_LOAD, [0x180, 0, 0x20_0000, 0x80, 0x1000]);
    header(&mut file, 1, PT_NOTE, [0xC0, 0, 0, 0x40, 0x40]);
    let mut notes = Vec::new();
    for (name, kind, descriptor) in [
        (&b"Xen\0"[..], 18u32, 0x20_0040u32.to_le_bytes().to_vec()),
        (b"smvm\0", 1, [&1u64.to_le_bytes()[..], &0x40_1000u64.to_le_bytes()].concat()),
    ] {
        notes.extend((name.len() as u32).to_le_bytes());
        notes.extend((descriptor.len() as u32).to_le_bytes());
        notes.extend(kind.to_le_bytes());
        notes.extend(name);
        notes.resize(notes.len().next_multiple_of(4), 0);
        notes.extend(descriptor);
    }
    notes.resize(0x40, 0);
    put(&mut file, 0xC0, &notes);
    file
}

fn put(file: &mut [u8], at: usize, bytes: &[u8]) {
    file[at..at + bytes.len()].copy_from_slice(bytes);
}

/// Program header `index`: offset, virtual and physical address, sizes in file and memory.
fn header(file: &mut [u8], index: usize, kind: u32, fields: [u64; 5]) {
    let at = 64 + 56 * index;
    put(file, at, &kind.to_le_bytes());
    for (number, field) in fields.into_iter().enumerate() {
        put(file, at + 8 + 8 * number, &field.to_le_bytes());
    }
}

#[test]
fn entry_segments_and_our_note_are_found() {
    let kernel = Kernel::parse(&file()).expect("a good file");
    assert!(kernel.is_64);
    assert_eq!((kernel.entry, kernel.debugger_data), (0x20_0040, Some(0x40_1000)));
    let segment =
        Segment { index: 0, offset: 0x180, file_size: 0x80, address: 0x20_0000, memory_size: 0x1000 };
    assert_eq!(kernel.segments, [segment]);
}

#[test]
fn every_fault_names_its_offset() {
    let fault = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut file = file();
        change(&mut file);
        match Kernel::parse(&file).expect_err("a bad file") {
            ElfError::Truncated { offset, .. } | ElfError::Field { offset, .. } => Some(offset),
            ElfError::NoPvhNote => None,
        }
    };
    assert_eq!(fault(&|file| file[0] = 0), Some(0));
    assert_eq!(fault(&|file| file[4] = 3), Some(4));
    assert_eq!(fault(&|file| file[5] = 2), Some(5));
    assert_eq!(fault(&|file| file[18] = 40), Some(18));
    assert_eq!(fault(&|file| file[54] = 32), Some(54));
    assert_eq!(fault(&|file| file[56] = 0), Some(56));
    assert_eq!(fault(&|file| put(file, 32, &u64::MAX.to_le_bytes())), Some(u64::MAX));
    assert_eq!(fault(&|file| header(file, 0, PT_LOAD, [0x180, 0, 0, 0x81, 0x81])), Some(0x180));
    assert_eq!(fault(&|file| header(file, 0, PT_LOAD, [0x180, 0, 0, 0x80, 0x7F])), Some(64 + 32));
    assert_eq!(fault(&|file| header(file, 0, PT_LOAD, [0x180, 0, u64::MAX, 1, 1])), Some(64 + 24));
    assert_eq!(fault(&|file| put(file, 0xC4, &0xFFFF_FFF0u32.to_le_bytes())), Some(0xC4));
    assert_eq!(fault(&|file| file[0xC8] = 17), None);
    assert_eq!(fault(&|file| file[64] = 0), Some(64));
}

#[test]
fn a_note_of_another_version_is_not_ours() {
    let mut file = file();
    let version = 0xC0 + 20 + 12 + 8;
    assert_eq!(file[version], 1);
    file[version] = 2;
    let kernel = Kernel::parse(&file).expect("still a kernel");
    assert_eq!(kernel.debugger_data, None);
}

#[test]
fn random_damage_is_an_error_or_harmless() {
    let good = file();
    let mut seed = 0x0123_4567_89AB_CDEF_u64;
    for _ in 0..100_000 {
        let mut bad = good.clone();
        for _ in 0..3 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            bad[(seed >> 8) as usize % 0x100] = seed as u8;
        }
        if let Ok(kernel) = Kernel::parse(&bad) {
            for segment in kernel.segments {
                assert!(segment.offset + segment.file_size <= bad.len() as u64);
                assert!(segment.file_size <= segment.memory_size);
                assert!(segment.address.checked_add(segment.memory_size).is_some());
            }
        }
    }
}
