//! LPC ports as programs find them, asked by the probe.

use smvm_tests::Boot;

#[test]
fn clients_connect_ask_and_are_answered() {
    Boot::probe("port-talk", &[]).assert_passes(19);
}

#[test]
fn what_is_wrong_is_refused_and_nothing_is_lost() {
    Boot::probe("port-errors", &[]).assert_passes(36);
}

#[test]
fn a_waitable_port_is_signalled_while_a_message_is_there() {
    Boot::probe("port-waitable", &[]).assert_passes(8);
}

#[test]
fn nobody_waits_for_a_side_that_has_gone() {
    Boot::probe("port-death", &[]).assert_passes(15);
}

#[test]
fn processes_talk_share_memory_and_know_each_other() {
    Boot::probe("port-process", &[]).assert_passes(2);
    Boot::probe("port-views", &[]).assert_passes(17);
    Boot::probe("port-identity", &[]).assert_passes(14);
}
