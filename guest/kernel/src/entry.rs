//! The names by which `hal` calls the kernel: its only unsafe code, and it only names functions.
#![expect(unsafe_code, reason = "`no_mangle` gives hal's declarations their definitions")]

use hal::boot::BootInfo;
use hal::trap::{TrapFrame, UserFrame};

use crate::{init, ke, mm};

#[unsafe(no_mangle)]
fn kernel_main(boot: BootInfo) -> ! {
    init::phase0(&boot)
}

#[unsafe(no_mangle)]
extern "C" fn ki_system_service(frame: UserFrame<'_>) {
    ke::service::dispatch(frame);
}

#[unsafe(no_mangle)]
fn ki_user_trap(frame: UserFrame<'_>) {
    ke::trap::user_trap(frame);
}

#[unsafe(no_mangle)]
fn ki_attend(frame: UserFrame<'_>) {
    ke::attention::attend(frame);
}

#[unsafe(no_mangle)]
fn ki_user_access_fault(address: u64, error: u64) -> u32 {
    mm::fault::resolve(address, error).map_or_else(|failure| failure.status.0, |()| 0)
}

#[unsafe(no_mangle)]
fn ki_session_fault(address: u64) -> bool {
    mm::session_paging::resolve(address)
}

#[unsafe(no_mangle)]
fn ki_fatal_trap(frame: &TrapFrame) -> ! {
    ke::trap::fatal(frame)
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    ke::bugcheck::panicked(info)
}
