//! `tasklist` and `taskkill`.

use alloc::format;
use alloc::string::String;

use nt::NtStatus;
use rt::tasks::Task;
use shellcore::{Command, matches};

use crate::failure::{About, Done, Failure};
use crate::out::{Out, say};
use crate::paths::narrow;

/// PROCESS_TERMINATE.
const TERMINATE: u32 = 1;

fn name(task: &Task) -> String {
    match task.name[..] {
        [] => "Idle".into(),
        ref units => narrow(units),
    }
}

/// `tasklist`: memory in KiB, time in seconds.
pub fn list(out: &mut Out) -> Done {
    say!(
        out,
        "{:<20} {:>5} {:>6} {:>7} {:>7} {:>9} {:>10}",
        "Image",
        "PID",
        "Parent",
        "Threads",
        "Session",
        "Memory K",
        "CPU s"
    );
    for task in rt::tasks::list().about("processes")? {
        let information = &task.information;
        let milliseconds = (information.user_time + information.kernel_time) / 10_000;
        let time = format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000);
        say!(
            out,
            "{:<20} {:>5} {:>6} {:>7} {:>7} {:>9} {time:>10}",
            name(&task),
            information.unique_process_id,
            information.inherited_from_unique_process_id,
            information.number_of_threads,
            information.session_id,
            information.working_set_size / 1024,
        );
    }
    Ok(())
}

/// `taskkill [/f] [/pid] ID | [/im] NAME`: ends processes at once; there are no windows to be asked to close.
pub fn kill(command: &Command, out: &mut Out) -> Done {
    let mut any = false;
    for word in command.words.iter().filter(|word| !word.starts_with('/')) {
        any = true;
        let id = word.parse::<u64>().ok();
        let tasks = rt::tasks::list().about("processes")?;
        let is_meant = |task: &&Task| match id {
            Some(id) => task.information.unique_process_id == id,
            None => matches(word, &name(task)),
        };
        let mut found = false;
        for task in tasks.iter().filter(is_meant) {
            found = true;
            let id = task.information.unique_process_id;
            let process = rt::process::open(id, TERMINATE).about(&name(task))?;
            rt::process::terminate(process.get(), NtStatus(1)).ok().about(&name(task))?;
            say!(out, "{} ({id}) has been ended", name(task));
        }
        if !found {
            return Err(NtStatus::INVALID_CID).about(word);
        }
    }
    if any { Ok(()) } else { Err(Failure::usage("taskkill [/f] ID | NAME ...")) }
}
