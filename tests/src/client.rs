//! Clients of csrss in the place of winlogon.

use tempfile::TempDir;

use crate::Boot;
use crate::native::program;

impl Boot {
    /// Boots the image with a program of `tests/native` as winlogon.exe, and another command line of csrss if one is given.
    ///
    /// # Panics
    /// When there is no program of that name.
    pub fn as_winlogon(name: &str, csrss: Option<&str>, arguments: &[&str]) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let file = folder.path().join("winlogon.exe");
        std::fs::write(&file, program(name)).expect("room for a program");
        let place = format!(r"\SystemRoot\System32\winlogon.exe={}", file.display());
        let reg = folder.path().join("csrss.reg");
        let line = csrss.map_or(String::new(), |line| {
            format!("\"Windows\"=\"{}\"\r\n", line.replace('\\', "\\\\").replace('"', "\\\""))
        });
        let text = format!(
            "Windows Registry Editor Version 5.00\r\n\r\n\
             [HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\SubSystems]\r\n{line}"
        );
        std::fs::write(&reg, text).expect("room for the registry text");
        let reg = reg.display().to_string();
        Self::with(&[&["--file", &place, "--reg", &reg], arguments].concat())
    }
}
