//! A run of the grinder.

use std::io::Write;

use crate::{Boot, GRIND};

/// Where the grinder is put in the guest: it makes its children out of the same file.
const GRIND_PATH: &str = r"\SystemRoot\System32\grind.exe";

impl Boot {
    /// Runs the grinder in place of the session manager: random system calls, so many of them. When it finds
    /// nothing it says that the session is ready.
    pub fn grind(seed: u64, calls: u32, arguments: &[&str]) -> Self {
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        file.write_all(GRIND).expect("room for the grinder");
        let place = format!("{GRIND_PATH}={}", file.path().display());
        let init = format!("smvm.init={GRIND_PATH},{seed},{calls}");
        Self::with(&[&["--file", &place, "--cmdline", &init], arguments].concat())
    }
}
