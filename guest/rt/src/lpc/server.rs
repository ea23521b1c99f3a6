//! More of a server's part: what clients share, replies by themselves, acting as a client.
#![expect(unsafe_code, reason = "calls system services")]

use core::marker::PhantomData;

use nt::NtStatus;
use nt::lpc::RemotePortView;
use nt::types::{Boolean, Handle, UserPtr};

use super::{Message, Port, place};
use crate::services::{pointer_to, syscall};

impl<T: Message> Port<T> {
    /// A second value for a handle that somebody else closes.
    pub const fn of_handle(handle: Handle) -> core::mem::ManuallyDrop<Self> {
        core::mem::ManuallyDrop::new(Self(handle, PhantomData))
    }

    /// The handle, which nobody closes from here on.
    pub fn into_handle(self) -> Handle {
        let handle = self.0;
        core::mem::forget(self);
        handle
    }

    /// Accepts a connection as [`Port::accept`] does, and maps what the client shares: the view's base and size, 0 if there is
    /// none. It goes with the port.
    ///
    /// # Errors
    /// What `NtAcceptConnectPort` says.
    pub fn accept_with_view(request: &T, context: u64) -> Result<(Self, u64, u64), NtStatus> {
        let mut handle = Handle::NULL;
        let mut view =
            RemotePortView { length: size_of::<RemotePortView>() as u32, ..RemotePortView::default() };
        // SAFETY: handle, message and view outlive the call.
        unsafe {
            syscall::NtAcceptConnectPort(
                place(&mut handle),
                context,
                pointer_to(request),
                Boolean(1),
                UserPtr::new(0),
                place(&mut view),
            )
        }
        .ok()?;
        Ok((Self(handle, PhantomData), view.view_base, view.view_size))
    }

    /// The calling thread acts as the sender of a request that was received here.
    pub fn impersonate(&self, request: &T) -> NtStatus {
        // SAFETY: the message outlives the call.
        unsafe { syscall::NtImpersonateClientOfPort(self.0, pointer_to(request)) }
    }

    /// Makes this the port that hard errors go to.
    pub fn show_hard_errors(&self) -> NtStatus {
        // SAFETY: it takes no pointers.
        unsafe { syscall::NtSetDefaultHardErrorPort(self.0) }
    }
}
