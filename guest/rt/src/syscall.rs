//! The system services, as every program gets them: imported from ntdll.dll by name. What is called is imported, and no more.
#![expect(unsafe_code, reason = "a system call can do anything to the caller's memory")]

use nt::service::args::*;

#[cfg(target_os = "windows")]
macro_rules! imports {
    ($($number:literal $name:ident($($arg:ident: $type:ty),*) $summary:literal;)*) => {
        #[link(name = "ntdll", kind = "raw-dylib")]
        unsafe extern "system" {
            $(
                #[doc = $summary]
                ///
                /// # Safety
                /// Pointers must be what the service expects of them.
                pub fn $name($($arg: $type),*) -> NtStatus;
            )*
        }
    };
}

/// There is no system to call on the host.
#[cfg(not(target_os = "windows"))]
macro_rules! imports {
    ($($number:literal $name:ident($($arg:ident: $type:ty),*) $summary:literal;)*) => {
        $(
            #[doc = $summary]
            ///
            /// # Safety
            /// It does nothing.
            #[allow(non_snake_case, clippy::too_many_arguments, clippy::allow_attributes, reason = "NT's names and arguments")]
            pub unsafe fn $name($($arg: $type),*) -> NtStatus {
                $(let _ = $arg;)*
                NtStatus::NOT_IMPLEMENTED
            }
        )*
    };
}
nt::for_each_service!(imports);
