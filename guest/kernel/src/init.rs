//! The order in which the kernel comes up: phase 0 on the boot stack with nothing but memory, phase 1
//! in a system thread.

use alloc::string::String;
use alloc::sync::Arc;
use core::cell::OnceCell;

use bootarchive::Archive;
use hal::boot::BootInfo;
use hal::cell::KernelCell;
use hal::trace::{self, Phase};
use hal::{apic, cpu, frames};
use nt::events;
use nt::platform::{
    CALIBRATE_EVENTS, OPTION_CALIBRATE, OPTION_COM, OPTION_DRIVES, OPTION_INIT, OPTION_LPT, OPTION_TRACE,
    OPTION_VIRTIO,
};
use nt::{NtStatus, bugcheck};

use crate::io::disk::Unready;
use crate::ke::bugcheck::bugcheck;
use crate::ke::{clock, sched, service};
use crate::{cm, io, mm, ob, ps};

/// The first user process (spec/smss.md K1).
const SESSION_MANAGER: &str = r"\SystemRoot\System32\smss.exe";
/// Where the system is.
const SYSTEM_ROOT: &str = r"\SystemRoot";
/// How long the session manager must live for its start to count as good (K7), in 100 ns.
const SESSION_MANAGER_TRIAL: i64 = 5 * 10_000_000;

/// Image path and arguments of the first process.
static INITIAL_COMMAND: KernelCell<String> = KernelCell::new(String::new());
static ARCHIVE: KernelCell<OnceCell<Archive<'static>>> = KernelCell::new(OnceCell::new());

/// The boot archive.
pub fn archive() -> Option<Archive<'static>> {
    ARCHIVE.lock().get().copied()
}

/// Brings up processor, memory and scheduler; then idles for good.
pub fn phase0(boot: &BootInfo) -> ! {
    trace::event_at(boot.entry_tsc, events::KE_ENTRY, Phase::Instant, 0, [0; 2]);
    trace::event_at(boot.entry_tsc, events::KE_PHASE0, Phase::Begin, 0, [0; 2]);
    let (available, total) = frames::counts();
    trace::event(events::MM_INIT, Phase::Instant, 0, [total.into(), available.into()]);

    trace::event(events::KE_PROCESSOR, Phase::Begin, 0, [0; 2]);
    let features = cpu::features();
    let apic_khz = apic::init(&features);
    clock::init(features.tsc_khz, apic_khz);
    trace::event(events::KE_PROCESSOR, Phase::End, 0, [features.tsc_khz.into(), apic_khz.into()]);

    mm::charge::init(available);
    mm::init_shared_data(boot.installed_pages);
    *INITIAL_COMMAND.lock() = SESSION_MANAGER.into();
    for word in boot.command_line.split_ascii_whitespace() {
        if word == OPTION_TRACE {
            service::trace_calls();
        } else if word == OPTION_CALIBRATE {
            for n in 0..CALIBRATE_EVENTS {
                trace::event(events::KD_CALIBRATE, Phase::Instant, 0, [n, 0]);
            }
        } else if let Some(command) = word.strip_prefix(OPTION_INIT) {
            *INITIAL_COMMAND.lock() = command.replace(',', " ");
        } else if let Some(ports) = word.strip_prefix(OPTION_COM) {
            io::announce_serial(ports);
        } else if let Some(ports) = word.strip_prefix(OPTION_LPT) {
            io::announce_parallel(ports);
        } else if let Some(device) = word.strip_prefix(OPTION_VIRTIO) {
            io::disk::announce(device);
        } else if let Some(letters) = word.strip_prefix(OPTION_DRIVES) {
            io::disk::announce_letters(letters);
        }
    }
    match Archive::parse(boot.archive) {
        Ok(archive) => drop(ARCHIVE.lock().set(archive)),
        Err(error) => bugcheck(
            bugcheck::UNMOUNTABLE_BOOT_VOLUME,
            [NtStatus::NO_SUCH_FILE.0.into(), error.offset as u64, boot.archive.len() as u64, 0],
            NtStatus::NO_SUCH_FILE,
            format_args!("{error}"),
        ),
    }
    sched::init();
    let started = ob::namespace::init().and_then(|()| {
        archive().map_or(Ok(()), io::init)?;
        load_registry(boot.command_line)?;
        io::find_devices()?;
        ps::system::init();
        ps::system::start_thread(phase1)
    });
    if started.is_err() {
        bugcheck(
            bugcheck::PHASE0_INITIALIZATION_FAILED,
            [0; 4],
            NtStatus::NO_MEMORY,
            format_args!("no memory"),
        );
    }
    trace::event(events::KE_PHASE0, Phase::End, 0, [0; 2]);
    sched::idle()
}

/// Makes the registry. A hive that is there and cannot be used is the end.
fn load_registry(options: &str) -> Result<(), NtStatus> {
    match cm::init(options) {
        Err(status @ (NtStatus::NOT_REGISTRY_FILE | NtStatus::REGISTRY_CORRUPT)) => bugcheck(
            bugcheck::BAD_SYSTEM_CONFIG_INFO,
            [0, 0, 0, status.0.into()],
            status,
            format_args!("the hive SYSTEM is damaged"),
        ),
        other => other,
    }
}

/// Starts the session manager and watches over its first five seconds.
fn phase1() {
    trace::event(events::KE_PHASE1, Phase::Begin, ps::SYSTEM_PROCESS_ID, [0; 2]);
    match io::disk::init() {
        Ok(()) => {}
        Err(Unready::System(status)) => bugcheck(
            bugcheck::INACCESSIBLE_BOOT_DEVICE,
            [0, status.0.into(), 0, 0],
            status,
            format_args!("the disk with the system cannot be read"),
        ),
        Err(Unready::Names(status)) => bugcheck(
            bugcheck::PHASE1_INITIALIZATION_FAILED,
            [status.0.into(), 0, 0, 0],
            status,
            format_args!("the disks cannot be named"),
        ),
    }
    mount_system();
    let command = core::mem::take(&mut *INITIAL_COMMAND.lock());
    let smss = match ps::first::start(&command) {
        Ok(process) => process,
        Err(status) => bugcheck(
            bugcheck::SESSION3_INITIALIZATION_FAILED,
            [status.0.into(), 0, 0, 0],
            status,
            format_args!("{command} cannot be started"),
        ),
    };
    trace::event(events::KE_PHASE1, Phase::End, ps::SYSTEM_PROCESS_ID, [0; 2]);
    watch(&smss);
}

/// A system on a disk is on a volume that a file system recognises and can read.
fn mount_system() {
    if !io::disk::has_system() {
        return;
    }
    if let Err(status) = io::check_folder(SYSTEM_ROOT) {
        bugcheck(
            bugcheck::UNMOUNTABLE_BOOT_VOLUME,
            [0, status.0.into(), 0, 0],
            status,
            format_args!("the volume with the system cannot be mounted"),
        );
    }
}

fn watch(smss: &Arc<ps::Process>) {
    if crate::ke::wait::wait(smss.signal(), Some(-SESSION_MANAGER_TRIAL)) == NtStatus::TIMEOUT {
        return;
    }
    let status = smss.exit_status();
    bugcheck(
        bugcheck::SESSION5_INITIALIZATION_FAILED,
        [status.0.into(), 0, 0, 0],
        status,
        format_args!("the session manager ended"),
    )
}
