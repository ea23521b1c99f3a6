//! Files, devices and volumes: constants and structures of the file services, x64.
//! Source: Microsoft's documentation of `NtCreateFile`, of the FILE_*_INFORMATION structures ("[MS-FSCC]") and of
//! device types; phnt's `ntioapi.h` for the order of fields.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Access rights of files and folders.
pub mod access {
    /// FILE_READ_DATA, FILE_LIST_DIRECTORY.
    pub const READ_DATA: u32 = 0x1;
    /// FILE_WRITE_DATA, FILE_ADD_FILE.
    pub const WRITE_DATA: u32 = 0x2;
    /// FILE_APPEND_DATA, FILE_ADD_SUBDIRECTORY.
    pub const APPEND_DATA: u32 = 0x4;
    /// FILE_READ_EA.
    pub const READ_EA: u32 = 0x8;
    /// FILE_WRITE_EA.
    pub const WRITE_EA: u32 = 0x10;
    /// FILE_EXECUTE, FILE_TRAVERSE.
    pub const EXECUTE: u32 = 0x20;
    /// FILE_DELETE_CHILD.
    pub const DELETE_CHILD: u32 = 0x40;
    /// FILE_READ_ATTRIBUTES.
    pub const READ_ATTRIBUTES: u32 = 0x80;
    /// FILE_WRITE_ATTRIBUTES.
    pub const WRITE_ATTRIBUTES: u32 = 0x100;
    /// DELETE.
    pub const DELETE: u32 = 0x1_0000;
    /// SYNCHRONIZE.
    pub const SYNCHRONIZE: u32 = 0x10_0000;
    /// FILE_GENERIC_READ.
    pub const GENERIC_READ: u32 = 0x12_0089;
    /// FILE_GENERIC_WRITE.
    pub const GENERIC_WRITE: u32 = 0x12_0116;
    /// FILE_GENERIC_EXECUTE.
    pub const GENERIC_EXECUTE: u32 = 0x12_00A0;
    /// FILE_ALL_ACCESS.
    pub const ALL: u32 = 0x1F_01FF;
}

/// What others may do with a file while it is open.
pub mod share {
    /// FILE_SHARE_READ.
    pub const READ: u32 = 1;
    /// FILE_SHARE_WRITE.
    pub const WRITE: u32 = 2;
    /// FILE_SHARE_DELETE.
    pub const DELETE: u32 = 4;
    /// All of them.
    pub const ALL: u32 = 7;
}

/// What becomes of a file that exists, or does not.
pub mod disposition {
    /// FILE_SUPERSEDE: replaces or makes it.
    pub const SUPERSEDE: u32 = 0;
    /// FILE_OPEN: must exist.
    pub const OPEN: u32 = 1;
    /// FILE_CREATE: must not exist.
    pub const CREATE: u32 = 2;
    /// FILE_OPEN_IF: opens or makes it.
    pub const OPEN_IF: u32 = 3;
    /// FILE_OVERWRITE: empties it, must exist.
    pub const OVERWRITE: u32 = 4;
    /// FILE_OVERWRITE_IF: empties or makes it.
    pub const OVERWRITE_IF: u32 = 5;
    /// The highest of them.
    pub const MAXIMUM: u32 = 5;
}

/// What a creation did: `Information` of its IO_STATUS_BLOCK.
pub mod created {
    /// FILE_SUPERSEDED.
    pub const SUPERSEDED: u64 = 0;
    /// FILE_OPENED.
    pub const OPENED: u64 = 1;
    /// FILE_CREATED.
    pub const CREATED: u64 = 2;
    /// FILE_OVERWRITTEN.
    pub const OVERWRITTEN: u64 = 3;
    /// FILE_EXISTS, of a creation that failed.
    pub const EXISTS: u64 = 4;
    /// FILE_DOES_NOT_EXIST, of a creation that failed.
    pub const DOES_NOT_EXIST: u64 = 5;
}

