//! The stubs of the system services, exported under their own names and under `Zw…`.
//! Convention (spec/smss.md 7.6): number in EAX, first argument in R10, then RDX, R8, R9 and the
//! stack above the home space; `syscall`; result in RAX.
#![expect(unsafe_code, reason = "exports by name, and system calls")]

use nt::service::args::*;

macro_rules! stubs {
    ($($number:literal $name:ident($($arg:ident: $type:ty),*) $summary:literal;)*) => {
        $(
            #[doc = $summary]
            ///
            /// # Safety
            /// Pointers must be what the service expects of them.
            #[unsafe(naked)]
            #[unsafe(no_mangle)]
            pub unsafe extern "win64" fn $name($($arg: $type),*) -> NtStatus {
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
nt::for_each_service!(stubs);
