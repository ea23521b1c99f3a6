//! The allocator's settings.
#![expect(unsafe_code, reason = "mallopt")]

/// Lets all threads share one heap. The second thread allocates a few hundred bytes; a heap of its own
/// would cost it five system calls.
pub fn share() {
    // SAFETY: called before there is a second thread; the option exists in every glibc.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) };
}
