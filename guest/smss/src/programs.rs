//! Finding and making programs, as for every line that the session manager runs (spec/smss.md 2.5).

use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

use nt::NtStatus;
use nt::layout::parameters::FLAG_NX;
use rt::process::{self, Child, Start};

use crate::init::Init;

const SEPARATOR: u16 = b';' as u16;

/// A program has been made.
static STARTED: AtomicBool = AtomicBool::new(false);

/// Whether a program has been made: others may have changed what the session manager has read.
pub fn any_started() -> bool {
    STARTED.load(Relaxed)
}

/// The NT path of a program: searched along `Path`, then in the system folder (the library path may be `Path`'s own
/// text). Where `Path` begins with that folder, as it does by default, it is not searched again.
pub fn find(init: &Init, program: &[u16]) -> Option<Vec<u16>> {
    let path = init.environment.get(nt::wide!("Path")).unwrap_or_default();
    let system = init.system_folder.as_slice();
    let (start, rest) = path.split_at_checked(system.len()).unwrap_or_default();
    if smgrammar::same(start, system) && matches!(rest, [] | [SEPARATOR, ..]) {
        return process::find(path, program);
    }
    let mut both = path.to_vec();
    if !both.is_empty() {
        both.push(SEPARATOR);
    }
    both.extend_from_slice(system);
    process::find(&both, program)
}

/// Makes a process with the default environment and library path; its first thread is suspended. `flags` come to
/// those that all programs have.
///
/// # Errors
/// What making it says.
pub fn create(init: &Init, image: &[u16], line: &[u16], flags: u32, debug: bool) -> Result<Child, NtStatus> {
    STARTED.store(true, Relaxed);
    process::create(&Start {
        image,
        command_line: line,
        environment: init.environment.block(),
        dll_path: &init.library_path,
        flags: FLAG_NX | flags,
        debug_flags: if debug { 1 } else { init.debug_flags },
    })
}
