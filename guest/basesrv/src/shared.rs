//! The static data that every client sees (BASE_STATIC_SERVER_DATA).
#![expect(unsafe_code, reason = "memory of the shared heap")]

use alloc::vec::Vec;

use csrlib::{memory, process};
use nt::NtStatus;
use nt::csr::BaseStaticData;
use nt::sysinfo::class;
use nt::types::UnicodeString;
use rt::own;
use rt::registry::Key;
use zerocopy::{FromBytes, IntoBytes};

/// Fills it in the shared heap: its address.
///
/// # Errors
/// NO_MEMORY; what asking the system gives.
pub fn fill(heap: u64, named_objects: &[u16], luid_device_maps: u32) -> Result<u64, NtStatus> {
    let root = own::system_root();
    let system = [&root, nt::wide!(r"\system32") as &[u16]].concat();
    let texts: [&[u16]; 3] = [&root, &system, named_objects];
    let size = size_of::<BaseStaticData>() + texts.iter().map(|text| 2 * (text.len() + 1)).sum::<usize>();
    // SAFETY: csrsrv has told the heap in its shared section.
    let block = unsafe { memory::allocate(heap, size as u64) }?;
    let address = block.as_ptr().expose_provenance() as u64;
    let mut at = size_of::<BaseStaticData>();
    let strings = texts.map(|text| {
        let string = UnicodeString {
            length: 2 * text.len() as u16,
            maximum_length: 2 * (text.len() + 1) as u16,
            reserved: 0,
            buffer: address + at as u64,
        };
        for (to, unit) in block[at..].chunks_exact_mut(2).zip(text) {
            to.copy_from_slice(&unit.to_le_bytes());
        }
        at += 2 * (text.len() + 1);
        string
    });
    let Ok((data, _)) = BaseStaticData::mut_from_prefix(block) else { return Err(NtStatus::NO_MEMORY) };
    [data.windows_directory, data.system_directory, data.named_object_directory] = strings;
    let version = own::version();
    (data.major_version, data.minor_version) = (version[0] as u16, version[1] as u16);
    data.build_number = version[2] as u16;
    data.luid_device_maps = luid_device_maps;
    service_pack(data);
    process::query_system(class::BASIC, data.basic_information.as_mut_bytes())?;
    process::query_system(class::TIME_OF_DAY, data.time_of_day.as_mut_bytes())?;
    Ok(address)
}

/// `CSDVersion` of `Control\Windows`: the service pack's number in the second byte.
fn service_pack(data: &mut BaseStaticData) {
    let path = nt::wide!(r"\Registry\Machine\System\CurrentControlSet\Control\Windows");
    let value = Key::open(path).and_then(|key| key.value(nt::wide!("CSDVersion")));
    let number = value.ok().and_then(|value| value.data.try_into().ok()).map_or(0, u32::from_le_bytes);
    data.csd_number = number as u16;
    let pack = number >> 8 & 0xFF;
    if pack != 0 {
        let mut text = Vec::from(nt::wide!("Service Pack "));
        if pack >= 10 {
            text.push(u16::from(b'0') + (pack / 10 % 10) as u16);
        }
        text.push(u16::from(b'0') + (pack % 10) as u16);
        data.csd_version[..text.len()].copy_from_slice(&text);
    }
}
