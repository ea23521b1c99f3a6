//! The threads that listen to `\SmApiPort`.

use alloc::boxed::Box;
use core::sync::atomic::{AtomicU32, Ordering};

use nt::NtStatus;
use nt::lpc::message_type;
use nt::sm::SmMessage;
use rt::lpc::{Message, Port};
use rt::sync::Mutex;

use super::{clients, connect, dispatch};

/// How many there are at the beginning (spec/smss.md 1.3 step 1).
const THREADS: u32 = 2;
/// How long a thread waits for memory, in 100 ns (spec 3.4).
const NO_MEMORY_DELAY: u32 = 5 * 10_000_000;

/// The port, as long as nobody listens; then a thread has it.
static PORT: Mutex<Option<&'static Port<SmMessage>>> = Mutex::new(None);
/// Threads that listen, or answer without waiting for anybody.
static FREE: AtomicU32 = AtomicU32::new(0);

/// Starts the threads.
///
/// # Errors
/// What making the first ones says.
pub fn start(port: Port<SmMessage>) -> Result<(), NtStatus> {
    // It is there for as long as the session manager is.
    *PORT.lock() = Some(Box::leak(Box::new(port)));
    (0..THREADS).try_for_each(|_| one_more())
}

fn one_more() -> Result<(), NtStatus> {
    drop(rt::start_thread(listener, 0)?);
    FREE.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

/// A thread that waits for others, who may need the session manager meanwhile: one more listens if no other is free.
#[derive(Debug)]
pub struct Busy(());

impl Busy {
    /// Begins to wait.
    pub fn new() -> Self {
        if FREE.fetch_sub(1, Ordering::Relaxed) == 1 {
            // Without it those who ask wait until this thread is done.
            let _ = one_more();
        }
        Self(())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        FREE.fetch_add(1, Ordering::Relaxed);
    }
}

extern "win64" fn listener(_: u64) -> u32 {
    let Some(port) = *PORT.lock() else { return NtStatus::UNSUCCESSFUL.0 };
    // Only if the global flags ask for it; else it says no.
    let _ = rt::own::critical_thread_if_asked();
    let (mut message, mut reply) = (SmMessage::bare(0), SmMessage::bare(0));
    let mut answered = false;
    loop {
        let received = port.receive(answered.then_some(&reply), &mut message);
        answered = match received {
            Ok(connection) => one(connection, &mut message),
            Err(NtStatus::NO_MEMORY | NtStatus::INSUFFICIENT_RESOURCES) => {
                rt::delay(NO_MEMORY_DELAY);
                false
            }
            // The reply's client has gone.
            Err(_) => false,
        };
        if answered {
            reply = message;
        }
    }
}

/// Does what a message asks; whether it is now the reply.
fn one(connection: u64, message: &mut SmMessage) -> bool {
    match message.header().message_type {
        message_type::CONNECTION_REQUEST => {
            connect::request(message);
            false
        }
        // Nothing is torn down but the session manager's end (spec 3.2).
        message_type::PORT_CLOSED => {
            clients::remove(connection);
            false
        }
        message_type::REQUEST => match clients::find(connection) {
            Some(client) => {
                message.status = dispatch::request(&client, message).0;
                true
            }
            // Without a client nobody is answered (spec 3.4).
            None => false,
        },
        _ => false,
    }
}
