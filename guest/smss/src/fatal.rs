//! How the session manager ends, and the system with it (spec/smss.md 4.1).

use nt::NtStatus;
use nt::harderror::option;
use nt::security::privilege;
use rt::session::{Parameter, raise_hard_error};

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fatal {
    /// A step of the initialisation failed.
    Initialization,
    /// The initial command cannot be started.
    InitialCommand,
    /// csrss has ended.
    WindowsSubsystem,
    /// The initial command has ended, or nobody can wait for it.
    LogonProcess,
}

impl Fatal {
    const fn text(self) -> &'static [u16] {
        match self {
            Self::Initialization => nt::wide!("Session Manager Initialization"),
            Self::InitialCommand => nt::wide!("Session Manager ExecuteInitialCommand"),
            Self::WindowsSubsystem => nt::wide!("Windows SubSystem"),
            Self::LogonProcess => nt::wide!("Windows Logon Process"),
        }
    }
}

/// What is wrong with a known DLL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadDll {
    /// Its checksum is not that of its content.
    Checksum,
    /// It is none.
    NotDll,
}

/// Stops the system.
pub fn stop(what: Fatal, status: NtStatus) -> ! {
    end(&[
        Parameter::Text(what.text()),
        Parameter::Value(status.0.into()),
        Parameter::Value(0),
        Parameter::Value(0),
    ])
}

/// Stops the system because of a known DLL (spec 1.3 step 8).
pub fn stop_for_dll(what: BadDll, status: NtStatus, name: &[u16]) -> ! {
    let text = match what {
        BadDll::Checksum => nt::wide!("Verification of a KnownDLL failed."),
        BadDll::NotDll => nt::wide!("Non-DLL file included in KnownDLL list."),
    };
    end(&[Parameter::Text(text), Parameter::Value(status.0.into()), Parameter::Text(name)])
}

/// Stops the system because a thread of the session manager has raised an exception.
pub fn stop_for_exception(code: NtStatus, address: u64, context: u64) -> ! {
    end(&[
        Parameter::Text(nt::wide!("Unhandled Exception in Session Manager")),
        Parameter::Value(code.0.into()),
        Parameter::Value(address),
        Parameter::Value(context),
    ])
}

fn end(parameters: &[Parameter<'_>]) -> ! {
    // Without the privilege the kernel refuses, and the end of this process is what stops the system.
    let _ = rt::adjust_privilege(privilege::SHUTDOWN, true);
    let (status, _) =
        raise_hard_error(NtStatus::SYSTEM_PROCESS_TERMINATED, parameters, option::SHUTDOWN_SYSTEM);
    rt::exit(status)
}
