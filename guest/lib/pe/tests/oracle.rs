//! The same image files, read by the `object` crate and by this one.

mod common;

use common::{LIBRARY, PROGRAM};
use object::LittleEndian as LE;
use object::read::pe::{ExportTarget, ImageNtHeaders, ImageOptionalHeader, ImageThunkData, PeFile64};
use pe::{Export, Image, PAGE, Symbol};

fn both(file: &'static [u8]) -> (Image<'static>, PeFile64<'static>) {
    let image = Image::parse(file).expect("this crate reads it");
    (image, PeFile64::parse(file).expect("object reads it"))
}

fn each() -> [(Image<'static>, PeFile64<'static>); 2] {
    [both(&LIBRARY), both(&PROGRAM)]
}

#[test]
fn headers_agree() {
    for (image, oracle) in each() {
        let header = oracle.nt_headers().optional_header();
        assert_eq!(image.image_base(), header.image_base());
        assert_eq!(image.size_of_image(), header.size_of_image());
        assert_eq!(image.size_of_headers(), header.size_of_headers());
        assert_eq!(image.entry().unwrap_or(0), header.address_of_entry_point());
        assert_eq!(image.section_alignment(), header.section_alignment());
        assert_eq!(image.file_alignment(), header.file_alignment());
        assert_eq!(image.subsystem(), header.subsystem().0);
        let version = (header.major_subsystem_version(), header.minor_subsystem_version());
        assert_eq!(image.subsystem_version(), version);
        assert_eq!(image.dll_characteristics(), header.dll_characteristics().0);
        assert_eq!(image.stack_reserve(), header.size_of_stack_reserve());
        assert_eq!(image.stack_commit(), header.size_of_stack_commit());
        assert_eq!(image.heap_reserve(), header.size_of_heap_reserve());
        assert_eq!(image.heap_commit(), header.size_of_heap_commit());
        assert_eq!(image.stored_checksum(), header.check_sum());
        let file = oracle.nt_headers().file_header();
        assert_eq!(image.machine(), file.machine.get(LE).0);
        assert_eq!(image.characteristics(), file.characteristics.get(LE).0);
        assert_eq!(image.time_stamp(), file.time_date_stamp.get(LE));
    }
    assert!(each()[0].0.is_dll() && !each()[1].0.is_dll());
    assert_eq!(each()[1].0.subsystem(), pe::SUBSYSTEM_NATIVE);
    assert_eq!(each()[1].0.stack_commit(), 0x3000);
}

#[test]
fn sections_agree() {
    for (image, oracle) in each() {
        let sections: Vec<_> = image.sections().map(|section| section.expect("good")).collect();
        assert_eq!(sections.len(), oracle.section_table().len());
        for (section, other) in sections.iter().zip(oracle.section_table().iter()) {
            assert_eq!(section.name, other.name);
            assert_eq!(section.rva, other.virtual_address.get(LE));
            assert_eq!(section.virtual_size, other.virtual_size.get(LE));
            assert_eq!(section.characteristics, other.characteristics.get(LE).0);
            assert_eq!((section.file_offset, section.raw_len), other.pe_file_range());
            let data = other.pe_data(image.bytes()).expect("data in the file");
            if !data.is_empty() {
                assert_eq!(image.slice(section.rva, section.raw_len), Some(data));
                assert_eq!(image.tail(section.rva), Some(data));
            }
        }
    }
}

#[test]
fn relocations_agree() {
    for (image, oracle) in each() {
        let mut expected = Vec::new();
        let directories = oracle.data_directories();
        let blocks = directories.relocation_blocks(image.bytes(), &oracle.section_table());
        let mut blocks = blocks.expect("good").expect("there are some");
        while let Some(block) = blocks.next().expect("a good block") {
            expected.extend(block.filter(|entry| entry.typ.0 == 10).map(|entry| entry.virtual_address));
        }
        let mut found = Vec::new();
        for block in image.relocations().expect("a good directory") {
            found.extend(block.expect("a good block").fixups().map(|rva| rva.expect("good")));
        }
        assert_eq!(found, expected);
        assert!(!found.is_empty() && image.is_relocatable());
    }
}

#[test]
fn pages_relocated_one_by_one_make_the_relocated_image() {
    let delta = 0x1_2345_0000_u64;
    let mut straddlers = 0;
    for (image, _) in each() {
        let pristine = common::map(&image);
        let mut expected = pristine.clone();
        for block in image.relocations().expect("a good directory") {
            for rva in block.expect("a good block").fixups() {
                let rva = rva.expect("good") as usize;
                straddlers += usize::from(rva % PAGE as usize > PAGE as usize - 8);
                let number = expected[rva..].first_chunk_mut::<8>().expect("inside");
                *number = u64::from_le_bytes(*number).wrapping_add(delta).to_le_bytes();
            }
        }
        assert!(expected != pristine);
        for start in (0..image.size_of_image()).step_by(PAGE as usize) {
            let at = start as usize..(start + PAGE) as usize;
            let mut page: [u8; PAGE as usize] = pristine[at.clone()].try_into().expect("a page");
            image.relocate_page(start, &mut page, delta).expect("good relocations");
            assert!(page[..] == expected[at], "page {start:#x}");
        }
    }
    assert_eq!(straddlers, 0, "see tests/handmade.rs for those");
}

