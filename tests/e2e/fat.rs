//! FAT volumes from all sides: `smvm image`, programs in the guest, dosfstools and mtools.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use smvm_tests::{Boot, fsck, other, smvm};
use tempfile::TempDir;

/// A folder with what a test needs.
struct Disk(TempDir);

impl Disk {
    fn new(options: &[&str]) -> Self {
        let disk = Self(tempfile::tempdir().expect("a folder"));
        let made = disk.image(&[&["create", &disk.path()], options].concat());
        assert!(made.status.success(), "{made:?}");
        disk
    }

    fn path(&self) -> String {
        self.0.path().join("disk.img").display().to_string()
    }

    fn host(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn image(&self, arguments: &[&str]) -> Output {
        Command::new(smvm()).arg("image").args(arguments).output().expect("smvm starts")
    }

    fn add(&self, guest: &str, host: &Path) {
        let pair = format!("{guest}={}", host.display());
        let added = self.image(&["add", &self.path(), &pair]);
        assert!(added.status.success(), "{added:?}");
    }

    fn extract(&self, guest: &str) -> Option<Vec<u8>> {
        let to = self.host("extracted");
        let output = self.image(&["extract", &self.path(), guest, &to.display().to_string()]);
        output.status.success().then(|| std::fs::read(to).expect("extracted"))
    }

    fn list(&self) -> String {
        String::from_utf8(self.image(&["ls", "-R", &self.path()]).stdout).expect("text")
    }

    /// `fsck.fat` finds the volume sound and shut down.
    fn assert_clean(&self) {
        fsck(Path::new(&self.path()), 0);
    }

    fn drive(&self) -> String {
        format!("d={}", self.path())
    }

    /// Runs `fat.exe` with words; it must find nothing wrong.
    fn run(&self, words: &str, arguments: &[&str]) {
        self.run_with(words, &self.drive(), arguments);
    }

    fn run_with(&self, words: &str, drive: &str, arguments: &[&str]) {
        let line = format!("fat {words}");
        let boot = Boot::boot_execute(
            &[&line],
            &[],
            &[&["--drive", drive, "--deadline", "60s"], arguments].concat(),
        );
        assert_eq!(boot.code, 0, "{boot:#?}");
        assert!(!boot.console().contains("FAIL"), "{}", boot.console());
        assert!(boot.console().contains(" checks, 0 failed"), "{}", boot.console());
    }
}

fn filled(salt: usize, length: usize) -> Vec<u8> {
    (0..length).map(|n| (n * 7 + n / 251 + salt) as u8).collect()
}

/// A folder of the host's, for the guest to read.
fn host_folder(disk: &Disk) {
    let folder = disk.host("folder");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("With a long name.bin"), filled(5, 20_000)).expect("a file");
    std::fs::write(folder.join("hello.exe"), smvm_tests::program("hello")).expect("a file");
    disk.add("HOST", &folder);
}

#[test]
fn programs_write_what_the_host_reads() {
    for options in [&["--fat=12", "--size=7M"], &["--fat=16", "--size=16M"], &["--fat=32", "--size=70M"]] {
        let disk = Disk::new(
            &[&options[..], &["--cluster", if options[0] == "--fat=32" { "512" } else { "2K" }]].concat(),
        );
        // What is counted in there are clusters of 2 KiB.
        disk.run(if options[0] == "--fat=32" { "names" } else { "write" }, &[]);
        disk.assert_clean();
        let list = disk.list();
        assert!(list.contains(r"HR    \folder\file 10") && list.contains(r"\folder\deeper"), "{list}");
        assert!(!list.contains("file 07") && !list.contains("file 09"), "{list}");
        assert_eq!(disk.extract(r"\Moved to the root.txt").as_deref(), Some(&b"moved"[..]));
        if options[0] != "--fat=32" {
            assert_eq!(disk.extract("Written by a guest.data"), Some(filled(1, 12_345)));
            if let Some(typed) = other("mtype", &["-i", &disk.path(), "::/Written by a guest.data"]) {
                assert!(typed.stdout == filled(1, 12_345), "mtools reads something else");
            }
        }
    }
}

#[test]
fn programs_read_map_and_run_what_the_host_has_written() {
    let disk = Disk::new(&["--size", "16M"]);
    host_folder(&disk);
    let before = std::fs::read(disk.path()).expect("an image");
    disk.run("read", &[]);
    assert!(std::fs::read(disk.path()).expect("an image") == before, "reading has changed the image");
    disk.assert_clean();
    disk.run_with("protected", &format!("{},ro", disk.drive()), &[]);
}

#[test]
fn a_partition_is_a_volume_too() {
    let disk = Disk::new(&["--size", "32M", "--partition", "mbr"]);
    host_folder(&disk);
    disk.run("read", &[]);
    let plain = disk.image(&["ls", "--partition", "1", "--json", &disk.path(), "HOST"]);
    let listed: serde_json::Value = serde_json::from_slice(&plain.stdout).expect("JSON");
    assert_eq!(listed["files"][0]["path"], r"\HOST\With a long name.bin");
    assert_eq!(listed["files"][0]["bytes"], 20_000);
}

