//! One run of `smvm boot --json`, and what came of it.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

use crate::{PROBE, PROBE_PATH};

/// The program under test: `$SMVM`, or what cargo built next to the tests.
///
/// # Panics
/// When there is none: a test without its subject must not pass.
pub fn smvm() -> PathBuf {
    let path = std::env::var_os("SMVM").map_or_else(beside_the_tests, PathBuf::from);
    assert!(path.is_file(), "{} is not there: run tests/run, or set SMVM", path.display());
    path
}

fn beside_the_tests() -> PathBuf {
    let mut path = std::env::current_exe().unwrap_or_default();
    path.pop();
    if path.ends_with("deps") {
        path.pop();
    }
    path.join("smvm")
}

/// A finished `smvm boot --json`.
#[derive(Debug)]
pub struct Boot {
    /// Exit code; 128 and the number for a signal.
    pub code: i32,
    /// The JSON object on standard output, `Null` when there was none.
    pub json: Value,
    /// Standard error.
    pub stderr: String,
}

impl Boot {
    /// Runs `smvm boot --json` with more arguments. A deadline is always there: 20 s, unless the
    /// arguments have another.
    pub fn with(arguments: &[&str]) -> Self {
        let mut command = Command::new(smvm());
        command.args(["boot", "--json"]).args(arguments);
        if !arguments.contains(&"--deadline") {
            command.args(["--deadline", "20s"]);
        }
        Self::of(command.output().expect("smvm starts"))
    }

    /// Runs the probe in place of the session manager. Its words are separated by commas; at the end it says
    /// that the session is ready.
    pub fn probe(words: &str, arguments: &[&str]) -> Self {
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        file.write_all(PROBE).expect("room for the probe");
        let place = format!("{PROBE_PATH}={}", file.path().display());
        let init = format!("smvm.init={PROBE_PATH},{words},ready").replace(",,", ",");
        Self::with(&[&["--file", &place, "--cmdline", &init], arguments].concat())
    }

    fn of(output: Output) -> Self {
        use std::os::unix::process::ExitStatusExt;
        let code = output.status.code().unwrap_or_else(|| 128 + output.status.signal().unwrap_or(0));
        Self {
            code,
            json: serde_json::from_slice(&output.stdout).unwrap_or_default(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// What the guest wrote to its boot screen.
    pub fn console(&self) -> &str {
        self.json["console"].as_str().unwrap_or("")
    }

    /// The events of that name, in order.
    pub fn events<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Value> {
        self.json["timeline"].as_array().into_iter().flatten().filter(move |event| event["ev"] == name)
    }

    /// Start of the first event of that name in µs.
    ///
    /// # Panics
    /// When there is none.
    pub fn time_of(&self, name: &str) -> f64 {
        let event = self.events(name).next().unwrap_or_else(|| panic!("no event {name}: {self:#?}"));
        event["start_us"].as_f64().expect("a time")
    }

    /// Asserts that the probe was powered off in order, said `PASS` this often, and never `FAIL`.
    pub fn assert_passes(&self, count: usize) {
        assert_eq!(self.code, 0, "{self:#?}");
        assert!(!self.console().contains("FAIL"), "{}", self.console());
        assert_eq!(self.console().matches("PASS ").count(), count, "{}", self.console());
    }
}
