//! Calls of the security services, made safe: what they point to lives through the call.
#![expect(unsafe_code, reason = "calls system services")]

use nt::security::{LuidAndAttributes, SecurityQualityOfService, SidAndAttributes, TOKEN_ALL_ACCESS};
use nt::types::{Boolean, Handle, ObjectAttributes, UserPtr};
use nt::{NtStatus, psinfo};
use rt::syscall;

use super::build::{Bytes, SYSTEM, Sid, allow, protected};
use crate::reg::{CASE_INSENSITIVE, Wide, from, to};

pub type Result<T> = core::result::Result<T, NtStatus>;

pub const PROCESS: Handle = Handle::CURRENT_PROCESS;
pub const THREAD: Handle = Handle::CURRENT_THREAD;

fn done<T>(status: NtStatus, value: T) -> Result<T> {
    if status == NtStatus::SUCCESS { Ok(value) } else { Err(status) }
}

/// What OBJECT_ATTRIBUTES say.
#[derive(Clone, Copy, Default)]
pub struct Named<'a> {
    pub name: &'a str,
    pub root: u64,
    pub attributes: u32,
    /// Addresses of the security descriptor and the quality of service.
    pub descriptor: u64,
    pub quality: u64,
}

impl<'a> Named<'a> {
    pub fn new(name: &'a str) -> Self {
        Self { name, ..Self::default() }
    }

    pub fn with(name: &'a str, descriptor: &Bytes) -> Self {
        Self { name, descriptor: descriptor.address(), ..Self::default() }
    }

    pub fn call<R>(&self, call: impl FnOnce(UserPtr<ObjectAttributes>) -> R) -> R {
        let wide = Wide::new(self.name);
        let string = wide.string();
        let attributes = ObjectAttributes {
            length: size_of::<ObjectAttributes>() as u32,
            root_directory: self.root,
            object_name: if self.name.is_empty() { 0 } else { from::<_, ()>(&string).address },
            attributes: self.attributes | CASE_INSENSITIVE,
            security_descriptor: self.descriptor,
            security_quality_of_service: self.quality,
            ..ObjectAttributes::default()
        };
        call(from(&attributes))
    }

    /// A call that makes a handle.
    fn make(
        &self,
        call: impl FnOnce(UserPtr<Handle>, UserPtr<ObjectAttributes>) -> NtStatus,
    ) -> Result<Handle> {
        let mut handle = Handle::NULL;
        let place = to(&mut handle);
        let status = self.call(|attributes| call(place, attributes));
        done(status, handle)
    }
}

pub fn create_directory(named: Named<'_>, access: u32) -> Result<Handle> {
    // SAFETY: all pointers outlive the call.
    named.make(|to, attributes| unsafe { syscall::NtCreateDirectoryObject(to, access, attributes) })
}

pub fn open_directory(named: Named<'_>, access: u32) -> Result<Handle> {
    // SAFETY: all pointers outlive the call.
    named.make(|to, attributes| unsafe { syscall::NtOpenDirectoryObject(to, access, attributes) })
}

pub fn create_event(named: Named<'_>, access: u32) -> Result<Handle> {
    // SAFETY: all pointers outlive the call.
    named.make(|to, attributes| unsafe { syscall::NtCreateEvent(to, access, attributes, 0, Boolean(0)) })
}

pub fn open_event(named: Named<'_>, access: u32) -> Result<Handle> {
    // SAFETY: all pointers outlive the call.
    named.make(|to, attributes| unsafe { syscall::NtOpenEvent(to, access, attributes) })
}

pub fn make_permanent(handle: Handle) -> NtStatus {
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtMakePermanentObject(handle) }
}

/// The access that a handle grants.
pub fn granted(handle: Handle) -> u32 {
    let mut basic = [0_u32; 14];
    // SAFETY: the place outlives the call.
    unsafe { syscall::NtQueryObject(handle, 0, to(&mut basic), 0x38, UserPtr::new(0)) };
    basic[1]
}

pub fn process_token(process: Handle, access: u32) -> Result<Handle> {
    let mut token = Handle::NULL;
    // SAFETY: the place outlives the call.
    let status = unsafe { syscall::NtOpenProcessToken(process, access, to(&mut token)) };
    done(status, token)
}

