//! The C memory functions that compiled code calls. In assembly, because a compiler may turn a loop
//! that copies into a call to the function that the loop is in.
//!
//! User mode runs at native speed on every host, where string instructions copy whole cache lines.
#![expect(unsafe_code, reason = "functions of the C library, by their contract on raw pointers")]

use core::arch::naked_asm;

/// Copies `len` bytes; returns `to`.
///
/// # Safety
/// Both ranges are valid for their access, and do not overlap.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "win64" fn memcpy(to: *mut u8, from: *const u8, len: usize) -> *mut u8 {
    naked_asm!(
        "mov rax, rcx",
        "mov r10, rdi",
        "mov r11, rsi",
        "mov rdi, rcx",
        "mov rsi, rdx",
        "mov rcx, r8",
        "rep movsb",
        "mov rdi, r10",
        "mov rsi, r11",
        "ret",
    )
}

/// Copies `len` bytes between ranges that may overlap; returns `to`.
///
/// # Safety
/// Both ranges are valid for their access.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "win64" fn memmove(to: *mut u8, from: *const u8, len: usize) -> *mut u8 {
    naked_asm!(
        // Forwards, unless `to` lies in the bytes that are yet to be read.
        "mov rax, rcx",
        "sub rax, rdx",
        "cmp rax, r8",
        "jae {memcpy}",
        "mov rax, rcx",
        "mov r10, rdi",
        "mov r11, rsi",
        "lea rdi, [rcx + r8 - 1]",
        "lea rsi, [rdx + r8 - 1]",
        "mov rcx, r8",
        "std",
        "rep movsb",
        "cld",
        "mov rdi, r10",
        "mov rsi, r11",
        "ret",
        memcpy = sym memcpy,
    )
}

/// Fills `len` bytes with the low byte of `value`; returns `to`.
///
/// # Safety
/// The range is valid for writing.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "win64" fn memset(to: *mut u8, value: i32, len: usize) -> *mut u8 {
    naked_asm!(
        "mov r10, rdi",
        "mov r11, rcx",
        "mov rdi, rcx",
        "mov eax, edx",
        "mov rcx, r8",
        "rep stosb",
        "mov rdi, r10",
        "mov rax, r11",
        "ret",
    )
}

/// Compares `len` bytes as unsigned numbers: negative, zero or positive as `a` is less than, equal
/// to or greater than `b`.
///
/// # Safety
/// Both ranges are valid for reading.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "win64" fn memcmp(a: *const u8, b: *const u8, len: usize) -> i32 {
    naked_asm!(
        "xor eax, eax",
        "xor r9d, r9d",
        "2:",
        "cmp r9, r8",
        "jae 3f",
        "movzx eax, byte ptr [rcx + r9]",
        "movzx r10d, byte ptr [rdx + r9]",
        "inc r9",
        "sub eax, r10d",
        "je 2b",
        "3:",
        "ret",
    )
}

/// The number of bytes before the first NUL.
///
/// # Safety
/// The bytes up to and with the NUL are valid for reading.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "win64" fn strlen(text: *const u8) -> usize {
    naked_asm!(
        "mov rax, rcx",
        "2:",
        "cmp byte ptr [rax], 0",
        "je 3f",
        "inc rax",
        "jmp 2b",
        "3:",
        "sub rax, rcx",
        "ret",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Different bytes, none of them zero.
    fn bytes() -> [u8; 64] {
        core::array::from_fn(|index| index as u8 + 1)
    }

    #[test]
    fn copies_whatever_the_overlap() {
        for len in 0..=24 {
            for (to, from) in (0..40).flat_map(|to| (0..40).map(move |from| (to, from))) {
                let (mut moved, mut expected) = (bytes(), bytes());
                expected.copy_within(from..from + len, to);
                let start = moved.as_mut_ptr();
                // SAFETY: both ranges lie in the array.
                let end = unsafe { memmove(start.add(to), start.add(from), len) };
                assert_eq!((moved, end), (expected, start.wrapping_add(to)));

                let (source, mut copied) = (bytes(), [0; 64]);
                // SAFETY: both ranges lie in their arrays.
                unsafe { memcpy(copied.as_mut_ptr().add(to), source.as_ptr().add(from), len) };
                assert_eq!(copied[to..to + len], source[from..from + len]);
                assert!(copied[..to].iter().chain(&copied[to + len..]).all(|&byte| byte == 0));
            }
        }
    }

    #[test]
    fn fills_what_it_was_told_and_no_more() {
        for len in 0..=32 {
            let mut filled = bytes();
            let start = filled.as_mut_ptr();
            // SAFETY: the range lies in the array.
            let end = unsafe { memset(start.add(7), 0x1FF, len) };
            assert_eq!(end, start.wrapping_add(7));
            assert!(filled[7..7 + len].iter().all(|&byte| byte == 0xFF));
            assert_eq!((filled[..7].to_vec(), filled[7 + len]), (bytes()[..7].to_vec(), 8 + len as u8));
        }
    }

    #[test]
    fn compares_as_unsigned_and_stops_at_the_length() {
        // SAFETY: the slices are equally long.
        let compare = |a: &[u8], b: &[u8]| unsafe { memcmp(a.as_ptr(), b.as_ptr(), a.len()) };
        assert_eq!(compare(b"", b""), 0);
        assert_eq!(compare(b"abc", b"abc"), 0);
        assert!(compare(b"abc", b"abd") < 0);
        assert!(compare(b"\xFFa", b"\x01b") > 0);
        // SAFETY: one byte of each is read.
        assert_eq!(unsafe { memcmp(b"ab".as_ptr(), b"ac".as_ptr(), 1) }, 0);
    }

    #[test]
    fn length_ends_at_the_nul() {
        for text in [c"", c"smss"] {
            // SAFETY: it ends with a NUL.
            assert_eq!(unsafe { strlen(text.as_ptr().cast()) }, text.count_bytes());
        }
    }
}
