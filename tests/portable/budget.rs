//! Phases of a boot, the ring-0 instructions of each, and their budgets. Ring 3 runs at full speed on every KVM
//! host, ring 0 is interpreted on some.

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

/// Instructions that ring 0 executed between two values of the time stamp counter.
fn ring0(run: &Run, from: u64, to: u64) -> u64 {
    let at = |tsc| run.ring0.get(tsc as usize).copied().expect("an instruction that was logged");
    u64::from(at(to) - at(from))
}

/// Ring-0 instructions of every phase.
pub fn count(run: &Run) -> Vec<(&'static str, u64)> {
    assert!(run.status.success(), "{}", run.stderr);
    let between = |from, to| ring0(run, stamp(&run.events, from), stamp(&run.events, to));
    PHASES.iter().map(|&(name, from, to)| (name, between(from, to))).collect()
}

/// A line for every step of the boot: instructions of both rings when it began, what it took of ring 0 and of ring 3.
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
                let own = ring0(run, begun.tsc, event.tsc);
                let other = event.tsc - begun.tsc - own;
                lines[line] = format!("{:>9} {own:>9} {other:>9}  {:>4}  {name}\n", begun.tsc, begun.pid);
            }
            Phase::Begin => {
                open.push((event, lines.len()));
                lines.push(format!("{:>9} {:>9} {:>9}  {:>4}  {name}\n", event.tsc, "open", "", event.pid));
            }
            Phase::Instant => {
                lines.push(format!("{:>9} {:>9} {:>9}  {:>4}  {name}\n", event.tsc, "", "", event.pid));
            }
        }
    }
    format!("{:>9} {:>9} {:>9}  {:>4}  step\n{}", "start", "ring 0", "ring 3", "pid", lines.concat())
}

fn budget_of(phase: &str) -> u64 {
    let entry = BUDGET.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == phase).then(|| value.trim().parse().expect("a number"))
    });
    entry.unwrap_or_else(|| panic!("budget.toml has no {phase}"))
}

/// Phases that took more than their budget, in words.
pub fn over(counts: &[(&'static str, u64)]) -> Vec<String> {
    let over = counts.iter().filter(|&&(phase, count)| count > budget_of(phase));
    over.map(|(phase, count)| format!("{phase}: {count} instructions, budget {}", budget_of(phase))).collect()
}

/// The counts beside their budgets.
pub fn table(counts: &[(&'static str, u64)]) -> String {
    let rows =
        counts.iter().map(|(phase, count)| format!("{phase:<16} {count:>8} of {:>8}\n", budget_of(phase)));
    format!("{:<16} {:>8}    {:>8}\n{}", "phase", "counted", "budget", rows.collect::<String>())
}
