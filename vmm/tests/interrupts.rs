//! Interrupts through the I/O APIC: edge and level, and the UART's own.

mod common;

use common::{BASE, COM1, Code, run_elf, run_with_input};

const IOREGSEL: u32 = 0xFEC0_0000;
const IOWIN: u32 = 0xFEC0_0010;
const LAPIC_SVR: u32 = 0xFEE0_00F0;
const LAPIC_EOI: u32 = 0xFEE0_00B0;
const IDT: u32 = 0x30_0000;
const GDT: u32 = 0x30_1000;
const STACK: u32 = 0x30_4000;
/// Where the interrupt handler is put, behind the main code.
const HANDLER: u32 = 0x400;
const VECTOR: u32 = 0x40;

/// [`set_up_pin`] for COM1.
fn set_up(entry: u32) -> Code {
    set_up_pin(4, entry)
}

/// Descriptor tables and a stack; one gate for [`VECTOR`]; local APIC on; a pin of the I/O APIC programmed with `entry`.
fn set_up_pin(pin: u32, entry: u32) -> Code {
    let gate = IDT + 8 * VECTOR;
    let handler = BASE + HANDLER;
    let pointers = 0x30_2000;
    Code::new()
        .raw(&[0xBC])
        .raw(&STACK.to_le_bytes())
        // Selectors 8 (code) and 16 (data), flat.
        .store(GDT + 8, 0x0000_FFFF)
        .store(GDT + 12, 0x00CF_9B00)
        .store(GDT + 16, 0x0000_FFFF)
        .store(GDT + 20, 0x00CF_9300)
        .store(pointers, 23 | GDT << 16)
        .store(pointers + 4, GDT >> 16)
        .raw(&[0x0F, 0x01, 0x15])
        .raw(&u32::to_le_bytes(pointers))
        // A 32-bit interrupt gate.
        .store(gate, 8 << 16 | handler & 0xFFFF)
        .store(gate + 4, handler & 0xFFFF_0000 | 0x8E00)
        .store(pointers + 8, 0x7FF | IDT << 16)
        .store(pointers + 12, IDT >> 16)
        .raw(&[0x0F, 0x01, 0x1D])
        .raw(&u32::to_le_bytes(pointers + 8))
        .store(LAPIC_SVR, 0x1FF)
        .store(IOREGSEL, 0x10 + 2 * pin)
        .store(IOWIN, entry)
}

/// Puts `handler` at [`HANDLER`].
fn with_handler(main: Code, handler: Code) -> Vec<u8> {
    let mut bytes = main.0;
    assert!(bytes.len() <= HANDLER as usize, "{}", bytes.len());
    bytes.resize(HANDLER as usize, 0x90);
    Code(bytes).raw(&handler.0).elf64()
}

/// Waits for one interrupt after the other: `sti; hlt; jmp -3`.
const WAIT: &[u8] = &[0xFB, 0xF4, 0xEB, 0xFD];

#[test]
fn transmitter_interrupt_goes_round() {
    // Enabling ETBEI with an empty transmitter raises the line. The handler prints IIR and powers off.
    let main = set_up(VECTOR).out8(COM1 + 1, 0x02).raw(WAIT);
    let handler = Code::new().in8(COM1 + 2).raw(&[0x04, b'0']).print_al().power_off().halt();
    let run = run_elf(&with_handler(main, handler), &["--deadline", "5s"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "2"), "{}", run.stderr);
}

#[test]
fn typed_bytes_arrive_one_interrupt_after_the_other() {
    for entry in [VECTOR, VECTOR | 1 << 15] {
        // The handler echoes RBR, finishes the interrupt, and powers off after a '.'.
        let main = set_up(entry).out8(COM1 + 1, 0x01).raw(WAIT);
        let handler = Code::new()
            .in8(COM1)
            .print_al()
            .raw(&[0x3C, b'.', 0x75, 0x0C]) // cmp al, '.'; jne past the power-off
            .power_off()
            .raw(&[0x90, 0x90])
            .store(LAPIC_EOI, 0)
            // No iret: KVM's emulator does not know it in 32-bit mode.
            .raw(&[0xBC])
            .raw(&STACK.to_le_bytes())
            .raw(WAIT);
        let run = run_with_input(
            &with_handler(main, handler),
            &["--deadline", "5s", "--json", "--com", "1=stdio+file:/dev/null"],
            b"hello.",
        );
        assert_eq!(run.code, 0, "entry {entry:#x}: {}", run.stderr);
        let (text, json) = run.stdout.split_once('{').expect("text, then JSON");
        assert_eq!(text, "hello.");
        // Level-triggered interrupts report their end; edge-triggered ones do not.
        assert_eq!(json.contains("\"eoi\""), entry & 1 << 15 != 0, "{json}");
    }
}

/// LPT1 and LPT3 interrupt by line 7, LPT2 by line 5, when a byte is acknowledged and the driver wants to know.
#[test]
fn printers_acknowledge_by_their_lines() {
    for (number, port, pin) in [(1, 0x378, 7), (2, 0x278, 5), (3, 0x3BC, 7)] {
        for wanted in [true, false] {
            let control = if wanted { 0x1C } else { 0x0C };
            let main = set_up_pin(pin, VECTOR)
                .raw(&[0xFB]) // sti
                .out8(port, b'x')
                .out8(port + 2, control)
                .out8(port + 2, control | 1)
                .raw(&[0x90; 4])
                .print("N")
                .power_off()
                .halt();
            let handler = Code::new().print("I").power_off().halt();
            let lpt = format!("{number}=null");
            let run = run_elf(&with_handler(main, handler), &["--deadline", "5s", "--lpt", &lpt]);
            assert_eq!((run.code, run.stdout.as_str()), (0, if wanted { "I" } else { "N" }), "LPT{number}");
        }
    }
}

#[test]
fn registers_of_the_io_apic_read_back() {
    let code =
        Code::new().store(IOREGSEL, 1).load(IOWIN).raw(&[0x04, b'0' - 0x11]).print_al().power_off().halt();
    assert_eq!(run_elf(&code.elf64(), &[]).stdout, "0");
}
