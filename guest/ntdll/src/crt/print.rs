//! `printf` to buffers. The functions with `...` put their register arguments beside the ones on the stack, where the
//! caller has left room for them, and go on as the functions that take a `va_list`, which is a pointer to them.
#![expect(unsafe_code, reason = "functions of the C library, by their contract on raw pointers")]

use core::ptr::{null_mut, with_exposed_provenance};

use rtlcore::{Cut, Unit, printf};

use crate::rtl::raw::{slice_mut, terminated};

/// A `va_list`: 8 bytes for each argument.
#[derive(Clone, Copy)]
pub struct Arguments(*const u64);

impl Arguments {
    /// The arguments from an address on.
    ///
    /// # Safety
    /// They are what the format that they are used with says, and what they point to can be read.
    pub unsafe fn new(arguments: *const u64) -> Self {
        Self(arguments)
    }
}

impl printf::Arguments for Arguments {
    fn next(&mut self) -> u64 {
        // SAFETY: as the maker of this value said.
        let argument = unsafe { self.0.read() };
        self.0 = self.0.wrapping_add(1);
        argument
    }

    fn byte(&self, address: u64) -> u8 {
        // SAFETY: as the maker of this value said.
        unsafe { with_exposed_provenance::<u8>(address as usize).read() }
    }

    fn unit(&self, address: u64) -> u16 {
        // SAFETY: as the maker of this value said.
        unsafe { with_exposed_provenance::<u16>(address as usize).read_unaligned() }
    }

    fn pointer(&self, address: u64) -> u64 {
        // SAFETY: as the maker of this value said.
        unsafe { with_exposed_provenance::<u64>(address as usize).read_unaligned() }
    }
}

/// Formats to a buffer of `size` units. How many units there are, without a NUL, whether or not they fitted; what
/// did not was cut.
///
/// # Safety
/// The format ends with a NUL, the arguments are what it says, and the buffer is NULL or has that size.
pub unsafe fn format<U: Unit>(buffer: *mut U, size: usize, format: *const U, arguments: *const u64) -> usize {
    // SAFETY: as the caller says.
    let (buffer, format, mut arguments) =
        unsafe { (slice_mut(buffer, size), terminated(format), Arguments::new(arguments)) };
    let mut out = Cut::new(buffer);
    printf::format(format, &mut arguments, &mut |unit| out.push(unit));
    out.len()
}

/// Formats to a buffer of unknown size, with a NUL.
///
/// # Safety
/// As [`format`], and everything fits.
unsafe fn unbounded<U: Unit>(buffer: *mut U, text: *const U, arguments: *const u64) -> i32 {
    // SAFETY: as the caller says.
    unsafe {
        let mut arguments = Arguments::new(arguments);
        let mut len = 0;
        printf::format(terminated(text), &mut arguments, &mut |unit| {
            buffer.add(len).write(unit);
            len += 1;
        });
        buffer.add(len).write(U::from(0));
        len as i32
    }
}

/// Formats to a buffer of `size` units; a NUL only if there is room for it. -1 if something was cut.
///
/// # Safety
/// As [`format`].
unsafe fn sized<U: Unit>(buffer: *mut U, size: usize, text: *const U, arguments: *const u64) -> i32 {
    // SAFETY: as the caller says.
    unsafe {
        let len = format(buffer, size, text, arguments);
        if len < size && !buffer.is_null() {
            buffer.add(len).write(U::from(0));
        }
        // Without a buffer it is counted.
        if len <= size || buffer.is_null() { len as i32 } else { -1 }
    }
}

/// Formats bytes.
#[unsafe(no_mangle)]
unsafe extern "win64" fn vsprintf(buffer: *mut u8, format: *const u8, arguments: *const u64) -> i32 {
    // SAFETY: as C requires of the caller.
    unsafe { unbounded(buffer, format, arguments) }
}

