//! The calls of clients.

use core::sync::atomic::{AtomicU32, Ordering};

use csrlib::api::{ApiRoutine, Caller};
use csrlib::server;
use nt::NtStatus;
use nt::csr::{ApiMessage, Number};

use crate::devices;

/// By number: `nt::csr::base_api`.
pub static APIS: [ApiRoutine; 7] = [
    create_process,
    create_thread,
    get_temp_file,
    exit_process,
    set_shutdown_parameters,
    get_shutdown_parameters,
    define_dos_device,
];

fn status_of(result: Result<(), NtStatus>) -> NtStatus {
    result.err().unwrap_or(NtStatus::SUCCESS)
}

extern "win64" fn create_process(message: &mut ApiMessage, caller: &Caller) -> NtStatus {
    status_of(server::create_process(caller, &message.get()))
}

extern "win64" fn create_thread(message: &mut ApiMessage, caller: &Caller) -> NtStatus {
    status_of(server::create_thread(caller, &message.get()))
}

/// A number from 1 to 0xFFFF that was not given lately.
extern "win64" fn get_temp_file(message: &mut ApiMessage, _: &Caller) -> NtStatus {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    message.set(&Number { value: NEXT.fetch_add(1, Ordering::Relaxed) % 0xFFFF + 1 });
    NtStatus::SUCCESS
}

/// The client says that it is about to end. Its connection says when it has.
extern "win64" fn exit_process(_: &mut ApiMessage, _: &Caller) -> NtStatus {
    NtStatus::SUCCESS
}

extern "win64" fn set_shutdown_parameters(message: &mut ApiMessage, caller: &Caller) -> NtStatus {
    status_of(server::set_shutdown_parameters(caller, &message.get()))
}

extern "win64" fn get_shutdown_parameters(message: &mut ApiMessage, caller: &Caller) -> NtStatus {
    status_of(server::shutdown_parameters(caller).map(|parameters| message.set(&parameters)))
}

extern "win64" fn define_dos_device(message: &mut ApiMessage, _: &Caller) -> NtStatus {
    status_of(devices::define(message))
}
