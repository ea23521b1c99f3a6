//! `smvm bench`: what a VM costs from `exec` to the end of the process.
//!
//! Every run is a process of its own, because a process is what users pay for. All contenders take turns
//! in rounds, so that whatever else the host does meets them alike: `/bin/true` as the floor, this monitor
//! with the smallest guest and with the image, other monitors with the very same files, and this monitor
//! once more as a control that shows what the host's noise alone does to a median.

mod child;
mod event_cost;
mod guest;
mod host;
mod peers;
mod plan;
mod sample;
mod series;
mod stats;
mod table;

use std::ffi::OsString;
use std::time::Duration;

use serde::Serialize;

pub use self::event_cost::EventCost;
pub use self::host::Host;
pub use self::peers::Peer;
pub use self::sample::Sample;
pub use self::series::{Runner, Series, Subject};
pub use self::stats::{Orders, Summary, apart_percent, notch};

use self::child::Finished;
use self::plan::Plan;
use crate::error::Error;
use crate::kvm::Hypervisor;
use crate::outcome::ExitCode;
use crate::run::Config;

/// Version of the JSON object. It changes when a field changes its meaning or goes away.
const SCHEMA: u32 = 1;
/// Most boots that measure the cost of an event: each measures it some hundred times.
const CALIBRATE_RUNS: usize = 5;

/// What to measure.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Runs of each contender.
    pub runs: usize,
    /// Rounds before those, which do not count. The first round of all checks what the runs do, and does not
    /// count either.
    pub warmup: usize,
    /// Other monitors to compare with.
    pub peers: Vec<Peer>,
    /// Options of `smvm boot`, as words.
    pub boot_options: Vec<OsString>,
    /// What they mean.
    pub config: Config,
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    schema: u32,
    version: &'static str,
    runs: usize,
    warmup: usize,
    host: Host,
    series: Vec<Series>,
    control: Option<Control>,
    /// `null`: the guest recorded no such events.
    event_cost: Option<EventCost>,
}

/// Two identical series: what this host's noise does to a median.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Control {
    /// How far their medians of the whole life are apart.
    pub apart_percent: f64,
    /// How far they could be apart by chance, judging by how each series spreads.
    pub spread_percent: f64,
    /// Differences below this cannot be told from noise here: the greater of the two.
    pub resolution_percent: f64,
}

/// A benchmark that could not be finished.
#[derive(Debug)]
pub enum Failure {
    /// Before any run.
    Error(Error),
    /// A run of our own ended as it should not.
    Run {
        /// Its exit code, which is the benchmark's as well.
        code: ExitCode,
        /// The command.
        command: String,
        /// What it had to say.
        stderr: String,
    },
    /// A run's JSON lacks something.
    Report,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Failure {
    fn start(command: &[OsString], source: std::io::Error) -> Self {
        let path = command.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
        Self::Error(Error::Input { path, source })
    }

    fn run(command: &[OsString], finished: &Finished) -> Self {
        let known = [
            ExitCode::TestFailed,
            ExitCode::Usage,
            ExitCode::Bugcheck,
            ExitCode::Hang,
            ExitCode::Unavailable,
            ExitCode::Temporary,
            ExitCode::Interrupted,
        ];
        let code = known.into_iter().find(|known| finished.status.code() == Some(*known as i32));
        let words: Vec<_> = command.iter().map(|word| word.to_string_lossy()).collect();
        Self::Run {
            code: if finished.timed_out { ExitCode::Hang } else { code.unwrap_or(ExitCode::Internal) },
            command: words.join(" "),
            stderr: format!("{}smvm: {}\n", finished.stderr, finished.status),
        }
    }
}

/// Measures.
///
/// # Errors
/// [`Failure`] at the first run of our own that fails. Trouble with a peer is told in the report.
pub fn bench(settings: &Settings) -> Result<Report, Failure> {
    // Said here rather than by the first run, whose files are not the user's.
    drop(Hypervisor::open().map_err(Error::from)?);
    let host = Host::here();
    let Plan { mut series, mut calibrate, files: _files } = Plan::new(settings)?;
    // Beyond the deadline that each of our own runs has.
    let limit = settings.config.deadline.unwrap_or_default() + Duration::from_secs(30);

    let mut text = String::new();
    for series in series.iter_mut().filter(|series| series.is_active()) {
        if let Some(finished) = series.run(true, limit)? {
            if series.subject == Subject::Image && series.runner == Runner::SmvmReport {
                text = first_line(&finished);
            }
            series.check(&finished, &text);
        }
    }
    let mut orders = Orders::default();
    for round in 0..settings.warmup + settings.runs {
        for turn in orders.draw(series.len()) {
            let series = &mut series[turn];
            if series.is_active()
                && let Some(finished) = series.run(false, limit)?
                && round >= settings.warmup
            {
                series.keep(&finished)?;
            }
        }
    }

    let mut distances = Vec::new();
    for _ in 0..settings.runs.min(CALIBRATE_RUNS) {
        let finished = calibrate.run(true, limit)?;
        let report = finished.and_then(|finished| serde_json::from_str(&finished.stdout).ok());
        let found = event_cost::distances_ns(&report.ok_or(Failure::Report)?);
        if found.is_empty() {
            break;
        }
        distances.extend(found);
    }
    Ok(Report {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        runs: settings.runs,
        warmup: settings.warmup,
        host,
        control: control(&series),
        series,
        event_cost: EventCost::of(&distances),
    })
}

/// The first line that the guest printed on COM1 in a run with `--json`.
fn first_line(finished: &Finished) -> String {
    let report: serde_json::Value = serde_json::from_str(&finished.stdout).unwrap_or_default();
    let console = report["console"].as_str().unwrap_or_default();
    console.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned()
}

fn control(series: &[Series]) -> Option<Control> {
    let of = |id: &str| {
        let series = series.iter().find(|series| series.id == id)?;
        let walls = || series.samples.iter().filter_map(|sample| sample.get("wall_us"));
        Some((Summary::of(walls())?.median, notch(walls())))
    };
    let ((a, a_notch), (b, b_notch)) = of(plan::SUBJECT_ID).zip(of(plan::CONTROL_ID))?;
    let apart_percent = apart_percent(a, b);
    let spread_percent = (a_notch + b_notch) / a.min(b) * 100.0;
    Some(Control { apart_percent, spread_percent, resolution_percent: apart_percent.max(spread_percent) })
}
