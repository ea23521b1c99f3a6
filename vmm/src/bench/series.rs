//! One contender of a benchmark and all of its runs.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::Duration;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::child::{self, Finished};
use super::sample::Sample;
use super::stats::Summary;
use super::{Failure, guest};

/// What is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// No guest at all: a process.
    Process,
    /// The smallest guest.
    Tiny,
    /// The image, or whatever the boot options name.
    Image,
}

/// By what, and how its runs are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Runner {
    /// The program's own process is all.
    Process,
    /// This monitor, as users run it.
    Smvm,
    /// This monitor with `--json`: it says where its time goes.
    SmvmReport,
    /// Another monitor.
    Peer,
}

/// A contender with its samples.
#[derive(Clone, Debug)]
pub struct Series {
    /// Its name in JSON.
    pub id: String,
    /// Its name in the table.
    pub title: String,
    /// What is run.
    pub subject: Subject,
    /// By what.
    pub runner: Runner,
    /// The command.
    pub command: Vec<OsString>,
    /// Why there are no samples, or no more of them.
    pub note: Option<String>,
    /// One for each run.
    pub samples: Vec<Sample>,
}

impl Series {
    /// Whether it takes part in further rounds.
    pub fn is_active(&self) -> bool {
        self.note.is_none()
    }

    /// Runs it once.
    ///
    /// # Errors
    /// [`Failure`] when one of our own runs failed. A peer's failure becomes its note.
    pub fn run(&mut self, keep_stdout: bool, limit: Duration) -> Result<Option<Finished>, Failure> {
        let keep_stdout = keep_stdout || self.runner == Runner::SmvmReport;
        let finished = match child::run(&self.command, keep_stdout, limit) {
            Ok(finished) => finished,
            Err(source) if self.runner == Runner::Peer => {
                self.note = Some(format!("cannot be started: {source}"));
                return Ok(None);
            }
            Err(source) => return Err(Failure::start(&self.command, source)),
        };
        // The smallest guest ends in a reset, and so may a stranger's kernel.
        let is_good = match (finished.status.code(), self.runner) {
            _ if finished.timed_out => false,
            (Some(8), Runner::Smvm | Runner::SmvmReport) => true,
            (code, _) => code == Some(0),
        };
        match self.runner {
            _ if is_good => Ok(Some(finished)),
            Runner::Peer => {
                self.note = Some(format!("failed: {}", finished.complaint()));
                Ok(None)
            }
            _ => Err(Failure::run(&self.command, &finished)),
        }
    }

    /// Keeps what a run gave.
    ///
    /// # Errors
    /// [`Failure`] when a report is not what it should be.
    pub fn keep(&mut self, finished: &Finished) -> Result<(), Failure> {
        let sample = match self.runner {
            Runner::SmvmReport => Sample::of_report(finished),
            _ => Some(Sample::of_process(finished)),
        };
        self.samples.push(sample.ok_or(Failure::Report)?);
        Ok(())
    }

    /// Whether a run with its output kept did what it was meant to: `expected` is the guest's text.
    pub fn check(&mut self, finished: &Finished, expected: &str) {
        let expected = match self.subject {
            Subject::Process => return,
            Subject::Tiny => guest::LETTERS,
            Subject::Image => expected,
        };
        if self.runner == Runner::Peer && !finished.stdout.contains(expected) {
            self.note = Some(format!("ran, but the guest did not print {expected:?}"));
        }
    }

    /// The summary of one figure.
    pub fn summary(&self, name: &str) -> Option<Summary> {
        Summary::of(self.samples.iter().filter_map(|sample| sample.get(name)))
    }

    /// The names of all figures, in the order of their first appearance.
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for name in self.samples.iter().flat_map(Sample::names) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

impl Serialize for Series {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let command: Vec<_> = self.command.iter().map(|word| word.to_string_lossy()).collect();
        let summary: BTreeMap<_, _> =
            self.names().into_iter().filter_map(|name| Some((name, self.summary(name)?))).collect();
        let mut map = serializer.serialize_struct("Series", 8)?;
        map.serialize_field("id", &self.id)?;
        map.serialize_field("title", &self.title)?;
        map.serialize_field("subject", &self.subject)?;
        map.serialize_field("runner", &self.runner)?;
        map.serialize_field("command", &command)?;
        map.serialize_field("note", &self.note)?;
        map.serialize_field("summary", &summary)?;
        map.serialize_field("samples", &self.samples)?;
        map.end()
    }
}
