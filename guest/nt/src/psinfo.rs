//! Processes and threads as the query and set services see them: information classes and structures, x64.
//! Source: phnt's `ntpsapi.h`; spec/smss.md 6.1.

use core::mem::offset_of;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::types::ClientId;

/// PROCESSINFOCLASS.
pub mod process_class {
    /// [`super::ProcessBasicInformation`].
    pub const BASIC: u32 = 0;
    /// [`super::QuotaLimits`].
    pub const QUOTA_LIMITS: u32 = 1;
    /// [`super::IoCounters`].
    pub const IO_COUNTERS: u32 = 2;
    /// [`super::VmCounters`], without or with its last field.
    pub const VM_COUNTERS: u32 = 3;
    /// [`super::KernelUserTimes`].
    pub const TIMES: u32 = 4;
    /// Set: base priority, i32.
    pub const BASE_PRIORITY: u32 = 5;
    /// Set: how much the priority of every thread is raised, u32.
    pub const RAISE_PRIORITY: u32 = 6;
    /// Query: the debug port, 0 for none.
    pub const DEBUG_PORT: u32 = 7;
    /// Set: handle of the exception port.
    pub const EXCEPTION_PORT: u32 = 8;
    /// Set: handles of a primary token and a thread.
    pub const ACCESS_TOKEN: u32 = 9;
    /// Hard-error mode, u32: 1 lets hard errors through.
    pub const DEFAULT_HARD_ERROR_MODE: u32 = 12;
    /// Set: I/O privilege of user mode, x86 only.
    pub const USER_MODE_IOPL: u32 = 16;
    /// [`super::ProcessPriorityClass`].
    pub const PRIORITY_CLASS: u32 = 18;
    /// Number of handles, u32.
    pub const HANDLE_COUNT: u32 = 20;
    /// Set: processors, u64.
    pub const AFFINITY_MASK: u32 = 21;
    /// Set: threads get a boost, u32.
    pub const PRIORITY_BOOST: u32 = 22;
    /// Query: [`super::DeviceMapInformation`]; set: a directory handle.
    pub const DEVICE_MAP: u32 = 23;
    /// Session id, u32.
    pub const SESSION: u32 = 24;
    /// Query: address of the 32-bit PEB, 0 for a 64-bit process.
    pub const WOW64: u32 = 26;
    /// Query: UNICODE_STRING and the image's path.
    pub const IMAGE_FILE_NAME: u32 = 27;
    /// ProcessLUIDDeviceMapsEnabled: whether each logon session has DOS devices of its own, u32.
    pub const LUID_DEVICE_MAPS_ENABLED: u32 = 28;
    /// Critical process, u32.
    pub const BREAK_ON_TERMINATION: u32 = 29;
}

/// THREADINFOCLASS.
pub mod thread_class {
    /// [`super::ThreadBasicInformation`].
    pub const BASIC: u32 = 0;
    /// [`super::KernelUserTimes`].
    pub const TIMES: u32 = 1;
    /// Set: priority, i32.
    pub const PRIORITY: u32 = 2;
    /// Set: base priority relative to the process's, i32.
    pub const BASE_PRIORITY: u32 = 3;
    /// Set: processors, u64.
    pub const AFFINITY_MASK: u32 = 4;
    /// Set: handle of an impersonation token, 0 for none.
    pub const IMPERSONATION_TOKEN: u32 = 5;
    /// Where the Win32 thread starts, u64.
    pub const WIN32_START_ADDRESS: u32 = 9;
    /// Query: whether it is the last thread of its process, u32.
    pub const AM_I_LAST_THREAD: u32 = 12;
    /// Critical thread, u32.
    pub const BREAK_ON_TERMINATION: u32 = 18;
    /// Query: whether it has ended, u32.
    pub const IS_TERMINATED: u32 = 20;
}