/// CreateOptions.
pub mod option {
    /// FILE_DIRECTORY_FILE: it must be a folder.
    pub const DIRECTORY_FILE: u32 = 0x1;
    /// FILE_WRITE_THROUGH.
    pub const WRITE_THROUGH: u32 = 0x2;
    /// FILE_SEQUENTIAL_ONLY.
    pub const SEQUENTIAL_ONLY: u32 = 0x4;
    /// FILE_NO_INTERMEDIATE_BUFFERING.
    pub const NO_INTERMEDIATE_BUFFERING: u32 = 0x8;
    /// FILE_SYNCHRONOUS_IO_ALERT: services return when all is done; an alert ends the wait.
    pub const SYNCHRONOUS_IO_ALERT: u32 = 0x10;
    /// FILE_SYNCHRONOUS_IO_NONALERT: services return when all is done.
    pub const SYNCHRONOUS_IO_NONALERT: u32 = 0x20;
    /// FILE_NON_DIRECTORY_FILE: it must not be a folder.
    pub const NON_DIRECTORY_FILE: u32 = 0x40;
    /// FILE_CREATE_TREE_CONNECTION.
    pub const CREATE_TREE_CONNECTION: u32 = 0x80;
    /// FILE_COMPLETE_IF_OPLOCKED.
    pub const COMPLETE_IF_OPLOCKED: u32 = 0x100;
    /// FILE_NO_EA_KNOWLEDGE.
    pub const NO_EA_KNOWLEDGE: u32 = 0x200;
    /// FILE_RANDOM_ACCESS.
    pub const RANDOM_ACCESS: u32 = 0x800;
    /// FILE_DELETE_ON_CLOSE.
    pub const DELETE_ON_CLOSE: u32 = 0x1000;
    /// FILE_OPEN_BY_FILE_ID.
    pub const OPEN_BY_FILE_ID: u32 = 0x2000;
    /// FILE_OPEN_FOR_BACKUP_INTENT.
    pub const OPEN_FOR_BACKUP_INTENT: u32 = 0x4000;
    /// FILE_NO_COMPRESSION.
    pub const NO_COMPRESSION: u32 = 0x8000;
    /// FILE_RESERVE_OPFILTER.
    pub const RESERVE_OPFILTER: u32 = 0x10_0000;
    /// FILE_OPEN_REPARSE_POINT.
    pub const OPEN_REPARSE_POINT: u32 = 0x20_0000;
    /// FILE_OPEN_NO_RECALL.
    pub const OPEN_NO_RECALL: u32 = 0x40_0000;
    /// FILE_OPEN_FOR_FREE_SPACE_QUERY.
    pub const OPEN_FOR_FREE_SPACE_QUERY: u32 = 0x80_0000;
    /// Both kinds of synchronous handles.
    pub const SYNCHRONOUS: u32 = SYNCHRONOUS_IO_ALERT | SYNCHRONOUS_IO_NONALERT;
    /// What FileModeInformation tells.
    pub const MODE: u32 =
        WRITE_THROUGH | SEQUENTIAL_ONLY | NO_INTERMEDIATE_BUFFERING | SYNCHRONOUS | DELETE_ON_CLOSE;
    /// All of them.
    pub const VALID: u32 = 0xF0_FBFF;
    /// Those that go with DIRECTORY_FILE.
    pub const VALID_WITH_DIRECTORY: u32 = DIRECTORY_FILE
        | WRITE_THROUGH
        | SYNCHRONOUS
        | OPEN_BY_FILE_ID
        | OPEN_FOR_BACKUP_INTENT
        | DELETE_ON_CLOSE
        | OPEN_FOR_FREE_SPACE_QUERY
        | OPEN_REPARSE_POINT
        | OPEN_NO_RECALL;
}

/// What file systems can do (FILE_FS_ATTRIBUTE_INFORMATION).
pub mod file_system {
    /// FILE_CASE_PRESERVED_NAMES.
    pub const CASE_PRESERVED_NAMES: u32 = 0x2;
    /// FILE_UNICODE_ON_DISK.
    pub const UNICODE_ON_DISK: u32 = 0x4;
    /// FILE_READ_ONLY_VOLUME.
    pub const READ_ONLY_VOLUME: u32 = 0x8_0000;
}

