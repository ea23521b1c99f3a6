//! The port for clients, and the threads that serve it: one at first, more when the last one that waits gets something that may take
//! long, up to `MaxRequestThreads`.

use core::mem::ManuallyDrop;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use nt::NtStatus;
use nt::csr::{API_PORT, ApiMessage, ConnectInfo};
use nt::lpc::message_type;
use nt::types::Handle;
use rt::lpc::Port;

use crate::{call, client, connect, report};

/// Messages that the port's pool is to have room for.
const POOL_MESSAGES: usize = 64;

static PORT: AtomicU64 = AtomicU64::new(0);
/// Threads that there are, and threads that wait for a request.
static THREADS: AtomicU32 = AtomicU32::new(0);
static WAITING: AtomicU32 = AtomicU32::new(0);
static MOST: AtomicU32 = AtomicU32::new(1);

/// The port's handle.
pub fn api_port() -> Handle {
    Handle(PORT.load(Ordering::Relaxed))
}

/// The port: it is open as long as the process lives.
fn port() -> ManuallyDrop<Port<ApiMessage>> {
    Port::of_handle(api_port())
}

/// Makes `ApiPort` in a directory, and its first thread. What comes before that thread runs waits in the port's queue, so nobody
/// has to wait for the thread.
///
/// # Errors
/// What making them gives.
pub fn start(directory: &[u16], most: u32) -> Result<(), NtStatus> {
    let mut name = alloc::vec::Vec::from(directory);
    name.extend(API_PORT.encode_utf16());
    let port: Port<ApiMessage> = Port::create(&name, &[], size_of::<ConnectInfo>(), POOL_MESSAGES)?;
    PORT.store(port.into_handle().0, Ordering::Relaxed);
    MOST.store(most, Ordering::Relaxed);
    add_thread()
}

/// Hard errors of the whole system come here from now on.
///
/// # Errors
/// UNSUCCESSFUL: they go somewhere else already.
pub fn show_hard_errors() -> Result<(), NtStatus> {
    port().show_hard_errors().ok()
}

/// The calling thread acts as the sender of a message.
pub fn impersonate(message: &ApiMessage) -> NtStatus {
    port().impersonate(message)
}

fn add_thread() -> Result<(), NtStatus> {
    THREADS.fetch_add(1, Ordering::Relaxed);
    WAITING.fetch_add(1, Ordering::Relaxed);
    match rt::start_thread(serve, 0) {
        Ok(_) => Ok(()),
        Err(status) => {
            THREADS.fetch_sub(1, Ordering::Relaxed);
            WAITING.fetch_sub(1, Ordering::Relaxed);
            Err(status)
        }
    }
}

/// The caller may be busy for long: if nobody else waits for requests, another thread is to. There may be too many, or no memory
/// for one; then requests wait.
pub fn need_thread() {
    if WAITING.load(Ordering::Relaxed) == 0 && THREADS.load(Ordering::Relaxed) < MOST.load(Ordering::Relaxed)
    {
        let _ = add_thread();
    }
}

/// What becomes of a message.
enum Answer {
    Reply,
    Nothing,
}

extern "win64" fn serve(_: u64) -> u32 {
    let port = port();
    let mut message = ApiMessage::EMPTY;
    let mut answer = Answer::Nothing;
    loop {
        let reply = match answer {
            Answer::Reply => Some(message),
            Answer::Nothing => None,
        };
        // A reply whose receiver has ended cannot be delivered: nothing is received then, and the next turn does.
        let received = port.receive(reply.as_ref(), &mut message);
        answer = Answer::Nothing;
        if let Ok(context) = received {
            WAITING.fetch_sub(1, Ordering::Relaxed);
            answer = handle(&mut message, context);
            WAITING.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn handle(message: &mut ApiMessage, context: u64) -> Answer {
    match message.header.message_type & !message_type::KERNELMODE_MESSAGE {
        message_type::REQUEST => {
            call::serve(message, context);
            Answer::Reply
        }
        message_type::CONNECTION_REQUEST => {
            connect::request(message);
            Answer::Nothing
        }
        message_type::ERROR_EVENT => {
            need_thread();
            report::hard_error(message);
            Answer::Reply
        }
        message_type::EXCEPTION => {
            need_thread();
            report::exception(message);
            Answer::Reply
        }
        message_type::CLIENT_DIED => {
            client::thread_ended(message.header.client_id);
            Answer::Nothing
        }
        message_type::PORT_CLOSED => {
            client::disconnected(context);
            Answer::Nothing
        }
        // Datagrams say nothing here.
        _ => Answer::Nothing,
    }
}
