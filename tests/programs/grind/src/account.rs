//! An ordinary user, and places where one may make things: what children run as and in.
#![expect(unsafe_code, reason = "calls system services")]

use nt::NtStatus;
use nt::security::Luid;
use nt::types::{Boolean, Handle, ObjectAttributes, UnicodeString, UserPtr};
use rt::syscall;

use crate::call::{Result, from, null, to};

/// TOKEN_ALL_ACCESS, DIRECTORY_ALL_ACCESS, KEY_ALL_ACCESS, PORT_ALL_ACCESS has no argument.
const TOKEN_ALL: u32 = 0x000F_01FF;
const DIRECTORY_ALL: u32 = 0x000F_000F;
const KEY_ALL: u32 = 0x000F_003F;
/// OBJ_CASE_INSENSITIVE, OBJ_OPENIF.
const OPEN_IF: u32 = 0xC0;
/// REG_OPTION_VOLATILE.
const VOLATILE: u32 = 1;
/// SeCreateTokenPrivilege, SeAssignPrimaryTokenPrivilege, SeChangeNotifyPrivilege.
const CREATE_TOKEN: u64 = 2;
const ASSIGN_PRIMARY_TOKEN: u64 = 3;
const CHANGE_NOTIFY: u64 = 23;
/// SE_PRIVILEGE_ENABLED; SE_GROUP_MANDATORY, _ENABLED_BY_DEFAULT, _ENABLED.
const ENABLED: u32 = 2;
const MANDATORY: u64 = 7;

/// SIDs as words: revision, count and authority; then two sub-authorities a word.
/// S-1-5-21-1-2-3-1000, S-1-5-32-545 (Users), S-1-1-0 (Everyone), S-1-5-11 (Authenticated Users).
static USER: [u64; 4] = [0x0500_0000_0000_0501, 1 << 32 | 21, 3 << 32 | 2, 1000];
static USERS: [u64; 2] = [0x0500_0000_0000_0201, 545 << 32 | 32];
static EVERYONE: [u64; 2] = [0x0100_0000_0000_0101, 0];
static AUTHENTICATED: [u64; 2] = [0x0500_0000_0000_0101, 11];

fn at<T: ?Sized>(value: &T) -> u64 {
    from::<_, u8>(value).address
}

/// Enables two privileges in the token of this process.
fn enable_privileges() -> Result<()> {
    let mut token = Handle::NULL;
    // TOKEN_PRIVILEGES: a count, then a LUID and attributes each.
    let state = [2, CREATE_TOKEN as u32, 0, ENABLED, ASSIGN_PRIMARY_TOKEN as u32, 0, ENABLED];
    // SAFETY: everything that is pointed to outlives the calls.
    unsafe {
        syscall::NtOpenProcessToken(Handle::CURRENT_PROCESS, TOKEN_ALL, to(&mut token)).ok()?;
        let status = syscall::NtAdjustPrivilegesToken(token, Boolean(0), from(&state), 0, null(), null());
        syscall::NtClose(token);
        status.ok()
    }
}

/// The token of an ordinary user.
pub fn user_token() -> Result<Handle> {
    enable_privileges()?;
    let mut token = Handle::NULL;
    let (session, expiration) = (Luid::LOCAL_SERVICE, i64::MAX);
    let user = [at(&USER), 0];
    let groups = [3, at(&USERS), MANDATORY, at(&EVERYONE), MANDATORY, at(&AUTHENTICATED), MANDATORY];
    let privileges = [1, CHANGE_NOTIFY as u32, 0, ENABLED];
    let (primary_group, source) = ([at(&USERS)], *b"grind\0\0\0\0\0\0\0\0\0\0\0");
    // An ACL with one ACE: the user may do everything.
    let dacl: [u32; 11] = [2 | 44 << 16, 1, 36 << 16, 0x1000_0000, 0x501, 0x0500_0000, 21, 1, 2, 3, 1000];
    let default_dacl = [at(&dacl)];
    let attributes =
        ObjectAttributes { length: size_of::<ObjectAttributes>() as u32, ..ObjectAttributes::default() };
    // SAFETY: everything that is pointed to outlives the call.
    let status = unsafe {
        syscall::NtCreateToken(
            to(&mut token),
            TOKEN_ALL,
            from(&attributes),
            nt::security::TOKEN_PRIMARY,
            from(&session),
            from(&expiration),
            from(&user),
            from(&groups),
            from(&privileges),
            null(),
            from(&primary_group),
            from(&default_dacl),
            from(&source),
        )
    };
    status.ok().map(|()| token)
}

/// Makes a process run with a copy of a token, for a token is one process's; it has no thread yet.
pub fn give_token(process: Handle, token: Handle) -> Result<()> {
    let mut copy = Handle::NULL;
    let primary = nt::security::TOKEN_PRIMARY;
    // SAFETY: the place outlives the call.
    unsafe { syscall::NtDuplicateToken(token, TOKEN_ALL, null(), Boolean(0), primary, to(&mut copy)).ok()? };
    let words = [copy.0, 0];
    let class = nt::psinfo::process_class::ACCESS_TOKEN;
    // SAFETY: the words outlive the call.
    let given =
        unsafe { syscall::NtSetInformationProcess(process, class, from(&words), size_of_val(&words) as u32) };
    rt::close(copy);
    given.ok()
}

/// Attributes with a name, and a descriptor that lets everybody do everything.
fn with_attributes(path: &[u16], call: impl FnOnce(UserPtr<ObjectAttributes>) -> NtStatus) -> Result<()> {
    // SECURITY_DESCRIPTOR: revision 1, SE_DACL_PRESENT, no DACL.
    let descriptor = [1_u64 | 4 << 16, 0, 0, 0, 0];
    let length = size_of_val(path) as u16;
    let name = UnicodeString { length, maximum_length: length, reserved: 0, buffer: at(path) };
    let attributes = ObjectAttributes {
        length: size_of::<ObjectAttributes>() as u32,
        object_name: at(&name),
        attributes: OPEN_IF,
        security_descriptor: at(&descriptor),
        ..ObjectAttributes::default()
    };
    call(from(&attributes)).ok()
}

/// Makes a directory and a key for everybody, and a port for hard errors. They stay for as long as their handles,
/// which is until the end.
pub fn put_up_places() -> Result<()> {
    let (mut directory, mut key, mut port) = (Handle::NULL, Handle::NULL, Handle::NULL);
    // SAFETY: everything that is pointed to outlives the calls.
    unsafe {
        with_attributes(nt::wide!(r"\BaseNamedObjects"), |attributes| {
            syscall::NtCreateDirectoryObject(to(&mut directory), DIRECTORY_ALL, attributes)
        })?;
        with_attributes(nt::wide!(r"\Registry\Machine\SYSTEM\g0"), |attributes| {
            syscall::NtCreateKey(to(&mut key), KEY_ALL, attributes, 0, null(), VOLATILE, null())
        })?;
        // Hard errors would stop a system that has nobody to show them to.
        let none =
            ObjectAttributes { length: size_of::<ObjectAttributes>() as u32, ..ObjectAttributes::default() };
        syscall::NtCreatePort(to(&mut port), from(&none), 0x20, 0x100, 0).ok()?;
        syscall::NtSetDefaultHardErrorPort(port).ok()
    }
}
