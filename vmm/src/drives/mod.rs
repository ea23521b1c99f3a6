//! Drives: the image files behind the guest's virtio block devices.

mod bank;
mod clear;
mod header;
mod image;
mod spec;
mod volume;

pub use bank::DriveStats;
pub(crate) use bank::{Bank, Line};
pub use header::HeaderError;
#[cfg(test)]
pub(crate) use image::id;
pub use image::{DriveError, OpenDrive};
pub use spec::{DRIVES_MAX, DriveSpec, Format, SYSTEM_LETTER};
pub(crate) use volume::DriveVolume;

use std::fmt::Write as _;

use nt::platform::{OPTION_DRIVES, VIRTIO_BASE, VIRTIO_LINE, VIRTIO_LINES, VIRTIO_WINDOW};

/// Where the registers of drive `number` are.
pub fn base(number: usize) -> u64 {
    VIRTIO_BASE + number as u64 * VIRTIO_WINDOW
}

/// Its pin of the I/O APIC. Drives share pins when there are more of them.
pub fn line(number: usize) -> usize {
    usize::from(VIRTIO_LINE) + number % usize::from(VIRTIO_LINES)
}

/// The words that announce the drives: where they are, in the form that Linux knows, and their letters in the same order.
/// Nothing when there are none.
pub fn words(letters: impl ExactSizeIterator<Item = char>) -> String {
    let mut text = String::new();
    if letters.len() == 0 {
        return text;
    }
    for number in 0..letters.len() {
        let _ = write!(text, "virtio_mmio.device=4K@{:#x}:{} ", base(number), line(number));
    }
    text.push_str(OPTION_DRIVES);
    let letters: Vec<String> = letters.map(String::from).collect();
    text.push_str(&letters.join(","));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drives_are_announced_in_order() {
        assert_eq!(words([].into_iter()), "");
        let expected =
            "virtio_mmio.device=4K@0xd0000000:16 virtio_mmio.device=4K@0xd0001000:17 smvm.drives=d,e";
        assert_eq!(words(['d', 'e'].into_iter()), expected);
        let many = words(('d'..='z').collect::<Vec<_>>().into_iter());
        assert!(many.contains("4K@0xd0016000:22 "), "{many}");
    }
}
