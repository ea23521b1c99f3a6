//! Options that several subcommands share.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use bootarchive::archive_path;
use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser};
use nt::platform::OPTION_TRACE;
use nt::winlogon::{SESSION_SHUTDOWN, SESSION_WORD};

use crate::backends::fault::{PortFault, PortFaultError};
use crate::backends::{PortSpec, PrinterSpec};
use crate::boot::{MEMORY_MAX, MEMORY_MIN, PAGE};
use crate::drives::{DRIVES_MAX, DriveSpec, Format, SYSTEM_LETTER};
use crate::error::Error;
use crate::fault::{FaultError, FaultSpec};
use crate::host_path;
use crate::image::disk::{DiskImage, Partitioning, Plan};
use crate::image::{Changes, Image};
use crate::run::Config;

/// Least and most bytes of the drive for paging files.
const PAGING_MIN: u64 = 64 << 20;
const PAGING_MAX: u64 = 8 << 30;

/// Which image, and what is changed in it.
#[derive(Clone, Debug, Args)]
pub struct ContentOptions {
    /// Another image than the embedded one: a directory with kernel.elf and boot.img.
    #[arg(long, value_name = "DIR")]
    pub image: Option<PathBuf>,
    /// Put the file HOST at the path GUEST, as in C:\Windows\System32\x.exe [repeatable].
    #[arg(long = "file", value_name = "GUEST=HOST", value_parser = with_path(parse_file))]
    pub files: Vec<(String, PathBuf)>,
    /// Merge .reg text into the hives SYSTEM and SOFTWARE [repeatable, in order].
    #[arg(long = "reg", value_name = "FILE")]
    pub regs: Vec<PathBuf>,
}

/// What to boot, and with what.
#[derive(Clone, Debug, Args)]
pub struct GuestOptions {
    #[command(flatten)]
    pub content: ContentOptions,
    /// Another kernel instead of an image: a Linux bzImage (vmlinuz), or any ELF file with a PVH note.
    #[arg(long, value_name = "FILE", conflicts_with = "image")]
    pub kernel: Option<PathBuf>,
    /// The initial RAM disk (module) given to --kernel.
    #[arg(long, value_name = "FILE", requires = "kernel")]
    pub initrd: Option<PathBuf>,
    /// Words for the kernel's command line.
    #[arg(long, value_name = "TEXT", default_value = "", allow_hyphen_values = true)]
    pub cmdline: String,
    /// Which of Windows NT's releases the guest is like: its order of steps and its registry defaults.
    #[arg(long, value_name = "NAME", default_value = "xp", conflicts_with = "kernel")]
    pub release: Release,
    /// The guest's memory: a number with K, M or G.
    #[arg(long, value_name = "SIZE", default_value = "64M", value_parser = parse_size)]
    pub memory: u64,
    /// Where port N (1–4) goes: stdio, stderr, file:PATH[,max=SIZE], in:PATH, pty, unix:PATH[,listen],
    /// tcp:HOST:PORT[,listen] or null,
    /// joined by + [repeatable].
    #[arg(long = "com", value_name = "N=BACKEND", value_parser = with_path(parse_com))]
    pub coms: Vec<(usize, PortSpec)>,
    /// The printer at LPT N (1–3): file:PATH, spool:DIR (a file for each job), pdf:DIR (a PDF for each
    /// job), exec:COMMAND (run for each job) or null;
    /// then ,paper=BYTES for one that runs out, ,offline for one that is [repeatable].
    #[arg(long = "lpt", value_name = "N=BACKEND", value_parser = with_path(parse_lpt))]
    pub lpts: Vec<(usize, PrinterSpec)>,
    /// Drive letter L: on a virtio block device whose contents are FILE; with c=FILE the system boots from it [repeatable].
    #[arg(long = "drive", value_name = "L=FILE[,ro][,format=raw|qcow2][,serial=TEXT]", value_parser = with_path(parse_drive))]
    pub drives: Vec<DriveSpec>,
    /// Make a device misbehave: drive=d,op=write,nth=3,kind=error; lpt=1,op=byte,nth=100,kind=jam,mend=500ms;
    /// com=2,op=in,nth=10,kind=hangup [repeatable].
    #[arg(long = "fault", value_name = "KEY=VALUE,…")]
    pub faults: Vec<AnyFault>,
    /// Give the guest one more drive with room for paging files, which the host keeps in DIR until the end of the run.
    #[arg(long, value_name = "DIR", conflicts_with = "kernel")]
    pub pagefile_dir: Option<PathBuf>,
    /// When the guest has shut down, write its hives to DIR, as SYSTEM and SOFTWARE.
    #[arg(long, value_name = "DIR")]
    pub save_hives: Option<PathBuf>,
    /// Longest time to the end (as in 500ms, 10s, 2m); past it the outcome is a hang, with a report.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub deadline: Option<Duration>,
    /// Write boot events as NDJSON to FILE; - is standard output.
    #[arg(long, value_name = "FILE")]
    pub events: Option<PathBuf>,
    /// Put system calls among the events.
    #[arg(long, value_name = "WHAT")]
    pub trace: Option<TraceOption>,
    /// Print the result as one JSON object on standard output.
    #[arg(long)]
    pub json: bool,
}

