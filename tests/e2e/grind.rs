//! Random system calls from ring 3: the kernel stands, nobody becomes immortal, nothing leaks.
//!
//! 100 000 calls in all; `SMVM_EFFORT=50` makes it five million (`docs/testing.md`). A run that fails is run again with
//! `smvm run --file '\SystemRoot\System32\grind.exe=…' --cmdline 'smvm.init=\SystemRoot\System32\grind.exe,SEED,CALLS'`,
//! and `--trace syscalls --events FILE` shows the calls before the end.

use smvm_tests::Boot;

/// Calls of each of the three runs.
const CALLS: u32 = 33_334;
/// Seconds that a thousand calls may take on a slow host.
const SECONDS_PER_THOUSAND: u32 = 10;

fn grind(seed: u64) {
    let calls = effort::times(CALLS);
    let deadline = format!("{}s", 60 + calls / 1000 * SECONDS_PER_THOUSAND);
    let boot = Boot::grind(seed, calls, &["--deadline", &deadline]);
    let passed = boot.console().lines().any(|line| line.contains(&format!("PASS grind seed {seed} ")));
    assert!(passed && boot.code == 0, "seed {seed}, {calls} calls: {boot:#?}");
}

#[test]
fn kernel_stands_random_calls_of_seed_1() {
    grind(1);
}

#[test]
fn kernel_stands_random_calls_of_seed_2() {
    grind(2);
}

#[test]
fn kernel_stands_random_calls_of_seed_3() {
    grind(3);
}
