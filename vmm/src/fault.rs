//! `--fault`: devices that misbehave as they are told, by count and so the same way every time.
//!
//! | | |
//! |---|---|
//! | `drive=L` | which drive |
//! | `op=read`, `write`, `flush`, `discard` | which of its requests are counted |
//! | `nth=N` | the first request that goes wrong, from 1 (1) |
//! | `times=N`, `times=all` | how many go wrong from there on (1; `all` for `kind=full`) |
//! | `kind=error` | the request fails and does nothing |
//! | `kind=full` | the same, of a host whose disk is full: so do all that follow |
//! | `kind=torn` | the first half of the sectors are written, then the request fails; writes only |
//! | `kind=slow` | the request is done, and answered after `delay=` (100ms) |

use std::str::FromStr;
use std::time::Duration;

use crate::devices::virtio::block::{Fault, Mischief, Operation};

/// One `--fault` of a drive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultSpec {
    /// The drive's letter, lower case.
    pub drive: char,
    operation: Operation,
    /// From 1.
    nth: u64,
    /// `None`: all.
    times: Option<u64>,
    fault: Fault,
}

/// What is wrong with one.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// A word that is not `key=value`, or unknown.
    #[error("{0:?} is not one of drive=, op=, nth=, times=, kind=, delay=")]
    Word(String),
    /// A value that makes no sense.
    #[error("{0:?} makes no sense: {1}")]
    Value(String, &'static str),
    /// Something that must be said.
    #[error("{0} is missing, as in drive=d,op=write,nth=3,kind=error (or lpt=N or com=N, of a port)")]
    Missing(&'static str),
}

impl FromStr for FaultSpec {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (mut drive, mut operation, mut kind) = (None, None, None);
        let (mut nth, mut times, mut delay) = (1, None, None);
        for word in text.split(',') {
            let (key, value) = word.split_once('=').ok_or_else(|| FaultError::Word(word.into()))?;
            let wrong = |why| FaultError::Value(word.into(), why);
            match key {
                "drive" => match value.as_bytes() {
                    [letter] if letter.is_ascii_alphabetic() => {
                        drive = Some(char::from(letter.to_ascii_lowercase()));
                    }
                    _ => return Err(wrong("a drive is a letter")),
                },
                "op" => {
                    operation = Some(match value {
                        "read" => Operation::Read,
                        "write" => Operation::Write,
                        "flush" => Operation::Flush,
                        "discard" => Operation::Discard,
                        _ => return Err(wrong("operations are read, write, flush, discard")),
                    });
                }
                "nth" => nth = count(value).ok_or_else(|| wrong("a number from 1"))?,
                "times" if value == "all" => times = Some(None),
                "times" => times = Some(Some(count(value).ok_or_else(|| wrong("a number from 1, or all"))?)),
                "kind" => kind = Some(value),
                "delay" => delay = Some(milliseconds(value).ok_or_else(|| wrong("as in 100ms"))?),
                _ => return Err(FaultError::Word(word.into())),
            }
        }
        let drive = drive.ok_or(FaultError::Missing("drive="))?;
        let operation = operation.ok_or(FaultError::Missing("op="))?;
        let kind = kind.ok_or(FaultError::Missing("kind="))?;
        let wrong = |why| FaultError::Value(format!("kind={kind}"), why);
        let fault = match kind {
            "error" | "full" => Fault::Error,
            "torn" if operation == Operation::Write => Fault::Torn,
            "torn" => return Err(wrong("only writes are torn")),
            "slow" => Fault::Slow(delay.unwrap_or(Duration::from_millis(100))),
            _ => return Err(wrong("kinds are error, full, torn, slow")),
        };
        if delay.is_some() && kind != "slow" {
            return Err(FaultError::Value("delay=".into(), "only kind=slow has a delay"));
        }
        let times = times.unwrap_or(if kind == "full" { None } else { Some(1) });
        Ok(Self { drive, operation, nth, times, fault })
    }
}

fn count(text: &str) -> Option<u64> {
    text.parse().ok().filter(|&count| count > 0)
}

fn milliseconds(text: &str) -> Option<Duration> {
    let number: u64 = text.strip_suffix("ms")?.parse().ok()?;
    (1..=600_000).contains(&number).then(|| Duration::from_millis(number))
}

/// The faults of one drive, with their counts.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Vec<(FaultSpec, u64)>,
}

impl Faults {
    /// Those of a drive; nothing if there are none.
    pub fn of(drive: char, all: &[FaultSpec]) -> Option<Self> {
        let rules: Vec<_> =
            all.iter().filter(|fault| fault.drive == drive).map(|fault| (fault.clone(), 0)).collect();
        (!rules.is_empty()).then_some(Self { rules })
    }
}

impl Mischief for Faults {
    /// Every rule counts for itself; of several that apply the first one does.
    fn next(&mut self, operation: Operation) -> Option<Fault> {
        let mut found = None;
        for (rule, seen) in self.rules.iter_mut().filter(|(rule, _)| rule.operation == operation) {
            *seen += 1;
            let applies = *seen >= rule.nth && rule.times.is_none_or(|times| *seen - rule.nth < times);
            if applies {
                found = found.or(Some(rule.fault));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<FaultSpec, FaultError> {
        text.parse()
    }

    fn pattern(texts: &[&str], operation: Operation, count: usize) -> Vec<Option<Fault>> {
        let rules: Vec<_> = texts.iter().map(|text| parse(text).expect("a fault")).collect();
        let mut faults = Faults::of('d', &rules).expect("a fault of d");
        (0..count).map(|_| faults.next(operation)).collect()
    }

    #[test]
    fn requests_go_wrong_by_count() {
        let error = Some(Fault::Error);
        let text = "drive=d,op=write,nth=3,kind=error";
        assert_eq!(pattern(&[text], Operation::Write, 5), [None, None, error, None, None]);
        assert_eq!(pattern(&[text], Operation::Read, 5), [None; 5]);
        let twice = "drive=D,op=read,nth=2,times=2,kind=error";
        assert_eq!(pattern(&[twice], Operation::Read, 5), [None, error, error, None, None]);
        let full = "drive=d,op=write,nth=2,kind=full";
        assert_eq!(pattern(&[full], Operation::Write, 4), [None, error, error, error]);
        let slow = Some(Fault::Slow(Duration::from_millis(7)));
        let both = ["drive=d,op=flush,kind=slow,delay=7ms", "drive=d,op=flush,nth=1,times=all,kind=error"];
        assert_eq!(pattern(&both, Operation::Flush, 3), [slow, error, error]);
        assert!(Faults::of('e', &[parse(text).expect("a fault")]).is_none());
    }

    #[test]
    fn nonsense_is_named() {
        assert_eq!(parse("op=read,kind=error"), Err(FaultError::Missing("drive=")));
        assert_eq!(parse("drive=d,kind=error"), Err(FaultError::Missing("op=")));
        assert_eq!(parse("drive=d,op=read"), Err(FaultError::Missing("kind=")));
        for bad in ["", "drive", "disk=d", "drive=d,op=read,kind=error,"] {
            assert!(matches!(parse(bad), Err(FaultError::Word(_))), "{bad}");
        }
        for bad in [
            "nth=0",
            "nth=x",
            "times=0",
            "kind=odd",
            "kind=torn",
            "op=seek",
            "drive=dd",
            "delay=1s",
            "delay=5ms",
        ] {
            let text = format!("drive=d,op=read,kind=error,{bad}");
            assert!(matches!(parse(&text), Err(FaultError::Value(..))), "{bad}");
        }
    }
}
