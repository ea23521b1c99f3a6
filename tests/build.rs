//! Builds the native test programs with the guest's own toolchain set-up.

use std::path::PathBuf;
use std::process::ExitCode;

use smvm_image_builder::{Error, Guest};

const PROGRAMS: [&str; 1] = ["probe"];

fn build() -> Result<(), Error> {
    let guest = Guest::of_build_script()?;
    for folder in ["guest", "tests/programs"] {
        println!("cargo::rerun-if-changed={}", guest.workspace().join(folder).display());
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or(Error::Environment("OUT_DIR"))?);
    for (name, file) in PROGRAMS.iter().zip(guest.programs(&PROGRAMS)?) {
        let path = out.join(format!("{name}.exe"));
        std::fs::write(&path, file).map_err(|source| Error::File { path, source })?;
    }
    Ok(())
}

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo::error={error}");
            ExitCode::FAILURE
        }
    }
}
