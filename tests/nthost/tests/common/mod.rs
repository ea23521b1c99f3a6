//! Running a program under nthost.
#![allow(dead_code, clippy::allow_attributes, reason = "not every test uses all of it")]

use std::path::Path;
use std::process::Command;

/// How a program ran.
#[derive(Debug)]
pub struct Run {
    /// What it printed.
    pub output: String,
    /// Its system calls, with `--trace`.
    pub trace: Vec<String>,
    /// Its exit status.
    pub status: u32,
}

/// Where the images are.
pub fn folder() -> &'static Path {
    Path::new(env!("OUT_DIR"))
}

/// Runs a program that the build script has built; `program` may have arguments.
pub fn run(options: &[&str], program: &str) -> Run {
    let mut command = Command::new("timeout");
    command.arg("60").arg(env!("CARGO_BIN_EXE_nthost")).args(options).arg(folder()).args(program.split(' '));
    let output = command.output().expect("nthost runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let mut trace: Vec<String> = errors.lines().map(str::to_owned).collect();
    let last = trace.pop().unwrap_or_default();
    let status = last.strip_prefix("status=").and_then(|rest| rest.split(' ').next());
    let status = status.and_then(|status| u32::from_str_radix(status, 16).ok());
    let status = status.unwrap_or_else(|| panic!("{program}: {}\n{text}\n{errors}", output.status));
    Run { output: text, trace, status }
}
