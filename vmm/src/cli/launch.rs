//! What `boot` and `run` have in common: run the VM, deliver events and JSON.

use super::options::GuestOptions;
use super::result::{RunResult, print_error};
use crate::backends::PortSpec;
use crate::clock::Stamp;
use crate::error::Error;
use crate::hives;
use crate::trace::{EventSink, Phase, Spans};

/// One VM to run.
pub(super) struct Job<'a> {
    pub(super) options: &'a GuestOptions,
    /// Where COM1 goes unless the options say otherwise.
    pub(super) com1: PortSpec,
    /// Keep the guest's events even if no file of them is wanted.
    pub(super) trace: bool,
    /// The guest shuts down when its session is ready; a power-off before that is a failure.
    pub(super) session: bool,
}

/// Runs it. The second value is a destination of output that failed meanwhile; it does not keep the
/// result from being delivered.
pub(super) fn launch(job: Job<'_>, start: Stamp) -> Result<(RunResult, Option<Error>), Error> {
    let json = job.options.json && !job.options.events_to_stdout();
    launch_inner(job, start).inspect_err(|error| {
        // Standard output itself may be what failed; the exit code and standard error tell then.
        if json && !matches!(error, Error::Output { .. }) {
            let _ = print_error(error);
        }
    })
}

fn launch_inner(job: Job<'_>, start: Stamp) -> Result<(RunResult, Option<Error>), Error> {
    let Job { options, com1, trace, session } = job;
    if options.json && options.events_to_stdout() {
        return Err(Error::Usage("--json and --events - both want standard output".into()));
    }
    let mut spans = Spans::default();
    spans.at("Vmm.Start", Phase::Instant, start.tsc);
    let config = spans.span("Vmm.Options", || options.config(com1, trace, session))?;
    let sink = options.events.as_deref().map(|path| {
        EventSink::open(path).map_err(|source| Error::Output { path: path.display().to_string(), source })
    });
    let sink = sink.transpose()?;
    if let Some(folder) = &options.save_hives {
        // Before the run: a folder that cannot be is a wrong argument.
        let fail = |source| Error::Output { path: folder.display().to_string(), source };
        std::fs::create_dir_all(folder).map_err(fail)?;
    }

    let mut report = crate::run::run(&config, start, spans)?;
    let mut failure = report.backend_error.take().map(Error::from);
    if let (Some(sink), Some(path)) = (sink, &options.events)
        && let Err(source) = sink.write(&report.events, &report.clock)
    {
        failure.get_or_insert(Error::Output { path: path.display().to_string(), source });
    }
    let mut result = RunResult::new(&report, &config.image.symbols, options.json);
    if session {
        result.require_session();
    }
    if let Some(folder) = &options.save_hives {
        match hives::save(folder, &report) {
            Ok(saved) => result.add_hives(saved),
            Err(error) => drop(failure.get_or_insert(error)),
        }
    }
    if options.json {
        result.print_json()?;
    }
    // The process ends now; unmapping the guest's memory first would only take time.
    std::mem::forget(report);
    Ok((result, failure))
}
