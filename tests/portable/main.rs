//! The guest's image, unmodified, under QEMU's `microvm`: a proof that it is not tuned to its own
//! monitor, and the way to exact instruction counts. With `-icount shift=0` QEMU's time stamp counter
//! goes up by one an instruction, so the guest's own stamps, read out of a file that backs its RAM,
//! count its work; QEMU's log says which ring did it.

mod budget;
mod devices;
mod emulated_host;
mod qemu;
mod services;

use qemu::{Accelerator, Qemu};

#[test]
fn boots_under_emulation() {
    let run = Qemu::new(Accelerator::Tcg).run();
    assert_booted(&run);
}

#[test]
fn boots_under_kvm() {
    let run = Qemu::new(Accelerator::Kvm).run();
    assert_booted(&run);
}

fn assert_booted(run: &qemu::Run) {
    assert!(run.status.success(), "{}\n{run:#?}", run.stderr);
    assert_eq!(run.console, smvm_tests::DEFAULT_CONSOLE, "{run:#?}");
    assert_eq!(run.lost, 0);
    for name in ["Ke.Entry", "Ke.Phase0", "Ps.ProcessCreate", "Smss.SessionReady", "Po.Shutdown"] {
        assert!(run.events.iter().any(|event| event.name == name), "no {name} in {:#?}", run.events);
    }
}

#[test]
fn instruction_counts_are_exact_and_within_the_budget() {
    let run = Qemu::new(Accelerator::TcgIcount).run();
    println!("{}", budget::steps(&run));
    let first = budget::count(&run);
    println!("{}", budget::table(&first));
    let second = budget::count(&Qemu::new(Accelerator::TcgIcount).run());
    assert_eq!(first, second, "two boots counted differently");
    // The log has what the counter counted, and what came after the last event.
    let last = run.events.iter().map(|event| event.tsc).max().expect("events") as usize;
    assert!((last..last + 20_000).contains(&run.executed.len()), "{last} of {}", run.executed.len());
    let over = budget::over(&first);
    assert!(over.is_empty(), "above the budget in tests/portable/budget.toml:\n{}", over.join("\n"));
}

#[test]
fn a_dearer_phase_is_noticed() {
    let mut counts = budget::count(&Qemu::new(Accelerator::TcgIcount).run());
    for (_, count) in &mut counts {
        count.kernel *= 2;
    }
    assert_eq!(budget::over(&counts).len(), counts.len());
    for (_, count) in &mut counts {
        (count.kernel, count.ring0) = (0, 2 * count.ring0 + 1);
    }
    assert_eq!(budget::over(&counts).len(), counts.len());
}

/// `UPDATE=1` writes the table anew; docs/services.md shows it (`UPDATE=1 cargo test -p nt --test docs`).
#[test]
fn services_take_the_instructions_that_their_table_says() {
    let counts = services::count();
    if std::env::var_os("UPDATE").is_some() {
        services::write(&counts);
        return;
    }
    println!("{}", services::table(&counts));
    let missing = services::not_counted(&counts);
    assert!(missing.is_empty(), "measure.exe does not call {missing:?}");
    let other = services::not_as_told(&counts);
    assert!(other.is_empty(), "tests/portable/services.toml:\n{}", other.join("\n"));
    let dearer = counts.iter().map(|(name, count)| (name.clone(), count * 4)).collect();
    assert_eq!(services::not_as_told(&dearer).len(), counts.len());
    let cheaper = counts.iter().map(|(name, count)| (name.clone(), count / 2)).collect();
    assert!(services::not_as_told(&cheaper).len() > counts.len() * 9 / 10);
}

/// QEMU's own virtio-blk, by interrupts: the probe reads and writes sectors as it does under smvm.
#[test]
fn drives_of_qemu_are_driven() {
    const SIZE: u64 = 4 << 20;
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let contents: Vec<u8> = (0..SIZE / 8).flat_map(u64::to_le_bytes).collect();
    std::fs::write(path("disk.img"), &contents).expect("room for an image");
    std::fs::write(path("probe.exe"), smvm_tests::PROBE).expect("room for the probe");
    let file = format!("{}={}", smvm_tests::PROBE_PATH, path("probe.exe"));
    let drive = format!("if=none,id=d,format=raw,file={}", path("disk.img"));
    let arguments = [
        "-global",
        "virtio-mmio.force-legacy=false",
        "-drive",
        &drive,
        "-device",
        "virtio-blk-device,drive=d",
    ];
    let words = format!("smvm.init={},drive-read,drive-asynchronous,drive-write", smvm_tests::PROBE_PATH);
    let run = Qemu::new(Accelerator::Tcg).run_with(&["--file", &file], &arguments, &words);
    assert!(!run.console.contains("FAIL") && run.console.matches("PASS ").count() == 20 + 2 + 8, "{run:#?}");
    let after = std::fs::read(path("disk.img")).expect("the image is there");
    let (start, len) = (1000 * 512, 300 << 10);
    let inverted: Vec<u8> = contents[start..start + len].iter().map(|byte| !byte).collect();
    assert!(after[start..start + len] == inverted[..], "what was written is not in the image");
    assert!(after[start + len..] == contents[start + len..], "other bytes have changed");
}
