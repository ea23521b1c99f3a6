//! The user's session: his environment, and his shell, which is started again when it ends.

use alloc::vec::Vec;

use nt::registry::value_type;
use nt::{NtStatus, events};
use rt::process::Child;
use rt::registry::{Key, Value};
use rt::variables;

use crate::desktops::Desktops;
use crate::programs;
use crate::shutdown::Wish;
use crate::wishes::{Come, Wishes};

const WINLOGON: &[u16] =
    nt::wide!(r"\Registry\Machine\Software\Microsoft\Windows NT\CurrentVersion\Winlogon");
const ENVIRONMENT: &[u16] =
    nt::wide!(r"\Registry\Machine\System\CurrentControlSet\Control\Session Manager\Environment");
const USERINIT: &[u16] = nt::wide!("Userinit");
const SHELL: &[u16] = nt::wide!("Shell");
const AUTO_RESTART_SHELL: &[u16] = nt::wide!("AutoRestartShell");

/// A shell that ends sooner, in 100 ns, is started again after as long a pause only.
const LEAST: i64 = 10_000_000;
const COMMA: u16 = b',' as u16;

/// Logs the user on, and has him work until somebody wants the system shut down.
pub fn log_on(desktops: &Desktops, wishes: &Wishes) -> Wish {
    refresh_environment();
    desktops.switch_to_users();
    let key = Key::open(WINLOGON).ok();
    let value = |name| key.as_ref().and_then(|key| key.value(name).ok());
    let restarts = value(AUTO_RESTART_SHELL).and_then(|value| dword(&value)) != Some(0);
    let userinit = value(USERINIT).map(|value| start_all(&value.text())).unwrap_or_default();
    let shell = value(SHELL).map(|value| expanded(&value)).unwrap_or_default();
    // What Userinit names starts the shell; where there is no such program, that is done here.
    let mut process = userinit.into_iter().next_back().or_else(|| start_shell(&shell));
    loop {
        let started = now();
        match wishes.wait_with(process.as_ref().map(Child::process)) {
            Come::Wish(wish) => return wish,
            Come::Ended if restarts => {
                if now() - started < LEAST {
                    rt::delay(LEAST as u32);
                }
                process = start_shell(&shell);
            }
            Come::Ended => process = None,
        }
    }
}

/// The variables that the session manager has written since it read them are the user's, too, as are all others of
/// the key.
fn refresh_environment() {
    let values = Key::open(ENVIRONMENT).and_then(|key| key.values());
    for value in values.unwrap_or_default() {
        let text = expanded(&value.value);
        // A name that no variable can have is no reason not to log on.
        let _ = variables::set(&value.name, &text);
    }
}

/// Starts the programs of a list with commas, those that there are.
fn start_all(list: &[u16]) -> Vec<Child> {
    let lines = list.split(|&unit| unit == COMMA).map(<[u16]>::trim_ascii_wide);
    lines.filter(|line| !line.is_empty()).filter_map(|line| programs::start(line).ok()).collect()
}

/// Starts the shell, and says on the boot screen if there is none.
fn start_shell(line: &[u16]) -> Option<Child> {
    let bytes: Vec<u8> =
        line.iter().map(|&unit| u8::try_from(unit).map_or(b'?', |byte| byte & 0x7F)).collect();
    let name = str::from_utf8(&bytes).unwrap_or_default();
    let started = programs::start(line);
    let status = started.as_ref().err().copied().unwrap_or(NtStatus::SUCCESS);
    rt::trace(events::WINLOGON_SHELL, b'I', [status.0.into(), 0], name);
    if started.is_err() {
        rt::display("The shell ");
        rt::display(name);
        rt::display(match status {
            NtStatus::OBJECT_NAME_NOT_FOUND => " was not found\n",
            _ => " could not be started\n",
        });
    }
    started.ok()
}

/// The text of a value, with variables in the place of their names where its type says so.
fn expanded(value: &Value) -> Vec<u16> {
    let text = value.text();
    match value.kind {
        value_type::EXPAND_SZ => variables::expand(&text).unwrap_or(text),
        _ => text,
    }
}

fn dword(value: &Value) -> Option<u32> {
    let bytes = value.data.as_slice().try_into().ok()?;
    (value.kind == value_type::DWORD).then(|| u32::from_le_bytes(bytes))
}

/// The time, in 100 ns.
fn now() -> i64 {
    let (counter, frequency) = rt::performance_counter();
    counter / (frequency / LEAST).max(1)
}

/// Blanks around text.
trait Trim {
    fn trim_ascii_wide(&self) -> &Self;
}

impl Trim for [u16] {
    fn trim_ascii_wide(&self) -> &Self {
        let is_blank = |unit: &u16| *unit <= u16::from(b' ');
        let start = self.iter().position(|unit| !is_blank(unit)).unwrap_or(self.len());
        let end = self.iter().rposition(|unit| !is_blank(unit)).map_or(start, |last| last + 1);
        self.get(start..end).unwrap_or_default()
    }
}
