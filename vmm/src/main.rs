//! The program: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    // First of all: this moment is time 0 of every event.
    let start = smvm::clock::Stamp::now();
    smvm::cli::main(start)
}
