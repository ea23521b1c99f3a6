//! What the logon process and those who ask it for something agree on. Windows' own ways (a window message from
//! csrss, the pipe `\PIPE\InitShutdown`) take windows and RPC; here there is an event for each wish.

/// Named events, by action of `NtShutdownSystem` (0 halt, 1 reboot, 2 power off): whoever may set one has the system
/// shut down in that fashion, in order. They are notification events of the first session's logon process, and
/// Administrators and the system may set them.
pub const SHUTDOWN_EVENTS: [&str; 3] =
    [r"\Windows\WinlogonShutdown", r"\Windows\WinlogonReboot", r"\Windows\WinlogonPowerOff"];

/// Word of the kernel's command line, which `Control\SystemStartOptions` shows in upper case. With
/// [`SESSION_SHUTDOWN`] nobody is logged on: the system is shut down as soon as the session is ready. The last such
/// word counts; any other value is an ordinary session.
pub const SESSION_WORD: &str = "smvm.session=";
/// What [`SESSION_WORD`] says for that.
pub const SESSION_SHUTDOWN: &str = "shutdown";

/// The interactive window station and its desktops, in the order in which they are made.
pub const WINDOW_STATION: &str = "WinSta0";
/// The logon process's own desktop, the users', and the one for screen savers.
pub const DESKTOPS: [&str; 3] = ["Winlogon", "Default", "Screen-saver"];
