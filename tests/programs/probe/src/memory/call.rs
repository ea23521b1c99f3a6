//! Calls of the memory manager's services, made safe as far as they can be: what they point to lives
//! through the call. What a call does to the memory of this program is the caller's care.
#![expect(unsafe_code, reason = "calls system services, touches what they have mapped")]

use nt::NtStatus;
use nt::memory::{MEMORY_MAPPED_FILENAME_CLASS, MemoryBasicInformation};
use nt::psinfo::QuotaLimits;
use nt::psinfo::process_class::QUOTA_LIMITS;
use nt::types::{Boolean, Handle, IoStatusBlock, ObjectAttributes, UserPtr};
use rt::syscall;

use crate::reg::{CASE_INSENSITIVE, Wide, from, to};

pub type Result<T> = core::result::Result<T, NtStatus>;

pub const ME: Handle = Handle::CURRENT_PROCESS;

/// What the value of a call means: its results, or why there are none.
fn done<T>(status: NtStatus, value: T) -> Result<T> {
    if status.0 >> 30 >= 2 { Err(status) } else { Ok(value) }
}

/// Base and size as the service gives them back.
pub fn allocate(base: u64, size: u64, kind: u32, protect: u32) -> Result<(u64, u64)> {
    let (mut base, mut size) = (base, size);
    // SAFETY: both places outlive the call.
    let status =
        unsafe { syscall::NtAllocateVirtualMemory(ME, to(&mut base), 0, to(&mut size), kind, protect) };
    done(status, (base, size))
}

pub fn free(base: u64, size: u64, kind: u32) -> Result<(u64, u64)> {
    let (mut base, mut size) = (base, size);
    // SAFETY: both places outlive the call.
    let status = unsafe { syscall::NtFreeVirtualMemory(ME, to(&mut base), to(&mut size), kind) };
    done(status, (base, size))
}

/// The protection that it was before.
pub fn protect(base: u64, size: u64, protect: u32) -> Result<u32> {
    let (mut base, mut size, mut old) = (base, size, 0_u32);
    // SAFETY: all places outlive the call.
    let status =
        unsafe { syscall::NtProtectVirtualMemory(ME, to(&mut base), to(&mut size), protect, to(&mut old)) };
    done(status, old)
}

pub fn query(address: u64) -> Result<MemoryBasicInformation> {
    let mut information = MemoryBasicInformation::default();
    let size = size_of_val(&information) as u64;
    // SAFETY: the place outlives the call.
    let status =
        unsafe { syscall::NtQueryVirtualMemory(ME, address, 0, to(&mut information), size, UserPtr::new(0)) };
    done(status, information)
}

/// The path of the file that is mapped at an address, in the first so many units of a buffer.
pub fn mapped_file(address: u64, buffer: &mut [u16; 128]) -> Result<usize> {
    let mut len = 0_u64;
    let size = size_of_val(buffer) as u64;
    let class = MEMORY_MAPPED_FILENAME_CLASS;
    // SAFETY: both places outlive the call.
    let status = unsafe { syscall::NtQueryVirtualMemory(ME, address, class, to(buffer), size, to(&mut len)) };
    // The UNICODE_STRING, and the NUL behind the text.
    done(status, (len as usize / 2).saturating_sub(9))
}

pub fn lock(base: u64, size: u64, kind: u32) -> NtStatus {
    let (mut base, mut size) = (base, size);
    // SAFETY: both places outlive the call.
    unsafe { syscall::NtLockVirtualMemory(ME, to(&mut base), to(&mut size), kind) }
}

pub fn unlock(base: u64, size: u64, kind: u32) -> NtStatus {
    let (mut base, mut size) = (base, size);
    // SAFETY: both places outlive the call.
    unsafe { syscall::NtUnlockVirtualMemory(ME, to(&mut base), to(&mut size), kind) }
}

/// Status and how many bytes were read.
pub fn read(process: Handle, address: u64, buffer: u64, len: u64) -> (NtStatus, u64) {
    let mut count = u64::MAX;
    // SAFETY: the count outlives the call; the buffer is what the test says it is.
    let status =
        unsafe { syscall::NtReadVirtualMemory(process, address, UserPtr::new(buffer), len, to(&mut count)) };
    (status, count)
}

/// Status and how many bytes were written.
pub fn write(process: Handle, address: u64, buffer: u64, len: u64) -> (NtStatus, u64) {
    let mut count = u64::MAX;
    // SAFETY: as for `read`.
    let status =
        unsafe { syscall::NtWriteVirtualMemory(process, address, UserPtr::new(buffer), len, to(&mut count)) };
    (status, count)
}

/// A section; a file of `Handle::NULL` means memory.
pub fn section(size: u64, protect: u32, kind: u32, file: Handle) -> Result<Handle> {
    let mut handle = Handle::NULL;
    // SAFETY: handle and size outlive the call.
    let status = unsafe {
        syscall::NtCreateSection(to(&mut handle), 0x1F, UserPtr::new(0), from(&size), protect, kind, file)
    };
    done(status, handle)
}

/// A section of memory with a name.
pub fn named_section(name: &str, attributes: u32, size: u64) -> Result<(NtStatus, Handle)> {
    let (wide, mut handle) = (Wide::new(name), Handle::NULL);
    let string = wide.string();
    let object = attributes_of(&string, attributes);
    // SAFETY: everything pointed to outlives the call.
    let status = unsafe {
        let kind = nt::memory::SEC_COMMIT;
        syscall::NtCreateSection(to(&mut handle), 0x1F, from(&object), from(&size), 4, kind, Handle::NULL)
    };
    done(status, (status, handle))
}

