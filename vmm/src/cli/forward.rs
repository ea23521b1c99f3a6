//! Boot options that are handed on to other processes of this program: checked here, passed on as written.

use std::ffi::OsString;

use clap::{ArgMatches, Args, Command, FromArgMatches, parser::ValueSource};

use super::options::GuestOptions;

/// The options and their meaning.
#[derive(Clone, Debug)]
pub struct ForwardedOptions {
    /// What they mean.
    pub guest: GuestOptions,
    /// What was written, each as `--name=value`. `--json` is not among them: it is about our own output.
    pub words: Vec<OsString>,
}

impl Args for ForwardedOptions {
    fn augment_args(command: Command) -> Command {
        GuestOptions::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        GuestOptions::augment_args_for_update(command)
    }
}

impl FromArgMatches for ForwardedOptions {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let guest = GuestOptions::from_arg_matches(matches)?;
        let mut words = Vec::new();
        for option in GuestOptions::augment_args(Command::new("")).get_arguments() {
            let id = option.get_id().as_str();
            let Some(name) = option.get_long().filter(|name| *name != "json") else { continue };
            if matches.value_source(id) != Some(ValueSource::CommandLine) {
                continue;
            }
            let takes_value = option.get_action().takes_values();
            for value in matches.get_raw(id).into_iter().flatten() {
                let mut word = OsString::from("--");
                word.push(name);
                if takes_value {
                    word.push("=");
                    word.push(value);
                }
                words.push(word);
            }
        }
        Ok(Self { guest, words })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(arguments: &[&str]) -> Vec<OsString> {
        let command = ForwardedOptions::augment_args(Command::new("smvm").no_binary_name(true));
        let matches = command.try_get_matches_from(arguments).expect("good arguments");
        ForwardedOptions::from_arg_matches(&matches).expect("good values").words
    }

    #[test]
    fn only_what_was_written_is_passed_on() {
        assert_eq!(words(&[]), [""; 0]);
        assert_eq!(words(&["--json", "--memory", "32M"]), ["--memory=32M"]);
        let given = words(&["--file", r"\a=b", "--cmdline=-x  y", "--file", r"\c=d=e", "--reg=f"]);
        assert_eq!(given, [r"--file=\a=b", r"--file=\c=d=e", "--reg=f", "--cmdline=-x  y"]);
    }
}
