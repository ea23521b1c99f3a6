//! All drives of a machine: which of them answers at an address, and which line it drives.

use std::sync::Arc;
use std::time::Instant;

use nt::platform::{VIRTIO_BASE, VIRTIO_WINDOW};
use serde::Serialize;

use super::image::{OpenDrive, id};
use super::{DriveSpec, line};
use crate::boot::PAGE;
use crate::control::Control;
use crate::devices::virtio::block::{Block, Mischief};
use crate::error::Error;
use crate::fault::{FaultSpec, Faults};
use crate::kvm::{self, Memory, Window};

/// The drives.
#[derive(Debug, Default)]
pub(crate) struct Bank {
    drives: Vec<(char, Block)>,
    /// Where the guest reads their registers without an exit.
    window: Option<Window>,
    /// When somebody is going to look after late answers.
    alarm: Option<Instant>,
}

/// A drive's interrupt line after something has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Pin of the I/O APIC.
    pub(crate) pin: usize,
    /// One of its drives wants something.
    pub(crate) up: bool,
    /// It wants something more than before.
    pub(crate) event: bool,
}

/// What went through a drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DriveStats {
    /// Its letter.
    pub letter: char,
    /// Requests answered.
    pub requests: u64,
    /// Of these, with an error.
    pub errors: u64,
    /// Bytes read.
    pub bytes_read: u64,
    /// Bytes written.
    pub bytes_written: u64,
}

impl Bank {
    /// Opens the images.
    ///
    /// # Errors
    /// [`Error::Drive`] for the first one that cannot be used.
    pub(crate) fn open(specs: &[DriveSpec], faults: &[FaultSpec]) -> Result<Self, Error> {
        let mut drives = Vec::with_capacity(specs.len());
        for spec in specs {
            let disk = OpenDrive::open(spec).map_err(|source| Error::Drive {
                letter: spec.letter,
                path: spec.path.display().to_string(),
                source,
            })?;
            let faults = Faults::of(spec.letter, faults).map(|faults| Box::new(faults) as Box<dyn Mischief>);
            let block = Block::new(Box::new(disk), spec.read_only, id(&spec.serial), faults);
            drives.push((spec.letter, block));
        }
        Ok(Self { drives, window: None, alarm: None })
    }

    /// The registers of all drives, kept as they are from now on, for the guest to read: a driver that asks after each interrupt
    /// what it was for then needs no exit for that. `None` without drives.
    ///
    /// # Errors
    /// [`kvm::Error::Map`].
    pub(crate) fn show(&mut self) -> Result<Option<Window>, kvm::Error> {
        if self.drives.is_empty() {
            return Ok(None);
        }
        let pages = (self.drives.len() as u64 * VIRTIO_WINDOW).div_ceil(PAGE);
        let window = Window::new(VIRTIO_BASE, pages as usize)?;
        for (number, (_, drive)) in self.drives.iter().enumerate() {
            let start = number * VIRTIO_WINDOW as usize;
            drive.show_configuration(|offset, value| window.set(start + offset, value));
            drive.show(|offset, value| window.set(start + offset, value));
        }
        self.window = Some(window.clone());
        Ok(Some(window))
    }

    /// Something has happened in a drive.
    fn update(&self, number: usize) {
        if let (Some(window), Some((_, drive))) = (&self.window, self.drives.get(number)) {
            let start = number * VIRTIO_WINDOW as usize;
            drive.show(|offset, value| window.set(start + offset, value));
        }
    }

    fn find(&mut self, address: u64) -> Option<(usize, u64)> {
        let offset = address.checked_sub(VIRTIO_BASE)?;
        let number = usize::try_from(offset / VIRTIO_WINDOW).ok()?;
        (number < self.drives.len()).then_some((number, offset % VIRTIO_WINDOW))
    }

    /// A read from an address; says whether there is a drive.
    pub(crate) fn read(&mut self, address: u64, data: &mut [u8]) -> bool {
        match self.find(address) {
            Some((number, offset)) => {
                self.drives[number].1.read(offset, data);
                true
            }
            None => false,
        }
    }

    /// A write to an address; the line of the drive that there is.
    pub(crate) fn write(&mut self, address: u64, data: &[u8], memory: &Memory) -> Option<Line> {
        let (number, offset) = self.find(address)?;
        let event = self.drives[number].1.write(offset, data, &memory.map);
        self.update(number);
        Some(self.line(number, event))
    }

    /// Gives answers that were held back and are due.
    pub(crate) fn answer_late(&mut self, memory: &Memory) -> Vec<Line> {
        let now = Instant::now();
        if self.alarm.is_none_or(|alarm| alarm > now) {
            return Vec::new();
        }
        self.alarm = None;
        let events: Vec<_> =
            self.drives.iter_mut().map(|(_, drive)| drive.answer_late(&memory.map, now)).collect();
        events
            .into_iter()
            .enumerate()
            .filter(|(_, event)| *event)
            .map(|(number, event)| {
                self.update(number);
                self.line(number, event)
            })
            .collect()
    }

    fn line(&self, number: usize, event: bool) -> Line {
        let pin = line(number);
        let up =
            self.drives.iter().enumerate().any(|(other, (_, drive))| line(other) == pin && drive.interrupt());
        Line { pin, up, event }
    }

    /// Has the processor leave the guest when the next late answer is due. Only a drive that was told to be slow has any, so
    /// a thread for each is cheap enough.
    pub(crate) fn wake_when_due(&mut self, control: &Arc<Control>) {
        let due = self.drives.iter().filter_map(|(_, drive)| drive.next_due()).min();
        let Some(due) = due.filter(|&due| self.alarm.is_none_or(|alarm| due < alarm)) else { return };
        self.alarm = Some(due);
        let control = Arc::clone(control);
        let sleep = move || {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            control.input_arrived();
        };
        // Without a thread the answer comes with the next exit that looks.
        let _ = std::thread::Builder::new().name("late".into()).stack_size(32 << 10).spawn(sleep);
    }

    /// What went through the drives.
    pub(crate) fn stats(&self) -> Vec<DriveStats> {
        let stats = |(letter, drive): &(char, Block)| DriveStats {
            letter: *letter,
            requests: drive.stats.requests,
            errors: drive.stats.errors,
            bytes_read: drive.stats.read,
            bytes_written: drive.stats.written,
        };
        self.drives.iter().map(stats).collect()
    }
}
