//! Which files are made, and how large.

use alloc::vec::Vec;

use nt::{NtStatus, wide};

use super::{Line, MARGIN, Memory, STEP, Sizes, Volume};

/// What comes before a DOS path.
const PREFIX: &[u16] = wide!(r"\??\");
/// The file that is tried for when no line has led to one.
const EMERGENCY: &[u16] = wide!(r"?:\pagefile.sys");

/// About how often a size is lowered at most.
const ATTEMPTS: u64 = 1024;

/// What making paging files asks of the system; paths are NT's.
pub trait System {
    /// Bytes that a file of that name takes already.
    fn allocated(&mut self, path: &[u16]) -> u64;

    /// Makes a paging file.
    ///
    /// # Errors
    /// What `NtCreatePagingFile` says.
    fn create(&mut self, path: &[u16], min: u64, max: u64) -> Result<(), NtStatus>;

    /// Deletes a file that is no use.
    fn delete(&mut self, path: &[u16]);

    /// Takes note of a line that has led to no file.
    fn failed(&mut self, path: &[u16], status: NtStatus);
}

/// Makes the files of all lines, and an emergency file if there is none then. How many there are.
pub fn make(lines: &[Line<'_>], memory: Memory, volumes: &[Volume], system: &mut impl System) -> usize {
    let mut plan = Plan { memory, volumes, system };
    let made = lines.iter().filter(|line| plan.line(line)).count();
    if made > 0 {
        return made;
    }
    let (min, max) = memory.managed();
    let emergency = Line { path: EMERGENCY, sizes: Sizes::Managed };
    usize::from(plan.attempt(&emergency, min, max, STEP).is_ok())
}

struct Plan<'a, S> {
    memory: Memory,
    volumes: &'a [Volume],
    system: &'a mut S,
}

impl<S: System> Plan<'_, S> {
    /// Makes the file of a line: with sizes that the system chooses, first as large as they ought to be.
    fn line(&mut self, line: &Line<'_>) -> bool {
        let result = match line.sizes {
            Sizes::Fixed { min, max } => {
                let (min, max) = self.memory.limit(min, max);
                self.attempt(line, min, max, STEP)
            }
            Sizes::Managed => {
                let (min, max) = self.memory.managed();
                self.attempt(line, min, max, min).or_else(|_| self.attempt(line, min, max, STEP))
            }
        };
        if let Err(status) = result {
            self.system.failed(line.path, status);
        }
        result.is_ok()
    }

    /// Makes a file on its drive, or on the first that can have it.
    fn attempt(&mut self, line: &Line<'_>, min: u64, max: u64, floor: u64) -> Result<(), NtStatus> {
        let mut result = Err(NtStatus::OBJECT_NAME_NOT_FOUND);
        for volume in self.volumes {
            if !line.is_any_drive() && line.letter() != Some(volume.letter) {
                continue;
            }
            let mut path: Vec<u16> = PREFIX.iter().chain(line.path).copied().collect();
            if let Some(letter) = path.get_mut(PREFIX.len()) {
                *letter = volume.letter;
            }
            result = self.on_volume(*volume, &path, min, max, floor);
            if result.is_ok() {
                break;
            }
        }
        result
    }

    /// Makes a file, smaller and smaller down to `floor`.
    fn on_volume(
        &mut self,
        volume: Volume,
        path: &[u16],
        min: u64,
        max: u64,
        floor: u64,
    ) -> Result<(), NtStatus> {
        let room = volume.free.saturating_sub(MARGIN).saturating_add(self.system.allocated(path));
        let (mut size, max) = (min.min(room), max.min(room));
        // What a line asks for is tried once, however small.
        let floor = floor.min(min);
        // A size beyond all reason is lowered in larger steps, so that it ends.
        let step = STEP.max(size / ATTEMPTS);
        while size >= floor && size > 0 {
            match self.system.create(path, size, max) {
                Ok(()) => return Ok(()),
                // Less room is no cure for these.
                Err(status @ (NtStatus::TOO_MANY_PAGING_FILES | NtStatus::PRIVILEGE_NOT_HELD)) => {
                    return Err(status);
                }
                Err(_) => size = size.saturating_sub(step),
            }
        }
        self.system.delete(path);
        Err(NtStatus::DISK_FULL)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{MB, usable};
    use super::*;

    /// A system whose disks take files of at most so many bytes each.
    #[derive(Default)]
    struct Disks {
        most: u64,
        allocated: u64,
        calls: Vec<String>,
    }

    fn text(units: &[u16]) -> String {
        String::from_utf16_lossy(units)
    }

    impl System for Disks {
        fn allocated(&mut self, _: &[u16]) -> u64 {
            self.allocated
        }

        fn create(&mut self, path: &[u16], min: u64, max: u64) -> Result<(), NtStatus> {
            self.calls.push(format!("{} {} {}", text(path), min / MB, max / MB));
            if min <= self.most { Ok(()) } else { Err(NtStatus::DISK_FULL) }
        }

        fn delete(&mut self, path: &[u16]) {
            self.calls.push(format!("delete {}", text(path)));
        }

        fn failed(&mut self, path: &[u16], status: NtStatus) {
            self.calls.push(format!("{}: {}", text(path), status.name().unwrap_or_default()));
        }
    }

    const ROOM: u64 = 100_000 * MB;
    const SMALL: Memory = Memory { ram: Some(64 * MB), pae: true };

    fn volume(letter: char, free: u64) -> Volume {
        Volume { letter: letter as u16, free }
    }

    fn run(lines: &[&str], memory: Memory, volumes: &[Volume], mut disks: Disks) -> (usize, Vec<String>) {
        let lines: Vec<Vec<u16>> = lines.iter().map(|line| line.encode_utf16().collect()).collect();
        let lines = usable(lines.iter().map(Vec::as_slice), |_, _| {});
        let made = make(&lines, memory, volumes, &mut disks);
        (made, disks.calls)
    }

    fn roomy() -> Disks {
        Disks { most: u64::MAX, ..Disks::default() }
    }

    #[test]
    fn c52_sizes_go_to_the_kernel_in_bytes() {
        let (made, calls) = run(&[r"d:\pagefile.sys 16 64"], SMALL, &[volume('D', ROOM)], roomy());
        assert_eq!((made, calls), (1, vec![r"\??\D:\pagefile.sys 16 64".into()]));
    }

    #[test]
    fn c53_the_system_chooses_by_its_memory() {
        let sizes = |ram, pae| {
            let memory = Memory { ram, pae };
            let (_, calls) = run(&[r"C:\p 0 0"], memory, &[volume('C', ROOM)], roomy());
            calls.concat()
        };
        assert_eq!(sizes(Some(64 * MB), true), r"\??\C:\p 96 192");
        assert_eq!(sizes(Some(1023 * MB), true), r"\??\C:\p 1534 3069");
        assert_eq!(sizes(Some(1024 * MB), true), r"\??\C:\p 1024 3072");
        assert_eq!(sizes(Some(8192 * MB), true), r"\??\C:\p 8192 24576");
        // C58: without physical address extensions each is cut.
        assert_eq!(sizes(Some(8192 * MB), false), r"\??\C:\p 4095 4095");
        assert_eq!(sizes(None, true), r"\??\C:\p 128 128");
    }

    #[test]
    fn c58_without_pae_sizes_are_cut() {
        let memory = Memory { pae: false, ..SMALL };
        let (_, calls) = run(&[r"C:\p 4000 9000"], memory, &[volume('C', ROOM)], roomy());
        assert_eq!(calls, [r"\??\C:\p 4000 4095"]);
        let (_, calls) = run(&[r"C:\p 5000 9000"], SMALL, &[volume('C', ROOM)], roomy());
        assert_eq!(calls, [r"\??\C:\p 5000 9000"]);
    }

    #[test]
    fn c56_the_seventeenth_line_does_not_count() {
        let lines: Vec<String> = (0..17).map(|number| format!(r"C:\p{number} 16")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let (made, calls) = run(&lines, SMALL, &[volume('C', ROOM)], roomy());
        assert_eq!((made, calls.len()), (16, 16));
    }

    #[test]
    fn any_drive_counts_once_and_takes_the_first_with_room() {
        let volumes = [volume('C', 40 * MB), volume('D', ROOM)];
        let (made, calls) = run(&[r"?:\a 16", r"?:\b 32"], SMALL, &volumes, roomy());
        assert_eq!((made, calls), (1, vec![r"delete \??\C:\a".into(), r"\??\D:\a 16 16".into()]));
    }

    #[test]
    fn sizes_are_lowered_to_what_the_volume_has() {
        let disks = Disks { most: 40 * MB, ..Disks::default() };
        let (made, calls) = run(&[r"C:\p 80 200"], SMALL, &[volume('C', MARGIN + 64 * MB)], disks);
        assert_eq!(
            (made, calls),
            (1, vec![r"\??\C:\p 64 64".into(), r"\??\C:\p 48 64".into(), r"\??\C:\p 32 64".into()])
        );
        // A file that is there already counts as room.
        let disks = Disks { allocated: 16 * MB, ..roomy() };
        let (_, calls) = run(&[r"C:\p 80 200"], SMALL, &[volume('C', MARGIN + 64 * MB)], disks);
        assert_eq!(calls, [r"\??\C:\p 80 80"]);
    }

    #[test]
    fn chosen_sizes_are_tried_whole_first() {
        let disks = Disks { most: 20 * MB, ..Disks::default() };
        let (made, calls) = run(&[r"C:\p"], SMALL, &[volume('C', ROOM)], disks);
        assert_eq!(made, 1);
        assert_eq!(calls[..3], [r"\??\C:\p 96 192", r"delete \??\C:\p", r"\??\C:\p 96 192"]);
        assert_eq!(calls.last().map(String::as_str), Some(r"\??\C:\p 16 192"));
    }

    #[test]
    fn a_line_below_the_floor_is_tried_once() {
        let (made, calls) = run(&[r"C:\p 2 4"], SMALL, &[volume('C', ROOM)], roomy());
        assert_eq!((made, calls), (1, vec![r"\??\C:\p 2 4".into()]));
        let (made, calls) = run(&[r"C:\p 2 4"], SMALL, &[volume('C', ROOM)], Disks::default());
        assert_eq!(made, 0);
        assert_eq!(calls[..3], [r"\??\C:\p 2 4", r"delete \??\C:\p", r"C:\p: DISK_FULL"]);
    }

    #[test]
    fn without_a_file_there_is_an_emergency() {
        let (made, calls) = run(&[r"X:\p 16", "Y:\\p bad"], SMALL, &[volume('D', ROOM)], roomy());
        assert_eq!(made, 1);
        assert_eq!(calls, [r"X:\p: OBJECT_NAME_NOT_FOUND", r"\??\D:\pagefile.sys 96 192"]);
        // Nowhere to put one: that is no reason to stop.
        let (made, calls) = run(&[r"C:\p 16"], SMALL, &[], roomy());
        assert_eq!((made, calls), (0, vec![r"C:\p: OBJECT_NAME_NOT_FOUND".into()]));
    }

    #[test]
    fn hostile_sizes_end() {
        let disks = Disks::default();
        let (made, calls) = run(&[r"C:\p 4294967295 4294967295"], SMALL, &[volume('C', u64::MAX)], disks);
        assert_eq!(made, 0);
        assert!(calls.len() < 2 * ATTEMPTS as usize, "{}", calls.len());
    }
}
