//! `--fault` for ports: a printer that jams, a serial line whose other end hangs up, by count and so the same way every time.
//!
//! | | |
//! |---|---|
//! | `lpt=N` | which printer |
//! | `op=byte`, `op=job` | what is counted: bytes that the printer takes, or jobs (byte) |
//! | `nth=N` | the one that it does not take, from 1 (1) |
//! | `kind=jam`, `paper`, `offline`, `poweroff`, `unplugged`, `busy` | how the printer is from there on |
//! | `mend=TIMEms` | it is ready again so long after the guest has seen it (never) |
//!
//! | | |
//! |---|---|
//! | `com=N` | which serial port |
//! | `op=in`, `op=out` | what is counted: bytes to the guest, or from it |
//! | `nth=N` | what happens does so before this byte, from 1 (1) |
//! | `kind=hangup` | the other end goes: no byte comes or goes any more, DCD, DSR and CTS fall |
//! | `kind=break` | a break comes; `op=in` only |

use std::str::FromStr;
use std::time::Duration;

use crate::devices::parallel::Condition;

/// What is counted at a printer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes that it has taken.
    Byte,
    /// Jobs that are complete.
    Job,
}

/// One `--fault` of a printer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrinterFault {
    /// What is counted.
    pub unit: Unit,
    /// The one that is not taken, from 1.
    pub nth: u64,
    /// How the printer is then.
    pub condition: Condition,
    /// How long, from when the guest has seen it; `None`: for good.
    pub mend: Option<Duration>,
}

/// What happens to a serial line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// The other end goes.
    HangUp,
    /// A break comes from there.
    Break,
}

/// One `--fault` of a serial port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineFault {
    /// Bytes to the guest are counted, not those from it.
    pub inward: bool,
    /// The byte before which it happens, from 1.
    pub nth: u64,
    /// What happens.
    pub mishap: Mishap,
}

/// One `--fault` of a port; ports by their number, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortFault {
    /// Of LPT N.
    Lpt(usize, PrinterFault),
    /// Of COM N.
    Com(usize, LineFault),
}

/// What is wrong with one.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortFaultError {
    /// A word that is not `key=value`, or unknown.
    #[error("{0:?} is not one of lpt=, com=, op=, nth=, kind=, mend=")]
    Word(String),
    /// A value that makes no sense.
    #[error("{0:?} makes no sense: {1}")]
    Value(String, &'static str),
    /// Something that must be said.
    #[error("{0} is missing, as in {1}")]
    Missing(&'static str, &'static str),
}

const LPT_EXAMPLE: &str = "lpt=1,op=byte,nth=100,kind=paper,mend=500ms";
const COM_EXAMPLE: &str = "com=2,op=in,nth=100,kind=hangup";

impl FromStr for PortFault {
    type Err = PortFaultError;

