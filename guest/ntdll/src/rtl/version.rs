//! Which release of NT this is, and its global flags.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use nt::NtStatus;
use nt::types::UnicodeString;

use super::raw::{store, wide};
use super::shared;
use crate::peb::peb;

/// `CSDVersion` of the PEB.
const CSD_VERSION: usize = 0x2E8;
/// NtProductWinNt.
const WORKSTATION: u32 = 1;

/// RTL_OSVERSIONINFOEXW; without the last fields, RTL_OSVERSIONINFOW.
#[repr(C)]
struct VersionInformation {
    size: u32,
    major: u32,
    minor: u32,
    build: u32,
    platform: u32,
    service_pack: [u16; 128],
    service_pack_major: u16,
    service_pack_minor: u16,
    suite_mask: u16,
    product_type: u8,
    reserved: u8,
}

const _: () = assert!(size_of::<VersionInformation>() == 0x11C);

/// Tells the release.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlGetVersion(information: *mut VersionInformation) -> NtStatus {
    // SAFETY: as the caller says: the size says which fields there are. The PEB lives as long as the process.
    unsafe {
        let peb = peb();
        let extended = (*information).size as usize == size_of::<VersionInformation>();
        (*information).major = (*peb).os_major_version;
        (*information).minor = (*peb).os_minor_version;
        (*information).build = (*peb).os_build_number.into();
        (*information).platform = (*peb).os_platform_id;
        let name = wide(peb.cast::<u8>().add(CSD_VERSION).cast::<UnicodeString>());
        let text = &mut (*information).service_pack;
        text.fill(0);
        // At least one NUL at its end.
        let room = text.len() - 1;
        text.iter_mut().zip(name.iter().take(room)).for_each(|(slot, &unit)| *slot = unit);
        if extended {
            let [minor, major] = (*peb).os_csd_version.to_le_bytes();
            (*information).service_pack_major = major.into();
            (*information).service_pack_minor = minor.into();
            (*information).suite_mask = shared::suite_mask() as u16;
            (*information).product_type = shared::product_type().unwrap_or(WORKSTATION) as u8;
            (*information).reserved = 0;
        }
    }
    NtStatus::SUCCESS
}

/// Tells the release's numbers, with a free build's flag.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlGetNtVersionNumbers(major: *mut u32, minor: *mut u32, build: *mut u32) {
    const FREE_BUILD: u32 = 0xF000_0000;
    // SAFETY: as the caller says. The PEB lives as long as the process.
    unsafe {
        store(major, (*peb()).os_major_version);
        store(minor, (*peb()).os_minor_version);
        store(build, u32::from((*peb()).os_build_number) | FREE_BUILD);
    }
}

/// Workstation, domain controller or server. Whether it is known.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlGetNtProductType(product: *mut u32) -> u8 {
    let known = shared::product_type();
    // SAFETY: as the caller says.
    unsafe { product.write(known.unwrap_or(WORKSTATION)) };
    known.is_some().into()
}

/// FLG_*: what GlobalFlag asks for.
#[unsafe(no_mangle)]
extern "win64" fn RtlGetNtGlobalFlags() -> u32 {
    // SAFETY: the PEB lives as long as the process.
    unsafe { (*peb()).nt_global_flag }
}
