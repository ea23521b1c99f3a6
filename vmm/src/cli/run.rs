//! `smvm run`: a VM with COM1 on this terminal.

use clap::Args;

use super::options::GuestOptions;
use crate::backends::{PortSpec, TargetSpec};
use crate::clock::Stamp;
use crate::error::Error;
use crate::outcome::ExitCode;
use crate::trace::Spans;

/// Options of `smvm run`.
#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    guest: GuestOptions,
}

impl Run {
    /// Runs the VM.
    pub(super) fn execute(self, start: Stamp) -> Result<ExitCode, Error> {
        let config = self.guest.config(
            PortSpec {
                targets: vec![TargetSpec::Stdio],
            },
            false,
        )?;
        let report = crate::run::run(&config, start, Spans::default())?;
        Ok(report.outcome.exit_code())
    }
}
