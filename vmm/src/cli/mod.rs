//! The command line: one file for each subcommand.

mod options;
mod run;

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
enum Command {
    /// Launch a VM with COM1 on this terminal; stays until the guest ends (Ctrl-A x leaves).
    Run(run::Run),
}

/// Parses the arguments, runs the subcommand, reports its error, and gives the exit code.
pub fn main(start: Stamp) -> ProcessExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() {
                ExitCode::Usage
            } else {
                ExitCode::Success
            };
            // A closed standard output cannot be told about anywhere.
            let _ = error.print();
            return code.into();
        }
    };
    let result = match cli.command {
        Command::Run(command) => command.execute(start),
    };
    result.unwrap_or_else(|error| report(&error)).into()
}

fn report(error: &Error) -> ExitCode {
    eprintln!("smvm: {error}");
    if let Some(remedy) = error.remedy() {
        eprintln!("smvm: to mend it: {remedy}");
    }
    error.exit_code()
}
