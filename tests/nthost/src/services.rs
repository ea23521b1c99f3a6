//! The services that ntdll uses, as simple as they can be.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use nt::NtStatus;
use nt::dispatch::Entry;
use nt::memory::*;
use nt::types::{Context, ExceptionRecord};

use crate::exception::{dispatch, queue_apc, test_alert};
use crate::objects::{Object, Signal};
use crate::thread;
use crate::user;
use crate::world::{end, options, world};

/// How a service ends.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It returns.
    Status(NtStatus),
    /// The thread goes on with other registers.
    Continue(Box<Context>),
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "{:x}", status.0),
            Self::Continue(context) => write!(f, "goes on at {:x}", context.rip),
        }
    }
}

/// Carries a service out.
pub fn call(name: &str, arguments: &[u64], context: &Context) -> Answer {
    match name {
        "NtContinue" => {
            let mut next: Context = user::read(arguments[0]);
            if arguments[1] as u8 != 0 {
                test_alert();
            }
            if let Some(apc) = crate::exception::take_apc(&mut || next) {
                next = apc;
                next.context_flags = nt::dispatch::context_flags::FULL;
            }
            Answer::Continue(Box::new(next))
        }
        "NtRaiseException" => {
            let record: ExceptionRecord = user::read(arguments[0]);
            if arguments[2] as u8 == 0 {
                eprintln!("unhandled exception {:08x} at {:x}", record.code, record.address);
                end(record.code);
            }
            let next = dispatch(Entry::KiUserExceptionDispatcher, &record, &user::read(arguments[1]));
            Answer::Continue(Box::new(next))
        }
        _ => Answer::Status(match status(name, arguments, context) {
            Ok(()) => NtStatus::SUCCESS,
            Err(status) => status,
        }),
    }
}

fn status(name: &str, arguments: &[u64], context: &Context) -> Result<(), NtStatus> {
    match name {
        "NtClose" => world().handles.remove(&arguments[0]).map(drop).ok_or(NtStatus::INVALID_HANDLE),
        "NtDisplayString" => {
            print!("{}", user::string(arguments[0]));
            std::io::Write::flush(&mut std::io::stdout()).map_err(|_| NtStatus::UNSUCCESSFUL)
        }
        "NtTerminateProcess" if arguments[0] == 0 => Ok(()),
        "NtTerminateProcess" => end(arguments[1] as u32),
        "NtTerminateThread" => thread::end(arguments[1] as u32),
        "NtShutdownSystem" => end(0),
        "NtYieldExecution" => {
            std::thread::yield_now();
            Ok(())
        }
        "NtTestAlert" => Err(if test_alert() { NtStatus::USER_APC } else { NtStatus::SUCCESS }),
        "NtQueueApcThread" => {
            queue_apc([arguments[1], arguments[2], arguments[3], arguments[4]]);
            Ok(())
        }
        "NtDelayExecution" => {
            if arguments[0] as u8 != 0 && test_alert() {
                return Err(NtStatus::USER_APC);
            }
            std::thread::sleep(relative(arguments[1]).unwrap_or(Duration::MAX));
            Ok(())
        }
        "NtCreateThread" => thread::create(arguments),
        "NtQueryInformationThread" if arguments[1] == 12 => {
            user::write(arguments[2], u32::from(world().threads == 1));
            Ok(())
        }
        "NtCreateEvent" | "NtSetEvent" | "NtWaitForSingleObject" => signals(name, arguments),
        "NtAllocateVirtualMemory"
        | "NtFreeVirtualMemory"
        | "NtProtectVirtualMemory"
        | "NtQueryVirtualMemory" => memory(name, arguments),
        "NtOpenFile"
        | "NtOpenSection"
        | "NtCreateSection"
        | "NtMapViewOfSection"
        | "NtUnmapViewOfSection"
        | "NtQueryInformationFile" => files(name, arguments),
        "NtOpenKey" => Err(NtStatus::OBJECT_NAME_NOT_FOUND),
        "NtQueryPerformanceCounter" => {
            user::write(arguments[0], 0_i64);
            user::write(arguments[1], 1_i64);
            Ok(())
        }
        "NtTraceEvent" => Ok(()),
        _ => {
            eprintln!("nthost: {name} at {:x} is not there", context.rip);
            Err(NtStatus::NOT_IMPLEMENTED)
        }
    }
}

/// A time-out: negative is relative. Absolute ones are not needed.
fn relative(address: u64) -> Option<Duration> {
    (address != 0).then(|| Duration::from_nanos(user::read::<i64>(address).unsigned_abs() * 100))
}

