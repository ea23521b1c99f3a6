//! Starting programs.
#![expect(unsafe_code, reason = "calls ntdll")]

use alloc::vec::Vec;
use core::ptr::null;

use nt::NtStatus;
use nt::layout::parameters as layout;
use nt::process::UserProcessInformation;
use nt::psinfo::{ProcessBasicInformation, process_class};
use nt::types::{ClientId, Handle, ObjectAttributes, UserPtr};
use zerocopy::{FromBytes, FromZeros, IntoBytes};

use crate::handle::Owned;
use crate::ntdll::{
    LdrQueryImageFileExecutionOptions, RtlCreateProcessParameters, RtlCreateUserProcess,
    RtlDestroyProcessParameters, RtlDosPathNameToNtPathName_U, RtlDosSearchPath_U, RtlFreeUnicodeString,
};
use crate::services::{self, pointer_to, syscall};
use crate::text::{Terminated, string_of};

/// OBJ_CASE_INSENSITIVE.
const CASE_INSENSITIVE: u32 = 0x40;
/// Longest option of a program that is a text, in UTF-16 units.
const OPTION_MAX: usize = 1024;
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
    let end = found.iter().position(|&unit| unit == 0)?;
    nt_path(found.get(..end)?)
}

/// The NT path of a DOS path; none if it is no path.
pub fn nt_path(dos: &[u16]) -> Option<Vec<u16>> {
    let dos = Terminated::new(dos);
    let (mut name, mut part) = (string_of(&[]), 0);
    // SAFETY: the path is terminated; what is made here is freed below.
    if unsafe { RtlDosPathNameToNtPathName_U(dos.start(), &raw mut name, &raw mut part, 0) } == 0 {
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

    /// All that `RtlCreateUserProcess` tells of it.
    pub fn information(&self) -> &UserProcessInformation {
        &self.information
    }

    /// Lets the first thread run.
    pub fn resume(&self) -> NtStatus {
        resume(self.thread())
    }

    /// Ends it.
    pub fn terminate(&self, status: NtStatus) -> NtStatus {
        terminate(self.process(), status)
    }
}

/// Opens a process by its id.
///
/// # Errors
/// What `NtOpenProcess` says.
pub fn open(id: u64, access: u32) -> Result<Owned, NtStatus> {
    let attributes =
        ObjectAttributes { length: size_of::<ObjectAttributes>() as u32, ..ObjectAttributes::default() };
    let client = ClientId { process: id, thread: 0 };
    let mut process = Handle::NULL;
    // SAFETY: attributes, ids and handle outlive the call.
    unsafe { syscall::NtOpenProcess(to(&mut process), access, pointer_to(&attributes), pointer_to(&client)) }
        .ok()?;
    Ok(Owned::new(process))
}

/// Lets a suspended thread run.
pub fn resume(thread: Handle) -> NtStatus {
    // SAFETY: the count before is not asked for.
    unsafe { syscall::NtResumeThread(thread, UserPtr::new(0)) }
}

/// Ends a process.
pub fn terminate(process: Handle, status: NtStatus) -> NtStatus {
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtTerminateProcess(process, status) }
}

/// What a process is and how it ended; 0x103 as exit status while it lives.
///
/// # Errors
/// What `NtQueryInformationProcess` says.
pub fn basic(process: Handle) -> Result<ProcessBasicInformation, NtStatus> {
    let mut basic = ProcessBasicInformation::default();
    query(process, process_class::BASIC, &mut basic)?;
    Ok(basic)
}

/// A process's MU session id.
///
/// # Errors
/// What `NtQueryInformationProcess` says.
pub fn session(process: Handle) -> Result<u32, NtStatus> {
    let mut session = 0_u32;
    query(process, process_class::SESSION, &mut session)?;
    Ok(session)
}

/// Sets a process's MU session id.
///
/// # Errors
/// What `NtSetInformationProcess` says.
pub fn set_session(process: Handle, session: u32) -> Result<(), NtStatus> {
    // SAFETY: the number outlives the call.
    unsafe { syscall::NtSetInformationProcess(process, process_class::SESSION, pointer_to(&session), 4) }.ok()
}

/// Reads memory of another process.
///
/// # Errors
/// What `NtReadVirtualMemory` says.
pub fn read<T: FromBytes + IntoBytes>(process: Handle, address: u64, into: &mut [T]) -> Result<(), NtStatus> {
    let place = UserPtr::new(into.as_mut_ptr().expose_provenance() as u64);
    let size = size_of_val(into) as u64;
    // SAFETY: the memory outlives the call.
    unsafe { syscall::NtReadVirtualMemory(process, address, place, size, UserPtr::new(0)) }.ok()
}

fn query<T>(process: Handle, class: u32, into: &mut T) -> Result<(), NtStatus> {
    let size = size_of::<T>() as u32;
    // SAFETY: the place is of the size that is told, and outlives the call.
    unsafe { syscall::NtQueryInformationProcess(process, class, to(into), size, UserPtr::new(0)) }.ok()
}

fn to<T, U>(place: &mut T) -> UserPtr<U> {
    UserPtr::new(core::ptr::from_mut(place).expose_provenance() as u64)
}

/// A value of a program's Image File Execution Options that is a text.
pub fn execution_option(program: &[u16], value: &[u16]) -> Option<Vec<u16>> {
    const REG_SZ: u32 = 1;
    let (image, value) = (string_of(program), Terminated::new(value));
    let mut text = [0_u16; OPTION_MAX];
    let mut size = 0;
    // SAFETY: all of it outlives the call; the buffer has the size that is told.
    let status = unsafe {
        LdrQueryImageFileExecutionOptions(
            &raw const image,
            value.start(),
            REG_SZ,
            text.as_mut_ptr().cast(),
            size_of_val(&text) as u32,
            &raw mut size,
        )
    };
    if !status.is_success() {
        return None;
    }
    let text = text.get(..size as usize / 2)?.split(|&unit| unit == 0).next()?;
    (!text.is_empty()).then(|| text.to_vec())
}

impl Drop for Child {
    fn drop(&mut self) {
        services::close(self.thread());
        services::close(self.process());
    }
}
