use super::*;
use crate::kvm::MemoryLayout;

/// A kernel of one setup sector and `len` bytes, which wants `init_size` bytes at 16 MiB.
fn file(len: usize, init_size: u32) -> Vec<u8> {
    let header = setup_header {
        setup_sects: 1,
        header: u32::from_le_bytes(*b"HdrS"),
        // The low byte of the jump over the header has its length in the high one.
        jump: 0x6A << 8 | 0xEB,
        version: 0x020F,
        loadflags: LOADED_HIGH,
        initrd_addr_max: 0x7FFF_FFFF,
        cmdline_size: 255,
        pref_address: 16 << 20,
        init_size,
        ..Default::default()
    };
    let mut file = vec![0; 1024];
    file[HEADER..][..size_of::<setup_header>()].copy_from_slice(header.as_slice());
    file.extend((0..len).map(|at| at as u8));
    file
}

fn memory(size: u64) -> Memory {
    Memory::new(MemoryLayout::new(size)).expect("memory")
}

fn load_file(memory: &Memory, bytes: &[u8], module: Option<&[u8]>, words: &str) -> Result<Loaded, Error> {
    let module = module.map(|bytes| Source { name: "initrd", bytes });
    load(memory, Source { name: "vmlinuz", bytes }, module, words.as_bytes(), 0xE_0000)
}

#[test]
fn kernel_module_and_parameters_are_where_the_protocol_wants_them() {
    let memory = memory(64 << 20);
    let loaded = load_file(&memory, &file(5000, 1 << 20), Some(&[7; 5000]), "console\0").expect("loads");
    let gdt = Some((0x5000, 31));
    assert_eq!(loaded.start, Start { entry: 0x10_0000, esi: 0x6000, ebx: 0, gdt });
    let range = loaded.module.expect("a module");
    assert_eq!((range.start, range.len), ((64 << 20) - 0x2000, 5000));
    let byte = |at: u64| memory.map.read_obj::<u8>(GuestAddress(at)).expect("RAM");
    assert_eq!((byte(0x10_0000), byte(0x10_0001), byte(0x10_0000 + 4999)), (0, 1, 4999u16 as u8));
    assert_eq!((byte(range.start), byte(range.start + 4999), byte(range.start + 5000)), (7, 7, 0));
    let word = |at: u64| memory.map.read_obj::<u32>(GuestAddress(0x6000 + at)).expect("RAM");
    // Offsets of the documentation: acpi_rsdp_addr, ramdisk_image, ramdisk_size, cmd_line_ptr, type_of_loader.
    assert_eq!((word(0x70), word(0x218), word(0x21C)), (0xE_0000, range.start as u32, 5000));
    assert_eq!((word(0x228), byte(0x6210), byte(0x61E8)), (CMDLINE as u32, 0xFF, 3));
}

#[test]
fn what_cannot_be_started_is_named() {
    let small = memory(32 << 20);
    let error = |bytes: &[u8], words: &str| match load_file(&small, bytes, None, words) {
        Ok(_) => panic!("loaded"),
        Err(error) => error.to_string(),
    };
    let need = error(&file(100, 20 << 20), "");
    assert_eq!(
        need,
        "vmlinuz: this kernel needs 36 MiB of memory, and the guest has 32 MiB; give it more with --memory"
    );
    let good = file(100, 1 << 20);
    assert!(error(&good, &"x".repeat(300)).contains("is longer than this kernel takes"));
    assert!(error(&good[..1024], "").contains("truncated: 1024 bytes"));
    let mut old = good.clone();
    old[0x206..0x208].copy_from_slice(&[0x05, 0x02]);
    assert!(error(&old, "").contains("boot protocol 2.05"));
    let mut low = good.clone();
    low[0x211] = 0;
    assert!(error(&low, "").contains("zImage"));
    // There are 15 MiB behind the kernel's.
    let large = vec![0; (15 << 20) + 1];
    let error = load_file(&small, &good, Some(&large), "").err().map(|error| error.to_string());
    assert!(
        error.as_ref().is_some_and(|text| text.contains("initrd: 15728641 bytes do not fit")),
        "{error:?}"
    );
}

#[test]
fn a_damaged_header_is_an_error_or_loads() {
    let memory = memory(32 << 20);
    let good = file(600, 1 << 20);
    for at in 0..good.len().min(HEADER + 130) {
        for value in [0, 1, 0x7F, 0x80, 0xFF] {
            let mut bad = good.clone();
            bad[at] = value;
            // That nothing panics is what is tested.
            let _ = load_file(&memory, &bad, Some(&[1; 10]), "words\0");
            let _ = load_file(&memory, &bad[..at], None, "");
        }
    }
}
