//! The build script of `smvm-images`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bootarchive::write::Builder;

use crate::{Error, Guest, Image, strip_debug_info};

/// What a guest is made from, seen from the workspace: a change there builds it again.
const SOURCES: [&str; 4] = ["guest", "Cargo.toml", "Cargo.lock", ".cargo/config.toml"];

/// Builds an image and writes `ntoskrnl` and `boot.archive` to `OUT_DIR`. For a build script's
/// `main`: it talks to cargo, and what it returns ends the build where something is wrong.
pub fn build_script(image: &Image<'_>) -> ExitCode {
    match build(image) {
        Ok(guest) => {
            // Not before: after a failure cargo runs the script again anyway, and until then
            // would show these lines among the errors.
            for source in SOURCES {
                println!(
                    "cargo::rerun-if-changed={}",
                    guest.workspace().join(source).display()
                );
            }
            ExitCode::SUCCESS
        }
        // The compiler's errors are on stderr; cargo shows that of scripts that fail.
        Err(Error::Cargo(_)) => ExitCode::FAILURE,
        // Anything else is one line. This way cargo adds next to nothing to it.
        Err(error) => {
            println!("cargo::error={error}");
            ExitCode::SUCCESS
        }
    }
}

fn build(image: &Image<'_>) -> Result<Guest, Error> {
    let out_dir = std::env::var_os("OUT_DIR").ok_or(Error::Environment("OUT_DIR"))?;
    let out_dir = PathBuf::from(out_dir);
    let guest = Guest::of_build_script()?;

    let kernel = strip_debug_info(&guest.kernel(image.kernel)?).ok_or(Error::Kernel)?;
    write(&out_dir.join("ntoskrnl"), &kernel)?;

    let packages: Vec<&str> = image
        .programs
        .iter()
        .map(|program| program.package)
        .collect();
    let mut archive = Builder::new();
    for (program, file) in image.programs.iter().zip(guest.programs(&packages)?) {
        archive.add(program.path, file);
    }
    write(&out_dir.join("boot.archive"), &archive.build()?)?;
    Ok(guest)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    std::fs::write(path, bytes).map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}