/// A family of releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Release {
    /// Windows 2000, XP and Server 2003.
    Xp,
}

/// What else to record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum TraceOption {
    /// System calls.
    Syscalls,
}

impl ContentOptions {
    /// Whether it is the embedded image as it is.
    pub fn is_empty(&self) -> bool {
        self.image.is_none() && self.files.is_empty() && self.regs.is_empty()
    }

    /// The image, changed. No file of it may have more than `limit` bytes.
    ///
    /// # Errors
    /// [`Error`] when files cannot be read or are not what they should be.
    pub fn image(&self, limit: u64) -> Result<Image, Error> {
        let image = match &self.image {
            Some(directory) => Image::from_directory(directory, limit)?,
            None => Image::embedded(),
        };
        self.change(image, limit)
    }

    fn change(&self, mut image: Image, limit: u64) -> Result<Image, Error> {
        image.change(&Changes { files: &self.files, texts: &self.regs }, limit)?;
        Ok(image)
    }
}

impl GuestOptions {
    /// Whether standard output is for the events.
    pub fn events_to_stdout(&self) -> bool {
        self.events.as_deref() == Some(Path::new("-"))
    }

    /// Whether the guest has a session at all: a stranger's kernel has none.
    pub fn has_session(&self) -> bool {
        self.kernel.is_none()
    }

