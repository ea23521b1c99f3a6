//! Making, normalising and freeing process parameters.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use core::ptr::null_mut;

use nt::NtStatus;
use nt::layout::parameters::FLAG_NORMALISED;
use nt::process::ProcessParameters;
use nt::types::UnicodeString;
use rtlcore::parameters::{self, Piece, Plan};

use super::{PebLock, parameters as own_parameters};
use crate::rtl::environment::{block, current as current_environment};
use crate::rtl::raw::{allocate, free, slice, slice_mut, wide};

/// RTL_USER_PROC_PARAMS_NORMALIZED, for RtlCreateProcessParametersEx.
const NORMALISED: u32 = 1;
/// Bytes that a current directory has at least: MAX_PATH units.
const DIRECTORY_ROOM: u16 = 260 * 2;

/// Makes parameters on the heap, with offsets for strings and a copy of the environment. What is NULL is the
/// process's own (DLL path, current directory, environment), the image's name (command line) or empty.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlCreateProcessParameters(
    made: *mut *mut ProcessParameters,
    image: *const UnicodeString,
    dll_path: *const UnicodeString,
    directory: *const UnicodeString,
    command_line: *const UnicodeString,
    environment: *const u16,
    title: *const UnicodeString,
    desktop: *const UnicodeString,
    shell: *const UnicodeString,
    runtime: *const UnicodeString,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        RtlCreateProcessParametersEx(
            made,
            image,
            dll_path,
            directory,
            command_line,
            environment,
            title,
            desktop,
            shell,
            runtime,
            0,
        )
    }
}

/// The same, with addresses for strings if the flags say so.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlCreateProcessParametersEx(
    made: *mut *mut ProcessParameters,
    image: *const UnicodeString,
    dll_path: *const UnicodeString,
    directory: *const UnicodeString,
    command_line: *const UnicodeString,
    environment: *const u16,
    title: *const UnicodeString,
    desktop: *const UnicodeString,
    shell: *const UnicodeString,
    runtime: *const UnicodeString,
    flags: u32,
) -> NtStatus {
    let strings = [directory, dll_path, image, command_line, title, desktop, shell, runtime];
    // SAFETY: as the caller says.
    match unsafe { create(strings, environment) } {
        Ok(block) => {
            // SAFETY: as the caller says.
            unsafe {
                if flags & NORMALISED != 0 {
                    RtlNormalizeProcessParams(block);
                }
                made.write(block);
            }
            NtStatus::SUCCESS
        }
        Err(status) => status,
    }
}

/// # Safety
/// As [`RtlCreateProcessParameters`].
unsafe fn create(
    given: [*const UnicodeString; parameters::STRINGS],
    environment: *const u16,
) -> Result<*mut ProcessParameters, NtStatus> {
    let _lock = PebLock::take();
    let own = own_parameters();
    // SAFETY: the process's parameters live as long as it, and the lock keeps them as they are.
    let (own_directory, own_path) =
        unsafe { (&raw const (*own).current_directory, &raw const (*own).dll_path) };
    let [directory, dll_path, image, command_line, title, desktop, shell, runtime] = given;
    // SAFETY: as the caller says.
    let piece = |string: *const UnicodeString, default: *const UnicodeString| unsafe {
        Piece::new(wide(if string.is_null() { default } else { string }))
    };
    // SAFETY: as the caller says; the lock keeps the process's own environment as it is.
    let (runtime, environment) = unsafe {
        let runtime = match runtime.as_ref() {
            // Its text is for programs: as much room as there was, and no NUL.
            Some(string) => Piece { text: wide(string), room: string.maximum_length.max(string.length) },
            None => Piece::default(),
        };
        (runtime, block(if environment.is_null() { current_environment() } else { environment }))
    };
    let empty = UnicodeString::default();
    let plan = Plan {
        strings: [
            piece(directory, own_directory)?.with_room(DIRECTORY_ROOM),
            piece(dll_path, own_path)?,
            piece(image, &empty)?,
            piece(command_line, image)?,
            piece(title, &empty)?,
            piece(desktop, &empty)?,
            piece(shell, &empty)?,
            runtime,
        ],
        environment,
    };
    let block = allocate::<u64>(plan.size().div_ceil(8)).ok_or(NtStatus::NO_MEMORY)?.cast::<u8>();
    // SAFETY: it has that size.
    plan.fill(unsafe { slice_mut(block, plan.size()) }, block.expose_provenance() as u64);
    Ok(block.cast())
}

/// Frees parameters.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlDestroyProcessParameters(parameters: *mut ProcessParameters) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { free(parameters) };
    NtStatus::SUCCESS
}

/// Makes the offsets of parameters addresses; gives the parameters.
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlNormalizeProcessParams(
    block: *mut ProcessParameters,
) -> *mut ProcessParameters {
    // SAFETY: as the caller says.
    unsafe { each(block, false, parameters::normalise) }
}

/// Makes the addresses of parameters offsets; gives the parameters.
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlDeNormalizeProcessParams(
    block: *mut ProcessParameters,
) -> *mut ProcessParameters {
    // SAFETY: as the caller says.
    unsafe { each(block, true, parameters::denormalise) }
}

/// Changes the strings of parameters, which may be shorter than the structure as this library makes it.
///
/// # Safety
/// The block is NULL or has parameters.
unsafe fn each(
    block: *mut ProcessParameters,
    from_normalised: bool,
    change: fn(&mut ProcessParameters, u64),
) -> *mut ProcessParameters {
    const WHOLE: usize = size_of::<ProcessParameters>();
    const LEAST: usize = nt::layout::parameters::SIZE;
    if block.is_null() {
        return null_mut();
    }
    // SAFETY: as the caller says: so much of it is always there.
    unsafe {
        if ((*block).flags & FLAG_NORMALISED != 0) != from_normalised {
            return block;
        }
        let mut copy = [0_u64; WHOLE / 8];
        let bytes = slice_mut(copy.as_mut_ptr().cast::<u8>(), WHOLE);
        let (head, _) = bytes.split_at_mut(LEAST);
        head.copy_from_slice(slice(block.cast::<u8>(), LEAST));
        let parameters = &mut *copy.as_mut_ptr().cast::<ProcessParameters>();
        change(parameters, block.expose_provenance() as u64);
        crate::rtl::raw::copy(block.cast::<u8>(), copy.as_ptr().cast(), LEAST);
    }
    block
}
