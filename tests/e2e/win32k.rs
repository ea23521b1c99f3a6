//! win32k.sys as the probe sees it, and as the session's space shows it.

use smvm_tests::Boot;

#[test]
fn sessions_have_a_win32k_each_and_go_with_their_last_process() {
    Boot::probe("sessions", &[]).assert_passes(28);
}

#[test]
fn window_stations_have_desktops_and_names_go_with_handles() {
    Boot::probe("stations", &[]).assert_passes(54);
}

#[test]
fn every_thread_that_calls_win32k_becomes_a_gui_thread() {
    Boot::probe("gui-threads", &[]).assert_passes(5);
}

#[test]
fn win32k_believes_no_pointer_and_no_ordinary_user() {
    Boot::probe("gui-hostile", &[]).assert_passes(75);
}

/// A stranger's program begins in no session, so it can only be told that there is no such service.
#[test]
fn programs_outside_of_a_session_cannot_call_win32k() {
    let boot = Boot::probe("services", &[]);
    assert_eq!(boot.code, 0, "{boot:#?}");
    assert!(!boot.console().contains("FAIL"), "{}", boot.console());
}
