//! Boots with values of the session manager's own key, and the hives that they leave.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::Boot;
use crate::boot::smvm;
use crate::native::program;

/// The session manager's key.
pub const SESSION_MANAGER: &str = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager";
/// Bugcheck and hard error of a session manager that cannot go on.
pub const SYSTEM_PROCESS_TERMINATED: u64 = 0xC000_021A;

/// A REG_MULTI_SZ as registry text.
pub fn strings(name: &str, strings: &[&str]) -> String {
    let list: String = strings.iter().map(|string| format!("{}\\0", string.replace('\\', r"\\"))).collect();
    format!("\"{name}\"=str(7):\"{list}\"\n")
}

/// A boot with changed registry, and files of its own.
#[derive(Debug)]
pub struct Session {
    folder: TempDir,
    text: String,
    arguments: Vec<String>,
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

impl Session {
    /// The default one, with the native program `session` in System32.
    ///
    /// # Panics
    /// When there is no room for its files.
    pub fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let session = Self { folder, text: String::new(), arguments: Vec::new() };
        session.file("session.exe", program("session")).file("environment.exe", program("environment"))
    }

    /// Puts a file into System32.
    ///
    /// # Panics
    /// When there is no room for it.
    #[must_use]
    pub fn file(mut self, name: &str, content: &[u8]) -> Self {
        let file = self.folder.path().join(name);
        std::fs::write(&file, content).expect("room for a file");
        let place = format!(r"\SystemRoot\System32\{name}={}", file.display());
        self.arguments.extend(["--file".into(), place]);
        self
    }

    /// Adds values (lines of registry text) to the session manager's key.
    #[must_use]
    pub fn own(self, values: &str) -> Self {
        self.key("", values)
    }

    /// Adds values to a subkey of it.
    #[must_use]
    pub fn key(mut self, subkey: &str, values: &str) -> Self {
        let separator = if subkey.is_empty() { "" } else { "\\" };
        self.text += &format!("[{SESSION_MANAGER}{separator}{subkey}]\n{values}\n");
        self
    }

    /// Adds registry text.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.text += text;
        self.text.push('\n');
        self
    }

    /// Sets the lines of BootExecute.
    #[must_use]
    pub fn lines(self, lines: &[&str]) -> Self {
        self.own(&strings("BootExecute", lines))
    }

    /// Boots it. The hives that it leaves are found with [`Ended::value`].
    ///
    /// # Panics
    /// When there is no room for its files.
    pub fn boot(self, more: &[&str]) -> Ended {
        let reg = self.folder.path().join("session.reg");
        let text = format!("Windows Registry Editor Version 5.00\n\n{}", self.text);
        std::fs::write(&reg, text).expect("room for the registry text");
        let hives = self.folder.path().join("hives");
        let mut all = self.arguments;
        all.extend(["--reg".into(), reg.display().to_string()]);
        all.extend(["--save-hives".into(), hives.display().to_string()]);
        // Boots whose session does not matter may take their time on a busy machine.
        let slow: &[&str] = if more.contains(&"--deadline") { &[] } else { &["--deadline", "60s"] };
        let all: Vec<&str> = all.iter().map(String::as_str).chain([more, slow].concat()).collect();
        Ended { boot: Boot::with(&all), folder: self.folder }
    }
}

/// A boot that has ended.
#[derive(Debug)]
pub struct Ended {
    /// What came of it.
    pub boot: Boot,
    folder: TempDir,
}

impl Ended {
    /// Whether the boot screen has a line.
    pub fn shows(&self, line: &str) -> bool {
        self.boot.console().lines().any(|shown| shown == line)
    }

    /// The text and status of every event of that name.
    pub fn told(&self, event: &str) -> Vec<(String, u64)> {
        self.boot.events(event).map(|event| (text_of(event), status_of(event))).collect()
    }

    /// Asserts that the steps up to the session were gone.
    ///
    /// # Panics
    /// When they were not.
    pub fn assert_went_on(&self) {
        assert!(self.boot.events("Smss.SetupExecuteList").count() == 1, "{:#?}", self.boot);
    }

    /// Asserts that the session manager stopped the system with that text and status.
    ///
    /// # Panics
    /// When it did not.
    pub fn assert_fatal(&self, text: &str, status: u64) {
        let boot = &self.boot;
        let record = &boot.json["outcome"]["record"];
        assert_eq!((boot.code, record["code"].as_u64()), (5, Some(SYSTEM_PROCESS_TERMINATED)), "{boot:#?}");
        assert_eq!(record["params"][1].as_u64(), Some(status), "{boot:#?}");
        assert!(boot.json.to_string().contains(text), "{text}: {boot:#?}");
    }

    /// The text of a value in a hive that the boot has left; nothing if it is not there.
    ///
    /// # Panics
    /// When there is no such hive.
    pub fn value(&self, hive: &str, key: &str, name: &str) -> Option<String> {
        query(&self.folder.path().join("hives").join(hive), key, name)
    }
}

/// Asks a hive file.
fn query(hive: &Path, key: &str, name: &str) -> Option<String> {
    assert!(hive.is_file(), "{} is not there", hive.display());
    let mut command = Command::new(smvm());
    command.args(["reg", "query"]).arg(hive).arg(key).args(["--value", name, "--json"]);
    let output = command.output().expect("smvm starts");
    let json: Value = serde_json::from_slice(&output.stdout).ok()?;
    let data = &json["keys"][0]["values"][0]["data"];
    Some(data.as_str().map_or_else(|| data.to_string(), str::to_owned))
}

/// The text that an event carries, whatever it is called.
fn text_of(event: &Value) -> String {
    let arguments = event["args"].as_object().into_iter().flatten();
    let mut texts = arguments.filter(|(name, _)| *name != "status").filter_map(|(_, value)| value.as_str());
    texts.next().unwrap_or_default().to_owned()
}

/// An event's status; 0 if it has none.
fn status_of(event: &Value) -> u64 {
    let status = &event["args"]["status"];
    let text = status.as_str().unwrap_or_default();
    let digits = text.trim_start_matches("0x").get(..8).unwrap_or_default();
    status.as_u64().unwrap_or_else(|| u64::from_str_radix(digits, 16).unwrap_or(0))
}
