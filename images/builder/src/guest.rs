//! The second cargo.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::environment::clean_environment;
use crate::error::Error;
use crate::toolchain;

/// What the kernel is built for.
pub const KERNEL_TARGET: &str = "x86_64-unknown-none";
/// What programs are built for.
pub const PROGRAM_TARGET: &str = "x86_64-pc-windows-msvc";
/// What drivers are built for: PE images without floating point.
pub const DRIVER_TARGET: &str = "x86_64-unknown-uefi";
/// The profile of the workspace that guests are built with, whatever the host is built with.
const PROFILE: &str = "guest";

/// A workspace whose guest crates are to be built.
#[derive(Clone, Debug)]
pub struct Guest {
    workspace: PathBuf,
    target_dir: PathBuf,
    cargo: OsString,
    rustc: OsString,
}

impl Guest {
    /// The workspace of the package that a build script is run for.
    ///
    /// # Errors
    /// [`Error::Environment`] outside of build scripts, [`Error::MissingTargets`].
    pub fn of_build_script() -> Result<Self, Error> {
        let variable = |name| std::env::var_os(name).ok_or(Error::Environment(name));
        let manifest = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
        let out_dir = PathBuf::from(variable("OUT_DIR")?);
        let guest = Self {
            workspace: workspace_of(&manifest).to_owned(),
            target_dir: target_dir_of(&out_dir).join("guest"),
            cargo: variable("CARGO")?,
            rustc: variable("RUSTC")?,
        };
        let sysroot = toolchain::sysroot(&guest.rustc)?;
        let missing = toolchain::missing_targets(&sysroot, &[KERNEL_TARGET, PROGRAM_TARGET, DRIVER_TARGET]);
        if missing.is_empty() { Ok(guest) } else { Err(Error::MissingTargets(missing)) }
    }

    /// The workspace's folder.
    pub fn workspace(&self) -> &Path {
        &self.workspace
    }

    /// Builds the kernel; gives the linked file with all its debug information.
    ///
    /// # Errors
    /// [`Error::Cargo`] when it does not compile; the errors have gone to stderr.
    pub fn kernel(&self, package: &str) -> Result<Vec<u8>, Error> {
        self.build(KERNEL_TARGET, &["build", "--bins", "--package", package])?;
        self.read(KERNEL_TARGET, package)
    }

    /// Builds programs, all in one go; gives their image files in the same order.
    ///
    /// # Errors
    /// [`Error::Cargo`] when one does not compile, and what [`check_program`] finds.
    pub fn programs(&self, packages: &[&str]) -> Result<Vec<Vec<u8>>, Error> {
        if packages.is_empty() {
            return Ok(Vec::new());
        }
        let mut arguments = vec!["build", "--bins"];
        arguments.extend(packages.iter().flat_map(|&package| ["--package", package]));
        self.build(PROGRAM_TARGET, &arguments)?;
        let read = |package: &&str| {
            let file = self.read(PROGRAM_TARGET, &format!("{package}.exe"))?;
            check_program(package, &file)?;
            Ok(file)
        };
        packages.iter().map(read).collect()
    }

    /// Builds a DLL; gives its image file. Only here is its crate a library of that kind: the workspace's other
    /// targets have none.
    ///
    /// # Errors
    /// As [`Self::programs`].
    pub fn dll(&self, package: &str) -> Result<Vec<u8>, Error> {
        self.build(PROGRAM_TARGET, &["rustc", "--lib", "--crate-type", "cdylib", "--package", package])?;
        let file = self.read(PROGRAM_TARGET, &format!("{package}.dll"))?;
        check_program(package, &file)?;
        Ok(file)
    }

    /// Builds a kernel-mode image; gives its image file.
    ///
    /// # Errors
    /// As [`Self::programs`].
    pub fn driver(&self, package: &str) -> Result<Vec<u8>, Error> {
        self.build(DRIVER_TARGET, &["build", "--bins", "--package", package])?;
        let file = self.read(DRIVER_TARGET, &format!("{package}.efi"))?;
        check_program(package, &file)?;
        Ok(file)
    }

    fn build(&self, target: &str, arguments: &[&str]) -> Result<(), Error> {
        let mut command = Command::new(&self.cargo);
        clean_environment(&mut command);
        // The outer cargo has brought the lock file up to date.
        command.current_dir(&self.workspace).args(arguments).args(["--quiet", "--locked"]);
        command.args(["--profile", PROFILE, "--target", target]);
        command.arg("--target-dir").arg(&self.target_dir);
        // Build scripts talk to the outer cargo through stdout.
        command.stdout(std::io::stderr());
        let status = command.status().map_err(|source| {
            let tool = self.cargo.display().to_string();
            Error::Run { tool, source }
        })?;
        if status.success() { Ok(()) } else { Err(Error::Cargo(arguments.join(" "))) }
    }

    fn read(&self, target: &str, name: &str) -> Result<Vec<u8>, Error> {
        let path = self.target_dir.join(target).join(PROFILE).join(name);
        std::fs::read(&path).map_err(|source| Error::File { path, source })
    }
}

/// A program must be one that the guest can map page by page.
fn check_program(package: &str, file: &[u8]) -> Result<(), Error> {
    let failed = |source| Error::Program { package: package.to_owned(), source };
    let image = pe::Image::parse(file).map_err(failed)?;
    image.sections().try_for_each(|section| section.map(drop)).map_err(failed)?;
    for block in image.relocations().map_err(failed)? {
        block.and_then(|block| block.fixups().try_for_each(|rva| rva.map(drop))).map_err(failed)?;
    }
    if image.file_alignment() == pe::PAGE { Ok(()) } else { Err(Error::FileAlignment(package.to_owned())) }
}

/// The nearest folder above a package that has a lock file.
fn workspace_of(manifest: &Path) -> &Path {
    let root = manifest.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
    root.unwrap_or(manifest)
}

/// The target folder that an `OUT_DIR` is in. Cargo marks it, and the folders for targets in it,
/// for backup programs. Without that, it is where cargo has always put it,
/// `<target>/<profile>/build/<package>/out`.
pub fn target_dir_of(out_dir: &Path) -> &Path {
    let is_marked = |folder: &&Path| folder.join("CACHEDIR.TAG").is_file();
    let marked = out_dir.ancestors().skip_while(|folder| !is_marked(folder)).take_while(is_marked);
    marked.last().or(out_dir.ancestors().nth(4)).unwrap_or(out_dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_folder_is_found_with_and_without_its_mark() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("x86_64-unknown-linux-gnu");
        let out = target.join("debug/build/images-1/out");
        std::fs::create_dir(&target).expect("a folder");
        assert_eq!(target_dir_of(&out), target);
        let mark = |folder: &Path| std::fs::write(folder.join("CACHEDIR.TAG"), "");
        mark(folder.path()).expect("a file");
        assert_eq!(target_dir_of(&out), folder.path());
        mark(&target).expect("a file");
        assert_eq!(target_dir_of(&out), folder.path());
    }

    #[test]
    fn files_that_are_no_programs_are_refused() {
        assert!(matches!(check_program("a", b"\x7FELF"), Err(Error::Program { .. })));
    }
}
