//! Exceptions, unwinding, vectored handlers, APCs: programs built by a compiler that knows nothing of this project.

mod common;

use common::run;

#[test]
fn exceptions_find_their_handlers_and_frames_are_unwound() {
    let expected = "\
faults
raised
frames
  finally inner
  finally outer
search
  not mine
  finally inner
  finally outer
faulty filter
  the filter is asked
  the filter is asked
  finally inner
  finally outer
faulty finally
  finally that faults
  finally around it
finally with its own try
  finally that tries
mended inside
  finally inner
  finally outer
continued though it cannot be
vectored
  vectored 1
  vectored 2
  continued
  vectored 1
  vectored 2
  vectored 2
  continued
apcs
  apc 421
  apc 532
  apc 321
walk
exceptions: done
";
    let exceptions = run(&[], "exceptions.exe");
    assert_eq!((exceptions.output.as_str(), exceptions.status), (expected, 0));
}

#[test]
fn an_exception_that_nobody_handles_ends_the_process() {
    let unhandled = run(&[], "unhandled.exe");
    assert_eq!((unhandled.output.as_str(), unhandled.status), ("not mine\n", 0xC000_0005));
}

#[test]
fn text_goes_to_the_kernel_debugger() {
    let debug = run(&[], "debug.exe");
    let expected = format!("text -5 wide abc\n1 2 3 4\n{}\ndebug: done\n", "x".repeat(512));
    assert_eq!((debug.output, debug.status), (expected, 0));
}
