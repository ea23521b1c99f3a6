//! `smvm box`: the same command in an emulated host that has hardware KVM, for hosts that have none.
//! The scripts that make that host are those of the tests (`tests/hwkvm`), carried in the binary.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use clap::Args;

use super::options::GuestOptions;
use crate::drives::Bank;
use crate::error::Error;
use crate::outcome::ExitCode;

/// The scripts; `run` calls the others, which lie beside it.
const SCRIPTS: [(&str, &str); 3] = [
    ("run", include_str!("../../../tests/hwkvm/run")),
    ("setup", include_str!("../../../tests/hwkvm/setup")),
    ("init", include_str!("../../../tests/hwkvm/init")),
];

/// Runs the script and hands signals on to it; takes the scripts away again when it has ended.
const SUPERVISE: &str = r#"
"$0/run" "$@" &
child=$!
trap 'kill -TERM $child' INT TERM HUP
wait $child
status=$?
while kill -0 $child 2>/dev/null; do wait $child; status=$?; done
rm -rf "$0"
exit $status
"#;

/// Run a command of smvm in an emulated host with hardware KVM (needs QEMU; about four seconds).
#[derive(Debug, Args)]
pub struct Boxed {
    /// Longest life of the emulated host, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    timeout: u32,
    /// The command and its arguments, as in `smvm box boot --json`.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    command: Vec<String>,
}

impl Boxed {
    /// Becomes the script; returns only when that fails. `guest` are the options of the command inside,
    /// whose files have to be carried in and out.
    pub(super) fn execute(self, guest: Option<&GuestOptions>) -> Result<ExitCode, Error> {
        let plan = match guest {
            Some(guest) => Cargo::of(guest)?,
            None => Cargo::default(),
        };
        let folder = tempfile::Builder::new()
            .prefix("smvm-box-")
            .tempdir()
            .map_err(|source| Error::Host { what: "a temporary folder for the emulated host", source })?;
        for (name, text) in SCRIPTS {
            let path = folder.path().join(name);
            write_script(&path, text)
                .map_err(|source| Error::Output { path: path.display().to_string(), source })?;
        }
        let program = std::env::current_exe()
            .map_err(|source| Error::Host { what: "the path of smvm itself", source })?;
        let mut command = Command::new("/bin/sh");
        command.args(["-c", SUPERVISE]);
        let nothing = folder.path().join("nothing");
        std::fs::create_dir(&nothing)
            .map_err(|source| Error::Output { path: nothing.display().to_string(), source })?;
        command.arg(folder.keep()).args(["--timeout", &self.timeout.to_string()]);
        command.args(["--memory", &format!("{}M", plan.mebibytes)]);
        for path in &plan.inputs {
            command.arg("--file").arg(format!("{}:{}", path.display(), inside(path)));
        }
        for path in &plan.folders {
            command.arg("--file").arg(format!("{}:{}", nothing.display(), inside(path)));
        }
        for path in &plan.outputs {
            command.arg("--out").arg(format!("{}:{}", inside(path), path.display()));
        }
        let source = command.arg("--").arg(program).args(self.command).exec();
        Err(Error::Host { what: "/bin/sh", source })
    }

    /// The command inside, as if it had been given to smvm itself.
    pub(super) fn arguments(&self) -> impl Iterator<Item = &str> {
        std::iter::once("smvm").chain(self.command.iter().map(String::as_str))
    }
}

fn write_script(path: &Path, text: &str) -> std::io::Result<()> {
    std::fs::write(path, text)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
}

/// A file has the same path on both sides. Relative ones are relative to where the program runs, which is `/work` in
/// the box, where there are no links either.
fn inside(path: &Path) -> String {
    let mut inside = PathBuf::new();
    for part in Path::new("/work").join(path).components() {
        match part {
            // Above the root is the root.
            Component::ParentDir => drop(inside.pop()),
            Component::CurDir => {}
            part => inside.push(part),
        }
    }
    inside.display().to_string()
}