fn signals(name: &str, arguments: &[u64]) -> Result<(), NtStatus> {
    if name == "NtCreateEvent" {
        let object = Object::Signal(Signal::new(arguments[3] as u32 == 1, arguments[4] as u8 != 0));
        user::write(arguments[0], world().insert(object));
        return Ok(());
    }
    let Some(Object::Signal(signal)) = world().handles.get(&arguments[0]).cloned() else {
        return Err(NtStatus::INVALID_HANDLE);
    };
    if name == "NtSetEvent" {
        user::write(arguments[1], i32::from(signal.set(true)));
        return Ok(());
    }
    match signal.wait(relative(arguments[2])) {
        NtStatus::SUCCESS => Ok(()),
        status => Err(status),
    }
}

fn memory(name: &str, arguments: &[u64]) -> Result<(), NtStatus> {
    let mut world = world();
    let space = &mut world.space;
    if name == "NtQueryVirtualMemory" {
        user::write(arguments[3], space.query(arguments[1]));
        return Ok(());
    }
    let (base_at, size_at) = (arguments[1], arguments[if name == "NtAllocateVirtualMemory" { 3 } else { 2 }]);
    let (base, size): (u64, u64) = (user::read(base_at), user::read(size_at));
    let (mut page, mut pages) = (base & !0xFFF, (base + size).next_multiple_of(4096) - (base & !0xFFF));
    match name {
        "NtAllocateVirtualMemory" => {
            let kind = arguments[4] as u32;
            if kind & MEM_RESERVE != 0 || base == 0 {
                page = space.reserve(base & !0xFFFF, size, MEM_PRIVATE)?;
                pages = size.next_multiple_of(4096);
            }
            if kind & MEM_COMMIT != 0 {
                space.set(page, pages, arguments[5] as u32)?;
            }
        }
        "NtFreeVirtualMemory" if arguments[3] as u32 == MEM_RELEASE => space.release(base)?,
        "NtFreeVirtualMemory" => _ = space.set(page, pages, 0)?,
        _ => user::write(arguments[4], space.set(page, pages, arguments[3] as u32)?),
    }
    user::write(base_at, page);
    user::write(size_at, pages);
    Ok(())
}

/// The file that an NT path means: one of the only folder there is.
fn file(path: &str) -> Result<Arc<Vec<u8>>, NtStatus> {
    let lower = path.to_ascii_lowercase();
    let name = [r"\systemroot\system32\", r"\??\c:\windows\system32\"]
        .iter()
        .find_map(|folder| lower.strip_prefix(folder));
    let path = options().folder.join(name.ok_or(NtStatus::OBJECT_PATH_NOT_FOUND)?);
    let bytes = std::fs::read(&path).map_err(|_| NtStatus::OBJECT_NAME_NOT_FOUND)?;
    Ok(Arc::new(bytes))
}

fn files(name: &str, arguments: &[u64]) -> Result<(), NtStatus> {
    match name {
        "NtOpenFile" => {
            let bytes = file(&user::name(arguments[2]))?;
            user::write(arguments[0], world().insert(Object::File(bytes)));
        }
        "NtOpenSection" => {
            let path = user::name(arguments[2]).to_ascii_lowercase();
            let known = path
                .strip_prefix(r"\knowndlls\")
                .filter(|name| options().known.iter().any(|known| known == name));
            let bytes =
                file(&format!(r"\SystemRoot\System32\{}", known.ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?))?;
            user::write(arguments[0], world().insert(Object::Section(bytes, true)));
        }
        "NtCreateSection" => {
            let mut world = world();
            let Some(Object::File(bytes)) = world.handles.get(&arguments[6]).cloned() else {
                return Err(NtStatus::INVALID_HANDLE);
            };
            let as_image = arguments[5] as u32 & SEC_IMAGE != 0;
            if as_image && pe::Image::parse(&bytes).is_err() {
                return Err(NtStatus::INVALID_IMAGE_FORMAT);
            }
            user::write(arguments[0], world.insert(Object::Section(bytes, as_image)));
        }
        "NtMapViewOfSection" => {
            let mut world = world();
            let Some(Object::Section(bytes, as_image)) = world.handles.get(&arguments[0]).cloned() else {
                return Err(NtStatus::INVALID_HANDLE);
            };
            let base = if as_image {
                world.map_image(&bytes)?
            } else {
                world.map_bytes(&bytes, arguments[9] as u32)?
            };
            user::write(arguments[2], base);
            user::write(arguments[6], world.space.regions[&base].size);
            if as_image && pe::Image::parse(&bytes).is_ok_and(|image| image.image_base() != base) {
                return Err(NtStatus::IMAGE_NOT_AT_BASE);
            }
        }
        "NtUnmapViewOfSection" => world().space.release(arguments[1])?,
        _ => {
            let Some(Object::File(bytes)) = world().handles.get(&arguments[0]).cloned() else {
                return Err(NtStatus::INVALID_HANDLE);
            };
            user::write(arguments[2], [bytes.len() as u64, bytes.len() as u64, 1]);
        }
    }
    Ok(())
}