/// FILE_ATTRIBUTE_*.
pub mod attribute {
    /// Cannot be written or deleted.
    pub const READONLY: u32 = 0x1;
    /// Not shown.
    pub const HIDDEN: u32 = 0x2;
    /// Belongs to the system.
    pub const SYSTEM: u32 = 0x4;
    /// A folder.
    pub const DIRECTORY: u32 = 0x10;
    /// To be backed up.
    pub const ARCHIVE: u32 = 0x20;
    /// None of the others.
    pub const NORMAL: u32 = 0x80;
    /// What a creation may set.
    pub const VALID_SET: u32 = 0x31A7;
}

/// FILE_DEVICE_*.
pub mod device {
    /// A disk.
    pub const DISK: u32 = 0x7;
    /// A disk with a file system on it.
    pub const DISK_FILE_SYSTEM: u32 = 0x8;
    /// The device that forgets.
    pub const NULL: u32 = 0x15;
    /// A parallel port.
    pub const PARALLEL_PORT: u32 = 0x16;
    /// A serial port.
    pub const SERIAL_PORT: u32 = 0x1B;
    /// None of the others.
    pub const UNKNOWN: u32 = 0x22;
    /// A disk that is none.
    pub const VIRTUAL_DISK: u32 = 0x24;
}

/// Characteristics of devices.
pub mod characteristic {
    /// FILE_REMOVABLE_MEDIA.
    pub const REMOVABLE_MEDIA: u32 = 0x1;
    /// FILE_READ_ONLY_DEVICE.
    pub const READ_ONLY_DEVICE: u32 = 0x2;
    /// FILE_FLOPPY_DISKETTE.
    pub const FLOPPY_DISKETTE: u32 = 0x4;
    /// FILE_REMOTE_DEVICE.
    pub const REMOTE_DEVICE: u32 = 0x10;
    /// FILE_DEVICE_IS_MOUNTED.
    pub const DEVICE_IS_MOUNTED: u32 = 0x20;
    /// FILE_VIRTUAL_VOLUME.
    pub const VIRTUAL_VOLUME: u32 = 0x40;
    /// FILE_DEVICE_SECURE_OPEN.
    pub const DEVICE_SECURE_OPEN: u32 = 0x100;
}

/// FILE_INFORMATION_CLASS.
pub mod class {
    /// FileDirectoryInformation.
    pub const DIRECTORY: u32 = 1;
    /// FileFullDirectoryInformation.
    pub const FULL_DIRECTORY: u32 = 2;
    /// FileBothDirectoryInformation.
    pub const BOTH_DIRECTORY: u32 = 3;
    /// FileBasicInformation.
    pub const BASIC: u32 = 4;
    /// FileStandardInformation.
    pub const STANDARD: u32 = 5;
    /// FileInternalInformation.
    pub const INTERNAL: u32 = 6;
    /// FileEaInformation.
    pub const EA: u32 = 7;
    /// FileAccessInformation.
    pub const ACCESS: u32 = 8;
    /// FileNameInformation.
    pub const NAME: u32 = 9;
    /// FileRenameInformation.
    pub const RENAME: u32 = 10;
    /// FileNamesInformation.
    pub const NAMES: u32 = 12;
    /// FileDispositionInformation.
    pub const DISPOSITION: u32 = 13;
    /// FilePositionInformation.
    pub const POSITION: u32 = 14;
    /// FileModeInformation.
    pub const MODE: u32 = 16;
    /// FileAlignmentInformation.
    pub const ALIGNMENT: u32 = 17;
    /// FileAllInformation.
    pub const ALL: u32 = 18;
    /// FileAllocationInformation.
    pub const ALLOCATION: u32 = 19;
    /// FileEndOfFileInformation.
    pub const END_OF_FILE: u32 = 20;
    /// FileNetworkOpenInformation.
    pub const NETWORK_OPEN: u32 = 34;
    /// FileAttributeTagInformation.
    pub const ATTRIBUTE_TAG: u32 = 35;
    /// FileIdBothDirectoryInformation.
    pub const ID_BOTH_DIRECTORY: u32 = 37;
    /// FileIdFullDirectoryInformation.
    pub const ID_FULL_DIRECTORY: u32 = 38;
}

/// FS_INFORMATION_CLASS.
pub mod volume_class {
    /// FileFsVolumeInformation.
    pub const VOLUME: u32 = 1;
    /// FileFsSizeInformation.
    pub const SIZE: u32 = 3;
    /// FileFsDeviceInformation.
    pub const DEVICE: u32 = 4;
    /// FileFsAttributeInformation.
    pub const ATTRIBUTE: u32 = 5;
    /// FileFsFullSizeInformation.
    pub const FULL_SIZE: u32 = 7;
}

