//! The kernel's instructions of every system service: the least that one valid call took, from the first instruction of
//! the kernel to the next one of a program, counted without anything in the guest that counts. A call is known by its
//! stub: `mov eax, NUMBER` before `syscall`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use bootarchive::Archive;
use nt::service::{SERVICES, Service};
use nt::win32k;
use object::{Object, ObjectSection};
use smvm_tests::{program, smvm};

use crate::qemu::{Accelerator, Qemu, Stay};

/// Least instructions of a service, by its name.
pub type Counts = BTreeMap<String, u64>;

/// The table: `service = instructions`.
static TABLE: &str = include_str!("services.toml");
const HEAD: &str = "\
# The kernel's instructions of every system service: the least of one valid call, from `syscall` to the next one of a program,
# counted exactly under `qemu-system-x86_64 -accel tcg -icount shift=0`. What another program waits for (a switch to
# another thread, or to nobody) is included where a call blocks. A count that is off fails its test; then, with a reason for a
# higher one: UPDATE=1 cargo test -p smvm-tests --test portable services; UPDATE=1 cargo test -p nt --test docs
";

/// Where the program that calls them is put.
const PROGRAM: &str = r"\SystemRoot\System32\measure.exe";
const NTDLL: &str = r"\SystemRoot\System32\ntdll.dll";
/// What another layout of the same code may cost, in sixteenths; and cheap services more than that.
const TOLERANCE: u64 = 1;
const ROOM: u64 = 24;
/// A count below so many sixteenths of its number leaves the number without meaning.
const STALE: u64 = 12;

/// Calls that wait for QEMU's drive, whose answers come when they come: how often the kernel looks for them is not exact.
const WAITS: &[&str] = &[
    "NtCreatePagingFile",
    "NtLoadKey",
    "NtUnloadKey",
    "NtSaveKey",
    "NtCreateFile",
    "NtReadFile",
    "NtWriteFile",
    "NtSetInformationFile",
    "NtQueryDirectoryFile",
    "NtQueryAttributesFile",
    "NtQueryFullAttributesFile",
    "NtDeleteFile",
    "NtFlushBuffersFile",
    "NtShutdownSystem",
];
/// What those may take more, in sixteenths.
const WAITING: u64 = 16;

fn all() -> impl Iterator<Item = &'static Service> {
    SERVICES.iter().chain(win32k::SERVICES)
}

/// Image files, which the guest maps at the addresses they ask for.
struct Images(Vec<Vec<u8>>);

impl Images {
    /// The number that is in EAX at a `syscall` there, if there is one.
    fn number_at(&self, address: u64) -> Option<u32> {
        self.0.iter().find_map(|image| {
            let image = object::File::parse(image.as_slice()).expect("an image");
            image.sections().find_map(|section| {
                let start = usize::try_from(address.checked_sub(section.address())?.checked_sub(5)?).ok()?;
                let stub = section.data().ok()?.get(start..start + 7)?;
                match *stub {
                    [0xB8, a, b, c, d, 0x0F, 0x05] => Some(u32::from_le_bytes([a, b, c, d])),
                    _ => None,
                }
            })
        })
    }
}

/// Runs the program that calls them all.
///
/// # Panics
/// When a call fails that should not.
pub fn count() -> Counts {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("measure.exe"), program("measure")).expect("room for the program");
    let made = Command::new(smvm()).args(["image", "create", &path("disk.img"), "--size", "64M"]).status();
    assert!(made.expect("smvm starts").success(), "no image for drive D:");
    let file = format!("{PROGRAM}={}", path("measure.exe"));
    let drive = format!("if=none,id=d,format=raw,file={}", path("disk.img"));
    let arguments = ["-global", "virtio-mmio.force-legacy=false", "-drive", &drive];
    let arguments = [&arguments[..], &["-device", "virtio-blk-device,drive=d"]].concat();
    let words = format!("smvm.init={PROGRAM}");
    let run = Qemu::new(Accelerator::TcgIcount).run_with(&["--file", &file], &arguments, &words);
    let right = run.console.contains(" calls, 0 failed") && !run.console.contains("FAIL");
    assert!(right, "{}\n{}", run.console, run.stderr);
    least(&run.stays)
}

fn least(stays: &[Stay]) -> Counts {
    let archive = Archive::parse(smvm_images::ARCHIVE).expect("the archive");
    let ntdll = archive.find(NTDLL).expect("ntdll").data().to_vec();
    let images = Images(vec![ntdll, program("measure").to_vec()]);
    let names: BTreeMap<u32, &str> = all().map(|service| (service.number, service.name)).collect();
    let (mut numbers, mut counts) = (BTreeMap::new(), Counts::new());
    for stay in stays {
        let number = numbers.entry(stay.from).or_insert_with(|| images.number_at(stay.from));
        let Some(name) = number.and_then(|number| names.get(&number)) else { continue };
        let least = counts.entry((*name).into()).or_insert(u64::MAX);
        *least = (*least).min(stay.kernel.into());
    }
    counts
}

/// Services that were not called.
pub fn not_counted(counts: &Counts) -> Vec<&'static str> {
    all().map(|service| service.name).filter(|name| !counts.contains_key(*name)).collect()
}

fn told(name: &str) -> Option<u64> {
    TABLE.lines().find_map(|line| {
        let (service, number) = line.split_once('=')?;
        (service.trim() == name).then(|| number.trim().parse().expect("a number"))
    })
}

fn tolerance(name: &str) -> u64 {
    if WAITS.contains(&name) { WAITING } else { TOLERANCE }
}

/// Services whose counts are not what the table says, in words.
pub fn not_as_told(counts: &Counts) -> Vec<String> {
    let different = counts.iter().filter_map(|(name, &count)| match told(name) {
        None => Some(format!("{name} is missing: {count} instructions")),
        Some(number) if count > number + number * tolerance(name) / 16 + ROOM => {
            Some(format!("{name}: {count} instructions instead of {number}"))
        }
        Some(number) if count * 16 < number * STALE && tolerance(name) < WAITING => {
            Some(format!("{name}: only {count} of {number}"))
        }
        Some(_) => None,
    });
    different.collect()
}

/// The counts beside the table's numbers.
pub fn table(counts: &Counts) -> String {
    counts.iter().fold(String::new(), |mut text, (name, count)| {
        let _ = writeln!(text, "{name:<32} {count:>8} of {:>8}", told(name).unwrap_or(0));
        text
    })
}

/// Writes the table anew, in the order of the services' numbers.
///
/// # Panics
/// When it cannot be written.
pub fn write(counts: &Counts) {
    let mut text = String::from(HEAD);
    for name in all().map(|service| service.name) {
        if let Some(count) = counts.get(name) {
            let _ = writeln!(text, "{name} = {count}");
        }
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("portable/services.toml");
    std::fs::write(path, text).expect("the table can be written");
}
