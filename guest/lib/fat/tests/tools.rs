//! Volumes against dosfstools and mtools, in both directions.

mod common;

use common::{Image, NOW, Ram, check, delete, folder, list, read, rename, text, tree, wide, write};
use fat::{Error, Format, Kind, Volume, attribute};

const KINDS: [Kind; 3] = [Kind::Fat12, Kind::Fat16, Kind::Fat32];

fn some(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n * 7 + n / 251) as u8).collect()
}

#[test]
fn what_is_written_here_others_read() {
    for kind in KINDS {
        let ram = Ram::of(kind);
        let mut volume = ram.mount();
        folder(&mut volume, r"\Folder with a name").expect("a folder");
        folder(&mut volume, r"\Folder with a name\SUB").expect("a folder");
        let long = "A long name, with äöü, of many words.text";
        write(&mut volume, &format!(r"\Folder with a name\SUB\{long}"), &some(70_001)).expect("a file");
        write(&mut volume, r"\readme.txt", b"short").expect("a file");
        write(&mut volume, r"\EMPTY", b"").expect("a file");
        for n in 0..40 {
            write(&mut volume, &format!(r"\SUB file number {n}.data"), &some(n * 100)).expect("a file");
        }
        for n in (0..40).step_by(2) {
            delete(&mut volume, &format!(r"\sub FILE number {n}.DATA")).expect("deleted");
        }
        rename(&mut volume, r"\readme.txt", r"\Folder with a name\READ me too", false).expect("moved");
        rename(&mut volume, r"\Folder with a name\SUB", r"\Moved", false).expect("a folder moved");
        volume.shut_down().expect("clean");
        check(&ram.bytes());

        let image = Image::new(&ram.bytes());
        assert_eq!(image.must("mtype -i {} ::/EMPTY"), "");
        image.must("mcopy -s -n -i {} ::/ out");
        let out = image.0.path().join("out");
        assert_eq!(std::fs::read(out.join("Moved").join(long)).ok(), Some(some(70_001)), "{kind:?}");
        let there = std::fs::read(out.join("Folder with a name/READ me too")).ok();
        assert_eq!(there.as_deref(), Some(&b"short"[..]));
        assert_eq!(std::fs::read(out.join("SUB file number 33.data")).ok(), Some(some(3300)));
        assert!(!out.join("SUB file number 34.data").exists());
        let listed = image.must("mdir -i {} ::/");
        assert!(listed.contains("2024-06-01  12:00") && listed.contains("TEST"), "{listed}");
    }
}

