//! The words of `--com N=BACKEND`.

use std::path::{Path, PathBuf};
use std::str::FromStr;

/// One destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetSpec {
    /// Standard input and output.
    Stdio,
    /// Standard error; no input.
    Stderr,
    /// A file, created or emptied.
    File(PathBuf),
}

/// Where one port's bytes go: any number of destinations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PortSpec {
    /// The destinations; none is `null`.
    pub targets: Vec<TargetSpec>,
}

impl PortSpec {
    /// The files among the destinations.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.targets.iter().filter_map(|target| match target {
            TargetSpec::File(path) => Some(path.as_path()),
            TargetSpec::Stdio | TargetSpec::Stderr => None,
        })
    }
}

/// A back end that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// The word is not known.
    #[error("unknown back end {0:?}: use stdio, stderr, file:PATH or null, joined by +")]
    Unknown(String),
    /// `file:` without a path.
    #[error("file: needs a path, as in file:com1.txt")]
    NoPath,
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
                _ => match word.strip_prefix("file:") {
                    Some("") => return Err(SpecError::NoPath),
                    Some(path) => targets.push(TargetSpec::File(path.into())),
                    None => return Err(SpecError::Unknown(word.to_owned())),
                },
            }
        }
        Ok(Self { targets })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let parse = str::parse::<PortSpec>;
        assert_eq!(parse("null"), Ok(PortSpec::default()));
        assert_eq!(parse("stdio"), Ok(PortSpec { targets: vec![TargetSpec::Stdio] }));
        assert_eq!(
            parse("stdio+file:a b"),
            Ok(PortSpec { targets: vec![TargetSpec::Stdio, TargetSpec::File("a b".into())] })
        );
        assert_eq!(parse("file:"), Err(SpecError::NoPath));
        assert_eq!(parse("stdio+stdio"), Err(SpecError::StdioTwice));
        assert_eq!(parse(""), Err(SpecError::Unknown(String::new())));
        assert_eq!(parse("telnet"), Err(SpecError::Unknown("telnet".into())));
    }
}
