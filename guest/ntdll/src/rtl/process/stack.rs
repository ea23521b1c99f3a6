//! Stacks of new threads: reserved, committed from the top, with a guard page below.
#![expect(unsafe_code, reason = "exports by name; memory of other processes")]

use core::ptr::with_exposed_provenance;

use nt::NtStatus;
use nt::memory::{MEM_COMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_GUARD, PAGE_READWRITE};
use nt::types::{Handle, InitialTeb};

use crate::peb::peb;
use crate::rtl::raw::at;
use crate::stubs::{NtAllocateVirtualMemory, NtFreeVirtualMemory, NtProtectVirtualMemory};

const PAGE: u64 = 0x1000;
/// What addresses are reserved in.
const GRANULARITY: u64 = 0x1_0000;
/// What is reserved for more committed memory than the image says (NT: 1 MiB).
const LARGE: u64 = 0x10_0000;

/// Stack sizes in the headers of the process's own image: reserved and committed.
fn own_sizes() -> (u64, u64) {
    /// `e_lfanew` of IMAGE_DOS_HEADER.
    const NEW_HEADER: usize = 0x3C;
    /// `SizeOfStackReserve` of IMAGE_NT_HEADERS64; `SizeOfStackCommit` follows.
    const STACK_RESERVE: usize = 0x18 + 0x48;
    // SAFETY: the PEB lives as long as the process, and so does its image, whose headers the kernel has checked.
    unsafe {
        let base = with_exposed_provenance::<u8>((*peb()).image_base_address as usize);
        let header = base.add(NEW_HEADER).cast::<u32>().read_unaligned() as usize;
        let sizes = base.add(header + STACK_RESERVE).cast::<[u64; 2]>().read_unaligned();
        (sizes[0], sizes[1])
    }
}

/// Makes a stack in a process. A size of 0 is what the caller's own image says.
///
/// # Errors
/// NO_MEMORY and what the services give.
pub fn create(process: Handle, zero_bits: u64, reserve: u64, commit: u64) -> Result<InitialTeb, NtStatus> {
    let own = if reserve == 0 || commit == 0 { own_sizes() } else { (0, 0) };
    let commit = if commit == 0 { own.1 } else { commit };
    let reserve = if reserve == 0 { own.0 } else { reserve };
    let round = |value: u64, to: u64| value.checked_next_multiple_of(to).ok_or(NtStatus::NO_MEMORY);
    let commit = round(commit.max(1), PAGE)?;
    let reserve = if commit >= reserve { round(commit, LARGE)? } else { reserve };
    let reserve = round(reserve, GRANULARITY)?;

    let (mut base, mut size) = (0_u64, reserve);
    // SAFETY: the numbers live here; the memory is new.
    unsafe {
        NtAllocateVirtualMemory(
            process,
            at(&raw mut base),
            zero_bits,
            at(&raw mut size),
            MEM_RESERVE,
            PAGE_READWRITE,
        )
    }
    .ok()?;
    let stack = InitialTeb {
        stack_base: base + reserve,
        stack_limit: base + reserve - commit,
        allocated_stack_base: base,
        ..InitialTeb::default()
    };
    let committed = commit_top(process, &stack);
    if committed.is_err() {
        free(process, &stack);
    }
    committed.map(|()| stack)
}

fn commit_top(process: Handle, stack: &InitialTeb) -> Result<(), NtStatus> {
    let guarded = stack.stack_limit > stack.allocated_stack_base;
    let guard = if guarded { PAGE } else { 0 };
    let (mut base, mut size) = (stack.stack_limit - guard, stack.stack_base - stack.stack_limit + guard);
    // SAFETY: the numbers live here; the memory is new.
    unsafe {
        NtAllocateVirtualMemory(process, at(&raw mut base), 0, at(&raw mut size), MEM_COMMIT, PAGE_READWRITE)
            .ok()?;
        if guarded {
            let (mut size, mut before) = (PAGE, 0_u32);
            NtProtectVirtualMemory(
                process,
                at(&raw mut base),
                at(&raw mut size),
                PAGE_READWRITE | PAGE_GUARD,
                at(&raw mut before),
            )
            .ok()?;
        }
    }
    Ok(())
}

/// Frees a stack that no thread has got.
pub fn free(process: Handle, stack: &InitialTeb) {
    let (mut base, mut size) = (stack.allocated_stack_base, 0_u64);
    // SAFETY: the numbers live here; nobody uses the memory.
    unsafe { NtFreeVirtualMemory(process, at(&raw mut base), at(&raw mut size), MEM_RELEASE) };
}

/// Makes a stack in the process, for a thread that the caller makes himself. Sizes of 0 are what the image says.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlCreateUserStack(
    committed: u64,
    reserved: u64,
    zero_bits: u64,
    _page_size: u64,
    _alignment: u64,
    stack: *mut InitialTeb,
) -> NtStatus {
    match create(Handle::CURRENT_PROCESS, zero_bits, reserved, committed) {
        Ok(made) => {
            // SAFETY: as the caller says.
            unsafe { stack.write(made) };
            NtStatus::SUCCESS
        }
        Err(status) => status,
    }
}

/// Frees a stack by its lowest address.
#[unsafe(no_mangle)]
extern "win64" fn RtlFreeUserStack(base: u64) {
    free(Handle::CURRENT_PROCESS, &InitialTeb { allocated_stack_base: base, ..InitialTeb::default() });
}
