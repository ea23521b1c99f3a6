//! A disk in memory, other people's programs, and a reader of whole volumes.
#![allow(dead_code, clippy::allow_attributes, reason = "each test uses a part of it")]

use std::collections::BTreeMap;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use fat::{Disk, Entry, Error, Format, Kind, Volume};
use nt::NtStatus;

/// 2024-06-01 12:00, in 100 ns since 1601.
pub const NOW: i64 = 133_617_168_000_000_000;

/// What a disk has, and what has been done to it.
#[derive(Debug, Default)]
pub struct State {
    pub bytes: Vec<u8>,
    /// Writes since [`Ram::record`], when they are recorded.
    pub log: Option<Vec<(u64, Vec<u8>)>>,
    /// Writes until one fails.
    pub fails_after: Option<usize>,
    pub is_read_only: bool,
    pub reads: usize,
    pub writes: usize,
    pub flushes: usize,
    /// Parts that have been discarded, and writes up to the last flush.
    pub discards: Vec<(u64, u64)>,
    pub settled: usize,
    pub fails_to_flush: bool,
}

/// A disk in memory that several hold.
#[derive(Clone, Debug, Default)]
pub struct Ram(pub Arc<Mutex<State>>);

impl Ram {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(State { bytes, ..State::default() })))
    }

    pub fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().expect("no test panics in there"))
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.with(|state| state.bytes.clone())
    }

    pub fn formatted(kind: Kind, sectors: usize, cluster: u32) -> Self {
        let mut ram = Self::new(vec![0xAA; sectors * 512]);
        let label = Format::label("TEST");
        let wanted = Format {
            kind: Some(kind),
            cluster: Some(cluster),
            label,
            serial: 0x1234_ABCD,
            now: NOW,
            hidden: 0,
        };
        fat::format(&mut ram, &wanted).expect("a volume");
        ram
    }

    /// The usual volumes of the tests: one of each kind.
    pub fn of(kind: Kind) -> Self {
        match kind {
            Kind::Fat12 => Self::formatted(kind, 2880, 1),
            Kind::Fat16 => Self::formatted(kind, 5000, 1),
            Kind::Fat32 => Self::formatted(kind, 67_000, 1),
        }
    }

    pub fn mount(&self) -> Volume {
        Volume::mount(Box::new(self.clone())).expect("a volume")
    }
}

impl Disk for Ram {
    fn length(&self) -> u64 {
        self.with(|state| state.bytes.len() as u64)
    }

    fn is_read_only(&self) -> bool {
        self.with(|state| state.is_read_only)
    }

    fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<(), NtStatus> {
        assert!(at.is_multiple_of(512) && buffer.len().is_multiple_of(512) && !buffer.is_empty());
        self.with(|state| {
            state.reads += 1;
            let at = usize::try_from(at).expect("an offset");
            let from = state.bytes.get(at..at + buffer.len()).ok_or(NtStatus::INVALID_PARAMETER)?;
            buffer.copy_from_slice(from);
            Ok(())
        })
    }

    fn write(&mut self, at: u64, data: &[u8]) -> Result<(), NtStatus> {
        assert!(at.is_multiple_of(512) && data.len().is_multiple_of(512) && !data.is_empty());
        self.with(|state| {
            assert!(!state.is_read_only);
            state.writes += 1;
            match &mut state.fails_after {
                Some(0) => return Err(NtStatus::IO_DEVICE_ERROR),
                Some(left) => *left -= 1,
                None => {}
            }
            if let Some(log) = &mut state.log {
                log.push((at, data.into()));
            }
            let at = usize::try_from(at).expect("an offset");
            let to = state.bytes.get_mut(at..at + data.len()).ok_or(NtStatus::INVALID_PARAMETER)?;
            to.copy_from_slice(data);
            Ok(())
        })
    }

    fn can_discard(&self) -> bool {
        true
    }

    /// What is there afterwards is nothing that anybody has written.
    fn discard(&mut self, at: u64, length: u64) -> Result<(), NtStatus> {
        self.with(|state| {
            assert_eq!(state.settled, state.writes, "what made it free may be lost in a power cut");
            let place = at as usize..(at + length) as usize;
            state.bytes[place.clone()].fill(0xDD);
            if let Some(log) = &mut state.log {
                log.push((at, state.bytes[place].to_vec()));
            }
            state.discards.push((at, length));
            Ok(())
        })
    }

