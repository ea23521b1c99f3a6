//! `NtQueryInformationProcess` and `NtQueryInformationThread`.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::psinfo::{
    DeviceMapInformation, KernelUserTimes, ProcessBasicInformation, ProcessPriorityClass,
    ThreadBasicInformation, VM_COUNTERS_SIZE, process_class, thread_class,
};
use nt::types::{ClientId, Handle, UserPtr};
use zerocopy::IntoBytes;

use super::{Process, Thread};
use crate::ke::clock;
use crate::ke::service::NtResult;
use crate::mm::{self, user};
use crate::ob;

/// PROCESS_QUERY_INFORMATION.
const PROCESS_QUERY: u32 = 0x400;
/// THREAD_QUERY_INFORMATION.
const THREAD_QUERY: u32 = 0x40;
/// There is one processor.
const AFFINITY: u64 = 1;
/// DRIVE_UNKNOWN, DRIVE_FIXED.
const DRIVE_NONE: u8 = 1;
const DRIVE_FIXED: u8 = 3;

/// `NtQueryInformationProcess`.
pub fn query_process(
    process: Handle,
    class: u32,
    information: UserPtr<u8>,
    length: u32,
    returned: UserPtr<u32>,
) -> NtResult {
    let process = ob::handle::process(process, PROCESS_QUERY)?;
    let attributes = process.attributes().lock().clone();
    let number = |value: u32| value.to_le_bytes().to_vec();
    let bytes = match class {
        process_class::BASIC => ProcessBasicInformation {
            exit_status: process.exit_status().0,
            peb_base_address: process.peb(),
            affinity_mask: AFFINITY,
            base_priority: attributes.base_priority as i32,
            unique_process_id: process.id().into(),
            inherited_from_unique_process_id: attributes.parent.into(),
            ..ProcessBasicInformation::default()
        }
        .as_bytes()
        .to_vec(),
        process_class::QUOTA_LIMITS => mm::limits(&process)?.as_bytes().to_vec(),
        process_class::VM_COUNTERS => {
            let mut bytes = mm::counters(&process).as_bytes().to_vec();
            // Without the last field, as it was before there was one.
            if length as usize == VM_COUNTERS_SIZE {
                bytes.truncate(VM_COUNTERS_SIZE);
            }
            bytes
        }
        process_class::TIMES => process_times(&process).as_bytes().to_vec(),
        process_class::DEBUG_PORT | process_class::WOW64 => 0_u64.to_le_bytes().to_vec(),
        process_class::DEFAULT_HARD_ERROR_MODE => number(attributes.hard_error_mode),
        process_class::PRIORITY_CLASS => {
            ProcessPriorityClass { foreground: 0, priority_class: attributes.priority_class }
                .as_bytes()
                .to_vec()
        }
        process_class::HANDLE_COUNT => number(process.handles().lock().len() as u32),
        process_class::DEVICE_MAP => device_map().as_bytes().to_vec(),
        process_class::SESSION => number(attributes.session),
        // All logon sessions have the global DOS devices.
        process_class::LUID_DEVICE_MAPS_ENABLED => number(0),
        process_class::BREAK_ON_TERMINATION => number(attributes.break_on_termination.into()),
        process_class::IMAGE_FILE_NAME => {
            return image_file_name(&attributes.image_path, information, length, returned);
        }
        _ => return Err(NtStatus::INVALID_INFO_CLASS),
    };
    give(&bytes, information, length, returned)
}

/// Information of a fixed length goes to the caller.
fn give(bytes: &[u8], information: UserPtr<u8>, length: u32, returned: UserPtr<u32>) -> NtResult {
    if bytes.len() != length as usize {
        return Err(NtStatus::INFO_LENGTH_MISMATCH);
    }
    user::write(information.address, bytes)?;
    user::write_optional(returned, &length.to_le_bytes())?;
    Ok(NtStatus::SUCCESS)
}

fn process_times(process: &Process) -> KernelUserTimes {
    let (create, exit) = {
        let attributes = process.attributes().lock();
        (attributes.create_tsc, attributes.exit_tsc)
    };
    times(create, exit, process.cycles())
}

fn thread_times(thread: &Thread) -> KernelUserTimes {
    let (create, exit) = {
        let attributes = thread.attributes().lock();
        (attributes.create_tsc, attributes.exit_tsc)
    };
    times(create, exit, thread.cycles())
}

/// The drive letters there are.
fn device_map() -> DeviceMapInformation {
    let drive_map = ob::namespace::names().drives(None);
    let mut drive_type = [DRIVE_NONE; 32];
    for (letter, kind) in drive_type.iter_mut().enumerate() {
        if drive_map & 1 << letter != 0 {
            *kind = DRIVE_FIXED;
        }
    }
    DeviceMapInformation { drive_map, drive_type }
}

/// A UNICODE_STRING and, behind it, the path.
fn image_file_name(path: &str, information: UserPtr<u8>, length: u32, returned: UserPtr<u32>) -> NtResult {
    let text: Vec<u16> = path.encode_utf16().collect();
    let bytes = ob::string_behind(information.address, 16, &text);
    user::write_optional(returned, &(bytes.len() as u32).to_le_bytes())?;
    if bytes.len() > length as usize {
        return Err(NtStatus::INFO_LENGTH_MISMATCH);
    }
    user::write(information.address, &bytes)?;
    Ok(NtStatus::SUCCESS)
}

/// `NtQueryInformationThread`.
pub fn query_thread(
    thread: Handle,
    class: u32,
    information: UserPtr<u8>,
    length: u32,
    returned: UserPtr<u32>,
) -> NtResult {
    let thread = ob::handle::thread(thread, THREAD_QUERY)?;
    let number = |value: u32| value.to_le_bytes().to_vec();
    let bytes = match class {
        thread_class::BASIC => ThreadBasicInformation {
            exit_status: thread.exit_status().0,
            teb_base_address: thread.task().teb(),
            client_id: ClientId { process: thread.process().id().into(), thread: thread.id().into() },
            affinity_mask: AFFINITY,
            priority: thread.priority() as i32,
            base_priority: thread.base_priority() as i32,
            ..ThreadBasicInformation::default()
        }
        .as_bytes()
        .to_vec(),
        thread_class::TIMES => thread_times(&thread).as_bytes().to_vec(),
        thread_class::WIN32_START_ADDRESS => thread.attributes().lock().start_address.to_le_bytes().to_vec(),
        thread_class::AM_I_LAST_THREAD => number((thread.process().thread_count() == 1).into()),
        thread_class::BREAK_ON_TERMINATION => number(thread.attributes().lock().break_on_termination.into()),
        thread_class::IS_TERMINATED => number((thread.exit_status() != NtStatus::PENDING).into()),
        _ => return Err(NtStatus::INVALID_INFO_CLASS),
    };
    give(&bytes, information, length, returned)
}

/// Times of a thread or process from its time stamps. Nobody samples in which mode it ran: it is all user time.
fn times(create: u64, exit: u64, cycles: u64) -> KernelUserTimes {
    KernelUserTimes {
        create_time: clock::system_time_at(create),
        exit_time: if exit == 0 { 0 } else { clock::system_time_at(exit) },
        kernel_time: 0,
        user_time: clock::duration(cycles),
    }
}
