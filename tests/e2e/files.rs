//! Files, folders, volumes and devices as programs find them, asked by the probe.

use smvm_tests::Boot;

#[test]
fn a_file_has_several_names_and_opens_as_its_opener_says() {
    Boot::probe("file-create", &[]).assert_passes(49);
}

#[test]
fn who_shares_a_file_and_who_does_not() {
    Boot::probe("file-share", &[]).assert_passes(8);
}

#[test]
fn reading_has_offsets_ends_and_positions() {
    Boot::probe("file-read", &[]).assert_passes(31);
}

#[test]
fn every_class_of_information_is_told_or_refused() {
    Boot::probe("file-classes", &[]).assert_passes(56);
}

#[test]
fn volumes_and_devices_answer() {
    Boot::probe("file-devices", &[]).assert_passes(21);
}

#[test]
fn folders_are_listed_by_pattern_and_class() {
    Boot::probe("file-lists", &[]).assert_passes(54);
}

#[test]
fn files_of_a_boot_are_on_its_drive() {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), "a file of another folder\n").expect("room for a file");
    let place = format!(r"C:\Extra\Folder\x.txt={}", file.path().display());
    let boot = Boot::probe("file-lists", &["--file", &place]);
    boot.assert_passes(54);
}

#[test]
fn drivers_are_loaded_and_unloaded_by_their_keys() {
    Boot::probe("io-drivers", &[]).assert_passes(17);
}

#[test]
fn requests_are_answered_later_cancelled_and_taken_back() {
    Boot::probe("io-asynchronous", &[]).assert_passes(28);
    Boot::probe("io-synchronous", &[]).assert_passes(17);
}