    /// The kernel's command line. Of `smvm.session` words the last counts, so the options' own words come behind.
    fn full_cmdline(&self, ends: bool) -> String {
        let session = format!("{SESSION_WORD}{SESSION_SHUTDOWN}");
        let session = if ends && self.has_session() { session.as_str() } else { "" };
        let trace = if self.trace == Some(TraceOption::Syscalls) { OPTION_TRACE } else { "" };
        let words = [session, &self.cmdline, trace];
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// The run that the options describe; `com1` is where COM1 goes by default. With `ends`, the guest shuts down as soon as
    /// its session is ready.
    ///
    /// # Errors
    /// [`Error`] when files cannot be read or options do not go together.
    pub fn config(&self, com1: PortSpec, trace: bool, ends: bool) -> Result<Config, Error> {
        each_once(&self.coms, |number| {
            format!(
                "--com {number} is there twice: join what the port goes to with +, as in {number}=stdio+file:PATH"
            )
        })?;
        each_once(&self.lpts, |number| format!("--lpt {number} is there twice"))?;
        let mut coms = [Some(com1), None, None, None];
        for (number, spec) in &self.coms {
            coms[number - 1] = Some(spec.clone());
        }
        let mut lpts = [const { None }; 3];
        for (number, spec) in &self.lpts {
            lpts[number - 1] = Some(spec.clone());
        }
        let image = match &self.kernel {
            Some(kernel) => {
                let image = Image::from_files(kernel, self.initrd.as_deref(), self.memory)?;
                self.content.change(image, self.memory)?
            }
            None => match self.drives.iter().find(|drive| drive.letter == SYSTEM_LETTER) {
                Some(_) if !self.content.is_empty() => {
                    return Err(Error::Usage(
                        "--image, --file and --reg change the embedded image, but the system is on drive c; \
                         change that disk with smvm image add and smvm reg, or give them to smvm image create --system"
                            .into(),
                    ));
                }
                Some(drive) => DiskImage::of_drive(drive)?.system(self.memory)?,
                None => self.content.image(self.memory)?,
            },
        };
        let port_faults = self.port_faults(&coms, &lpts)?;
        let (mut drives, faults) = self.drives()?;
        let paging = match &self.pagefile_dir {
            Some(folder) => Some(self.add_paging(&mut drives, folder)?),
            None => None,
        };
        Ok(Config {
            image,
            own_guest: self.kernel.is_none(),
            cmdline: self.full_cmdline(ends),
            memory: self.memory,
            coms,
            lpts,
            drives,
            paging,
            faults,
            port_faults,
            deadline: self.deadline,
            trace: trace || self.events.is_some(),
        })
    }

    /// Adds the drive for paging files: a file without a name, so that it goes with this process however that ends, and takes
    /// no more room than is written to.
    fn add_paging(&self, drives: &mut Vec<DriveSpec>, folder: &Path) -> Result<Arc<File>, Error> {
        let fail = |source| Error::Output { path: folder.display().to_string(), source };
        let file = tempfile::tempfile_in(folder).map_err(fail)?;
        let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
        let letter = ('d'..='z').rev().find(|&letter| drives.iter().all(|drive| drive.letter != letter));
        let letter = letter.filter(|_| drives.len() < DRIVES_MAX);
        let letter = letter.ok_or_else(|| Error::Usage("--pagefile-dir: no drive is left".into()))?;
        Plan {
            size: (8 * self.memory).clamp(PAGING_MIN, PAGING_MAX),
            kind: None,
            cluster: None,
            label: Some("PAGING".into()),
            serial: None,
            partitioning: Partitioning::None,
            replace: true,
        }
        .create(&path)?;
        let serial = format!("smvm-{letter}");
        drives.push(DriveSpec { letter, path, read_only: false, format: Format::Raw, serial });
        Ok(Arc::new(file))
    }

    /// The drives, each letter once, and their faults; there is a drive for each.
    fn drives(&self) -> Result<(Vec<DriveSpec>, Vec<FaultSpec>), Error> {
        if self.drives.len() > DRIVES_MAX {
            return Err(Error::Usage(format!("there can be {DRIVES_MAX} drives at most")));
        }
        for (number, drive) in self.drives.iter().enumerate() {
            if self.drives[..number].iter().any(|other| other.letter == drive.letter) {
                let letter = drive.letter;
                return Err(Error::Usage(format!("two drives want the letter {letter}")));
            }
        }
        let of_drives = self.faults.iter().filter_map(|fault| match fault {
            AnyFault::Drive(fault) => Some(fault.clone()),
            AnyFault::Port(_) => None,
        });
        let faults: Vec<FaultSpec> = of_drives.collect();
        let unknown = |fault: &&FaultSpec| self.drives.iter().all(|drive| drive.letter != fault.drive);
        match faults.iter().find(unknown) {
            Some(fault) => Err(Error::Usage(format!(
                "--fault speaks of drive {0}, which there is not: name its image with --drive {0}=FILE",
                fault.drive
            ))),
            None => Ok((self.drives.clone(), faults)),
        }
    }
    /// The faults of ports; there is a port for each.
    fn port_faults(
        &self,
        coms: &[Option<PortSpec>; 4],
        lpts: &[Option<PrinterSpec>; 3],
    ) -> Result<Vec<PortFault>, Error> {
        let mut found = Vec::new();
        for fault in &self.faults {
            let AnyFault::Port(fault) = fault else { continue };
            let (is_there, name) = match *fault {
                PortFault::Com(number, _) => (coms[number - 1].is_some(), format!("com {number}")),
                PortFault::Lpt(number, _) => (lpts[number - 1].is_some(), format!("lpt {number}")),
            };
            if !is_there {
                return Err(Error::Usage(format!(
                    "--fault speaks of {name}, which there is not: add --{name}=null, or another back end"
                )));
            }
            found.push(*fault);
        }
        Ok(found)
    }
}

/// Whether each port has one back end; `message` says of which this is not so.
fn each_once<T>(ports: &[(usize, T)], message: impl Fn(usize) -> String) -> Result<(), Error> {
    for (index, &(number, _)) in ports.iter().enumerate() {
        if ports[..index].iter().any(|&(other, _)| other == number) {
            return Err(Error::Usage(message(number)));
        }
    }
    Ok(())
}

/// One `--fault`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnyFault {
    /// Of a drive.
    Drive(FaultSpec),
    /// Of a port.
    Port(PortFault),
}

