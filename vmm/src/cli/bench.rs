//! `smvm bench`: what a VM costs, beside other monitors.

use std::io::Write as _;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::forward::ForwardedOptions;
use super::options::GuestOptions;
use super::result::print;
use crate::backends::PortSpec;
use crate::bench::{Failure, Peer, Settings, bench};
use crate::error::Error;
use crate::outcome::ExitCode;

/// The deadline of a boot when none is given.
const DEADLINE: Duration = Duration::from_secs(60);

/// Options of `smvm bench`.
#[derive(Debug, Args)]
pub struct Bench {
    /// Runs of each contender.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    runs: u32,
    /// Rounds before those, which do not count.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(..=100_000))]
    warmup: u32,
    /// Other monitors to run the same guests: a list with commas, or none.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "qemu,firecracker")]
    with: Vec<With>,
    #[command(flatten)]
    options: ForwardedOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum With {
    /// QEMU's microvm with KVM.
    Qemu,
    /// Firecracker.
    Firecracker,
    /// No other monitor.
    None,
}

impl Bench {
    /// What it boots, and with what.
    pub(super) fn guest(&self) -> &GuestOptions {
        &self.options.guest
    }

    /// Measures, and prints the table or the JSON object.
    pub(super) fn execute(self) -> Result<ExitCode, Error> {
        let ForwardedOptions { guest, words } = self.options;
        if guest.events.is_some() {
            return Err(Error::Usage("--events is for one boot; bench makes many".into()));
        }
        if guest.save_hives.is_some() {
            return Err(Error::Usage("--save-hives is for one boot; bench makes many".into()));
        }
        let mut config = guest.config(PortSpec::default(), true, true)?;
        config.deadline.get_or_insert(DEADLINE);
        let settings = Settings {
            runs: self.runs as usize,
            warmup: self.warmup as usize,
            peers: peers(&self.with)?,
            boot_options: words,
            config,
        };
        let report = match bench(&settings) {
            Ok(report) => report,
            Err(Failure::Error(error)) => return Err(error),
            Err(Failure::Report) => return Err(Error::Internal("a run's report lacks something")),
            Err(Failure::Run { code, command, stderr }) => {
                let text = format!("{stderr}smvm: bench gave up, because this run failed: {command}\n");
                // There is nowhere to tell that standard error is closed.
                let _ = std::io::stderr().write_all(text.as_bytes());
                return Ok(code);
            }
        };
        let text = if guest.json {
            let text = serde_json::to_string(&report);
            text.map_err(|_| Error::Internal("a report that JSON cannot hold"))? + "\n"
        } else {
            report.to_string()
        };
        print(text.as_bytes())?;
        Ok(ExitCode::Success)
    }
}

fn peers(with: &[With]) -> Result<Vec<Peer>, Error> {
    if with.contains(&With::None) && with.len() > 1 {
        return Err(Error::Usage("--with none stands alone".into()));
    }
    let wanted = |peer: &Peer| match peer {
        Peer::Qemu => with.contains(&With::Qemu),
        Peer::Firecracker => with.contains(&With::Firecracker),
    };
    Ok(Peer::ALL.into_iter().filter(wanted).collect())
}
