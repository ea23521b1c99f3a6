use super::*;

fn put(uart: &mut Uart, offset: u8, value: u8) {
    let _ = uart.write(offset, value);
}

#[test]
fn transmits_and_is_always_ready_for_more() {
    let mut uart = Uart::default();
    assert_eq!(uart.write(THR, b'A'), Effect { transmit: Some(b'A'), pulsed: true });
    assert_eq!(uart.read(LSR), LSR_THRE | LSR_TEMT);
}

#[test]
fn divisor_latch_hides_behind_dlab() {
    let mut uart = Uart::default();
    put(&mut uart, LCR, LCR_DLAB | 3);
    put(&mut uart, 0, 0x34);
    put(&mut uart, 1, 0x12);
    assert_eq!((uart.read(0), uart.read(1)), (0x34, 0x12));
    put(&mut uart, LCR, 3);
    assert_eq!((uart.read(RBR), uart.read(IER)), (0, 0));
    put(&mut uart, SCR, 0xA5);
    assert_eq!(uart.read(SCR), 0xA5);
}

#[test]
fn transmitter_interrupt_is_seen_once_per_byte() {
    let mut uart = Uart::default();
    put(&mut uart, IER, IER_ETBEI);
    assert!(uart.interrupt());
    assert_eq!(uart.read(IIR), IIR_THRE);
    assert_eq!(uart.read(IIR), IIR_NONE);
    assert_eq!(uart.write(THR, 1), Effect { transmit: Some(1), pulsed: true });
    assert!(uart.interrupt());
}

#[test]
fn without_fifos_a_second_byte_overruns() {
    let mut uart = Uart::default();
    uart.receive(1);
    assert_eq!(uart.room(), 0);
    uart.receive(2);
    assert_eq!(uart.read(LSR) & (LSR_OE | LSR_DR), LSR_OE | LSR_DR);
    assert_eq!(uart.read(RBR), 2);
    assert_eq!(uart.read(LSR) & (LSR_OE | LSR_DR), 0);
}

#[test]
fn fifo_holds_sixteen_and_drops_the_rest() {
    let mut uart = Uart::default();
    put(&mut uart, FCR, FCR_ENABLE);
    for byte in 0..18 {
        uart.receive(byte);
    }
    assert_ne!(uart.read(LSR) & LSR_OE, 0);
    let read: Vec<u8> = (0..16).map(|_| uart.read(RBR)).collect();
    assert_eq!(read, (0..16).collect::<Vec<u8>>());
    assert_eq!(uart.read(LSR) & LSR_DR, 0);
}

#[test]
fn trigger_levels_and_timeout() {
    for (bits, level) in [(0x00, 1), (0x40, 4), (0x80, 8), (0xC0, 14)] {
        let mut uart = Uart::default();
        put(&mut uart, FCR, FCR_ENABLE | bits);
        put(&mut uart, IER, IER_ERBFI);
        for count in 1..=16 {
            uart.receive(0);
            let expected = if count >= level { IIR_RECEIVED } else { IIR_TIMEOUT };
            assert_eq!(uart.read(IIR), expected | IIR_FIFO_ENABLED, "level {level}, {count} bytes");
        }
        put(&mut uart, FCR, FCR_ENABLE | FCR_CLEAR_RX | bits);
        assert_eq!(uart.read(IIR), IIR_NONE | IIR_FIFO_ENABLED);
    }
}

#[test]
fn switching_fifos_empties_them() {
    let mut uart = Uart::default();
    put(&mut uart, FCR, FCR_ENABLE);
    uart.receive(7);
    put(&mut uart, FCR, 0);
    assert_eq!(uart.read(LSR) & LSR_DR, 0);
    // Without the enable bit the others are not programmed.
    put(&mut uart, FCR, FCR_CLEAR_RX | 0xC0);
    assert_eq!(uart.read(IIR), IIR_NONE);
}

#[test]
fn interrupts_come_in_order_of_priority() {
    let mut uart = Uart::default();
    put(&mut uart, IER, IER_WRITABLE);
    put(&mut uart, FCR, FCR_ENABLE);
    uart.set_modem(0);
    uart.receive_break();
    assert_eq!(uart.read(IIR) & 0xF, IIR_LINE_STATUS);
    assert_eq!(uart.read(LSR) & (LSR_BI | LSR_FE | LSR_FIFO_ERROR), LSR_BI | LSR_FE | LSR_FIFO_ERROR);
    assert_eq!(uart.read(IIR) & 0xF, IIR_RECEIVED);
    assert_eq!(uart.read(RBR), 0);
    assert_eq!(uart.read(IIR) & 0xF, IIR_THRE);
    assert_eq!(uart.read(IIR) & 0xF, IIR_MODEM_STATUS);
    assert_eq!(uart.read(MSR), 0x0B);
    assert_eq!(uart.read(IIR) & 0xF, IIR_NONE);
}