/// PROCESS_BASIC_INFORMATION.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct ProcessBasicInformation {
    /// NTSTATUS it ended with; PENDING while it lives.
    pub exit_status: u32,
    /// Padding.
    pub reserved: u32,
    /// Address of its PEB.
    pub peb_base_address: u64,
    /// Processors it may run on.
    pub affinity_mask: u64,
    /// Base priority.
    pub base_priority: i32,
    /// Padding.
    pub reserved_2: u32,
    /// Its id.
    pub unique_process_id: u64,
    /// Its parent's id.
    pub inherited_from_unique_process_id: u64,
}

/// THREAD_BASIC_INFORMATION.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct ThreadBasicInformation {
    /// NTSTATUS it ended with; PENDING while it lives.
    pub exit_status: u32,
    /// Padding.
    pub reserved: u32,
    /// Address of its TEB.
    pub teb_base_address: u64,
    /// Ids of process and thread.
    pub client_id: ClientId,
    /// Processors it may run on.
    pub affinity_mask: u64,
    /// Priority now.
    pub priority: i32,
    /// Base priority.
    pub base_priority: i32,
}

/// KERNEL_USER_TIMES, in 100 ns; points in time since 1601.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct KernelUserTimes {
    /// When it was created.
    pub create_time: i64,
    /// When it ended, 0 while it lives.
    pub exit_time: i64,
    /// Time spent in the kernel.
    pub kernel_time: i64,
    /// Time spent in user mode.
    pub user_time: i64,
}

/// IO_COUNTERS.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct IoCounters {
    /// Reads, writes, other requests.
    pub operations: [u64; 3],
    /// Bytes of each.
    pub transfers: [u64; 3],
}

/// QUOTA_LIMITS, in bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct QuotaLimits {
    /// Most paged pool.
    pub paged_pool_limit: u64,
    /// Most non-paged pool.
    pub non_paged_pool_limit: u64,
    /// How much stays in memory if it can; setting this and the maximum to -1 empties the working set.
    pub minimum_working_set_size: u64,
    /// How much may be in memory when memory is short.
    pub maximum_working_set_size: u64,
    /// Most private memory.
    pub pagefile_limit: u64,
    /// Longest time of running, in 100 ns.
    pub time_limit: i64,
}

/// VM_COUNTERS_EX, in bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct VmCounters {
    /// Most address space in use.
    pub peak_virtual_size: u64,
    /// Address space in use.
    pub virtual_size: u64,
    /// Page faults, a count.
    pub page_fault_count: u32,
    /// Padding.
    pub reserved: u32,
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
    /// Private memory promised, again.
    pub private_usage: u64,
}

/// Bytes of a VM_COUNTERS, which lacks the last field.
pub const VM_COUNTERS_SIZE: usize = 0x58;

/// PROCESS_PRIORITY_CLASS.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct ProcessPriorityClass {
    /// It is in the foreground.
    pub foreground: u8,
    /// 1 idle, 2 normal, 3 high, 4 real time, 5 below normal, 6 above normal.
    pub priority_class: u8,
}

/// PROCESS_DEVICEMAP_INFORMATION, as it is queried.
#[repr(C)]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct DeviceMapInformation {
    /// Bit n: drive letter n exists.
    pub drive_map: u32,
    /// For each letter: 0 unknown, 1 none, 2 removable, 3 fixed, 4 remote, 5 CD-ROM, 6 RAM disk.
    pub drive_type: [u8; 32],
}

const _: () = {
    assert!(size_of::<ProcessBasicInformation>() == 0x30);
    assert!(offset_of!(ProcessBasicInformation, unique_process_id) == 0x20);
    assert!(size_of::<ThreadBasicInformation>() == 0x30);
    assert!(offset_of!(ThreadBasicInformation, priority) == 0x28);
    assert!(size_of::<KernelUserTimes>() == 0x20 && size_of::<IoCounters>() == 0x30);
    assert!(size_of::<VmCounters>() == 0x60 && offset_of!(VmCounters, private_usage) == VM_COUNTERS_SIZE);
    assert!(size_of::<QuotaLimits>() == 0x30 && offset_of!(QuotaLimits, pagefile_limit) == 0x20);
    assert!(size_of::<DeviceMapInformation>() == 0x24);
};