/// What goes into the box and comes out again.
#[derive(Debug, Default)]
struct Cargo {
    /// Files and folders that are copied into it.
    inputs: Vec<PathBuf>,
    /// Folders that have to be there, and are empty.
    folders: Vec<PathBuf>,
    /// Files and folders that are copied out of it.
    outputs: Vec<PathBuf>,
    /// Memory of the box. All its files are in there.
    mebibytes: u64,
}

/// MiB of the box without any cargo.
const BOX_MEMORY: u64 = 1024;
/// Most MiB that go into it: the emulated firmware's limit is twice as much.
const MOST_CARGO: u64 = 1024;
/// What comes in is there packed and unpacked, and files may have half of the memory.
const TIMES: u64 = 4;

impl Cargo {
    /// What the options speak of.
    ///
    /// # Errors
    /// [`Error::Usage`] for what cannot be in the box; [`Error::Drive`] for drives that are in use or no images.
    fn of(guest: &GuestOptions) -> Result<Self, Error> {
        if let Some((number, _)) = guest.coms.iter().find(|(_, port)| port.has_peer()) {
            return Err(Error::Usage(format!(
                "--com {number}: nobody outside can be reached from the box; use stdio or a file"
            )));
        }
        drop(Bank::open(&guest.drives, &[])?);
        let (inputs, outputs) = (inputs(guest), outputs(guest));
        let folders: Vec<PathBuf> = guest.pagefile_dir.iter().cloned().collect();
        let colon = |path: &&PathBuf| path.to_string_lossy().contains(':');
        if let Some(path) = inputs.iter().chain(&folders).chain(&outputs).find(colon) {
            return Err(Error::Usage(format!("{}: no colon in names that go into the box", path.display())));
        }
        // What cannot be read is told of when it is copied.
        let size = |path: &PathBuf| std::fs::metadata(path).map_or(0, |file| file.len());
        let bytes: u64 = inputs.iter().map(size).sum();
        let cargo = bytes.div_ceil(1 << 20);
        if cargo > MOST_CARGO {
            return Err(Error::Usage(format!(
                "{cargo} MiB of files are too much for the box, whose files are in its memory: the most is {MOST_CARGO} MiB"
            )));
        }
        // As much as the guest has, and as much again when it is paged out, twice because of the half.
        let memory = guest.memory.div_ceil(1 << 20) * if folders.is_empty() { 1 } else { 3 };
        Ok(Self { inputs, folders, outputs, mebibytes: BOX_MEMORY + memory + TIMES * cargo })
    }
}

fn inputs(guest: &GuestOptions) -> Vec<PathBuf> {
    let content = &guest.content;
    let single = [&content.image, &guest.kernel, &guest.initrd].into_iter().flatten();
    let drives = guest.drives.iter().map(|drive| &drive.path);
    let ports = guest.coms.iter().flat_map(|(_, port)| port.inputs());
    let files = content.files.iter().map(|(_, host)| host);
    let files = single.chain(files).chain(&content.regs).chain(drives).map(PathBuf::as_path);
    files.chain(ports).map(Path::to_owned).collect()
}

fn outputs(guest: &GuestOptions) -> Vec<PathBuf> {
    let events = guest.events.iter().filter(|_| !guest.events_to_stdout());
    let ports = guest.coms.iter().flat_map(|(_, port)| port.files());
    let drives = guest.drives.iter().filter(|drive| !drive.read_only).map(|drive| drive.path.as_path());
    let printed = guest.lpts.iter().filter_map(|(_, printer)| printer.tray.path());
    let files = events.chain(&guest.save_hives).map(PathBuf::as_path);
    files.chain(ports).chain(drives).chain(printed).map(Path::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_means_the_same_place_inside() {
        for (path, there) in [
            ("x.reg", "/work/x.reg"),
            ("./a/x", "/work/a/x"),
            ("../x.reg", "/x.reg"),
            ("../../../x", "/x"),
            ("/tmp/a/../x", "/tmp/x"),
        ] {
            assert_eq!(inside(Path::new(path)), there);
        }
    }
}
