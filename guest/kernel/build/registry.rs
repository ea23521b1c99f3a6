//! The hive in memory as it is before the kernel starts: made here, so that making it costs no instruction there.

use std::fmt::Write;

use regf::{EditError, FileTime, HiveMut, KeyFlags, KeyId, RegType, ValueId};

/// Room for texts that are known only when the kernel runs, in characters with the NUL.
const IDENTIFIER: usize = 40;
const VENDOR: usize = 13;
const PROCESSOR_NAME: usize = 49;
/// Where `CurrentControlSet` leads if `Select` says so, which it nearly always does.
const CONTROL_SET: &str = r"\REGISTRY\MACHINE\SYSTEM\ControlSet001";

/// The hive's file in whole pages, and the places of its keys as Rust constants.
pub fn hive() -> Result<(Vec<u8>, String), EditError> {
    let mut hive = HiveMut::create("", FileTime(0))?;
    let top = hive.root();
    let mut places = String::new();
    let mut values = Vec::new();
    let mut make = |hive: &mut HiveMut, name: &str, parent, path: &str| {
        let key: KeyId = hive.create_path(parent, path)?;
        let _ = writeln!(places, "/// `{path}`.\npub const {name}: KeyId = KeyId({:#x});", key.0);
        Ok::<_, EditError>(key)
    };
    let registry = make(&mut hive, "REGISTRY", top, "REGISTRY")?;
    let machine = make(&mut hive, "MACHINE", registry, "MACHINE")?;
    let system = make(&mut hive, "SYSTEM", machine, "SYSTEM")?;
    hive.create_path(registry, r"USER\.DEFAULT")?;
    let software = make(&mut hive, "SOFTWARE", machine, "SOFTWARE")?;
    for exit in [system, software] {
        hive.set_flags(exit, KeyFlags::HIVE_EXIT)?;
    }

    // The volatile subkeys of keys in other hives are below this one; those of the root of SYSTEM are the first.
    let shadows = make(&mut hive, "SHADOWS", top, "shadows")?;
    let shadow = make(&mut hive, "SYSTEM_SHADOW", shadows, "SYSTEM")?;
    let link = make(&mut hive, "CURRENT_CONTROL_SET", shadow, "CurrentControlSet")?;
    hive.set_flags(link, KeyFlags(KeyFlags::SYMLINK.0 | KeyFlags::VOLATILE.0))?;
    let target: Vec<u8> = CONTROL_SET.encode_utf16().flat_map(u16::to_le_bytes).collect();
    hive.set_value(link, "SymbolicLinkValue", RegType::LINK, &target)?;

    let hardware = hive.create_path(machine, "HARDWARE")?;
    let description = hive.create_path(hardware, r"DESCRIPTION\System")?;
    set(&mut hive, description, "Identifier", RegType::SZ, "AT/AT COMPATIBLE\0")?;
    let bios = concat!("smvm ", env!("CARGO_PKG_VERSION"), "\0\0");
    set(&mut hive, description, "SystemBiosVersion", RegType::MULTI_SZ, bios)?;
    let processor = make(&mut hive, "PROCESSOR", description, r"CentralProcessor\0")?;
    for (name, constant, kind, room) in [
        ("Identifier", "IDENTIFIER", RegType::SZ, 2 * IDENTIFIER),
        ("ProcessorNameString", "PROCESSOR_NAME", RegType::SZ, 2 * PROCESSOR_NAME),
        ("VendorIdentifier", "VENDOR", RegType::SZ, 2 * VENDOR),
        ("~MHz", "MEGAHERTZ", RegType::DWORD, 4),
        ("FeatureSet", "FEATURE_SET", RegType::DWORD, 4),
    ] {
        hive.set_value(processor, name, kind, &vec![0; room])?;
        let value = hive.hive().key(processor)?.value(name)?.map_or(ValueId(u32::MAX), |value| value.id());
        values.push((constant, name, value));
    }
    make(&mut hive, "DEVICE_MAP", hardware, "DEVICEMAP")?;
    make(&mut hive, "SERIAL_COMM", hardware, r"DEVICEMAP\SERIALCOMM")?;
    make(&mut hive, "PARALLEL_PORTS", hardware, r"DEVICEMAP\PARALLEL PORTS")?;
    hive.create_path(hardware, "RESOURCEMAP")?;

    regf::verify(hive.hive())?;
    let file = hive.into_image();
    for (constant, name, value) in values {
        let _ = writeln!(places, "/// `{name}`.\npub const {constant}: ValueId = ValueId({:#x});", value.0);
    }
    let _ = writeln!(places, "/// Bytes of the file.\npub const LEN: usize = {};", file.len());
    Ok((file, places))
}

fn set(hive: &mut HiveMut, key: KeyId, name: &str, kind: RegType, text: &str) -> Result<(), EditError> {
    let data: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    hive.set_value(key, name, kind, &data)
}