pub fn thread_token(access: u32, as_self: bool) -> Result<Handle> {
    let mut token = Handle::NULL;
    // SAFETY: the place outlives the call.
    let status =
        unsafe { syscall::NtOpenThreadToken(THREAD, access, Boolean(as_self.into()), to(&mut token)) };
    done(status, token)
}

/// A token to be made.
pub struct NewToken<'a> {
    pub token_type: u32,
    pub level: u32,
    pub session: u64,
    pub user: Sid,
    pub groups: &'a [(Sid, u32)],
    pub privileges: &'a [(u32, u32)],
    pub owner: Option<Sid>,
    pub primary_group: Sid,
    pub dacl: Option<Bytes>,
}

pub fn quality(level: u32) -> SecurityQualityOfService {
    SecurityQualityOfService { length: 12, impersonation_level: level, ..SecurityQualityOfService::default() }
}

pub fn create_token(new: &NewToken<'_>, access: u32) -> Result<Handle> {
    let quality = quality(new.level);
    // Who is in the token may open it.
    let open = protected(&[allow(TOKEN_ALL_ACCESS, SYSTEM), allow(TOKEN_ALL_ACCESS, new.user)]);
    let named = Named { quality: from::<_, ()>(&quality).address, ..Named::with("", &open) };
    let user = SidAndAttributes { sid: new.user.address(), ..SidAndAttributes::default() };
    let mut groups = [0_u64; 1 + 2 * 8];
    groups[0] = new.groups.len() as u64;
    for (pair, (sid, attributes)) in groups[1..].chunks_mut(2).zip(new.groups) {
        pair.copy_from_slice(&[sid.address(), (*attributes).into()]);
    }
    let privileges = privileges(new.privileges);
    let owner = new.owner.as_ref().map_or(0, Sid::address);
    let group = new.primary_group.address();
    let dacl = new.dacl.as_ref().map_or(0, Bytes::address);
    let (session, expiration, source) = (new.session, i64::MAX, *b"probe\0\0\0--------");
    // SAFETY: all pointers outlive the call.
    named.make(|to, attributes| unsafe {
        syscall::NtCreateToken(
            to,
            access,
            attributes,
            new.token_type,
            from(&session),
            from(&expiration),
            from(&user),
            from(&groups),
            from(&privileges),
            from(&owner),
            from(&group),
            from(&dacl),
            from(&source),
        )
    })
}

/// A TOKEN_PRIVILEGES of at most eight.
pub fn privileges(list: &[(u32, u32)]) -> [u32; 1 + 3 * 8] {
    let mut words = [0; 1 + 3 * 8];
    words[0] = list.len() as u32;
    for (entry, (number, attributes)) in words[1..].chunks_mut(3).zip(list) {
        entry.copy_from_slice(&[*number, 0, *attributes]);
    }
    words
}

pub fn duplicate(token: Handle, access: u32, effective: bool, kind: u32, level: u32) -> Result<Handle> {
    let quality = quality(level);
    let named = Named { quality: from::<_, ()>(&quality).address, ..Named::default() };
    // SAFETY: all pointers outlive the call.
    named.make(|to, attributes| unsafe {
        syscall::NtDuplicateToken(token, access, attributes, Boolean(effective.into()), kind, to)
    })
}

/// How the query ended, and the length it told.
pub fn query(token: Handle, class: u32, buffer: &mut [u8]) -> (NtStatus, u32) {
    let (length, mut returned) = (buffer.len() as u32, 0xDEAD_u32);
    // SAFETY: both places outlive the call.
    let status =
        unsafe { syscall::NtQueryInformationToken(token, class, to(buffer), length, to(&mut returned)) };
    (status, returned)
}

pub fn set(token: Handle, class: u32, information: &[u8]) -> NtStatus {
    let length = information.len() as u32;
    // SAFETY: the information outlives the call.
    unsafe { syscall::NtSetInformationToken(token, class, from(information), length) }
}

/// Adjusts privileges; the previous state goes to `previous`, if it has room, and its length is told.
pub fn adjust(token: Handle, list: Option<&[(u32, u32)]>, previous: Option<&mut [u8]>) -> (NtStatus, u32) {
    let state = privileges(list.unwrap_or(&[]));
    adjust_with(token, list.is_none(), &state, previous)
}

