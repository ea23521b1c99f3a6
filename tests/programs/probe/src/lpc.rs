//! Calls of the LPC services, made safe: what they point to lives through the call.
#![expect(unsafe_code, reason = "calls system services")]

use nt::NtStatus;
use nt::lpc::{PORT_MESSAGE_SIZE, PortMessage, PortView, RemotePortView, SecurityQualityOfService};
use nt::types::{Boolean, Handle, UserPtr};
use rt::syscall;

use crate::reg::{CASE_INSENSITIVE, Wide, from, to, with_name};

/// Bytes of data in a [`Message`].
pub const DATA: usize = 256;

/// A message with room for data.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Message {
    pub header: PortMessage,
    pub data: [u8; DATA],
}

impl Message {
    /// A message with that data.
    pub fn new(data: &[u8]) -> Self {
        let mut message = Self { header: PortMessage::default(), data: [0; DATA] };
        message.set(data);
        message
    }

    /// Replaces the data, and nothing else: how a request becomes its reply.
    pub fn set(&mut self, data: &[u8]) {
        self.data[..data.len()].copy_from_slice(data);
        self.header.data_length = data.len() as u16;
        self.header.total_length = (PORT_MESSAGE_SIZE + data.len()) as u16;
    }

    /// The data.
    pub fn data(&self) -> &[u8] {
        &self.data[..usize::from(self.header.data_length).min(DATA)]
    }
}

fn ok(status: NtStatus) -> Result<(), NtStatus> {
    if status == NtStatus::SUCCESS { Ok(()) } else { Err(status) }
}

/// `NtCreatePort`, or `NtCreateWaitablePort`, with the session manager's limits.
pub fn create(name: &str, waitable: bool) -> Result<Handle, NtStatus> {
    create_with(name, waitable, [0x100, 0x148, 0])
}

/// The same with limits: connection information, message, pool.
pub fn create_with(name: &str, waitable: bool, limits: [u32; 3]) -> Result<Handle, NtStatus> {
    let mut handle = Handle(0xDEAD);
    let [info, message, pool] = limits;
    let status = with_name(Handle::NULL, name, CASE_INSENSITIVE, |attributes| {
        let call = if waitable { syscall::NtCreateWaitablePort } else { syscall::NtCreatePort };
        // SAFETY: all pointers outlive the call.
        unsafe { call(to(&mut handle), attributes, info, message, pool) }
    });
    ok(status).map(|()| handle)
}

/// A client's end of a connection, and what came with it.
#[derive(Clone, Copy)]
pub struct Connected {
    pub port: Handle,
    pub max_message: u32,
    pub info: [u8; DATA],
    pub info_length: u32,
    pub own: PortView,
    pub remote: RemotePortView,
}

/// `NtConnectPort`, or `NtSecureConnectPort` when there is a SID. The information comes back even when it fails.
pub fn connect_with(
    name: &str,
    info: &[u8],
    view: Option<PortView>,
    sid: Option<&[u8]>,
) -> (NtStatus, Connected) {
    let wide = Wide::new(name);
    let string = wide.string();
    let quality = SecurityQualityOfService {
        length: size_of::<SecurityQualityOfService>() as u32,
        impersonation_level: 2,
        context_tracking_mode: 1,
        effective_only: 1,
        reserved: 0,
    };
    let mut connected = Connected {
        port: Handle(0xDEAD),
        max_message: 0,
        info: [0; DATA],
        info_length: info.len() as u32,
        own: view.unwrap_or_default(),
        remote: RemotePortView { length: size_of::<RemotePortView>() as u32, ..RemotePortView::default() },
    };
    connected.info[..info.len()].copy_from_slice(info);
    let Connected { port, max_message, info, info_length, own, remote } = &mut connected;
    let own = if view.is_some() { to(own) } else { UserPtr::new(0) };
    // SAFETY: all pointers outlive the call.
    let status = unsafe {
        match sid {
            None => syscall::NtConnectPort(
                to(port),
                from(&string),
                from(&quality),
                own,
                to(remote),
                to(max_message),
                to(info),
                to(info_length),
            ),
            Some(sid) => syscall::NtSecureConnectPort(
                to(port),
                from(&string),
                from(&quality),
                own,
                from(sid),
                to(remote),
                to(max_message),
                to(info),
                to(info_length),
            ),
        }
    };
    (status, connected)
}

/// Connects with information only.
pub fn connect(name: &str, info: &[u8]) -> Result<Connected, NtStatus> {
    let (status, connected) = connect_with(name, info, None, None);
    ok(status).map(|()| connected)
}

