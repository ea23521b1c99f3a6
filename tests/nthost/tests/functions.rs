//! Functions of ntdll that need no kernel: the C library, strings, numbers, times.

mod common;

use common::run;

#[test]
fn programs_that_count_their_checks() {
    for program in ["crt", "rtltext", "unwinding"] {
        let run = run(&[], &format!("{program}.exe"));
        assert_eq!(run.status, 0, "{}", run.output);
        assert!(run.output.ends_with(" checks, 0 failed\n"), "{}", run.output);
    }
}
