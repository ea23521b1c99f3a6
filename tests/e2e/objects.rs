//! The object manager's services, asked from ring 3 by the probe.

use smvm_tests::Boot;

#[test]
fn directories_have_temporary_and_permanent_names() {
    Boot::probe("directories", &[]).assert_passes(15);
}

#[test]
fn links_lead_to_links_and_not_in_circles() {
    Boot::probe("links", &[]).assert_passes(11);
}

#[test]
fn handles_grant_what_they_were_given() {
    Boot::probe("handles", &[]).assert_passes(18);
}
