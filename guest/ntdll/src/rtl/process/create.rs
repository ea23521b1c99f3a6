//! Making processes (spec/smss.md 7.1).
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use nt::NtStatus;
use nt::file::{access, option, share};
use nt::layout::{parameters as flags, peb};
use nt::memory::{MEM_COMMIT, MEM_RESERVE, PAGE_EXECUTE, PAGE_READWRITE, SEC_IMAGE};
use nt::process::{
    LOW_MEGABYTE, ProcessParameters, SectionImageInformation, UserProcessInformation, section_class,
};
use nt::psinfo::{ProcessBasicInformation, process_class};
use nt::security::{PROCESS_ALL_ACCESS, SECTION_ALL_ACCESS};
use nt::types::{Boolean, Handle, IoStatusBlock, ObjectAttributes, UnicodeString, UserPtr};

use super::parameters::{RtlDeNormalizeProcessParams, RtlNormalizeProcessParams};
use super::thread::{self, NewThread};
use crate::rtl::environment::block;
use crate::rtl::raw::at;
use crate::stubs::{
    NtAllocateVirtualMemory, NtClose, NtCreateProcess, NtCreateSection, NtOpenFile,
    NtQueryInformationProcess, NtQuerySection, NtTerminateProcess, NtWriteVirtualMemory,
};

/// OBJ_CASE_INSENSITIVE and OBJ_INHERIT: what a caller may say of the file.
const FILE_ATTRIBUTES: u32 = 0x42;

/// A handle that is closed at the end.
struct Owned(Handle);

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: it takes no pointers.
        unsafe { NtClose(self.0) };
    }
}

/// A process that is ended if it is not finished.
struct Unfinished(Owned);

impl Unfinished {
    fn finish(self) -> Handle {
        let handle = self.0.0;
        core::mem::forget(self);
        handle
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // SAFETY: it takes no pointers.
        unsafe { NtTerminateProcess(self.0.0, NtStatus::UNSUCCESSFUL) };
    }
}

/// Makes a process out of an image file, with its first thread suspended. The parameters go to it with offsets for
/// strings, and its environment with them.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlCreateUserProcess(
    image: *const UnicodeString,
    attributes: u32,
    parameters: *mut ProcessParameters,
    process_descriptor: u64,
    thread_descriptor: u64,
    parent: Handle,
    inherit_handles: u8,
    debug_port: Handle,
    exception_port: Handle,
    information: *mut UserProcessInformation,
) -> NtStatus {
    let new = NewProcess {
        descriptor: process_descriptor,
        parent: if parent == Handle::NULL { Handle::CURRENT_PROCESS } else { parent },
        inherit_handles: inherit_handles != 0,
        debug_port,
        exception_port,
    };
    // SAFETY: as the caller says.
    unsafe {
        let made = image_section(image, attributes & FILE_ATTRIBUTES)
            .and_then(|section| create(&new, &section, parameters, thread_descriptor));
        match made {
            Ok(made) => {
                information.write(made);
                NtStatus::SUCCESS
            }
            Err(status) => status,
        }
    }
}

/// # Safety
/// `name` is an image's.
unsafe fn image_section(name: *const UnicodeString, attributes: u32) -> Result<Owned, NtStatus> {
    let attributes = ObjectAttributes {
        length: size_of::<ObjectAttributes>() as u32,
        object_name: name.expose_provenance() as u64,
        attributes,
        ..ObjectAttributes::default()
    };
    let (mut file, mut section, mut io_status) = (Handle::NULL, Handle::NULL, IoStatusBlock::default());
    // SAFETY: all of them live here; the name as the caller says.
    unsafe {
        NtOpenFile(
            at(&raw mut file),
            access::SYNCHRONIZE | access::EXECUTE | access::READ_DATA,
            at(&raw const attributes),
            at(&raw mut io_status),
            share::READ | share::DELETE,
            option::SYNCHRONOUS_IO_NONALERT | option::NON_DIRECTORY_FILE,
        )
        .ok()?;
        let file = Owned(file);
        NtCreateSection(
            at(&raw mut section),
            SECTION_ALL_ACCESS,
            UserPtr::new(0),
            UserPtr::new(0),
            PAGE_EXECUTE,
            SEC_IMAGE,
            file.0,
        )
        .ok()?;
    }
    Ok(Owned(section))
}

struct NewProcess {
    descriptor: u64,
    parent: Handle,
    inherit_handles: bool,
    debug_port: Handle,
    exception_port: Handle,
}

