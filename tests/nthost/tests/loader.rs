//! The loader, heaps, critical sections: programs built by a compiler that knows nothing of this project.

mod common;

use common::{Run, folder, run};

const CHAIN: &str = "\
inner: process begins, at its start
middle: process begins, at its start
load chain.exe \\SystemRoot\\System32\\chain.exe
load ntdll.dll C:\\Windows\\System32\\ntdll.dll
load middle.dll C:\\Windows\\System32\\middle.dll
load inner.dll C:\\Windows\\System32\\inner.dll
memory chain.exe \\SystemRoot\\System32\\chain.exe
memory ntdll.dll C:\\Windows\\System32\\ntdll.dll
memory middle.dll C:\\Windows\\System32\\middle.dll
memory inner.dll C:\\Windows\\System32\\inner.dll
init ntdll.dll C:\\Windows\\System32\\ntdll.dll
init inner.dll C:\\Windows\\System32\\inner.dll
init middle.dll C:\\Windows\\System32\\middle.dll
chain: done
";

/// The base that an image was linked for, as an option to take it away.
fn taken(image: &str) -> String {
    let file = std::fs::read(folder().join(image)).expect("an image");
    format!("{:#x}", pe::Image::parse(&file).expect("an image").image_base())
}

#[test]
fn a_program_that_needs_ntdll_only_begins_after_two_calls() {
    let Run { output, trace, status, .. } = run(&["--trace"], "hello.exe");
    assert_eq!((output.as_str(), status), ("hello\n", 0));
    let calls: Vec<&str> = trace.iter().filter_map(|line| line.split('(').next()).collect();
    assert_eq!(calls, ["NtAllocateVirtualMemory", "NtContinue", "NtDisplayString"]);
}

#[test]
fn dlls_that_dlls_need_are_bound_and_begin_first() {
    let chain = run(&[], "chain.exe");
    assert_eq!((chain.output.as_str(), chain.status), (CHAIN, 0x2A));
}

#[test]
fn known_dlls_are_not_looked_for_as_files() {
    let chain = run(&["--trace", "--known", "inner.dll", "--known", "middle.dll"], "chain.exe");
    assert_eq!((chain.output.as_str(), chain.status), (CHAIN, 0x2A));
    assert!(!chain.trace.iter().any(|line| line.starts_with("NtOpenFile")));
}

#[test]
fn images_are_relocated_when_their_place_is_taken() {
    for image in ["inner.dll", "chain.exe"] {
        let chain = run(&["--taken", &taken(image)], "chain.exe");
        assert_eq!((chain.output.as_str(), chain.status), (CHAIN, 0x2A), "{image}");
    }
}

#[test]
fn dlls_come_and_go_at_run_time() {
    let expected = "\
inner: process begins
middle: process begins
late
storage: callback at process start
storage: process begins
unload
storage: callback
storage: process ends
middle: process ends
inner: process ends
ring
ring_b: process begins
ring_a: process begins
failures
inner: process begins
refuses: no
refuses: process ends
inner: process ends
inner: process begins
inner: process ends
dynamic: done
";
    let dynamic = run(&[], "dynamic.exe");
    assert_eq!((dynamic.output.as_str(), dynamic.status), (expected, 0));
}

#[test]
fn threads_are_told_of_and_have_their_storage() {
    let threads = run(&[], "threads.exe");
    let count = |line: &str| threads.output.lines().filter(|other| *other == line).count();
    assert_eq!(threads.status, 3, "{}", threads.output);
    assert_eq!((count("inner: thread begins"), count("inner: thread ends")), (4, 4));
    assert_eq!((count("storage: thread begins"), count("storage: thread ends")), (6, 6));
    assert!(
        threads
            .output
            .starts_with("inner: process begins, at its start\nstorage: callback at process start\n")
    );
    let end = "threads: done\nstorage: callback\nstorage: process ends, at its end\ninner: process ends, at its end\n";
    assert!(threads.output.ends_with(end), "{}", threads.output);
}

#[test]
fn a_process_that_lacks_something_says_what_and_ends() {
    for (program, line, status) in [
        ("lacks_both.exe", "lacks_both.exe: cannot load absent.dll (C0000135)\n", 0xC000_0135),
        (
            "lacks_name.exe",
            "lacks_name.exe: inner.dll does not export missing_function (C0000139)\n",
            0xC000_0139,
        ),
        (
            "lacks_number.exe",
            "lacks_number.exe: inner.dll does not export number 99 (C0000138)\n",
            0xC000_0138,
        ),
    ] {
        let lacking = run(&[], program);
        assert_eq!((lacking.output.as_str(), lacking.status), (line, status));
    }
    let refused = run(&[], "begins_badly.exe");
    assert!(refused.output.ends_with("refuses: no\nrefuses.dll: initialisation failed (C0000142)\n"));
    assert_eq!(refused.status, 0xC000_0142);
}

#[test]
fn files_are_checked_as_known_dlls_must_be() {
    let mut damaged = std::fs::read(folder().join("middle.dll")).expect("an image");
    *damaged.last_mut().expect("bytes") ^= 1;
    std::fs::write(folder().join("damaged.dll"), damaged).expect("a file");
    let verify = run(&[], "verify.exe");
    let expected =
        "imports inner.dll\nimports ntdll.dll\nimports middle.dll\nimports ntdll.dll\nverify: done\n";
    assert_eq!((verify.output.as_str(), verify.status), (expected, 0));
}

#[test]
fn heaps_take_what_there_is_and_no_more() {
    let heaps = run(&[], "heaps.exe");
    assert_eq!((heaps.output.as_str(), heaps.status), ("heaps: done\n", 0));
}
