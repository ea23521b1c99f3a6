//! What no linker writes: faults one by one, numbers that straddle pages, damage at random.

mod common;

use common::{LIBRARY, PROGRAM};
use pe::{Fault, Image, PAGE, PeError};
use proptest::collection::vec;
use proptest::prelude::*;

/// Uses everything an image offers; what is handed out must lie in the file and in the image.
fn use_all(file: &[u8]) {
    let Ok(image) = Image::parse(file) else {
        return;
    };
    let size = image.size_of_image();
    let inside = |bytes: &[u8]| {
        let (outer, inner) = (file.as_ptr_range(), bytes.as_ptr_range());
        assert!(outer.start <= inner.start && inner.end <= outer.end);
    };
    assert!(image.size_of_headers() as usize <= file.len());
    assert!(image.entry().is_none_or(|rva| rva < size));
    let mut last = image.size_of_headers();
    for section in image.sections().map_while(Result::ok) {
        assert!(section.rva >= last && section.virtual_size > 0 && section.end() <= size);
        assert!(section.rva.is_multiple_of(image.section_alignment()));
        assert!(section.raw_len <= section.virtual_size && section.raw_len <= section.file_len);
        assert!(section.file_offset as usize + section.file_len as usize <= file.len());
        last = section.end();
        inside(section.name().first_chunk::<0>().map_or(file, |_| &file[..0]));
    }
    for block in image.relocations().into_iter().flatten().map_while(Result::ok) {
        assert!(block.page < size && block.page.is_multiple_of(PAGE));
        let fixups = block.fixups().map_while(Result::ok);
        fixups.for_each(|rva| assert!(rva.checked_add(8).is_some_and(|end| end <= size)));
    }
    for module in image.imports().into_iter().flatten().map_while(Result::ok).take(50) {
        inside(module.name);
        for import in module.imports().map_while(Result::ok).take(50) {
            assert!(import.slot + 8 <= size);
            if let pe::Symbol::Name { name, .. } = import.symbol {
                inside(name);
            }
        }
    }
    if let Ok(Some(exports)) = image.exports() {
        exports.names().map_while(Result::ok).take(50).for_each(|(name, export)| {
            inside(name);
            if let pe::Export::Address(rva) = export {
                assert!(rva < size);
            }
            let _ = exports.by_name(name);
        });
        let _ = (exports.by_ordinal(1), exports.by_name(b"second"));
    }
    if let Ok(Some(tls)) = image.tls(image.image_base()) {
        assert!(tls.template.end <= size && tls.index + 4 <= size);
        assert!(image.tls_callbacks(&tls, image.image_base()).count() <= file.len() / 8 + 1);
    }
    let mut page = [0; PAGE as usize];
    let _ = (image.relocate_page(PAGE, &mut page, 0x1_0000), image.checksum());
}

/// Offset of the PE signature.
fn signature(file: &[u8]) -> usize {
    usize::from(file[0x3C]) | usize::from(file[0x3D]) << 8
}

fn changed(file: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    file[at..][..bytes.len()].copy_from_slice(bytes);
    file
}

/// The fault after a change at an offset from the signature, and whether it is placed there.
fn fault(offset: usize, bytes: &[u8]) -> Fault {
    let at = signature(&PROGRAM) + offset;
    let file = changed(&PROGRAM, at, bytes);
    let error = match Image::parse(&file) {
        Err(error) => error,
        Ok(image) => image.sections().find_map(Result::err).expect("the change is not taken"),
    };
    if error.fault < Fault::Section && error.fault != Fault::Truncated {
        assert_eq!(error.offset as usize, at);
    }
    error.fault
}

