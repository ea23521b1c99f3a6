//! Making processes: an address space with image, ntdll.dll and PEB; `NtCreateProcess`.

use alloc::string::String;
use alloc::sync::Arc;

use hal::trace::{self, Phase};
use nt::layout::peb;
use nt::types::{Boolean, Handle, ObjectAttributes, UserPtr};
use nt::{NtStatus, events};

use super::attributes::Attributes;
use super::{Process, new_process, system_dll};
use crate::ke::service::NtResult;
use crate::mm::section::Section;
use crate::mm::session::Session;
use crate::mm::space::ProcessSpace;
use crate::ob::body::Kind;
use crate::ob::{self, Body, Captured};

/// PROCESS_CREATE_PROCESS.
const CREATE_PROCESS: u32 = 0x80;
/// SECTION_MAP_EXECUTE.
const MAP_EXECUTE: u32 = 8;

/// What is told of the system in every PEB: this is Windows 5.2, build 3790, of the NT platform.
const OS_VERSION: [u32; 4] = [5, 2, 3790, 2];
/// CriticalSectionTimeout: 30 days, relative, in 100 ns.
const CRITICAL_SECTION_TIMEOUT: i64 = -30 * 24 * 3600 * 10_000_000;
/// HeapSegmentReserve, HeapSegmentCommit, HeapDeCommitTotalFreeThreshold, HeapDeCommitFreeBlockThreshold, in bytes.
const HEAP: [u64; 4] = [0x10_0000, 0x2000, 0x1_0000, 0x1000];

/// The beginning of a PEB, which is written in one piece.
const PEB_SIZE: usize = 0x138;

/// Makes a process out of an image section; it has no thread yet.
///
/// # Errors
/// SECTION_NOT_IMAGE, and what mapping the image and making the PEB says.
pub fn build(section: &Arc<Section>, path: String, attributes: Attributes) -> Result<Arc<Process>, NtStatus> {
    let image = section.image_information().ok_or(NtStatus::SECTION_NOT_IMAGE)?;
    let subsystem = [image.subsystem_type, image.subsystem_major.into(), image.subsystem_minor.into()];
    let mut space = ProcessSpace::new()?;
    let base = space.map_section(section)?.base;
    let dll = system_dll::map(&mut space)?;
    let place = space.create_peb()?;
    space.write(place, &peb_content(base, subsystem))?;
    if attributes.session != 0 {
        space.write(place + peb::SESSION_ID, &attributes.session.to_le_bytes())?;
    }
    space.set_session(attributes.session_space.as_deref().map(Session::space));
    let name = String::from(path.rsplit('\\').next().unwrap_or(&path));
    let process = new_process(&name, Some(space), Attributes { image_path: path, ..attributes });
    *process.system_dll.lock() = dll.with_own(section.entries(), base);
    trace::event_with_text(
        events::PS_PROCESS_CREATE,
        Phase::Instant,
        process.id,
        [process.id.into(), process.attributes.lock().parent.into()],
        process.image.as_bytes(),
    );
    Ok(process)
}

fn peb_content(base: u64, subsystem: [u32; 3]) -> [u8; PEB_SIZE] {
    let mut content = [0; PEB_SIZE];
    let mut field =
        |at: u64, bytes: &[u8]| content[at as usize..at as usize + bytes.len()].copy_from_slice(bytes);
    field(peb::MUTANT, &u64::MAX.to_le_bytes());
    field(peb::IMAGE_BASE_ADDRESS, &base.to_le_bytes());
    field(peb::NUMBER_OF_PROCESSORS, &1_u32.to_le_bytes());
    field(peb::CRITICAL_SECTION_TIMEOUT, &CRITICAL_SECTION_TIMEOUT.to_le_bytes());
    for (at, value) in (peb::HEAP_SEGMENT_RESERVE..).step_by(8).zip(HEAP) {
        field(at, &value.to_le_bytes());
    }
    let [major, minor, build, platform] = OS_VERSION;
    field(peb::OS_MAJOR_VERSION, &major.to_le_bytes());
    field(peb::OS_MAJOR_VERSION + 4, &minor.to_le_bytes());
    field(peb::OS_MAJOR_VERSION + 8, &build.to_le_bytes());
    field(peb::OS_MAJOR_VERSION + 12, &platform.to_le_bytes());
    for (at, value) in (peb::IMAGE_SUBSYSTEM..).step_by(4).zip(subsystem) {
        field(at, &value.to_le_bytes());
    }
    content
}

/// `NtCreateProcess`: a child of `parent` out of an image section, without a thread. It has the parent's
/// inheritable handles if that is asked, its session, token and hard-error mode.
///
/// INVALID_PARAMETER without a section: a copy of the parent's memory is not made.
#[expect(clippy::too_many_arguments, reason = "NT's signature")]
pub fn create(
    process: UserPtr<Handle>,
    access: u32,
    attributes: UserPtr<ObjectAttributes>,
    parent: Handle,
    inherit: Boolean,
    section: Handle,
    debug_port: Handle,
    exception_port: Handle,
) -> NtResult {
    let captured = Captured::new(attributes)?;
    let parent = ob::handle::process(parent, CREATE_PROCESS)?;
    if section == Handle::NULL {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let port = |handle| match handle {
        Handle::NULL => Ok(None),
        handle => ob::handle::reference(handle, Some(Kind::Port), 0).map(Some),
    };
    port(debug_port)?;
    let exception_port = port(exception_port)?;
    let object = ob::handle::reference(section, Some(Kind::Section), MAP_EXECUTE)?;
    let Some(Body::Section(section)) = object.body() else { return Err(NtStatus::OBJECT_TYPE_MISMATCH) };
    let mut own = parent.attributes.lock().child(parent.id);
    own.exception_port = exception_port.or(own.exception_port);
    if parent.has_ended() {
        return Err(NtStatus::PROCESS_IS_TERMINATING);
    }
    let child = build(section, section.file_name(), own)?;
    let given = give(process, access, &captured, &parent, &child, inherit);
    if given.is_err() {
        super::exit::end_process(&child, NtStatus::UNSUCCESSFUL);
    }
    given
}

/// Gives the child its handles, and the caller a handle of the child.
fn give(
    to: UserPtr<Handle>,
    access: u32,
    captured: &Captured,
    parent: &Process,
    child: &Arc<Process>,
    inherit: Boolean,
) -> NtResult {
    if inherit.0 != 0 {
        let inherited = parent.handles.lock().inherited_by(child.id)?;
        *child.handles.lock() = inherited;
    }
    let object = super::object_of_process(child).ok_or(NtStatus::UNSUCCESSFUL)?;
    ob::namespace::create_named(to, access, captured, object)
}
