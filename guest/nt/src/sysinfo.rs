//! The system as `NtQuerySystemInformation` and `NtSetSystemInformation` see it: classes and structures,
//! x64. Source: phnt's `ntexapi.h`; spec/smss.md 6.1.

use core::mem::offset_of;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::psinfo::IoCounters;
use crate::types::{ClientId, UnicodeString};

/// SYSTEM_INFORMATION_CLASS.
pub mod class {
    /// [`super::SystemBasicInformation`].
    pub const BASIC: u32 = 0;
    /// [`super::SystemProcessorInformation`].
    pub const PROCESSOR: u32 = 1;
    /// [`super::SystemPerformanceInformation`].
    pub const PERFORMANCE: u32 = 2;
    /// [`super::SystemTimeOfDayInformation`].
    pub const TIME_OF_DAY: u32 = 3;
    /// [`super::SystemProcessInformation`] and [`super::SystemThreadInformation`], chained.
    pub const PROCESS: u32 = 5;
    /// [`super::SystemProcessorPerformanceInformation`].
    pub const PROCESSOR_PERFORMANCE: u32 = 8;
    /// Global flags, u32.
    pub const FLAGS: u32 = 9;
    /// A count, and a [`super::SystemModule`] for each module of the kernel.
    pub const MODULE: u32 = 11;
    /// A count, and a [`super::SystemHandle`] for each handle.
    pub const HANDLE: u32 = 16;
    /// [`super::SystemPagefileInformation`], chained.
    pub const PAGE_FILE: u32 = 18;
    /// Set: loads a display driver.
    pub const LOAD_GDI_DRIVER: u32 = 26;
    /// Whether a debugger is enabled, and whether it is absent: two BOOLEANs.
    pub const KERNEL_DEBUGGER: u32 = 35;
    /// Set: loads win32k; the information is its path, a UNICODE_STRING.
    pub const EXTEND_SERVICE_TABLE: u32 = 38;
    /// Time zone: bias and names.
    pub const CURRENT_TIME_ZONE: u32 = 44;
    /// Set: makes a session; its id comes back.
    pub const SESSION_CREATE: u32 = 47;
    /// Set: leaves a session, u32.
    pub const SESSION_DETACH: u32 = 48;
    /// First address of the kernel, u64.
    pub const RANGE_START: u32 = 50;
}

/// SYSTEM_BASIC_INFORMATION.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SystemBasicInformation {
    /// Zero.
    pub reserved: u32,
    /// Longest clock interval in 100 ns.
    pub timer_resolution: u32,
    /// Bytes of a page.
    pub page_size: u32,
    /// Pages of memory.
    pub number_of_physical_pages: u32,
    /// Number of the first one.
    pub lowest_physical_page_number: u32,
    /// Number of the last one.
    pub highest_physical_page_number: u32,
    /// Bytes that addresses are reserved in multiples of.
    pub allocation_granularity: u32,
    /// Padding.
    pub reserved_2: u32,
    /// First address of a process.
    pub minimum_user_mode_address: u64,
    /// Last address of a process.
    pub maximum_user_mode_address: u64,
    /// Bit n: processor n.
    pub active_processors_affinity_mask: u64,
    /// How many processors there are.
    pub number_of_processors: u8,
    /// Padding.
    pub reserved_3: [u8; 7],
}

/// PROCESSOR_ARCHITECTURE_AMD64.
pub const PROCESSOR_ARCHITECTURE_AMD64: u16 = 9;

/// SYSTEM_PROCESSOR_INFORMATION.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SystemProcessorInformation {
    /// [`PROCESSOR_ARCHITECTURE_AMD64`].
    pub processor_architecture: u16,
    /// CPU family.
    pub processor_level: u16,
    /// Model in the upper byte, stepping in the lower.
    pub processor_revision: u16,
    /// Zero.
    pub reserved: u16,
    /// Feature bits.
    pub processor_feature_bits: u32,
}

