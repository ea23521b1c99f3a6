//! What to say when a guest hangs, crashes, or stops KVM: registers, the instruction it stands at with the
//! nearest symbol, the last exits, the last events. For people on standard error, for programs in the JSON.

mod code;
mod paging;
mod symbols;
mod text;
mod waits;

use serde::Serialize;

pub use code::{Instruction, instruction_at};
pub use paging::translate;
pub use symbols::{Symbol, nearest};
pub(crate) use text::{Line, Printable};
pub use waits::{Awaited, Waiting, waits};

use crate::exits::ExitRecord;
use crate::kvm::{ExitKind, Registers};
use crate::outcome::Outcome;
use crate::run::RunReport;
use crate::trace::{Step, timeline};

/// How many exits and events a report shows.
const SHOWN: usize = 16;

/// One exit as a report shows it.
#[derive(Clone, Debug, Serialize)]
pub struct ShownExit {
    /// Microseconds since the start of the process.
    pub ts_us: f64,
    /// What kind.
    pub kind: ExitKind,
    /// Port, address, vector or suberror.
    pub address: u64,
    /// Bytes of the access.
    pub size: u8,
    /// What was written or read.
    pub value: u64,
    /// Where the guest was.
    pub rip: u64,
}

/// A report on a guest that did not end in order.
#[derive(Clone, Debug, Serialize)]
pub struct Dump {
    /// Registers of the vCPU at the end; for a bugcheck those are of the crash handler.
    pub registers: Option<Registers>,
    /// Where the trouble is: the vCPU's instruction pointer, or the crash record's.
    pub rip: Option<u64>,
    /// The instruction there.
    pub instruction: Option<Instruction>,
    /// The nearest symbol of the kernel.
    pub symbol: Option<Symbol>,
    /// The vCPU waits in `hlt`: nothing wakes it.
    pub halted: bool,
    /// Threads that wait, and for what; those in a step that has not ended first. Only of a guest that hangs.
    pub waits: Vec<Waiting>,
    /// The last exits, oldest first.
    pub last_exits: Vec<ShownExit>,
    /// The last steps of the trace, oldest first.
    pub last_events: Vec<Step>,
}

impl Dump {
    /// Collects it. `symbols` is the kernel's map of functions.
    pub fn collect(report: &RunReport, symbols: &str) -> Self {
        let crash = match &report.outcome {
            Outcome::Bugcheck { record } => record.as_deref(),
            _ => None,
        };
        let registers = report.registers;
        // A crash record tells where it began; the vCPU is in the crash handler by now.
        let rip = crash.map(|crash| crash.rip).or(registers.map(|registers| registers.rip));
        let at = rip.zip(registers).map(|(rip, registers)| {
            let cr3 = crash.map_or(registers.cr3, |crash| crash.cr3);
            Registers { rip, cr3, ..registers }
        });
        let shown = |exit: &ExitRecord| ShownExit {
            ts_us: (report.clock.us(exit.tsc) * 1000.0).round() / 1000.0,
            kind: exit.kind,
            address: exit.address,
            size: exit.size,
            value: exit.value,
            rip: exit.rip,
        };
        let exits: Vec<_> = report.exits.last().map(shown).collect();
        let steps = timeline(&report.events, &report.clock);
        Self {
            registers,
            rip,
            instruction: at.and_then(|registers| instruction_at(&report.memory, &registers)),
            symbol: rip.and_then(|rip| nearest(symbols, rip)),
            halted: report.halted,
            waits: match report.outcome {
                Outcome::Hang => waits(&report.memory, report.kernel.debugger_data, &steps, &report.clock),
                _ => Vec::new(),
            },
            last_exits: exits[exits.len().saturating_sub(SHOWN)..].to_vec(),
            last_events: steps[steps.len().saturating_sub(SHOWN)..].to_vec(),
        }
    }
}
