//! Events as NDJSON, one object a line: the format of `docs/interfaces.md`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use tempfile::NamedTempFile;

use super::{Event, Value};
use crate::clock::Clock;
use crate::sys::stdout;

/// Version of the format.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Line<'a> {
    v: u32,
    ts_us: f64,
    ev: &'a str,
    ph: &'static str,
    pid: u32,
    args: Args<'a>,
}

pub(super) struct Args<'a>(pub(super) &'a [(&'static str, Value)]);

impl Serialize for Args<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            match value {
                Value::Text(text) => map.serialize_entry(name, text)?,
                Value::Dec(number) => map.serialize_entry(name, number)?,
                Value::Hex(number) => map.serialize_entry(name, &format_args!("{number:#x}").to_string())?,
                Value::Status(status) => map.serialize_entry(name, &format!("0x{:08X}", status.0))?,
            }
        }
        map.end()
    }
}

/// A time in microseconds with three decimals.
pub(crate) fn rounded(us: f64) -> f64 {
    (us * 1000.0).round() / 1000.0
}

/// Writes one event as a line.
///
/// # Errors
/// What `out` answers.
pub fn write_event(out: &mut impl Write, event: &Event, clock: &Clock) -> io::Result<()> {
    let line = Line {
        v: VERSION,
        ts_us: rounded(clock.us(event.tsc)),
        ev: &event.name,
        ph: event.phase.letter(),
        pid: event.pid,
        args: Args(&event.args),
    };
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")
}

/// Where `--events` goes. A regular file appears under its name only when it is complete.
#[derive(Debug)]
pub enum EventSink {
    /// Standard output.
    Stdout,
    /// A file that is renamed when it is complete.
    Renamed(NamedTempFile, PathBuf),
    /// Something that cannot be replaced: a pipe, a device.
    Direct(File),
}

impl EventSink {
    /// Opens `path`; `-` is standard output. Done before the run, so that a bad path costs no boot.
    ///
    /// # Errors
    /// What the kernel answers.
    pub fn open(path: &Path) -> io::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::Stdout);
        }
        match std::fs::metadata(path) {
            Ok(data) if !data.is_file() => {
                return Ok(Self::Direct(File::options().write(true).open(path)?));
            }
            _ => {}
        }
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let file = tempfile::Builder::new()
            .prefix(".smvm-events-")
            .permissions(permissions())
            .tempfile_in(directory)?;
        Ok(Self::Renamed(file, path.to_owned()))
    }

    /// Writes all events and makes the file complete.
    ///
    /// # Errors
    /// What the kernel answers; a regular file is not there then.
    pub fn write(self, events: &[Event], clock: &Clock) -> io::Result<()> {
        match self {
            Self::Stdout if stdout::was_closed() => Err(io::Error::from_raw_os_error(libc::EBADF)),
            Self::Stdout => write_all(io::stdout().lock(), events, clock),
            Self::Direct(file) => write_all(file, events, clock),
            Self::Renamed(file, path) => {
                write_all(file.as_file(), events, clock)?;
                file.persist(path).map(drop).map_err(|error| error.error)
            }
        }
    }
}

/// As if the file had been created in the usual way; the mask of the process applies.
fn permissions() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    std::fs::Permissions::from_mode(0o666)
}

fn write_all(out: impl Write, events: &[Event], clock: &Clock) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(64 << 10, out);
    for event in events {
        write_event(&mut out, event, clock)?;
    }
    out.flush()
}
