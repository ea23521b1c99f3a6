//! The words of `--com N=BACKEND`.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::listen::Place;
use crate::host_path::to_path;

/// One destination, or source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetSpec {
    /// Standard input and output.
    Stdio,
    /// Standard error; no input.
    Stderr,
    /// A file, created or emptied.
    File {
        /// Which.
        path: PathBuf,
        /// Most bytes that are written to it; the rest is dropped.
        max: Option<u64>,
    },
    /// Input alone, from a file, pipe or device.
    Input(PathBuf),
    /// A pseudo-terminal, made for it.
    Pty,
    /// A Unix socket that somebody listens at.
    Unix(PathBuf),
    /// Host and port that somebody listens at.
    Tcp(String),
    /// A socket of ours, to which somebody comes.
    Listen(Place),
}

/// Where one port's bytes go, and where they come from: any number of ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PortSpec {
    /// The ends; none is `null`.
    pub targets: Vec<TargetSpec>,
}

impl PortSpec {
    /// The files among the destinations.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.targets.iter().filter_map(|target| match target {
            TargetSpec::File { path, .. } => Some(path.as_path()),
            _ => None,
        })
    }

    /// The files among the sources.
    pub fn inputs(&self) -> impl Iterator<Item = &Path> {
        self.targets.iter().filter_map(|target| match target {
            TargetSpec::Input(path) => Some(path.as_path()),
            _ => None,
        })
    }

    /// Whether somebody else on this machine has to be at the other end.
    pub fn has_peer(&self) -> bool {
        use TargetSpec::{Listen, Pty, Tcp, Unix};
        self.targets.iter().any(|target| matches!(target, Pty | Unix(_) | Tcp(_) | Listen(_)))
    }
}

/// A back end that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// The word is not known.
    #[error(
        "unknown back end {0:?}: use stdio, stderr, file:PATH[,max=SIZE], in:PATH, pty, unix:PATH[,listen], tcp:HOST:PORT[,listen] or null, joined by +"
    )]
    Unknown(String),
    /// Nothing behind the colon.
    #[error("{0}: needs {1}")]
    Empty(&'static str, &'static str),
    /// A limit that is no size.
    #[error("max={0}: a size is a number of bytes, or of K, M or G, as in file:com1.txt,max=10M")]
    Size(String),
    /// Standard output twice.
    #[error("stdio can be given only once")]
    StdioTwice,
}

impl FromStr for PortSpec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let mut targets = Vec::new();
        for word in text.split('+') {
            match word {
                "null" => {}
                "stdio" if targets.contains(&TargetSpec::Stdio) => {
                    return Err(SpecError::StdioTwice);
                }
                "stdio" => targets.push(TargetSpec::Stdio),
                "stderr" => targets.push(TargetSpec::Stderr),
                "pty" => targets.push(TargetSpec::Pty),
                _ => targets.push(with_argument(word)?),
            }
        }
        Ok(Self { targets })
    }
}

fn with_argument(word: &str) -> Result<TargetSpec, SpecError> {
    let path_wanted = "a path, as in file:com1.txt";
    match word.split_once(':') {
        Some(("file", "")) => Err(SpecError::Empty("file", path_wanted)),
        Some(("in", "")) => Err(SpecError::Empty("in", path_wanted)),
        Some(("unix", "")) => Err(SpecError::Empty("unix", "the path of a socket")),
        Some(("file", path)) => {
            let (path, max) = match path.rsplit_once(",max=") {
                Some((_, max)) if size(max).is_none() => return Err(SpecError::Size(max.to_owned())),
                Some(("", _)) => return Err(SpecError::Empty("file", path_wanted)),
                Some((path, max)) => (path, size(max)),
                None => (path, None),
            };
            Ok(TargetSpec::File { path: to_path(path), max })
        }
        Some(("in", path)) => Ok(TargetSpec::Input(to_path(path))),
        Some(("unix", path)) => Ok(match path.strip_suffix(",listen") {
            Some(path) => TargetSpec::Listen(Place::Unix(to_path(path))),
            None => TargetSpec::Unix(to_path(path)),
        }),
        Some(("tcp", address))
            if address
                .strip_suffix(",listen")
                .unwrap_or(address)
                .rsplit_once(':')
                .is_some_and(|(_, port)| port.parse::<u16>().is_ok()) =>
        {
            Ok(match address.strip_suffix(",listen") {
                Some(address) => TargetSpec::Listen(Place::Tcp(address.to_owned())),
                None => TargetSpec::Tcp(address.to_owned()),
            })
        }
        Some(("tcp", _)) => Err(SpecError::Empty("tcp", "host and port, as in tcp:localhost:4000")),
        _ => Err(SpecError::Unknown(word.to_owned())),
    }
}

/// A number with K, M or G, or without.
fn size(text: &str) -> Option<u64> {
    let (digits, unit) = match text.char_indices().last()? {
        (at, 'K' | 'k') => (&text[..at], 10),
        (at, 'M' | 'm') => (&text[..at], 20),
        (at, 'G' | 'g') => (&text[..at], 30),
        _ => (text, 0),
    };
    digits.parse::<u64>().ok()?.checked_mul(1 << unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, max: Option<u64>) -> TargetSpec {
        TargetSpec::File { path: path.into(), max }
    }

    #[test]
    fn words() {
        let parse = str::parse::<PortSpec>;
        let one = |target| Ok(PortSpec { targets: vec![target] });
        assert_eq!(parse("null"), Ok(PortSpec::default()));
        assert_eq!(parse("stdio"), one(TargetSpec::Stdio));
        assert_eq!(
            parse("stdio+file:a b"),
            Ok(PortSpec { targets: vec![TargetSpec::Stdio, file("a b", None)] })
        );
        assert_eq!(parse("file:a,max=2K"), one(file("a", Some(2048))));
        for bad in ["x", "", "10X", "-1", "99999999999G"] {
            assert_eq!(parse(&format!("file:a,max={bad}")), Err(SpecError::Size(bad.into())), "{bad}");
        }
        assert!(matches!(parse("file:,max=5"), Err(SpecError::Empty(..))));
        assert_eq!(parse("in:b"), one(TargetSpec::Input("b".into())));
        assert_eq!(parse("unix:/x"), one(TargetSpec::Unix("/x".into())));
        assert_eq!(parse("tcp:[::1]:80"), one(TargetSpec::Tcp("[::1]:80".into())));
        assert_eq!(parse("unix:/x,listen"), one(TargetSpec::Listen(Place::Unix("/x".into()))));
        assert_eq!(parse("tcp:[::1]:0,listen"), one(TargetSpec::Listen(Place::Tcp("[::1]:0".into()))));
        assert_eq!(parse("pty"), one(TargetSpec::Pty));
        assert_eq!(parse("stdio+stdio"), Err(SpecError::StdioTwice));
        for empty in ["file:", "in:", "unix:", "tcp:", "tcp:host", "tcp:host:port", "tcp:host,listen"] {
            assert!(matches!(parse(empty), Err(SpecError::Empty(..))), "{empty}");
        }
        assert_eq!(parse(""), Err(SpecError::Unknown(String::new())));
        assert_eq!(parse("telnet"), Err(SpecError::Unknown("telnet".into())));
    }
}
