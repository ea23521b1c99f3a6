//! From one form of a security descriptor to the other.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use nt::NtStatus;
use nt::security::{SECURITY_DESCRIPTOR_REVISION, SecurityDescriptor, control};
use secore::SelfRelative;

use super::descriptor::Places;
use crate::rtl::raw::{copy, slice, slice_mut};

/// Makes an absolute descriptor self-relative. The length is what it has or, with BUFFER_TOO_SMALL, needs.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlAbsoluteToSelfRelativeSD(
    descriptor: *mut u8,
    relative: *mut u8,
    length: *mut u32,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        if Places::of(descriptor).control & control::SELF_RELATIVE != 0 {
            return NtStatus::BAD_DESCRIPTOR_FORMAT;
        }
        RtlMakeSelfRelativeSD(descriptor, relative, length)
    }
}

/// Makes a self-relative copy of a descriptor of either form.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlMakeSelfRelativeSD(
    descriptor: *mut u8,
    relative: *mut u8,
    length: *mut u32,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        let places = Places::of(descriptor);
        if places.revision != SECURITY_DESCRIPTOR_REVISION {
            return NtStatus::UNKNOWN_REVISION;
        }
        match places.parts().write(slice_mut(relative, *length as usize)) {
            Ok(written) => {
                *length = written as u32;
                NtStatus::SUCCESS
            }
            Err(needed) => {
                *length = needed as u32;
                NtStatus::BUFFER_TOO_SMALL
            }
        }
    }
}

/// Makes a self-relative descriptor absolute: header and parts go to buffers of their own. The sizes are what they have
/// or, with BUFFER_TOO_SMALL, need.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlSelfRelativeToAbsoluteSD(
    relative: *mut u8,
    descriptor: *mut SecurityDescriptor,
    size: *mut u32,
    dacl: *mut u8,
    dacl_size: *mut u32,
    sacl: *mut u8,
    sacl_size: *mut u32,
    owner: *mut u8,
    owner_size: *mut u32,
    group: *mut u8,
    group_size: *mut u32,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        let places = Places::of(relative);
        if places.control & control::SELF_RELATIVE == 0 {
            return NtStatus::BAD_DESCRIPTOR_FORMAT;
        }
        let parts = places.parts();
        let parts = [
            (parts.owner, owner, owner_size),
            (parts.group, group, group_size),
            (parts.sacl, sacl, sacl_size),
            (parts.dacl, dacl, dacl_size),
        ];
        let mut fits = *size as usize >= size_of::<SecurityDescriptor>();
        *size = size_of::<SecurityDescriptor>() as u32;
        for (part, _, size) in &parts {
            let needed = part.map_or(0, <[u8]>::len) as u32;
            fits &= **size >= needed;
            **size = needed;
        }
        if !fits {
            return NtStatus::BUFFER_TOO_SMALL;
        }
        let [owner, group, sacl, dacl] = parts.map(|(part, to, _)| {
            let Some(part) = part else { return 0 };
            copy(to, part.as_ptr(), part.len());
            to.expose_provenance() as u64
        });
        let control = places.control & !control::SELF_RELATIVE;
        let (revision, sbz1) = (places.revision, places.sbz1);
        descriptor.write(SecurityDescriptor {
            revision,
            sbz1,
            control,
            reserved: 0,
            owner,
            group,
            sacl,
            dacl,
        });
    }
    NtStatus::SUCCESS
}

/// Whether a self-relative descriptor is one, lies in so many bytes, and has the parts that are wanted.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlValidRelativeSecurityDescriptor(
    descriptor: *const u8,
    length: u32,
    wanted: u32,
) -> u8 {
    use nt::security::info;
    // SAFETY: as the caller says.
    let Ok(parsed) = SelfRelative::parse(unsafe { slice(descriptor, length as usize) }) else {
        return 0;
    };
    let parts = parsed.parts();
    let missing = (wanted & info::OWNER != 0 && parts.owner.is_none())
        || (wanted & info::GROUP != 0 && parts.group.is_none())
        || (wanted & info::DACL != 0 && parts.control & control::DACL_PRESENT == 0)
        || (wanted & info::SACL != 0 && parts.control & control::SACL_PRESENT == 0);
    (!missing).into()
}
