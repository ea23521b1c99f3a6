//! Volumes that are damaged, by chance and on purpose: errors, and an end.

mod common;

use common::{NOW, Ram, delete, folder, read, rename, tree, wide, write};
use fat::{Error, Kind, Volume, attribute};
use proptest::prelude::*;

fn sample(kind: Kind) -> Ram {
    let ram = Ram::of(kind);
    let mut volume = ram.mount();
    folder(&mut volume, r"\dir").expect("a folder");
    folder(&mut volume, r"\dir\inner folder").expect("a folder");
    write(&mut volume, r"\dir\inner folder\a long name.text", &[7; 3000]).expect("a file");
    write(&mut volume, r"\dir\B.TXT", &[8; 700]).expect("a file");
    write(&mut volume, r"\c", &[9; 70_000]).expect("a file");
    volume.shut_down().expect("clean");
    ram
}

/// Everything that can be done to a volume, whatever becomes of it.
fn use_up(volume: &mut Volume) {
    let _ = tree(volume, "", 6);
    let _ = volume.label();
    let _ = volume.space();
    let _ = read(volume, r"\c");
    let _ = write(volume, r"\dir\new file", &[1; 5000]);
    let _ = write(volume, r"\c", &[2; 100]);
    let _ = folder(volume, r"\dir\inner folder\deeper");
    let _ = rename(volume, r"\dir\B.TXT", r"\b", true);
    let _ = rename(volume, r"\dir\inner folder", r"\inner", true);
    let _ = delete(volume, r"\dir\inner folder\a long name.text");
    let _ = delete(volume, r"\c");
    let _ = tree(volume, "", 6);
    let _ = volume.shut_down();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(150)))]

    #[test]
    fn damage_is_an_error_or_nothing(
        kind in 0..3_usize, hits in proptest::collection::vec((0..4_usize, any::<u32>(), any::<u8>()), 1..12)
    ) {
        let ram = sample([Kind::Fat12, Kind::Fat16, Kind::Fat32][kind]);
        let (table, root, data) = {
            let bytes = ram.bytes();
            let word = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
            let table = if word(22) == 0 { word(36) } else { word(22) };
            let root = word(14) + 2 * table;
            (word(14), root, root + word(17) / 16)
        };
        ram.with(|state| for (area, place, value) in &hits {
            let place = *place as usize;
            let at = match area {
                0 => place % 512,
                1 => table * 512 + place % 400,
                2 => root * 512 + place % 512,
                _ => data * 512 + place % 4096,
            };
            state.bytes[at] = *value;
        });
        if let Ok(mut volume) = Volume::mount(Box::new(ram)) {
            use_up(&mut volume);
        }
    }

    #[test]
    fn any_boot_sector_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 480)) {
        let mut image = vec![0; 64 * 512];
        image[..480].copy_from_slice(&bytes);
        (image[0], image[510], image[511]) = (0xEB, 0x55, 0xAA);
        image[11..14].copy_from_slice(&[0, 2, 1]);
        if let Ok(mut volume) = Volume::mount(Box::new(Ram::new(image))) {
            use_up(&mut volume);
        }
    }

    #[test]
    fn disks_that_fail_are_told_of(after in 0..120_usize) {
        let ram = sample(Kind::Fat16);
        ram.with(|state| state.fails_after = Some(after));
        use_up(&mut ram.mount());
        ram.with(|state| state.fails_after = None);
        tree(&mut ram.mount(), "", 8).expect("a volume that can be read");
    }
}

/// Sets an entry of FAT16's tables.
fn set(ram: &Ram, cluster: usize, value: u16) {
    ram.with(|state| {
        let at = 512 + 2 * cluster;
        state.bytes[at..at + 2].copy_from_slice(&value.to_le_bytes());
    });
}

#[test]
fn chains_that_lead_astray_are_errors() {
    let ram = sample(Kind::Fat16);
    let first = ram.mount().find(&wide(r"\c")).expect("a file").first as usize;
    for (value, what) in [(first as u16, "itself"), (0, "nowhere"), (1, "nowhere"), (0xFFF0, "nowhere")] {
        set(&ram, first + 3, value);
        assert!(matches!(read(&mut ram.mount(), r"\c"), Err(Error::Corrupt(_))), "{what}");
    }
    // Too short for the size.
    set(&ram, first + 3, 0xFFFF);
    assert!(matches!(read(&mut ram.mount(), r"\c"), Err(Error::Corrupt(_))));
    // A folder without an end.
    let dir = ram.mount().find(&wide(r"\dir")).expect("a folder").first as usize;
    set(&ram, dir, dir as u16);
    let mut volume = ram.mount();
    for n in 0..100 {
        if write(&mut volume, &format!(r"\dir\file with number {n}"), b"").is_err() {
            break;
        }
    }
    let _ = tree(&mut volume, "", 6);
}

#[test]
fn folders_within_themselves_are_errors() {
    let ram = sample(Kind::Fat16);
    let dir = ram.mount().find(&wide(r"\dir")).expect("a folder").first;
    let inner = ram.mount().find(&wide(r"\dir\inner folder")).expect("a folder").first;
    // The inner folder's entry leads to the outer one.
    ram.with(|state| {
        let place = state
            .bytes
            .windows(2)
            .enumerate()
            .position(|(at, pair)| at % 32 == 26 && at > 16_384 && pair == (inner as u16).to_le_bytes());
        let place = place.expect("an entry");
        state.bytes[place..place + 2].copy_from_slice(&(dir as u16).to_le_bytes());
    });
    let mut volume = ram.mount();
    let deep = r"\dir\inner folder\inner folder\x";
    assert!(matches!(volume.find(&wide(deep)), Err(Error::Corrupt(_))));
    assert!(volume.create(&wide(deep), attribute::FOLDER, NOW).is_err());
}
