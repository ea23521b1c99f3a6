//! Information as a service gives it back: a fixed part, text or data of any length, and what is told of the
//! length when it does not fit.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::types::UserPtr;
use regf::{Name, Text, ValueData};
use zerocopy::{Immutable, IntoBytes};

use super::hive;
use crate::ke::service::NtResult;
use crate::mm::user;

/// So many bytes are always there to be had.
const SMALL: usize = 1024;

/// What there is to tell, as far as the caller has room.
#[derive(Debug)]
pub struct Reply {
    bytes: Vec<u8>,
    /// The caller's room, in bytes.
    room: usize,
    /// Bytes of the fixed part.
    fixed: usize,
    /// Bytes there are to tell.
    needed: usize,
}

impl Reply {
    /// A reply that will be `needed` bytes long, for a caller with so much room.
    ///
    /// # Errors
    /// NO_MEMORY.
    pub fn new(room: u32, needed: usize, fixed: &(impl IntoBytes + Immutable)) -> Result<Self, NtStatus> {
        let room = room as usize;
        let capacity = room.min(needed);
        let bytes = match capacity {
            0..=SMALL => Vec::with_capacity(capacity),
            _ => {
                let mut bytes = Vec::new();
                bytes.try_reserve_exact(capacity).map_err(|_| NtStatus::NO_MEMORY)?;
                bytes
            }
        };
        let mut reply = Self { bytes, room, fixed: fixed.as_bytes().len(), needed };
        // Without room for the fixed part nothing is told but the length.
        if room >= reply.fixed {
            reply.bytes(fixed.as_bytes());
        }
        Ok(reply)
    }

    /// A reply without a fixed part; `needed` is told in the end.
    pub fn open(room: u32, capacity: usize) -> Self {
        let room = room as usize;
        Self { bytes: Vec::with_capacity(room.min(capacity)), room, fixed: 0, needed: 0 }
    }

    /// Bytes there are to tell so far.
    pub const fn needed(&self) -> usize {
        self.needed
    }

    /// Adds to the bytes there are to tell. Whether there is room for all of them so far.
    pub fn need(&mut self, bytes: usize) -> bool {
        self.needed = self.needed.saturating_add(bytes);
        self.needed <= self.room
    }

    /// Adds bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        let len = bytes.len().min(self.room.saturating_sub(self.bytes.len()));
        self.bytes.extend_from_slice(&bytes[..len]);
    }

    /// Adds pieces for which there is room, and zeros up to an offset.
    pub fn pieces(&mut self, pieces: [&[u8]; 3], end: usize) {
        let more = end.saturating_sub(self.bytes.len());
        self.bytes.reserve(more);
        for piece in pieces {
            self.bytes.extend_from_slice(piece);
        }
        while self.bytes.len() < end {
            self.bytes.push(0);
        }
    }

    /// Adds text as UTF-16.
    pub fn text(&mut self, text: Text<'_>) {
        let left = self.room.saturating_sub(self.bytes.len());
        if 2 * text.len() <= left {
            text.append_to(&mut self.bytes);
            return;
        }
        let end = self.bytes.len() + left;
        for unit in text.units().take(left.div_ceil(2)) {
            self.bytes.extend_from_slice(&unit.to_le_bytes());
        }
        self.bytes.truncate(end);
    }

    /// Adds zeros up to an offset.
    pub fn pad_to(&mut self, offset: usize) {
        if self.bytes.len() < offset {
            self.bytes.resize(offset.min(self.room).max(self.bytes.len()), 0);
        }
    }

    /// Adds a value's data.
    ///
    /// # Errors
    /// REGISTRY_CORRUPT.
    pub fn data(&mut self, data: &ValueData<'_>) -> Result<(), NtStatus> {
        for piece in data.pieces() {
            self.bytes(piece.map_err(hive::status)?);
            if self.bytes.len() >= self.room {
                break;
            }
        }
        Ok(())
    }

    /// Gives it to the caller: as much as there is room for, and how long it all is.
    ///
    /// # Errors
    /// BUFFER_TOO_SMALL without room for the fixed part; BUFFER_OVERFLOW if some of the rest is left out;
    /// ACCESS_VIOLATION.
    pub fn give(self, information: UserPtr<u8>, returned: UserPtr<u32>) -> NtResult {
        if self.room >= self.fixed {
            user::write(information.address, &self.bytes)?;
        }
        user::write(returned.address, &(self.needed as u32).to_le_bytes())?;
        if self.room < self.fixed {
            Err(NtStatus::BUFFER_TOO_SMALL)
        } else if self.room < self.needed {
            Err(NtStatus::BUFFER_OVERFLOW)
        } else {
            Ok(NtStatus::SUCCESS)
        }
    }
}
