//! Security, asked from ring 3 by the probe: the system and an ordinary user differ.

use smvm_tests::Boot;

#[test]
fn tokens_are_made_copied_told_and_changed_as_nt_does_it() {
    Boot::probe("tokens", &[]).assert_passes(109);
}

/// Among them opens of protected objects that a user is denied, and those that a DACL lets through.
#[test]
fn a_user_gets_what_descriptors_allow_and_no_more() {
    let boot = Boot::probe("access", &[]);
    boot.assert_passes(313);
    for check in ["user-write", "user-read", "root-write", "default-denied", "user-opens-system"] {
        assert!(boot.console().contains(&format!("PASS {check}\r\n")), "{check}: {}", boot.console());
    }
}

#[test]
fn a_process_with_a_users_token_acts_as_that_user() {
    let boot = Boot::probe("become-user", &[]);
    boot.assert_passes(11);
    assert!(boot.console().contains("PASS user-may-not\r\n"), "{}", boot.console());
}

/// C88: a hard error that is to shut the system down takes SeShutdownPrivilege.
#[test]
fn privileges_are_asked_for() {
    let boot = Boot::probe("privileges", &[]);
    boot.assert_passes(26);
    assert!(boot.console().contains("PASS hard-error\r\n"), "{}", boot.console());
}

#[test]
fn hostile_calls_of_security_services_are_refused() {
    Boot::probe("security-hostile", &[]).assert_passes(386);
}
