//! What the boot archive holds: `--file`, `--reg`, `image list` and `image export`.
#![expect(clippy::unwrap_used, reason = "a test that fails there has failed")]

mod common;

use std::path::Path;

use bootarchive::Archive;
use common::{Code, Run, file, folder, run_args};
use regf::Hive;
use tempfile::TempDir;

const SYSTEM: &str = r"\SystemRoot\System32\config\SYSTEM";
const SOFTWARE: &str = r"\SystemRoot\System32\config\SOFTWARE";

/// A folder with host files, and the image that comes of them.
struct Host(TempDir);

impl Host {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = folder();
        for (name, contents) in files {
            std::fs::write(folder.path().join(name), contents).unwrap();
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// The command with its words `@NAME` made paths of host files.
    fn run(&self, words: &[&str]) -> Run {
        let words: Vec<String> = words.iter().map(|word| word.replace('@', &self.path(""))).collect();
        run_args(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Exports the image with more options; gives its archive.
    fn export(&self, options: &[&str]) -> Vec<u8> {
        let run = self.run(&[&["image", "export", "@image"], options].concat());
        assert_eq!(run.code, 0, "{run:?}");
        std::fs::read(self.0.path().join("image/boot.img")).unwrap()
    }
}

fn data<'a>(archive: &'a [u8], path: &str) -> Option<&'a [u8]> {
    let archive = Archive::parse(archive).unwrap();
    assert_eq!(archive.verify(), Ok(()));
    Some(archive.find(path)?.data())
}

/// A string or number in a hive of an archive.
fn value(archive: &[u8], hive: &str, key: &str, name: &str) -> Option<String> {
    let hive = Hive::clean(data(archive, hive).unwrap()).unwrap();
    regf::verify(hive).unwrap();
    let value = hive.open(key).unwrap()?.value(name).unwrap()?;
    let data = value.data().unwrap();
    Some(match data.dword() {
        Some(number) => number.to_string(),
        None => regf::Text::utf16(&data.to_vec().unwrap()).to_string(),
    })
}

#[test]
fn host_files_replace_and_add() {
    let host = Host::new(&[("one", "first"), ("two", "second"), ("three", "")]);
    let archive = host.export(&[
        r"--file=C:\windows\system32\SMSS.exe=@one",
        r"--file=\??\c:\Windows\new=@one",
        r"--file=\SystemRoot\NEW=@two",
        r"--file=C:\dir\empty=@three",
    ]);
    assert_eq!(data(&archive, r"\SystemRoot\System32\smss.exe"), Some(&b"first"[..]));
    assert_eq!(data(&archive, r"\SystemRoot\new"), Some(&b"second"[..]));
    assert_eq!(data(&archive, r"\dir\empty"), Some(&b""[..]));
    // What was there stays.
    assert!(data(&archive, SYSTEM).is_some_and(|hive| hive.starts_with(b"regf")));
    // An image that was exported is an image.
    let more = host.export(&["--image=@image", r"--file=\x=@one"]);
    assert_eq!(data(&more, r"\SystemRoot\new"), Some(&b"second"[..]));
    assert_eq!(data(&more, r"\x"), Some(&b"first"[..]));
}

#[test]
fn texts_are_merged_in_order() {
    let host = Host::new(&[
        (
            "one.reg",
            "Windows Registry Editor Version 5.00\n\
             [HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Session Manager]\n\
             \"BootExecute\"=str(7):\"one\"\n\"GlobalFlag\"=-\n\
             [-HKLM\\SYSTEM\\ControlSet001\\Control\\Session Manager\\DOS Devices]\n",
        ),
        (
            "two.reg",
            "REGEDIT4\n[HKLM\\Software\\New]\n@=\"value\"\n\
             [HKLM\\System\\currentcontrolset\\control\\session manager]\n\"bootexecute\"=hex(7):32,00,00\n",
        ),
    ]);
    let manager = r"ControlSet001\Control\Session Manager";
    let plain = host.export(&[]);
    assert_eq!(value(&plain, SYSTEM, manager, "BootExecute").as_deref(), Some("autocheck autochk *\0\0"));
    let one = host.export(&["--reg", "@one.reg"]);
    assert_eq!(value(&one, SYSTEM, manager, "BootExecute").as_deref(), Some("one\0\0"));
    assert_eq!(value(&one, SYSTEM, manager, "GlobalFlag"), None);
    assert_eq!(value(&one, SYSTEM, manager, "ProtectionMode").as_deref(), Some("1"));
    assert_eq!(value(&one, SYSTEM, &format!(r"{manager}\DOS Devices"), "NUL"), None);
    assert_eq!(data(&one, SOFTWARE), data(&plain, SOFTWARE), "nothing was said of it");
    let both = host.export(&["--reg", "@one.reg", "--reg", "@two.reg"]);
    assert_eq!(value(&both, SYSTEM, manager, "BootExecute").as_deref(), Some("2\0\0"));
    assert_eq!(value(&both, SOFTWARE, "New", "").as_deref(), Some("value\0"));
    // No link of the kernel's is in the way.
    assert_eq!(value(&both, SYSTEM, "CurrentControlSet", "x"), None);
}

#[test]
fn a_hive_of_the_hosts_takes_texts_too() {
    let host = Host::new(&[
        ("SYSTEM.reg", "REGEDIT4\n[HKLM\\SYSTEM\\Select]\n\"Current\"=dword:3\n[HKLM\\SYSTEM\\Mine]\n"),
        ("x.reg", "REGEDIT4\n[HKLM\\SYSTEM\\CurrentControlSet]\n\"a\"=dword:7\n"),
    ]);
    assert_eq!(host.run(&["reg", "import", "@SYSTEM", "@SYSTEM.reg", "--create"]).code, 0);
    let place = format!("--file={SYSTEM}=@SYSTEM");
    let archive = host.export(&["--reg=@x.reg", &place]);
    assert_eq!(value(&archive, SYSTEM, "ControlSet003", "a").as_deref(), Some("7"));
    assert!(Hive::clean(data(&archive, SYSTEM).unwrap()).unwrap().open("Mine").unwrap().is_some());
}

#[test]
fn what_cannot_be_done_is_a_usage_error_that_says_why() {
    let host = Host::new(&[
        ("x", "x"),
        ("user.reg", "REGEDIT4\n[HKLM\\SYSTEM\\A]\n\n[HKEY_CURRENT_USER\\Console]\n"),
        ("bad.reg", "REGEDIT4\n[HKLM\\SYSTEM\\A]\n\"x\"=dword:seven\n"),
        ("good.reg", "REGEDIT4\n[HKLM\\SYSTEM\\A]\n"),
    ]);
    for (options, why) in [
        (&["--file", "x=@x"][..], "not a full path"),
        (&["--file", r"D:\x=@x"], "drive C: only"),
        (&["--file", r"\Device\x=@x"], "a path into a device"),
        (&["--file", r"\x=@nothing"], "nothing: No such file"),
        (&["--file", r"\SystemRoot\System32\smss.exe\x=@x"], "below another file"),
        (&["--reg", "@nothing.reg"], "nothing.reg: No such file"),
        (&["--reg", "@user.reg"], "user.reg: line 4: HKEY_CURRENT_USER\\Console is in no hive"),
        (&["--reg", "@bad.reg"], "bad.reg: line 3, column "),
        (
            &["--reg", "@good.reg", "--file", r"C:\Windows\System32\Config\System=@x"],
            "config\\SYSTEM in the boot",
        ),
    ] {
        for command in [&["boot"][..], &["image", "list"], &["bench", "--with=none"]] {
            let run = host.run(&[command, options].concat());
            assert_eq!(run.code, 2, "{command:?} {options:?}: {run:?}");
            assert!(run.stderr.contains(why), "{command:?} {options:?}: {}", run.stderr);
        }
    }
    // A module that is no archive can take nothing.
    std::fs::write(host.path("kernel"), Code::new().power_off().halt().elf64()).unwrap();
    let run = host.run(&["run", "--kernel=@kernel", "--initrd=@x", "--reg=@good.reg"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("boot archive"), "{}", run.stderr);
}

#[test]
fn the_list_is_what_would_be_booted() {
    let host = Host::new(&[("x", "twelve bytes")]);
    let listed = host.run(&["image", "list", r"--file=C:\dir\x=@x"]);
    assert!(listed.stdout.contains("        12  \\dir\\x\n"), "{}", listed.stdout);
    assert_eq!(listed.stdout.lines().count(), host.run(&["image", "list"]).stdout.lines().count() + 1);
    let json = host.run(&["image", "list", "--json", r"--file=C:\dir\x=@x"]).json();
    let files = json["files"].as_array().unwrap();
    let entry = files.iter().find(|file| file["path"] == r"\dir\x").unwrap();
    assert_eq!((&entry["bytes"], &json["schema"]), (&12.into(), &1.into()));
    let archive = host.export(&[r"--file=C:\dir\x=@x"]);
    assert_eq!(json["archive_bytes"], archive.len());
    assert_eq!(files.len(), Archive::parse(&archive).unwrap().files().count());
}

/// The module that a guest sees has been changed, too: its directory counts one more file.
#[test]
fn a_boot_gets_the_changed_archive() {
    let host = Host::new(&[("x", "x")]);
    let image = Path::new(&host.path("image")).to_owned();
    host.export(&[]);
    // The byte at 12 of the module is the number of files. Start info: EBX + 16 is the list of modules.
    let code = Code::new()
        .raw(&[0x8B, 0x43, 0x10]) // mov eax, [ebx+16]
        .raw(&[0x8B, 0x00]) // mov eax, [eax]
        .raw(&[0x8A, 0x40, 0x0C]) // mov al, [eax+12]
        .print_al()
        .power_off()
        .halt();
    let kernel = file(&code.elf64());
    let kernel = kernel.path().to_str().unwrap();
    let module = image.join("boot.img").display().to_string();
    let run = |more: &[&str]| {
        let run = host.run(&[&["run", "--kernel", kernel, "--initrd", &module], more].concat());
        assert_eq!(run.code, 0, "{run:?}");
        run.stdout.as_bytes()[0]
    };
    assert_eq!(run(&[r"--file=\x=@x"]), run(&[]) + 1);
}
