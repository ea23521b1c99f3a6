//! The report as text.

use std::fmt::{self, Display, Formatter};

use super::series::{Runner, Series, Subject};
use super::stats::Summary;
use super::{Control, Report};

/// Width of the first column.
const LABEL: usize = 50;

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { runs, warmup, host, .. } = self;
        writeln!(f, "{runs} runs of each after {warmup} to warm up, taking turns; times in milliseconds")?;
        writeln!(f, "{host}")?;
        for (subject, title) in [
            (Subject::Process, "The floor: a process"),
            (Subject::Tiny, "The smallest guest: two letters on COM1, then reset"),
            (Subject::Image, "The image: the boot that the options describe"),
        ] {
            let series = || self.series.iter().filter(|series| series.subject == subject);
            writeln!(f, "\n{title:<LABEL$}{:>10}{:>10}{:>10}{:>10}", "min", "median", "p90", "max")?;
            for series in series().filter(|series| series.runner != Runner::SmvmReport) {
                whole(f, series)?;
            }
            for series in series().filter(|series| series.runner == Runner::SmvmReport) {
                let report_ms = series.summary("report_us").map_or(0.0, |us| us.median / 1000.0);
                let what = "in parts; working out the report";
                writeln!(f, "  {}, {what} ({report_ms:.3}) is left out", series.title)?;
                parts(f, series)?;
            }
        }
        writeln!(f)?;
        self.closing_lines(f)
    }
}

impl Report {
    fn closing_lines(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(cost) = &self.event_cost {
            let Summary { min, median, p90, .. } = cost.ns;
            let ring0 = self.host.ring0();
            writeln!(
                f,
                "One event of the guest's trace costs {median:.0} ns here ({ring0}); least {min:.0}, p90 {p90:.0}, {} measured.",
                cost.distances
            )?;
        } else {
            writeln!(f, "The cost of an event is not known: this guest does not measure it.")?;
        }
        if let Some(Control { apart_percent, spread_percent, resolution_percent }) = &self.control {
            writeln!(
                f,
                "Control: the medians of two identical series are {apart_percent:.1} % apart; their spread allows for {spread_percent:.1} %."
            )?;
            writeln!(
                f,
                "This host cannot resolve differences below {resolution_percent:.1} % with so many runs."
            )?;
        }
        writeln!(
            f,
            "Resident set: the process's high-water mark (VmHWM) less the resident pages of guest memory (smaps)."
        )
    }
}

/// What is known of every contender.
fn whole(f: &mut Formatter<'_>, series: &Series) -> fmt::Result {
    if let Some(note) = &series.note {
        writeln!(f, "  {}: {note}", series.title)?;
    }
    row(f, series, &format!("  {}, whole life", series.title), "wall_us")?;
    row(f, series, "    processor time", "cpu_us")?;
    if series.runner == Runner::Peer {
        row(f, series, "    peak resident set with guest memory, KiB", "peak_rss_kib")?;
    }
    Ok(())
}

/// What our own runs tell of themselves.
fn parts(f: &mut Formatter<'_>, series: &Series) -> fmt::Result {
    row(f, series, "    all but the guest's part", "monitor_us")?;
    row(f, series, "    exec to main", "exec_to_main_us")?;
    row(f, series, "    main to first KVM_RUN", "main_to_first_run_us")?;
    let names = series.names();
    let spans = names.iter().filter(|name| name.starts_with("Vmm.") && !name.ends_with(".begin_us"));
    for name in spans.filter(|name| **name != "Vmm.Teardown_us") {
        let span = name.trim_end_matches("_us");
        let begin_ms = series.summary(&format!("{span}.begin_us")).map_or(0.0, |us| us.median / 1000.0);
        row(f, series, &format!("      {span:<20} (begins at {begin_ms:.3})"), name)?;
    }
    row(f, series, "    first KVM_RUN to first instruction", "first_run_to_instruction_us")?;
    row(f, series, "    guest: first KVM_RUN to its end", "guest_us")?;
    row(f, series, "    end of the guest to end of the process", "end_to_exit_us")?;
    row(f, series, "      Vmm.Teardown: closing the VM", "Vmm.Teardown_us")?;
    row(f, series, "    exits", "exits")?;
    for name in names.iter().filter(|name| name.starts_with("exits.")) {
        row(f, series, &format!("      {}", name.trim_start_matches("exits.")), name)?;
    }
    row(f, series, "    guest pages touched", "guest_pages")?;
    row(f, series, "    peak resident set beside guest memory, KiB", "monitor_rss_kib")
}

fn row(f: &mut Formatter<'_>, series: &Series, label: &str, name: &str) -> fmt::Result {
    let Some(Summary { min, median, p90, max }) = series.summary(name) else { return Ok(()) };
    write!(f, "{label:<LABEL$}")?;
    for value in [min, median, p90, max] {
        match name.ends_with("_us") {
            true => write!(f, "{:>10.3}", value / 1000.0)?,
            false => write!(f, "{value:>10.0}")?,
        }
    }
    writeln!(f)
}
