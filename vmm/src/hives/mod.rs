//! The hives as they stand when the guest has shut down, as files.

mod table;

use std::path::Path;

use regf::{Hive, verify};
use serde::Serialize;

pub use table::{GuestHive, TableError, hives};

use crate::error::Error;
use crate::outcome::Outcome;
use crate::reg::replace;
use crate::run::RunReport;

/// What [`save`] did.
#[derive(Debug, Default)]
pub struct Saved {
    /// The files that were written.
    pub files: Vec<SavedHive>,
    /// What kept hives from being saved, or is wrong with them.
    pub complaints: Vec<String>,
}

/// A hive that was written.
#[derive(Debug, Serialize)]
pub struct SavedHive {
    /// The name of its file.
    pub name: String,
    /// Its size.
    pub bytes: usize,
}

/// Writes the hives that a guest has left to a folder, each as a whole. A damaged one is written and complained of.
///
/// Only a guest that has powered off or reset the machine has brought its hives to an end.
///
/// # Errors
/// [`Error::Output`].
pub fn save(folder: &Path, report: &RunReport) -> Result<Saved, Error> {
    let mut saved = Saved::default();
    if !matches!(report.outcome, Outcome::PowerOff { .. } | Outcome::Reset { .. }) {
        saved.complaints.push("the hives were not saved: the guest has not shut down".into());
        return Ok(saved);
    }
    let memory = &report.memory;
    let ram_pages = memory.layout.ranges().map(|range| range.len / nt::hives::HIVE_PAGE).sum();
    let found = report.kernel.debugger_data.ok_or(TableError::Missing);
    let found = match found.and_then(|address| hives(memory, address, ram_pages)) {
        Ok(found) => found,
        Err(error) => {
            saved.complaints.push(format!("the hives were not saved: {error}"));
            return Ok(saved);
        }
    };
    for hive in found {
        let bytes = match hive.read(memory) {
            Ok(bytes) => bytes,
            Err(error) => {
                saved.complaints.push(error.to_string());
                continue;
            }
        };
        let path = folder.join(&hive.name);
        replace(&path, &bytes)?;
        if let Err(fault) = Hive::clean(&bytes).and_then(verify) {
            saved.complaints.push(format!("{}: {fault}", path.display()));
        }
        saved.files.push(SavedHive { name: hive.name, bytes: bytes.len() });
    }
    Ok(saved)
}
