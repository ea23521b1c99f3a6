//! Giving the host's room back, and writing zeroes, as far as the image's format and the host can.

use std::io;

use imago::{ShallowMapping, StorageExt as _};

use super::image::OpenDrive;
use super::spec::Format;

/// Bytes of zeroes that are written at once where there is no better way.
const ZEROES: usize = 64 << 10;

/// What is Unsupported goes by another way, or not at all.
fn or_else(result: io::Result<()>, other: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => other(),
        result => result,
    }
}

impl OpenDrive {
    /// Nobody needs what is in a range.
    ///
    /// # Errors
    /// The host's. A host or format that can give nothing back keeps it, which is none.
    pub(super) fn give_back(&mut self, offset: u64, len: u64) -> io::Result<()> {
        self.empty(offset, len)?;
        or_else(self.access.discard_to_any(offset, len), || {
            // Version 2 of qcow2 has no clusters of zeroes; what is not there reads as zeroes, for there is nothing behind it.
            or_else(self.access.discard_to_backing(offset, len), || Ok(()))
        })
    }

    /// Makes a range read as zeroes; with `unmap` its room is given back, and else it stays the image's.
    ///
    /// # Errors
    /// The host's.
    pub(super) fn clear(&mut self, offset: u64, len: u64, unmap: bool) -> io::Result<()> {
        let result = match (self.format, unmap) {
            (Format::Raw, false) => return self.overwrite(offset, len, false),
            (Format::Qcow2, false) => self.access.write_zeroes(offset, len),
            (_, true) => {
                self.empty(offset, len)?;
                self.access.discard_to_zero(offset, len)
            }
        };
        or_else(result, || self.overwrite(offset, len, unmap))
    }

    /// Has the host take back what a range of a qcow2 image occupies in its file: a cluster that the format frees stays
    /// there, to be used again. The range reads as zeroes from then on, whether the tables that say so get to the disk or
    /// not. Clusters that a snapshot has as well stay as they are.
    fn empty(&mut self, mut offset: u64, len: u64) -> io::Result<()> {
        let end = offset.saturating_add(len);
        while offset < end && self.format == Format::Qcow2 {
            let (mapping, now) = self.access.get_shallow_mapping(offset, end - offset)?;
            if now == 0 {
                break;
            }
            if let ShallowMapping::Raw { storage, offset: place, writable: true, .. } = mapping {
                storage.write_zeroes(place, now)?;
            }
            offset += now;
        }
        Ok(())
    }

    /// Writes zeroes to what does not read as such.
    fn overwrite(&mut self, mut offset: u64, len: u64, unmap: bool) -> io::Result<()> {
        let zeroes = [0; ZEROES];
        let end = offset.saturating_add(len);
        while offset < end {
            let (mapping, mut now) = self.access.get_shallow_mapping(offset, end - offset)?;
            match mapping {
                _ if now == 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                ShallowMapping::Zero { .. } => {}
                ShallowMapping::Raw { storage, offset: place, writable: true, .. } => match unmap {
                    true => storage.write_zeroes(place, now)?,
                    false => storage.write_allocated_zeroes(place, now)?,
                },
                _ => {
                    now = now.min(ZEROES as u64);
                    self.access.write(&zeroes[..now as usize], offset)?;
                }
            }
            offset += now;
        }
        Ok(())
    }
}