/// `NtListenPort`.
pub fn listen(port: Handle, message: &mut Message) -> NtStatus {
    // SAFETY: the message outlives the call and has room for what the port allows.
    unsafe { syscall::NtListenPort(port, to(message)) }
}

/// `NtAcceptConnectPort`.
pub fn accept_with(
    context: u64,
    request: &Message,
    accept: bool,
    view: Option<&mut PortView>,
    remote: Option<&mut RemotePortView>,
) -> (NtStatus, Handle) {
    let mut handle = Handle(0xDEAD);
    let view = view.map_or(UserPtr::new(0), to);
    let remote = remote.map_or(UserPtr::new(0), to);
    let accept = Boolean(accept.into());
    // SAFETY: all pointers outlive the call.
    let status = unsafe {
        syscall::NtAcceptConnectPort(to(&mut handle), context, from(request), accept, view, remote)
    };
    (status, handle)
}

/// Accepts without views, and completes.
pub fn accept(context: u64, request: &Message) -> Result<Handle, NtStatus> {
    let (status, handle) = accept_with(context, request, true, None, None);
    ok(status)?;
    ok(complete(handle)).map(|()| handle)
}

/// `NtCompleteConnectPort`.
pub fn complete(port: Handle) -> NtStatus {
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtCompleteConnectPort(port) }
}

/// `NtRequestPort`.
pub fn send(port: Handle, message: &Message) -> NtStatus {
    // SAFETY: the message outlives the call.
    unsafe { syscall::NtRequestPort(port, from(message)) }
}

/// `NtRequestWaitReplyPort`; the reply takes the request's place.
pub fn request(port: Handle, message: &mut Message) -> NtStatus {
    let place = to(message);
    // SAFETY: the message outlives the call and has room for what the port allows.
    unsafe { syscall::NtRequestWaitReplyPort(port, place, place) }
}

/// `NtReplyPort`.
pub fn reply(port: Handle, message: &Message) -> NtStatus {
    // SAFETY: the message outlives the call.
    unsafe { syscall::NtReplyPort(port, from(message)) }
}

/// `NtReplyWaitReplyPort`; the reply takes the message's place.
pub fn reply_wait_reply(port: Handle, message: &mut Message) -> NtStatus {
    // SAFETY: the message outlives the call and has room for what the port allows.
    unsafe { syscall::NtReplyWaitReplyPort(port, to(message)) }
}

/// `NtReplyWaitReceivePort`, or with a time-out in 100 ns `NtReplyWaitReceivePortEx`. Also the context.
pub fn receive(
    port: Handle,
    reply: Option<&Message>,
    message: &mut Message,
    timeout: Option<i64>,
) -> (NtStatus, u64) {
    let mut context = 0xDEAD_u64;
    let reply = reply.map_or(UserPtr::new(0), from);
    // SAFETY: all pointers outlive the call, and the message has room for what the port allows.
    let status = unsafe {
        match timeout {
            None => syscall::NtReplyWaitReceivePort(port, to(&mut context), reply, to(message)),
            Some(time) => {
                syscall::NtReplyWaitReceivePortEx(port, to(&mut context), reply, to(message), from(&time))
            }
        }
    };
    (status, context)
}

/// `NtReplyWaitReceivePort` with an address that need not be one.
pub fn receive_at_address(port: Handle, reply: u64, message: u64) -> NtStatus {
    // SAFETY: what the kernel reads and writes is checked there, which is the test.
    unsafe {
        syscall::NtReplyWaitReceivePort(port, UserPtr::new(0), UserPtr::new(reply), UserPtr::new(message))
    }
}

/// `NtReadRequestData` or `NtWriteRequestData`: how it ended, and how many bytes it did.
pub fn data(port: Handle, message: &Message, index: u32, buffer: &mut [u8], write: bool) -> (NtStatus, u64) {
    let mut done = 0xDEAD_u64;
    let length = buffer.len() as u64;
    let call = if write { syscall::NtWriteRequestData } else { syscall::NtReadRequestData };
    // SAFETY: all pointers outlive the call.
    let status = unsafe { call(port, from(message), index, to(buffer), length, to(&mut done)) };
    (status, done)
}

/// `NtRegisterThreadTerminatePort`.
pub fn register_termination(port: Handle) -> NtStatus {
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtRegisterThreadTerminatePort(port) }
}

/// `NtQueryInformationPort`.
pub fn query(port: Handle, class: u32) -> NtStatus {
    let mut returned = 0_u32;
    // SAFETY: all pointers outlive the call; the buffer has no bytes.
    unsafe { syscall::NtQueryInformationPort(port, class, UserPtr::new(0), 0, to(&mut returned)) }
}
