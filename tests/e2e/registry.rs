//! The registry, asked from ring 3 by the probe.

use smvm_tests::Boot;

#[test]
fn keys_values_and_links_are_what_nt_makes_of_them() {
    Boot::probe("registry", &[]).assert_passes(450);
}

#[test]
fn names_follow_what_changes_on_their_way_and_a_key_tells_what_is_below() {
    Boot::probe("registry-ways", &[]).assert_passes(109);
}

#[test]
fn hostile_calls_are_refused() {
    Boot::probe("registry-hostile", &[]).assert_passes(215);
}
