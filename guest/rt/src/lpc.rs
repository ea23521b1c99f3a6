//! Local procedure calls: ports for messages of one type.
#![expect(unsafe_code, reason = "calls system services")]

mod server;

use core::marker::PhantomData;

use nt::NtStatus;
use nt::lpc::{PORT_MESSAGE_SIZE, PortMessage, SecurityQualityOfService, TOTAL_MAXIMUM_MESSAGE_LENGTH};
use nt::types::{Boolean, Handle, ObjectAttributes, UserPtr};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::services::{self, pointer_to, syscall};
use crate::text::string_of;

/// OBJ_CASE_INSENSITIVE.
const CASE_INSENSITIVE: u32 = 0x40;

/// A message: a structure that begins with its header.
pub trait Message: FromBytes + IntoBytes + Immutable + KnownLayout {
    /// Its header.
    fn header(&self) -> &PortMessage;
    /// Its header, to be changed.
    fn header_mut(&mut self) -> &mut PortMessage;
}

macro_rules! message {
    ($($type:ty),*) => {
        $(impl Message for $type {
            fn header(&self) -> &PortMessage {
                &self.header
            }

            fn header_mut(&mut self) -> &mut PortMessage {
                &mut self.header
            }
        }
        // The kernel finds the header at the beginning, and behind it what the type says.
        const _: () = assert!(core::mem::offset_of!($type, header) == 0);)*
    };
}
message!(nt::sm::SmMessage, nt::sm::SbMessage, nt::csr::ApiMessage);

/// A port whose messages are `T`. Dropping it closes it.
#[derive(Debug)]
pub struct Port<T>(Handle, PhantomData<fn() -> T>);

/// How far the server of a connection may act as its client: it may know who it is, at the moment of each request.
const IDENTIFICATION: SecurityQualityOfService = SecurityQualityOfService {
    length: size_of::<SecurityQualityOfService>() as u32,
    impersonation_level: 1,
    context_tracking_mode: 1,
    effective_only: 1,
    reserved: 0,
};

/// The kernel writes through it.
fn place<T, U>(target: &mut T) -> UserPtr<U> {
    UserPtr::new(core::ptr::from_mut(target).expose_provenance() as u64)
}

impl<T: Message> Port<T> {
    /// Makes a port that clients connect to by its name, with connection information of at most so many bytes.
    /// The descriptor is a self-relative SECURITY_DESCRIPTOR, or empty.
    ///
    /// # Errors
    /// INVALID_PARAMETER: the information does not fit in a message; what `NtCreatePort` says.
    pub fn create(
        name: &[u16],
        descriptor: &[u32],
        information: usize,
        messages: usize,
    ) -> Result<Self, NtStatus> {
        if information > size_of::<T>().saturating_sub(PORT_MESSAGE_SIZE) {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        let name = string_of(name);
        let attributes = ObjectAttributes {
            length: size_of::<ObjectAttributes>() as u32,
            object_name: pointer_to::<_, u8>(&name).address,
            attributes: CASE_INSENSITIVE,
            security_descriptor: match descriptor {
                [] => 0,
                _ => pointer_to::<_, u8>(descriptor).address,
            },
            ..ObjectAttributes::default()
        };
        let mut handle = Handle::NULL;
        let size = size_of::<T>();
        // SAFETY: name, descriptor, attributes and handle outlive the call.
        unsafe {
            syscall::NtCreatePort(
                place(&mut handle),
                pointer_to(&attributes),
                information as u32,
                size as u32,
                (size * messages) as u32,
            )
        }
        .ok()?;
        Ok(Self(handle, PhantomData))
    }

    /// Connects to a port, with information for its server, which may change it.
    ///
    /// # Errors
    /// What `NtConnectPort` says.
    pub fn connect<I: FromBytes + IntoBytes>(name: &[u16], information: &mut I) -> Result<Self, NtStatus> {
        let name = string_of(name);
        let (mut handle, mut length) = (Handle::NULL, size_of::<I>() as u32);
        // SAFETY: everything lives through the call; the information is of the length that is told, and may be any
        // bytes.
        unsafe {
            syscall::NtConnectPort(
                place(&mut handle),
                pointer_to(&name),
                pointer_to(&IDENTIFICATION),
                UserPtr::new(0),
                UserPtr::new(0),
                UserPtr::new(0),
                place(information),
                place(&mut length),
            )
        }
        .ok()?;
        Ok(Self(handle, PhantomData))
    }

    /// Replies, if there is a reply, and waits for the next message, which is zero behind what was sent. Gives what
    /// the connection was called when it was accepted.
    ///
    /// # Errors
    /// What `NtReplyWaitReceivePort` says: of the reply, or of the wait.
    pub fn receive(&self, reply: Option<&T>, message: &mut T) -> Result<u64, NtStatus> {
        let mut context = 0_u64;
        let reply = reply.map_or(UserPtr::new(0), pointer_to);
        message.as_mut_bytes().fill(0);
        // SAFETY: all of it outlives the call; messages here are at most as long as `T`, and may be any bytes.
        unsafe { syscall::NtReplyWaitReceivePort(self.0, place(&mut context), reply, place(message)) }
            .ok()?;
        Ok(context)
    }

    /// Accepts the connection that a message asks for, under a number of the caller's, or refuses it. The client
    /// goes on at [`Port::complete`], or at once when it is refused.
    ///
    /// # Errors
    /// What `NtAcceptConnectPort` says.
    pub fn accept(request: &T, context: u64, accept: bool) -> Result<Option<Self>, NtStatus> {
        let mut handle = Handle::NULL;
        // SAFETY: handle and message outlive the call.
        unsafe {
            syscall::NtAcceptConnectPort(
                place(&mut handle),
                context,
                pointer_to(request),
                Boolean(accept.into()),
                UserPtr::new(0),
                UserPtr::new(0),
            )
        }
        .ok()?;
        Ok(accept.then_some(Self(handle, PhantomData)))
    }

    /// Lets the client of an accepted connection go on.
    pub fn complete(&self) -> NtStatus {
        // SAFETY: it takes no pointers.
        unsafe { syscall::NtCompleteConnectPort(self.0) }
    }

    /// Sends a request and waits for the reply, which takes its place.
    ///
    /// # Errors
    /// What `NtRequestWaitReplyPort` says.
    pub fn request(&self, message: &mut T) -> Result<(), NtStatus> {
        // The server decides how long its replies are.
        let mut reply = [0_u64; TOTAL_MAXIMUM_MESSAGE_LENGTH as usize / 8];
        // SAFETY: the message outlives the call, and no reply is longer than this one.
        unsafe { syscall::NtRequestWaitReplyPort(self.0, pointer_to(message), place(&mut reply)) }.ok()?;
        let bytes = message.as_mut_bytes();
        bytes.copy_from_slice(reply.as_bytes().get(..bytes.len()).ok_or(NtStatus::INVALID_PARAMETER)?);
        Ok(())
    }
}

impl<T> Drop for Port<T> {
    fn drop(&mut self) {
        services::close(self.0);
    }
}