/// Formats wide characters.
#[unsafe(no_mangle)]
unsafe extern "win64" fn _vswprintf(buffer: *mut u16, format: *const u16, arguments: *const u64) -> i32 {
    // SAFETY: as C requires of the caller.
    unsafe { unbounded(buffer, format, arguments) }
}

/// Formats at most `size` bytes.
#[unsafe(no_mangle)]
unsafe extern "win64" fn _vsnprintf(
    buffer: *mut u8,
    size: usize,
    format: *const u8,
    arguments: *const u64,
) -> i32 {
    // SAFETY: as C requires of the caller.
    unsafe { sized(buffer, size, format, arguments) }
}

/// Formats at most `size` wide characters.
#[unsafe(no_mangle)]
unsafe extern "win64" fn _vsnwprintf(
    buffer: *mut u16,
    size: usize,
    format: *const u16,
    arguments: *const u64,
) -> i32 {
    // SAFETY: as C requires of the caller.
    unsafe { sized(buffer, size, format, arguments) }
}

/// How many bytes a format gives.
#[unsafe(no_mangle)]
unsafe extern "win64" fn _vscprintf(format: *const u8, arguments: *const u64) -> i32 {
    // SAFETY: as C requires of the caller.
    unsafe { sized(null_mut(), 0, format, arguments) }
}

/// How many wide characters a format gives.
#[unsafe(no_mangle)]
unsafe extern "win64" fn _vscwprintf(format: *const u16, arguments: *const u64) -> i32 {
    // SAFETY: as C requires of the caller.
    unsafe { sized(null_mut(), 0, format, arguments) }
}

/// Makes a function with `...` out of one with a `va_list`: which one, which register the list goes to (or the stack, as
/// fifth argument), and where the first of its arguments is above the return address.
macro_rules! variadic {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $type:ty),*) => $target:path, $list:tt, $first:literal;)*) => {
        $(
            $(#[$doc])*
            #[unsafe(naked)]
            #[unsafe(no_mangle)]
            pub unsafe extern "win64" fn $name($($arg: $type),*) -> i32 {
                core::arch::naked_asm!(
                    concat!(".seh_proc ", stringify!($name)),
                    "mov [rsp + 0x08], rcx",
                    "mov [rsp + 0x10], rdx",
                    "mov [rsp + 0x18], r8",
                    "mov [rsp + 0x20], r9",
                    "sub rsp, 0x38",
                    ".seh_stackalloc 0x38",
                    ".seh_endprologue",
                    $crate::crt::print::variadic_list!($list, $first),
                    "call {target}",
                    "add rsp, 0x38",
                    "ret",
                    ".seh_endproc",
                    target = sym $target,
                )
            }
        )*
    };
}

/// Where the list of a [`variadic`] function is handed over.
macro_rules! variadic_list {
    ("stack", $first:literal) => {
        concat!("lea rax, [rsp + 0x38 + ", $first, "]\nmov [rsp + 0x20], rax")
    };
    ($register:literal, $first:literal) => {
        concat!("lea ", $register, ", [rsp + 0x38 + ", $first, "]")
    };
}
pub(crate) use variadic;
pub(crate) use variadic_list;

variadic! {
    /// Formats bytes.
    sprintf(buffer: *mut u8, format: *const u8) => vsprintf, "r8", "0x18";
    /// Formats wide characters.
    swprintf(buffer: *mut u16, format: *const u16) => _vswprintf, "r8", "0x18";
    /// Formats wide characters.
    _swprintf(buffer: *mut u16, format: *const u16) => _vswprintf, "r8", "0x18";
    /// Formats at most `size` bytes.
    _snprintf(buffer: *mut u8, size: usize, format: *const u8) => _vsnprintf, "r9", "0x20";
    /// Formats at most `size` wide characters.
    _snwprintf(buffer: *mut u16, size: usize, format: *const u16) => _vsnwprintf, "r9", "0x20";
}
