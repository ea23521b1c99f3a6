//! `--save-hives`, with a small guest that leaves hives as the kernel does.
#![expect(clippy::unwrap_used, reason = "a test that fails there has failed")]

mod common;

use std::path::Path;

use common::{BASE, Code, Run, elf64_with_notes, file, folder, note, run_args};
use nt::hives::{HIVE_PAGE, HiveEntry, HiveTable};
use nt::kd::{DEBUGGER_DATA_MAGIC, DebuggerData, KD_VERSION, KernelNote, NOTE_OWNER, NOTE_TYPE};
use regf::{FileTime, Hive, HiveMut, RegType};
use zerocopy::{FromZeros, IntoBytes};

/// Where the structures are, from the start of the guest.
const DATA: usize = 0x200;
const TABLE: usize = 0x240;
const LISTS: usize = 0x400;
const HIVES: usize = HIVE_PAGE as usize;

fn hive(name: &str, number: u32) -> Vec<u8> {
    let mut hive = HiveMut::create(name, FileTime(0)).unwrap();
    hive.set_value(hive.root(), "n", RegType::DWORD, &number.to_le_bytes()).unwrap();
    hive.into_image()
}

/// A guest with hives behind its code, whose pages lie there in reverse order.
fn guest(code: Code, hives: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let address = |offset: usize| u64::from(BASE) + offset as u64;
    let mut bytes = code.0;
    assert!(bytes.len() <= DATA);
    bytes.resize(HIVES, 0);
    let mut data = DebuggerData::new_zeroed();
    (data.magic, data.version) = (DEBUGGER_DATA_MAGIC, KD_VERSION);
    (data.size, data.hives) = (size_of::<DebuggerData>() as u32, address(TABLE));
    bytes[DATA..][..size_of::<DebuggerData>()].copy_from_slice(data.as_bytes());
    let mut table = HiveTable::new(hives.len() as u32).as_bytes().to_vec();
    let mut list = LISTS;
    for (name, hive) in hives {
        let count = hive.len() / HIVES;
        let entry = HiveEntry::new(name, count as u32, address(list)).unwrap();
        table.extend(entry.as_bytes());
        for page in (0..count).rev() {
            let place = address(bytes.len());
            bytes[list + page * 8..][..8].copy_from_slice(&place.to_le_bytes());
            bytes.extend(&hive[page * HIVES..][..HIVES]);
        }
        list += count * 8;
    }
    bytes[TABLE..][..table.len()].copy_from_slice(&table);
    let kernel_note = KernelNote { version: KD_VERSION, reserved: 0, debugger_data: address(DATA) };
    let ours = note(&[NOTE_OWNER, b"\0"].concat(), NOTE_TYPE, kernel_note.as_bytes());
    elf64_with_notes(&bytes, BASE.into(), BASE, bytes.len() as u64, &ours)
}

fn run(elf: &[u8], folder: &Path) -> Run {
    let kernel = file(elf);
    let (kernel, folder) = (kernel.path().to_str().unwrap(), folder.to_str().unwrap());
    run_args(&["run", "--json", "--kernel", kernel, "--save-hives", folder, "--deadline", "10s"])
}

fn number(path: &Path) -> Option<u32> {
    let bytes = std::fs::read(path).unwrap();
    Hive::clean(&bytes).unwrap().root().unwrap().value("n").unwrap()?.data().unwrap().dword()
}

#[test]
fn hives_are_written_at_power_off() {
    let folder = folder();
    let target = folder.path().join("a/b");
    let hives = [("SYSTEM", hive("SYSTEM", 1)), ("SOFTWARE", hive("SOFTWARE", 2))];
    let run1 = run(&guest(Code::new().power_off().halt(), &hives), &target);
    assert_eq!(run1.code, 0, "{run1:?}");
    assert_eq!(std::fs::read(target.join("SYSTEM")).unwrap(), hives[0].1);
    assert_eq!(number(&target.join("SOFTWARE")), Some(2));
    let json = run1.json();
    assert_eq!(json["hives"][0]["name"], "SYSTEM");
    assert_eq!(json["hives"][0]["bytes"], hives[0].1.len());
    assert_eq!(json["complaints"].as_array().unwrap().len(), 0);
    // A second run replaces them; after a reset they are as good.
    let run2 = run(&guest(Code::new().reset().halt(), &[("SYSTEM", hive("SYSTEM", 3))]), &target);
    assert_eq!(run2.code, 8, "{run2:?}");
    assert_eq!(number(&target.join("SYSTEM")), Some(3));
}

#[test]
fn a_guest_that_leaves_no_good_hives_has_not_done_what_was_asked() {
    let folder = folder();
    let target = folder.path();
    let none = run(&Code::new().power_off().halt().elf64(), target);
    assert_eq!(none.code, 1, "{none:?}");
    assert!(none.stderr.contains("left no table of its hives"), "{}", none.stderr);
    assert!(none.json()["complaints"][0].as_str().unwrap().contains("no table"), "{}", none.stdout);
    assert_eq!(none.json()["exit_code"], 1);

    let mut damaged = hive("SYSTEM", 1);
    damaged[0x1000] ^= 1;
    let run1 = run(&guest(Code::new().power_off().halt(), &[("SYSTEM", damaged.clone())]), target);
    assert_eq!(run1.code, 1, "{run1:?}");
    // It is there to be looked at.
    assert_eq!(std::fs::read(target.join("SYSTEM")).unwrap(), damaged);

    // In the middle of its work, a guest's hives are not what they shall be.
    let run2 = run(&guest(Code::new().out8(0x505, 1).halt(), &[("SOFTWARE", hive("S", 1))]), target);
    assert_eq!(run2.code, 5, "{run2:?}");
    assert!(run2.stderr.contains("has not shut down") && !target.join("SOFTWARE").exists());
}

#[test]
fn folders_that_cannot_be_are_told_before_the_run() {
    let folder = folder();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let elf = guest(Code::new().power_off().halt(), &[]);
    let run = run(&elf, &folder.path().join("file/x"));
    assert_eq!(run.code, 2, "{run:?}");
    let bench = run_args(&["bench", "--save-hives", "x"]);
    assert_eq!(bench.code, 2, "{bench:?}");
}
