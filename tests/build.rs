//! Builds the native test programs: our own with the guest's toolchain set-up, and C programs
//! (`tests/native`) with a compiler that knows nothing of this project.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Debian's cross compiler for Windows, package gcc-mingw-w64-x86-64.
const COMPILER: &str = "x86_64-w64-mingw32-gcc";

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=native");
    let out_dir = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    if let Err(error) = strangers(Path::new("native"), &out_dir) {
        println!("cargo::error={error}");
        return ExitCode::SUCCESS;
    }
    smvm_image_builder::programs_script(&["probe", "grind"])
}

/// Compiles every `native/*.c` to `<name>.exe` (`driver.c` to `driver.sys`), and writes their list as Rust.
fn strangers(sources: &Path, out_dir: &Path) -> Result<(), String> {
    let mut list = String::new();
    let entries = std::fs::read_dir(sources).map_err(|error| format!("{}: {error}", sources.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for source in paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "c")) {
        let name = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let is_driver = name == "driver";
        let file = out_dir.join(format!("{name}.{}", if is_driver { "sys" } else { "exe" }));
        compile(source, &file, is_driver)?;
        list += &format!("({name:?}, include_bytes!({:?}) as &[u8]),\n", file.display());
    }
    let path = out_dir.join("native.rs");
    std::fs::write(&path, format!("&[\n{list}]")).map_err(|error| format!("{}: {error}", path.display()))
}

fn compile(source: &Path, file: &Path, is_driver: bool) -> Result<(), String> {
    let mut command = Command::new(COMPILER);
    command.args(["-std=gnu17", "-O1", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-unused-function"]);
    command.args(["-Werror", "-ffreestanding", "-fno-stack-protector", "-mno-stack-arg-probe", "-nostdlib"]);
    // What ends in `client` stands in for winlogon, which is a client of csrss: no native program is one.
    let is_client = source.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("client"));
    let subsystem = if is_client { "windows" } else { "native" };
    command.arg(format!("-Wl,--subsystem,{subsystem},--no-insert-timestamp"));
    match is_driver {
        true => command.args(["-shared", "-mgeneral-regs-only", "-Wl,--entry,DriverEntry"]),
        false => command.arg("-Wl,--entry,NtProcessStartup"),
    };
    let text = std::fs::read_to_string(source).map_err(|error| format!("{}: {error}", source.display()))?;
    command.args(link_options(&text));
    command.arg("-o").arg(file).arg(source);
    command.args(if is_driver { ["-lntoskrnl", "-lhal"] } else { ["-lntdll", "-lntdllcrt"] });
    match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("{}: {}", source.display(), String::from_utf8_lossy(&output.stderr))),
        Err(error) => Err(format!("{COMPILER}: {error}; install it: apt-get install gcc-mingw-w64-x86-64")),
    }
}

/// What a source wants of the linker, in its first line: `/* link: OPTION… */`.
fn link_options(text: &str) -> impl Iterator<Item = &str> {
    let line = text.lines().next().and_then(|line| line.strip_prefix("/* link: ")?.strip_suffix(" */"));
    line.into_iter().flat_map(str::split_whitespace)
}
