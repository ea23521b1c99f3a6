//! Running a line of BootExecute (spec/smss.md 2.5).

use alloc::string::String;
use alloc::vec::Vec;

use nt::{NtStatus, events};
use rt::process;
use smgrammar::Command;

/// The library path, which programs are searched along.
const PATH: &[u16] = nt::wide!(r"C:\Windows\System32");
/// IMAGE_SUBSYSTEM_NATIVE.
const NATIVE: u32 = 1;
const BLANK: u16 = b' ' as u16;

/// Runs a line and waits for its program, unless the line says otherwise.
///
/// # Errors
/// UNSUCCESSFUL for a line without a program, OBJECT_NAME_NOT_FOUND, INVALID_IMAGE_FORMAT for a program that is
/// not native, and what starting it says.
pub fn line(line: &[u16]) -> Result<(), NtStatus> {
    let command = Command::parse(line).ok_or(NtStatus::UNSUCCESSFUL)?;
    let Some(image) = process::find(PATH, command.program) else {
        if command.autocheck {
            rt::display(&String::from_utf16_lossy(command.program));
            rt::display(" program not found - skipping AUTOCHECK\n");
        }
        return Err(NtStatus::OBJECT_NAME_NOT_FOUND);
    };
    rt::trace(events::SMSS_EXECUTE_IMAGE, b'B', [0; 2], &String::from_utf16_lossy(command.program));
    let result = run(&image, &command);
    rt::trace(events::SMSS_EXECUTE_IMAGE, b'E', [0; 2], "");
    result
}

fn run(image: &[u16], command: &Command<'_>) -> Result<(), NtStatus> {
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
    let child = process::create(image, line)?;
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
