//! What the kernel proper promises: objects to wait for, waits, time, APCs, exceptions, contexts.

use smvm_tests::Boot;

#[test]
fn events_have_two_kinds_and_names() {
    Boot::probe("events-states", &[]).assert_passes(23);
}

#[test]
fn waiters_are_woken_in_order_one_or_all() {
    Boot::probe("events-wake", &[]).assert_passes(12);
}

#[test]
fn semaphores_keep_to_their_limit() {
    Boot::probe("semaphores", &[]).assert_passes(18);
}

#[test]
fn mutants_have_owners_who_may_abandon_them() {
    Boot::probe("mutants", &[]).assert_passes(25);
}

#[test]
fn timers_are_due_once_or_again_and_again() {
    Boot::probe("timers", &[]).assert_passes(24);
}

#[test]
fn timers_bring_apcs() {
    Boot::probe("timer-apcs", &[]).assert_passes(7);
}

#[test]
fn waits_for_all_take_all_or_nothing() {
    Boot::probe("wait-all", &[]).assert_passes(18);
}

#[test]
fn waits_for_any_tell_which() {
    Boot::probe("wait-any", &[]).assert_passes(11);
}

#[test]
fn waits_that_make_no_sense_are_refused() {
    Boot::probe("wait-refused", &[]).assert_passes(6);
}

#[test]
fn time_outs_are_relative_or_absolute() {
    Boot::probe("time-outs", &[]).assert_passes(10);
}

#[test]
fn signalling_and_waiting_is_one_step() {
    Boot::probe("signal-and-wait", &[]).assert_passes(12);
}

#[test]
fn more_important_threads_run_first() {
    Boot::probe("priorities", &[]).assert_passes(11);
}

#[test]
fn clocks_agree_and_can_be_set() {
    Boot::probe("clocks", &[]).assert_passes(19);
}

#[test]
fn the_clock_is_the_hosts() {
    let boot = Boot::probe("time-is", &[]);
    assert_eq!(boot.code, 0, "{boot:#?}");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    let guest: u64 = boot.console().trim().parse().expect("seconds since 1970");
    assert!(now.as_secs().abs_diff(guest) <= 60, "{} and {guest}", now.as_secs());
}

#[test]
fn apcs_and_alerts_come_in_order_and_only_when_the_thread_lets_them() {
    Boot::probe("apcs", &[]).assert_passes(33);
}

#[test]
fn exceptions_go_to_the_dispatcher_and_their_threads_go_on() {
    let boot = Boot::probe("exceptions", &[]);
    boot.assert_passes(56);
    let printed: String =
        boot.events("Kd.DebugPrint").filter_map(|event| event["args"]["text"].as_str()).collect();
    assert_eq!(
        printed,
        "a debug text of more bytes than one of the events can hold, which are a hundred and twenty-eight, so that \
         it comes in pieces, and all of it\n"
    );
}

#[test]
fn exceptions_that_nobody_handles_end_the_process_with_their_status() {
    for (word, status) in [
        ("second-chance", 0xE065_4321_u64),
        ("broken-stack", 0xC000_001D),
        ("continue-nowhere", 0xC000_0005),
        ("continue-kernel", 0xC000_0005),
    ] {
        let boot = Boot::probe(word, &[]);
        assert_eq!(boot.code, 5, "{word}: {boot:#?}");
        assert_eq!(boot.json["outcome"]["record"]["params"][0], status, "{word}");
        assert_eq!(boot.events("Ps.UnhandledException").count(), 1, "{word}");
    }
}

#[test]
fn contexts_are_read_and_set_in_user_mode_and_in_services() {
    Boot::probe("contexts", &[]).assert_passes(29);
}

#[test]
fn suspended_threads_do_nothing() {
    Boot::probe("suspension", &[]).assert_passes(23);
}

#[test]
fn hostile_arguments_are_refused() {
    Boot::probe("hostile-ke", &[]).assert_passes(185);
}
