//! The system services that the program itself uses.
#![expect(unsafe_code, reason = "calls system services and reads what it was given")]

use core::arch::asm;

use nt::NtStatus;
use nt::layout::{peb, teb};
use nt::memory::{
    MEM_COMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_EXECUTE, PAGE_READWRITE, SEC_COMMIT, SEC_IMAGE, VIEW_UNMAP,
};
use nt::process::{ProcessParameters, SectionImageInformation, section_class};
use nt::types::{
    Boolean, ClientId, Context, Handle, InitialTeb, IoStatusBlock, ObjectAttributes, UnicodeString, UserPtr,
};
use rt::syscall;

use crate::record::Record;

/// What a service's result is, or why there is none.
pub type Result<T> = core::result::Result<T, NtStatus>;

/// SECTION_ALL_ACCESS, PROCESS_ALL_ACCESS, THREAD_ALL_ACCESS.
const SECTION_ALL: u32 = 0x000F_001F;
const PROCESS_ALL: u32 = 0x001F_0FFF;
const THREAD_ALL: u32 = 0x001F_03FF;
/// FILE_READ_DATA, FILE_EXECUTE, SYNCHRONIZE.
const FILE_EXECUTE: u32 = 0x0010_0021;
/// FILE_SYNCHRONOUS_IO_NONALERT.
const SYNCHRONOUS: u32 = 0x20;
/// OBJ_CASE_INSENSITIVE.
const CASE_INSENSITIVE: u32 = 0x40;

/// A place for the kernel to write to.
pub fn to<T, U>(place: &mut T) -> UserPtr<U> {
    UserPtr::new(core::ptr::from_mut(place).expose_provenance() as u64)
}

/// A value for the kernel to read.
pub fn from<T: ?Sized, U>(place: &T) -> UserPtr<U> {
    UserPtr::new(core::ptr::from_ref(place).cast::<()>().expose_provenance() as u64)
}

/// No pointer.
pub fn null<T>() -> UserPtr<T> {
    UserPtr::new(0)
}

/// A word of the calling thread's TEB.
fn teb_word(offset: u64) -> u64 {
    let value;
    // SAFETY: GS is the base of the TEB, which every thread has.
    unsafe { asm!("mov {}, gs:[{}]", out(reg) value, in(reg) offset, options(nostack, readonly)) };
    value
}

/// Process and thread id of the caller.
pub fn own_ids() -> (u64, u64) {
    (teb_word(teb::CLIENT_ID), teb_word(teb::CLIENT_ID + 8))
}

/// Reads this process's own memory.
pub fn peek<T: Copy>(address: u64) -> T {
    // SAFETY: called with addresses inside the PEB and the process parameters, which are mapped
    // before the first thread runs and which nobody writes to so early.
    unsafe { core::ptr::with_exposed_provenance::<T>(address as usize).read_unaligned() }
}

/// The record that is mapped at an address for as long as the process lives.
pub fn record_at(address: u64) -> &'static Record {
    // SAFETY: a view of a section of that size is there; all fields are atomics, for which any bytes will do.
    unsafe { &*core::ptr::with_exposed_provenance::<Record>(address as usize) }
}

/// Opens an image file and makes a section of it.
pub fn image_section(path: &[u16]) -> Result<Handle> {
    let length = size_of_val(path) as u16;
    let name =
        UnicodeString { length, maximum_length: length, reserved: 0, buffer: from::<_, u8>(path).address };
    let attributes = ObjectAttributes {
        length: size_of::<ObjectAttributes>() as u32,
        object_name: from::<_, u8>(&name).address,
        attributes: CASE_INSENSITIVE,
        ..ObjectAttributes::default()
    };
    let (mut file, mut section, mut io) = (Handle::NULL, Handle::NULL, IoStatusBlock::default());
    // SAFETY: all places outlive the calls.
    unsafe {
        syscall::NtOpenFile(to(&mut file), FILE_EXECUTE, from(&attributes), to(&mut io), 1, SYNCHRONOUS)
            .ok()?;
        let status = syscall::NtCreateSection(
            to(&mut section),
            SECTION_ALL,
            null(),
            null(),
            PAGE_EXECUTE,
            SEC_IMAGE,
            file,
        );
        syscall::NtClose(file);
        status.ok().map(|()| section)
    }
}

