//! Where a command's text goes: the console, a file or a device, in blocks.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::fmt;

use nt::NtStatus;
use rt::handle::Owned;
use rt::transfer;

/// Bytes that are written at once.
const BLOCK: usize = 4000;
/// FILE_WRITE_TO_END_OF_FILE as an offset.
const END_OF_FILE: u64 = u64::MAX;

/// A command's output. A line ends with CR LF.
pub struct Out {
    target: Rc<Owned>,
    append: bool,
    buffer: Vec<u8>,
    error: Option<NtStatus>,
}

impl Out {
    /// Output to a port or file, behind what is there already or where it stands.
    pub fn new(target: Rc<Owned>, append: bool) -> Self {
        Self { target, append, buffer: Vec::new(), error: None }
    }

    /// Adds bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BLOCK {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let mut rest = self.buffer.as_slice();
        while !rest.is_empty() && self.error.is_none() {
            let offset = self.append.then_some(END_OF_FILE);
            match transfer::write(&self.target, rest, offset) {
                Ok(0) => self.error = Some(NtStatus::DISK_FULL),
                Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                Err(status) => self.error = Some(status),
            }
        }
        self.buffer.clear();
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// What writing said, now or before.
    pub fn finish(mut self) -> Result<(), NtStatus> {
        self.flush();
        self.error.map_or(Ok(()), Err)
    }
}

impl fmt::Write for Out {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut lines = text.split('\n');
        if let Some(first) = lines.next() {
            self.buffer.extend_from_slice(first.as_bytes());
        }
        for line in lines {
            self.buffer.extend_from_slice(b"\r\n");
            self.buffer.extend_from_slice(line.as_bytes());
        }
        if self.buffer.len() >= BLOCK {
            self.flush();
        }
        Ok(())
    }
}

/// Writes a line; what goes wrong is told at the end.
macro_rules! say {
    ($out:expr) => { { use core::fmt::Write as _; let _ = $out.write_str("\n"); } };
    ($out:expr, $($arg:tt)*) => { { use core::fmt::Write as _; let _ = writeln!($out, $($arg)*); } };
}
pub(crate) use say;