/// SYSTEM_PERFORMANCE_INFORMATION: its first fields; what is not counted is zero.
#[repr(C)]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SystemPerformanceInformation {
    /// Time without anything to do, in 100 ns.
    pub idle_process_time: i64,
    /// Bytes read, written, other.
    pub io_transfer_count: [i64; 3],
    /// Reads, writes, other requests.
    pub io_operation_count: [u32; 3],
    /// Pages that are free.
    pub available_pages: u32,
    /// Pages promised.
    pub committed_pages: u32,
    /// Pages that can be promised.
    pub commit_limit: u32,
    /// Most pages promised.
    pub peak_commitment: u32,
    /// Page faults.
    pub page_fault_count: u32,
    /// The rest, not counted.
    pub others: [u32; 62],
}

/// SYSTEM_TIMEOFDAY_INFORMATION, in 100 ns since 1601.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SystemTimeOfDayInformation {
    /// When the system started.
    pub boot_time: i64,
    /// Now.
    pub current_time: i64,
    /// UTC minus local time.
    pub time_zone_bias: i64,
    /// Which time zone.
    pub time_zone_id: u32,
    /// Padding.
    pub reserved: u32,
    /// Corrections of the boot time.
    pub boot_time_bias: u64,
    /// Time slept.
    pub sleep_time_bias: u64,
}

/// SYSTEM_PROCESS_INFORMATION: what a task manager reads. Its threads follow it, then the name's text.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SystemProcessInformation {
    /// Bytes from here to the next process, 0 at the last.
    pub next_entry_offset: u32,
    /// How many threads follow.
    pub number_of_threads: u32,
    /// Private memory present, in bytes.
    pub working_set_private_size: u64,
    /// Page faults that read.
    pub hard_fault_count: u32,
    /// Most threads there were.
    pub number_of_threads_high_watermark: u32,
    /// Cycles of all threads.
    pub cycle_time: u64,
    /// When it was created.
    pub create_time: i64,
    /// Time in user mode, in 100 ns.
    pub user_time: i64,
    /// Time in the kernel, in 100 ns.
    pub kernel_time: i64,
    /// File name of the image.
    pub image_name: UnicodeString,
    /// Base priority.
    pub base_priority: i32,
    /// Padding.
    pub reserved: u32,
    /// Its id.
    pub unique_process_id: u64,
    /// Its parent's id.
    pub inherited_from_unique_process_id: u64,
    /// Handles.
    pub handle_count: u32,
    /// Session.
    pub session_id: u32,
    /// Zero.
    pub unique_process_key: u64,
    /// Memory, as in VM_COUNTERS.
    pub peak_virtual_size: u64,
    /// Address space in use.
    pub virtual_size: u64,
    /// Page faults.
    pub page_fault_count: u32,
    /// Padding.
    pub reserved_2: u32,
    /// Most memory present.
    pub peak_working_set_size: u64,
    /// Memory present.
    pub working_set_size: u64,
    /// Pool quota: paged peak, paged, non-paged peak, non-paged.
    pub quota_pool_usage: [u64; 4],
    /// Private memory promised.
    pub pagefile_usage: u64,
    /// Most of it.
    pub peak_pagefile_usage: u64,
    /// Private memory promised.
    pub private_page_count: u64,
    /// Requests and bytes.
    pub io_counters: IoCounters,
}

/// SYSTEM_THREAD_INFORMATION.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SystemThreadInformation {
    /// Time in the kernel, in 100 ns.
    pub kernel_time: i64,
    /// Time in user mode, in 100 ns.
    pub user_time: i64,
    /// When it was created.
    pub create_time: i64,
    /// Ticks it has waited.
    pub wait_time: u32,
    /// Padding.
    pub reserved: u32,
    /// Where it started.
    pub start_address: u64,
    /// Its ids.
    pub client_id: ClientId,
    /// Priority now.
    pub priority: i32,
    /// Base priority.
    pub base_priority: i32,
    /// How often it was switched to.
    pub context_switches: u32,
    /// KTHREAD_STATE: 1 ready, 2 running, 5 waiting.
    pub thread_state: u32,
    /// KWAIT_REASON: 6 UserRequest.
    pub wait_reason: u32,
    /// Padding.
    pub reserved_2: u32,
}

