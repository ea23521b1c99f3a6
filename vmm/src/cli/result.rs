//! The result of a run: one JSON object, or a few lines for people.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::clock::Stamp;
use crate::drives::DriveStats;
use crate::error::Error;
use crate::hives::{Saved, SavedHive};
use crate::machine::MachineStats;
use crate::outcome::{ExitCode, Outcome};
use crate::report::{Dump, Printable};
use crate::run::RunReport;
use crate::sys::peak::peak_rss_kib;
use crate::sys::stdout;
use crate::trace::reader::Lost;
use crate::trace::{Step, timeline};

/// The event that says that the boot is done.
const SESSION_READY: &str = "Smss.SessionReady";

/// Version of the JSON object. It changes when a field changes its meaning or goes away.
const SCHEMA: u32 = 1;

/// What a run came to, in the shape of the JSON.
#[derive(Debug, Serialize)]
pub struct RunResult {
    schema: u32,
    outcome: Outcome,
    /// Whether the boot got as far as its session.
    session_ready: bool,
    exit_code: u8,
    /// What began when, and how long it took: both sides, in order of time.
    timeline: Vec<Step>,
    /// Events that are missing from it.
    events_lost: Lost,
    monitor: Monitor,
    exits: Exits,
    devices: MachineStats,
    /// What went through the drives, if there are any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    drives: Vec<DriveStats>,
    /// Pages of guest RAM that the host has given memory to.
    #[serde(skip_serializing_if = "Option::is_none")]
    guest_pages: Option<u64>,
    /// The last of what the guest sent to COM1.
    console: String,
    /// Hives that were saved, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    hives: Option<Vec<SavedHive>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dump: Option<Dump>,
    /// What was expected of the guest and did not come about.
    complaints: Vec<String>,
}

/// Where the monitor's own time goes, in microseconds from the start of `main`.
#[derive(Debug, Default, Serialize)]
struct Monitor {
    /// That start, on the host's `CLOCK_MONOTONIC`.
    start_ns: u64,
    /// To the first entry of the guest.
    first_run_us: Option<f64>,
    /// From there to the guest's end.
    guest_us: Option<f64>,
    /// Closing the VM.
    teardown_us: Option<f64>,
    /// Working out this very report, without writing it.
    report_us: f64,
    /// The most memory the process ever had, guest pages included, in KiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    peak_rss_kib: Option<u64>,
    /// Each step of the set-up.
    spans_us: BTreeMap<String, f64>,
}

#[derive(Debug, Serialize)]
struct Exits {
    total: u64,
    kinds: BTreeMap<&'static str, u64>,
}

impl RunResult {
    /// Works it out. `symbols` is the kernel's map of functions; `with_pages` reads the resident size of guest RAM.
    pub fn new(report: &RunReport, symbols: &str, with_pages: bool) -> Self {
        let began = Stamp::now().ns;
        let peak_rss_kib = with_pages.then(peak_rss_kib).flatten();
        let timeline = timeline(&report.events, &report.clock);
        let dump = (!report.outcome.is_orderly()).then(|| Dump::collect(report, symbols));
        let mut result = Self {
            schema: SCHEMA,
            outcome: report.outcome.clone(),
            session_ready: ready(&timeline).is_some(),
            exit_code: report.outcome.exit_code() as u8,
            monitor: Monitor { start_ns: report.clock.start().ns, peak_rss_kib, ..Monitor::new(&timeline) },
            timeline,
            events_lost: report.lost,
            exits: Exits {
                total: report.exits.total(),
                kinds: report.exits.counts().map(|(kind, count)| (kind.name(), count)).collect(),
            },
            devices: report.stats,
            drives: report.drives.clone(),
            guest_pages: with_pages.then(|| report.memory.resident_pages()).flatten(),
            console: String::from_utf8_lossy(&report.console_tail).into_owned(),
            hives: None,
            dump,
            complaints: Vec::new(),
        };
        result.monitor.report_us = Stamp::now().ns.saturating_sub(began) as f64 / 1000.0;
        result
    }

    /// The steps.
    pub fn timeline(&self) -> &[Step] {
        &self.timeline
    }

