//! The command line: one file for each subcommand.

mod bench;
mod boot;
mod boxed;
mod disk;
mod doctor;
mod forward;
mod image;
mod launch;
mod options;
mod reg;
mod result;
mod run;

use std::io::Write as _;
use std::process::ExitCode as ProcessExitCode;

use clap::{Parser, Subcommand};

use crate::clock::Stamp;
use crate::error::Error;
use crate::outcome::ExitCode;

/// A small KVM monitor that boots an NT-like session and says how it went.
#[derive(Debug, Parser)]
#[command(name = "smvm", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
// Only the subcommand that is used works out its options: that takes time.
#[command(defer = true)]
enum Command {
    /// Boot the image, wait for its end, print the timeline of the boot.
    Boot(boot::Boot),
    /// Launch a VM with COM1 on this terminal; stays until the guest ends (Ctrl-A x leaves).
    Run(run::Run),
    /// Measure what a VM costs, beside other monitors.
    Bench(bench::Bench),
    /// Run a command of smvm in an emulated host with hardware KVM (needs QEMU; takes seconds).
    Box(boxed::Boxed),
    /// Can this host run it? Opens /dev/kvm, runs a vCPU, says what to mend.
    Doctor(doctor::Doctor),
    /// List or export the image that is booted.
    Image(image::ImageCommand),
    /// Query, change, import and export the keys of a hive file.
    Reg(reg::RegCommand),
}

/// Parses the arguments, runs the subcommand, reports its error, and gives the exit code.
pub fn main(start: Stamp) -> ProcessExitCode {
    crate::sys::heap::share();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { ExitCode::Usage } else { ExitCode::Success };
            // A closed standard output cannot be told about anywhere.
            let _ = error.print();
            return code.into();
        }
    };
    let result = match cli.command {
        Command::Boot(command) => command.execute(start),
        Command::Run(command) => command.execute(start),
        Command::Bench(command) => command.execute(),
        Command::Doctor(command) => command.execute(),
        Command::Image(command) => command.execute(),
        Command::Reg(command) => command.execute(),
        Command::Box(command) => return in_the_box(command),
    };
    result.unwrap_or_else(|error| report(&error)).into()
}

/// The command inside the box is checked out here, where its files are.
fn in_the_box(command: boxed::Boxed) -> ProcessExitCode {
    let inner = match Cli::try_parse_from(command.arguments()) {
        Ok(inner) => inner.command,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::Usage } else { ExitCode::Success }.into();
        }
    };
    let guest = match &inner {
        Command::Boot(boot) => Some(boot.guest()),
        Command::Run(run) => Some(run.guest()),
        Command::Bench(bench) => Some(bench.guest()),
        _ => None,
    };
    command.execute(guest).unwrap_or_else(|error| report(&error)).into()
}

/// The command that does the same in the box, as the user can type it.
fn box_command() -> String {
    let mut words = std::env::args();
    let program = words.next().unwrap_or_else(|| "smvm".into());
    words.fold(format!("{program} box"), |text, word| {
        match word.contains(|letter: char| !(letter.is_ascii_alphanumeric() || "-_=./:,+@%".contains(letter)))
        {
            true => format!("{text} '{}'", word.replace('\'', r"'\''")),
            false => format!("{text} {word}"),
        }
    })
}

fn report(error: &Error) -> ExitCode {
    let mut text = match error.exit_code() {
        ExitCode::Unavailable => {
            format!("smvm: {error}; to do it in an emulated KVM host: {}\n", box_command())
        }
        _ => format!("smvm: {error}\n"),
    };
    if let Some(remedy) = error.remedy() {
        text += &format!("smvm: to mend it: {remedy}\n");
    }
    // There is nowhere to tell that standard error is closed.
    let _ = std::io::stderr().write_all(text.as_bytes());
    error.exit_code()
}