/// SYSTEM_PROCESSOR_PERFORMANCE_INFORMATION, in 100 ns.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SystemProcessorPerformanceInformation {
    /// Idle.
    pub idle_time: i64,
    /// In the kernel, idle included.
    pub kernel_time: i64,
    /// In user mode.
    pub user_time: i64,
    /// In deferred procedure calls.
    pub dpc_time: i64,
    /// In interrupts.
    pub interrupt_time: i64,
    /// Interrupts.
    pub interrupt_count: u32,
    /// Padding.
    pub reserved: u32,
}

/// RTL_PROCESS_MODULE_INFORMATION.
#[repr(C)]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SystemModule {
    /// Zero.
    pub section: u64,
    /// Zero.
    pub mapped_base: u64,
    /// Where it is.
    pub image_base: u64,
    /// Its bytes.
    pub image_size: u32,
    /// Zero.
    pub flags: u32,
    /// Its place among the modules.
    pub load_order_index: u16,
    /// The same.
    pub init_order_index: u16,
    /// How often it is loaded.
    pub load_count: u16,
    /// Where the file name begins in the path.
    pub offset_to_file_name: u16,
    /// Path, in ASCII with a NUL.
    pub full_path_name: [u8; 256],
}

/// SYSTEM_HANDLE_TABLE_ENTRY_INFO.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SystemHandle {
    /// Whose handle.
    pub unique_process_id: u16,
    /// Zero.
    pub creator_back_trace_index: u16,
    /// Number of the type.
    pub object_type_index: u8,
    /// `OBJ_INHERIT`, protection from closing.
    pub handle_attributes: u8,
    /// The handle.
    pub handle_value: u16,
    /// Which object: equal for equal objects.
    pub object: u64,
    /// What it grants.
    pub granted_access: u32,
    /// Padding.
    pub reserved: u32,
}

/// SYSTEM_PAGEFILE_INFORMATION; the name's text follows it.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SystemPagefileInformation {
    /// Bytes from here to the next, 0 at the last.
    pub next_entry_offset: u32,
    /// Pages it has.
    pub total_size: u32,
    /// Pages in use.
    pub total_in_use: u32,
    /// Most pages in use.
    pub peak_usage: u32,
    /// Its path.
    pub page_file_name: UnicodeString,
}

const _: () = {
    assert!(size_of::<SystemBasicInformation>() == 0x40);
    assert!(offset_of!(SystemBasicInformation, minimum_user_mode_address) == 0x20);
    assert!(size_of::<SystemProcessorInformation>() == 0xC);
    assert!(size_of::<SystemPerformanceInformation>() == 0x138);
    assert!(size_of::<SystemTimeOfDayInformation>() == 0x30);
    assert!(size_of::<SystemProcessInformation>() == 0x100);
    assert!(offset_of!(SystemProcessInformation, image_name) == 0x38);
    assert!(offset_of!(SystemProcessInformation, unique_process_id) == 0x50);
    assert!(offset_of!(SystemProcessInformation, peak_virtual_size) == 0x70);
    assert!(offset_of!(SystemProcessInformation, pagefile_usage) == 0xB8);
    assert!(size_of::<SystemThreadInformation>() == 0x50);
    assert!(offset_of!(SystemThreadInformation, client_id) == 0x28);
    assert!(size_of::<SystemProcessorPerformanceInformation>() == 0x30);
    assert!(size_of::<SystemModule>() == 0x128 && size_of::<SystemHandle>() == 0x18);
    assert!(size_of::<SystemPagefileInformation>() == 0x20);
};
