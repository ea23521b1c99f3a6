//! `smvm box`: the same command in an emulated host that has hardware KVM, for hosts that have none.
//! The scripts that make that host are those of the tests (`tests/hwkvm`), carried in the binary.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use clap::Args;

use super::options::GuestOptions;
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
        command.arg(folder.keep()).args(["--timeout", &self.timeout.to_string()]);
        if let Some(guest) = guest {
            for path in inputs(guest) {
                command.arg("--file").arg(format!("{}:{}", path.display(), inside(&path)));
            }
            for path in outputs(guest) {
                command.arg("--out").arg(format!("{}:{}", inside(&path), path.display()));
            }
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

fn inputs(guest: &GuestOptions) -> Vec<PathBuf> {
    let content = &guest.content;
    let single = [&content.image, &guest.kernel, &guest.initrd].into_iter().flatten();
    let drives = guest.drives.iter().map(|drive| &drive.path);
    single
        .chain(content.files.iter().map(|(_, host)| host))
        .chain(&content.regs)
        .chain(drives)
        .cloned()
        .collect()
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
