//! Local procedure calls: messages, views and limits of ports, x64.
//! Source: phnt's `ntlpcapi.h` (field order, numbers), Microsoft's published SECURITY_QUALITY_OF_SERVICE.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::types::ClientId;

/// PORT_MESSAGE: what every message begins with.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PortMessage {
    /// Bytes of data after this header. Windows calls it signed.
    pub data_length: u16,
    /// Bytes in all, with this header.
    pub total_length: u16,
    /// One of [`message_type`].
    pub message_type: u16,
    /// Where a [`PortDataInformation`] lies in the message, counted from its beginning; 0 when there is none.
    pub data_info_offset: u16,
    /// Who sent the request.
    pub client_id: ClientId,
    /// Which request it is.
    pub message_id: u32,
    /// Padding.
    pub reserved: u32,
    /// `ClientViewSize` of a connection request, `CallbackId` of a request.
    pub client_view_size: u64,
}

/// Values of [`PortMessage::message_type`].
pub mod message_type {
    /// The sender has not set it.
    pub const NEW: u16 = 0;
    /// Somebody waits for the reply.
    pub const REQUEST: u16 = 1;
    /// The reply.
    pub const REPLY: u16 = 2;
    /// Nobody waits for a reply.
    pub const DATAGRAM: u16 = 3;
    /// A reply could not be delivered.
    pub const LOST_REPLY: u16 = 4;
    /// A client has closed its port.
    pub const PORT_CLOSED: u16 = 5;
    /// A thread that asked for it (`NtRegisterThreadTerminatePort`) has ended.
    pub const CLIENT_DIED: u16 = 6;
    /// The kernel reports an exception.
    pub const EXCEPTION: u16 = 7;
    /// The kernel reports a debug event.
    pub const DEBUG_EVENT: u16 = 8;
    /// The kernel reports a hard error.
    pub const ERROR_EVENT: u16 = 9;
    /// Somebody wants to be connected.
    pub const CONNECTION_REQUEST: u16 = 10;
    /// Flag: the kernel is the sender.
    pub const KERNELMODE_MESSAGE: u16 = 0x8000;
}

/// Bytes of a [`PortMessage`].
pub const PORT_MESSAGE_SIZE: usize = 0x28;
/// Most bytes of data in a message (PORT_MAXIMUM_MESSAGE_LENGTH).
pub const MAXIMUM_MESSAGE_LENGTH: u16 = 512;
/// Most bytes of connection information (LPC_MAX_CONNECTION_INFO_SIZE).
pub const MAX_CONNECTION_INFO_SIZE: u16 = 16 * 8;
/// Most bytes of a message in all (PORT_TOTAL_MAXIMUM_MESSAGE_LENGTH).
pub const TOTAL_MAXIMUM_MESSAGE_LENGTH: u16 =
    (MAXIMUM_MESSAGE_LENGTH + PORT_MESSAGE_SIZE as u16 + MAX_CONNECTION_INFO_SIZE + 0xF) & !0xF;

/// Access right of a port: connect to it.
pub const PORT_CONNECT: u32 = 1;
/// All access rights of a port.
pub const PORT_ALL_ACCESS: u32 = 0x001F_0001;

/// LPC_CLIENT_DIED_MSG: the notice of [`message_type::PORT_CLOSED`] and [`message_type::CLIENT_DIED`].
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct ClientDiedMessage {
    /// The header.
    pub header: PortMessage,
    /// When the thread was created.
    pub create_time: i64,
}

/// PORT_DATA_ENTRY: memory of the sender that the receiver may read and write.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PortDataEntry {
    /// Its address in the sender.
    pub base: u64,
    /// Its bytes.
    pub size: u32,
    /// Padding.
    pub reserved: u32,
}

/// PORT_DATA_INFORMATION: its count; [`PortDataEntry`] values follow.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PortDataInformation {
    /// How many entries.
    pub count: u32,
    /// Padding.
    pub reserved: u32,
}

/// PORT_VIEW: a section that its owner wants to share with the other side.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PortView {
    /// Bytes of this structure.
    pub length: u32,
    /// Padding.
    pub reserved: u32,
    /// The section.
    pub section_handle: u64,
    /// Where in the section the view begins.
    pub section_offset: u32,
    /// Padding.
    pub reserved2: u32,
    /// Bytes of the view.
    pub view_size: u64,
    /// Where the owner sees it.
    pub view_base: u64,
    /// Where the other side sees it.
    pub view_remote_base: u64,
}

/// REMOTE_PORT_VIEW: the section of the other side.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct RemotePortView {
    /// Bytes of this structure.
    pub length: u32,
    /// Padding.
    pub reserved: u32,
    /// Bytes of the view.
    pub view_size: u64,
    /// Where it is seen.
    pub view_base: u64,
}

/// SECURITY_QUALITY_OF_SERVICE: how far a server may act as its client.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SecurityQualityOfService {
    /// Bytes of this structure.
    pub length: u32,
    /// 0 anonymous, 1 identification, 2 impersonation, 3 delegation.
    pub impersonation_level: u32,
    /// 0 static (the token of the moment of connecting), 1 dynamic.
    pub context_tracking_mode: u8,
    /// Only the enabled privileges and groups count.
    pub effective_only: u8,
    /// Padding.
    pub reserved: u16,
}

const _: () = {
    use core::mem::offset_of;
    assert!(size_of::<PortMessage>() == PORT_MESSAGE_SIZE);
    assert!(offset_of!(PortMessage, total_length) == 2);
    assert!(offset_of!(PortMessage, message_type) == 4);
    assert!(offset_of!(PortMessage, data_info_offset) == 6);
    assert!(offset_of!(PortMessage, client_id) == 8);
    assert!(offset_of!(PortMessage, message_id) == 0x18);
    assert!(offset_of!(PortMessage, client_view_size) == 0x20);
    assert!(TOTAL_MAXIMUM_MESSAGE_LENGTH == 0x2B0);
    assert!(size_of::<ClientDiedMessage>() == 0x30);
    assert!(size_of::<PortDataEntry>() == 0x10 && size_of::<PortDataInformation>() == 8);
    assert!(size_of::<PortView>() == 0x30 && size_of::<RemotePortView>() == 0x18);
    assert!(offset_of!(PortView, section_handle) == 8 && offset_of!(PortView, section_offset) == 0x10);
    assert!(offset_of!(PortView, view_size) == 0x18 && offset_of!(PortView, view_remote_base) == 0x28);
    assert!(offset_of!(RemotePortView, view_size) == 8 && offset_of!(RemotePortView, view_base) == 0x10);
    assert!(size_of::<SecurityQualityOfService>() == 12);
    assert!(offset_of!(SecurityQualityOfService, context_tracking_mode) == 8);
};
