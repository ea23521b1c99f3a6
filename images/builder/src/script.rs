//! Build scripts: that of `smvm-images`, and those of tests with programs of their own.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bootarchive::write::Builder;

use crate::{CONFIG, Error, Guest, Image, Program, hives, strip, symbol_map};

/// What a guest is made from, seen from the workspace: a change there builds it again.
const SOURCES: [&str; 4] = ["guest", "Cargo.toml", "Cargo.lock", ".cargo/config.toml"];
/// Where native programs for tests are.
const TEST_PROGRAMS: &str = "tests/programs";

/// Builds an image and writes `ntoskrnl`, `ntoskrnl.map` and `boot.archive` to `OUT_DIR`. For a build script's
/// `main`: it talks to cargo, and what it returns ends the build where something is wrong.
pub fn build_script(image: &Image<'_>) -> ExitCode {
    let sources: Vec<&str> = SOURCES.into_iter().chain([image.release]).collect();
    finish(build_image(image), &sources)
}

/// Builds programs and writes each to `OUT_DIR`, as `<package>.exe`. For a build script's `main`,
/// like [`build_script`]: tests boot images with programs of their own in the archive.
pub fn programs_script(packages: &[&str]) -> ExitCode {
    let sources: Vec<&str> = SOURCES.into_iter().chain([TEST_PROGRAMS]).collect();
    finish(build_programs(packages), &sources)
}

/// Builds DLLs and writes each to `OUT_DIR`, as `<package>.dll`. For a build script's `main`, like [`build_script`].
pub fn libraries_script(packages: &[&str]) -> ExitCode {
    finish(build_libraries(packages), &SOURCES)
}

fn finish(built: Result<Guest, Error>, sources: &[&str]) -> ExitCode {
    match built {
        Ok(guest) => {
            // Not before: after a failure cargo runs the script again anyway, and until then
            // would show these lines among the errors.
            for source in sources {
                println!("cargo::rerun-if-changed={}", guest.workspace().join(source).display());
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

fn build_image(image: &Image<'_>) -> Result<Guest, Error> {
    let out_dir = out_dir()?;
    let guest = Guest::of_build_script()?;

    let kernel = guest.kernel(image.kernel)?;
    write(&out_dir.join("ntoskrnl"), &strip(&kernel).ok_or(Error::Kernel)?)?;
    write(&out_dir.join("ntoskrnl.map"), symbol_map(&kernel).ok_or(Error::Kernel)?.as_bytes())?;

    let is = |extension| move |program: &&Program<'_>| program.path.ends_with(extension);
    let (libraries, others): (Vec<_>, Vec<_>) = image.programs.iter().partition(is(".dll"));
    let (drivers, programs): (Vec<&Program<'_>>, Vec<_>) = others.into_iter().partition(is(".sys"));
    let packages: Vec<&str> = programs.iter().map(|program| program.package).collect();
    let mut archive = Builder::new();
    for (program, file) in programs.iter().zip(guest.programs(&packages)?) {
        archive.add(program.path, file);
    }
    for library in libraries {
        archive.add(library.path, guest.dll(library.package)?);
    }
    for driver in drivers {
        archive.add(driver.path, guest.driver(driver.package)?);
    }
    for (name, file) in hives(&guest.workspace().join(image.release))? {
        archive.add(format!(r"{CONFIG}\{name}"), file);
    }
    write(&out_dir.join("boot.archive"), &archive.build()?)?;
    Ok(guest)
}

fn build_programs(packages: &[&str]) -> Result<Guest, Error> {
    let out_dir = out_dir()?;
    let guest = Guest::of_build_script()?;
    for (package, file) in packages.iter().zip(guest.programs(packages)?) {
        write(&out_dir.join(format!("{package}.exe")), &file)?;
    }
    Ok(guest)
}

fn build_libraries(packages: &[&str]) -> Result<Guest, Error> {
    let out_dir = out_dir()?;
    let guest = Guest::of_build_script()?;
    for package in packages {
        write(&out_dir.join(format!("{package}.dll")), &guest.dll(package)?)?;
    }
    Ok(guest)
}

fn out_dir() -> Result<PathBuf, Error> {
    std::env::var_os("OUT_DIR").map(PathBuf::from).ok_or(Error::Environment("OUT_DIR"))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    std::fs::write(path, bytes).map_err(|source| Error::File { path: path.to_owned(), source })
}