    /// When the session was ready, in microseconds from the start of the process; never, if it was not.
    pub fn session_ready_us(&self) -> Option<f64> {
        ready(&self.timeline)
    }

    /// What the run is to end with.
    pub fn exit_code(&self) -> ExitCode {
        match self.outcome.exit_code() {
            ExitCode::Success if self.exit_code != 0 => ExitCode::TestFailed,
            code => code,
        }
    }

    /// A power-off is a success only after the session was ready. (An event that was lost may be the one.)
    pub fn require_session(&mut self) {
        if !self.session_ready && self.exit_code == 0 && self.events_lost.full == 0 {
            self.complain("the guest powered off before its session was ready".into());
        }
    }

    /// Adds what came of saving hives.
    pub fn add_hives(&mut self, saved: Saved) {
        saved.complaints.into_iter().for_each(|complaint| self.complain(complaint));
        self.hives = Some(saved.files);
    }

    /// The guest has not done what was expected: that is no success.
    fn complain(&mut self, complaint: String) {
        if self.exit_code == 0 {
            self.exit_code = ExitCode::TestFailed as u8;
        }
        self.complaints.push(complaint);
    }

    /// Prints the JSON object on standard output.
    ///
    /// # Errors
    /// [`Error::Output`].
    pub fn print_json(&self) -> Result<(), Error> {
        let mut text =
            serde_json::to_vec(self).map_err(|_| Error::Internal("a result that JSON cannot hold"))?;
        text.push(b'\n');
        print(&text)
    }

    /// Says on standard error how it ended, unless it ended well.
    pub fn explain(&self, show_console: bool) {
        let mut text = String::new();
        if show_console && !self.console.is_empty() && self.exit_code() != ExitCode::Success {
            text += &format!(
                "smvm: the guest's last words:\n{}\n",
                Printable(&self.console).to_string().trim_end()
            );
        }
        if let Some(line) = self.outcome.sentence() {
            text += &format!("smvm: {line}\n");
        }
        for complaint in &self.complaints {
            text += &format!("smvm: {complaint}\n");
        }
        if let Some(dump) = &self.dump {
            text += &dump.to_string();
        }
        if self.events_lost != Lost::default() {
            let Lost { full, malformed } = self.events_lost;
            text += &format!(
                "smvm: events are missing: {full} did not fit the ring, {malformed} slots made no sense\n"
            );
        }
        // There is nowhere to tell that standard error is closed.
        let _ = io::stderr().write_all(text.as_bytes());
    }
}

fn ready(timeline: &[Step]) -> Option<f64> {
    timeline.iter().find(|step| step.name == SESSION_READY).map(|step| step.start_us)
}

impl Monitor {
    fn new(timeline: &[Step]) -> Self {
        let find = |name: &str| timeline.iter().find(|step| step.name == name);
        let first_run_us = find("Vmm.FirstRun").map(|step| step.start_us);
        let end = find("Vmm.End").map(|step| step.start_us);
        let spans = timeline.iter().filter(|step| step.name.starts_with("Vmm."));
        Self {
            first_run_us,
            guest_us: end.zip(first_run_us).map(|(end, first)| end - first),
            teardown_us: find("Vmm.Teardown").and_then(|step| step.duration_us),
            spans_us: spans.filter_map(|step| Some((step.name.clone(), step.duration_us?))).collect(),
            ..Self::default()
        }
    }
}

/// Writes to standard output.
///
/// # Errors
/// [`Error::Output`], for a closed pipe as well.
pub fn print(text: &[u8]) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    let written = match stdout::was_closed() {
        true => Err(io::Error::from_raw_os_error(libc::EBADF)),
        false => out.write_all(text).and_then(|()| out.flush()),
    };
    written.map_err(|source| Error::Output { path: "standard output".into(), source })
}

/// Prints the JSON object of a run that did not come about on standard output.
///
/// # Errors
/// [`Error::Output`].
pub fn print_error(error: &Error) -> Result<(), Error> {
    let object = serde_json::json!({
        "schema": SCHEMA,
        "error": error.to_string(),
        "remedy": error.remedy(),
        "exit_code": error.exit_code() as u8,
    });
    print(format!("{object}\n").as_bytes())
}
