//! What the embedded guest is made of.

use bootarchive::Archive;
use object::{Object, ObjectSymbol};
use smvm_images::{ARCHIVE, KERNEL};

#[test]
fn the_image_keeps_to_its_budget() {
    let size = KERNEL.len() + ARCHIVE.len();
    assert!(size <= 1 << 20, "{size} bytes: the budget is 1 MiB (kernel {})", KERNEL.len());
}

#[test]
fn both_begin_on_pages() {
    assert!(KERNEL.as_ptr().addr().is_multiple_of(bootarchive::PAGE));
    assert!(ARCHIVE.as_ptr().addr().is_multiple_of(bootarchive::PAGE));
    assert!(ARCHIVE.len().is_multiple_of(bootarchive::PAGE));
}

#[test]
fn the_kernel_has_symbols_and_no_debug_information() {
    let kernel = object::File::parse(KERNEL).expect("an ELF file");
    assert!(kernel.symbols().any(|symbol| symbol.kind() == object::SymbolKind::Text));
    assert!(!kernel.has_debug_symbols());
}

#[test]
fn the_archive_is_whole_and_its_programs_can_be_mapped() {
    let archive = Archive::parse(ARCHIVE).expect("an archive");
    assert_eq!(archive.verify(), Ok(()));
    assert!(archive.find(r"\SystemRoot\System32\smss.exe").is_some());
    for file in archive.files().filter(|file| file.path().ends_with(".exe")) {
        let image = pe::Image::parse(file.data()).expect("an image");
        assert_eq!(image.checksum_matches(), Some(true), "{file:?}");
        assert_eq!(image.subsystem(), pe::SUBSYSTEM_NATIVE, "{file:?}");
        assert!(image.is_relocatable() && image.entry().is_some(), "{file:?}");
        for section in image.sections() {
            let section = section.expect("a good section");
            let rights = section.protection();
            assert!(!(rights.write && rights.execute), "{file:?}: {section:?}");
            assert!(section.file_offset.is_multiple_of(pe::PAGE), "{file:?}: {section:?}");
        }
    }
}
