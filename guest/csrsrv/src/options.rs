//! Doing what the command line says, token by token (spec/smss.md 2.7).

use alloc::vec::Vec;

use csrcore::{ServerDll as Wanted, Token, tokens};
use csrlib::object::{New, OPEN_IF, PERMANENT};
use nt::NtStatus;
use nt::csr::OBJECT_DIRECTORY;
use nt::sm::subsystem;

use crate::{directories, loader, shared};

/// Threads for requests unless the line says otherwise.
const DEFAULT_THREADS: u32 = 16;

/// What is needed after the line has been read.
pub struct Options {
    /// Object directory of the ports.
    pub directory: Vec<u16>,
    /// What the session manager is told.
    pub subsystem_type: u32,
    /// Most threads that serve requests.
    pub max_threads: u32,
}

/// Reads the line and does what it says at once: directories, shared section, server DLLs.
///
/// # Errors
/// INVALID_PARAMETER for a value that is none, a shared section that is missing where a server DLL needs it, or when the last
/// token has no known name; what making directories or section gives; what a DLL or its entry gives.
pub fn apply(line: &[u16], session: u32) -> Result<Options, NtStatus> {
    let mut options = Options {
        directory: directories::in_session(session, OBJECT_DIRECTORY.encode_utf16()),
        subsystem_type: subsystem::WINDOWS_GUI,
        max_threads: DEFAULT_THREADS,
    };
    let mut status = Ok(());
    for token in tokens(line) {
        status = Ok(());
        match token {
            Token::ObjectDirectory(name) => {
                options.directory = directories::in_session(session, name.iter().copied());
                let new = New {
                    name: &options.directory,
                    attributes: PERMANENT | OPEN_IF,
                    descriptor: &directories::PUBLIC,
                };
                // It stays without a handle.
                drop(new.directory()?);
            }
            Token::SharedSection(sizes) => shared::create(sizes)?,
            Token::Windows(_) | Token::Ignored => {}
            Token::SubSystemType(name) => options.subsystem_type = subsystem_type(name),
            Token::ServerDll(dll) => load(&dll, session)?,
            Token::MaxRequestThreads(count) => options.max_threads = count.max(1),
            Token::Unknown(_) => status = Err(NtStatus::INVALID_PARAMETER),
            Token::Malformed(_) => return Err(NtStatus::INVALID_PARAMETER),
        }
    }
    status.map(|()| options)
}

fn load(dll: &Wanted<'_>, session: u32) -> Result<(), NtStatus> {
    match shared::heap() {
        0 => Err(NtStatus::INVALID_PARAMETER),
        heap => loader::load(dll, session, heap),
    }
}

/// `Windows` is the graphical subsystem, any other text one of consoles only.
fn subsystem_type(name: &[u16]) -> u32 {
    let windows = nt::wide!("Windows");
    let same = name.len() == windows.len()
        && name.iter().zip(windows).all(|(&a, &b)| nt::upcase(a) == nt::upcase(b));
    if same { subsystem::WINDOWS_GUI } else { subsystem::WINDOWS_CUI }
}
