//! Whether standard output was closed when the process began. Rust's runtime opens `/dev/null` in its
//! place before `main`, which would make results vanish without a word; so it is looked at before that.
#![expect(unsafe_code, reason = "a function that runs before main, and fcntl")]

use std::sync::atomic::{AtomicBool, Ordering};

static CLOSED: AtomicBool = AtomicBool::new(false);

extern "C" fn look() {
    // SAFETY: fcntl with F_GETFD takes no pointer and changes nothing.
    if unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_GETFD) } == -1 {
        CLOSED.store(true, Ordering::Relaxed);
    }
}

// SAFETY: the C library calls the functions of this section, of this very type, before it calls main;
// `look` needs nothing that is set up later.
#[used]
#[unsafe(link_section = ".init_array")]
static LOOK: extern "C" fn() = look;

/// Whether there was no standard output to begin with.
pub fn was_closed() -> bool {
    CLOSED.load(Ordering::Relaxed)
}
