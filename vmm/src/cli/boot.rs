//! `smvm boot`: boots the image and prints the boot's timeline.

use std::fmt::Write as _;
use std::time::Duration;

use clap::Args;

use super::launch::{Job, launch};
use super::options::GuestOptions;
use super::result::{RunResult, print};
use crate::backends::PortSpec;
use crate::clock::Stamp;
use crate::error::Error;
use crate::outcome::ExitCode;
use crate::report::Line;

/// The deadline when none is given.
const DEADLINE: Duration = Duration::from_secs(60);

/// Boot the image, wait for its end, print the timeline of the boot.
#[derive(Debug, Args)]
pub struct Boot {
    #[command(flatten)]
    guest: GuestOptions,
}

impl Boot {
    /// What it boots, and with what.
    pub(super) fn guest(&self) -> &GuestOptions {
        &self.guest
    }

    /// Boots, and prints the timeline or the JSON object.
    pub(super) fn execute(mut self, start: Stamp) -> Result<ExitCode, Error> {
        self.guest.deadline.get_or_insert(DEADLINE);
        let session = self.guest.has_session();
        let job = Job { options: &self.guest, com1: PortSpec::default(), trace: true, session };
        let (result, failure) = launch(job, start)?;
        if !self.guest.json {
            let table = table(&result);
            if self.guest.events_to_stdout() {
                // Standard output carries the events.
                eprint_all(&table);
            } else {
                print(table.as_bytes())?;
            }
        }
        result.explain(true);
        failure.map_or(Ok(result.exit_code()), Err)
    }
}

fn eprint_all(text: &str) {
    use std::io::Write as _;
    // There is nowhere to tell that standard error is closed.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// The timeline as a table: step, start and duration, and on a line of its own how long it took to the session.
fn table(result: &RunResult) -> String {
    let mut text = String::from("    start ms   duration ms  step\n");
    for step in result.timeline() {
        let ms = |us: f64| us / 1000.0;
        let _ = write!(text, "{:>12.3}  ", ms(step.start_us));
        let _ = match step.duration_us {
            Some(duration) => write!(text, "{:>12.3}", ms(duration)),
            None => write!(text, "{:>12}", ""),
        };
        let _ = writeln!(text, "  {:indent$}{}", "", Line(step), indent = 2 * step.depth.min(8));
    }
    match result.session_ready_us() {
        Some(us) => {
            let _ = writeln!(text, "session ready after {:.3} ms", us / 1000.0);
        }
        None => text += "session never ready\n",
    }
    text
}