    fn from_str(text: &str) -> Result<Self, PortFaultError> {
        let (mut lpt, mut com, mut operation, mut kind) = (None, None, None, None);
        let (mut nth, mut mend) = (1, None);
        for word in text.split(',') {
            let (key, value) = word.split_once('=').ok_or_else(|| PortFaultError::Word(word.into()))?;
            let wrong = |why| PortFaultError::Value(word.into(), why);
            let number = || value.parse::<u64>().ok().filter(|&number| number > 0);
            match key {
                "lpt" => {
                    let port = number().filter(|&port| port <= 3);
                    lpt = Some(port.ok_or_else(|| wrong("printers are 1, 2 and 3"))? as usize);
                }
                "com" => {
                    let port = number().filter(|&port| port <= 4);
                    com = Some(port.ok_or_else(|| wrong("serial ports are 1, 2, 3 and 4"))? as usize);
                }
                "op" => operation = Some(value),
                "nth" => nth = number().ok_or_else(|| wrong("a number from 1"))?,
                "kind" => kind = Some(value),
                "mend" => mend = Some(milliseconds(value).ok_or_else(|| wrong("as in 100ms"))?),
                _ => return Err(PortFaultError::Word(word.into())),
            }
        }
        let wrong = |key: &str, value: &str, why| PortFaultError::Value(format!("{key}={value}"), why);
        match (lpt, com) {
            (Some(port), None) => {
                let unit = match operation {
                    None | Some("byte") => Unit::Byte,
                    Some("job") => Unit::Job,
                    Some(other) => return Err(wrong("op", other, "of a printer bytes or jobs are counted")),
                };
                let kind = kind.ok_or(PortFaultError::Missing("kind=", LPT_EXAMPLE))?;
                let condition = match kind {
                    "jam" => Condition::Failed,
                    "paper" => Condition::PaperOut,
                    "offline" => Condition::OffLine,
                    "poweroff" => Condition::PoweredOff,
                    "unplugged" => Condition::Unplugged,
                    "busy" => Condition::Busy,
                    _ => {
                        let kinds = "kinds are jam, paper, offline, poweroff, unplugged, busy";
                        return Err(wrong("kind", kind, kinds));
                    }
                };
                Ok(Self::Lpt(port, PrinterFault { unit, nth, condition, mend }))
            }
            (None, Some(port)) => {
                let inward = match operation.ok_or(PortFaultError::Missing("op=", COM_EXAMPLE))? {
                    "in" => true,
                    "out" => false,
                    other => return Err(wrong("op", other, "of a serial port bytes in or out are counted")),
                };
                let mishap = match kind.ok_or(PortFaultError::Missing("kind=", COM_EXAMPLE))? {
                    "hangup" => Mishap::HangUp,
                    "break" if inward => Mishap::Break,
                    "break" => return Err(wrong("kind", "break", "breaks come with op=in")),
                    other => return Err(wrong("kind", other, "kinds are hangup, break")),
                };
                if mend.is_some() {
                    return Err(PortFaultError::Value("mend=".into(), "only printers are mended"));
                }
                Ok(Self::Com(port, LineFault { inward, nth, mishap }))
            }
            _ => Err(PortFaultError::Missing("one of lpt= and com=", LPT_EXAMPLE)),
        }
    }
}

fn milliseconds(text: &str) -> Option<Duration> {
    let number: u64 = text.strip_suffix("ms")?.parse().ok()?;
    (1..=600_000).contains(&number).then(|| Duration::from_millis(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let paper = PrinterFault { unit: Unit::Byte, nth: 7, condition: Condition::PaperOut, mend: None };
        assert_eq!("lpt=2,nth=7,kind=paper".parse(), Ok(PortFault::Lpt(2, paper)));
        let mend = Some(Duration::from_millis(20));
        let jam = PrinterFault { unit: Unit::Job, nth: 1, condition: Condition::Failed, mend };
        assert_eq!("op=job,kind=jam,lpt=1,mend=20ms".parse(), Ok(PortFault::Lpt(1, jam)));
        let hang_up = LineFault { inward: false, nth: 3, mishap: Mishap::HangUp };
        assert_eq!("com=4,op=out,nth=3,kind=hangup".parse(), Ok(PortFault::Com(4, hang_up)));
    }

    #[test]
    fn nonsense_is_named() {
        let parse = str::parse::<PortFault>;
        for bad in [
            "op=in,kind=hangup",
            "com=1,lpt=1,op=in,kind=hangup",
            "lpt=1",
            "com=1,op=in",
            "com=1,kind=hangup",
        ] {
            assert!(matches!(parse(bad), Err(PortFaultError::Missing(..))), "{bad}");
        }
        for bad in ["", "lpt", "lpt=1,kind=jam,times=2", "lpt=1,kind=jam,"] {
            assert!(matches!(parse(bad), Err(PortFaultError::Word(_))), "{bad}");
        }
        for bad in [
            "lpt=0,kind=jam",
            "lpt=4,kind=jam",
            "com=5,op=in,kind=hangup",
            "lpt=1,op=in,kind=jam",
            "lpt=1,kind=hangup",
            "lpt=1,kind=jam,nth=0",
            "lpt=1,kind=jam,mend=1s",
            "com=1,op=job,kind=hangup",
            "com=1,op=out,kind=break",
            "com=1,op=in,kind=jam",
            "com=1,op=in,kind=hangup,mend=5ms",
        ] {
            assert!(matches!(parse(bad), Err(PortFaultError::Value(..))), "{bad}");
        }
    }
}
