//! Guest memory: anonymous private mappings that the host fills with zeroes when they are touched.
#![expect(unsafe_code, reason = "madvise")]

use vm_memory::mmap::MmapRegionBuilder;
use vm_memory::{GuestAddress, GuestMemoryBackend, GuestMemoryMmap, GuestMemoryRegion, GuestRegionMmap};

use super::Error;

/// Where the hole for devices begins: RAM that does not fit below it continues at 4 GiB.
const DEVICE_HOLE_START: u64 = 0xC000_0000;
/// Where RAM goes on above the hole.
const HIGH_RAM_START: u64 = 1 << 32;

/// A guest-physical range of RAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RamRange {
    /// First address.
    pub start: u64,
    /// Length in bytes.
    pub len: u64,
}

impl RamRange {
    /// First address after the range.
    pub fn end(self) -> u64 {
        self.start + self.len
    }
}

/// Which guest-physical addresses are RAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryLayout {
    /// RAM from address 0.
    pub low: RamRange,
    /// RAM from 4 GiB, if the guest has more than 3 GiB.
    pub high: Option<RamRange>,
}

impl MemoryLayout {
    /// Splits `size` bytes (a multiple of the page size) round the hole for devices.
    pub fn new(size: u64) -> Self {
        let low = size.min(DEVICE_HOLE_START);
        Self {
            low: RamRange { start: 0, len: low },
            high: (size > low).then(|| RamRange { start: HIGH_RAM_START, len: size - low }),
        }
    }

    /// All ranges, in ascending order.
    pub fn ranges(self) -> impl Iterator<Item = RamRange> {
        std::iter::once(self.low).chain(self.high)
    }
}

/// The guest's RAM as the monitor sees it.
#[derive(Clone, Debug)]
pub struct Memory {
    /// The mappings.
    pub map: GuestMemoryMmap,
    /// What they cover.
    pub layout: MemoryLayout,
}

impl Memory {
    /// Maps `layout`. Nothing is touched yet, and nothing is reserved in swap.
    ///
    /// # Errors
    /// [`Error::Map`] when the kernel refuses.
    pub fn new(layout: MemoryLayout) -> Result<Self, Error> {
        let mut regions = Vec::with_capacity(2);
        for range in layout.ranges() {
            let fail = |reason: String, errno| Error::Map { size: range.len, reason, errno };
            let region = MmapRegionBuilder::new(range.len as usize)
                .with_mmap_prot(libc::PROT_READ | libc::PROT_WRITE)
                .with_mmap_flags(libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE)
                .build()
                .map_err(|error| match &error {
                    vm_memory::mmap::MmapRegionError::Mmap(io) => {
                        fail(io.to_string(), io.raw_os_error().unwrap_or(0))
                    }
                    other => fail(other.to_string(), 0),
                })?;
            let region = GuestRegionMmap::new(region, GuestAddress(range.start))
                .ok_or_else(|| fail("the range wraps".into(), 0))?;
            regions.push(region);
        }
        let map = GuestMemoryMmap::from_regions(regions).map_err(|error| Error::Map {
            size: layout.low.len,
            reason: error.to_string(),
            errno: 0,
        })?;
        Ok(Self { map, layout })
    }

    /// Asks the host for small pages. A guest that touches some dozen pages should not have the host clear
    /// 2 MiB for each of them.
    pub fn prefer_small_pages(&self) {
        for region in self.map.iter() {
            // SAFETY: the range is a mapping of ours, and the advice changes nothing that a program can see.
            // A host without huge pages refuses it, which is as well.
            unsafe { libc::madvise(region.as_ptr().cast(), region.len() as usize, libc::MADV_NOHUGEPAGE) };
        }
    }

    /// Number of guest pages that the host has given memory to, by `mincore`-free means: the
    /// resident size of the mappings from `/proc/self/smaps`. `None` when that cannot be read.
    pub fn resident_pages(&self) -> Option<u64> {
        let smaps = std::fs::read_to_string("/proc/self/smaps").ok()?;
        let mut pages = 0;
        for region in self.map.iter() {
            let start = region.as_ptr() as u64;
            pages += resident_kib(&smaps, start, start + region.len())? / 4;
        }
        Some(pages)
    }
}

/// Sums the `Rss` of every mapping of `smaps` that lies inside `start..end`, in KiB.
fn resident_kib(smaps: &str, start: u64, end: u64) -> Option<u64> {
    let mut inside = false;
    let mut total = 0;
    for line in smaps.lines() {
        if let Some((range, _)) = line.split_once(' ')
            && let Some((from, to)) = range.split_once('-')
            && let (Ok(from), Ok(to)) = (u64::from_str_radix(from, 16), u64::from_str_radix(to, 16))
        {
            inside = from < end && to > start;
        } else if inside && let Some(rest) = line.strip_prefix("Rss:") {
            total += rest.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?;
        }
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ram_above_three_gib_moves_to_four() {
        let small = MemoryLayout::new(64 << 20);
        assert_eq!(small.low.end(), 64 << 20);
        assert_eq!(small.high, None);
        let exact = MemoryLayout::new(3 << 30);
        assert_eq!(exact.high, None);
        let large = MemoryLayout::new(5 << 30);
        assert_eq!(large.low.len, 3 << 30);
        assert_eq!(large.high, Some(RamRange { start: 1 << 32, len: 2 << 30 }));
    }

    #[test]
    fn resident_size_is_summed_over_split_mappings() {
        let smaps = "1000-3000 rw-p 0 00:00 0\nRss:   8 kB\nPss: 1 kB\n3000-4000 rw-p 0 00:00 0\nRss:   4 kB\n\
                     9000-a000 rw-p 0 00:00 0\nRss:   4 kB\n";
        assert_eq!(resident_kib(smaps, 0x1000, 0x4000), Some(12));
    }
}