#[test]
fn each_header_fault_is_named_and_placed() {
    assert_eq!(fault(0, b"XE"), Fault::Signature);
    assert_eq!(fault(4, &[0x4C, 0x01]), Fault::Machine);
    assert_eq!(fault(6, &[97, 0]), Fault::Format);
    assert_eq!(fault(20, &[0x60, 0]), Fault::Format);
    assert_eq!(fault(20, &[0xFF, 0xFF]), Fault::Truncated);
    assert_eq!(fault(22, &[0, 0]), Fault::Format);
    assert_eq!(fault(24, &[0x0B, 0x01]), Fault::Format);
    assert_eq!(fault(24 + 16, &[0, 0, 0, 0x70]), Fault::Extent);
    assert_eq!(fault(24 + 24, &[0x00, 0x10]), Fault::Extent);
    assert_eq!(fault(24 + 32, &[0, 0]), Fault::Alignment);
    assert_eq!(fault(24 + 32, &[0, 0x30]), Fault::Alignment);
    assert_eq!(fault(24 + 36, &[0, 1]), Fault::Alignment);
    assert_eq!(fault(24 + 36, &[0, 0x20]), Fault::Alignment);
    assert_eq!(fault(24 + 56, &[1]), Fault::Extent);
    assert_eq!(fault(24 + 56, &[0; 4]), Fault::Extent);
    assert_eq!(fault(24 + 60, &[0x80, 0]), Fault::Extent);
    assert_eq!(fault(24 + 60, &[0, 0, 0xFF]), Fault::Extent);
    assert_eq!(fault(24 + 80, &[0, 0, 0xFF]), Fault::Extent);
}

/// The program, aligned to so many bytes and with each section where it is in memory.
fn one_piece(alignment: u32) -> Vec<u8> {
    let image = Image::parse(&PROGRAM).expect("good");
    let mut file = common::map(&image);
    let at = signature(&PROGRAM) + 24;
    let mut put = |at: usize, number: u32| file[at..][..4].copy_from_slice(&number.to_le_bytes());
    put(at + 32, alignment);
    put(at + 36, alignment);
    put(at + 60, PAGE);
    for (index, section) in image.sections().flatten().enumerate() {
        let header = at + 240 + 40 * index;
        let size = section.virtual_size.next_multiple_of(PAGE);
        for (field, number) in [(8, size), (16, size), (20, section.rva)] {
            put(header + field, number);
        }
    }
    file
}

#[test]
fn sections_aligned_to_less_than_a_page_lie_as_in_the_file() {
    for alignment in [1, 16, 512, 2048] {
        let file = one_piece(alignment);
        let image = Image::parse(&file).expect("good");
        assert!(image.is_one_piece());
        let sections: Vec<_> = image.sections().map(|section| section.expect("good")).collect();
        assert_eq!(sections.len(), Image::parse(&PROGRAM).expect("good").sections().count());
        assert!(sections.iter().all(|section| section.file_offset == section.rva));
        use_all(&file);
        // Both alignments are one.
        let at = signature(&file) + 24;
        let other = changed(&file, at + 36, &(alignment * 2).to_le_bytes());
        assert_eq!(Image::parse(&other).expect_err("another alignment").fault, Fault::Alignment);
        // And so are both places.
        let moved = changed(&file, at + 240 + 20, &(sections[0].rva - alignment).to_le_bytes());
        let image = Image::parse(&moved).expect("good headers");
        assert_eq!(image.sections().next().expect("one").expect_err("moved").fault, Fault::Section);
    }
}

#[test]
fn each_section_fault_ends_the_sections() {
    let table = 24 + 240;
    let first = |offset, bytes: &[u8]| assert_eq!(fault(table + offset, bytes), Fault::Section);
    first(8, &[0, 0, 0, 0x10]); // virtual size: beyond the image
    first(8, &[0xFF; 4]);
    first(12, &[1]); // RVA: unaligned
    first(12, &[0, 0x20]); // RVA: a gap
    first(12, &[0; 4]); // RVA: over the headers
    first(16, &[0, 0, 0, 0x10]); // raw size: beyond the file
    first(20, &[1]); // raw pointer: unaligned
    first(20, &[0, 0, 0, 0xF0]);
    let sections = Image::parse(&PROGRAM).expect("good").sections().count();
    let file = changed(&PROGRAM, signature(&PROGRAM) + table + 40 + 12, &[0; 4]);
    let image = Image::parse(&file).expect("the headers are good");
    let results: Vec<_> = image.sections().map(|section| section.is_ok()).collect();
    assert!(sections > 2 && results == [true, false]);
}

#[test]
fn every_truncation_is_noticed() {
    for file in [&*LIBRARY, &*PROGRAM] {
        let whole = Image::parse(file).expect("good").sections().filter(Result::is_ok).count();
        for len in (0..1024).chain((1024..file.len()).step_by(61)) {
            use_all(&file[..len]);
            let image = Image::parse(&file[..len]);
            let good = image.map_or(0, |image| image.sections().filter(Result::is_ok).count());
            assert!(good < whole, "{len}");
        }
    }
}

