//! Running programs.

use alloc::format;

use nt::NtStatus;
use rt::process::{self, Start};
use shellcore::Command;

use crate::failure::{About, Done, Failure};
use crate::paths::wide;
use crate::shell::Shell;

/// IMAGE_SUBSYSTEM_NATIVE.
const NATIVE: u32 = 1;

/// A program by its name, along `Path`. It is waited for; its exit status is the command's.
pub fn program(shell: &Shell, command: &Command) -> Done {
    if command.output.is_some() || command.input.is_some() {
        return Err(Failure::new("a program writes to the screen itself: it cannot be redirected"));
    }
    let path = shell.variables.get("Path").unwrap_or_default();
    let image = process::find(&wide(&format!(".;{path}")), &wide(&command.name));
    let image = image.ok_or(NtStatus::OBJECT_NAME_NOT_FOUND).map_err(|_| Failure {
        text: "neither a command (help lists them) nor a program".into(),
        code: 9009,
    })?;
    let line = match command.tail.as_str() {
        "" => command.name.clone(),
        tail => format!("{} {tail}", command.name),
    };
    let (line, environment) = (wide(&line), shell.variables.block());
    let start = Start { image: &image, command_line: &line, environment: &environment, ..Start::default() };
    let child = process::create(&start).about("starting it")?;
    if child.subsystem() != NATIVE {
        child.terminate(NtStatus::INVALID_IMAGE_FORMAT);
        return Err(Failure::new("not a native program"));
    }
    child.resume().ok().about("starting it")?;
    rt::wait(child.process());
    let status = process::basic(child.process()).about("its end")?.exit_status;
    match status {
        0 => Ok(()),
        code => Err(Failure { text: format!("ended with {code:#x}"), code }),
    }
}
