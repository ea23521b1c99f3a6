//! What files, folders and the volume are like.

use fat::{Entry, Kind};
use iocore::Times;
use nt::NtStatus;
use nt::file::file_system;

use super::FileSystem;
use super::create::attributes;
use crate::io::dispatch::{FileInformation, Listed, VolumeInformation};
use crate::io::file::FileObject;

/// Units of a name at most.
const NAME_MAX: u32 = 255;

impl FileSystem {
    /// IRP_MJ_QUERY_INFORMATION.
    ///
    /// # Errors
    /// Those of the disk, FILE_CORRUPT_ERROR.
    pub fn information(&self, file: &FileObject) -> Result<FileInformation, NtStatus> {
        let info = self.gate.with(|volume| volume.info(Self::node(file)))?;
        Ok(FileInformation {
            times: Times {
                creation: info.created,
                access: info.accessed,
                write: info.written,
                change: info.written,
            },
            end_of_file: info.size.into(),
            allocation: info.allocation,
            attributes: attributes(info.attributes),
            links: 1,
            delete_pending: info.is_doomed,
        })
    }

    /// IRP_MJ_DIRECTORY_CONTROL. A position is a number of slots.
    ///
    /// # Errors
    /// Those of the disk, FILE_CORRUPT_ERROR.
    pub fn next_entry(&self, folder: &FileObject, position: u64) -> Result<Option<Listed>, NtStatus> {
        let (found, cluster) = self.gate.with(|volume| {
            let first = volume.folder_of(Self::node(folder))?;
            Ok((volume.list(first, position)?, volume.geometry().cluster_bytes()))
        })?;
        Ok(found.map(|(entry, next)| listed(entry, cluster, next)))
    }

    /// IRP_MJ_QUERY_VOLUME_INFORMATION.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn volume_information(&self) -> Result<VolumeInformation, NtStatus> {
        let (space, label, kind, serial) = self
            .gate
            .with(|volume| Ok((volume.space()?, volume.label()?, volume.kind(), volume.geometry().serial)))?;
        let protection = match self.volume.properties().read_only {
            true => file_system::READ_ONLY_VOLUME,
            false => 0,
        };
        Ok(VolumeInformation {
            file_system: if kind == Kind::Fat32 { "FAT32" } else { "FAT" },
            attributes: file_system::CASE_PRESERVED_NAMES | file_system::UNICODE_ON_DISK | protection,
            longest_name: NAME_MAX,
            label,
            serial,
            created: 0,
            units: [space.clusters.into(), space.free.into()],
            sectors_per_unit: space.sectors_per_cluster,
            bytes_per_sector: space.bytes_per_sector,
        })
    }
}

fn listed(entry: Entry, cluster: u32, next: u64) -> Listed {
    let information = FileInformation {
        times: Times {
            creation: entry.created,
            access: entry.accessed,
            write: entry.written,
            change: entry.written,
        },
        end_of_file: entry.size.into(),
        allocation: u64::from(entry.size).next_multiple_of(cluster.into()),
        attributes: attributes(entry.attributes),
        links: 1,
        delete_pending: false,
    };
    Listed { name: entry.name, number: entry.number, information, next }
}