/// # Safety
/// `parameters` are a process's.
unsafe fn create(
    new: &NewProcess,
    section: &Owned,
    parameters: *mut ProcessParameters,
    thread_descriptor: u64,
) -> Result<UserProcessInformation, NtStatus> {
    let attributes = ObjectAttributes {
        length: size_of::<ObjectAttributes>() as u32,
        security_descriptor: new.descriptor,
        ..ObjectAttributes::default()
    };
    let mut process = Handle::NULL;
    let mut image = SectionImageInformation::default();
    let mut basic = ProcessBasicInformation::default();
    // SAFETY: all of them live here.
    let process = unsafe {
        NtCreateProcess(
            at(&raw mut process),
            PROCESS_ALL_ACCESS,
            at(&raw const attributes),
            new.parent,
            Boolean(new.inherit_handles.into()),
            section.0,
            new.debug_port,
            new.exception_port,
        )
        .ok()?;
        let process = Unfinished(Owned(process));
        let size = size_of::<SectionImageInformation>() as u64;
        let place = at((&raw mut image).cast::<u8>());
        NtQuerySection(section.0, section_class::IMAGE, place, size, UserPtr::new(0)).ok()?;
        let size = size_of::<ProcessBasicInformation>() as u32;
        let place = at((&raw mut basic).cast::<u8>());
        NtQueryInformationProcess(process.0.0, process_class::BASIC, place, size, UserPtr::new(0)).ok()?;
        process
    };
    let handle = process.0.0;
    // SAFETY: as the caller says.
    unsafe { give_parameters(handle, basic.peb_base_address, parameters)? };
    let (thread, client_id) = thread::create(&NewThread {
        process: handle,
        descriptor: thread_descriptor,
        suspended: true,
        zero_bits: image.zero_bits.into(),
        stack_reserve: image.maximum_stack_size,
        stack_commit: image.committed_stack_size,
        start: image.transfer_address,
        argument: basic.peb_base_address,
    })?;
    Ok(UserProcessInformation {
        length: size_of::<UserProcessInformation>() as u32,
        reserved: 0,
        process: process.finish().0,
        thread: thread.0,
        client_id,
        image,
    })
}

/// Puts parameters and environment into one new piece of the process's memory, and its address into the PEB.
///
/// # Safety
/// `parameters` are a process's.
unsafe fn give_parameters(
    process: Handle,
    peb: u64,
    parameters: *mut ProcessParameters,
) -> Result<(), NtStatus> {
    // SAFETY: as the caller says; the numbers live here, the memory in the process is new.
    unsafe {
        let (flags, own_environment) = ((*parameters).flags, (*parameters).environment);
        if flags & flags::FLAG_RESERVE_1MB != 0 {
            let (mut base, mut size) = LOW_MEGABYTE;
            reserve(process, &mut base, &mut size, MEM_RESERVE)?;
        }
        let length = u64::from((*parameters).length);
        let environment = block(core::ptr::with_exposed_provenance(own_environment as usize));
        let text = size_of_val(environment) as u64;
        let (mut base, mut size) = (0, length.next_multiple_of(8) + text);
        reserve(process, &mut base, &mut size, MEM_RESERVE | MEM_COMMIT)?;
        let child_environment = base + length.next_multiple_of(8);

        RtlDeNormalizeProcessParams(parameters);
        (*parameters).environment = if text == 0 { 0 } else { child_environment };
        let address = parameters.expose_provenance() as u64;
        // An environment right behind the parameters goes along with them.
        let together = own_environment == address + length && length.is_multiple_of(8);
        let mut written = write(process, base, address, if together { length + text } else { length });
        if !together {
            written = written.and_then(|()| write(process, child_environment, own_environment, text));
        }
        (*parameters).environment = own_environment;
        if flags & flags::FLAG_NORMALISED != 0 {
            RtlNormalizeProcessParams(parameters);
        }
        written?;
        write(process, peb + peb::PROCESS_PARAMETERS, (&raw const base).expose_provenance() as u64, 8)
    }
}

/// # Safety
/// The addresses are free, or 0.
unsafe fn reserve(process: Handle, base: &mut u64, size: &mut u64, kind: u32) -> Result<(), NtStatus> {
    // SAFETY: as the caller says.
    unsafe { NtAllocateVirtualMemory(process, at(base), 0, at(size), kind, PAGE_READWRITE) }.ok()
}

/// # Safety
/// There are so many bytes at `from`, and at `to` in the process nobody minds.
unsafe fn write(process: Handle, to: u64, from: u64, length: u64) -> Result<(), NtStatus> {
    if length == 0 {
        return Ok(());
    }
    // SAFETY: as the caller says.
    unsafe { NtWriteVirtualMemory(process, to, UserPtr::new(from), length, UserPtr::new(0)) }.ok()
}