#[test]
fn every_header_byte_may_be_wrong() {
    for file in [&*LIBRARY, &*PROGRAM] {
        let mut bytes = file.clone();
        for at in 0..1024.min(file.len()) {
            for bad in [0, 1, 0x7F, 0x80, 0xFF, file[at] ^ 1] {
                bytes[at] = bad;
                use_all(&bytes);
            }
            bytes[at] = file[at];
        }
    }
}

/// The program with its relocations replaced by one block for the page at `page`.
fn with_relocations(page: u32, entries: &[u16]) -> Vec<u8> {
    let image = Image::parse(&PROGRAM).expect("good");
    let at = |section: &pe::Section| section.file_offset as usize;
    let reloc = image.sections().flatten().find(|section| section.name() == b".reloc");
    let mut block = page.to_le_bytes().to_vec();
    block.extend_from_slice(&(8 + 2 * entries.len() as u32).to_le_bytes());
    block.extend(entries.iter().flat_map(|entry| entry.to_le_bytes()));
    let file = changed(&PROGRAM, reloc.as_ref().map(at).expect("there is one"), &block);
    let size = signature(&file) + 24 + 112 + 5 * 8 + 4;
    changed(&file, size, &(block.len() as u32).to_le_bytes())
}

#[test]
fn numbers_that_straddle_pages_are_relocated_in_both() {
    let delta = 0x0123_4567_89AB_0000_u64;
    let image = Image::parse(&PROGRAM).expect("good");
    for split in 1..8_u32 {
        let page = image.sections().flatten().nth(1).expect("two sections").rva - PAGE;
        let file = with_relocations(page, &[0xA000 | (PAGE - split) as u16, 0]);
        let image = Image::parse(&file).expect("good");
        let memory = common::map(&image);
        let mut pages = memory[page as usize..][..2 * PAGE as usize].to_vec();
        let mut expected = pages.clone();
        let number = expected[(PAGE - split) as usize..].first_chunk_mut::<8>().expect("inside");
        *number = u64::from_le_bytes(*number).wrapping_add(delta).to_le_bytes();
        let (halves, _) = pages.as_chunks_mut::<{ PAGE as usize }>();
        for (half, rva) in halves.iter_mut().zip([page, page + PAGE]) {
            image.relocate_page(rva, half, delta).expect("good relocations");
        }
        assert!(pages == expected, "{split} bytes in the first page");
    }
}

#[test]
fn relocations_of_other_kinds_or_outside_are_refused() {
    let image = Image::parse(&PROGRAM).expect("good");
    let last = image.size_of_image() - PAGE;
    let first = |page, entries: &[u16]| {
        let file = with_relocations(page, entries);
        let image = Image::parse(&file).expect("good");
        let mut blocks = image.relocations().expect("a good directory");
        let block = blocks.next().expect("one block")?;
        block.fixups().next().unwrap_or(Ok(0))
    };
    let fault = |result: Result<u32, PeError>| result.map_err(|error| error.fault);
    assert_eq!(fault(first(last, &[0xAFF8, 0])), Ok(last + 0xFF8));
    assert_eq!(fault(first(last, &[0xAFF9, 0])), Err(Fault::Relocation));
    assert_eq!(fault(first(last + PAGE, &[0xA000, 0])), Err(Fault::Relocation));
    assert_eq!(fault(first(last + 4, &[0xA000, 0])), Err(Fault::Relocation));
    assert_eq!(fault(first(last, &[0x3000, 0])), Err(Fault::Relocation));
    assert_eq!(fault(first(last, &[0xA000])), Err(Fault::Relocation));
    assert_eq!(fault(first(last, &[0, 0])), Ok(0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(256)))]

    #[test]
    fn random_changes_are_survived(
        library in any::<bool>(),
        changes in vec((any::<prop::sample::Index>(), any::<bool>(), any::<u8>()), 1..12),
    ) {
        let mut file = if library { LIBRARY.clone() } else { PROGRAM.clone() };
        for (at, early, byte) in changes {
            let end = if early { 1024 } else { file.len() };
            file[at.index(end)] = byte;
        }
        use_all(&file);
    }

    #[test]
    fn random_bytes_are_survived(file in vec(any::<u8>(), 0..600)) {
        use_all(&file);
    }
}