#[test]
fn imports_agree() {
    let (image, oracle) = both(&PROGRAM);
    let table = oracle.import_table().expect("good").expect("there is one");
    let mut descriptors = table.descriptors().expect("good");
    let mut modules = image.imports().expect("a good directory");
    let mut seen = 0;
    while let Some(descriptor) = descriptors.next().expect("good") {
        let module = modules.next().expect("as many").expect("good");
        assert_eq!(module.name, table.name(descriptor.name.get(LE)).expect("a name"));
        assert_eq!(module.address_table, descriptor.first_thunk.get(LE));
        let mut imports = module.imports();
        let mut slot = module.address_table;
        let mut thunks = table.thunks(descriptor.original_first_thunk.get(LE)).expect("good");
        while let Some(thunk) = thunks.next::<object::pe::ImageNtHeaders64>().expect("good") {
            let import = imports.next().expect("as many").expect("good");
            let expected = if thunk.is_ordinal() {
                Symbol::Ordinal(thunk.ordinal())
            } else {
                let (hint, name) = table.hint_name(thunk.address()).expect("good");
                Symbol::Name { hint, name }
            };
            assert_eq!((import.slot, import.symbol), (slot, expected));
            slot += 8;
            seen += 1;
        }
        assert!(imports.next().is_none());
    }
    assert!(modules.next().is_none());
    assert_eq!(seen, 4);
    assert!(both(&LIBRARY).0.imports().expect("good").next().is_none());
}

#[test]
fn exports_agree() {
    let (image, oracle) = both(&LIBRARY);
    let table = oracle.export_table().expect("good").expect("there is one");
    let exports = image.exports().expect("good").expect("there is one");
    assert_eq!(exports.module, b"image");
    assert_eq!(exports.ordinal_base, u32::from(table.ordinal_base()));
    assert_eq!(exports.function_count(), table.addresses().len());
    let mut names = 0;
    for other in table.exports().expect("good") {
        let export = exports.by_ordinal(other.ordinal.0.into()).expect("good");
        match (export, other.target) {
            (Some(Export::Address(rva)), ExportTarget::Address(address)) => {
                assert_eq!(rva, address)
            }
            (Some(Export::Forward(forward)), ExportTarget::ForwardByName(module, name)) => {
                assert_eq!(forward.module, module);
                assert_eq!(forward.symbol, Symbol::Name { hint: 0, name });
            }
            (None, ExportTarget::Address(0)) => {}
            other => panic!("{other:?}"),
        }
        let Some(name) = other.name else { continue };
        names += 1;
        assert_eq!(exports.by_name(name), Ok(export));
        for hint in 0..8 {
            assert_eq!(exports.find(Symbol::Name { hint, name }), Ok(export));
        }
    }
    assert_eq!(exports.names().filter(Result::is_ok).count(), names);
    assert!(exports.by_ordinal(40).is_ok_and(|hidden| hidden.is_some()));
    for missing in [&b""[..], b"a", b"zz", b"firs", b"firsts"] {
        assert_eq!(exports.by_name(missing), Ok(None));
    }
    assert_eq!(exports.by_ordinal(0), Ok(None));
    assert_eq!(exports.by_ordinal(u32::MAX), Ok(None));
    assert!(matches!(both(&PROGRAM).0.exports(), Ok(None)));
}

#[test]
fn checksum_is_the_linkers() {
    let (library, program) = (each()[0].0, each()[1].0);
    assert_eq!(library.checksum(), Some(library.stored_checksum()));
    assert_eq!(library.checksum_matches(), Some(true));
    assert_eq!(program.checksum_matches(), None);
    let mut damaged = LIBRARY.clone();
    *damaged.last_mut().expect("not empty") ^= 1;
    let damaged = Image::parse(&damaged).map(|image| image.checksum_matches());
    assert_eq!(damaged, Ok(Some(false)));
}

#[test]
fn tls_is_found() {
    let image = each()[0].0;
    let tls = image.tls(image.image_base()).expect("good").expect("there is one");
    assert_eq!(image.slice(tls.template.start, 4), Some(&[1, 0, 0, 0][..]));
    assert_eq!(tls.template.len(), 16);
    assert_eq!((tls.zero_fill, tls.characteristics), (16, 0x0030_0000));
    let exports = image.exports().expect("good").expect("there is one");
    let Ok(Some(Export::Address(first))) = exports.by_name(b"first") else { panic!() };
    let callbacks: Vec<_> = image.tls_callbacks(&tls, image.image_base()).collect();
    assert_eq!(callbacks, [Ok(first)]);
    assert!(matches!(each()[1].0.tls(0), Ok(None)));
    assert!(image.tls(0).is_err());
}

#[test]
fn mapped_images_read_the_same() {
    for (image, _) in each() {
        let memory = common::map(&image);
        let mapped = Image::parse_mapped(&memory).expect("the same headers");
        let sections = |image: &Image<'_>| image.sections().map(Result::ok).collect::<Vec<_>>();
        assert_eq!(sections(&mapped), sections(&image));
        let names = |image: &Image<'_>| -> Vec<Vec<u8>> {
            let modules = image.imports().expect("good").map(|module| module.expect("good"));
            modules.map(|module| module.name.to_vec()).collect()
        };
        assert_eq!(names(&mapped), names(&image));
        assert_eq!(mapped.checksum(), None);
        assert!(Image::parse_mapped(&memory[..memory.len() - 1]).is_err());
    }
}
