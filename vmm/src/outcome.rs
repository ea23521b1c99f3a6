//! The verdict: how a run ended, and the exit code that tells it.

use nt::platform::PowerReason;
use serde::Serialize;

use crate::report::Printable;

/// Exit codes of the program, the table of `docs/interfaces.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// The guest powered off in the expected fashion.
    Success = 0,
    /// A boot test's expectation failed.
    TestFailed = 1,
    /// Arguments, configuration or input files.
    Usage = 2,
    /// Benchmark: regression.
    Regression = 3,
    /// Benchmark: inconclusive.
    Inconclusive = 4,
    /// Guest bugcheck.
    Bugcheck = 5,
    /// The deadline passed.
    Hang = 6,
    /// No test matched.
    NoTest = 7,
    /// Guest reset or triple fault.
    Reset = 8,
    /// This host cannot run it.
    Unavailable = 69,
    /// Internal error of this program, or of KVM.
    Internal = 70,
    /// Temporary trouble of the host: try again.
    Temporary = 75,
    /// Interrupted by a signal or the user.
    Interrupted = 130,
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        (code as u8).into()
    }
}

/// What the guest's power register says about the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// `NtShutdownSystem(ShutdownNoReboot)`.
    ShutdownNoReboot,
    /// `NtShutdownSystem(ShutdownReboot)`.
    ShutdownReboot,
    /// `NtShutdownSystem(ShutdownPowerOff)`.
    ShutdownPowerOff,
    /// ACPI: the state S5, soft off.
    Acpi,
    /// The keyboard controller pulsed the reset line.
    KeyboardController,
    /// A reason this version does not know.
    Unknown(u32),
}

impl From<PowerReason> for Reason {
    fn from(reason: PowerReason) -> Self {
        match reason {
            PowerReason::ShutdownNoReboot => Reason::ShutdownNoReboot,
            PowerReason::ShutdownReboot => Reason::ShutdownReboot,
            PowerReason::ShutdownPowerOff => Reason::ShutdownPowerOff,
            PowerReason::Other(other) => Reason::Unknown(other),
        }
    }
}

/// What a bugcheck's crash record says, checked and with names. All of it is the guest's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bugcheck {
    /// Bugcheck code.
    pub code: u32,
    /// Its symbolic name, if it has one.
    pub name: Option<&'static str>,
    /// The four parameters.
    pub params: [u64; 4],
    /// NTSTATUS at the root of it, if any.
    pub status: Option<u32>,
    /// Its symbolic name, if it has one.
    pub status_name: Option<&'static str>,
    /// Process that was running; 0 for none.
    pub pid: u32,
    /// Thread that was running; 0 for none.
    pub tid: u32,
    /// Image name of the process.
    pub process: String,
    /// What the kernel says about it.
    pub text: String,
    /// General registers at the fault, RAX RCX RDX RBX RSP RBP RSI RDI R8–R15.
    pub gpr: [u64; 16],
    /// Instruction pointer at the fault.
    pub rip: u64,
    /// Flags.
    pub rflags: u64,
    /// Address of the last page fault.
    pub cr2: u64,
    /// Page-table root.
    pub cr3: u64,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// The guest powered off.
    PowerOff {
        /// Why.
        reason: Reason,
    },
    /// The guest reset the machine. It is not started again.
    Reset {
        /// Why.
        reason: Reason,
    },
    /// The guest stopped itself. `None`: it said so, but left no usable crash record.
    Bugcheck {
        /// The crash record.
        record: Option<Box<Bugcheck>>,
    },
    /// An exception while delivering a double fault.
    TripleFault,
    /// The deadline passed.
    Hang,
    /// A signal, or Ctrl-A x.
    Interrupted {
        /// The signal's number; 0 for the key.
        signal: i32,
    },
    /// KVM could not go on.
    KvmInternalError {
        /// KVM's suberror: 1 means that its emulator does not know an instruction.
        suberror: u32,
        /// What KVM adds to it.
        data: Vec<u64>,
    },
    /// An exit that this monitor does not know what to do with.
    UnexpectedExit {
        /// What it was.
        what: String,
    },
}

impl Outcome {
    /// The exit code.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Outcome::PowerOff { .. } => ExitCode::Success,
            Outcome::Reset { .. } | Outcome::TripleFault => ExitCode::Reset,
            Outcome::Bugcheck { .. } => ExitCode::Bugcheck,
            Outcome::Hang => ExitCode::Hang,
            Outcome::Interrupted { .. } => ExitCode::Interrupted,
            Outcome::KvmInternalError { .. } | Outcome::UnexpectedExit { .. } => ExitCode::Internal,
        }
    }

    /// Whether the guest ended as it meant to, so that nobody needs its registers.
    pub fn is_orderly(&self) -> bool {
        matches!(self, Outcome::PowerOff { .. } | Outcome::Reset { .. } | Outcome::Interrupted { .. })
    }

    /// The outcome in a sentence; `None` for a power-off, which needs none.
    pub fn sentence(&self) -> Option<String> {
        Some(match self {
            Outcome::PowerOff { .. } => return None,
            Outcome::Reset { reason: Reason::KeyboardController } => {
                "the guest reset the machine through the keyboard controller".into()
            }
            Outcome::Reset { reason } => format!("the guest reset the machine ({reason:?})"),
            Outcome::Bugcheck { record: None } => {
                "the guest says that it has crashed, but left no crash record".into()
            }
            Outcome::Bugcheck { record: Some(record) } => record.sentence(),
            Outcome::TripleFault => "triple fault: an exception while delivering a double fault".into(),
            Outcome::Hang => "the deadline passed".into(),
            Outcome::Interrupted { signal: 0 } => return None,
            Outcome::Interrupted { signal } => format!("interrupted by signal {signal}"),
            Outcome::KvmInternalError { suberror: 1, .. } => {
                "KVM's emulator does not know an instruction of the guest (internal error, suberror 1)".into()
            }
            Outcome::KvmInternalError { suberror, .. } => format!("KVM internal error, suberror {suberror}"),
            Outcome::UnexpectedExit { what } => format!("unexpected VM exit: {what}"),
        })
    }
}

impl Bugcheck {
    fn sentence(&self) -> String {
        let [p1, p2, p3, p4] = self.params;
        let name = self.name.unwrap_or("unknown code");
        let mut text = format!("STOP 0x{:08X} {name} ({p1:#x}, {p2:#x}, {p3:#x}, {p4:#x})", self.code);
        if let Some(status) = self.status {
            text += &format!(", status {}", nt::NtStatus(status));
        }
        if self.pid != 0 {
            text += &format!(", in {} (process {}, thread {})", Printable(&self.process), self.pid, self.tid);
        }
        if !self.text.is_empty() {
            text += &format!(": {}", Printable(&self.text));
        }
        text
    }
}
