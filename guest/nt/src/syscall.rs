//! Stubs for system calls that are imported from no DLL. The kernel's own services are: `rt::syscall`.
//! Convention (spec/smss.md 7.6): number in EAX, first argument in R10, then RDX, R8, R9 and the
//! stack above the home space; `syscall`; result in RAX.
#![expect(unsafe_code, reason = "a system call can do anything to the caller's memory")]
#![expect(non_snake_case, reason = "NT's names")]

/// Stubs of win32k's services, from the table in [`crate::win32k`]. What they return is in the service's own
/// description: a handle, a BOOL or an NTSTATUS.
pub mod win32k {
    use crate::service::args::*;

    macro_rules! stubs {
        ($($number:literal $name:ident($($arg:ident: $type:ty),*) $summary:literal;)*) => {
            $(
                #[doc = $summary]
                ///
                /// # Safety
                /// Pointers must be what the service expects of them.
                #[unsafe(naked)]
                pub unsafe extern "win64" fn $name($($arg: $type),*) -> u64 {
                    core::arch::naked_asm!(
                        "mov r10, rcx",
                        "mov eax, {number}",
                        "syscall",
                        "ret",
                        number = const $number,
                    );
                }
            )*
        };
    }
    crate::for_each_win32k_service!(stubs);
}
