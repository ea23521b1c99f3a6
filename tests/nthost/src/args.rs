//! The command line.

use std::path::PathBuf;

/// What to run, and how.
#[derive(Debug, Default)]
pub struct Options {
    pub trace: bool,
    pub known: Vec<String>,
    pub taken: Vec<u64>,
    pub folder: PathBuf,
    pub program: String,
    pub command_line: String,
}

/// Parses the arguments.
pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options::default();
    let mut rest = Vec::new();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--trace" => options.trace = true,
            "--known" => options.known.push(value()?.to_ascii_lowercase()),
            "--taken" => {
                let text = value()?;
                let digits = text.trim_start_matches("0x");
                options
                    .taken
                    .push(u64::from_str_radix(digits, 16).map_err(|error| format!("{text}: {error}"))?);
            }
            _ => {
                rest.push(argument);
                rest.extend(arguments.by_ref());
            }
        }
    }
    let [folder, program, words @ ..] = &rest[..] else {
        return Err("which folder and program?".into());
    };
    options.folder = folder.into();
    options.program = program.clone();
    options.command_line = [std::slice::from_ref(program), words].concat().join(" ");
    Ok(options)
}
