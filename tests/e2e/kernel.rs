//! What the kernel promises to ring 3, asked from there by the probe.

use smvm_tests::{Boot, PROBE_PATH};

#[test]
fn first_process_gets_its_peb_and_command_line() {
    let boot = Boot::probe("environment", &[]);
    boot.assert_passes(1);
    assert!(boot.console().contains(&format!("{PROBE_PATH} environment ready\r\n")), "{}", boot.console());
}

#[test]
fn hostile_pointers_are_refused() {
    Boot::probe("pointers", &[]).assert_passes(22);
}

#[test]
fn unknown_services_are_refused_and_registers_preserved() {
    Boot::probe("services", &[]).assert_passes(7);
}

#[test]
fn legacy_gate_is_a_system_call() {
    Boot::probe("int2e", &[]).assert_passes(2);
}

#[test]
fn stack_grows() {
    Boot::probe("stack", &[]).assert_passes(1);
}

#[test]
fn threads_run_wait_and_are_preempted() {
    Boot::probe("threads,preempt,delay", &[]).assert_passes(3);
}

#[test]
fn system_process_outlives_its_threads() {
    Boot::probe("system-process", &[]).assert_passes(1);
}

#[test]
fn fp_and_sse_state_survives_switches() {
    Boot::probe("fp", &[]).assert_passes(2);
}

#[test]
fn system_calls_are_traced_by_name() {
    let boot = Boot::probe("", &["--trace", "syscalls"]);
    assert_eq!(boot.code, 0, "{boot:#?}");
    assert_eq!(boot.events("Sys.NtTraceEvent").count(), 1);
    assert_eq!(boot.events("Sys.NtShutdownSystem").count(), 1);
}

#[test]
fn little_memory_and_much_memory_boot() {
    for memory in ["16M", "3G", "5G"] {
        let boot = Boot::probe("stack,fp", &["--memory", memory, "--deadline", "60s"]);
        boot.assert_passes(3);
    }
}
