//! Which service is called next.

use nt::service::{SERVICES, Service};
use nt::win32k;

use crate::random::Random;

/// Services that are not called by processes that have every privilege, and why. For an ordinary user there are none:
/// the system has to know what it lets whom do.
const LEFT_OUT: &[(&str, &str)] = &[
    ("NtShutdownSystem", "it does what it says"),
    ("NtSetSystemInformation", "an image that is loaded into the kernel stays there"),
    ("NtMakePermanentObject", "the names it leaves behind are no leak"),
    ("NtCreatePagingFile", "so is the file it makes"),
];

/// Further ones that are not called where the grinding threads share their process with who watches them.
const LEFT_OUT_HERE: &[&str] = &[
    "NtTerminateProcess",
    "NtTerminateThread",
    "NtSuspendProcess",
    "NtSuspendThread",
    "NtContinue",
    "NtRaiseException",
    "NtSetContextThread",
    "NtCreateThread",
    "NtFreeVirtualMemory",
    "NtUnmapViewOfSection",
    "NtProtectVirtualMemory",
    "NtWriteVirtualMemory",
    "NtQueueApcThread",
    "NtReplyWaitReceivePort",
    "NtSetInformationProcess",
    "NtSetInformationThread",
];

/// Services that end who calls them, block for good or write to the screen: one in this many is called.
const RARELY: u64 = 12;
const RARE: &[&str] = &[
    "NtTerminateProcess",
    "NtTerminateThread",
    "NtSuspendProcess",
    "NtSuspendThread",
    "NtContinue",
    "NtRaiseException",
    "NtSetContextThread",
    "NtCreateThread",
    "NtCreateProcess",
    "NtDisplayString",
    "NtListenPort",
    "NtReplyWaitReplyPort",
    "NtReplyWaitReceivePort",
    "NtRequestWaitReplyPort",
    "NtRaiseHardError",
    "NtNotifyChangeKey",
    "NtConnectPort",
    "NtSecureConnectPort",
];
/// Services next to each other belong together: so many of them get most calls of a process.
const FOCUS: u64 = 18;

/// The services of both tables, one behind the other.
fn count() -> u64 {
    (SERVICES.len() + win32k::SERVICES.len()) as u64
}

fn service(number: u64) -> &'static Service {
    let number = (number % count()) as usize;
    SERVICES.get(number).unwrap_or_else(|| &win32k::SERVICES[number - SERVICES.len()])
}

/// How services are chosen in a process.
#[derive(Debug)]
pub struct Choice {
    first: u64,
    here: bool,
    ordinary: bool,
}

impl Choice {
    /// For a process; `here` when it watches itself, `ordinary` when it has no privileges.
    pub fn new(random: &mut Random, here: bool, ordinary: bool) -> Self {
        Self { first: random.below(count()), here, ordinary }
    }

    /// The next service.
    pub fn next(&self, random: &mut Random) -> &'static Service {
        loop {
            let number = match random.percent(60) {
                true => self.first + random.below(FOCUS),
                false => random.below(count()),
            };
            let service = service(number);
            let is = |names: &[&str]| names.contains(&service.name);
            let left_out = !self.ordinary && LEFT_OUT.iter().any(|(name, _)| *name == service.name);
            if left_out || self.here && is(LEFT_OUT_HERE) || is(RARE) && !random.one_in(RARELY) {
                continue;
            }
            return service;
        }
    }
}
