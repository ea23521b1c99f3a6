//! What the embedded guest is made of.

use std::path::Path;

use bootarchive::Archive;
use object::Object;
use regf::Hive;
use smvm_image_builder::CONFIG;
use smvm_images::{ARCHIVE, KERNEL, SYMBOLS};

/// IMAGE_SUBSYSTEM_WINDOWS_GUI.
const WINDOWS_GUI: u16 = 2;

#[test]
fn the_image_keeps_to_its_budget() {
    let size = KERNEL.len() + ARCHIVE.len();
    // A whole session: window manager, subsystem, logon, shell; and drivers for ports, disks, FAT and paging. The kernel is
    // optimised for few instructions: for size it has 0.2 MiB less, and a boot takes a quarter more of them. What a boot
    // touches of it is what a guest pays for.
    assert!(size <= 7 << 18, "{size} bytes: the budget is 1.75 MiB (kernel {})", KERNEL.len());
}

#[test]
fn both_begin_on_pages() {
    assert!(KERNEL.as_ptr().addr().is_multiple_of(bootarchive::PAGE));
    assert!(ARCHIVE.as_ptr().addr().is_multiple_of(bootarchive::PAGE));
    assert!(ARCHIVE.len().is_multiple_of(bootarchive::PAGE));
}

#[test]
fn the_kernel_has_its_symbols_beside_it() {
    let kernel = object::File::parse(KERNEL).expect("an ELF file");
    assert!(kernel.symbols().next().is_none() && !kernel.has_debug_symbols());
    assert!(SYMBOLS.lines().count() > 500 && SYMBOLS.contains("phase0"));
}

#[test]
fn the_archive_is_whole_and_its_programs_can_be_mapped() {
    let archive = Archive::parse(ARCHIVE).expect("an archive");
    assert_eq!(archive.verify(), Ok(()));
    assert!(archive.find(r"\SystemRoot\System32\smss.exe").is_some());
    for file in archive.files().filter(|file| file.path().ends_with(".exe")) {
        let image = pe::Image::parse(file.data()).expect("an image");
        assert_eq!(image.checksum_matches(), Some(true), "{file:?}");
        let subsystem =
            if file.path().ends_with("winlogon.exe") { WINDOWS_GUI } else { pe::SUBSYSTEM_NATIVE };
        assert_eq!(image.subsystem(), subsystem, "{file:?}");
        assert!(image.is_relocatable() && image.entry().is_some(), "{file:?}");
        for section in image.sections() {
            let section = section.expect("a good section");
            let rights = section.protection();
            assert!(!(rights.write && rights.execute), "{file:?}: {section:?}");
            assert!(section.file_offset.is_multiple_of(pe::PAGE), "{file:?}: {section:?}");
        }
    }
}

fn hive(name: &str) -> Hive<'static> {
    let archive = Archive::parse(ARCHIVE).expect("an archive");
    let file = archive.find(&format!(r"{CONFIG}\{name}")).expect(name);
    assert!(file.pages() <= 4, "{name} has {} pages: the guest pays for those it touches", file.pages());
    let hive = Hive::clean(file.data()).expect(name);
    regf::verify(hive).expect(name);
    hive
}

/// A value as it is shown: strings with a `|` behind each.
fn shown(hive: Hive<'_>, key: &str, value: &str) -> String {
    let key = hive.open(key).expect("undamaged").unwrap_or_else(|| panic!("{key}"));
    let value = key.value(value).expect("undamaged").unwrap_or_else(|| panic!("{value}"));
    let data = value.data().expect("undamaged");
    match data.dword() {
        Some(number) => format!("{number:#x}"),
        None => {
            let bytes = data.to_vec().expect("memory");
            let units = bytes.as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair));
            String::from_utf16_lossy(&units.collect::<Vec<_>>()).replace('\0', "|")
        }
    }
}

#[test]
fn the_system_hive_is_what_the_session_manager_looks_for() {
    let hive = hive("SYSTEM");
    let manager = r"ControlSet001\Control\Session Manager";
    for (key, value, text) in [
        ("Select", "Current", "0x1"),
        (manager, "BootExecute", "autocheck autochk *||"),
        (manager, "ObjectDirectories", r"\Windows|\RPC Control||"),
        (manager, "ExcludeFromKnownDlls", "|"),
        (&format!(r"{manager}\DOS Devices"), "prn", r"\DosDevices\LPT1|"),
        (&format!(r"{manager}\Memory Management"), "PagingFiles", r"?:\pagefile.sys||"),
        (&format!(r"{manager}\SubSystems"), "Required", "Debug|Windows||"),
        (&format!(r"{manager}\SubSystems"), "Kmode", r"%SystemRoot%\system32\win32k.sys|"),
    ] {
        assert_eq!(shown(hive, key, value), text, r"{key}\{value}");
    }
    // The environment is built in stored order; the kernel makes the link to the current set.
    let environment = hive.open(&*format!(r"{manager}\Environment")).expect("undamaged").expect("there");
    let names = environment.values().expect("undamaged").map(|value| value.expect("good").name().to_string());
    assert_eq!(names.collect::<Vec<_>>(), ["ComSpec", "Path", "PATHEXT", "TEMP", "TMP", "windir"]);
    assert!(hive.open("CurrentControlSet").expect("undamaged").is_none());
}

#[test]
fn the_software_hive_names_the_shell() {
    let winlogon = r"Microsoft\Windows NT\CurrentVersion\Winlogon";
    assert_eq!(shown(hive("SOFTWARE"), winlogon, "Userinit"), r"C:\Windows\system32\userinit.exe,|");
}

/// Also of releases that are not embedded.
#[test]
fn the_text_of_every_release_makes_hives() {
    let releases = Path::new(env!("CARGO_MANIFEST_DIR")).join("releases");
    for release in std::fs::read_dir(releases).expect("the folder") {
        let path = release.expect("readable").path();
        let hives = smvm_image_builder::hives(&path).unwrap_or_else(|error| panic!("{error}"));
        let names: Vec<&str> = hives.iter().map(|(name, _)| name.as_str()).collect();
        assert!(["SOFTWARE", "SYSTEM"].iter().all(|name| names.contains(name)), "{path:?}: {names:?}");
    }
}