/// Control codes of `NtDeviceIoControlFile` and `NtFsControlFile`.
pub mod control {
    /// The sender must have READ_DATA.
    pub const NEEDS_READ: u32 = 1 << 14;
    /// The sender must have WRITE_DATA.
    pub const NEEDS_WRITE: u32 = 2 << 14;
    /// IOCTL_DISK_IS_WRITABLE: MEDIA_WRITE_PROTECTED when it is not.
    pub const DISK_IS_WRITABLE: u32 = 0x7_0024;
    /// IOCTL_DISK_GET_LENGTH_INFO: the volume's length in bytes, 64 bits.
    pub const DISK_GET_LENGTH_INFO: u32 = 0x7_405C;
    /// IOCTL_DISK_GET_DRIVE_GEOMETRY: [`super::DiskGeometry`].
    pub const DISK_GET_DRIVE_GEOMETRY: u32 = 0x7_0000;
    /// IOCTL_DISK_GET_PARTITION_INFO: [`super::PartitionInformation`].
    pub const DISK_GET_PARTITION_INFO: u32 = 0x7_4004;
    /// IOCTL_DISK_CHECK_VERIFY.
    pub const DISK_CHECK_VERIFY: u32 = 0x7_4800;
    /// IOCTL_STORAGE_CHECK_VERIFY.
    pub const STORAGE_CHECK_VERIFY: u32 = 0x2D_4800;
    /// IOCTL_STORAGE_GET_DEVICE_NUMBER: [`super::StorageDeviceNumber`].
    pub const STORAGE_GET_DEVICE_NUMBER: u32 = 0x2D_1080;
    /// IOCTL_STORAGE_MANAGE_DATA_SET_ATTRIBUTES: gives sectors back.
    pub const STORAGE_MANAGE_DATA_SET_ATTRIBUTES: u32 = 0x2D_9404;
    /// `\Device\Loopback`: ends after the time in the input, 64 bits, in 100 ns, negative from now on.
    pub const LOOPBACK_DELAY: u32 = 0x22_0000;
    /// FSCTL_IS_VOLUME_MOUNTED.
    pub const IS_VOLUME_MOUNTED: u32 = 0x9_0028;
}

/// FILE_BASIC_INFORMATION. Times: 100 ns since 1601, UTC; 0 when the file system has none.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct FileBasicInformation {
    /// When it was made.
    pub creation_time: i64,
    /// When it was last read.
    pub last_access_time: i64,
    /// When it was last written.
    pub last_write_time: i64,
    /// When anything of it last changed.
    pub change_time: i64,
    /// [`attribute`].
    pub attributes: u32,
    /// Padding.
    pub reserved: u32,
}

/// FILE_STANDARD_INFORMATION.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct FileStandardInformation {
    /// Bytes that it takes on its volume.
    pub allocation_size: i64,
    /// Its length in bytes.
    pub end_of_file: i64,
    /// How many names it has.
    pub number_of_links: u32,
    /// Whether it goes with its last handle.
    pub delete_pending: u8,
    /// Whether it is a folder.
    pub directory: u8,
    /// Padding.
    pub reserved: u16,
}

/// FILE_NETWORK_OPEN_INFORMATION.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct FileNetworkOpenInformation {
    /// See [`FileBasicInformation`].
    pub creation_time: i64,
    /// See [`FileBasicInformation`].
    pub last_access_time: i64,
    /// See [`FileBasicInformation`].
    pub last_write_time: i64,
    /// See [`FileBasicInformation`].
    pub change_time: i64,
    /// See [`FileStandardInformation`].
    pub allocation_size: i64,
    /// See [`FileStandardInformation`].
    pub end_of_file: i64,
    /// [`attribute`].
    pub attributes: u32,
    /// Padding.
    pub reserved: u32,
}