pub fn adjust_with(
    token: Handle,
    disable_all: bool,
    state: &[u32],
    previous: Option<&mut [u8]>,
) -> (NtStatus, u32) {
    let mut returned = 0xDEAD_u32;
    let (length, place) = match previous {
        Some(previous) => (previous.len() as u32, to(previous)),
        None => (0, UserPtr::new(0)),
    };
    let state = if disable_all { UserPtr::new(0) } else { from(state) };
    // SAFETY: all pointers outlive the call.
    let status = unsafe {
        syscall::NtAdjustPrivilegesToken(
            token,
            Boolean(disable_all.into()),
            state,
            length,
            place,
            to(&mut returned),
        )
    };
    (status, returned)
}

/// Enables and disables groups; all to their defaults without a list.
pub fn adjust_groups(
    token: Handle,
    list: Option<&[(Sid, u32)]>,
    previous: Option<&mut [u8]>,
) -> (NtStatus, u32) {
    let mut returned = 0xDEAD_u32;
    let (length, place) = match previous {
        Some(previous) => (previous.len() as u32, to(previous)),
        None => (0, UserPtr::new(0)),
    };
    let mut groups = [0_u64; 1 + 2 * 4];
    let wanted = list.unwrap_or(&[]);
    groups[0] = wanted.len() as u64;
    for (pair, (sid, attributes)) in groups[1..].chunks_mut(2).zip(wanted) {
        pair.copy_from_slice(&[sid.address(), (*attributes).into()]);
    }
    let (reset, state) =
        if list.is_none() { (Boolean(1), UserPtr::new(0)) } else { (Boolean(0), from(&groups)) };
    // SAFETY: all pointers outlive the call.
    let status =
        unsafe { syscall::NtAdjustGroupsToken(token, reset, state, length, place, to(&mut returned)) };
    (status, returned)
}

/// Lets the thread act with a token; as itself with [`Handle::NULL`].
pub fn act_as(token: Handle) -> NtStatus {
    let class = psinfo::thread_class::IMPERSONATION_TOKEN;
    // SAFETY: the handle outlives the call.
    unsafe { syscall::NtSetInformationThread(THREAD, class, from(&token), 8) }
}

/// Gives the process another token.
pub fn become_user(token: Handle) -> NtStatus {
    let access = [token.0, 0];
    // SAFETY: the structure outlives the call.
    unsafe {
        syscall::NtSetInformationProcess(PROCESS, psinfo::process_class::ACCESS_TOKEN, from(&access), 16)
    }
}

pub fn impersonate_self(level: u32) -> NtStatus {
    let quality = quality(level);
    // SAFETY: the structure outlives the call.
    unsafe { syscall::NtImpersonateThread(THREAD, THREAD, from(&quality)) }
}

/// How the query ended, and the length it told.
pub fn query_security(handle: Handle, information: u32, buffer: &mut [u8]) -> (NtStatus, u32) {
    let (length, mut returned) = (buffer.len() as u32, 0xDEAD_u32);
    // SAFETY: both places outlive the call.
    let status =
        unsafe { syscall::NtQuerySecurityObject(handle, information, to(buffer), length, to(&mut returned)) };
    (status, returned)
}

pub fn set_security(handle: Handle, information: u32, descriptor: &Bytes) -> NtStatus {
    // SAFETY: the descriptor outlives the call.
    unsafe { syscall::NtSetSecurityObject(handle, information, from(&descriptor.bytes)) }
}

/// What NtAccessCheck said: how the call ended, the access granted, and the verdict.
pub fn access_check(
    descriptor: &Bytes,
    token: Handle,
    desired: u32,
    set: &mut [u8],
) -> (NtStatus, u32, NtStatus, u32) {
    let mapping = nt::security::EVENT_MAPPING;
    let (mut length, mut granted, mut verdict) = (set.len() as u32, 0xDEAD_u32, 0xDEAD_u32);
    // SAFETY: all pointers outlive the call.
    let status = unsafe {
        syscall::NtAccessCheck(
            from(&descriptor.bytes),
            token,
            desired,
            from(&mapping),
            to(set),
            to(&mut length),
            to(&mut granted),
            to(&mut verdict),
        )
    };
    (status, granted, NtStatus(verdict), length)
}

