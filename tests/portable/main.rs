//! The guest's image, unmodified, under QEMU's `microvm`: a proof that it is not tuned to its own
//! monitor, and the way to exact instruction counts. With `-icount shift=0` QEMU's time stamp counter
//! goes up by one an instruction, so the guest's own stamps, read out of a file that backs its RAM,
//! count its work.

mod budget;
mod emulated_host;
mod qemu;

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
    let count = || budget::count(&Qemu::new(Accelerator::TcgIcount).run());
    let first = count();
    println!("{}", budget::table(&first));
    assert_eq!(first, count(), "two boots counted differently");
    let over = budget::over(&first);
    assert!(over.is_empty(), "above the budget in tests/portable/budget.toml:\n{}", over.join("\n"));
}

#[test]
fn a_dearer_phase_is_noticed() {
    let mut counts = budget::count(&Qemu::new(Accelerator::TcgIcount).run());
    for (_, count) in &mut counts {
        *count *= 2;
    }
    assert_eq!(budget::over(&counts).len(), counts.len());
}