#[test]
fn what_others_write_is_read_here() {
    for (size, format) in
        [(1440, "-F 12"), (16_384, "-F 16"), (40_000, "-F 32 -s 1"), (40_000, "-F 16 -S 4096 -s 1")]
    {
        let image = Image::new(&vec![0; size * 1024]);
        if image.run(&format!("mkfs.fat {format} -n LABEL -i 89ABCDEF {{}}")).status.code() != Some(0) {
            // A volume of 4096-byte sectors may be too small for its kind there.
            assert!(format.contains("4096"));
            continue;
        }
        let here = image.0.path();
        std::fs::write(here.join("plain.txt"), some(5000)).expect("a file");
        std::fs::write(here.join("With a long Name.extension"), some(33)).expect("a file");
        image.must("mmd -i {} ::/dir ::/dir/deeper");
        image.must("mcopy -i {} plain.txt ::/dir/deeper/");
        let long = std::process::Command::new("mcopy")
            .args(["-i", &image.path(), "With a long Name.extension", "::/"])
            .current_dir(here)
            .status();
        assert!(long.is_ok_and(|status| status.success()));
        image.must("mattrib -i {} +r +h ::/dir/deeper/plain.txt");
        let ram = Ram::new(image.bytes());
        let mut volume = ram.mount();
        assert_eq!(text(&volume.label().expect("a label")), "LABEL");
        assert_eq!(volume.geometry().serial, 0x89AB_CDEF);
        assert_eq!(read(&mut volume, r"\DIR\deeper\PLAIN.TXT"), Ok(some(5000)));
        assert_eq!(read(&mut volume, r"\with a LONG name.Extension"), Ok(some(33)));
        assert_eq!(read(&mut volume, r"\WITHAL~1.EXT"), Ok(some(33)));
        let names: Vec<_> = list(&mut volume, r"\").expect("a list").iter().map(|e| text(&e.name)).collect();
        assert_eq!(names, ["dir", "With a long Name.extension"]);
        let entry = volume.find(&wide(r"\dir\deeper\plain.txt")).expect("a file");
        let expected = attribute::READ_ONLY | attribute::HIDDEN | attribute::ARCHIVE;
        assert_eq!((entry.attributes, entry.size), (expected, 5000));
        // Changed here, it is sound there.
        write(&mut volume, r"\dir\deeper\new", &some(9000)).expect("a file");
        assert_eq!(delete(&mut volume, r"\dir\deeper\plain.txt"), Err(Error::CannotDelete));
        volume.shut_down().expect("clean");
        check(&ram.bytes());
    }
}

#[test]
fn volumes_of_every_size_are_sound() {
    for sectors in [64, 2880, 8400, 8401, 32_680, 32_681, 66_000, 262_144, 300_000, 1_100_000] {
        let mut ram = Ram::new(vec![0; sectors * 512]);
        let wanted = Format { label: Format::label("A B"), serial: 7, now: NOW, ..Format::default() };
        fat::format(&mut ram, &wanted).unwrap_or_else(|error| panic!("{sectors}: {error:?}"));
        let mut volume = ram.mount();
        assert_eq!(text(&volume.label().expect("a label")), "A B");
        folder(&mut volume, r"\Some folder").expect("a folder");
        write(&mut volume, r"\Some folder\x", &some(10_000)).expect("a file");
        volume.shut_down().expect("clean");
        check(&ram.bytes());
    }
    let mut tiny = Ram::new(vec![0; 20 * 512]);
    assert!(matches!(fat::format(&mut tiny, &Format::default()), Err(Error::NotFat(_))));
    let wanted = Format { kind: Some(Kind::Fat32), ..Format::default() };
    let mut small = Ram::new(vec![0; 5000 * 512]);
    assert!(matches!(fat::format(&mut small, &wanted), Err(Error::NotFat(_))));
}

#[test]
fn a_volume_in_use_says_so_until_it_is_shut_down() {
    for kind in KINDS {
        let ram = Ram::of(kind);
        let mut volume = ram.mount();
        write(&mut volume, r"\x", b"1").expect("a file");
        let image = Image::new(&ram.bytes());
        let said = image.run("fsck.fat -n {}");
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(said.contains("Dirty bit is set"), "{kind:?}: {said}");
        assert!(ram.mount().was_dirty());
        volume.shut_down().expect("clean");
        check(&ram.bytes());
        assert!(!ram.mount().was_dirty());
        // One that was left in use stays marked: somebody has to look at it.
        let left = Ram::new(image.bytes());
        let mut volume = left.mount();
        write(&mut volume, r"\y", b"2").expect("a file");
        volume.shut_down().expect("clean");
        assert!(left.mount().was_dirty());
    }
}

#[test]
fn nothing_is_written_to_what_cannot_be() {
    let ram = Ram::of(Kind::Fat16);
    write(&mut ram.mount(), r"\x", b"1").expect("a file");
    ram.with(|state| state.is_read_only = true);
    let mut volume = ram.mount();
    assert_eq!(read(&mut volume, r"\x"), Ok(b"1".to_vec()));
    assert_eq!(write(&mut volume, r"\x", b"2"), Err(Error::WriteProtected));
    assert_eq!(write(&mut volume, r"\y", b"2"), Err(Error::WriteProtected));
    assert_eq!(folder(&mut volume, r"\f"), Err(Error::WriteProtected));
    assert_eq!(delete(&mut volume, r"\x"), Err(Error::WriteProtected));
    assert_eq!(rename(&mut volume, r"\x", r"\z", true), Err(Error::WriteProtected));
    volume.shut_down().expect("nothing to do");
    assert_eq!(tree(&mut Volume::mount(Box::new(ram)).expect("a volume"), "", 3).expect("a tree").len(), 1);
}
