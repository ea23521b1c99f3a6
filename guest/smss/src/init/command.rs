//! Lines of BootExecute, SetupExecute and Execute (spec/smss.md 2.5).

use alloc::string::String;
use alloc::vec::Vec;

use nt::{NtStatus, events};
use rt::boot_status;
use smgrammar::{Command, List};

use super::{Init, skipped};
use crate::programs;

/// IMAGE_SUBSYSTEM_NATIVE.
const NATIVE: u32 = 1;
const BLANK: u16 = b' ' as u16;

/// Runs all lines, in order; what becomes of them does not matter.
pub fn all(init: &Init, lines: &List) {
    for entry in lines.entries() {
        if let Err(status) = line(init, &entry.name) {
            skipped(&String::from_utf16_lossy(&entry.name), status);
        }
    }
}

/// Runs a line and waits for its program, unless the line says otherwise.
///
/// # Errors
/// UNSUCCESSFUL for a line without a program, OBJECT_NAME_NOT_FOUND, INVALID_IMAGE_FORMAT for a program that is
/// not native, and what starting it says.
pub fn line(init: &Init, line: &[u16]) -> Result<(), NtStatus> {
    let command = Command::parse(line).ok_or(NtStatus::UNSUCCESSFUL)?;
    let Some(image) = programs::find(init, command.program) else {
        if command.autocheck {
            rt::display(&String::from_utf16_lossy(command.program));
            rt::display(" program not found - skipping AUTOCHECK\n");
        }
        return Err(NtStatus::OBJECT_NAME_NOT_FOUND);
    };
    rt::trace(events::SMSS_EXECUTE_IMAGE, b'B', [0; 2], &String::from_utf16_lossy(command.program));
    let result = run(init, &image, &command);
    rt::trace(events::SMSS_EXECUTE_IMAGE, b'E', [0; 2], "");
    result
}

fn run(init: &Init, image: &[u16], command: &Command<'_>) -> Result<(), NtStatus> {
    let mut rebuilt = Vec::new();
    let line = match command.autocheck {
        true => {
            rebuilt.extend_from_slice(image);
            rebuilt.push(BLANK);
            rebuilt.extend_from_slice(command.arguments);
            &rebuilt
        }
        false => command.line,
    };
    // Held until the program has ended; most systems have no such data.
    let _status = command.autocheck.then(boot_status::save);
    let child = programs::create(init, image, line, 0, command.debug)?;
    if child.subsystem() != NATIVE {
        child.terminate(NtStatus::INVALID_IMAGE_FORMAT);
        return Err(NtStatus::INVALID_IMAGE_FORMAT);
    }
    child.resume().ok()?;
    if !command.asynchronous {
        rt::wait(child.thread());
    }
    Ok(())
}