impl FromStr for AnyFault {
    type Err = String;

    /// What it is of the words say.
    fn from_str(text: &str) -> Result<Self, String> {
        let speaks_of = |key: &str| text.split(',').any(|word| word.starts_with(key));
        match speaks_of("lpt=") || speaks_of("com=") {
            true => text.parse().map(Self::Port).map_err(|error: PortFaultError| error.to_string()),
            false => text.parse().map(Self::Drive).map_err(|error: FaultError| error.to_string()),
        }
    }
}

/// A size in bytes: a number with K, M, G or T, or without.
fn parse_size(text: &str) -> Result<u64, String> {
    match parse_bytes(text)? {
        size if size < MEMORY_MIN => Err(format!("too small: the least is {}M", MEMORY_MIN >> 20)),
        size if size > MEMORY_MAX => Err(format!("too large: the most is {}G", MEMORY_MAX >> 30)),
        size if size % PAGE != 0 => Err("not a multiple of 4K".into()),
        size => Ok(size),
    }
}

/// A number of bytes, with K, M, G or T, or without.
pub(super) fn parse_bytes(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit: u64 = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" => 1,
        "K" | "KB" | "KIB" => 1 << 10,
        "M" | "MB" | "MIB" => 1 << 20,
        "G" | "GB" | "GIB" => 1 << 30,
        "T" | "TB" | "TIB" => 1 << 40,
        _ => return Err("a size is a number with K, M or G, as in 64M".into()),
    };
    let number: u64 =
        digits.parse().map_err(|_| "a size is a number with K, M or G, as in 64M".to_owned())?;
    number.checked_mul(unit).ok_or_else(|| format!("too large: the most is {}G", MEMORY_MAX >> 30))
}

/// A time: a number with ms, s or m; seconds without.
fn parse_time(text: &str) -> Result<Duration, String> {
    let wrong = || "a time is a number with ms, s or m, as in 500ms".to_owned();
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let seconds = match &text[digits.len()..] {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        _ => return Err(wrong()),
    };
    let number: f64 = digits.parse().map_err(|_| wrong())?;
    Duration::try_from_secs_f64(number * seconds)
        .ok()
        .filter(|time| !time.is_zero() && *time < Duration::from_secs(1 << 30))
        .ok_or_else(wrong)
}

/// Reads an argument with a path of this host in it, whose name need not be UTF-8 (`host_path`).
pub(super) fn with_path<T: Clone + Send + Sync + 'static>(
    parse: fn(&str) -> Result<T, String>,
) -> impl TypedValueParser<Value = T> {
    OsStringValueParser::new().try_map(move |argument| parse(&host_path::to_text(&argument)))
}

