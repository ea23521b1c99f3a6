//! Which host the figures are of.

use std::fs::read_to_string;

use serde::Serialize;

use super::peers::is_paravirtual;

/// The host.
#[derive(Clone, Debug, Serialize)]
pub struct Host {
    /// Model of the processor.
    pub cpu: String,
    /// Processors that this process may use.
    pub cpus: usize,
    /// Release of the kernel.
    pub kernel: String,
    /// KVM is the paravirtual one: a guest's ring 0 is interpreted.
    pub paravirtual: bool,
    /// Processes that were running or waiting for a processor, averaged over the minute before.
    pub load: Option<f64>,
}

impl Host {
    /// This one, now.
    pub fn here() -> Self {
        let file = |path| read_to_string(path).unwrap_or_default();
        let cpuinfo = file("/proc/cpuinfo");
        let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
        Self {
            cpu: model.map_or("unknown processor", |(_, name)| name.trim()).to_owned(),
            cpus: std::thread::available_parallelism().map_or(1, usize::from),
            kernel: file("/proc/sys/kernel/osrelease").trim().to_owned(),
            paravirtual: is_paravirtual(),
            load: file("/proc/loadavg").split(' ').next().and_then(|load| load.parse().ok()),
        }
    }

    /// How the guest's kernel runs here.
    pub fn ring0(&self) -> &'static str {
        if self.paravirtual { "ring 0 is interpreted" } else { "ring 0 is native" }
    }
}

impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { cpu, cpus, kernel, paravirtual, load } = self;
        let kind = if *paravirtual { "paravirtual KVM" } else { "hardware KVM" };
        write!(f, "{cpu}, {cpus} processors, Linux {kernel}, {kind} ({})", self.ring0())?;
        match load {
            Some(load) => write!(f, ", load {load:.2} before"),
            None => Ok(()),
        }
    }
}
