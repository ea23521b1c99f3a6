//! Which targets a toolchain can build for.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::environment::clean_environment;
use crate::error::Error;

/// The folder of a compiler's toolchain.
///
/// # Errors
/// [`Error::Run`] when the compiler cannot be run.
pub fn sysroot(rustc: &OsStr) -> Result<PathBuf, Error> {
    let failed = |source| Error::Run { tool: rustc.display().to_string(), source };
    let mut command = Command::new(rustc);
    clean_environment(&mut command);
    let output = command.args(["--print", "sysroot"]).stderr(Stdio::inherit()).output().map_err(failed)?;
    let path = String::from_utf8_lossy(&output.stdout);
    Ok(PathBuf::from(path.trim_end()))
}

/// Those of the targets whose standard library is not in a toolchain's folder.
pub fn missing_targets(sysroot: &Path, targets: &[&'static str]) -> Vec<&'static str> {
    let libraries = |target: &str| sysroot.join("lib/rustlib").join(target).join("lib");
    targets.iter().copied().filter(|target| !libraries(target).is_dir()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DRIVER_TARGET, KERNEL_TARGET, PROGRAM_TARGET};

    #[test]
    fn just_the_missing_targets_are_named() {
        let empty = tempfile::tempdir().expect("a folder");
        let all = [KERNEL_TARGET, PROGRAM_TARGET, DRIVER_TARGET];
        assert_eq!(missing_targets(empty.path(), &all), all);
        assert_eq!(
            Error::MissingTargets(missing_targets(empty.path(), &all)).to_string(),
            "rustup target add x86_64-unknown-none x86_64-pc-windows-msvc x86_64-unknown-uefi"
        );
        let library = empty.path().join("lib/rustlib").join(KERNEL_TARGET).join("lib");
        std::fs::create_dir_all(library).expect("a folder");
        assert_eq!(missing_targets(empty.path(), &all), [PROGRAM_TARGET, DRIVER_TARGET]);
    }
}
