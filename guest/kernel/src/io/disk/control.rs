//! Control codes of disks and volumes. Structures: Microsoft's documentation of the IOCTL_DISK codes.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::file::{DiskGeometry, PartitionInformation, StorageDeviceNumber, control, device};
use zerocopy::IntoBytes;

use super::volume::Volume;

/// What every disk without heads says it has.
const HEADS: u32 = 255;
const SECTORS_PER_TRACK: u32 = 63;
/// FixedMedia.
const FIXED_MEDIA: u32 = 12;

/// Answers a control code. It may wait.
///
/// # Errors
/// INVALID_DEVICE_REQUEST for one that is not known; MEDIA_WRITE_PROTECTED; INVALID_PARAMETER; the disk's.
pub fn answer(volume: &Volume, code: u32, input: &[u8]) -> Result<Vec<u8>, NtStatus> {
    let properties = volume.properties();
    let sector_size = u64::from(properties.sector_size);
    let mut bytes = Vec::new();
    match code {
        control::DISK_GET_DRIVE_GEOMETRY => {
            let cylinder = u64::from(HEADS * SECTORS_PER_TRACK);
            let geometry = DiskGeometry {
                cylinders: (properties.sectors / cylinder) as i64,
                media_type: FIXED_MEDIA,
                tracks_per_cylinder: HEADS,
                sectors_per_track: SECTORS_PER_TRACK,
                bytes_per_sector: properties.sector_size,
            };
            bytes.extend_from_slice(geometry.as_bytes());
        }
        control::DISK_GET_LENGTH_INFO => {
            bytes.extend_from_slice(&(volume.sectors * sector_size).to_le_bytes());
        }
        control::DISK_GET_PARTITION_INFO => {
            let information = PartitionInformation {
                starting_offset: (volume.first * sector_size) as i64,
                partition_length: (volume.sectors * sector_size) as i64,
                hidden_sectors: u32::try_from(volume.first).unwrap_or(u32::MAX),
                partition_number: volume.partition,
                partition_type: volume.kind,
                boot_indicator: 0,
                recognized_partition: u8::from(volume.partition != 0),
                rewrite_partition: 0,
                reserved: 0,
            };
            bytes.extend_from_slice(information.as_bytes());
        }
        control::STORAGE_GET_DEVICE_NUMBER => {
            let number = StorageDeviceNumber {
                device_type: device::DISK,
                device_number: volume.disk_number,
                partition_number: volume.partition,
            };
            bytes.extend_from_slice(number.as_bytes());
        }
        control::STORAGE_MANAGE_DATA_SET_ATTRIBUTES => trim(volume, input)?,
        control::DISK_IS_WRITABLE if properties.read_only => return Err(NtStatus::MEDIA_WRITE_PROTECTED),
        // There is nothing to take out of the drive.
        control::DISK_IS_WRITABLE | control::DISK_CHECK_VERIFY | control::STORAGE_CHECK_VERIFY => {}
        _ => return Err(NtStatus::INVALID_DEVICE_REQUEST),
    }
    Ok(bytes)
}

/// DEVICE_MANAGE_DATA_SET_ATTRIBUTES: nobody needs the sectors of some ranges. Parts of sectors are left out, as Microsoft
/// describes it.
fn trim(volume: &Volume, input: &[u8]) -> Result<(), NtStatus> {
    /// DeviceDsmAction_Trim.
    const TRIM: u32 = 1;
    const RANGE: usize = 16;
    let head = input.first_chunk::<28>().ok_or(NtStatus::INVALID_PARAMETER)?;
    let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let (action, start, len) = (word(4), word(20) as usize, word(24) as usize);
    if action != TRIM || !volume.properties().can_discard {
        return Err(NtStatus::INVALID_DEVICE_REQUEST);
    }
    let ranges = start.checked_add(len).and_then(|end| input.get(start..end));
    let ranges = ranges.filter(|ranges| !ranges.is_empty() && ranges.len().is_multiple_of(RANGE));
    for range in ranges.ok_or(NtStatus::INVALID_PARAMETER)?.as_chunks::<RANGE>().0 {
        let (offset, length) = range.split_at(8);
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte));
        let sector_size = u64::from(volume.sector_size());
        let (offset, length) = (number(offset), number(length));
        let end = offset.checked_add(length).ok_or(NtStatus::INVALID_PARAMETER)? / sector_size;
        let first = offset.div_ceil(sector_size);
        volume.discard(first, end.saturating_sub(first))?;
    }
    Ok(())
}
