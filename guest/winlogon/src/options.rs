//! What the kernel was started with, as the registry shows it.

use nt::winlogon::{SESSION_SHUTDOWN, SESSION_WORD};
use rt::registry::Key;

const CONTROL: &[u16] = nt::wide!(r"\Registry\Machine\System\CurrentControlSet\Control");
const OPTIONS: &[u16] = nt::wide!("SystemStartOptions");

/// Whether the system is to shut down as soon as the session is ready.
pub fn nobody_logs_on() -> bool {
    let value = Key::open(CONTROL).and_then(|key| key.value(OPTIONS));
    value.is_ok_and(|value| says_shutdown(&value.text()))
}

/// The last word of the kind counts.
fn says_shutdown(options: &[u16]) -> bool {
    let word = |word: &[u16]| {
        let (name, value) = word.split_at_checked(SESSION_WORD.len())?;
        is(name, SESSION_WORD).then(|| is(value, SESSION_SHUTDOWN))
    };
    options.rsplit(|&unit| unit == u16::from(b' ')).find_map(word) == Some(true)
}

/// Whether that is a text of ASCII, in any case.
fn is(units: &[u16], text: &str) -> bool {
    let same =
        |(unit, byte): (&u16, u8)| u8::try_from(*unit).is_ok_and(|unit| unit.eq_ignore_ascii_case(&byte));
    units.len() == text.len() && units.iter().zip(text.bytes()).all(same)
}
