//! Phases of a boot, their instruction counts, and the budget of each.

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

/// Instructions of every phase.
pub fn count(run: &Run) -> Vec<(&'static str, u64)> {
    assert!(run.status.success(), "{run:#?}");
    PHASES.iter().map(|&(name, from, to)| (name, stamp(&run.events, to) - stamp(&run.events, from))).collect()
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
