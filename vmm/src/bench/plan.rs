//! Who takes part in a benchmark, with which commands.

use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use nt::platform::OPTION_CALIBRATE;

use super::peers::{GuestFiles, Peer};
use super::series::{Runner, Series, Subject};
use super::{Settings, guest};
use crate::error::Error;

/// The series that other figures are compared with.
pub const SUBJECT_ID: &str = "tiny.smvm";
/// The same thing once more.
pub const CONTROL_ID: &str = "tiny.smvm.control";

/// Everything that is run.
#[derive(Debug)]
pub struct Plan {
    /// The contenders, in the order of the table.
    pub series: Vec<Series>,
    /// Boots that measure the cost of an event.
    pub calibrate: Series,
    /// Guests and configurations: open files without a name, which go away with this process.
    pub files: Vec<File>,
}

impl Plan {
    /// Makes the files, finds the peers.
    ///
    /// # Errors
    /// [`Error`] when a file cannot be made.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        let smvm = std::env::current_exe()
            .map_err(|source| Error::Host { what: "cannot find this program's own file", source })?;
        let mut files = Vec::new();
        let config = &settings.config;
        let mut keep = |bytes: &[u8]| hold(&mut files, bytes);

        let tiny = GuestFiles {
            kernel: keep(&guest::elf())?,
            module: None,
            cmdline: String::new(),
            memory: config.memory,
        };
        let image = match settings.peers.is_empty() {
            true => None,
            false => Some(GuestFiles {
                kernel: keep(&config.image.kernel)?,
                module: config.image.archive.as_deref().map(&mut keep).transpose()?,
                cmdline: config.cmdline.clone(),
                memory: config.memory,
            }),
        };

        let memory = config.memory.to_string();
        let run = ["run", "--kernel", &tiny.kernel, "--memory", &memory, "--deadline", "20s"];
        let ours = |id: &str, title: &str, subject, runner, more: &[&str]| {
            let mut command: Vec<OsString> = vec![smvm.clone().into()];
            match subject {
                Subject::Image => {
                    command.push("boot".into());
                    command.extend(settings.boot_options.iter().cloned());
                }
                _ => command.extend(run.map(OsString::from)),
            }
            command.extend(more.iter().map(OsString::from));
            series(id, title, subject, runner, command)
        };
        let truth: &[PathBuf] = &["/bin/true".into(), "/usr/bin/true".into()];
        let truth = truth.iter().find(|path| path.exists()).map(|path| path.clone().into());
        let mut all = vec![
            series("true", "/bin/true", Subject::Process, Runner::Process, truth.into_iter().collect()),
            ours(SUBJECT_ID, "smvm run", Subject::Tiny, Runner::Smvm, &[]),
            ours(CONTROL_ID, "smvm run, once more as a control", Subject::Tiny, Runner::Smvm, &[]),
            ours("tiny.smvm.report", "smvm run --json", Subject::Tiny, Runner::SmvmReport, &["--json"]),
        ];
        if all[0].command.is_empty() {
            all[0].note = Some("there is none on this host".into());
        }
        let found: Vec<_> = settings.peers.iter().map(|peer| (*peer, peer.find())).collect();
        for (peer, program) in &found {
            all.push(of_peer(*peer, Subject::Tiny, program, &tiny, &mut keep)?);
        }
        all.push(ours("image.smvm", "smvm boot", Subject::Image, Runner::Smvm, &[]));
        all.push(ours(
            "image.smvm.report",
            "smvm boot --json",
            Subject::Image,
            Runner::SmvmReport,
            &["--json"],
        ));
        for (peer, program) in &found {
            if let Some(image) = &image {
                all.push(of_peer(*peer, Subject::Image, program, image, &mut keep)?);
            }
        }

        let words = format!("--cmdline={} {OPTION_CALIBRATE}", config.cmdline);
        let mut calibrate = ours("calibrate", "", Subject::Image, Runner::SmvmReport, &["--json"]);
        calibrate.command.retain(|word| !word.as_encoded_bytes().starts_with(b"--cmdline="));
        calibrate.command.push(words.into());
        Ok(Self { series: all, calibrate, files })
    }
}

fn series(id: &str, title: &str, subject: Subject, runner: Runner, command: Vec<OsString>) -> Series {
    Series { id: id.into(), title: title.into(), subject, runner, command, note: None, samples: Vec::new() }
}

fn of_peer(
    peer: Peer,
    subject: Subject,
    program: &Result<PathBuf, String>,
    guest: &GuestFiles,
    keep: &mut impl FnMut(&[u8]) -> Result<String, Error>,
) -> Result<Series, Error> {
    let folder = if subject == Subject::Tiny { "tiny" } else { "image" };
    let mut series =
        series(&format!("{folder}.{}", peer.id()), peer.title(), subject, Runner::Peer, Vec::new());
    match program {
        Ok(program) => {
            let config = peer.config_file(guest).map(|text| keep(text.as_bytes())).transpose()?;
            series.command = peer.command(Path::new(program), guest, &config.unwrap_or_default());
        }
        Err(missing) => series.note = Some(missing.clone()),
    }
    Ok(series)
}

/// A file without a name that holds `bytes`, and a path by which our children can open it.
fn hold(files: &mut Vec<File>, bytes: &[u8]) -> Result<String, Error> {
    let output = |source| Error::Output { path: std::env::temp_dir().display().to_string(), source };
    let mut file = tempfile::tempfile().map_err(output)?;
    file.write_all(bytes).map_err(output)?;
    let path = format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd());
    files.push(file);
    Ok(path)
}
