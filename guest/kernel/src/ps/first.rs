//! The first user process, which the kernel makes itself (spec/smss.md 1.0 K1–K3).

use alloc::sync::Arc;

use nt::NtStatus;
use nt::layout::peb;
use pe::SUBSYSTEM_NATIVE;

use super::attributes::Attributes;
use super::{Process, SYSTEM_PROCESS_ID, parameters, process, thread};
use crate::io;
use crate::ke::{context, sched};
use crate::mm::section::image_from;

/// Where the first thread's stack ends: below the process parameters, in the 2 MiB that PEB and TEBs are in.
const STACK_TOP: u64 = 0x7FFB_0000;
/// Largest stack that fits there.
const STACK_MAX: u64 = 0x10_0000;
/// What the caller's 32-byte home space and return address take: RSP is 8 modulo 16 at an entry point.
const ENTRY_FRAME: u64 = 0x28;
/// IMAGE_FILE_DLL.
const DLL: u16 = 0x2000;

/// Makes the first user process out of a file of the boot archive and starts it. The command ends its
/// image path at the first blank.
///
/// # Errors
/// OBJECT_NAME_NOT_FOUND, INVALID_IMAGE_FORMAT, NO_MEMORY and what mapping the image gives.
pub fn start(command: &str) -> Result<Arc<Process>, NtStatus> {
    let path = command.split(' ').next().unwrap_or(command);
    let file = io::resident(path)?;
    let section = image_from(file)?;
    let image = *section.image_information().ok_or(NtStatus::INVALID_IMAGE_FORMAT)?;
    if image.subsystem_type != u32::from(SUBSYSTEM_NATIVE) || image.characteristics & DLL != 0 {
        return Err(NtStatus::INVALID_IMAGE_FORMAT);
    }
    let made = process::build(
        &section,
        path.into(),
        Attributes { parent: SYSTEM_PROCESS_ID, ..Attributes::first() },
    )?;
    let (stack, parameters, base) = {
        let mut space = made.space.lock();
        let space = space.as_mut().ok_or(NtStatus::UNSUCCESSFUL)?;
        let reserve = image.maximum_stack_size.min(STACK_MAX);
        let stack = space.create_stack(STACK_TOP, reserve, image.committed_stack_size)?;
        (stack, parameters::map(space, path, command)?, image.transfer_address)
    };
    if let Some(space) = made.space.lock().as_mut() {
        space.write(peb::ADDRESS + peb::PROCESS_PARAMETERS, &parameters.to_le_bytes())?;
    }
    let start = context::to_start(base, peb::ADDRESS, STACK_TOP - ENTRY_FRAME);
    sched::ready(thread::build(&made, &start, &stack)?);
    Ok(made)
}
