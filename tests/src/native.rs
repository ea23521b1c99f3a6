//! Native programs by strangers: C sources of `tests/native`, built with a compiler that knows nothing of
//! this project, and started from BootExecute.

use std::fmt::Write as _;

use tempfile::TempDir;

use crate::Boot;

/// Name and image of every program.
static PROGRAMS: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/native.rs"));

/// Where programs are put in the guest.
const SYSTEM32: &str = r"\SystemRoot\System32";

/// The image of a native program.
///
/// # Panics
/// When there is none of that name.
pub fn program(name: &str) -> &'static [u8] {
    let found = PROGRAMS.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("there is no tests/native/{name}.c")).1
}

impl Boot {
    /// Boots the image as it is, with these lines for BootExecute. The programs that they name, and those in
    /// `also`, are put into System32 (the driver as `driver.sys`).
    ///
    /// # Panics
    /// When there is no program of a name.
    pub fn boot_execute(lines: &[&str], also: &[&str], arguments: &[&str]) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let all = Self::prepare(&folder, lines, also);
        let all: Vec<&str> = all.iter().map(String::as_str).chain(arguments.iter().copied()).collect();
        Self::with(&all)
    }

    /// The options that put programs and lines into the image; the files are in the folder.
    ///
    /// # Panics
    /// When there is no program of a name.
    pub fn prepare(folder: &TempDir, lines: &[&str], also: &[&str]) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        let names = lines.iter().filter_map(|line| line.split(' ').find(|word| !KEYWORDS.contains(word)));
        for name in names.chain(also.iter().copied()) {
            let image = program(name);
            let extension = if name == "driver" { "sys" } else { "exe" };
            let file = folder.path().join(format!("{name}.{extension}"));
            std::fs::write(&file, image).expect("room for a program");
            all.extend(["--file".into(), format!(r"{SYSTEM32}\{name}.{extension}={}", file.display())]);
        }
        let reg = folder.path().join("boot.reg");
        std::fs::write(&reg, boot_execute_text(lines)).expect("room for the registry text");
        all.extend(["--reg".into(), reg.display().to_string()]);
        all
    }
}

/// What may stand before a program's name (spec/smss.md 2.5).
const KEYWORDS: [&str; 3] = ["autocheck", "async", "debug"];

/// The value as Windows' registry editor writes it.
fn boot_execute_text(lines: &[&str]) -> String {
    let mut bytes = Vec::new();
    for line in lines.iter().chain(&[""]) {
        line.encode_utf16().chain([0]).for_each(|unit| bytes.extend(unit.to_le_bytes()));
    }
    let mut hex = String::new();
    for byte in bytes {
        let _ = write!(hex, "{}{byte:02x}", if hex.is_empty() { "" } else { "," });
    }
    format!(
        "Windows Registry Editor Version 5.00\r\n\r\n\
         [HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Session Manager]\r\n\
         \"BootExecute\"=hex(7):{hex}\r\n"
    )
}