/// The fixed part of FILE_ALL_INFORMATION; the name follows at [`FILE_ALL_NAME`].
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct FileAllInformation {
    /// FILE_BASIC_INFORMATION.
    pub basic: FileBasicInformation,
    /// FILE_STANDARD_INFORMATION.
    pub standard: FileStandardInformation,
    /// FILE_INTERNAL_INFORMATION: the file's number in its file system.
    pub index_number: i64,
    /// FILE_EA_INFORMATION: bytes of its extended attributes.
    pub ea_size: u32,
    /// FILE_ACCESS_INFORMATION: what the handle grants.
    pub access: u32,
    /// FILE_POSITION_INFORMATION.
    pub position: i64,
    /// FILE_MODE_INFORMATION: [`option::MODE`].
    pub mode: u32,
    /// FILE_ALIGNMENT_INFORMATION: addresses of buffers must have none of these bits.
    pub alignment: u32,
    /// FILE_NAME_INFORMATION: bytes of the name.
    pub name_length: u32,
    /// The first two units of the name.
    pub name: [u16; 2],
}

/// Where the name is in FILE_ALL_INFORMATION.
pub const FILE_ALL_NAME: usize = 0x64;

/// FILE_FS_SIZE_INFORMATION.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct FileFsSizeInformation {
    /// Allocation units of the volume.
    pub total_units: i64,
    /// Of these, free.
    pub available_units: i64,
    /// Sectors of a unit.
    pub sectors_per_unit: u32,
    /// Bytes of a sector.
    pub bytes_per_sector: u32,
}

/// FILE_FS_FULL_SIZE_INFORMATION.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct FileFsFullSizeInformation {
    /// Allocation units of the volume.
    pub total_units: i64,
    /// Of these, free for the caller.
    pub caller_available_units: i64,
    /// Of these, free.
    pub actual_available_units: i64,
    /// Sectors of a unit.
    pub sectors_per_unit: u32,
    /// Bytes of a sector.
    pub bytes_per_sector: u32,
}

/// FILE_FS_DEVICE_INFORMATION.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct FileFsDeviceInformation {
    /// [`device`].
    pub device_type: u32,
    /// [`characteristic`].
    pub characteristics: u32,
}

/// DISK_GEOMETRY.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct DiskGeometry {
    /// Whole cylinders.
    pub cylinders: i64,
    /// MEDIA_TYPE.
    pub media_type: u32,
    /// Heads.
    pub tracks_per_cylinder: u32,
    /// Sectors of a track.
    pub sectors_per_track: u32,
    /// Bytes of a sector.
    pub bytes_per_sector: u32,
}

/// PARTITION_INFORMATION.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PartitionInformation {
    /// Where it begins, in bytes.
    pub starting_offset: i64,
    /// Its length in bytes.
    pub partition_length: i64,
    /// Sectors before it.
    pub hidden_sectors: u32,
    /// From 1; 0 for a disk without partitions.
    pub partition_number: u32,
    /// Its type, as in an MBR.
    pub partition_type: u8,
    /// Whether firmware would start from it.
    pub boot_indicator: u8,
    /// Whether its type is one that the system knows.
    pub recognized_partition: u8,
    /// Of use when partitions are changed.
    pub rewrite_partition: u8,
    /// Padding.
    pub reserved: u32,
}

/// STORAGE_DEVICE_NUMBER.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct StorageDeviceNumber {
    /// [`device`].
    pub device_type: u32,
    /// N of `\Device\HarddiskN`.
    pub device_number: u32,
    /// As in [`PartitionInformation`].
    pub partition_number: u32,
}

const _: () = {
    use core::mem::offset_of;
    assert!(size_of::<DiskGeometry>() == 0x18);
    assert!(size_of::<PartitionInformation>() == 0x20);
    assert!(offset_of!(PartitionInformation, partition_type) == 0x18);
    assert!(size_of::<FileBasicInformation>() == 0x28);
    assert!(size_of::<FileStandardInformation>() == 0x18);
    assert!(offset_of!(FileStandardInformation, directory) == 0x15);
    assert!(size_of::<FileNetworkOpenInformation>() == 0x38);
    assert!(size_of::<FileAllInformation>() == 0x68 && offset_of!(FileAllInformation, name) == FILE_ALL_NAME);
    assert!(offset_of!(FileAllInformation, position) == 0x50);
    assert!(size_of::<FileFsSizeInformation>() == 0x18 && size_of::<FileFsFullSizeInformation>() == 0x20);
};