pub fn open_section(name: &str, access: u32) -> Result<Handle> {
    let (wide, mut handle) = (Wide::new(name), Handle::NULL);
    let string = wide.string();
    let object = attributes_of(&string, CASE_INSENSITIVE);
    // SAFETY: everything pointed to outlives the call.
    let status = unsafe { syscall::NtOpenSection(to(&mut handle), access, from(&object)) };
    done(status, handle)
}

fn attributes_of(name: &nt::types::UnicodeString, attributes: u32) -> ObjectAttributes {
    ObjectAttributes {
        length: size_of::<ObjectAttributes>() as u32,
        object_name: core::ptr::from_ref(name).expose_provenance() as u64,
        attributes,
        ..ObjectAttributes::default()
    }
}

/// Opens a file.
pub fn open_file(name: &str, access: u32) -> Result<Handle> {
    let (wide, mut handle) = (Wide::new(name), Handle::NULL);
    let (string, mut io) = (wide.string(), IoStatusBlock::default());
    let object = attributes_of(&string, CASE_INSENSITIVE);
    // SAFETY: everything pointed to outlives the call.
    let status = unsafe { syscall::NtOpenFile(to(&mut handle), access, from(&object), to(&mut io), 7, 0x20) };
    done(status, handle)
}

/// A view that is mapped: status, base and size.
pub fn map(section: Handle, at: u64, offset: u64, size: u64, protect: u32) -> Result<(NtStatus, u64, u64)> {
    let (mut base, mut offset, mut size) = (at, offset, size);
    // SAFETY: all places outlive the call.
    let status = unsafe {
        let (base, offset, size) = (to(&mut base), to(&mut offset), to(&mut size));
        syscall::NtMapViewOfSection(section, ME, base, 0, 0, offset, size, 1, 0, protect)
    };
    done(status, (status, base, size))
}

pub fn unmap(address: u64) -> NtStatus {
    // SAFETY: it takes no pointers; the view is the test's.
    unsafe { syscall::NtUnmapViewOfSection(ME, address) }
}

/// Information of a section and how many bytes it was.
pub fn query_section<T: Default>(section: Handle, class: u32) -> Result<(T, u64)> {
    let (mut information, mut len) = (T::default(), 0_u64);
    let size = size_of::<T>() as u64;
    // SAFETY: both places outlive the call.
    let status = unsafe { syscall::NtQuerySection(section, class, to(&mut information), size, to(&mut len)) };
    done(status, (information, len))
}

pub fn extend(section: Handle, size: u64) -> Result<u64> {
    let mut size = size;
    // SAFETY: the size outlives the call.
    let status = unsafe { syscall::NtExtendSection(section, to(&mut size)) };
    done(status, size)
}

/// Counts of the system: free pages first.
pub fn free_pages() -> u32 {
    use nt::sysinfo::{SystemPerformanceInformation, class};
    let mut buffer = [0_u8; size_of::<SystemPerformanceInformation>()];
    let len = buffer.len() as u32;
    // SAFETY: the place outlives the call.
    unsafe { syscall::NtQuerySystemInformation(class::PERFORMANCE, to(&mut buffer), len, UserPtr::new(0)) };
    let at = core::mem::offset_of!(SystemPerformanceInformation, available_pages);
    u32::from_le_bytes([buffer[at], buffer[at + 1], buffer[at + 2], buffer[at + 3]])
}

/// What this process's memory amounts to.
pub fn counters() -> nt::psinfo::VmCounters {
    let mut counters = nt::psinfo::VmCounters::default();
    let size = size_of_val(&counters) as u32;
    let class = nt::psinfo::process_class::VM_COUNTERS;
    // SAFETY: the place outlives the call.
    unsafe { syscall::NtQueryInformationProcess(ME, class, to(&mut counters), size, UserPtr::new(0)) };
    counters
}

/// The limits of this process.
pub fn limits() -> QuotaLimits {
    let mut limits = QuotaLimits::default();
    let size = size_of_val(&limits) as u32;
    // SAFETY: the place outlives the call.
    unsafe {
        syscall::NtQueryInformationProcess(ME, QUOTA_LIMITS, to(&mut limits), size, UserPtr::new(0));
    }
    limits
}

pub fn set_limits(limits: &QuotaLimits) -> NtStatus {
    let size = size_of_val(limits) as u32;
    // SAFETY: the limits outlive the call.
    unsafe { syscall::NtSetInformationProcess(ME, QUOTA_LIMITS, from(limits), size) }
}

/// Enables or disables a privilege of this process.
pub fn set_privilege(number: u32, on: bool) -> NtStatus {
    // TOKEN_ADJUST_PRIVILEGES; TOKEN_PRIVILEGES with one, SE_PRIVILEGE_ENABLED.
    let (mut token, privileges) = (Handle::NULL, [1, number, 0, if on { 2 } else { 0 }]);
    let (none, no_length) = (UserPtr::new(0), UserPtr::new(0));
    // SAFETY: everything pointed to outlives the calls.
    unsafe {
        syscall::NtOpenProcessToken(ME, 0x20, to(&mut token));
        let status =
            syscall::NtAdjustPrivilegesToken(token, Boolean(0), from(&privileges), 16, none, no_length);
        syscall::NtClose(token);
        status
    }
}

/// Reads a byte of what the test has mapped.
pub fn peek(address: u64) -> u8 {
    // SAFETY: the address is mapped readable by the test.
    unsafe { core::ptr::with_exposed_provenance::<u8>(address as usize).read_volatile() }
}

/// Writes a byte of what the test has mapped.
pub fn poke(address: u64, value: u8) {
    // SAFETY: the address is mapped writable by the test, and nothing of the program lies there.
    unsafe { core::ptr::with_exposed_provenance_mut::<u8>(address as usize).write_volatile(value) };
}
