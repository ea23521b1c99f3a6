//! `exit` and `shutdown`.

use nt::winlogon::SHUTDOWN_EVENTS;
use rt::ShutdownAction;
use rt::objects::Name;
use shellcore::Command;

use crate::failure::{About, Done, Failure};
use crate::paths::wide;
use crate::shell::Shell;

/// `exit [CODE]`.
pub fn exit(shell: &mut Shell, command: &Command) -> Done {
    shell.is_over = true;
    match command.words.iter().rfind(|word| !word.starts_with('/')) {
        None => Ok(()),
        Some(word) => {
            let code = word.parse().map_err(|_| Failure::usage("exit [CODE]"))?;
            if code == 0 { Ok(()) } else { Err(Failure { text: alloc::format!("code {code}"), code }) }
        }
    }
}

/// `shutdown /s` powers off, `/r` reboots. The logon process does it, in order; where there is none, the kernel.
pub fn shutdown(shell: &mut Shell, command: &Command) -> Done {
    let has = |letter: &str| command.words.iter().any(|word| word.eq_ignore_ascii_case(letter));
    let action = match (has("/s"), has("/r")) {
        (true, false) => ShutdownAction::PowerOff,
        (false, true) => ShutdownAction::Reboot,
        _ => return Err(Failure::usage("shutdown /s | /r")),
    };
    let event = SHUTDOWN_EVENTS.get(action as usize).copied().unwrap_or_default();
    if rt::tasks::signal(&Name::new(&wide(event))).is_err() {
        rt::shutdown(action).ok().about("the system")?;
    }
    shell.is_over = true;
    Ok(())
}