#[test]
fn errors_show_when_their_byte_gets_to_the_head() {
    let mut uart = Uart::default();
    put(&mut uart, FCR, FCR_ENABLE);
    uart.receive(b'a');
    uart.receive_break();
    assert_eq!(uart.read(LSR) & (LSR_BI | LSR_FIFO_ERROR), LSR_FIFO_ERROR);
    assert_eq!(uart.read(RBR), b'a');
    assert_eq!(uart.read(LSR) & (LSR_BI | LSR_FIFO_ERROR), LSR_BI | LSR_FIFO_ERROR);
    assert_eq!(uart.read(LSR) & (LSR_BI | LSR_FIFO_ERROR), 0);
}

#[test]
fn loopback_connects_outputs_to_inputs() {
    let mut uart = Uart::default();
    put(&mut uart, MCR, MCR_LOOP);
    let _ = uart.read(MSR);
    assert_eq!(uart.write(THR, 0x5A).transmit, None);
    assert_eq!(uart.read(RBR), 0x5A);
    uart.receive(1);
    assert_eq!(uart.read(LSR) & LSR_DR, 0);
    for (output, input) in [(MCR_RTS, MSR_CTS), (MCR_DTR, MSR_DSR), (MCR_OUT1, MSR_RI), (MCR_OUT2, MSR_DCD)] {
        put(&mut uart, MCR, MCR_LOOP | output);
        assert_eq!(uart.read(MSR) & MSR_LINES, input);
    }
    put(&mut uart, LCR, LCR_BREAK);
    assert_ne!(uart.read(LSR) & LSR_BI, 0);
    assert!(uart.sends_break());
}

#[test]
fn ring_indicator_counts_at_its_trailing_edge() {
    let mut uart = Uart::default();
    uart.set_modem(MSR_RI);
    assert_eq!(uart.read(MSR) & MSR_TERI, 0);
    uart.set_modem(0);
    assert_eq!(uart.read(MSR) & MSR_TERI, MSR_TERI);
}

/// Every register with every value, from every state that one earlier write can make.
#[test]
fn exhaustive_pairs_of_writes() {
    for first in 0..8 {
        for value in 0..=255 {
            let mut uart = Uart::default();
            put(&mut uart, first, value);
            for second in 0..8 {
                for bit in 0..8 {
                    let mut uart = uart.clone();
                    put(&mut uart, second, 1 << bit);
                    check(&mut uart);
                }
            }
        }
    }
}

#[test]
fn random_accesses() {
    let mut uart = Uart::default();
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..300_000 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let [value, what, offset, ..] = seed.to_le_bytes();
        match what % 8 {
            0..=3 => put(&mut uart, offset, value),
            4 | 5 => drop(uart.read(offset)),
            6 => uart.receive(value),
            _ if value & 1 == 0 => uart.receive_break(),
            _ => uart.set_modem(value),
        }
        check(&mut uart.clone());
    }
}

/// What must hold in every state.
fn check(uart: &mut Uart) {
    let line = uart.interrupt();
    assert!(uart.rx.len() <= uart.depth());
    let lcr = uart.read(LCR);
    put(uart, LCR, lcr & !LCR_DLAB);
    assert_eq!(uart.read(IER) & !IER_WRITABLE, 0);
    assert_eq!(uart.read(MCR) & !MCR_WRITABLE, 0);
    // A driver that serves what IIR names always gets the line down.
    for _ in 0..64 {
        match uart.read(IIR) & 0xF {
            IIR_NONE => {
                assert!(!uart.interrupt());
                return;
            }
            IIR_LINE_STATUS => drop(uart.read(LSR)),
            IIR_RECEIVED | IIR_TIMEOUT => drop(uart.read(RBR)),
            IIR_MODEM_STATUS => drop(uart.read(MSR)),
            IIR_THRE => {}
            other => panic!("IIR {other:#x}"),
        }
    }
    panic!("the line never goes down (it was {line})");
}
