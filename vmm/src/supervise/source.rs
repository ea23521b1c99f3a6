//! Input of a port from anything but standard input: a thread that reads, and may wait.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use crate::backends::{BackendError, Inbox};
use crate::control::Control;
use crate::sys::poll::{Waiter, poll};

const STACK: usize = 64 << 10;
/// How long it waits before it looks again: whether the guest has taken some, or somebody has opened the terminal.
const LOOK: Duration = Duration::from_millis(5);

/// Reads from `file` until its end, which hangs the port up. It goes with the process.
pub(super) fn start(
    name: &str,
    file: Arc<File>,
    inbox: Arc<Inbox>,
    control: Arc<Control>,
) -> Result<(), BackendError> {
    inbox.add_source();
    let builder = std::thread::Builder::new().name("input".into()).stack_size(STACK);
    let thread = builder.spawn(move || {
        read(&file, &inbox, &control);
        inbox.close();
        control.input_arrived();
    });
    thread.map(drop).map_err(|source| BackendError { target: name.to_owned(), source })
}

fn read(mut file: &File, inbox: &Inbox, control: &Control) {
    let mut buffer = [0; 1024];
    while !control.is_stopping() {
        if !inbox.has_room() {
            std::thread::sleep(LOOK);
            continue;
        }
        match file.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => {
                inbox.push(&buffer[..count]);
                control.input_arrived();
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // A pseudo-terminal does not block.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if poll(&mut [Waiter::read(Some(file.as_fd()))], None).is_err() {
                    return;
                }
            }
            Err(_) => return,
        }
    }
}
