//! `smvm image create`, `ls`, `add`, `extract`: disk images with FAT volumes.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use super::image::LIMIT;
use super::options::{ContentOptions, parse_bytes, with_path};
use super::result::print;
use crate::error::Error;
use crate::host_path;
use crate::image::disk::{DiskImage, Listed, Partitioning, Plan, volume_path};

/// What can be done with a disk image.
#[derive(Debug, Subcommand)]
pub(super) enum DiskAction {
    /// Make a disk image with a FAT volume, empty or with a system to boot. What is not used takes no room on the host.
    Create(Create),
    /// List what is in a FAT volume of a disk image.
    Ls {
        /// The image: a raw file.
        image: PathBuf,
        /// A file or folder in it.
        #[arg(default_value = "\\")]
        path: String,
        /// All folders below, too.
        #[arg(short = 'R', long)]
        recursive: bool,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        which: Which,
    },
    /// Copy files and directories of this host into a disk image.
    Add {
        /// The image: a raw file.
        image: PathBuf,
        /// A path in the image and one of this host: '\Windows\x.exe=x.exe'. Folders are made, files replaced.
        #[arg(value_name = "GUEST=HOST", required = true, value_parser = with_path(parse_pair))]
        files: Vec<(String, PathBuf)>,
        #[command(flatten)]
        which: Which,
    },
    /// Copy a file or folder of a disk image to this host.
    Extract {
        /// The image: a raw file.
        image: PathBuf,
        /// A file or folder in it.
        path: String,
        /// Where to put it.
        host: PathBuf,
        #[command(flatten)]
        which: Which,
    },
}

/// `smvm image create`.
#[derive(Debug, Args)]
pub(super) struct Create {
    /// The image to make.
    #[arg(value_name = "IMAGE")]
    disk: PathBuf,
    /// Its size.
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes)]
    size: u64,
    /// Width of the table; by size otherwise.
    #[arg(long, value_name = "BITS")]
    fat: Option<Bits>,
    /// Bytes of a cluster, 512 to 64K; by size otherwise.
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes)]
    cluster: Option<u64>,
    /// The volume's label, up to 11 characters.
    #[arg(long)]
    label: Option<String>,
    /// The volume's serial number, hexadecimal; by the time otherwise.
    #[arg(long, value_name = "HEX", value_parser = parse_serial)]
    serial: Option<u32>,
    /// What is in front of the volume.
    #[arg(long, value_name = "TABLE", default_value = "none")]
    partition: Partitioning,
    /// Replace a file of that name.
    #[arg(long)]
    force: bool,
    /// Put the system on it, so that it boots: smvm boot --drive c=IMAGE. --image, --file and --reg say which one.
    #[arg(long)]
    system: bool,
    #[command(flatten)]
    content: ContentOptions,
}

/// Which volume of an image.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// The primary partition of that number; the first one with a FAT volume otherwise.
    #[arg(long, value_name = "N")]
    partition: Option<u32>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Bits {
    #[value(name = "12")]
    Fat12,
    #[value(name = "16")]
    Fat16,
    #[value(name = "32")]
    Fat32,
}

/// What `ls --json` prints.
#[derive(Debug, Serialize)]
struct Listing<'a> {
    schema: u32,
    files: Vec<Item<'a>>,
}

#[derive(Debug, Serialize)]
struct Item<'a> {
    path: &'a str,
    bytes: u32,
    folder: bool,
    attributes: String,
    /// In 100 ns since 1601; 0 for none.
    written: i64,
}

fn parse_serial(text: &str) -> Result<u32, String> {
    let digits: String = text.chars().filter(|&c| c != '-').collect();
    u32::from_str_radix(digits.trim_start_matches("0x"), 16).map_err(|error| error.to_string())
}

fn parse_pair(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((guest, _)) if !host_path::is_utf8(guest) => Err("a path in the image is UTF-8".into()),
        Some((guest, host)) if !host.is_empty() => Ok((volume_path(guest), host_path::to_path(host))),
        _ => Err("expected GUEST=HOST, a path in the image and one of this host".into()),
    }
}

impl DiskAction {
    /// Does it.
    pub(super) fn execute(self) -> Result<(), Error> {
        match self {
            Self::Create(create) => create.execute(),
            Self::Ls { image, path, recursive, json, which } => {
                let mut disk = DiskImage::open(&image, which.partition, false)?;
                print(show(&disk.list(&volume_path(&path), recursive)?, json)?.as_bytes())
            }
            Self::Add { image, files, which } => {
                let mut disk = DiskImage::open(&image, which.partition, true)?;
                let added = files.iter().try_for_each(|(guest, host)| disk.add(guest, host));
                // What went well is brought to an end, whatever else did not.
                added.and(disk.finish())
            }
            Self::Extract { image, path, host, which } => {
                DiskImage::open(&image, which.partition, false)?.extract(&volume_path(&path), &host)
            }
        }
    }
}

impl Create {
    fn execute(&self) -> Result<(), Error> {
        if !self.system {
            return match self.content.is_empty() {
                true => self.plan().create(&self.disk),
                false => Err(Error::Usage("--image, --file and --reg are for a disk with --system".into())),
            };
        }
        // Before anything is made.
        let image = self.content.image(LIMIT)?;
        self.plan().create(&self.disk)?;
        let installed = DiskImage::open(&self.disk, None, true).and_then(|mut disk| {
            disk.install(&image)?;
            disk.finish()
        });
        if installed.is_err() {
            // Half a system helps nobody.
            let _ = std::fs::remove_file(&self.disk);
        }
        installed
    }

    fn plan(&self) -> Plan {
        Plan {
            size: self.size,
            kind: self.fat.map(|bits| match bits {
                Bits::Fat12 => fat::Kind::Fat12,
                Bits::Fat16 => fat::Kind::Fat16,
                Bits::Fat32 => fat::Kind::Fat32,
            }),
            cluster: self.cluster,
            label: self.label.clone(),
            serial: self.serial,
            partitioning: self.partition,
            replace: self.force,
        }
    }
}

/// The letters of attributes.
fn letters(attributes: u8) -> String {
    use fat::attribute::{ARCHIVE, HIDDEN, READ_ONLY, SYSTEM};
    let all = [(ARCHIVE, 'A'), (SYSTEM, 'S'), (HIDDEN, 'H'), (READ_ONLY, 'R')];
    all.iter().filter(|(bit, _)| attributes & bit != 0).map(|(_, letter)| letter).collect()
}

fn show(files: &[Listed], json: bool) -> Result<String, Error> {
    if json {
        let files = files.iter().map(|file| Item {
            path: &file.path,
            bytes: file.bytes,
            folder: file.is_folder,
            attributes: letters(file.attributes),
            written: file.written,
        });
        let text = serde_json::to_string(&Listing { schema: 1, files: files.collect() });
        return text.map(|text| text + "\n").map_err(|_| Error::Internal("a list that JSON cannot hold"));
    }
    let mut text = String::new();
    for file in files {
        let size = if file.is_folder { "<DIR>".to_owned() } else { file.bytes.to_string() };
        let _ = writeln!(text, "{size:>10}  {:<4}  {}", letters(file.attributes), file.path);
    }
    Ok(text)
}