/// NtPrivilegeCheck of privileges: all of them, or one.
pub fn privilege_check(token: Handle, all: bool, numbers: &[u32]) -> Result<(bool, [u32; 2 + 3 * 4])> {
    let mut set = [0; 2 + 3 * 4];
    (set[0], set[1]) = (numbers.len() as u32, all.into());
    for (entry, number) in set[2..].chunks_mut(3).zip(numbers) {
        entry[0] = *number;
    }
    let mut result = 0xDE_u8;
    // SAFETY: both places outlive the call.
    let status = unsafe { syscall::NtPrivilegeCheck(token, to(&mut set), to(&mut result)) };
    done(status, (result != 0, set))
}

pub fn luid() -> Result<u64> {
    let mut luid = 0;
    // SAFETY: the place outlives the call.
    let status = unsafe { syscall::NtAllocateLocallyUniqueId(to(&mut luid)) };
    done(status, luid)
}

/// Opens this very process by its id.
pub fn open_process(id: u64, access: u32) -> Result<Handle> {
    let client = nt::types::ClientId { process: id, thread: 0 };
    // SAFETY: all pointers outlive the call.
    Named::default()
        .make(|to, attributes| unsafe { syscall::NtOpenProcess(to, access, attributes, from(&client)) })
}

/// A privilege with attributes, as TOKEN_PRIVILEGES have it.
pub fn privilege_of(bytes: &[u8], index: usize) -> Option<LuidAndAttributes> {
    let entry = bytes.get(4 + 12 * index..)?.first_chunk::<12>()?;
    let word = |at: usize| super::build::number(entry, at);
    let luid = nt::security::Luid { low: word(0), high: word(4) };
    Some(LuidAndAttributes { luid, attributes: word(8) })
}

/// The id of this process.
pub fn process_id(basic: &mut [u64; 6]) -> u64 {
    // SAFETY: the place outlives the call.
    unsafe { syscall::NtQueryInformationProcess(PROCESS, 0, to(basic), 48, UserPtr::new(0)) };
    basic[4]
}

pub fn create_key(named: Named<'_>, access: u32, options: u32) -> Result<Handle> {
    let none = UserPtr::new(0);
    // SAFETY: all pointers outlive the call.
    named.make(|to, attributes| unsafe {
        syscall::NtCreateKey(to, access, attributes, 0, none, options, UserPtr::new(0))
    })
}

/// A handle to the same object with another access.
pub fn duplicate_handle(handle: Handle, access: u32) -> Result<Handle> {
    let mut copy = Handle::NULL;
    // SAFETY: the place outlives the call.
    let status = unsafe { syscall::NtDuplicateObject(PROCESS, handle, PROCESS, to(&mut copy), access, 0, 0) };
    done(status, copy)
}

pub fn create_port(named: Named<'_>) -> Result<Handle> {
    // SAFETY: all pointers outlive the call.
    named.make(|to, attributes| unsafe { syscall::NtCreatePort(to, attributes, 0x100, 0x148, 0) })
}

/// NtSecureConnectPort with nothing but a name, a quality of service and whom the server must be.
pub fn connect(name: &str, quality: &SecurityQualityOfService, sid: Option<&Sid>) -> Result<Handle> {
    let (wide, mut port) = (Wide::new(name), Handle::NULL);
    let (string, none) = (wide.string(), UserPtr::new(0));
    // SAFETY: all pointers outlive the call.
    let status = unsafe {
        syscall::NtSecureConnectPort(
            to(&mut port),
            from(&string),
            from(quality),
            UserPtr::new(0),
            sid.map_or(none, |sid| from(sid.bytes())),
            UserPtr::new(0),
            UserPtr::new(0),
            none,
            UserPtr::new(0),
        )
    };
    done(status, port)
}

pub fn impersonate_client(port: Handle, message: &crate::lpc::Message) -> NtStatus {
    // SAFETY: the message outlives the call.
    unsafe { syscall::NtImpersonateClientOfPort(port, from(message)) }
}
