//! Boots with stand-ins for the processes of a session: the C program `tests/native/sm.c` in the place of csrss,
//! winlogon and others, which does what the words of its command line say.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tempfile::TempDir;

use crate::Boot;
use crate::native::program;

/// IMAGE_SUBSYSTEM_WINDOWS_GUI.
pub const GUI: u16 = 2;
/// IMAGE_SUBSYSTEM_NATIVE.
pub const NATIVE: u16 = 1;

/// The words of a csrss that does its part and stays.
pub const CSRSS: &str = r"csrss.exe name=csrss sb=\StandInSb register=2 stay";

/// A boot that is put together.
#[derive(Clone, Debug, Default)]
pub struct StandIns {
    programs: BTreeMap<String, u16>,
    manager: Vec<String>,
    subsystems: Vec<String>,
}

impl StandIns {
    /// csrss and winlogon are stand-ins, without win32k.sys; winlogon is started with these words, and without the time
    /// that `Execute` waits by the debugger of Image File Execution Options.
    pub fn new(csrss: &str, winlogon: &str) -> Self {
        let bare = Self::default().program("csrss.exe", NATIVE).program("winlogon.exe", NATIVE);
        bare.subsystem("Windows", csrss).without("Kmode").boot_execute(&[]).initial(winlogon)
    }

    /// The image's own csrss and win32k; winlogon is a stand-in that csrss lets run, started with these words.
    pub fn beside_csrss(winlogon: &str) -> Self {
        Self::default().program("winlogon.exe", GUI).boot_execute(&[]).initial(winlogon)
    }

    /// Puts the stand-in at this name into System32, as an image of this subsystem.
    pub fn program(mut self, name: &str, subsystem: u16) -> Self {
        self.programs.insert(name.to_owned(), subsystem);
        self
    }

    /// The initial command: a debugger takes the place of winlogon.exe, whose name comes behind it.
    pub fn initial(mut self, line: &str) -> Self {
        self.manager.retain(|text| !text.contains("Image File Execution Options"));
        self.manager.push(format!(
            "\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options\\winlogon.exe]\r\n\
             \"Debugger\"={}\r\n",
            text(&format!("{line} --"))
        ));
        self
    }

    /// Lines of BootExecute.
    pub fn boot_execute(self, lines: &[&str]) -> Self {
        self.manager_list("BootExecute", lines)
    }

    /// A list in the session manager's own key.
    pub fn manager_list(mut self, name: &str, lines: &[&str]) -> Self {
        let start = format!("\"{name}\"=");
        self.manager.retain(|text| !text.starts_with(&start));
        self.manager.insert(0, format!("{start}{}\r\n", list(lines)));
        self
    }

    /// A text under `SubSystems`.
    pub fn subsystem(self, name: &str, line: &str) -> Self {
        self.subsystem_value(name, &text(line))
    }

    /// A number under `SubSystems`.
    pub fn subsystem_number(self, name: &str, number: u32) -> Self {
        self.subsystem_value(name, &format!("dword:{number:08x}"))
    }

    /// A list under `SubSystems`.
    pub fn subsystem_list(self, name: &str, names: &[&str]) -> Self {
        self.subsystem_value(name, &list(names))
    }

    /// Takes a value under `SubSystems` out.
    pub fn without(self, name: &str) -> Self {
        self.subsystem_value(name, "-")
    }

    /// Leaves a value under `SubSystems` as the hive has it.
    pub fn as_it_is(mut self, name: &str) -> Self {
        let start = format!("\"{name}\"=");
        self.subsystems.retain(|text| !text.starts_with(&start));
        self
    }

    fn subsystem_value(self, name: &str, value: &str) -> Self {
        let mut standins = self.as_it_is(name);
        standins.subsystems.push(format!("\"{name}\"={value}\r\n"));
        standins
    }

    /// Boots it.
    ///
    /// # Panics
    /// When there is no room for files.
    pub fn boot(&self, arguments: &[&str]) -> Boot {
        let folder = TempDir::new().expect("a temporary folder");
        let mut all: Vec<String> = Vec::new();
        for (name, subsystem) in &self.programs {
            let file = folder.path().join(name);
            std::fs::write(&file, as_subsystem(program("sm"), *subsystem)).expect("room for a program");
            all.extend(["--file".into(), format!(r"\SystemRoot\System32\{name}={}", file.display())]);
        }
        const KEY: &str = "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Session Manager";
        let mut registry = format!("Windows Registry Editor Version 5.00\r\n\r\n[{KEY}]\r\n");
        registry += &self.manager.concat();
        let _ = write!(registry, "\r\n[{KEY}\\SubSystems]\r\n{}", self.subsystems.concat());
        let reg = folder.path().join("session.reg");
        std::fs::write(&reg, registry).expect("room for the registry text");
        all.extend(["--reg".into(), reg.display().to_string()]);
        let all: Vec<&str> = all.iter().map(String::as_str).chain(arguments.iter().copied()).collect();
        Boot::with(&all)
    }
}

/// The image with another subsystem in its headers. The checksum of programs is not looked at.
fn as_subsystem(image: &[u8], subsystem: u16) -> Vec<u8> {
    /// From the PE signature: the file header is 24 bytes, and 68 into the optional header is the field.
    const FIELD: usize = 24 + 68;
    let mut image = image.to_vec();
    let head = u32::from_le_bytes([image[0x3C], image[0x3D], image[0x3E], image[0x3F]]) as usize;
    image[head + FIELD..head + FIELD + 2].copy_from_slice(&subsystem.to_le_bytes());
    image
}

fn text(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// REG_MULTI_SZ as Windows' registry editor writes it.
fn list(lines: &[&str]) -> String {
    let mut hex = String::from("hex(7):");
    for line in lines.iter().chain(&[""]) {
        for byte in line.encode_utf16().chain([0]).flat_map(u16::to_le_bytes) {
            let _ = write!(hex, "{}{byte:02x}", if hex.ends_with(':') { "" } else { "," });
        }
    }
    hex
}
