//! The words of `--lpt N=BACKEND`.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::host_path::{is_utf8, to_path};

/// Where what is printed goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tray {
    /// Nowhere.
    Null,
    /// To a file, created or emptied; job behind job.
    File(PathBuf),
    /// To a folder, a file for each job.
    Spool(PathBuf),
    /// To a folder, as a PDF for each job.
    Pdf(PathBuf),
    /// To the standard input of a command of the shell's, run for each job.
    Exec(String),
}

impl Tray {
    /// The file or folder that it writes, if it is one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) | Self::Spool(path) | Self::Pdf(path) => Some(path),
            Self::Null | Self::Exec(_) => None,
        }
    }
}

/// A printer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrinterSpec {
    /// Where what is printed goes.
    pub tray: Tray,
    /// It is out of paper after so many bytes, as far as it has them at once.
    pub paper: Option<u64>,
    /// It is off line from the start.
    pub off_line: bool,
}

/// A printer that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrinterSpecError {
    /// The word is not known.
    #[error("unknown back end {0:?}: use file:PATH, spool:DIR, pdf:DIR, exec:COMMAND or null")]
    Unknown(String),
    /// Nothing behind the colon.
    #[error("{0}: needs {1}")]
    Empty(&'static str, &'static str),
    /// A command that is no text.
    #[error("exec: a command is UTF-8")]
    Command,
    /// An amount of paper that is no number.
    #[error("paper={0}: a number of bytes, as in file:lpt1.txt,paper=100")]
    Paper(String),
}

impl FromStr for PrinterSpec {
    type Err = PrinterSpecError;

    fn from_str(text: &str) -> Result<Self, PrinterSpecError> {
        let (mut rest, mut paper, mut off_line) = (text, None, false);
        // From the end: a path or command may have commas of its own.
        while let Some((before, word)) = rest.rsplit_once(',') {
            match word.strip_prefix("paper=") {
                Some(bytes) => {
                    paper = Some(bytes.parse().map_err(|_| PrinterSpecError::Paper(bytes.to_owned()))?);
                }
                None if word == "offline" => off_line = true,
                _ => break,
            }
            rest = before;
        }
        let tray = match rest.split_once(':') {
            None if rest == "null" => Tray::Null,
            Some(("file", "")) => return Err(PrinterSpecError::Empty("file", "a path, as in file:lpt1.txt")),
            Some(("file", path)) => Tray::File(to_path(path)),
            Some(("spool", "")) => {
                return Err(PrinterSpecError::Empty("spool", "a folder, as in spool:jobs"));
            }
            Some(("spool", path)) => Tray::Spool(to_path(path)),
            Some(("pdf", "")) => return Err(PrinterSpecError::Empty("pdf", "a folder, as in pdf:jobs")),
            Some(("pdf", path)) => Tray::Pdf(to_path(path)),
            Some(("exec", "")) => return Err(PrinterSpecError::Empty("exec", "a command, as in exec:lp")),
            Some(("exec", command)) if !is_utf8(command) => return Err(PrinterSpecError::Command),
            Some(("exec", command)) => Tray::Exec(command.into()),
            _ => return Err(PrinterSpecError::Unknown(rest.to_owned())),
        };
        Ok(Self { tray, paper, off_line })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let parse = str::parse::<PrinterSpec>;
        let plain = |tray| Ok(PrinterSpec { tray, paper: None, off_line: false });
        assert_eq!(parse("null"), plain(Tray::Null));
        assert_eq!(parse("file:a,b"), plain(Tray::File("a,b".into())));
        assert_eq!(parse("exec:lp -o a=b, c"), plain(Tray::Exec("lp -o a=b, c".into())));
        assert_eq!(
            parse("spool:x,paper=100,offline"),
            Ok(PrinterSpec { tray: Tray::Spool("x".into()), paper: Some(100), off_line: true })
        );
        assert_eq!(parse("file:x,paper=y"), Err(PrinterSpecError::Paper("y".into())));
        for bad in ["", "null:x", "spool:", "pdf:", "file:", "exec:", "paper=1", "tcp:x"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
