//! LPC ports as programs find them, asked by the probe.

use smvm_tests::Boot;

#[test]
fn clients_connect_ask_and_are_answered() {
    Boot::probe("port-talk", &[]).assert_passes(16);
}
