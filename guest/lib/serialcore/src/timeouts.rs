//! SERIAL_TIMEOUTS: when a read or a write is over.

/// 100 ns in a millisecond.
const MILLISECOND: u64 = 10_000;
/// MAXULONG: its meaning depends on the field.
const MAX: u32 = u32::MAX;

/// SERIAL_TIMEOUTS, in milliseconds; the order of its fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// ReadIntervalTimeout: longest pause between two bytes.
    pub interval: u32,
    /// ReadTotalTimeoutMultiplier: for each byte asked for.
    pub read_multiplier: u32,
    /// ReadTotalTimeoutConstant.
    pub read_constant: u32,
    /// WriteTotalTimeoutMultiplier.
    pub write_multiplier: u32,
    /// WriteTotalTimeoutConstant.
    pub write_constant: u32,
}

/// What becomes of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is over: all that it wanted, or all that it is to wait for.
    Done,
    /// Its time is up: TIMEOUT, with what there is.
    TimedOut,
    /// It goes on; no later than at this time, in 100 ns, it has to be looked at again.
    Wait(Option<u64>),
}

/// What a read wants of time, worked out when it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Over at once, with whatever there is.
    immediate: bool,
    /// Over as soon as there is something.
    any: bool,
    /// Longest pause behind a byte, in 100 ns.
    interval: Option<u64>,
    /// When it is over, in 100 ns.
    end: Option<u64>,
}

/// How far a read has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Bytes that it has.
    pub got: usize,
    /// Bytes that it wants.
    pub wanted: usize,
    /// When the last of them came, in 100 ns.
    pub last: u64,
}

impl Timeouts {
    /// From the fields in order.
    pub fn from_fields(fields: [u32; 5]) -> Option<Self> {
        let [interval, read_multiplier, read_constant, write_multiplier, write_constant] = fields;
        let nonsense = interval == MAX && read_multiplier == MAX && read_constant == MAX;
        (!nonsense).then_some(Self {
            interval,
            read_multiplier,
            read_constant,
            write_multiplier,
            write_constant,
        })
    }

    /// The fields in order.
    pub fn fields(&self) -> [u32; 5] {
        [self.interval, self.read_multiplier, self.read_constant, self.write_multiplier, self.write_constant]
    }

    /// The plan of a read of `wanted` bytes that begins at `now`, in 100 ns.
    pub fn read(&self, wanted: usize, now: u64) -> Plan {
        let never = Plan { immediate: false, any: false, interval: None, end: None };
        match *self {
            Self { interval: MAX, read_multiplier: 0, read_constant: 0, .. } => {
                Plan { immediate: true, ..never }
            }
            Self { interval: MAX, read_multiplier: MAX, read_constant, .. } => {
                Plan { any: true, end: Some(after(now, read_constant.into())), ..never }
            }
            Self { interval, read_multiplier, read_constant, .. } => Plan {
                interval: (interval != 0 && interval != MAX).then(|| u64::from(interval) * MILLISECOND),
                end: total(read_multiplier, read_constant, wanted).map(|total| after(now, total)),
                ..never
            },
        }
    }

    /// When a write of `length` bytes is over that begins at `now`, in 100 ns; `None`: never.
    pub fn write_end(&self, length: usize, now: u64) -> Option<u64> {
        total(self.write_multiplier, self.write_constant, length).map(|total| after(now, total))
    }
}

/// Milliseconds in all; `None` when both fields are 0, which turns the time-out off.
fn total(multiplier: u32, constant: u32, length: usize) -> Option<u64> {
    let total = u64::from(multiplier).saturating_mul(length as u64).saturating_add(constant.into());
    (multiplier != 0 || constant != 0).then_some(total)
}

fn after(now: u64, milliseconds: u64) -> u64 {
    now.saturating_add(milliseconds.saturating_mul(MILLISECOND))
}

impl Plan {
    /// What becomes of the read at a time, in 100 ns.
    pub fn verdict(&self, state: State, now: u64) -> Verdict {
        let State { got, wanted, last } = state;
        if got >= wanted || self.immediate || self.any && got > 0 {
            return Verdict::Done;
        }
        let pause_ends = self.interval.filter(|_| got > 0).map(|interval| last.saturating_add(interval));
        let next = [self.end, pause_ends].into_iter().flatten().min();
        match next {
            Some(next) if next <= now => Verdict::TimedOut,
            next => Verdict::Wait(next),
        }
    }
}