#[test]
fn full_and_damaged_volumes_are_errors_for_who_uses_them() {
    let disk = Disk::new(&["--size", "512K", "--fat", "12", "--cluster", "512"]);
    disk.run("full", &[]);
    disk.assert_clean();

    let disk = Disk::new(&["--size", "16M", "--fat", "16", "--cluster", "2K"]);
    host_folder(&disk);
    let folder = disk.host("empty");
    std::fs::create_dir(&folder).expect("a folder");
    disk.add("LOOP", &folder);
    let mut bytes = std::fs::read(disk.path()).expect("an image");
    let entry = bytes.windows(11).position(|name| name == b"LOOP       ").expect("an entry");
    // Its only cluster is one that there is not.
    bytes[entry + 26..entry + 28].copy_from_slice(&0xFFF0_u16.to_le_bytes());
    std::fs::write(disk.path(), bytes).expect("an image");
    disk.run("damaged", &[]);
}

#[test]
fn pending_renames_are_done_on_a_drive() {
    let disk = Disk::new(&["--size", "16M"]);
    let file = disk.host("file");
    std::fs::write(&file, "new").expect("a file");
    disk.add("staged.new", &file);
    disk.add("goes", &file);
    let reg = disk.host("renames.reg");
    let text = "Windows Registry Editor Version 5.00\r\n\r\n\
        [HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Session Manager]\r\n\
        \"PendingFileRenameOperations\"=str(7):\"\\\\??\\\\D:\\\\staged.new\\0\\\\??\\\\D:\\\\in place.txt\\0\\\\??\\\\D:\\\\goes\\0\\0\"\r\n";
    std::fs::write(&reg, text).expect("a text");
    let boot = Boot::with(&["--drive", &disk.drive(), "--reg", &reg.display().to_string()]);
    assert_eq!(boot.code, 0, "{boot:#?}");
    assert_eq!(disk.extract("in place.txt").as_deref(), Some(&b"new"[..]), "{}", disk.list());
    assert_eq!(disk.list().lines().count(), 1, "{}", disk.list());
    disk.assert_clean();
}

#[test]
fn a_paging_file_is_made_as_large_as_its_line_says() {
    let disk = Disk::new(&["--size", "64M"]);
    let reg = paging_line(&disk, r"D:\\pagefile.sys 16 32");
    let boot = Boot::with(&["--drive", &disk.drive(), "--reg", &reg]);
    assert_eq!(boot.code, 0, "{boot:#?}");
    let list = disk.list();
    assert!(list.contains(r"  16777216  ASH   \pagefile.sys"), "{list}");
    disk.assert_clean();
}

fn paging_line(disk: &Disk, line: &str) -> String {
    let reg = disk.host("paging.reg");
    let text = format!(
        "Windows Registry Editor Version 5.00\r\n\r\n\
         [HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Memory Management]\r\n\
         \"PagingFiles\"=str(7):\"{line}\\0\"\r\n"
    );
    std::fs::write(&reg, text).expect("a text");
    reg.display().to_string()
}

#[test]
fn images_that_are_none_and_paths_that_are_not_there() {
    let disk = Disk::new(&["--size", "8M", "--label", "A B"]);
    let wrong = |arguments: &[&str], word: &str| {
        let output = disk.image(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && said.contains(word), "{arguments:?}: {output:?}");
    };
    let path = disk.path();
    wrong(&["create", &path, "--size", "8M"], "--force");
    wrong(&["create", &format!("{path}2"), "--size", "8K"], "no volume");
    wrong(&["create", &format!("{path}2"), "--size", "8M", "--fat", "32"], "no volume");
    wrong(&["create", &format!("{path}2"), "--size", "8M", "--label", "far too long a label"], "label");
    wrong(&["create", &format!("{path}2"), "--size", "8M", "--cluster", "3K"], "power of two");
    assert!(!Path::new(&format!("{path}2")).exists(), "half an image");
    wrong(&["ls", &path, r"\no\such"], "not there");
    wrong(&["ls", "/nonexistent"], "/nonexistent");
    wrong(&["ls", "--partition", "3", &path], "partition 3");
    wrong(&["extract", &path, "no", "/nonexistent"], "no such file");
    wrong(&["add", &path, r"\a*b=/etc/hostname"], "name");
    wrong(&["add", &path, "x=/nonexistent"], "/nonexistent");
    let text = disk.host("text");
    std::fs::write(&text, vec![b'x'; 9 << 20]).expect("a file");
    wrong(&["add", &path, &format!("x={}", text.display())], "no room");
    wrong(&["ls", &text.display().to_string()], "FAT");
    disk.assert_clean();
}

#[test]
fn what_the_host_replaces_on_an_image_takes_no_room() {
    use std::os::unix::fs::MetadataExt;
    let disk = Disk::new(&["--size", "16M"]);
    let kib = || Path::new(&disk.path()).metadata().expect("an image").blocks() / 2;
    let before = kib();
    let host = disk.host("data");
    std::fs::write(&host, filled(1, 4 << 20)).expect("room for a file");
    disk.add("data", &host);
    assert!(kib() >= before + 4096);
    std::fs::write(&host, "small").expect("room for a file");
    disk.add("data", &host);
    assert!(kib() <= before + 64, "{before} KiB before, {} after", kib());
    assert_eq!(disk.extract("data").as_deref(), Some(&b"small"[..]));
    disk.assert_clean();
}