fn parse_drive(text: &str) -> Result<DriveSpec, String> {
    DriveSpec::from_str(text).map_err(|error| error.to_string())
}

fn parse_com(text: &str) -> Result<(usize, PortSpec), String> {
    let (number, backend) = text.split_once('=').ok_or("use N=BACKEND, as in 1=stdio")?;
    let number = match number {
        "1" => 1,
        "2" => 2,
        "3" => 3,
        "4" => 4,
        _ => return Err("the ports are 1, 2, 3 and 4".into()),
    };
    Ok((number, backend.parse().map_err(|error: crate::backends::SpecError| error.to_string())?))
}

fn parse_lpt(text: &str) -> Result<(usize, PrinterSpec), String> {
    let (number, backend) = text.split_once('=').ok_or("use N=BACKEND, as in 1=file:lpt1.txt")?;
    let number = match number {
        "1" => 1,
        "2" => 2,
        "3" => 3,
        _ => return Err("the ports are 1, 2 and 3".into()),
    };
    let spec = backend.parse();
    Ok((number, spec.map_err(|error: crate::backends::printer::PrinterSpecError| error.to_string())?))
}

fn parse_file(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((guest, _)) if !host_path::is_utf8(guest) => Err("a path of the guest is UTF-8".into()),
        Some((guest, host)) if !guest.is_empty() && !host.is_empty() => {
            let path = archive_path(guest).map_err(|error| format!("{guest}: {error}"))?;
            Ok((path, host_path::to_path(host)))
        }
        _ => Err(r"use GUEST=HOST, as in \SystemRoot\System32\x.exe=x.exe".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(parse_size("64M"), Ok(64 << 20));
        assert_eq!(parse_size("2097152"), Ok(2 << 20));
        assert_eq!(parse_size("4g"), Ok(4 << 30));
        for bad in ["1K", "1T", "", "M", "-1M", "1.5G", "64X", "99999999999999999999G", "2097153", "64 M"] {
            assert!(parse_size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn times() {
        assert_eq!(parse_time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_time("1.5"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse_time("2m"), Ok(Duration::from_secs(120)));
        for bad in ["", "s", "0", "-1s", "nan", "inf", "1h", "1e400s"] {
            assert!(parse_time(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn files() {
        let parsed = parse_file(r"c:\windows\a=b=c");
        assert_eq!(parsed, Ok((r"\SystemRoot\a".to_owned(), PathBuf::from("b=c"))));
        for bad in ["a=b", "=b", r"\a=", r"\a", r"D:\a=b", r"\Device\a=b"] {
            assert!(parse_file(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn faults_speak_of_a_drive_or_a_port() {
        let parse = str::parse::<AnyFault>;
        assert!(matches!(parse("drive=d,op=read,kind=error"), Ok(AnyFault::Drive(_))));
        assert!(matches!(parse("op=job,lpt=1,kind=jam"), Ok(AnyFault::Port(PortFault::Lpt(1, _)))));
        assert!(matches!(parse("com=1,op=in,kind=hangup"), Ok(AnyFault::Port(PortFault::Com(1, _)))));
        assert!(parse("op=read,kind=error").is_err_and(|error| error.contains("lpt=N or com=N")));
    }

    #[test]
    fn ports() {
        assert!(parse_com("1=stdio").is_ok());
        assert!(parse_lpt("3=spool:x").is_ok());
        for bad in ["spool:x", "0=null", "4=null", "1=", "1=stdio"] {
            assert!(parse_lpt(bad).is_err(), "{bad}");
        }
        for bad in ["stdio", "0=null", "5=null", "1=", "x=null", "01=null"] {
            assert!(parse_com(bad).is_err(), "{bad}");
        }
    }
}