    fn flush(&mut self) -> Result<(), NtStatus> {
        self.with(|state| {
            if state.fails_to_flush {
                return Err(NtStatus::IO_DEVICE_ERROR);
            }
            state.flushes += 1;
            state.settled = state.writes;
            Ok(())
        })
    }
}

pub fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

pub fn text(units: &[u16]) -> String {
    String::from_utf16_lossy(units)
}

/// Writes a file as a whole.
pub fn write(volume: &mut Volume, path: &str, data: &[u8]) -> Result<(), Error> {
    let entry = match volume.create(&wide(path), 0, NOW) {
        Err(Error::Exists) => volume.find(&wide(path))?,
        other => other?,
    };
    let id = volume.open(&entry)?;
    let written = volume.set_size(id, 0, NOW).and_then(|()| volume.write(id, 0, data, NOW));
    let closed = volume.close(id);
    written.and(closed)
}

/// Reads a file as a whole.
pub fn read(volume: &mut Volume, path: &str) -> Result<Vec<u8>, Error> {
    let entry = volume.find(&wide(path))?;
    let id = volume.open(&entry)?;
    let data = volume.info(id).and_then(|info| {
        // A size is believed only as far as there are clusters.
        let mut data = vec![0; (info.size as usize).min(1 << 22)];
        let read = volume.read(id, 0, &mut data)?;
        data.truncate(read);
        Ok(data)
    });
    volume.close(id)?;
    data
}

pub fn folder(volume: &mut Volume, path: &str) -> Result<(), Error> {
    volume.create(&wide(path), fat::attribute::FOLDER, NOW).map(drop)
}

pub fn delete(volume: &mut Volume, path: &str) -> Result<(), Error> {
    let entry = volume.find(&wide(path))?;
    let id = volume.open(&entry)?;
    let doomed = volume.set_doomed(id, true);
    let closed = volume.close(id);
    doomed.and(closed)
}

pub fn rename(volume: &mut Volume, from: &str, to: &str, replace: bool) -> Result<(), Error> {
    let entry = volume.find(&wide(from))?;
    let id = volume.open(&entry)?;
    let renamed = volume.rename(id, &wide(to), replace);
    let closed = volume.close(id);
    renamed.and(closed)
}

/// The entries of a folder but `.` and `..`.
pub fn list(volume: &mut Volume, path: &str) -> Result<Vec<Entry>, Error> {
    let entry = volume.find(&wide(path))?;
    let (mut entries, mut position) = (Vec::new(), 0);
    while let Some((entry, next)) = volume.list(entry.first, position)? {
        assert!(next > position);
        position = next;
        if !matches!(&text(&entry.name)[..], "." | "..") {
            entries.push(entry);
        }
    }
    Ok(entries)
}

/// All files of a volume with what is in them; folders end with a backslash. `depth` is what is left of it.
pub fn tree(volume: &mut Volume, path: &str, depth: usize) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let mut tree = BTreeMap::new();
    if depth == 0 {
        return Ok(tree);
    }
    for entry in list(volume, path)? {
        let path = format!("{path}\\{}", text(&entry.name));
        if entry.is_folder() {
            tree.append(&mut self::tree(volume, &path, depth - 1)?);
            tree.insert(path + "\\", Vec::new());
        } else {
            let data = read(volume, &path)?;
            tree.insert(path, data);
        }
    }
    Ok(tree)
}

/// A directory with an image in it.
pub struct Image(pub tempfile::TempDir);

impl Image {
    pub fn new(bytes: &[u8]) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("disk.img"), bytes).expect("an image");
        Self(dir)
    }

    pub fn path(&self) -> String {
        self.0.path().join("disk.img").display().to_string()
    }

    pub fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.path()).expect("an image")
    }

    /// Runs a program with `{}` standing for the image.
    pub fn run(&self, command: &str) -> Output {
        let words = command.split_whitespace().map(|word| word.replace("{}", &self.path()));
        let mut words = words.collect::<Vec<_>>().into_iter();
        let program = words.next().expect("a program");
        Command::new(&program)
            .args(words)
            .current_dir(self.0.path())
            .env("MTOOLS_SKIP_CHECK", "1")
            .env("TZ", "UTC")
            .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
            .output()
            .unwrap_or_else(|error| panic!("{command}: {error}; tests/setup test installs it"))
    }

    /// Runs one that must end well.
    pub fn must(&self, command: &str) -> String {
        let output = self.run(command);
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {said}");
        said
    }
}

/// `fsck.fat` finds nothing wrong.
pub fn check(bytes: &[u8]) {
    let image = Image::new(bytes);
    let output = image.run("fsck.fat -n -v {}");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
