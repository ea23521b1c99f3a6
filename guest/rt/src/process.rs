//! Starting programs.
#![expect(unsafe_code, reason = "calls ntdll")]

use alloc::vec::Vec;
use core::ptr::null;

use nt::NtStatus;
use nt::layout::parameters as layout;
use nt::process::UserProcessInformation;
use nt::types::{Handle, UserPtr};
use zerocopy::FromZeros;

use crate::ntdll::{
    RtlCreateProcessParameters, RtlCreateUserProcess, RtlDestroyProcessParameters,
    RtlDosPathNameToNtPathName_U, RtlDosSearchPath_U, RtlFreeUnicodeString,
};
use crate::services::{self, syscall};
use crate::text::{Terminated, string_of};

/// OBJ_CASE_INSENSITIVE.
const CASE_INSENSITIVE: u32 = 0x40;
/// Longest path that is looked for, in UTF-16 units.
const PATH_MAX: usize = 260;

/// A process that was made; its first thread is suspended. Dropping it closes its handles.
#[derive(Debug)]
pub struct Child {
    information: UserProcessInformation,
}

/// The NT path of a program: searched along `path` (`;` between folders), with `.exe` if it has no extension.
pub fn find(path: &[u16], program: &[u16]) -> Option<Vec<u16>> {
    let (path, program) = (Terminated::new(path), Terminated::new(program));
    let extension = Terminated::new(nt::wide!(".exe"));
    let mut found = [0_u16; PATH_MAX];
    let size = (found.len() * size_of::<u16>()) as u32;
    let mut part = 0;
    // SAFETY: all texts are terminated and outlive the call; the buffer has the size that is told.
    let len = unsafe {
        RtlDosSearchPath_U(
            path.start(),
            program.start(),
            extension.start(),
            size,
            found.as_mut_ptr(),
            &raw mut part,
        )
    };
    let len = len as usize / size_of::<u16>();
    if len == 0 || len >= found.len() {
        return None;
    }
    let mut name = string_of(&[]);
    // SAFETY: the path that was found is terminated; what is made here is freed below.
    if unsafe { RtlDosPathNameToNtPathName_U(found.as_ptr(), &raw mut name, &raw mut part, 0) } == 0 {
        return None;
    }
    let units = usize::from(name.length) / size_of::<u16>();
    // SAFETY: a successful call leaves a string of that length at that address.
    let text = unsafe {
        core::slice::from_raw_parts(core::ptr::with_exposed_provenance::<u16>(name.buffer as usize), units)
            .to_vec()
    };
    // SAFETY: made by the call above, and nobody refers to it.
    unsafe { RtlFreeUnicodeString(&raw mut name) };
    Some(text)
}

/// How a process is to be made.
#[derive(Clone, Copy, Debug, Default)]
pub struct Start<'a> {
    /// NT path of its image.
    pub image: &'a [u16],
    /// Its command line.
    pub command_line: &'a [u16],
    /// Its environment, which ends with an empty string; empty: the caller's own.
    pub environment: &'a [u16],
    /// Where it looks for DLLs; empty: as the caller does.
    pub dll_path: &'a [u16],
    /// Flags of the parameters: `FLAG_*` of [`nt::layout::parameters`].
    pub flags: u32,
    /// Not zero: it breaks at its start.
    pub debug_flags: u32,
}

/// Makes a process, with its first thread suspended.
///
/// # Errors
/// INVALID_PARAMETER for an environment without an end, and what `RtlCreateUserProcess` says.
pub fn create(start: &Start<'_>) -> Result<Child, NtStatus> {
    let (image, line) = (string_of(start.image), string_of(start.command_line));
    let path = string_of(start.dll_path);
    let path = if start.dll_path.is_empty() { null() } else { &raw const path };
    let environment = match start.environment {
        [] => 0,
        [0] | [.., 0, 0] => start.environment.as_ptr().expose_provenance() as u64,
        _ => return Err(NtStatus::INVALID_PARAMETER),
    };
    let mut parameters = 0;
    let mut information = UserProcessInformation::new_zeroed();
    information.length = size_of::<UserProcessInformation>() as u32;
    // SAFETY: the strings and the environment, which has its end, outlive the calls; NULL stands for what the caller
    // has itself. A block of parameters that was made has at least its fixed part.
    unsafe {
        RtlCreateProcessParameters(
            &raw mut parameters,
            &raw const image,
            path,
            null(),
            &raw const line,
            environment,
            null(),
            null(),
            null(),
            null(),
        )
        .ok()?;
        let field = |offset| core::ptr::with_exposed_provenance_mut::<u32>(parameters as usize + offset);
        *field(layout::FLAGS) |= start.flags;
        *field(layout::DEBUG_FLAGS) = start.debug_flags;
        let status = RtlCreateUserProcess(
            &raw const image,
            CASE_INSENSITIVE,
            parameters,
            0,
            0,
            Handle::NULL,
            0,
            Handle::NULL,
            Handle::NULL,
            &raw mut information,
        );
        RtlDestroyProcessParameters(parameters);
        status.ok()?;
    }
    Ok(Child { information })
}

impl Child {
    /// IMAGE_SUBSYSTEM_* of its image.
    pub fn subsystem(&self) -> u32 {
        self.information.image.subsystem_type
    }

    /// Its handle.
    pub fn process(&self) -> Handle {
        Handle(self.information.process)
    }

    /// The handle of its first thread.
    pub fn thread(&self) -> Handle {
        Handle(self.information.thread)
    }

    /// Lets the first thread run.
    pub fn resume(&self) -> NtStatus {
        // SAFETY: the count before is not asked for.
        unsafe { syscall::NtResumeThread(self.thread(), UserPtr::new(0)) }
    }

    /// Ends it.
    pub fn terminate(&self, status: NtStatus) -> NtStatus {
        // SAFETY: it takes no pointers.
        unsafe { syscall::NtTerminateProcess(self.process(), status) }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        services::close(self.thread());
        services::close(self.process());
    }
}
