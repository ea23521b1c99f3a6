//! ACPI tables, for kernels that are not ours: they learn of the I/O APIC, the ports and the drives from them. The machine is
//! "hardware-reduced" (ACPI 6.5, 4.1): it has neither PIC nor PIT nor power-management timer, and no SCI.

use acpi_tables::aml::{self, Device, EISAName, IO, Interrupt, Memory32Fixed, Name, ResourceTemplate, Scope};
use acpi_tables::fadt::{FADTBuilder, Flags};
use acpi_tables::gas::{AccessSize, AddressSpace, GAS};
use acpi_tables::madt::{EnabledStatus, IoApic, LocalInterruptController, MADT, ProcessorLocalApic};
use acpi_tables::rsdp::Rsdp;
use acpi_tables::sdt::Sdt;
use acpi_tables::xsdt::XSDT;
use acpi_tables::{Aml, AmlSink};
use nt::platform::{COM_PORTS, I8042_COMMAND_PORT, I8042_PULSE_RESET, LPT_PORTS, VIRTIO_WINDOW};
use vm_memory::{Bytes, GuestAddress};

use crate::devices::acpi::{SLEEP_CONTROL, SLEEP_STATUS, SLEEP_TYPE_S5};
use crate::devices::ioapic::IOAPIC_BASE;
use crate::drives;
use crate::kvm::Memory;

/// Where the tables are: in the range that a BIOS has, where kernels look for the first one by themselves, too.
pub const TABLES: u64 = 0xE_0000;
/// Room for them.
pub const TABLES_LEN: u64 = 0x1_0000;
/// Where every local APIC is.
const LOCAL_APIC: u32 = 0xFEE0_0000;
/// IAPC_BOOT_ARCH: there are devices of the old kind (bit 0), but no VGA (bit 2), no MSI as on PCI (bit 3) and no
/// CMOS clock (bit 5); without bit 1 no keyboard controller is looked for.
const BOOT_ARCH: u16 = 1 << 0 | 1 << 2 | 1 << 3 | 1 << 5;
const OEM: [u8; 6] = *b"SMVM  ";
const TABLE: [u8; 8] = *b"SMVMBORD";

/// Where a processor begins after a reset in real mode, F000:FFF0. Linux goes there when all else has failed, and at once on a
/// hardware-reduced machine that has no EFI.
const RESET_VECTOR: u64 = 0xF_FFF0;
/// What a BIOS would have there: `mov al, 0FEh; out 64h, al; hlt`.
const RESET_CODE: [u8; 5] = [0xB0, I8042_PULSE_RESET, 0xE6, I8042_COMMAND_PORT as u8, 0xF4];

/// What is on the board.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Board {
    /// Which of COM1–COM4 are there.
    pub coms: [bool; 4],
    /// Which of LPT1–LPT3 are there.
    pub lpts: [bool; 3],
    /// How many virtio devices there are.
    pub drives: usize,
}

/// Puts the tables into guest memory, and the code that resets the machine; gives the address of the first table.
pub(super) fn write(memory: &Memory, board: &Board) -> Result<u64, String> {
    let bytes = tables(board);
    for (bytes, address) in [(bytes.as_slice(), TABLES), (&RESET_CODE, RESET_VECTOR)] {
        memory.map.write_slice(bytes, GuestAddress(address)).map_err(|error| error.to_string())?;
    }
    Ok(TABLES)
}

/// All tables, as they lie in memory from [`TABLES`] on.
fn tables(board: &Board) -> Vec<u8> {
    // The pointer comes first, and its size is known.
    let mut text = vec![0; Rsdp::len().next_multiple_of(16)];
    let dsdt = place(&mut text, |sink| sink.vec(dsdt(board).as_slice()));
    let register = |port: u16| GAS::new(AddressSpace::SystemIo, 8, 0, AccessSize::ByteAccess, port.into());
    let mut fadt = FADTBuilder::new(OEM, TABLE, 1)
        .dsdt_64(dsdt)
        .flag(Flags::HwReducedAcpi)
        .flag(Flags::ResetRegSup)
        .flag(Flags::Wbinvd);
    fadt.iapc_boot_arch = BOOT_ARCH.into();
    fadt.reset_reg = register(I8042_COMMAND_PORT);
    fadt.reset_value = I8042_PULSE_RESET;
    fadt.sleep_control_reg = register(SLEEP_CONTROL);
    fadt.sleep_status_reg = register(SLEEP_STATUS);
    let fadt = fadt.finalize();
    let fadt = place(&mut text, |sink| fadt.to_aml_bytes(sink));
    let mut madt = MADT::new(OEM, TABLE, 1, LocalInterruptController::Address(LOCAL_APIC));
    madt.add_structure(ProcessorLocalApic::new(0, 0, EnabledStatus::Enabled));
    madt.add_structure(IoApic::new(0, IOAPIC_BASE as u32, 0));
    let madt = place(&mut text, |sink| madt.to_aml_bytes(sink));
    let mut xsdt = XSDT::new(OEM, TABLE, 1);
    xsdt.add_entry(fadt);
    xsdt.add_entry(madt);
    let xsdt = place(&mut text, |sink| xsdt.to_aml_bytes(sink));
    let mut pointer = Vec::new();
    Rsdp::new(OEM, xsdt).to_aml_bytes(&mut pointer);
    text[..pointer.len()].copy_from_slice(&pointer);
    text
}

