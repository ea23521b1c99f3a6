//! DefineDosDevice (spec/smss.md 5.3): the link `\??\<name>` gets a new target in front of those it had, or loses one. All
//! logon sessions have the global devices, so it is `\GLOBAL??` that changes, and the client must be allowed to.

use alloc::vec::Vec;

use csrcore::dosdevice;
use csrlib::api::captured_text;
use csrlib::descriptor;
use csrlib::object::{New, PERMANENT, history, make_temporary, open_link};
use csrlib::server::Impersonation;
use nt::NtStatus;
use nt::csr::{ApiMessage, DefineDosDevice, dos_device};
use rt::sync::Mutex;

/// Longest name, in UTF-16 units.
const NAME_MAX: usize = 64;
/// Most UTF-16 units of all targets of a name.
const HISTORY_MAX: usize = 0x400;

descriptor! {
    /// Everybody may follow it; Administrators and the system change it.
    LINK = (0, World, 0x2_0001), (0, Administrators, 0xF_0001), (0, System, 0xF_0001)
}

/// One change at a time: it takes the old link away before the new one is there.
static TURN: Mutex<()> = Mutex::new(());

/// Does what a message asks for, as its sender.
///
/// # Errors
/// INVALID_PARAMETER for flags, name or target that are none; OBJECT_NAME_NOT_FOUND: there is no such target to be taken away;
/// NAME_TOO_LONG: there are too many; what changing the link gives, ACCESS_DENIED above all.
pub fn define(message: &mut ApiMessage) -> Result<(), NtStatus> {
    const KNOWN: u32 = dos_device::RAW_TARGET_PATH | dos_device::REMOVE | dos_device::EXACT_MATCH;
    const BAD: NtStatus = NtStatus::INVALID_PARAMETER;
    let wanted: DefineDosDevice = message.get();
    let device = captured_text(message, wanted.name, wanted.name_length).ok_or(BAD)?;
    let target = match wanted.target_length {
        0 => Vec::new(),
        length => captured_text(message, wanted.target, length).ok_or(BAD)?,
    };
    let remove = wanted.flags & dos_device::REMOVE != 0;
    let sound = |text: &[u16]| !text.contains(&0);
    if wanted.flags & !KNOWN != 0
        || device.is_empty()
        || device.len() > NAME_MAX
        || device.contains(&u16::from(b'\\'))
        || !sound(&device)
        || !sound(&target)
        || (!remove && target.is_empty())
    {
        return Err(BAD);
    }
    let name = [nt::wide!(r"\??\") as &[u16], &device].concat();
    let _turn = TURN.lock();
    let _client = Impersonation::of(message)?;
    let link = match open_link(&name) {
        Err(NtStatus::OBJECT_NAME_NOT_FOUND) => None,
        link => Some(link?),
    };
    let before = link.as_ref().map_or(Ok(Vec::new()), history)?;
    let after = if remove {
        let meant = (!target.is_empty()).then_some(&target as &[u16]);
        let exact = wanted.flags & dos_device::EXACT_MATCH != 0;
        dosdevice::remove(&before, meant, exact).ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?
    } else {
        dosdevice::push(&before, &target)
    };
    if after.len() > HISTORY_MAX {
        return Err(NtStatus::NAME_TOO_LONG);
    }
    if let Some(link) = link {
        make_temporary(&link)?;
    }
    if after.is_empty() {
        return Ok(());
    }
    // It stays without a handle.
    New { name: &name, attributes: PERMANENT, descriptor: &LINK }.link_with_history(&after).map(drop)
}
