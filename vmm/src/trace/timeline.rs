//! Events paired into steps: what began when, and how long it took.

use serde::Serialize;

use super::ndjson::{Args, rounded};
use super::{Event, Phase, Value};
use crate::clock::Clock;

/// One step of a boot.
#[derive(Clone, Debug)]
pub struct Step {
    /// Name of the event.
    pub name: String,
    /// Microseconds since the start of the process.
    pub start_us: f64,
    /// How long it took; `None` for moments, and for steps that never ended.
    pub duration_us: Option<f64>,
    /// It began and never ended.
    pub open: bool,
    /// How many steps of the same process it lies in.
    pub depth: usize,
    /// Process it happened in; 0 for none.
    pub pid: u32,
    /// Arguments of beginning and end.
    pub args: Vec<(&'static str, Value)>,
}

impl Serialize for Step {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut step = serializer.serialize_struct("Step", 6)?;
        step.serialize_field("ev", &self.name)?;
        step.serialize_field("start_us", &rounded(self.start_us))?;
        step.serialize_field("duration_us", &self.duration_us.map(rounded))?;
        step.serialize_field("open", &self.open)?;
        step.serialize_field("pid", &self.pid)?;
        step.serialize_field("args", &Args(&self.args))?;
        step.end()
    }
}

/// Pairs `events`, which are in order of time. A beginning without an end stays open; an end without
/// a beginning becomes a moment.
pub fn timeline(events: &[Event], clock: &Clock) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::with_capacity(events.len());
    // Indices of the steps that have begun, with their process.
    let mut open: Vec<usize> = Vec::new();
    for event in events {
        let us = clock.us(event.tsc);
        if event.phase == Phase::End
            && let Some(at) =
                open.iter().rposition(|&step| steps[step].pid == event.pid && steps[step].name == event.name)
        {
            let step = &mut steps[open.remove(at)];
            step.duration_us = Some(us - step.start_us);
            step.open = false;
            for (name, value) in &event.args {
                match step.args.iter_mut().find(|(known, _)| known == name) {
                    Some(known) => known.1 = value.clone(),
                    None => step.args.push((name, value.clone())),
                }
            }
            continue;
        }
        let begins = event.phase == Phase::Begin;
        if begins {
            open.push(steps.len());
        }
        steps.push(Step {
            name: event.name.clone().into_owned(),
            start_us: us,
            duration_us: None,
            open: begins,
            depth: open.iter().filter(|&&step| step < steps.len() && steps[step].pid == event.pid).count(),
            pid: event.pid,
            args: event.args.clone(),
        });
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Stamp;

    fn event(tsc: u64, name: &'static str, phase: Phase, pid: u32) -> Event {
        Event { tsc, name: name.into(), phase, pid, args: Vec::new() }
    }

    #[test]
    fn pairs_nest_and_the_odd_ones_stay() {
        let clock = Clock::calibrate(Stamp { tsc: 0, ns: 0 }, Stamp { tsc: 1, ns: 1000 });
        let steps = timeline(
            &[
                event(1, "a", Phase::Begin, 4),
                event(2, "b", Phase::Begin, 4),
                event(3, "a", Phase::Begin, 8),
                event(4, "i", Phase::Instant, 4),
                event(5, "b", Phase::End, 4),
                event(9, "a", Phase::End, 4),
                event(9, "c", Phase::End, 4),
            ],
            &clock,
        );
        let summary: Vec<_> = steps
            .iter()
            .map(|step| (step.name.as_str(), step.start_us, step.duration_us, step.open, step.depth))
            .collect();
        assert_eq!(
            summary,
            [
                ("a", 1.0, Some(8.0), false, 0),
                ("b", 2.0, Some(3.0), false, 1),
                ("a", 3.0, None, true, 0),
                ("i", 4.0, None, false, 2),
                ("c", 9.0, None, false, 0),
            ]
        );
    }
}
