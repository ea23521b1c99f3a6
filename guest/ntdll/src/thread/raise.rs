//! Raising exceptions.
#![expect(unsafe_code, reason = "ends the process")]

use nt::NtStatus;
use nt::types::Handle;

use crate::stubs::NtTerminateProcess;

/// Raises an exception that cannot be continued.
pub fn raise_status(status: NtStatus) -> ! {
    loop {
        // SAFETY: it takes no pointers.
        unsafe { NtTerminateProcess(Handle::CURRENT_PROCESS, status) };
    }
}
