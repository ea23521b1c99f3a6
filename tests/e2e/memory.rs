//! The memory manager, asked by the probe.

use smvm_tests::Boot;

#[test]
fn private_memory_lives_and_leaves_nothing_behind() {
    Boot::probe("memory", &[]).assert_passes(PRIVATE);
}

#[test]
fn guard_pages_are_hit_once_and_stacks_grow() {
    Boot::probe("guard", &[]).assert_passes(12);
}

#[test]
fn an_unhandled_guard_page_ends_the_process() {
    let boot = Boot::probe("guard-hit", &[]);
    assert_eq!(boot.code, 5, "{boot:#?}");
    assert_eq!(boot.json["outcome"]["record"]["status_name"], "GUARD_PAGE_VIOLATION");
}

#[test]
fn sections_share_copy_and_leave_nothing_behind() {
    Boot::probe("sections", &[]).assert_passes(SECTIONS);
}

#[test]
fn processes_are_worked_on_from_outside_and_leave_nothing_behind() {
    Boot::probe("process-memory", &[]).assert_passes(311);
}

#[test]
fn threads_come_and_go_and_leave_nothing_behind() {
    Boot::probe("many-threads", &["--deadline", "60s"]).assert_passes(6);
}

#[test]
fn bad_arguments_are_refused() {
    Boot::probe("hostile-memory", &[]).assert_passes(HOSTILE);
}

#[test]
fn memory_works_with_little_of_it() {
    Boot::probe("memory", &["--memory", "16M"]).assert_passes(PRIVATE);
    Boot::probe("many-threads", &["--memory", "16M", "--deadline", "60s"]).assert_passes(6);
}

/// How often the words `memory`, `sections` and `hostile-memory` say `PASS`.
const PRIVATE: usize = 107;
const SECTIONS: usize = 115;
const HOSTILE: usize = 151;