/// Makes a section of the paging file.
pub fn section(size: u64) -> Result<Handle> {
    let (mut section, mut size) = (Handle::NULL, size as i64);
    // SAFETY: all places outlive the call.
    let status = unsafe {
        syscall::NtCreateSection(
            to(&mut section),
            SECTION_ALL,
            null(),
            to(&mut size),
            PAGE_READWRITE,
            SEC_COMMIT,
            Handle::NULL,
        )
    };
    status.ok().map(|()| section)
}

/// Maps a section into a process at an address, or anywhere if that is 0; gives where it is.
pub fn map(section: Handle, process: Handle, address: u64) -> Result<u64> {
    let (mut base, mut size) = (address, 0_u64);
    // SAFETY: all places outlive the call; nobody has used the addresses.
    let status = unsafe {
        syscall::NtMapViewOfSection(
            section,
            process,
            to(&mut base),
            0,
            0,
            null(),
            to(&mut size),
            VIEW_UNMAP,
            0,
            PAGE_READWRITE,
        )
    };
    status.ok().map(|()| base)
}

/// What is told of an image section.
pub fn image_information(section: Handle) -> Result<SectionImageInformation> {
    let mut information = SectionImageInformation::default();
    let length = size_of::<SectionImageInformation>() as u64;
    // SAFETY: the place outlives the call.
    let status = unsafe {
        syscall::NtQuerySection(section, section_class::IMAGE, to(&mut information), length, null())
    };
    status.ok().map(|()| information)
}

/// Makes a process out of an image section.
pub fn process(section: Handle) -> Result<Handle> {
    let mut process = Handle::NULL;
    let none = Handle::NULL;
    // SAFETY: the place outlives the call.
    let status = unsafe {
        syscall::NtCreateProcess(
            to(&mut process),
            PROCESS_ALL,
            null(),
            Handle::CURRENT_PROCESS,
            Boolean(0),
            section,
            none,
            none,
        )
    };
    status.ok().map(|()| process)
}

/// Reserves `size` bytes in a process and commits the first `commit` of them.
pub fn allocate(process: Handle, mut size: u64, mut commit: u64) -> Result<u64> {
    let mut base = 0_u64;
    // SAFETY: the places outlive the calls, and nobody else knows the range.
    unsafe {
        syscall::NtAllocateVirtualMemory(
            process,
            to(&mut base),
            0,
            to(&mut size),
            MEM_RESERVE,
            PAGE_READWRITE,
        )
        .ok()?;
        syscall::NtAllocateVirtualMemory(
            process,
            to(&mut base),
            0,
            to(&mut commit),
            MEM_COMMIT,
            PAGE_READWRITE,
        )
        .ok()?;
    }
    Ok(base)
}

/// Frees a range of this process that nobody has used.
pub fn free(mut base: u64) -> Result<()> {
    let mut size = 0_u64;
    // SAFETY: the places outlive the call.
    unsafe {
        syscall::NtFreeVirtualMemory(Handle::CURRENT_PROCESS, to(&mut base), to(&mut size), MEM_RELEASE).ok()
    }
}

/// Writes to another process.
pub fn write<T: ?Sized>(process: Handle, address: u64, value: &T) -> Result<()> {
    let length = size_of_val(value) as u64;
    // SAFETY: the value outlives the call.
    unsafe { syscall::NtWriteVirtualMemory(process, address, from(value), length, null()).ok() }
}

