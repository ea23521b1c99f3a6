use super::*;

fn u32_at(text: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(text[at..at + 4].try_into().expect("four bytes"))
}

fn u64_at(text: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(text[at..at + 8].try_into().expect("eight bytes"))
}

/// The table at a physical address, whole, with its checksum looked at.
fn table<'a>(text: &'a [u8], address: u64, signature: &[u8; 4]) -> &'a [u8] {
    let rest = &text[(address - TABLES) as usize..];
    assert_eq!(&rest[..4], signature);
    let table = &rest[..u32_at(rest, 4) as usize];
    assert_eq!(table.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)), 0, "{signature:?}");
    table
}

#[test]
fn tables_are_found_from_the_pointer_on() {
    let everything = Board { coms: [true; 4], lpts: [true; 3], drives: drives::DRIVES_MAX };
    for board in [Board::default(), everything] {
        let text = tables(&board);
        assert!(text.len() as u64 <= TABLES_LEN, "{}", text.len());
        assert_eq!(&text[..8], b"RSD PTR ");
        assert_eq!(text[..36].iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)), 0);
        let xsdt = table(&text, u64_at(&text, 24), b"XSDT");
        let fadt = table(&text, u64_at(xsdt, 36), b"FACP");
        let madt = table(&text, u64_at(xsdt, 44), b"APIC");
        let dsdt = table(&text, u64_at(fadt, 140), b"DSDT");
        // Offsets of ACPI 6.5, table 5.9: flags, reset register and value, sleep control.
        assert_eq!(u32_at(fadt, 112), 1 << 20 | 1 << 10 | 1);
        assert_eq!((u64_at(fadt, 120), fadt[128]), (0x64, 0xFE));
        assert_eq!(u64_at(fadt, 248), u64::from(SLEEP_CONTROL));
        // Local APIC 0, then the I/O APIC at its place, from interrupt 0 on.
        assert_eq!(madt[44..52], [0, 8, 0, 0, 1, 0, 0, 0]);
        assert_eq!(madt[52..64], [1, 12, 0, 0, 0, 0, 0xC0, 0xFE, 0, 0, 0, 0]);
        let count = |name: &[u8]| dsdt.windows(name.len()).filter(|bytes| *bytes == name).count();
        assert_eq!(count(b"LNRO0005"), board.drives);
        assert_eq!(count(&[0x41, 0xD0, 0x05, 0x01]), board.coms.iter().filter(|there| **there).count());
        assert_eq!(count(&[0x41, 0xD0, 0x04, 0x00]), board.lpts.iter().filter(|there| **there).count());
    }
}
