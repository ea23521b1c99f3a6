//! The guest's image, unmodified, under QEMU's `microvm`: a proof that it is not tuned to its own
//! monitor, and the way to exact instruction counts. With `-icount shift=0` QEMU's time stamp counter
//! goes up by one an instruction, so the guest's own stamps, read out of a file that backs its RAM,
//! count its work; QEMU's log says which ring did it.

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
    let run = Qemu::new(Accelerator::TcgIcount).run();
    println!("{}", budget::steps(&run));
    let first = budget::count(&run);
    println!("{}", budget::table(&first));
    let second = budget::count(&Qemu::new(Accelerator::TcgIcount).run());
    assert_eq!(first, second, "two boots counted differently");
    // The log has what the counter counted, and what came after the last event.
    let last = run.events.iter().map(|event| event.tsc).max().expect("events") as usize;
    assert!((last..last + 20_000).contains(&run.ring0.len()), "{last} of {}", run.ring0.len());
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