/// Gives a process parameters with a command line, at an address where it has a page for them.
pub fn parameters(process: Handle, address: u64, path: &[u16], line: &[u16]) -> Result<()> {
    let size = size_of::<ProcessParameters>();
    let mut place = address + size as u64;
    let mut string = |text: &[u16]| {
        let (at, length) = (place, size_of_val(text) as u16);
        place += u64::from(length) + 2;
        write(process, at, text).map(|()| UnicodeString {
            length,
            maximum_length: length + 2,
            reserved: 0,
            buffer: at,
        })
    };
    let (image_path_name, command_line) = (string(path)?, string(line)?);
    // An empty environment: two zeros, which the page has behind the text.
    let environment = place.next_multiple_of(8);
    let parameters = ProcessParameters {
        maximum_length: 0x1000,
        length: size as u32,
        flags: nt::layout::parameters::FLAG_NORMALISED,
        image_path_name,
        command_line,
        environment,
        ..zerocopy::FromZeros::new_zeroed()
    };
    write(process, address, &parameters)?;
    write(process, peb::ADDRESS + peb::PROCESS_PARAMETERS, &address)
}

/// Starts the first thread of a process on a stack of its own.
pub fn thread(process: Handle, entry: u64, stack: u64, size: u64) -> Result<Handle> {
    let mut context: Context = zerocopy::FromZeros::new_zeroed();
    context.rip = entry;
    context.rcx = peb::ADDRESS;
    context.rsp = stack + size - 0x28;
    let teb = InitialTeb {
        stack_base: stack + size,
        stack_limit: stack,
        allocated_stack_base: stack,
        ..InitialTeb::default()
    };
    let mut thread = Handle::NULL;
    // SAFETY: all places outlive the call.
    let status = unsafe {
        syscall::NtCreateThread(
            to(&mut thread),
            THREAD_ALL,
            null(),
            process,
            null(),
            from(&context),
            from(&teb),
            Boolean(0),
        )
    };
    status.ok().map(|()| thread)
}

/// Opens a thread by its ids.
pub fn open_thread(process: u64, thread: u64) -> Result<Handle> {
    let (mut handle, id) = (Handle::NULL, ClientId { process, thread });
    let attributes =
        ObjectAttributes { length: size_of::<ObjectAttributes>() as u32, ..ObjectAttributes::default() };
    // SAFETY: all places outlive the call.
    let status = unsafe { syscall::NtOpenThread(to(&mut handle), THREAD_ALL, from(&attributes), from(&id)) };
    status.ok().map(|()| handle)
}

/// Ends a thread.
pub fn terminate_thread(thread: Handle) -> NtStatus {
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtTerminateThread(thread, NtStatus::TIMEOUT) }
}

/// Ends a process.
pub fn terminate_process(process: Handle) -> NtStatus {
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtTerminateProcess(process, NtStatus::TIMEOUT) }
}

/// Waits for an object, so many 100 ns at most. Whether it was signalled.
pub fn wait(handle: Handle, time: u32) -> bool {
    let timeout = -i64::from(time);
    // SAFETY: the time-out outlives the call.
    unsafe { syscall::NtWaitForSingleObject(handle, Boolean(0), from(&timeout)) == NtStatus::SUCCESS }
}

/// Asks for a class of system information.
pub fn system_information<T>(class: u32, value: &mut T) -> (NtStatus, u32) {
    let mut returned = 0_u32;
    let length = size_of::<T>() as u32;
    // SAFETY: both places outlive the call.
    let status = unsafe { syscall::NtQuerySystemInformation(class, to(value), length, to(&mut returned)) };
    (status, returned)
}

/// Asks for a process's id.
pub fn process_id(process: Handle) -> Result<u64> {
    let mut basic = [0_u64; 6];
    // SAFETY: the place outlives the call.
    unsafe {
        syscall::NtQueryInformationProcess(process, 0, to(&mut basic), size_of_val(&basic) as u32, null())
            .ok()?
    };
    Ok(basic[4])
}
