//! Starting programs: where they are, and the two that are the system's own.

use alloc::vec::Vec;

use nt::NtStatus;
use rt::process::{self, Child, Start};

/// Programs of the system, in order, for the first session only.
const SYSTEM_PROGRAMS: [&[u16]; 2] = [nt::wide!("services.exe"), nt::wide!("lsass.exe")];

const BLANK: u16 = b' ' as u16;
const QUOTE: u16 = b'"' as u16;

/// Starts a program, named with or without its folder, by a command line whose first word it is.
///
/// # Errors
/// OBJECT_NAME_NOT_FOUND, and what making the process says.
pub fn start(command_line: &[u16]) -> Result<Child, NtStatus> {
    let image = process::find(&search_path(), program(command_line));
    let image = image.ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?;
    let child = process::create(&Start { image: &image, command_line, ..Start::default() })?;
    child.resume().ok()?;
    Ok(child)
}

/// Starts the system's own programs, those that there are. Their process ids.
pub fn start_system(session: u32) -> Vec<u64> {
    if session != 0 {
        return Vec::new();
    }
    let started = SYSTEM_PROGRAMS.iter().filter_map(|program| start(program).ok());
    started.map(|child| child.information().client_id.process).collect()
}

/// The folder of the system's programs, and the one above it.
fn search_path() -> Vec<u16> {
    let root = rt::own::system_root();
    let mut path = root.clone();
    path.extend_from_slice(nt::wide!(r"\System32;"));
    path.extend_from_slice(&root);
    path
}

/// The first word; in quotes it may have blanks.
fn program(command_line: &[u16]) -> &[u16] {
    match command_line {
        [QUOTE, rest @ ..] => rest.split(|&unit| unit == QUOTE).next().unwrap_or_default(),
        all => all.split(|&unit| unit == BLANK).next().unwrap_or_default(),
    }
}
