//! `smvm doctor`: what this host can do, as a table or as JSON.

use std::env;
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};

use clap::Args;

use super::result::print;
use crate::doctor::{Check, Diagnosis, Status, diagnose, gather};
use crate::error::Error;
use crate::outcome::ExitCode;

/// Checks with this prefix are one line of the table as long as they pass.
const CAPABILITY: &str = "cap.";

/// Can this host run it? Opens /dev/kvm, runs a vCPU, says what to mend.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Print one JSON object with every check, the kind of host and its speed.
    #[arg(long)]
    json: bool,
}

impl Doctor {
    /// Examines the host; success means that smvm can run on it.
    pub(super) fn execute(self) -> Result<ExitCode, Error> {
        let diagnosis = diagnose(&gather::all());
        if self.json {
            let mut text = serde_json::to_vec(&diagnosis)
                .map_err(|_| Error::Internal("a diagnosis that JSON cannot hold"))?;
            text.push(b'\n');
            print(&text)?;
        } else {
            print(table(&diagnosis, colour()).as_bytes())?;
        }
        Ok(if diagnosis.runnable { ExitCode::Success } else { ExitCode::Unavailable })
    }
}

/// Whether standard output wants colour.
fn colour() -> bool {
    let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || env::var_os("TERM").is_none_or(|value| value == "dumb");
    !refused && io::stdout().is_terminal()
}

/// One line a check, then what mends them, then the verdict.
fn table(diagnosis: &Diagnosis, colour: bool) -> String {
    let mut text = String::new();
    let there = diagnosis.checks.iter().filter(|check| folded(check)).count();
    let all = diagnosis.checks.iter().filter(|check| check.name.starts_with(CAPABILITY)).count();
    let mut capabilities = (there > 0).then(|| format!("{there} of {all} are there"));
    for check in &diagnosis.checks {
        if folded(check) {
            if let Some(detail) = capabilities.take() {
                line(&mut text, Status::Pass, "capabilities", &detail, colour);
            }
        } else {
            line(&mut text, check.status, check.name, &check.detail, colour);
        }
    }
    for check in &diagnosis.checks {
        if let Some(mend) = &check.mend {
            let _ = writeln!(text, "\nTo mend {}:", check.name);
            for line in mend.lines() {
                let _ = writeln!(text, "    {line}");
            }
        }
    }
    text.push('\n');
    let _ = match (&diagnosis.host, &diagnosis.instead) {
        (_, Some(instead)) => writeln!(
            text,
            "smvm cannot run here. This boots the same in an emulated host, slowly:\n    {instead}"
        ),
        (_, None) if !diagnosis.runnable => writeln!(text, "smvm cannot run here."),
        (Some(host), None) => writeln!(text, "smvm can run here, on {} KVM.", host.name()),
        (None, None) => writeln!(text, "smvm can run here."),
    };
    text
}

fn folded(check: &Check) -> bool {
    check.name.starts_with(CAPABILITY) && check.status == Status::Pass && check.detail == "there"
}

fn line(text: &mut String, status: Status, name: &str, detail: &str, colour: bool) {
    let (on, off) = match (colour, status) {
        (false, _) => ("", ""),
        (true, Status::Pass) => ("\x1B[32m", "\x1B[0m"),
        (true, Status::Warn) => ("\x1B[33m", "\x1B[0m"),
        (true, Status::Fail) => ("\x1B[31m", "\x1B[0m"),
    };
    let _ = writeln!(text, "{on}{}{off}  {name:<12}  {detail}", status.name());
}
