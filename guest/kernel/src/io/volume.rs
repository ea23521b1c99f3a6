//! `NtQueryVolumeInformationFile`.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::file::{FileFsDeviceInformation, FileFsFullSizeInformation, FileFsSizeInformation, volume_class};
use nt::types::{Handle, IoStatusBlock, UserPtr};
use zerocopy::IntoBytes;

use super::asker::write_status;
use super::dispatch::VolumeInformation;
use super::{Opener, opener};
use crate::ke::service::NtResult;
use crate::mm::user;

/// Bytes of a class's least buffer.
fn least(class: u32) -> Result<usize, NtStatus> {
    Ok(match class {
        volume_class::VOLUME => 24,
        volume_class::SIZE => size_of::<FileFsSizeInformation>(),
        volume_class::DEVICE => size_of::<FileFsDeviceInformation>(),
        volume_class::ATTRIBUTE => 16,
        volume_class::FULL_SIZE => size_of::<FileFsFullSizeInformation>(),
        _ => return Err(NtStatus::INVALID_INFO_CLASS),
    })
}

/// `NtQueryVolumeInformationFile`.
pub fn query(
    file: Handle,
    io_status: UserPtr<IoStatusBlock>,
    information: UserPtr<u8>,
    length: u32,
    class: u32,
) -> NtResult {
    let room = length as usize;
    if room < least(class)? {
        return Err(NtStatus::INFO_LENGTH_MISMATCH);
    }
    let Opener { file, .. } = opener(file, 0)?;
    let device = file.device();
    let bytes: Vec<u8> = match class {
        volume_class::DEVICE => {
            let (device_type, characteristics) = (device.device_type, device.characteristics);
            FileFsDeviceInformation { device_type, characteristics }.as_bytes().into()
        }
        _ => answer(&device.dispatch.volume()?, class),
    };
    let status = if bytes.len() <= room { NtStatus::SUCCESS } else { NtStatus::BUFFER_OVERFLOW };
    let told = &bytes[..bytes.len().min(room)];
    user::write(information.address, told)?;
    write_status(io_status, status, told.len() as u64)?;
    status.ok().map(|()| status)
}

fn answer(volume: &VolumeInformation, class: u32) -> Vec<u8> {
    let [total, free] = volume.units.map(|units| units as i64);
    let (sectors_per_unit, bytes_per_sector) = (volume.sectors_per_unit, volume.bytes_per_sector);
    let mut bytes = Vec::new();
    match class {
        volume_class::SIZE => {
            let size = FileFsSizeInformation {
                total_units: total,
                available_units: free,
                sectors_per_unit,
                bytes_per_sector,
            };
            bytes.extend_from_slice(size.as_bytes());
        }
        volume_class::FULL_SIZE => {
            let size = FileFsFullSizeInformation {
                total_units: total,
                caller_available_units: free,
                actual_available_units: free,
                sectors_per_unit,
                bytes_per_sector,
            };
            bytes.extend_from_slice(size.as_bytes());
        }
        // FILE_FS_VOLUME_INFORMATION: time, serial number, length of the label, SupportsObjects, padding, label.
        volume_class::VOLUME => {
            bytes.extend_from_slice(&volume.created.to_le_bytes());
            bytes.extend_from_slice(&volume.serial.to_le_bytes());
            bytes.extend_from_slice(&(2 * volume.label.len() as u32).to_le_bytes());
            bytes.extend_from_slice(&[0, 0]);
            volume.label.iter().for_each(|unit| bytes.extend_from_slice(&unit.to_le_bytes()));
        }
        // FILE_FS_ATTRIBUTE_INFORMATION: attributes, longest name, length of the file system's name, the name.
        _ => {
            let name: Vec<u16> = volume.file_system.encode_utf16().collect();
            for number in [volume.attributes, volume.longest_name, 2 * name.len() as u32] {
                bytes.extend_from_slice(&number.to_le_bytes());
            }
            name.iter().for_each(|unit| bytes.extend_from_slice(&unit.to_le_bytes()));
        }
    }
    bytes
}
