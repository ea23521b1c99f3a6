//! The shell on COM1: a command interpreter in the manner of Windows' `cmd.exe`, for a terminal or a script at the other
//! end of the line. docs/shell.md describes it for people.
#![cfg_attr(target_os = "windows", no_std, no_main)]

extern crate alloc;

mod console;
mod failure;
mod files;
mod folders;
mod help;
mod objects;
mod out;
mod paths;
mod power;
mod registry;
mod run;
mod shell;
mod system;
mod tasks;
mod variables;

use alloc::string::String;

use nt::NtStatus;

use console::{Console, Input};
use shell::Shell;

rt::program!(start);

/// `cmd` reads commands from COM1; `cmd /c COMMAND` runs one and ends.
fn start(_peb: usize) -> NtStatus {
    let console = match Console::open() {
        Ok(console) => console,
        Err(status) => return status,
    };
    let mut shell = Shell::new(console);
    let line = String::from_utf16_lossy(&rt::own::command_line());
    match line.split_once(" /c ").or_else(|| line.split_once(" /C ")) {
        Some((_, command)) => shell.line(command),
        None => interact(&mut shell),
    }
    NtStatus(shell.code)
}

fn interact(shell: &mut Shell) {
    let mut lines = 0_u32;
    while !shell.is_over {
        let prompt = shell.prompt();
        match shell.console.read_line(&prompt) {
            Input::Line(line) => {
                lines += 1;
                shell.line(&line);
            }
            Input::Interrupt => {}
            Input::End => break,
            // The other end is gone. If it was a script, its work is done; else perhaps somebody comes.
            Input::HungUp if lines > 0 => {
                shell.line("shutdown /s");
                break;
            }
            Input::HungUp => shell.console.wait_for_carrier(),
        }
    }
}