/// Appends a table; gives its address.
fn place(text: &mut Vec<u8>, write: impl FnOnce(&mut dyn AmlSink)) -> u64 {
    text.resize(text.len().next_multiple_of(16), 0);
    let address = TABLES + text.len() as u64;
    write(text);
    address
}

/// The table of devices: ports of the old kind by their Plug and Play names, virtio devices by theirs.
fn dsdt(board: &Board) -> Sdt {
    let mut body = Vec::new();
    Name::new("_S5_".into(), &aml::Package::new(vec![&SLEEP_TYPE_S5])).to_aml_bytes(&mut body);
    let mut devices: Vec<Vec<u8>> = Vec::new();
    let coms = board.coms.iter().zip(COM_PORTS).zip(1u8..).filter(|((there, _), _)| **there);
    for ((_, (port, line)), number) in coms {
        devices.push(isa_device(&format!("COM{number}"), "PNP0501", number, (port, 8), line));
    }
    let lpts = board.lpts.iter().zip(LPT_PORTS).zip(1u8..).filter(|((there, _), _)| **there);
    for ((_, (port, line)), number) in lpts {
        devices.push(isa_device(&format!("LPT{number}"), "PNP0400", number, (port, 3), line));
    }
    devices.extend((0..board.drives).map(virtio_device));
    let devices: Vec<Encoded> = devices.into_iter().map(Encoded).collect();
    let children = devices.iter().map(|device| device as &dyn Aml).collect();
    Scope::new("_SB_".into(), children).to_aml_bytes(&mut body);
    let mut table = Sdt::new(*b"DSDT", 36, 2, OEM, TABLE, 1);
    table.append_slice(&body);
    table
}

/// A device whose AML is there already.
struct Encoded(Vec<u8>);

impl Aml for Encoded {
    fn to_aml_bytes(&self, sink: &mut dyn AmlSink) {
        sink.vec(&self.0);
    }
}

fn isa_device(name: &str, id: &str, number: u8, (port, ports): (u16, u8), line: u8) -> Vec<u8> {
    let mut text = Vec::new();
    let io = IO::new(port, port, 0, ports);
    // COM1 and COM3 share a line. They are edges, as on every PC.
    let interrupt = Interrupt::new(true, true, false, true, line.into());
    let resources = ResourceTemplate::new(vec![&io, &interrupt]);
    let children = [
        Name::new("_HID".into(), &EISAName::new(id)),
        Name::new("_UID".into(), &number),
        Name::new("_CRS".into(), &resources),
    ];
    Device::new(name.into(), children.iter().map(|child| child as &dyn Aml).collect())
        .to_aml_bytes(&mut text);
    text
}

/// A virtio device over MMIO, by the name that QEMU gave them and that Linux and FreeBSD know.
fn virtio_device(number: usize) -> Vec<u8> {
    let mut text = Vec::new();
    let registers = Memory32Fixed::new(true, drives::base(number) as u32, VIRTIO_WINDOW as u32);
    // An edge for each event: no exit at the end of an interrupt, and devices may share pins.
    let interrupt = Interrupt::new(true, true, false, true, drives::line(number) as u32);
    let resources = ResourceTemplate::new(vec![&registers, &interrupt]);
    let children = [
        Name::new("_HID".into(), &"LNRO0005"),
        Name::new("_UID".into(), &(number as u8)),
        Name::new("_CCA".into(), &aml::ONE),
        Name::new("_CRS".into(), &resources),
    ];
    let name = format!("VR{number:02}");
    Device::new(name.as_str().into(), children.iter().map(|child| child as &dyn Aml).collect())
        .to_aml_bytes(&mut text);
    text
}

#[cfg(test)]
#[path = "acpi_tests.rs"]
mod tests;
