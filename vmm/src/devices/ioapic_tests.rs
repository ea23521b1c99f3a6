use super::*;

fn program(ioapic: &mut IoApic, pin: usize, entry: u64) -> Effect {
    ioapic.write(IOREGSEL, 0x10 + 2 * pin as u32 + 1);
    let high = ioapic.write(IOWIN, (entry >> 32) as u32);
    ioapic.write(IOREGSEL, 0x10 + 2 * pin as u32);
    let low = ioapic.write(IOWIN, entry as u32);
    Effect {
        deliver: low.deliver.or(high.deliver),
        routes_changed: low.routes_changed || high.routes_changed,
    }
}

#[test]
fn reset_state_is_masked_and_says_its_version() {
    let mut ioapic = IoApic::default();
    ioapic.write(IOREGSEL, 1);
    assert_eq!(ioapic.read(IOWIN), 0x0017_0011);
    for pin in 0..PINS {
        assert_eq!(ioapic.set_line(pin, true), None);
    }
    assert_eq!(ioapic.level_routes().count(), 0);
    assert_eq!(ioapic.set_line(PINS, true), None);
}

#[test]
fn edge_pin_delivers_once_per_edge() {
    let mut ioapic = IoApic::default();
    assert_eq!(program(&mut ioapic, 4, 0x34), Effect::default());
    let msi = Msi { address: 0xFEE0_0000, data: 0x34 };
    assert_eq!(ioapic.set_line(4, true), Some(msi));
    assert_eq!(ioapic.set_line(4, true), None);
    assert_eq!(ioapic.set_line(4, false), None);
    assert_eq!(ioapic.set_line(4, true), Some(msi));
}

#[test]
fn level_pin_waits_for_the_end_of_interrupt() {
    let mut ioapic = IoApic::default();
    let effect = program(&mut ioapic, 9, 3 << 56 | TRIGGER_LEVEL | 1 << 11 | 0x51);
    assert!(effect.routes_changed);
    let msi = Msi { address: 0xFEE0_0000 | 3 << 12 | 1 << 2, data: 0xC051 };
    assert_eq!(ioapic.set_line(9, true), Some(msi));
    assert_eq!(ioapic.set_line(9, true), None);
    assert_eq!(ioapic.level_routes().collect::<Vec<_>>(), [(9, msi)]);
    assert_eq!(ioapic.end_of_interrupt(0x50).count(), 0);
    assert_eq!(ioapic.end_of_interrupt(0x51).collect::<Vec<_>>(), [msi]);
    assert_eq!(ioapic.set_line(9, false), None);
    assert_eq!(ioapic.end_of_interrupt(0x51).count(), 0);
    assert_eq!(ioapic.set_line(9, true), Some(msi));
}

#[test]
fn unmasking_a_raised_level_line_delivers_it() {
    let mut ioapic = IoApic::default();
    program(&mut ioapic, 2, MASKED | TRIGGER_LEVEL | 0x40);
    assert_eq!(ioapic.set_line(2, true), None);
    assert_eq!(program(&mut ioapic, 2, TRIGGER_LEVEL | 0x40).deliver.map(|msi| msi.data), Some(0xC040));
}

#[test]
fn status_bits_are_read_only() {
    let mut ioapic = IoApic::default();
    program(&mut ioapic, 0, u64::MAX);
    ioapic.write(IOREGSEL, 0x10);
    assert_eq!(ioapic.read(IOWIN) as u64 & (DELIVERY_STATUS | REMOTE_IRR), 0);
}

/// Any sequence of accesses leaves the model standing and its invariants true.
#[test]
fn random_accesses() {
    let mut ioapic = IoApic::default();
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    for _ in 0..200_000 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let (value, what) = ((seed >> 32) as u32, seed as u8);
        match what % 6 {
            0 => drop(ioapic.write(IOREGSEL, value & 0x7F)),
            1 | 2 => drop(ioapic.write(IOWIN, value)),
            3 => drop(ioapic.read(u64::from(value & 0x1F))),
            4 => drop(ioapic.set_line(value as usize % 32, value & 0x100 != 0)),
            _ => drop(ioapic.end_of_interrupt(value as u8).count()),
        }
        for entry in ioapic.table {
            assert_eq!(entry & !(WRITABLE | REMOTE_IRR), 0);
            assert!(entry & REMOTE_IRR == 0 || entry & TRIGGER_LEVEL != 0);
        }
    }
}
