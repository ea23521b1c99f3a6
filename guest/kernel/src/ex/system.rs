//! `NtQuerySystemInformation`.

use alloc::string::String;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU32, Ordering};

use hal::{cpu, frames};
use nt::NtStatus;
use nt::sysinfo::{
    PROCESSOR_ARCHITECTURE_AMD64, SystemBasicInformation, SystemHandle, SystemModule,
    SystemPerformanceInformation, SystemProcessorInformation, SystemProcessorPerformanceInformation,
    SystemTimeOfDayInformation, class,
};
use nt::types::UserPtr;
use zerocopy::{FromZeros, IntoBytes};

use super::process_list;
use crate::ke::service::NtResult;
use crate::ke::{clock, sched};
use crate::mm::{self, PAGE, user};
use crate::ps;

/// NtGlobalFlag.
pub static GLOBAL_FLAGS: AtomicU32 = AtomicU32::new(0);
/// Longest clock interval, in 100 ns.
const TIMER_RESOLUTION: u32 = 156_250;
const ALLOCATION_GRANULARITY: u32 = 0x1_0000;
/// MM_LOWEST_USER_ADDRESS and MM_HIGHEST_USER_ADDRESS.
const USER_ADDRESSES: [u64; 2] = [0x1_0000, 0x7FF_FFFE_FFFF];
/// MmSystemRangeStart.
const SYSTEM_RANGE_START: u64 = 0x800_0000_0000;

/// The kernel's path, as NT gives it.
const KERNEL_PATH: &str = r"\SystemRoot\system32\ntoskrnl.exe";

/// Which processor there is, as classes and the registry tell it.
pub fn processor() -> SystemProcessorInformation {
    let identity = cpu::identity();
    SystemProcessorInformation {
        processor_architecture: PROCESSOR_ARCHITECTURE_AMD64,
        processor_level: identity.family as u16,
        processor_revision: (identity.model << 8 | identity.stepping) as u16,
        reserved: 0,
        processor_feature_bits: identity.features,
    }
}

/// `NtQuerySystemInformation`. What is of a fixed length must be asked for with that length; lists tell the
/// length they need with INFO_LENGTH_MISMATCH.
pub fn query(class: u32, information: UserPtr<u8>, length: u32, returned: UserPtr<u32>) -> NtResult {
    let bytes = match class {
        class::BASIC => basic().as_bytes().to_vec(),
        class::PROCESSOR => processor().as_bytes().to_vec(),
        class::PERFORMANCE => performance().as_bytes().to_vec(),
        class::TIME_OF_DAY => time_of_day().as_bytes().to_vec(),
        class::PROCESSOR_PERFORMANCE => processor_performance().as_bytes().to_vec(),
        class::FLAGS => GLOBAL_FLAGS.load(Ordering::Relaxed).to_le_bytes().to_vec(),
        // There is no kernel debugger, and it cannot be enabled.
        class::KERNEL_DEBUGGER => [0, 1].to_vec(),
        class::RANGE_START => SYSTEM_RANGE_START.to_le_bytes().to_vec(),
        class::PROCESS => {
            return give_list(&process_list::build(information.address), information, length, returned);
        }
        class::MODULE => return give_list(&modules(), information, length, returned),
        class::HANDLE => return give_list(&handles(), information, length, returned),
        _ => return Err(NtStatus::INVALID_INFO_CLASS),
    };
    user::write_optional(returned, &(bytes.len() as u32).to_le_bytes())?;
    if bytes.len() != length as usize {
        return Err(NtStatus::INFO_LENGTH_MISMATCH);
    }
    user::write(information.address, &bytes)?;
    Ok(NtStatus::SUCCESS)
}

fn give_list(bytes: &[u8], information: UserPtr<u8>, length: u32, returned: UserPtr<u32>) -> NtResult {
    user::write_optional(returned, &(bytes.len() as u32).to_le_bytes())?;
    if bytes.len() > length as usize {
        return Err(NtStatus::INFO_LENGTH_MISMATCH);
    }
    user::write(information.address, bytes)?;
    Ok(NtStatus::SUCCESS)
}

fn basic() -> SystemBasicInformation {
    SystemBasicInformation {
        timer_resolution: TIMER_RESOLUTION,
        page_size: PAGE as u32,
        number_of_physical_pages: mm::physical_pages(),
        lowest_physical_page_number: 1,
        highest_physical_page_number: frames::highest(),
        allocation_granularity: ALLOCATION_GRANULARITY,
        minimum_user_mode_address: USER_ADDRESSES[0],
        maximum_user_mode_address: USER_ADDRESSES[1],
        active_processors_affinity_mask: 1,
        number_of_processors: 1,
        ..SystemBasicInformation::default()
    }
}

fn performance() -> SystemPerformanceInformation {
    let (available, _) = frames::counts();
    let ledger = mm::charge::ledger();
    let mut information = SystemPerformanceInformation::new_zeroed();
    information.idle_process_time = clock::duration(sched::idle_cycles());
    information.available_pages = available;
    information.committed_pages = ledger.committed() as u32;
    information.commit_limit = ledger.limit() as u32;
    information.peak_commitment = ledger.peak() as u32;
    information
}

fn time_of_day() -> SystemTimeOfDayInformation {
    SystemTimeOfDayInformation {
        boot_time: clock::system_time_at(0),
        current_time: clock::system_time_at(cpu::tsc()),
        ..SystemTimeOfDayInformation::default()
    }
}

fn processor_performance() -> SystemProcessorPerformanceInformation {
    let idle = clock::duration(sched::idle_cycles());
    let busy = ps::cid::processes().iter().fold(0, |sum, process| sum + clock::duration(process.cycles()));
    SystemProcessorPerformanceInformation {
        idle_time: idle,
        kernel_time: idle,
        user_time: busy,
        ..SystemProcessorPerformanceInformation::default()
    }
}

/// Every handle of every process.
fn handles() -> Vec<u8> {
    let mut bytes = alloc::vec![0; 8];
    let mut count: u32 = 0;
    for process in ps::cid::processes() {
        for (handle, entry) in process.handles().lock().iter() {
            let information = SystemHandle {
                unique_process_id: process.id() as u16,
                object_type_index: entry.object.kind() as u8,
                handle_attributes: entry.attributes.0 as u8,
                handle_value: handle as u16,
                object: entry.object.address(),
                granted_access: entry.access,
                ..SystemHandle::default()
            };
            bytes.extend_from_slice(information.as_bytes());
            count += 1;
        }
    }
    bytes[..4].copy_from_slice(&count.to_le_bytes());
    bytes
}

/// The kernel and what was loaded into it in the caller's session.
fn modules() -> Vec<u8> {
    let kernel = (String::from(KERNEL_PATH), hal::boot::KERNEL_BASE, hal::boot::image_size());
    let mut bytes = alloc::vec![0; 8];
    let mut count: u16 = 0;
    let loaded = sched::current().process().session().map(|session| session.modules()).unwrap_or_default();
    for (path, base, size) in core::iter::once(kernel).chain(loaded) {
        let mut module = SystemModule::new_zeroed();
        let len = path.len().min(module.full_path_name.len() - 1);
        module.full_path_name[..len].copy_from_slice(&path.as_bytes()[..len]);
        module.offset_to_file_name = path.rfind('\\').map_or(0, |at| at + 1).min(len) as u16;
        module.image_base = base;
        module.image_size = size as u32;
        module.load_order_index = count;
        module.init_order_index = count;
        module.load_count = 1;
        bytes.extend_from_slice(module.as_bytes());
        count += 1;
    }
    bytes[..2].copy_from_slice(&count.to_le_bytes());
    bytes
}
