//! The entry of the DLL.
#![expect(unsafe_code, reason = "an export by name")]

use csrlib::api::ServerDll;
use csrlib::process;
use nt::NtStatus;
use nt::psinfo::process_class;
use nt::types::Handle;

use crate::{calls, objects, shared};

/// Tells csrsrv the calls, and makes what clients expect to find.
#[unsafe(no_mangle)]
extern "win64" fn ServerDllInitialization(dll: &mut ServerDll) -> NtStatus {
    dll.set_apis(&calls::APIS);
    match begin(dll) {
        Ok(static_data) => {
            dll.static_data = static_data;
            NtStatus::SUCCESS
        }
        Err(status) => status,
    }
}

fn begin(dll: &ServerDll) -> Result<u64, NtStatus> {
    let luid_device_maps: u32 =
        process::query(Handle::CURRENT_PROCESS, process_class::LUID_DEVICE_MAPS_ENABLED)?;
    let directory = objects::create(dll.session, luid_device_maps != 0)?;
    shared::fill(dll.shared_heap, &directory, luid_device_maps)
}
