//! Views of sections that the two sides of a connection share.

use alloc::sync::Arc;

use mmcore::MapView;
use nt::NtStatus;
use nt::lpc::{PortView, RemotePortView};
use nt::memory::{PAGE_READWRITE, VIEW_UNMAP};
use nt::types::{Handle, UserPtr};

use crate::mm::section::{self, Section};
use crate::mm::{user, with_space};
use crate::ps::Process;

/// SECTION_MAP_READ and SECTION_MAP_WRITE.
const MAP: u32 = 4 | 2;
/// Where `ViewSize` is in PORT_VIEW, and what follows it; and in REMOTE_PORT_VIEW.
const OWN_SIZE: u64 = 0x18;
const REMOTE_SIZE: u64 = 8;

/// What one side offers the other: part of a section.
#[derive(Clone, Debug)]
pub struct Offer {
    section: Arc<Section>,
    offset: u64,
    size: u64,
}

/// A view of an offer in a process; it is unmapped when this is dropped.
#[derive(Debug)]
pub struct View {
    process: Arc<Process>,
    offer: Offer,
    /// Where the process sees it.
    pub base: u64,
    /// Its bytes.
    pub size: u64,
    /// Where the other side sees it.
    pub remote_base: u64,
}

/// What a side is told of a view.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    base: u64,
    size: u64,
    remote_base: u64,
}

impl View {
    /// Maps what is offered.
    ///
    /// # Errors
    /// What mapping says.
    pub fn of(offer: &Offer, process: &Arc<Process>) -> Result<Self, NtStatus> {
        let request = MapView {
            base: 0,
            zero_bits: 0,
            commit_size: 0,
            offset: offer.offset,
            size: offer.size,
            inherit: VIEW_UNMAP,
            allocation_type: 0,
            protect: PAGE_READWRITE,
        };
        let mapped = with_space(process, |space| space.map_view(&offer.section, &request))?;
        let (base, size) = (mapped.base, mapped.size);
        Ok(Self { process: process.clone(), offer: offer.clone(), base, size, remote_base: 0 })
    }

    /// What it is a view of.
    pub fn offer(&self) -> Offer {
        self.offer.clone()
    }

    /// What is told of it.
    pub fn place(&self) -> Place {
        Place { base: self.base, size: self.size, remote_base: self.remote_base }
    }
}

impl Drop for View {
    fn drop(&mut self) {
        // A process that has ended has no view any more. The section may go with it, behind the guard.
        let unmapped = with_space(&self.process, |space| space.unmap_view(self.base));
        drop(unmapped);
    }
}

impl Place {
    /// Tells the side whose section it is.
    ///
    /// # Errors
    /// ACCESS_VIOLATION.
    pub fn tell_owner(&self, to: UserPtr<PortView>) -> Result<(), NtStatus> {
        let numbers = [self.size, self.base, self.remote_base];
        user::write(to.address.wrapping_add(OWN_SIZE), zerocopy::IntoBytes::as_bytes(&numbers))
    }
}

/// Captures what the caller offers.
///
/// # Errors
/// ACCESS_VIOLATION, INVALID_PARAMETER (length), and about the section INVALID_HANDLE and its kind.
pub fn capture(view: UserPtr<PortView>) -> Result<Option<Offer>, NtStatus> {
    if view.is_null() {
        return Ok(None);
    }
    let view: PortView = user::read(view)?;
    if view.length as usize != size_of::<PortView>() {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let section = section::reference(Handle(view.section_handle), MAP)?;
    Ok(Some(Offer { section, offset: view.section_offset.into(), size: view.view_size }))
}

/// Checks a place for the other side's view.
///
/// # Errors
/// ACCESS_VIOLATION, INVALID_PARAMETER (length).
pub fn check_remote(view: UserPtr<RemotePortView>) -> Result<(), NtStatus> {
    if view.is_null() {
        return Ok(());
    }
    match user::read(view)?.length as usize == size_of::<RemotePortView>() {
        true => Ok(()),
        false => Err(NtStatus::INVALID_PARAMETER),
    }
}

/// Tells a side of the other side's view; zeros when there is none.
///
/// # Errors
/// ACCESS_VIOLATION.
pub fn tell_remote(place: Option<Place>, to: UserPtr<RemotePortView>) -> Result<(), NtStatus> {
    if to.is_null() {
        return Ok(());
    }
    let numbers = place.map_or([0; 2], |place| [place.size, place.base]);
    user::write(to.address.wrapping_add(REMOTE_SIZE), zerocopy::IntoBytes::as_bytes(&numbers))
}
