//! Every access in every state: the UART has no clock, so a state and an access are all that there is. States are told apart by
//! what the registers' logic can tell apart: bytes are any byte, and the FIFO's length matters at its ends and trigger levels.

use super::*;

/// Calls `examine` with each state.
fn states(mut examine: impl FnMut(&Uart)) {
    let fcrs = [0, FCR_ENABLE, FCR_ENABLE | 0x40, FCR_ENABLE | 0x80, FCR_ENABLE | 0xC0];
    let errors = [0, LSR_OE, LSR_BI | LSR_FE, LSR_OE | LSR_PE | LSR_FE | LSR_BI];
    for ier in 0..=IER_WRITABLE {
        for fcr in fcrs {
            let lengths: &[usize] = if fcr == 0 { &[0, 1] } else { &[0, 1, 3, 4, 8, 13, 14, 15, 16] };
            for &length in lengths {
                for mcr in
                    [0, MCR_DTR, MCR_RTS, MCR_OUT1, MCR_OUT2, 0x0F, MCR_LOOP, MCR_LOOP | 0x05, MCR_WRITABLE]
                {
                    for lcr in [0, LCR_DLAB, LCR_BREAK, LCR_DLAB | LCR_BREAK] {
                        for (errors, thre_pending) in errors.into_iter().flat_map(|e| [(e, false), (e, true)])
                        {
                            let (modem, deltas) = if length % 2 == 0 { (0xB0, 0) } else { (0x40, 0x09) };
                            let mut rx = Fifo::default();
                            for at in 0..length {
                                rx.push(Received {
                                    byte: at as u8,
                                    errors: if at == 3 { LSR_FE } else { 0 },
                                });
                            }
                            let (scr, dll, dlm) = (0x5A, 0x0C, 0x01);
                            examine(&Uart {
                                ier,
                                lcr,
                                mcr,
                                scr,
                                dll,
                                dlm,
                                fcr,
                                rx,
                                errors,
                                thre_pending,
                                modem,
                                deltas,
                            });
                        }
                    }
                }
            }
        }
    }
}

/// The pending interrupt of highest priority, as table 4 of the data sheet has it.
fn expected_iir(uart: &Uart) -> u8 {
    let level = match uart.fcr {
        0 | 0x01 => 1,
        0x41 => 4,
        0x81 => 8,
        _ => 14,
    };
    let enabled = |bit: u8| uart.ier & bit != 0;
    match () {
        () if enabled(4) && uart.errors != 0 => 0x06,
        () if enabled(1) && uart.rx.len() >= level => 0x04,
        () if enabled(1) && uart.rx.len() > 0 => 0x0C,
        () if enabled(2) && uart.thre_pending => 0x02,
        () if enabled(8) && uart.deltas != 0 => 0x00,
        () => 0x01,
    }
}

#[test]
fn every_read_in_every_state() {
    let mut count = 0;
    states(|before| {
        count += 1;
        let dlab = before.lcr & LCR_DLAB != 0;
        assert_eq!(before.interrupt(), expected_iir(before) != 1);
        for offset in 0..8 {
            let mut uart = before.clone();
            let value = uart.read(offset);
            let fifos = if before.fcr != 0 { 0xC0 } else { 0 };
            let expected = match offset {
                RBR if dlab => before.dll,
                IER if dlab => before.dlm,
                // The FIFO was filled with 0, 1, 2 …
                RBR => 0,
                IER => before.ier,
                IIR => expected_iir(before) | fifos,
                LCR => before.lcr,
                MCR => before.mcr,
                LSR => {
                    let in_fifo = before.fcr != 0 && before.rx.len() > 3;
                    0x60 | before.errors
                        | u8::from(before.rx.len() > 0)
                        | if in_fifo { LSR_FIFO_ERROR } else { 0 }
                }
                MSR => before.modem_lines() | before.deltas,
                _ => before.scr,
            };
            assert_eq!(value, expected, "offset {offset} of {before:?}");
            // What a read takes away, and nothing else.
            let mut after = before.clone();
            match offset {
                RBR if !dlab => drop(after.take()),
                IIR if value & 0x0F == IIR_THRE => after.thre_pending = false,
                LSR => {
                    after.errors = 0;
                    after.rx.forgive_head();
                }
                MSR => after.deltas = 0,
                _ => {}
            }
            assert_eq!(uart, after, "offset {offset} of {before:?}");
        }
    });
    assert!(count > 50_000, "{count} states");
}

#[test]
fn every_write_in_every_state() {
    let values = [0x00, 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x0F, 0x41, 0xC7, 0xFF];
    states(|before| {
        let dlab = before.lcr & LCR_DLAB != 0;
        let is_looped = before.mcr & MCR_LOOP != 0;
        for (offset, value) in (0..8).flat_map(|offset| values.map(|value| (offset, value))) {
            let mut uart = before.clone();
            let effect = uart.write(offset, value);
            let sends = offset == THR && !dlab && !is_looped;
            assert_eq!(effect.transmit, sends.then_some(value), "{offset} = {value:#x} in {before:?}");
            assert!(!effect.pulsed || offset == THR && !dlab);
            // The invariants that the states are made by.
            assert!(
                uart.rx.len() <= uart.depth()
                    && uart.ier & !IER_WRITABLE == 0
                    && uart.mcr & !MCR_WRITABLE == 0
            );
            assert!(uart.fcr == 0 || uart.fcr & !FCR_TRIGGER == FCR_ENABLE);
            // What is only written, and what is not there, changes nothing.
            match offset {
                LSR | MSR => assert_eq!(uart, *before),
                SCR => assert_eq!(uart.scr, value),
                LCR => assert_eq!(uart.lcr, value),
                FCR => {
                    let empties = (before.fcr ^ value) & 1 != 0 || value & 3 == 3;
                    assert_eq!(uart.rx.len(), if empties { 0 } else { before.rx.len() });
                }
                _ => {}
            }
            if offset != THR && offset != FCR && !(offset == LCR && is_looped) {
                assert_eq!(uart.rx.len(), before.rx.len(), "{offset} = {value:#x} in {before:?}");
            }
        }
    });
}

#[test]
fn every_arrival_in_every_state() {
    states(|before| {
        let is_looped = before.mcr & MCR_LOOP != 0;
        for what in 0..2 {
            let mut uart = before.clone();
            match what {
                0 => uart.receive(0xA5),
                _ => uart.receive_break(),
            }
            if is_looped {
                assert_eq!(uart, *before);
            } else if before.room() > 0 {
                assert_eq!(uart.rx.len(), before.rx.len() + 1);
                assert_eq!(uart.errors & LSR_OE, before.errors & LSR_OE);
            } else {
                assert_eq!(uart.rx.len(), before.rx.len());
                assert_eq!(uart.errors & LSR_OE, LSR_OE, "a byte was lost without an overrun: {before:?}");
            }
        }
    });
}
