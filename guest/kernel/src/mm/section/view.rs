//! Mapping and unmapping views of sections (NtMapViewOfSection, NtUnmapViewOfSection).

use alloc::sync::Arc;

use mmcore::{Base, MapView, Protection};
use nt::NtStatus;
use nt::security::{PROCESS_VM_OPERATION, SECTION_MAP_EXECUTE, SECTION_MAP_READ, SECTION_MAP_WRITE};
use nt::types::{Handle, UserPtr};

use super::Section;
use crate::ke::service::NtResult;
use crate::mm::{discard, mapped, room, user, with_space};
use crate::ob::body::Kind;
use crate::ob::{Body, handle};

/// The section of a handle.
///
/// # Errors
/// As [`handle::reference`].
pub fn reference(section: Handle, access: u32) -> Result<Arc<Section>, NtStatus> {
    match handle::reference(section, Some(Kind::Section), access)?.body() {
        Some(Body::Section(section)) => Ok(section.clone()),
        _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
    }
}

/// The access to a section that a view with a protection takes.
fn view_rights(protection: Protection) -> u32 {
    match protection.base() {
        Base::NoAccess | Base::Read | Base::WriteCopy => SECTION_MAP_READ,
        Base::ReadWrite => SECTION_MAP_WRITE,
        Base::Execute => SECTION_MAP_EXECUTE,
        Base::ExecuteRead | Base::ExecuteWriteCopy => SECTION_MAP_EXECUTE | SECTION_MAP_READ,
        Base::ExecuteReadWrite => SECTION_MAP_EXECUTE | SECTION_MAP_WRITE,
    }
}

/// `NtMapViewOfSection`. SUCCESS, or IMAGE_NOT_AT_BASE for an image that must be relocated.
#[expect(clippy::too_many_arguments, reason = "NT's signature")]
pub fn map_view(
    section: Handle,
    process: Handle,
    base: UserPtr<u64>,
    zero_bits: u64,
    commit: u64,
    offset: UserPtr<i64>,
    size: UserPtr<u64>,
    inherit: u32,
    allocation_type: u32,
    protect: u32,
) -> NtResult {
    let captured = MapView {
        base: user::read_u64_to_change(base.address)?,
        zero_bits,
        commit_size: commit,
        offset: match offset.is_null() {
            true => 0,
            false => user::read_u64_to_change(offset.address)?,
        },
        size: user::read_u64_to_change(size.address)?,
        inherit,
        allocation_type,
        protect,
    };
    let protection = captured.check(crate::mm::space::LIMITS)?;
    let process = handle::process(process, PROCESS_VM_OPERATION)?;
    let section = reference(section, view_rights(protection))?;
    room()?;
    let mapped = with_space(&process, |space| space.map_view(&section, &captured))?;
    // The places were writable; if they are not any more, that is the caller's loss.
    let _ = user::write(base.address, &mapped.base.to_le_bytes());
    let _ = user::write(size.address, &mapped.size.to_le_bytes());
    Ok(mapped.status)
}

/// `NtUnmapViewOfSection`: the view that the address lies in.
pub fn unmap_view(process: Handle, base: u64) -> NtResult {
    let process = handle::process(process, PROCESS_VM_OPERATION)?;
    // The section may go with its last view, behind the guard.
    let unmapped = with_space(&process, |space| space.unmap_view(base))?;
    drop(unmapped);
    mapped::settle();
    discard::if_much();
    Ok(NtStatus::SUCCESS)
}
