//! Phases of a boot, the kernel's instructions of each, those of them in ring 0, and their budgets. Ring 3 runs at full
//! speed on every KVM host, ring 0 is interpreted on some.

use smvm::trace::{Event, Phase};

use crate::qemu::Run;

/// The table: `phase = instructions`. Lower a number when the work gets less; raise it only with a reason.
static BUDGET: &str = include_str!("budget.toml");

/// An event by its name and phase.
type Mark = (&'static str, Phase);

/// A phase goes from one event to another.
const PHASES: &[(&str, Mark, Mark)] = &[
    ("memory", ("Ke.Entry", Phase::Instant), ("Mm.Init", Phase::Instant)),
    ("processor", ("Ke.Processor", Phase::Begin), ("Ke.Processor", Phase::End)),
    ("phase0", ("Ke.Entry", Phase::Instant), ("Ke.Phase0", Phase::End)),
    ("first-process", ("Ke.Phase1", Phase::Begin), ("Ke.Phase1", Phase::End)),
    ("to-ring3", ("Ke.Phase1", Phase::End), ("Smss.Start", Phase::Instant)),
    ("session-manager", ("Smss.Start", Phase::Instant), ("Smss.SessionReady", Phase::Instant)),
    ("shutdown", ("Smss.SessionReady", Phase::Instant), ("Po.Shutdown", Phase::Instant)),
    ("total", ("Ke.Entry", Phase::Instant), ("Smss.SessionReady", Phase::Instant)),
];

fn stamp(events: &[Event], (name, phase): Mark) -> u64 {
    let event = events.iter().find(|event| event.name == name && event.phase == phase);
    event.unwrap_or_else(|| panic!("no {name} in {events:#?}")).tsc
}

/// What was executed between two values of the time stamp counter.
fn between(run: &Run, from: u64, to: u64) -> Count {
    let at = |tsc| run.executed.get(tsc as usize).copied().expect("an instruction that was logged");
    let (from, to) = (at(from), at(to));
    Count { kernel: u64::from(to.kernel - from.kernel), ring0: u64::from(to.ring0 - from.ring0) }
}

/// Instructions of a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The kernel's, in whichever ring.
    pub kernel: u64,
    /// Those in ring 0.
    pub ring0: u64,
}

/// The kernel's instructions of every phase.
pub fn count(run: &Run) -> Vec<(&'static str, Count)> {
    assert!(run.status.success(), "{}", run.stderr);
    let count = |from, to| between(run, stamp(&run.events, from), stamp(&run.events, to));
    PHASES.iter().map(|&(name, from, to)| (name, count(from, to))).collect()
}

/// A line for every step of the boot: instructions when it began, what it took of ring 0, of the kernel and of programs.
pub fn steps(run: &Run) -> String {
    let mut open: Vec<(&Event, usize)> = Vec::new();
    let mut lines: Vec<String> = Vec::new();
    for event in &run.events {
        let name = &event.name;
        match event.phase {
            Phase::End => {
                let same = |(begun, _): &(&Event, usize)| begun.name == *name && begun.pid == event.pid;
                let Some(at) = open.iter().rposition(same) else { continue };
                let (begun, line) = open.remove(at);
                let Count { kernel, ring0 } = between(run, begun.tsc, event.tsc);
                let other = event.tsc - begun.tsc - kernel;
                let (start, pid) = (begun.tsc, begun.pid);
                lines[line] = format!("{start:>9} {ring0:>9} {kernel:>9} {other:>9}  {pid:>4}  {name}\n");
            }
            Phase::Begin => {
                open.push((event, lines.len()));
                lines.push(format!(
                    "{:>9} {:>9} {:>9} {:>9}  {:>4}  {name}\n",
                    event.tsc, "open", "", "", event.pid
                ));
            }
            Phase::Instant => {
                lines.push(format!(
                    "{:>9} {:>9} {:>9} {:>9}  {:>4}  {name}\n",
                    event.tsc, "", "", "", event.pid
                ));
            }
        }
    }
    let head =
        format!("{:>9} {:>9} {:>9} {:>9}  {:>4}  step\n", "start", "ring 0", "kernel", "programs", "pid");
    head + &lines.concat()
}

fn budget_of(phase: &str) -> Count {
    let entry = BUDGET.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        let (kernel, ring0) = value.trim().strip_prefix('[')?.strip_suffix(']')?.split_once(',')?;
        let number = |text: &str| text.trim().parse().expect("a number");
        (name.trim() == phase).then(|| Count { kernel: number(kernel), ring0: number(ring0) })
    });
    entry.unwrap_or_else(|| panic!("budget.toml has no {phase}"))
}

/// Phases that took more than their budget, in words.
pub fn over(counts: &[(&'static str, Count)]) -> Vec<String> {
    let is_over = |phase, count: Count| {
        let budget = budget_of(phase);
        count.kernel > budget.kernel || count.ring0 > budget.ring0
    };
    let over = counts.iter().filter(|&&(phase, count)| is_over(phase, count));
    over.map(|(phase, count)| format!("{phase}: {count:?}, budget {:?}", budget_of(phase))).collect()
}

/// The counts beside their budgets.
pub fn table(counts: &[(&'static str, Count)]) -> String {
    let row = |phase, count: Count| {
        let budget = budget_of(phase);
        let Count { kernel, ring0 } = count;
        format!("{phase:<16} {kernel:>8} of {:>8} {ring0:>8} of {:>8}\n", budget.kernel, budget.ring0)
    };
    let rows: String = counts.iter().map(|&(phase, count)| row(phase, count)).collect();
    format!("{:<16} {:>8}    {:>8} {:>8}    {:>8}\n{rows}", "phase", "kernel", "budget", "ring 0", "budget")
}
