#![cfg_attr(target_os = "none", no_std, no_main)]
#[cfg(target_os = "none")]
mod k {
    #![expect(unsafe_code, reason = "x")]
    use hal::boot::BootInfo;
    use hal::trap::*;
    #[unsafe(no_mangle)]
    fn kernel_main(boot: BootInfo) -> ! {
        hal::console::write(b"hello from kernel\r\n");
        hal::console::write(boot.command_line.as_bytes());
        hal::platform::power(nt::platform::PowerCommand{action:nt::platform::PowerAction::Off,reason:nt::platform::PowerReason::ShutdownPowerOff});
    }
    #[unsafe(no_mangle)]
    fn ki_user_trap(_: &mut TrapFrame) {}
    #[unsafe(no_mangle)]
    fn ki_user_access_fault(_: u64, _: u64) -> bool { false }
    #[unsafe(no_mangle)]
    fn ki_fatal_trap(_: &TrapFrame) -> ! { loop {} }
    #[unsafe(no_mangle)]
    extern "C" fn ki_system_service(_: &mut SystemCallFrame) {}
    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo) -> ! { hal::console::write(b"panic\r\n"); hal::cpu::halt() }
}
#[cfg(not(target_os = "none"))]
fn main() {}
