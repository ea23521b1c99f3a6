//! The list of processes and threads that a task manager reads (SystemProcessInformation).

use alloc::vec::Vec;

use nt::sysinfo::{SystemProcessInformation, SystemThreadInformation};
use nt::types::{ClientId, UnicodeString};
use zerocopy::IntoBytes;

use crate::ke::{clock, sched};
use crate::mm;
use crate::ps::{self, Process, Thread};

/// KTHREAD_STATE: running, waiting, ready.
const STATE_READY: u32 = 1;
const STATE_RUNNING: u32 = 2;
const STATE_WAITING: u32 = 5;
/// KWAIT_REASON UserRequest.
const REASON_USER_REQUEST: u32 = 6;

/// The list as it is seen at `address`: the idle process, System, and all others in order of id.
pub fn build(address: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(4096);
    let idle = SystemProcessInformation {
        number_of_threads: 1,
        kernel_time: clock::duration(sched::idle_cycles()),
        ..SystemProcessInformation::default()
    };
    let thread =
        SystemThreadInformation { thread_state: STATE_RUNNING, ..SystemThreadInformation::default() };
    let mut last = push(&mut bytes, address, idle, &[thread], "");
    for process in ps::cid::processes() {
        let next = bytes.len();
        set_next(&mut bytes, last, next - last);
        let threads: Vec<_> = process.threads().iter().map(|thread| describe_thread(thread)).collect();
        last = push(&mut bytes, address, describe(&process, threads.len()), &threads, process.image());
    }
    bytes
}

/// Appends a process, its threads and its name; returns where it begins.
fn push(
    bytes: &mut Vec<u8>,
    address: u64,
    mut process: SystemProcessInformation,
    threads: &[SystemThreadInformation],
    name: &str,
) -> usize {
    let start = bytes.len();
    let name_at = start + size_of::<SystemProcessInformation>() + size_of_val(threads);
    if !name.is_empty() {
        let length = (2 * name.encode_utf16().count()) as u16;
        let buffer = address.wrapping_add(name_at as u64);
        process.image_name = UnicodeString { length, maximum_length: length + 2, reserved: 0, buffer };
    }
    bytes.extend_from_slice(process.as_bytes());
    bytes.extend_from_slice(threads.as_bytes());
    if !name.is_empty() {
        name.encode_utf16().chain([0]).for_each(|unit| bytes.extend_from_slice(&unit.to_le_bytes()));
    }
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    start
}

fn set_next(bytes: &mut [u8], at: usize, offset: usize) {
    if let Some(field) = bytes.get_mut(at..at + 4) {
        field.copy_from_slice(&(offset as u32).to_le_bytes());
    }
}

fn describe(process: &Process, threads: usize) -> SystemProcessInformation {
    let attributes = process.attributes().lock().clone();
    let cycles = process.cycles();
    let memory = mm::counters(process);
    SystemProcessInformation {
        number_of_threads: threads as u32,
        number_of_threads_high_watermark: threads as u32,
        cycle_time: cycles,
        create_time: clock::system_time_at(attributes.create_tsc),
        user_time: clock::duration(cycles),
        base_priority: attributes.base_priority as i32,
        unique_process_id: process.id().into(),
        inherited_from_unique_process_id: attributes.parent.into(),
        handle_count: process.handles().lock().len() as u32,
        session_id: attributes.session,
        peak_virtual_size: memory.peak_virtual_size,
        virtual_size: memory.virtual_size,
        page_fault_count: memory.page_fault_count,
        peak_working_set_size: memory.peak_working_set_size,
        working_set_size: memory.working_set_size,
        pagefile_usage: memory.pagefile_usage,
        peak_pagefile_usage: memory.peak_pagefile_usage,
        private_page_count: memory.private_usage,
        ..SystemProcessInformation::default()
    }
}

fn describe_thread(thread: &Thread) -> SystemThreadInformation {
    let attributes = thread.attributes().lock().clone();
    let running = sched::is_current(thread);
    let waiting = !running && thread.is_waiting();
    SystemThreadInformation {
        user_time: clock::duration(thread.cycles()),
        create_time: clock::system_time_at(attributes.create_tsc),
        start_address: attributes.start_address,
        client_id: ClientId { process: thread.process().id().into(), thread: thread.id().into() },
        priority: thread.priority() as i32,
        base_priority: thread.base_priority() as i32,
        thread_state: match (running, waiting) {
            (true, _) => STATE_RUNNING,
            (_, true) => STATE_WAITING,
            _ => STATE_READY,
        },
        wait_reason: if waiting { REASON_USER_REQUEST } else { 0 },
        ..SystemThreadInformation::default()
    }
}
