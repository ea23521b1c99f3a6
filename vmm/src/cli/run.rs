//! `smvm run`: a VM with COM1 on this terminal.

use clap::Args;

use super::launch::{Job, launch};
use super::options::GuestOptions;
use crate::backends::{PortSpec, TargetSpec};
use crate::clock::Stamp;
use crate::error::Error;
use crate::outcome::ExitCode;

/// Launch a VM with COM1 on this terminal; stays until the guest ends (Ctrl-A x leaves).
#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    guest: GuestOptions,
}

impl Run {
    /// What it boots, and with what.
    pub(super) fn guest(&self) -> &GuestOptions {
        &self.guest
    }

    /// Runs the VM until it ends.
    pub(super) fn execute(self, start: Stamp) -> Result<ExitCode, Error> {
        // Standard output is for one thing only.
        let taken = self.guest.json || self.guest.events_to_stdout();
        let target = if taken { TargetSpec::Stderr } else { TargetSpec::Stdio };
        let com1 = PortSpec { targets: vec![target] };
        let (result, failure) =
            launch(Job { options: &self.guest, com1, trace: false, session: false }, start)?;
        result.explain(false);
        failure.map_or(Ok(result.exit_code()), Err)
    }
}
